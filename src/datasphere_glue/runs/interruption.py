"""A run that an error or a signal ends early: which of its changes are written, and the undo.

The catalog shows the outcome of each change that was started, so the record of the run is complete.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from datasphere_glue.errors import Interrupted, SyncError
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import (
    Change,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)
from datasphere_glue.plan.reached import reached_outcomes, unknown_outcome
from datasphere_glue.runs.current_catalog import current_catalog
from datasphere_glue.runs.ports import Target


class RunInterrupted(KeyboardInterrupt):
    """A signal interrupted the run; `result` is its result, with the outcome of each change."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"run {result.context.run_id} was interrupted")
        self.result = result


def ended_early(
    result: Result, error: BaseException, started: Iterable[Change], target: Target | None
) -> Result:
    """Return the result of a run that an error or a signal ended, with all started changes.

    - `started`: the changes that may have been written.
    - `target`: the catalog; None if the run was not connected to it.
    """
    changes = tuple(started)
    outcomes = _outcomes(changes, target)
    if not isinstance(error, Exception):
        error = interruption(result.context.run_id, outcomes)
    return replace(result, error=error, plan=plan_of(changes), outcomes=outcomes)


def interrupted(result: Result) -> Result:
    """Return the result of a run that a signal ended while its record was stored."""
    if isinstance(result.error, Interrupted):
        return result
    return replace(result, error=interruption(result.context.run_id, result.outcomes))


def interruption(run_id: str, outcomes: Sequence[Outcome]) -> Interrupted:
    """Return the error of a run that a signal ended."""
    if not outcomes:
        return Interrupted(
            f"run {run_id} was interrupted before its first write: nothing was written",
            remedy="run the command again",
        )
    return Interrupted(
        f"run {run_id} was interrupted: {written_of(outcomes)}",
        remedy=f"undo what it wrote: `datasphere-glue rollback {run_id}`, or run the command again,"
        " which completes it",
    )


def written_of(outcomes: Sequence[Outcome]) -> str:
    """Return how many changes are written, as the part of a sentence."""
    counts = Counter(outcome.result for outcome in outcomes)
    unknown = counts[OutcomeStatus.FAILED]
    done = counts[OutcomeStatus.DONE]
    noun = "change" if len(outcomes) == 1 else "changes"
    text = f"{done:,} of {len(outcomes):,} {noun} {'is' if done == 1 else 'are'} written"
    return text + (f", the outcome of {unknown:,} is unknown" if unknown else "")


def plan_of(changes: Iterable[Change]) -> Plan:
    """Return the plan that consists of these changes."""
    changes = tuple(changes)
    return Plan(
        databases=tuple(c for c in changes if isinstance(c, DatabaseChange)),
        tables=tuple(c for c in changes if isinstance(c, TableChange)),
    )


def _outcomes(changes: tuple[Change, ...], target: Target | None) -> tuple[Outcome, ...]:
    if not changes or target is None:
        return ()
    try:
        names = {change.database for change in changes}
        return reached_outcomes(changes, current_catalog(target, names))
    except (Exception, KeyboardInterrupt) as err:  # noqa: BLE001 - the record does without it
        cause = err.message if isinstance(err, SyncError) else type(err).__name__
        cause = f"the catalog could not be read: {cause}"
        return tuple(unknown_outcome(change, cause) for change in changes)
