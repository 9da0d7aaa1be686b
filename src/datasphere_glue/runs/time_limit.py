"""The time-out of a function: what a run may use of it, and what is too little."""

from dataclasses import replace
from typing import Final

from datasphere_glue.errors import OutOfTime, TimeTooShort
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import OutcomeStatus
from datasphere_glue.runs.ports import LAMBDA_MARGIN_S, RESERVED_SHARE

LEAST_S: Final = 4.0
"""Seconds of the shortest time-out in which a run can read and write anything."""

_START_S: Final = 0.1
"""Seconds that may pass between the start of the function and the measurement of its time-out."""

ENOUGH_S: Final = LAMBDA_MARGIN_S / RESERVED_SHARE
"""Seconds of a time-out from which on a run has its whole reserve."""


def require_usable_time(limit: float | None) -> None:
    """Accept the time-out of a function in seconds; None stands for no limit.

    Raises:
        TimeTooShort: a run could not do anything in it.

    """
    if limit is not None and limit + _START_S < LEAST_S:
        raise TimeTooShort(
            f"the function's timeout of {limit:.3g} s leaves a run no usable time;"
            f" it needs at least {LEAST_S:.0f} s"
        )


def refuse_idle_run(result: Result, limit: float | None) -> Result:
    """Return a result whose error names the time-out if a short one let the run do nothing.

    Such a run would end the same way each time, so it must not end as PENDING.
    """
    if limit is None or limit >= ENOUGH_S or not _ran_out(result) or _got_on(result):
        return result
    error = TimeTooShort(
        f"the function's timeout of {limit:.3g} s was over before anything was read or written;"
        f" give it at least {ENOUGH_S:.0f} s"
    )
    return replace(result, error=error)


def _ran_out(result: Result) -> bool:
    return any(issue.code == OutOfTime.code for issue in result.issues)


def _got_on(result: Result) -> bool:
    read = any(listing.read or listing.assets for listing in result.listings)
    written = any(one.result is OutcomeStatus.DONE for one in result.outcomes)
    return read or written or (result.error is not None and not isinstance(result.error, OutOfTime))
