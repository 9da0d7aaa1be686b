"""How many generated examples a test tries: all in CI, a sixth at a developer's desk.

EXAMPLES=all in the environment asks for all; `.ci/run` sets it. Written examples always run.
"""

import os
from typing import Any

from hypothesis import settings

ALL_EXAMPLES = os.environ.get("EXAMPLES") == "all"
DESK_SHARE = 6
"""A developer's run tries one of so many generated examples."""


def examples(count: int, **more: Any) -> settings:
    """Return the settings for this number of examples in CI."""
    return settings(max_examples=count if ALL_EXAMPLES else -(-count // DESK_SHARE), **more)
