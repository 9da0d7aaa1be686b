"""Definitions through the whole pipeline: permitted, denied, and denied after a first reading.

The tenant has one space with a view, the table under it, a remote table, and a table that was never
deployed.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.tenant.embedded import Behaviour
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World

STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-02T10:00:00Z",
    "createdBy": "ANNA",
    "changedBy": "BEN",
}
ORDERS = {
    "kind": "entity",
    "@EndUserText.label": "Orders",
    "@EndUserText.quickInfo": "One row per order",
    "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
    "@DataWarehouse.consumption.external": True,
    "@acme.retention": {"#": "TEN_YEARS"},
    "elements": {
        "ID": {"type": "cds.Integer", "key": True, "notNull": True, "@EndUserText.label": "Id"},
        "NET": {
            "type": "cds.Decimal",
            "precision": 17,
            "scale": 2,
            "@AnalyticsDetails.measureType": {"#": "BASE"},
            "@Aggregation.default": {"#": "SUM"},
            "@Semantics.amount.currencyCode": {"=": "WAERS"},
        },
        "WAERS": {"type": "cds.String", "length": 5, "@Semantics.currencyCode": True},
    },
    "query": {"SELECT": {"from": {"ref": ["T_ORDERS"]}}},
}
TABLE = {
    "kind": "entity",
    "@EndUserText.label": "Orders, raw",
    "elements": {"ID": {"type": "cds.Integer", "key": True}, "NET": {"type": "cds.Double"}},
}
REMOTE = {
    "kind": "entity",
    "@DataWarehouse.remote.connection": "S4",
    "@DataWarehouse.remote.entity": "VBAK",
    "elements": {"VBELN": {"type": "cds.String", "length": 10, "key": True}},
}


def entry(name: str, definition: dict[str, Any], **stamps: str | None) -> Any:
    listing = {key: value for key, value in (STAMPS | stamps).items() if value is not None}
    document = {"definitions": {name: definition}}
    return entry_of("SALES", name, document, exposed=name == "V_ORDERS", listing=listing)


@pytest.fixture
def sales(world_of: Callable[..., World]) -> World:
    entries = (
        entry("V_ORDERS", ORDERS),
        entry("T_ORDERS", TABLE),
        entry("R_ORDERS", REMOTE),
        entry("T_DRAFT", TABLE, status="NotDeployed", deployedOn=None),
    )
    return world_of(Space("SALES", "Sales", entries))


def parameters(world: World, table: str) -> dict[str, str]:
    values: dict[str, str] = world.tables("datasphere_sales")[table]["Parameters"]
    return values


def codes(issues: list[dict[str, str]]) -> set[str]:
    return {issue["code"] for issue in issues}


def forbid_definitions(world: World) -> None:
    world.tenant.behaviour = replace(world.tenant.behaviour, object_api=False)


def test_a_view_merges_both_of_its_documents(sales: World) -> None:
    answer = sales.sync()

    assert answer["status"] == "SUCCESS"
    about = parameters(sales, "v_orders")
    assert about["datasphere.description"] == "One row per order"
    assert about["datasphere.usage"] == "fact"
    assert json.loads(about["datasphere.lineage"]) == ["SALES.T_ORDERS"]
    assert json.loads(about["datasphere.custom"])["acme.retention"] == '{"#":"TEN_YEARS"}'
    provenance = json.loads(about["datasphere.provenance"])
    assert provenance["label"] == "odata"
    assert provenance["lineage"] == "csn"
    assert provenance["elements.aggregation"] in {"csn", "odata+csn"}
    columns = sales.tables("datasphere_sales")["v_orders"]["StorageDescriptor"]["Columns"]
    (net,) = [column for column in columns if column["Name"] == "net"]
    assert net["Parameters"]["datasphere.currency"] == "WAERS"
    assert net["Parameters"]["datasphere.aggregation"] == "SUM"


def test_dates_and_people_are_read_from_the_list_with_that_source(sales: World) -> None:
    sales.sync()
    about = parameters(sales, "v_orders")
    provenance = json.loads(about["datasphere.provenance"])
    described = {
        key: about[f"datasphere.{key}"]
        for key in ("changed_on", "deployed_on", "changed_by", "owner", "object_status")
    }
    assert described == {
        "changed_on": "2026-05-01T10:00:00Z",
        "deployed_on": "2026-05-02T10:00:00Z",
        "changed_by": "BEN",
        "owner": "ANNA",
        "object_status": "Deployed",
    }
    assert {provenance[key] for key in described} == {"listing"}


def test_unexposed_tables_are_synced(sales: World) -> None:
    sales.sync()
    assert sorted(sales.tables("datasphere_sales")) == ["r_orders", "t_orders", "v_orders"]
    assert parameters(sales, "t_orders")["datasphere.kind"] == "local_table"
    remote = parameters(sales, "r_orders")
    assert remote["datasphere.kind"] == "remote_table"
    assert remote["datasphere.remote_connection"] == "S4"


def test_an_undeployed_object_is_skipped_with_an_issue(sales: World) -> None:
    answer = sales.sync()
    notes = sales.report(answer)["notes"]
    (note,) = [note for note in notes if note["code"] == "NOT_DEPLOYED"]
    assert "T_DRAFT" in note["message"]


def test_unknown_annotations_are_counted(sales: World) -> None:
    answer = sales.sync()
    notes = sales.report(answer)["notes"]
    (note,) = [note for note in notes if note["code"] == "ANNOTATIONS_KEPT"]
    assert "acme.retention (1)" in note["message"]


def test_a_second_run_writes_nothing(sales: World) -> None:
    sales.sync()
    assert sales.sync()["status"] == "NO_CHANGES"
    assert not sales.catalog.calls.writes


def test_a_user_without_the_role_gets_odata_metadata_with_an_issue(sales: World) -> None:
    forbid_definitions(sales)
    answer = sales.sync()
    assert answer["status"] == "SUCCESS"
    assert list(sales.tables("datasphere_sales")) == ["v_orders"]
    assert "DEFINITIONS_UNAVAILABLE" in codes(sales.report(answer)["notes"])
    assert answer["errors"] == []


def test_required_but_denied_definitions_degrade_the_run(sales: World) -> None:
    forbid_definitions(sales)
    answer = sales.sync(DATASPHERE_DEFINITIONS="on")
    assert answer["status"] == "DEGRADED"
    assert codes(answer["errors"]) == {"DEFINITIONS_UNAVAILABLE"}
    assert list(sales.tables("datasphere_sales")) == ["v_orders"]


def test_disabled_definitions_are_not_requested(sales: World) -> None:
    answer = sales.sync(DATASPHERE_DEFINITIONS="off")
    assert answer["status"] == "SUCCESS"
    assert not [seen for seen in sales.tenant.requests if seen.path.startswith("/dwaas-core")]
    assert list(sales.tables("datasphere_sales")) == ["v_orders"]
    assert "datasphere.lineage" not in parameters(sales, "v_orders")


def test_a_refused_list_never_removes_tables(sales: World) -> None:
    sales.sync()
    before = sales.everything()
    forbid_definitions(sales)

    answer = sales.sync(MAX_REMOVAL_PERCENT="100")

    assert answer["counts"]["deprecated"] == 0
    assert not sales.catalog.calls.writes
    assert sales.everything() == before


def test_a_table_preserves_the_values_of_its_definition(sales: World) -> None:
    sales.sync()
    forbid_definitions(sales)

    answer = sales.sync()

    assert answer["status"] == "DEGRADED"
    assert codes(answer["errors"]) == {"DEFINITION_LOST"}
    assert "datasphere.lineage" in parameters(sales, "v_orders")


def test_switching_definitions_off_removes_their_values(sales: World) -> None:
    sales.sync()
    answer = sales.sync(DATASPHERE_DEFINITIONS="off", MAX_REMOVAL_PERCENT="100")
    assert answer["status"] == "SUCCESS"
    assert (answer["counts"]["updated"], answer["counts"]["deprecated"]) == (1, 0)
    assert "datasphere.lineage" not in parameters(sales, "v_orders")
    assert parameters(sales, "t_orders")["datasphere.status"] == "active"


@pytest.mark.parametrize("path", ["localtables?", "localtables?top=200&skip=1&"])
def test_a_lost_page_of_a_list_removes_nothing(sales: World, path: str) -> None:
    sales.sync()
    sales.tenant.spaces.remove("SALES", "T_ORDERS")
    sales.tenant.faults.add(path, FaultKind.STATUS, status=503, times=None)

    answer = sales.sync(MAX_REMOVAL_PERCENT="100")

    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["deprecated"] == 0
    assert parameters(sales, "t_orders")["datasphere.status"] == "active"


def test_a_removed_table_is_deprecated(sales: World) -> None:
    sales.sync()
    sales.tenant.spaces.remove("SALES", "T_ORDERS")

    answer = sales.sync(MAX_REMOVAL_PERCENT="40")

    assert answer["counts"]["deprecated"] == 1
    assert parameters(sales, "t_orders")["datasphere.status"] == "deprecated"


def test_a_failed_definition_affects_only_its_asset(sales: World) -> None:
    sales.tenant.faults.add("views/V_ORDERS", FaultKind.TRUNCATED, times=None)
    answer = sales.sync()
    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["code"] == "DEFINITION_UNREADABLE"
    assert error["asset"] == "SALES.V_ORDERS"
    assert sorted(sales.tables("datasphere_sales")) == ["r_orders", "t_orders", "v_orders"]
    assert parameters(sales, "v_orders")["datasphere.label"] == "Orders"

    sales.tenant.faults.clear()
    assert sales.sync()["counts"]["updated"] == 1
    assert "datasphere.lineage" in parameters(sales, "v_orders")


def test_a_table_whose_definition_fails_stays_as_it_is(sales: World) -> None:
    sales.sync()
    sales.tenant.faults.add("localtables/T_ORDERS", FaultKind.STATUS, status=500, times=None)
    answer = sales.sync({"full": True})
    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["failed"] == 1
    assert not sales.catalog.calls.writes


@pytest.mark.ci_only
def test_a_server_that_ignores_skip_is_not_believed(world_of: Callable[..., World]) -> None:
    tables = tuple(
        entry_of("SALES", f"T_{n:03}", {"definitions": {f"T_{n:03}": TABLE}}, exposed=False,
                 listing=STAMPS)
        for n in range(230)
    )  # fmt: skip
    world = world_of(Space("SALES", "Sales", (entry("V_ORDERS", ORDERS), *tables)))
    world.tenant.faults.add("localtables?", FaultKind.IGNORE_SKIP, times=None)
    answer = world.sync()
    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["created"] == 201
    assert "ignores `skip`" in answer["errors"][0]["message"]


def test_doctor_shows_whether_definitions_may_be_read(sales: World) -> None:
    sales.tenant.behaviour = Behaviour(object_api=False)
    sales.sync({"action": "doctor"})
    (listing,) = sales.run.listings
    assert {note.code for note in listing.notes} == {"DEFINITIONS_UNAVAILABLE"}


@pytest.mark.parametrize("status", [403, 503])
def test_a_failed_list_removes_nothing_from_its_tables(sales: World, status: int) -> None:
    sales.sync()
    before = sales.everything()
    sales.tenant.faults.add("views?", FaultKind.STATUS, status=status, times=None)

    answer = sales.sync(MAX_REMOVAL_PERCENT="100")

    assert answer["status"] == "DEGRADED"
    assert "SALES.V_ORDERS" in {error["asset"] for error in answer["errors"]}
    assert not sales.catalog.calls.writes
    assert sales.everything() == before


def test_a_table_that_lost_its_definition_degrades_the_run(sales: World) -> None:
    sales.sync()
    sales.tenant.faults.add("localtables/T_ORDERS", FaultKind.STATUS, status=403, times=None)
    answer = sales.sync({"full": True})
    assert answer["status"] == "DEGRADED"
    assert [error["asset"] for error in answer["errors"]] == ["SALES.T_ORDERS"]
    assert answer["errors"][0]["code"] == "DEFINITION_LOST"


def test_an_event_for_one_asset_reports_only_that_asset(sales: World) -> None:
    sales.sync()
    forbid_definitions(sales)
    answer = sales.sync({"assets": ["SALES.V_ORDERS"]})
    assert [error["asset"] for error in answer["errors"]] == ["SALES.V_ORDERS"]
