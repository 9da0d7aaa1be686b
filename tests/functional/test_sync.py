"""Whole runs over real HTTP: their effects on the catalog."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.conftest import World, small_space, view

MARK = "datasphere.status"


def test_the_first_run_creates_everything_and_reports_what_it_could_not_read(
    company: World,
) -> None:
    answer = company.sync()

    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["created"] >= 60
    assert answer["databases"]["created"] == 4
    assert {e["asset"]: e["code"] for e in answer["errors"]} == {
        "HR": "SPACE_FORBIDDEN",
        "SALES.V_NEU_VERTEILEN": "ASSET_UNREADABLE",
    }
    assert all(e["remedy"] for e in answer["errors"])
    assert "datasphere_hr" not in {d["Name"] for d in company.glue.get_databases()["DatabaseList"]}


def test_a_second_run_writes_nothing_and_reads_the_catalog_in_bulk(company: World) -> None:
    company.synced()
    before = company.everything()

    answer = company.sync()

    assert answer["calls"]["glue_write"] == 0
    assert not company.catalog.calls.writes
    tables = [len(company.tables(db["Name"])) for db in databases(company)]
    assert answer["calls"]["glue_read"] <= 1 + 1 + sum(-(-count // 100) for count in tables)
    assert company.everything() == before


def databases(world: World) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = world.glue.get_databases()["DatabaseList"]
    return listed


def test_an_unchanged_run_is_reported_as_such(shop: World) -> None:
    assert shop.sync()["status"] == "SUCCESS"
    assert shop.sync()["status"] == "NO_CHANGES"


def test_one_changed_label_is_exactly_one_update_with_lock_and_no_archive(shop: World) -> None:
    shop.synced()
    shop.tenant.spaces.set_column_label("SHOP", "V_03", "C1", "Renamed column")

    answer = shop.sync()

    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["updated"] == 1
    (write,) = shop.catalog.calls.writes
    assert write.operation == "UpdateTable"
    assert write.request["VersionId"] == "0"
    assert write.request["SkipArchive"] is True
    (change,) = shop.report(answer)["changes"]
    assert {
        "field": "columns.c1.comment",
        "before": "Column 1",
        "after": "Renamed column",
    } in change["fields"]


def test_plan_and_verify_write_nothing(shop: World) -> None:
    for action in ("plan", "verify"):
        answer = shop.sync({"action": action})

        assert answer["status"] == "PENDING"
        assert answer["counts"]["created"] == 12
        assert not shop.catalog.calls.writes


@pytest.mark.ci_only
def test_an_approved_plan_is_applied_and_any_other_is_refused(shop: World) -> None:
    planned = shop.sync({"action": "plan"})
    shop.tenant.spaces.set_label("SHOP", "V_00", "Changed after the approval")

    refused = shop.sync({"action": "sync", "plan_digest": planned["plan_digest"]})

    assert refused["status"] == "FAILED"
    assert refused["errors"][0]["code"] == "PLAN_REFUSED"
    assert not shop.catalog.calls.writes
    again = shop.sync({"action": "plan"})
    applied = shop.sync({"action": "sync", "plan_digest": again["plan_digest"]})
    assert applied["status"] == "SUCCESS"


def test_a_removed_asset_is_deprecated_and_restored_on_return(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    shop.tenant.spaces.remove("SHOP", "V_07")

    deprecation = shop.sync()

    assert deprecation["counts"]["deprecated"] == 1
    parameters = shop.tables("datasphere_shop")["v_07"]["Parameters"]
    assert parameters[MARK] == "deprecated"
    assert parameters["datasphere.deprecated_on"]
    assert parameters["datasphere.deprecated_reason"]
    assert shop.sync()["status"] == "NO_CHANGES"

    shop.tenant.spaces.restore("SHOP", "V_07")
    assert shop.sync()["counts"]["restored"] == 1
    assert shop.everything() == before


@pytest.mark.ci_only
def test_a_deletion_needs_the_policy_and_the_grace(shop: World) -> None:
    shop.synced()
    shop.tenant.spaces.remove("SHOP", "V_07")
    shop.sync(ORPHAN_POLICY="keep")
    assert shop.tables("datasphere_shop")["v_07"]["Parameters"][MARK] == "active"

    shop.sync(ORPHAN_POLICY="delete", ORPHAN_GRACE_DAYS="1")
    assert shop.tables("datasphere_shop")["v_07"]["Parameters"][MARK] == "deprecated"
    shop.sync(ORPHAN_POLICY="deprecate", ORPHAN_GRACE_DAYS="0")
    assert "v_07" in shop.tables("datasphere_shop")

    answer = shop.sync(ORPHAN_POLICY="delete", ORPHAN_GRACE_DAYS="0")
    assert answer["counts"]["deleted"] == 1
    assert "v_07" not in shop.tables("datasphere_shop")


@pytest.mark.parametrize("removed", [2, 9, 10])
def test_the_guard_stops_a_run_that_would_remove_too_much(shop: World, removed: int) -> None:
    shop.synced()
    for number in range(removed):
        shop.tenant.spaces.remove("SHOP", f"V_{number:02}")
    shop.tenant.spaces.set_label("STOCK", "V_00", "Would be updated")

    answer = shop.sync()

    assert answer["status"] == "HALTED"
    assert f"{removed} of 10 tables of space SHOP" in answer["errors"][0]["message"]
    assert not shop.catalog.calls.writes


def test_deselecting_never_deprecates(shop: World) -> None:
    shop.synced()
    before = shop.everything()

    assert shop.sync(SYNC_EXCLUDE="SHOP")["status"] == "NO_CHANGES"
    assert shop.sync(SYNC_SPACES="STOCK.V_0*")["status"] == "NO_CHANGES"
    assert shop.everything() == before


def test_a_space_that_vanished_is_not_evaluated(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    shop.tenant.spaces.remove_space("SHOP")

    answer = shop.sync()

    assert answer["status"] == "DEGRADED"
    assert answer["errors"][0]["code"] == "SPACE_VANISHED"
    assert shop.everything() == before


def test_an_event_for_one_asset_reads_and_writes_only_that(shop: World) -> None:
    shop.synced()
    shop.tenant.spaces.set_label("SHOP", "V_01", "Asked for")
    shop.tenant.spaces.set_label("SHOP", "V_02", "Not asked for")
    shop.tenant.requests.clear()

    answer = shop.sync({"assets": ["SHOP.V_01"]})

    assert answer["counts"]["updated"] == 1
    assert len(shop.tenant.requests_to("$metadata")) == 1
    tables = shop.tables("datasphere_shop")
    assert tables["v_01"]["Description"] == "Asked for"
    assert tables["v_02"]["Description"] == "View 2"


def test_a_deleted_event_removes_nothing_that_the_listing_holds(shop: World) -> None:
    shop.synced()
    event = {
        "source": "sap.datasphere",
        "detail-type": "sap.datasphere.object.deleted.v1",
        "detail": {
            "spaceId": "SHOP",
            "objectId": "V_04",
            "objectType": "view",
            "action": "deleted",
        },
    }

    assert shop.sync(event)["status"] == "NO_CHANGES"
    shop.tenant.spaces.remove("SHOP", "V_04")
    assert shop.sync(event)["counts"]["deprecated"] == 1


def test_manual_edits_in_glue_survive(shop: World) -> None:
    shop.synced()
    edit(shop, "datasphere_shop", "v_01")
    shop.tenant.spaces.set_column_label("SHOP", "V_01", "C2", "Changed at the source")

    answer = shop.sync()

    table = shop.tables("datasphere_shop")["v_01"]
    first, _, second = table["StorageDescriptor"]["Columns"]
    assert answer["counts"]["updated"] == 1
    assert table["Description"] == "What analysts call it"
    assert table["Retention"] == 30
    assert table["Parameters"]["team"] == "sales ops"
    assert first["Comment"] == "Explained by a person"
    assert first["Parameters"]["pii"] == "no"
    assert second["Comment"] == "Changed at the source"
    assert shop.sync()["status"] == "NO_CHANGES"


def test_an_edit_on_both_sides_is_preserved_and_reported_as_a_conflict(shop: World) -> None:
    shop.synced()
    edit(shop, "datasphere_shop", "v_01")
    shop.tenant.spaces.set_label("SHOP", "V_01", "What SAP calls it now")

    answer = shop.sync()

    assert answer["counts"]["conflicts"] == 1
    assert shop.tables("datasphere_shop")["v_01"]["Description"] == "What analysts call it"
    conflicts = shop.report(answer)["conflicts"]
    (conflict,) = [c for c in conflicts if c["kind"] == "conflict"]
    assert conflict["field"] == "description"
    assert conflict["catalog"] == "What analysts call it"
    assert conflict["source"] == "What SAP calls it now"


def edit(world: World, database: str, name: str) -> None:
    """Edit a table as a person would in the Glue console."""
    current = world.glue.get_table(DatabaseName=database, Name=name)["Table"]
    writable = ("Name", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    table = {key: current[key] for key in writable}
    table |= {"Description": "What analysts call it", "Retention": 30}
    table["Parameters"]["team"] = "sales ops"
    column = table["StorageDescriptor"]["Columns"][0]
    column["Comment"] = "Explained by a person"
    column["Parameters"]["pii"] = "no"
    world.glue.update_table(DatabaseName=database, TableInput=table)


def test_foreign_tables_and_databases_are_never_touched(shop: World) -> None:
    glue = shop.glue
    glue.create_database(DatabaseInput={"Name": "datasphere_shop", "Description": "by hand"})
    glue.create_table(DatabaseName="datasphere_shop", TableInput={"Name": "v_03"})
    glue.create_database(
        DatabaseInput={
            "Name": "datasphere_stock",
            "TargetDatabase": {"CatalogId": "111122223333", "DatabaseName": "elsewhere"},
        }
    )

    answer = shop.sync()

    assert answer["status"] == "DEGRADED"
    assert {(e["asset"], e["code"]) for e in answer["errors"]} == {
        ("SHOP.V_03", "FOREIGN_OBJECT"),
        ("STOCK", "FOREIGN_OBJECT"),
    }
    assert answer["counts"]["created"] == 9
    assert glue.get_database(Name="datasphere_shop")["Database"]["Description"] == "by hand"
    assert (
        "Parameters" not in shop.tables("datasphere_shop")["v_03"]
        or not shop.tables("datasphere_shop")["v_03"]["Parameters"]
    )


def test_a_run_pointed_at_another_tenant_touches_nothing(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    other = shop.tenant.url.replace("127.0.0.1", "localhost")

    answer = shop.sync(DATASPHERE_URL=other)

    assert answer["status"] == "DEGRADED"
    assert answer["tenant"] == "localhost"
    refused = [e for e in answer["errors"] if e["code"] == "FOREIGN_OBJECT"]
    assert [error["asset"] for error in refused] == ["SHOP", "STOCK"]
    assert "belongs to tenant 127.0.0.1" in refused[0]["message"]
    assert not shop.catalog.calls.writes
    assert shop.everything() == before


def test_a_tenant_keeps_its_tables_when_only_its_port_changes(
    shop: World, world_of: Callable[..., World]
) -> None:
    shop.synced()

    again = world_of(small_space("SHOP", 10), small_space("STOCK", 2))
    assert again.sync()["status"] == "NO_CHANGES"


def test_a_table_changed_meanwhile_is_planned_again(shop: World) -> None:
    shop.synced()
    shop.tenant.spaces.set_label("SHOP", "V_05", "New label")
    shop.catalog.faults.add(
        operation="UpdateTable", error="ConcurrentModificationException", times=2
    )

    answer = shop.sync()

    assert answer["status"] == "SUCCESS"
    assert shop.tables("datasphere_shop")["v_05"]["Description"] == "New label"


def test_a_refused_write_halts_and_names_action_resource_and_remedy(shop: World) -> None:
    shop.synced()
    for number in range(10):
        shop.tenant.spaces.set_label("SHOP", f"V_{number:02}", "New label")
    shop.catalog.faults.add(operation="UpdateTable", error="AccessDeniedException", times=100)

    answer = shop.sync()

    assert answer["status"] == "HALTED"
    error = answer["errors"][0]
    assert error["code"] == "PERMISSION_DENIED"
    assert "glue:UpdateTable" in error["message"] + error["remedy"]
    assert "datasphere_shop" in error["message"]
    assert answer["counts"]["updated"] == 0
    assert len(shop.catalog.calls.writes) <= 4


def test_report_and_audit_record_who_changed_what(shop: World) -> None:
    answer = shop.sync({"run_id": "night-1"})

    records = shop.audit(answer)
    assert answer["report"].endswith("runs/night-1/report.json")
    assert len(records) == 14
    assert {record["actor"] for record in records} == {"arn:aws:sts::123456789012:user/moto"}
    assert all(record["verified"] and record["outcome"] == "done" for record in records)
    table = next(r for r in records if r["table"] == "v_00" and r["space"] == "SHOP")
    assert table["asset"] == "V_00"
    assert table["action"] == "create"


def test_a_report_that_cannot_be_stored_degrades_the_run(shop: World, tmp_path: Any) -> None:
    shop.synced()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    answer = shop.sync(REPORT_URI=str(blocked))

    assert answer["status"] == "DEGRADED"
    assert answer["report"] is None
    assert answer["errors"][0]["code"] == "REPORT_UNWRITABLE"
    assert answer["counts"]["unchanged"] == 12


def test_reports_go_to_a_bucket(shop: World) -> None:
    s3 = shop.catalog.client("s3")
    s3.create_bucket(
        Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )

    answer = shop.sync(REPORT_URI="s3://reports/nightly")

    bucket, _, key = answer["report"].removeprefix("s3://").partition("/")
    body = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert body["result"]["status"] == "SUCCESS"


def test_doctor_reaches_both_sides_and_reads_no_metadata(company: World) -> None:
    answer = company.sync({"action": "doctor"})

    assert answer["status"] == "DEGRADED"
    assert [e["code"] for e in answer["errors"]] == ["SPACE_FORBIDDEN"]
    assert not company.tenant.requests_to("$metadata")
    assert not company.glue.get_databases()["DatabaseList"]


def test_a_new_asset_with_a_colliding_name_never_renames_its_neighbour(shop: World) -> None:
    shop.tenant.spaces.add("SHOP", "Orders", view("Orders"))
    shop.sync()
    shop.tenant.spaces.add("SHOP", "ORDERS", view("ORDERS"))

    shop.sync()

    names = {
        table["Parameters"]["datasphere.name"]: name
        for name, table in shop.tables("datasphere_shop").items()
    }
    assert names["Orders"] == "orders"
    assert names["ORDERS"].startswith("orders_")
