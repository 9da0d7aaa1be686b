"""Reads the documents that a run leaves for later runs, whatever they hold by now.

Others may write at REPORT_URI, and a file may be damaged. So a document that cannot be used counts
as absent, with an issue that names it; the run goes on. Every file of state is read here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, Generic, TypeVar

from datasphere_glue.errors import Unavailable, excerpt
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.storage.store import Store

LARGEST: Final = 8_000_000
"""Bytes of a document; what a run stores takes a fraction of it."""

DEEPEST: Final = 60
"""Levels of nested objects and arrays."""

LARGEST_NUMBER: Final = 2**53
"""Every reader of JSON keeps whole numbers up to this one."""

UNUSABLE: Final = (
    *(ValueError, TypeError, LookupError),
    *(AttributeError, ArithmeticError, RecursionError),
)
"""What a reader of values raises for a document that no run wrote."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Stored(Generic[_Value]):
    """A document of state.

    - `value`: its value, None if it is absent or cannot be used.
    - `issue`: why it cannot be used.
    - `answered`: False if the store did not answer, so that the document may still be good.
    """

    value: _Value | None = None
    issue: Issue | None = None
    answered: bool = True


def read_state(
    store: Store, key: str, parse: Callable[[Any], _Value], largest: int = LARGEST
) -> Stored[_Value]:
    """Return the value of a JSON document; `parse` raises one of UNUSABLE if it is malformed."""
    try:
        body = store.get(key)
    except Unavailable as err:
        return Stored(issue=_unusable(err.message), answered=False)
    if body is None:
        return Stored()
    try:
        return Stored(parse(bounded_json(body, largest)))
    except UNUSABLE as err:
        cause = excerpt(f"{type(err).__name__}: {err}", 100)
        return Stored(issue=_unusable(f"{store.location(key)} is malformed ({cause})"))


def bounded_json(body: bytes, largest: int = LARGEST) -> Any:
    """Return the values of a JSON document of bounded size, depth and numbers.

    Raises:
        ValueError: the body is no such document.

    """
    if len(body) > largest:
        raise ValueError(f"{len(body):,} bytes are more than {largest:,}")
    try:
        value = json.loads(
            body.decode("utf-8-sig"), parse_constant=_constant, parse_int=_whole, parse_float=_real
        )
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    if _is_deep(value):
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return value


def _unusable(what: str) -> Issue:
    return Issue(IssueCode.STATE_UNREADABLE, f"{what}; it counts as absent")


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST_NUMBER)) or abs(number := int(digits)) > LARGEST_NUMBER:
        raise ValueError("it holds a number out of range")
    return number


def _real(digits: str) -> float:
    if not isfinite(number := float(digits)):
        raise ValueError("it holds a number out of range")
    return number


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
