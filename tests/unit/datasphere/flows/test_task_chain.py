"""Task chains: what each step starts, and what starts nothing that loads a table."""

from typing import Any

import pytest

from datasphere_glue.datasphere.flows.document import FlowFacts
from datasphere_glue.model.auxiliary import AuxiliaryKind, Start
from tests.unit.datasphere.flows.documents import parse


def chain(*nodes: Any) -> FlowFacts:
    body = {"kind": "sap.dwc.taskChain", "nodes": [{"id": 0, "type": "START"}, *nodes], "links": []}
    return parse(AuxiliaryKind.TASK_CHAIN, "TC", body)


def step(application: str, activity: str, name: str) -> dict[str, Any]:
    task = {"applicationId": application, "activity": activity, "objectId": name}
    return {"id": 1, "type": "TASK", "taskIdentifier": task, "ignoreError": False}


@pytest.mark.parametrize(
    ("application", "activity", "kind"),
    [
        ("DATA_FLOWS", "EXECUTE", AuxiliaryKind.DATA_FLOW),
        ("REPLICATION_FLOWS", "EXECUTE", AuxiliaryKind.REPLICATION_FLOW),
        ("TRANSFORMATION_FLOWS", "EXECUTE", AuxiliaryKind.TRANSFORMATION_FLOW),
        ("TRANSFORMATION_FLOW", "RUN", AuxiliaryKind.TRANSFORMATION_FLOW),
        ("TASK_CHAINS", "RUN_CHAIN", AuxiliaryKind.TASK_CHAIN),
        ("VIEWS", "PERSIST", None),
        ("REMOTE_TABLES", "REPLICATE", None),
    ],
)
def test_a_step_starts_what_it_names(
    application: str, activity: str, kind: AuxiliaryKind | None
) -> None:
    facts = chain(step(application, activity, "X"))
    assert facts.starts == (Start("TC", (kind, "X"), activity),)
    assert facts.writings == ()


@pytest.mark.parametrize(
    "node",
    [
        step("LOCAL_TABLE", "DELETE_DATA", "T"),
        step("VIEWS", "REMOVE_PERSISTED_DATA", "V"),
        step("REMOTE_TABLES", "REMOVE_REPLICATED_DATA", "R"),
        step("BW_PROCESS_CHAIN", "EXECUTE", "P"),
        step("DATA_FLOWS", "EXECUTE", "PLANT.DF"),
        {"id": 1, "type": "TASK"},
        {"id": 1, "taskIdentifier": []},
        {"id": 1, "taskIdentifier": {"applicationId": 1, "objectId": "X"}},
        {"id": 1, "taskIdentifier": {"applicationId": "DATA_FLOWS"}},
        None,
        "x",
    ],
)
def test_other_steps_start_nothing_here(node: Any) -> None:
    assert chain(node) == FlowFacts()


def test_a_step_that_occurs_twice_counts_once() -> None:
    once = step("DATA_FLOWS", "EXECUTE", "DF")
    assert len(chain(once, once).starts) == 1


def test_steps_that_are_no_list_are_a_note() -> None:
    facts = parse(AuxiliaryKind.TASK_CHAIN, "TC", {"nodes": {}})
    assert facts == FlowFacts(notes=("its steps cannot be read",))
