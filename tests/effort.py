"""How much a test run tries: everything in CI, a part at a developer's desk.

EXAMPLES=all in the environment asks for everything; `.ci/run` sets it. At a desk:

- A generated test tries a sixth of its examples. Written examples always run.
- A functional test with more than two variants runs the first and the last one.
- Tests marked `ci_only` do not run.

Tests named on pytest's command line with `::` always run.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

ALL_EXAMPLES = os.environ.get("EXAMPLES") == "all"
DESK_SHARE = 6
"""A developer's run tries one of so many generated examples."""

DESK_VARIANTS = 2
"""Variants of a functional test in a developer's run: the first and the last one."""

_FUNCTIONAL = "tests/functional/test_"


def examples(count: int, **more: Any) -> settings:
    """Return the settings for this number of examples in CI."""
    return settings(max_examples=count if ALL_EXAMPLES else -(-count // DESK_SHARE), **more)


def left_to_ci(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the tests that a developer's run leaves to CI."""
    left = set[pytest.Item]()
    variants = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        if item.get_closest_marker("ci_only"):
            left.add(item)
        elif item.nodeid.startswith(_FUNCTIONAL):
            variants[item.nodeid.partition("[")[0]].append(item)
    for group in variants.values():
        if len(group) > DESK_VARIANTS:
            left.update(group[1:-1])
    return left
