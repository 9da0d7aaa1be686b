"""Replication flows: one writing for each task, in either direction."""

from typing import Any

import pytest

from datasphere_glue.datasphere.flows.document import FlowFacts
from datasphere_glue.model.auxiliary import AuxiliaryKind
from tests.unit.datasphere.flows.documents import STAMP, load_of, origins, parse

ERP = {"connectionId": "ERP", "connectionType": "SAPS4HANAOP", "container": "/CDS_EXTRACTION"}
LAKE = {"connectionId": "LAKE", "connectionType": "S3", "container": "/acme/raw/"}
OWN = {"connectionId": "$DWC", "connectionType": "HANA", "container": ""}


def columns(*names: str) -> dict[str, Any]:
    return {"columns": [{"name": name, "vtype-ID": "$DYNAMIC.string_4"} for name in names]}


def task(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "task1",
        "loadType": "REPLICATE",
        "sourceObject": {"name": source},
        "targetObject": {"name": target},
        **more,
    }


def replication(source: Any, target: Any, *tasks: Any, **root: Any) -> FlowFacts:
    contents = {
        "sourceSystem": [source] if isinstance(source, dict) else source,
        "targetSystem": [target] if isinstance(target, dict) else target,
        "replicationTasks": list(tasks),
    }
    body = {"kind": "sap.dis.replicationflow", "contents": contents}
    return parse(AuxiliaryKind.REPLICATION_FLOW, "RF", body, **root)


def test_each_task_loads_its_own_target_from_its_own_source() -> None:
    facts = replication(ERP, OWN, task("I_Part", "PARTS"), task("I_Site", "SITES"))
    load = load_of(facts, "PARTS")
    assert (load.kind, load.name, load.sources) == (
        "replication_flow",
        "DEPOT.RF",
        ("ERP:I_Part",),
    )
    assert (load.connection, load.system, load.mode) == ("ERP", "SAPS4HANAOP", "REPLICATE")
    assert (load.target, load.changed_on) == (None, STAMP)
    assert load_of(facts, "SITES").sources == ("ERP:I_Site",)


def test_columns_follow_the_mappings_of_the_task() -> None:
    mappings = [
        {"target": "PART", "expression": '"Part"'},
        {"target": "NAME", "expression": 'UPPER("PartName")'},
        {"target": "LOADED", "expression": "CURRENT_TIMESTAMP"},
    ]
    transform = {"attributeMappings": mappings}
    facts = replication(ERP, OWN, task("I_Part", "PARTS", transform=transform))
    assert origins(facts, "PARTS") == {
        "PART": [("ERP:I_Part", "Part", "renamed")],
        "NAME": [("ERP:I_Part", "PartName", "computed")],
    }


def test_without_mappings_columns_of_equal_name_are_copied() -> None:
    copied = task(
        "I_Part",
        "PARTS",
        sourceObject={"name": "I_Part", "definition": columns("Part", "Site")},
        targetObject={"name": "PARTS", "definition": columns("Part", "Change_Type")},
    )
    facts = replication(ERP, OWN, copied)
    assert origins(facts, "PARTS") == {"Part": [("ERP:I_Part", "Part", "direct")]}
    assert origins(replication(ERP, OWN, task("I_Part", "PARTS")), "PARTS") == {}


def test_a_copy_to_another_system_belongs_to_its_source() -> None:
    facts = replication(OWN, LAKE, task("V_PARTS", "parts", loadType="INITIAL"))
    load = load_of(facts, "V_PARTS")
    assert (load.sources, load.target) == ((), "LAKE:/acme/raw/parts")
    assert (load.connection, load.system, load.mode) == ("LAKE", "S3", "INITIAL")


@pytest.mark.parametrize("container", [None, ""])
def test_a_target_without_a_container_has_the_bare_name(container: str | None) -> None:
    lake = {**LAKE, "container": container}
    assert load_of(replication(OWN, lake, task("V", "out")), "V").target == "LAKE:out"


def test_what_passes_the_space_by_gives_nothing() -> None:
    assert replication(ERP, LAKE, task("I_Part", "parts")) == FlowFacts()


@pytest.mark.parametrize(
    "own", [None, {}, [], "x", {"connectionId": None}, {"connectionId": ""}, OWN, [OWN, ERP]]
)
def test_a_system_without_a_connection_is_the_space(own: Any) -> None:
    facts = replication(own, own, task("A", "B"))
    assert load_of(facts, "B").sources == ("DEPOT.A",)
    assert load_of(facts, "B").system is None


def test_the_file_storage_of_the_space_is_the_space() -> None:
    files = {"connectionId": "DWC_HDLF", "connectionType": "HDL_FILES"}
    assert load_of(replication(ERP, files, task("A", "B")), "B").connection == "ERP"


def test_the_table_of_changes_stands_for_its_table() -> None:
    definitions = {"PARTS_Delta": {"@DataWarehouse.enclosingObject": "PARTS"}}
    facts = replication(ERP, OWN, task("I_Part", "PARTS_Delta"), definitions=definitions)
    assert [one.asset for one in facts.writings] == ["PARTS"]


def test_the_interval_of_changes_is_the_schedule() -> None:
    facts = replication(ERP, OWN, task("A", "B", deltaCheckInterval=3600), task("A", "C"))
    assert load_of(facts, "B").schedule == "deltaCheckInterval 3600"
    assert load_of(facts, "C").schedule is None


@pytest.mark.parametrize(
    "broken",
    [None, 1, "x", [], {}, {"sourceObject": {"name": "A"}}, task("A", ""), {"targetObject": []}],
)
def test_a_task_that_cannot_be_read_costs_only_itself(broken: Any) -> None:
    facts = replication(ERP, OWN, broken, task("A", "B"))
    assert [one.asset for one in facts.writings] == ["B"]
    assert facts.notes == ("1 of 2 tasks cannot be read",)


def test_tasks_that_are_no_list_are_a_note() -> None:
    body = {"contents": {"replicationTasks": {"a": 1}}}
    facts = parse(AuxiliaryKind.REPLICATION_FLOW, "RF", body)
    assert facts == FlowFacts(notes=("its tasks cannot be read",))
