"""The approval of a plan, and the explanation if another plan is refused."""

from dataclasses import replace
from typing import Final

from datasphere_glue.errors import PlanRefused
from datasphere_glue.events.request import Request
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs.ports import Caller
from datasphere_glue.storage import plans
from datasphere_glue.storage.plans import Approval, change_digests
from datasphere_glue.storage.store import Store

_NAMED: Final = 5
"""Differing objects that a refusal names; the rest is counted."""


def read_approval(request: Request, caller: Caller, store: Store | None) -> Approval | None:
    """Return the approval of the only plan that may be applied.

    None if any plan may be applied, or if the action applies none.

    Raises:
        PlanRefused: the digest or the plan file approves nothing.
        Unavailable: the stored plans cannot be read.

    """
    if not request.action.traits.writes:
        return None
    if caller.approval:
        return caller.approval()
    return plans.approval(request.plan_digest, store) if request.plan_digest else None


def explain_refusal(result: Result, approval: Approval | None) -> Result:
    """Return the result; the error of a refused plan names what differs from the approved one."""
    if not isinstance(result.error, PlanRefused) or approval is None or approval.changes is None:
        return result
    now = dict(change_digests(result.plan))
    names = sorted({*approval.changes, *now})
    differences = [
        f"{name} ({_contrast(approval.changes.get(name), now.get(name))})"
        for name in names
        if approval.changes.get(name) != now.get(name)
    ]
    if not differences:
        return result
    others = len(differences) - _NAMED
    more = f" and {others} more" if others > 0 else ""
    message = f"{result.error.message}; different are {', '.join(differences[:_NAMED])}{more}"
    return replace(result, error=PlanRefused(message, remedy=result.error.remedy))


def _contrast(approved: tuple[str, str] | None, now: tuple[str, str] | None) -> str:
    was, will = (change[0] if change else "nothing" for change in (approved, now))
    return f"another {will}" if was == will else f"{was} was approved, {will} now"
