"""Only changed assets are read again: the detection, and the cases of a full reading."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World, view

DAY_1 = "2026-05-01T10:00:00.000Z"
DAY_2 = "2026-05-02T11:30:00.000Z"
VIEWS = 6


def entry(name: str, label: str, changed: str | None = DAY_1) -> Any:
    dates = {"status": "Deployed", "changedOn": changed, "deployedOn": changed}
    listing = {key: value for key, value in dates.items() if value}
    document = {"definitions": {name: view(label)}}
    return entry_of("SALES", name, document, exposed=True, listing=listing)


@pytest.fixture
def sales(world_of: Callable[..., World]) -> World:
    """Return a world that was synced once: six views, each with the dates of its last change."""
    world = world_of(Space("SALES", "Sales", tuple(views())))
    world.after("six dated views", lambda: first_run(world))
    return world


def first_run(world: World) -> None:
    assert world.sync()["counts"]["created"] == VIEWS


def views(changed: str | None = DAY_1) -> list[Any]:
    return [entry(f"V_{number}", f"View {number}", changed) for number in range(VIEWS)]


def change(world: World, name: str, label: str, changed: str = DAY_2) -> None:
    """Give a view another label, and its list another date."""
    others = [one for one in views() if one.name != name]
    space = Space("SALES", "Sales", (*others, entry(name, label, changed)))
    world.tenant.spaces.add_space(space)


def label(world: World, table: str) -> str:
    return str(world.tables("datasphere_sales")[table]["Parameters"]["datasphere.label"])


def reading(world: World) -> tuple[int, int]:
    """Return how many assets the last run read, and how many it knew to be unchanged."""
    (listing,) = world.run.listings
    return listing.read, listing.reused


def test_without_a_change_no_asset_is_read(sales: World) -> None:
    answer = sales.sync()
    assert answer["status"] == "NO_CHANGES"
    assert answer["counts"]["unchanged"] == VIEWS
    assert reading(sales) == (0, VIEWS)
    # A token, the spaces, and the lists: assets with their end, and four kinds of object.
    assert answer["calls"]["datasphere"] <= 2 + 2 + 4 * 2
    assert answer["calls"]["glue_write"] == 0


def test_only_the_asset_with_another_date_is_read(sales: World) -> None:
    change(sales, "V_3", "Changed")
    answer = sales.sync()
    assert answer["counts"]["updated"] == 1
    assert reading(sales) == (1, VIEWS - 1)
    assert label(sales, "v_3") == "Changed"


def test_a_change_without_another_date_is_found_by_a_full_run(sales: World) -> None:
    change(sales, "V_3", "Changed", changed=DAY_1)
    assert sales.sync()["counts"]["updated"] == 0
    assert sales.sync({"full": True})["counts"]["updated"] == 1
    assert reading(sales) == (VIEWS, 0)


def test_verify_reads_everything(sales: World) -> None:
    change(sales, "V_3", "Changed", changed=DAY_1)
    assert sales.sync({"action": "verify"})["status"] == "PENDING"


def test_a_requested_asset_is_read(sales: World) -> None:
    change(sales, "V_3", "Changed", changed=DAY_1)
    assert sales.sync({"assets": ["SALES.V_3"]})["counts"]["updated"] == 1


def test_drift_of_an_unread_table_is_repaired_and_manual_text_preserved(sales: World) -> None:
    glue, before = sales.glue, sales.tables("datasphere_sales")
    written = {k: before["v_1"][k] for k in ("Name", "Description", "TableType", "PartitionKeys")}
    written["Parameters"] = before["v_1"]["Parameters"] | {
        "datasphere.label": "spoilt", "cost_centre": "42",
    }  # fmt: skip
    written["StorageDescriptor"] = before["v_1"]["StorageDescriptor"]
    glue.update_table(DatabaseName="datasphere_sales", TableInput=written)

    answer = sales.sync()

    assert answer["counts"]["updated"] == 1
    after = sales.tables("datasphere_sales")["v_1"]["Parameters"]
    assert (after["datasphere.label"], after["cost_centre"]) == ("View 1", "42")


def test_a_new_rule_reaches_tables_that_are_not_read(sales: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\ncolumns: {SALES.*.ID: bigint}\n")
    answer = sales.sync(SYNC_CONFIG_URI=str(rules))
    assert answer["counts"]["updated"] == VIEWS
    assert reading(sales) == (0, VIEWS)
    columns = sales.tables("datasphere_sales")["v_0"]["StorageDescriptor"]["Columns"]
    assert columns[0]["Type"] == "bigint"


def test_a_removed_overlay_is_undone(sales: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\ncontext: [{asset: SALES.V_2, owner: Finance}]\n")
    assert sales.sync(SYNC_CONFIG_URI=str(rules))["counts"]["updated"] == 1
    assert sales.sync(SYNC_CONFIG_URI=str(rules))["status"] == "NO_CHANGES"
    assert reading(sales) == (0, VIEWS)
    assert sales.sync()["counts"]["updated"] == 1
    about = sales.tables("datasphere_sales")["v_2"]["Parameters"]
    assert "datasphere.owner" not in about


def test_assets_unread_for_a_week_are_read_in_shares_by_each_run(sales: World) -> None:
    record = next(sales.reports.glob("state/*/reading.json"))
    cursor = json.loads(record.read_text())
    past = datetime.fromisoformat(cursor["dated"]["last"]) - timedelta(days=8)
    cursor["dated"] |= {"last": past.isoformat(), "arcs": [[past.isoformat(), 1.0]]}
    record.write_text(json.dumps(cursor))

    answer = sales.sync()

    assert reading(sales) == (VIEWS, 0)
    assert sales.report(answer)["reading"]["oldest"] > past.isoformat()


def test_the_report_shows_what_was_read_and_the_age_of_the_oldest_reading(sales: World) -> None:
    first = json.loads(next(sales.reports.glob("runs/*/report.json")).read_text())
    reading = sales.report(sales.sync())["reading"]
    assert reading == {"read": 0, "reused": VIEWS, "left": 0, "oldest": first["started"]}


def test_without_dates_everything_is_read_up_to_a_share(sales: World, tmp_path: Path) -> None:
    sales.tenant.spaces.add_space(Space("SALES", "Sales", tuple(views(changed=None))))
    sales.sync()
    sales.sync()
    assert reading(sales) == (VIEWS, 0)

    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nlimits: {reread_assets: 2}\n")
    seen = 0
    for _ in range(4):
        sales.sync(SYNC_CONFIG_URI=str(rules))
        seen += reading(sales)[0]
    assert sum(reading(sales)) == VIEWS
    assert VIEWS <= seen < 3 * VIEWS


def test_without_stored_reports_undated_assets_are_always_read(sales: World) -> None:
    sales.environment.pop("REPORT_URI")
    sales.sync()
    assert reading(sales) == (0, VIEWS)
    sales.tenant.spaces.add_space(Space("SALES", "Sales", tuple(views(changed=None))))
    for _ in range(2):
        sales.sync()
        assert reading(sales) == (VIEWS, 0)


def test_a_failed_reading_is_repeated_by_the_next_run(sales: World) -> None:
    change(sales, "V_3", "Changed")
    sales.tenant.faults.add("V_3", FaultKind.STATUS, status=500, times=None)
    assert sales.sync()["status"] == "DEGRADED"
    sales.tenant.faults.clear()
    assert sales.sync()["counts"]["updated"] == 1
    assert reading(sales) == (1, VIEWS - 1)


def test_the_command_line_reads_in_full_on_request(
    sales: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in sales.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["sync"]) == 0
    assert f"0 assets read  {VIEWS} known to be unchanged  all since" in capsys.readouterr().out
    assert main(["sync", "--full"]) == 0
    assert f"{VIEWS} assets read  all since" in capsys.readouterr().out
