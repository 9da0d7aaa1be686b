"""Which flows, chains and controls an incremental run reads again."""

from dataclasses import replace

import pytest

from datasphere_glue.mapping.held_objects import HeldObjects
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import LISTS, Scope
from datasphere_glue.model.wanted import AuxiliaryWanted
from datasphere_glue.runs.auxiliary import auxiliary_wanted
from datasphere_glue.runs.ports import Job
from tests.unit.samples import CONTEXT, POLICY, RULES

FLOW, CONTROL = AuxiliaryKind.DATA_FLOW, AuxiliaryKind.DATA_ACCESS_CONTROL
OLD, NEW = "2025-01-01T10:00:00.000Z", "2026-11-22T10:00:00.000Z"
HELD = HeldObjects(
    frozenset({"T"}),
    {(FLOW, "DF"): NEW, (FLOW, "STALE"): NEW, (FLOW, "TWO"): None, (CONTROL, "DAC"): None},
    frozenset({(FLOW, "STALE")}),
    frozenset({FLOW}),
)
JOB = Job(RunAction.SYNC, Scope(), RULES, POLICY, full=False, context=CONTEXT)


def wanted(*due: str, job: Job = JOB) -> AuxiliaryWanted:
    return auxiliary_wanted("SALES", HELD, job, lambda _space, name: name in due)


@pytest.mark.parametrize(
    ("kind", "name", "stamp", "unchanged"),
    [
        (FLOW, "DF", NEW, True),
        (FLOW, "DF", OLD, False),
        (FLOW, "DF", "2026-11-22", False),
        (FLOW, "DF", None, False),
        (FLOW, "STALE", NEW, False),
        (FLOW, "TWO", NEW, False),
        (FLOW, "UNKNOWN", OLD, True),
        (FLOW, "UNKNOWN", NEW, False),
        (FLOW, "UNKNOWN", "some day this year", False),
        (CONTROL, "DAC", OLD, True),
        (CONTROL, "DAC", NEW, False),
        (CONTROL, "UNKNOWN", OLD, False),
    ],
)
def test_a_document_is_read_unless_the_tables_hold_it(
    kind: AuxiliaryKind,
    name: str,
    stamp: str | None,
    unchanged: bool,  # noqa: FBT001
) -> None:
    assert wanted().unchanged(kind, name, stamp) is unchanged


def test_a_document_whose_turn_has_come_is_read() -> None:
    assert not wanted("data_flow DF").unchanged(FLOW, "DF", NEW)
    assert wanted("task_chain DF").unchanged(FLOW, "DF", NEW)


def test_a_quiet_space_lists_the_kinds_in_use() -> None:
    assert wanted().kinds == {FLOW}
    assert wanted().held == {"T"}
    assert (FLOW, "DF") in wanted().known


def test_a_space_whose_lists_are_due_is_read_whole() -> None:
    again = wanted(LISTS)
    assert again.kinds == set(AuxiliaryKind)
    assert not again.unchanged(FLOW, "DF", NEW)


def test_a_full_run_reads_every_document_where_it_reads_assets() -> None:
    whole = wanted(job=replace(JOB, full=True))
    assert whole.kinds == set()
    assert not whole.unchanged(FLOW, "DF", NEW)
