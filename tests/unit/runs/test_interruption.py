"""The result of a run that an error or a signal ends: what it wrote, as the catalog shows it."""

import pytest

from datasphere_glue.errors import Interrupted, PermissionDenied
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.change import Outcome, OutcomeStatus
from datasphere_glue.runs.interruption import ended_early, interrupted
from tests.unit.runs.test_rollback import AFTER, BEFORE, DONE, Glue
from tests.unit.samples import nightly

RUN = nightly(Result(RunAction.SYNC))


def test_a_signal_is_an_error_that_states_what_is_written_and_the_undo() -> None:
    result = ended_early(RUN, KeyboardInterrupt(), DONE, Glue(AFTER))

    assert result.status is Status.FAILED
    (issue, *_) = result.issues
    assert issue.message == "run night-1 was interrupted: 2 of 2 changes are written"
    assert "datasphere-glue rollback night-1" in issue.remedy
    assert {str(one.result) for one in result.outcomes} == {"done"}
    assert result.plan.tables == DONE


def test_a_signal_before_the_first_write_states_that_nothing_is_written() -> None:
    for started, target in (((), Glue()), ((), None)):
        error = ended_early(RUN, KeyboardInterrupt(), started, target).error
        assert isinstance(error, Interrupted)
        assert "nothing was written" in error.message


def test_another_error_stays_the_error_of_the_run() -> None:
    error = ZeroDivisionError()

    result = ended_early(RUN, error, DONE, Glue(BEFORE))

    assert result.error is error
    assert {str(one.result) for one in result.outcomes} == {"untried"}


@pytest.mark.parametrize(
    "refusal", [PermissionDenied("no glue:GetDatabases"), ValueError(), KeyboardInterrupt()]
)
def test_without_the_catalog_each_outcome_is_unknown(refusal: Exception) -> None:
    result = ended_early(RUN, KeyboardInterrupt(), DONE, Glue(refusal=refusal))

    assert [one.error.code for one in result.outcomes if one.error] == ["RUN_CUT_OFF"] * 2
    assert "the outcome of 2 is unknown" in result.issues[0].message


def test_a_signal_while_the_record_is_stored_keeps_the_outcomes() -> None:
    (first, _) = DONE
    done = nightly(Result(RunAction.SYNC, outcomes=(Outcome(first, OutcomeStatus.DONE),)))

    result = interrupted(done)

    assert result.issues[0].message == "run night-1 was interrupted: 1 of 1 change is written"
    assert interrupted(result) is result
