"""Flows, task chains and access controls over HTTP: what lands, what stays, and what it costs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.tenant.faults import FaultKind
from local.tenant.objects import AUXILIARY
from local.tenant.store import Space
from tests.functional.conftest import World
from tests.functional.depot import data_flow, depot, entry, table, task_chain

LISTS = (*AUXILIARY, "connections")


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    """Return a world that was synced once."""
    world = world_of(depot())
    world.after("a depot with flows", world.sync)
    return world


def about(world: World, name: str, key: str) -> Any:
    """Return the decoded value of a key of a table, None without it."""
    text = world.tables("datasphere_depot")[name]["Parameters"].get(f"datasphere.{key}")
    return None if text is None else json.loads(text)


def loads(world: World, name: str) -> dict[str, dict[str, Any]]:
    """Return the loads of a table by the name of the flow or chain."""
    return {load["name"].partition(".")[2]: load for load in about(world, name, "loads") or []}


def origins(world: World, name: str, column: str) -> Any:
    columns = world.tables("datasphere_depot")[name]["StorageDescriptor"]["Columns"]
    (found,) = (one for one in columns if one["Name"] == column)
    return json.loads(found["Parameters"].get("datasphere.lineage", "[]"))


def requested(world: World) -> list[str]:
    """Return the auxiliary lists and documents that were requested."""
    paths = [request.path for request in world.tenant.requests]
    return [path for path in paths if any(f"/{part}" in path for part in LISTS)]


def codes(world: World, answer: dict[str, Any]) -> set[str]:
    """Return the codes of all issues and notes of a run."""
    return {one["code"] for one in (*world.report(answer)["notes"], *answer["errors"])}


def test_tables_name_what_loads_them_with_sources_and_stamps(world: World) -> None:
    flow = loads(world, "t_parts")["DF_PARTS"]
    assert flow == {
        "kind": "data_flow",
        "name": "DEPOT.DF_PARTS",
        "sources": ["DEPOT.R_PARTS"],
        "changed_on": "2025-05-01T10:00:00.000Z",
    }
    raw = loads(world, "t_raw")["RF_RAW"]
    assert (raw["sources"], raw["connection"], raw["system"]) == (["ERP:I_Raw"], "ERP", "ABAP")
    assert raw["mode"] == "REPLICATE"


def test_the_lineage_of_tables_holds_the_sources_of_their_flows(world: World) -> None:
    assert about(world, "t_parts", "lineage") == ["DEPOT.R_PARTS"]
    assert about(world, "t_raw", "lineage") is None
    source = {"object": "DEPOT.R_PARTS", "column": "NO", "how": "direct"}
    assert origins(world, "t_parts", "no") == [source]
    assert origins(world, "t_parts", "name") == []
    outside = {"object": "ERP:I_Raw", "column": "Number", "how": "renamed"}
    assert origins(world, "t_raw", "no") == [outside]


def test_the_table_of_changes_is_its_table(world: World) -> None:
    assert loads(world, "t_stock")["TF_STOCK"]["mode"] == "INITIAL_AND_DELTA"
    assert about(world, "t_stock", "lineage") == ["DEPOT.T_PARTS"]


def test_a_copy_to_another_system_stands_at_its_source(world: World) -> None:
    copy = loads(world, "v_parts")["RF_OUT"]
    assert (copy["target"], copy["system"]) == ("LAKE:/raw/parts", "S3")
    assert about(world, "v_parts", "lineage") == ["DEPOT.T_PARTS"]


def test_chains_are_named_by_what_they_start_also_through_other_chains(world: World) -> None:
    assert sorted(loads(world, "t_parts")) == ["DF_PARTS", "TC_NIGHT", "TC_WEEK"]
    assert loads(world, "v_parts")["TC_NIGHT"]["mode"] == "PERSIST"
    assert "TC_NIGHT" not in loads(world, "t_raw")


def test_an_access_control_has_its_sort(world: World) -> None:
    (control,) = about(world, "v_parts", "access_controls")
    assert control == {"columns": ["NO"], "kind": "operators", "name": "DEPOT.RIGHTS"}


def test_a_remote_table_names_the_system_behind_its_connection(world: World) -> None:
    assert about(world, "r_parts", "origin") == {"system": "ABAP"}


@pytest.mark.parametrize("full", [False, True])
def test_a_second_run_writes_nothing(world: World, full: bool) -> None:  # noqa: FBT001
    assert world.sync({"full": full})["status"] == "NO_CHANGES"
    assert not world.catalog.calls.writes


def test_a_quiet_run_lists_only_the_kinds_in_use_and_reads_no_document(world: World) -> None:
    world.tenant.requests.clear()
    world.sync()
    paths = requested(world)
    assert {path.rpartition("/")[2] for path in paths} <= set(AUXILIARY)
    assert "/dataflows" in " ".join(paths)
    assert not any("connections" in path for path in paths)


def test_without_flows_a_quiet_run_requests_nothing(world_of: Callable[..., World]) -> None:
    world = world_of(replace(depot(), auxiliary=()))
    world.sync()
    world.tenant.requests.clear()
    world.sync()
    assert requested(world) == []


def test_a_changed_flow_is_noticed_although_its_table_did_not_change(world: World) -> None:
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_PARTS", "V_PARTS", "T_PARTS", "NAME"))
    world.tenant.requests.clear()

    answer = world.sync()

    assert answer["counts"]["updated"] == 1
    assert about(world, "t_parts", "lineage") == ["DEPOT.V_PARTS"]
    assert origins(world, "t_parts", "no") == []
    assert origins(world, "t_parts", "name")[0]["object"] == "DEPOT.V_PARTS"
    assert sorted(loads(world, "t_parts")) == ["DF_PARTS", "TC_NIGHT", "TC_WEEK"]
    assert world.run.listings[0].read == 0
    documents = [path for path in requested(world) if path.count("/") > 6]
    assert sorted(path.rpartition("/")[2] for path in documents) == [
        "DF_PARTS",
        "TC_NIGHT",
        "TC_WEEK",
    ]
    assert world.sync()["status"] == "NO_CHANGES"


def test_a_flow_with_another_target_leaves_its_former_table(world: World) -> None:
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_PARTS", "R_PARTS", "T_RAW", "NO"))
    assert world.sync()["counts"]["updated"] == 2
    assert about(world, "t_parts", "loads") is None
    assert about(world, "t_parts", "lineage") is None
    assert origins(world, "t_parts", "no") == []
    assert sorted(loads(world, "t_raw")) == ["DF_PARTS", "RF_RAW", "TC_NIGHT", "TC_WEEK"]
    assert len(origins(world, "t_raw", "no")) == 2


def test_a_removed_flow_is_removed_from_its_table(world: World) -> None:
    world.tenant.spaces.remove_auxiliary("DEPOT", "dataflows", "DF_PARTS")
    assert world.sync()["counts"]["updated"] == 1
    assert about(world, "t_parts", "loads") is None
    assert about(world, "t_parts", "lineage") is None
    assert world.sync({"full": True})["status"] == "NO_CHANGES"


def test_a_removed_chain_leaves_the_flow(world: World) -> None:
    world.tenant.spaces.remove_auxiliary("DEPOT", "taskchains", "TC_NIGHT")
    world.sync()
    assert sorted(loads(world, "t_parts")) == ["DF_PARTS"]
    assert "TC_NIGHT" not in loads(world, "v_parts")


def test_a_new_table_gets_the_flow_that_loads_it_already(world: World) -> None:
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_NEW", "T_RAW", "T_NEW", "NO"))
    world.sync()
    space = world.tenant.spaces.space("DEPOT")
    assert space is not None
    held = tuple(world.tenant.spaces.entries("DEPOT"))
    world.tenant.spaces.add_space(replace(space, entries=(*held, entry("T_NEW", table("NO")))))

    assert world.sync()["counts"]["created"] == 1

    assert sorted(loads(world, "t_new")) == ["DF_NEW"]


def test_a_new_flow_is_found_with_the_next_asset_that_is_read(world: World) -> None:
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_MORE", "T_RAW", "T_STOCK", "NO"))
    world.tenant.spaces.set_label("DEPOT", "T_RAW", "Another label")
    world.sync()
    assert sorted(loads(world, "t_stock")) == ["DF_MORE", "TF_STOCK"]


def refusing(world: World, part: str, status: int = 403) -> None:
    world.tenant.faults.add(f"/{part}", FaultKind.STATUS, status=status, times=None)


@pytest.mark.parametrize("part", LISTS)
@pytest.mark.parametrize("status", [403, 404, 400])
@pytest.mark.parametrize("full", [False, True])
def test_a_refused_list_changes_nothing(world: World, part: str, status: int, full: bool) -> None:  # noqa: FBT001
    before = world.everything()
    refusing(world, part, status)

    answer = world.sync({"full": full})

    assert answer["status"] == "NO_CHANGES"
    assert world.everything() == before
    if full:
        assert "OBJECTS_REFUSED" in codes(world, answer)


@pytest.mark.parametrize("part", LISTS)
def test_a_list_that_is_refused_from_the_start_costs_only_a_note(
    world_of: Callable[..., World], part: str
) -> None:
    world = world_of(depot())
    refusing(world, part)

    answer = world.sync()

    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["created"] == 5
    assert "OBJECTS_REFUSED" in codes(world, answer)
    world.tenant.faults.clear()
    assert world.sync({"full": True})["status"] in {"SUCCESS", "NO_CHANGES"}
    assert loads(world, "t_parts")


def test_with_required_definitions_a_refused_list_degrades_the_run(world: World) -> None:
    refusing(world, "dataflows")
    answer = world.sync({"full": True}, DATASPHERE_DEFINITIONS="on")
    assert answer["status"] == "DEGRADED"
    assert [one["code"] for one in answer["errors"]] == ["OBJECTS_REFUSED"]


@pytest.mark.parametrize(
    "kind", [FaultKind.TRUNCATED, FaultKind.RESET, FaultKind.CUT, FaultKind.IGNORE_SKIP]
)
@pytest.mark.parametrize("part", ["dataflows", "taskchains", "dataaccesscontrols"])
def test_a_list_that_fails_changes_nothing_and_is_read_again(
    world: World, part: str, kind: FaultKind
) -> None:
    before = world.everything()
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_LATE", "T_RAW", "T_STOCK", "NO"))
    world.tenant.faults.add(f"/{part}?", kind, times=None)

    answer = world.sync({"full": True})

    assert answer["status"] == "DEGRADED"
    assert "OBJECTS_UNREAD" in codes(world, answer)
    kept = world.everything()
    assert loads(world, "t_parts")
    assert loads(world, "v_parts")
    if part == "dataflows" and kind is not FaultKind.IGNORE_SKIP:
        assert kept == before

    world.tenant.faults.clear()
    assert world.sync()["status"] == "SUCCESS" if kept == before else True
    assert "DF_LATE" in loads(world, "t_stock")


def test_a_page_that_repeats_removes_nothing(world: World) -> None:
    """A short page proves no end, so that the flows after it may still exist."""
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("AA", "T_RAW", "T_STOCK", "NO"))
    world.tenant.faults.add("/dataflows?", FaultKind.PAGE_SIZE, size=1, times=None)
    world.tenant.faults.add("/dataflows?", FaultKind.IGNORE_SKIP, times=None)
    world.sync({"full": True})
    assert "DF_PARTS" in loads(world, "t_parts")


@pytest.mark.parametrize(
    "body", [b"{", b'{"dataflows": {"DF_PARTS": {"contents": []}}}', b'{"other": 1}', b"[]"]
)
def test_a_broken_document_leaves_what_was_known(world: World, body: bytes) -> None:
    before = loads(world, "t_parts")
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_PARTS", "T_RAW", "T_PARTS", "NO"))
    world.tenant.faults.add(
        "dataflows/DF_PARTS", FaultKind.STATUS, status=200, body=body, times=None
    )

    answer = world.sync()

    assert "OBJECT_IN_PART" in codes(world, answer)
    assert loads(world, "t_parts") == before
    world.tenant.faults.clear()
    world.sync()
    assert loads(world, "t_parts")["DF_PARTS"]["sources"] == ["DEPOT.T_RAW"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_document_that_is_refused_leaves_what_was_known(world: World, status: int) -> None:
    before = loads(world, "t_parts")
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_PARTS", "T_RAW", "T_PARTS", "NO"))
    world.tenant.faults.add("dataflows/DF_PARTS", FaultKind.STATUS, status=status, times=None)

    answer = world.sync()

    assert answer["status"] == ("DEGRADED" if status == 500 else "NO_CHANGES")
    assert loads(world, "t_parts") == before


@pytest.mark.parametrize("kind", ["data_flow", "replication_flow", "task_chain"])
def test_a_kind_that_is_off_is_not_requested_and_leaves_the_tables(
    world: World, tmp_path: Path, kind: str
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"version: 1\nobjects: {{{kind}: off}}\n")
    segment = kind.replace("_", "") + "s"
    world.tenant.requests.clear()

    world.sync(SYNC_CONFIG_URI=str(rules))

    assert not [path for path in requested(world) if f"/{segment}" in path]
    tables = world.tables("datasphere_depot")
    kinds = {load["kind"] for name in tables for load in about(world, name, "loads") or []}
    assert kinds == {"data_flow", "replication_flow", "transformation_flow", "task_chain"} - {kind}
    assert world.sync(SYNC_CONFIG_URI=str(rules))["status"] == "NO_CHANGES"


def test_connections_that_are_off_leave_no_system(world: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nobjects: {connection: off}\n")
    world.tenant.requests.clear()
    world.sync({"full": True}, SYNC_CONFIG_URI=str(rules))
    assert not [path for path in requested(world) if "connections" in path]
    assert about(world, "r_parts", "origin") is None


def test_without_definitions_nothing_is_requested(world_of: Callable[..., World]) -> None:
    world = world_of(depot())
    world.sync(DATASPHERE_DEFINITIONS="off")
    assert requested(world) == []


def test_where_definitions_are_refused_nothing_more_is_requested(
    world_of: Callable[..., World],
) -> None:
    world = world_of(depot())
    world.tenant.behave(object_api=False)
    assert world.sync()["status"] == "SUCCESS"
    assert requested(world) == []


def test_an_event_for_one_table_updates_its_loads_only(world: World) -> None:
    world.tenant.spaces.put_auxiliary("DEPOT", data_flow("DF_PARTS", "T_RAW", "T_PARTS", "NO"))
    world.tenant.requests.clear()
    answer = world.sync({"assets": ["DEPOT.T_PARTS"]})
    assert answer["counts"]["updated"] == 1
    assert loads(world, "t_parts")["DF_PARTS"]["sources"] == ["DEPOT.T_RAW"]
    documents = {path.rpartition("/")[2] for path in requested(world) if path.count("/") > 6}
    assert documents == {"DF_PARTS", "TC_NIGHT", "TC_WEEK"}


def test_an_undeployed_flow_loads_nothing(world_of: Callable[..., World]) -> None:
    draft = replace(
        data_flow("DF_DRAFT", "T_RAW", "T_STOCK", "NO"), listing={"status": "NotDeployed"}
    )
    space = depot()
    world = world_of(replace(space, auxiliary=(*space.auxiliary, draft)))
    world.sync()
    assert "DF_DRAFT" not in loads(world, "t_stock")


def test_many_flows_are_read_page_by_page(world_of: Callable[..., World]) -> None:
    flows = tuple(task_chain(f"TC_{at:03}", ("VIEWS", "PERSIST", "V_PARTS")) for at in range(230))
    world = world_of(replace(depot(), auxiliary=flows))
    world.sync()
    assert len(loads(world, "v_parts")) == 230


def test_a_quiet_space_beside_another_one_is_not_asked(world_of: Callable[..., World]) -> None:
    world = world_of(depot(), Space("EMPTY", "Empty"))
    world.sync()
    world.tenant.requests.clear()
    world.sync()
    assert requested(world)
    assert [path for path in requested(world) if "/EMPTY/" in path] == []


def checks(world: World, **settings: Any) -> dict[str, dict[str, Any]]:
    """Return the checks of a doctor by name."""
    answer = world.sync({"action": "doctor"}, **settings)
    return {one["check"]: one for one in world.report(answer)["checks"]}


KINDS = [
    *("connections", "data flows", "replication flows", "transformation flows"),
    *("task chains", "data access controls"),
]


def test_the_doctor_has_a_check_for_each_kind(world: World, tmp_path: Path) -> None:
    found = checks(world)
    assert {found[kind]["level"] for kind in KINDS} == {"ok"}
    refusing(world, "taskchains")
    found = checks(world)
    assert found["task chains"]["level"] == "info"
    assert "DEPOT" in found["task chains"]["message"]
    assert "objects" in found["task chains"]["remedy"]
    assert checks(world, DATASPHERE_DEFINITIONS="on")["task chains"]["level"] == "warning"
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nobjects: {task_chain: off}\n")
    found = checks(world, SYNC_CONFIG_URI=str(rules))
    assert "off" in found["task chains"]["message"]
    assert found["data flows"]["level"] == "ok"


def test_the_doctor_tries_no_kind_where_definitions_are_not_read(world: World) -> None:
    assert not set(KINDS) & set(checks(world, DATASPHERE_DEFINITIONS="off"))
    world.tenant.behave(object_api=False)
    assert not set(KINDS) & set(checks(world))
