"""Plans that are kept, and approvals by their digest: `plans/<digest>.json`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import PlanRefused
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.serial import from_text, parts
from datasphere_glue.storage.store import Store

_WHOLE: Final = re.compile("[0-9a-f]{64}")
_BEGINNING: Final = re.compile("[0-9a-f]{12,63}")
_NAMED: Final = 5
"""Differing objects that a refusal names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The digest that alone may be applied; `changes` tells what it was about, where known.

    `changes` holds action and digest of each change by the name of its table or database.
    """

    digest: str
    changes: Mapping[str, tuple[str, str]] | None = None


def keep(store: Store, plan: Plan) -> str:
    """Keep a plan under its digest and return where it is.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    digest = plan.digest
    return store.put(_key(digest), body(plan, digest))


def body(plan: Plan, digest: str) -> Iterator[bytes]:
    """Yield the document of a plan as it is stored."""
    return (part.encode() for part in parts(plan, digest))


def approval_of(plan: Plan) -> Approval:
    """Return the approval of a plan that is at hand."""
    return Approval(plan.digest, dict(_changes(plan)))


def approval(given: str, store: Store | None) -> Approval:
    """Return what a digest approves; its beginning is enough where the plan is stored.

    Raises:
        PlanRefused: it is no digest, fits no stored plan or several, or the stored plan was
            altered.
        Unavailable: the stored plans cannot be read.

    """
    digest = given.lower()
    if _BEGINNING.fullmatch(digest):
        digest = _completed(digest, store)
    elif not _WHOLE.fullmatch(digest):
        raise PlanRefused(
            f"{given[:80]!r} is neither a plan file nor a digest: 64 hexadecimal digits, or at"
            " least the first 12 of a stored plan"
        )
    stored = store.get(_key(digest)) if store else None
    if stored is None:
        return Approval(digest)
    found = approval_of(from_text(stored))
    if found.digest != digest:
        raise PlanRefused(
            f"plan {digest[:12]} was altered: {found.digest[:12]} is stored in its place"
        )
    return found


def explain_refusal(result: Result, approved: Approval) -> Result:
    """Return the run; where it refused another plan than the approved one, it says what differs."""
    if not isinstance(result.error, PlanRefused) or approved.changes is None:
        return result
    now = dict(_changes(result.plan))
    names = sorted({*approved.changes, *now})
    differences = [
        f"{name} ({_contrast(approved.changes.get(name), now.get(name))})"
        for name in names
        if approved.changes.get(name) != now.get(name)
    ]
    if not differences:
        return result
    left = len(differences) - _NAMED
    more = f" and {left} more" if left > 0 else ""
    message = f"{result.error.message}; different are {', '.join(differences[:_NAMED])}{more}"
    return replace(result, error=PlanRefused(message, remedy=result.error.remedy))


def _key(digest: str) -> str:
    return f"plans/{digest}.json"


def _completed(beginning: str, store: Store | None) -> str:
    if store is None:
        raise PlanRefused(
            f"digest {beginning} is incomplete, and without REPORT_URI no plan is stored",
            remedy="give all 64 digits, or the file that `plan --out FILE` wrote",
        )
    found = [kept.key for kept in store.find(f"plans/{beginning}") if kept.key.endswith(".json")]
    if len(found) != 1:
        some = "no stored plan" if not found else f"{len(found)} stored plans"
        raise PlanRefused(f"digest {beginning} is the beginning of {some}")
    return found[0].removeprefix("plans/").removesuffix(".json")


def _changes(plan: Plan) -> Iterator[tuple[str, tuple[str, str]]]:
    for change in plan.databases:
        yield change.database, (str(change.action), Plan(databases=(change,)).digest)
    for table in plan.tables:
        yield table.name, (str(table.action), Plan(tables=(table,)).digest)


def _contrast(approved: tuple[str, str] | None, now: tuple[str, str] | None) -> str:
    was, will = (change[0] if change else "nothing" for change in (approved, now))
    return f"another {will}" if was == will else f"{was} was approved, {will} now"
