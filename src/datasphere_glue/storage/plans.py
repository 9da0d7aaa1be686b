"""Stored plans, and approvals by their digest: `plans/<digest>.json`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from datasphere_glue.errors import PlanRefused
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.serial import document_parts, from_text
from datasphere_glue.storage.store import Store

_WHOLE: Final = re.compile("[0-9a-f]{64}")
_BEGINNING: Final = re.compile("[0-9a-f]{12,63}")


@dataclass(frozen=True, slots=True)
class Approval:
    """The one plan that may be applied.

    `digest`: the digest of that plan.
    `changes`: action and digest of each change, by the name of its table or database; None if the
    plan is not stored.
    """

    digest: str
    changes: Mapping[str, tuple[str, str]] | None = None


def keep(store: Store, plan: Plan) -> str:
    """Store a plan under its digest and return its location.

    Raises:
        ReportUnwritable: the plan cannot be stored.

    """
    digest = plan.digest
    return store.put(_key(digest), body(plan, digest))


def body(plan: Plan, digest: str) -> Iterator[bytes]:
    """Yield the document of a plan as it is stored."""
    return (part.encode() for part in document_parts(plan, digest))


def approval_of(plan: Plan) -> Approval:
    """Return the approval of a plan."""
    return Approval(plan.digest, dict(change_digests(plan)))


def approval(text: str, store: Store | None) -> Approval:
    """Return the approval for a digest; its first 12 digits suffice for a stored plan.

    Raises:
        PlanRefused: the text is no digest, matches no stored plan or several, or the stored plan
            was altered.
        Unavailable: the stored plans cannot be read.

    """
    digest = text.lower()
    if _BEGINNING.fullmatch(digest):
        digest = _complete(digest, store)
    elif not _WHOLE.fullmatch(digest):
        raise PlanRefused(
            f"{text[:80]!r} is neither a plan file nor a digest: 64 hexadecimal digits, or at"
            " least the first 12 of a stored plan"
        )
    stored = store.get(_key(digest)) if store else None
    if stored is None:
        return Approval(digest)
    approved = approval_of(plan_in(stored, store.location(_key(digest)) if store else ""))
    if approved.digest != digest:
        raise PlanRefused(
            f"plan {digest[:12]} was altered: {approved.digest[:12]} is stored in its place"
        )
    return approved


def plan_in(text: bytes, place: str) -> Plan:
    """Return the plan of the document at a place.

    Raises:
        PlanRefused: the document is no plan, or was altered; the message names the place.

    """
    try:
        return from_text(text)
    except PlanRefused as err:
        raise PlanRefused(f"{place}: {err.message}", remedy=err.remedy) from err


def _key(digest: str) -> str:
    return f"plans/{digest}.json"


def _complete(beginning: str, store: Store | None) -> str:
    if store is None:
        raise PlanRefused(
            f"digest {beginning} is incomplete, and without REPORT_URI no plan is stored",
            remedy="give all 64 digits, or the file that `plan --out FILE` wrote",
        )
    keys = [plan.key for plan in store.find(f"plans/{beginning}") if plan.key.endswith(".json")]
    if len(keys) != 1:
        matches = "no stored plan" if not keys else f"{len(keys)} stored plans"
        raise PlanRefused(f"digest {beginning} is the beginning of {matches}")
    return keys[0].removeprefix("plans/").removesuffix(".json")


def change_digests(plan: Plan) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the name of each table or database with the action and digest of its change."""
    for change in plan.databases:
        yield change.database, (str(change.action), Plan(databases=(change,)).digest)
    for table in plan.tables:
        yield table.name, (str(table.action), Plan(tables=(table,)).digest)
