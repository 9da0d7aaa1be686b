"""What a report is made of, through the whole function: completeness, assets, health, evidence."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from datasphere_glue import __version__
from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs.fanout.records import manifest_of, parts_of
from datasphere_glue.storage.store import FolderStore
from local.tenant.faults import FaultKind
from tests.functional.conftest import World, some_spaces, view
from tests.unit.outcome.asset_indexes import assets_of, index_of

Answer = Mapping[str, Any]

SLICE = 8
"""Assets of a part: two spaces of the branch are cut."""


@pytest.fixture
def branch(world_of: Callable[..., World]) -> World:
    """Return the world of three spaces of the company, one of them forbidden."""
    return world_of(*some_spaces("SALES", "LOGISTICS", "HR"))


def atlas_of(world: World) -> AssetIndex:
    index = world.run.asset_index
    assert index is not None
    return index


def endpoints(report: Answer) -> dict[str, dict[str, Any]]:
    return {one["endpoint"]: one for one in report["health"]["endpoints"]}


def assert_shown(company: World) -> None:
    """Check that every table of the catalog is shown, with its columns."""
    shown = assets_of(atlas_of(company))

    held = {
        f"{found['Parameters']['datasphere.space']}.{found['Parameters']['datasphere.name']}": found
        for found in company.everything().values()
    }
    assert set(shown) == set(held)
    for name, found in held.items():
        assert shown[name]["table"] == found["Name"]
        assert [column["column"] for column in shown[name]["columns"].values()] == [
            column["Name"] for column in found["StorageDescriptor"]["Columns"]
        ]
    rows = index_of(atlas_of(company))
    assert len(rows["assets"]) == len(held)


def parts(report: Answer, space: str) -> dict[str, dict[str, int]]:
    spaces = report["completeness"]["spaces"]
    (found,) = [one for one in spaces if one["space"] == space]
    return {one["part"]: one for one in found["parts"]}


@pytest.mark.ci_only
def test_a_report_holds_the_completeness_of_each_space_and_all_its_assets(company: World) -> None:
    report = company.report(company.sync())

    spaces = {one["space"]: one for one in report["completeness"]["spaces"]}
    tables = company.tables("datasphere_sales")
    assert spaces["SALES"]["assets"] == len(tables)
    assert spaces["SALES"]["columns"] == sum(
        len(one["StorageDescriptor"]["Columns"]) for one in tables.values()
    )
    label = parts(report, "SALES")["label"]
    assert label["have"] == sum("datasphere.label" in one["Parameters"] for one in tables.values())
    assert label["of"] == len(tables)
    worst = report["completeness"]["worst"]
    assert worst
    assert [one["score"] for one in worst] == sorted(one["score"] for one in worst)
    assert_shown(company)


def test_without_definitions_descriptions_are_unavailable_and_not_missing(shop: World) -> None:
    report = shop.report(shop.sync(DATASPHERE_DEFINITIONS="off"))

    measured = parts(report, "SHOP")["description"]

    assert (measured["have"], measured["unavailable"]) == (0, measured["of"])


def test_a_run_without_changes_has_a_complete_report(branch: World) -> None:
    first = branch.report(branch.sync())
    shown = assets_of(atlas_of(branch))

    answer = branch.sync()

    assert answer["status"] in {"NO_CHANGES", "DEGRADED"}
    assert not branch.catalog.calls.writes
    report = branch.report(answer)
    assert report["reading"]["reused"] > 0
    assert report["completeness"] == first["completeness"]
    assert assets_of(atlas_of(branch)) == shown


def test_a_plan_shows_what_the_catalog_would_hold(shop: World) -> None:
    shop.sync({"action": "plan"})

    assert assets_of(atlas_of(shop))
    assert not shop.catalog.calls.writes


def test_nothing_is_collected_without_stored_reports(shop: World) -> None:
    shop.environment.pop("REPORT_URI")

    shop.sync()

    assert shop.run.asset_index is None
    assert shop.run.completeness


def test_a_report_holds_call_statistics_without_host_names(branch: World) -> None:
    answer = branch.sync()
    report = branch.report(answer)

    measured = endpoints(report)
    assert {"token", "spaces", "assets", "metadata relational", "objects", "definitions"} <= set(
        measured
    )
    assert {"GetDatabases", "GetTables", "CreateDatabase", "CreateTable"} <= set(measured)
    sides = {"datasphere": 0, "glue": 0}
    for one in measured.values():
        sides[one["side"]] += one["calls"]
    assert sides["datasphere"] == answer["calls"]["datasphere"]
    assert sides["glue"] == answer["calls"]["glue_read"] + answer["calls"]["glue_write"]
    assert all(0 <= one["p50_ms"] <= one["p95_ms"] <= one["max_ms"] for one in measured.values())
    assert {step["step"] for step in report["health"]["steps"]} == {
        *("list", "read", "catalog", "apply"),
    }
    assert "127.0.0.1" not in str(report["health"])


def test_throttled_requests_and_retries_are_counted(shop: World) -> None:
    shop.tenant.faults.add("/consumption/relational/SHOP", FaultKind.STATUS, status=429, times=2)

    measured = endpoints(shop.report(shop.sync()))["metadata relational"]

    assert (measured["calls"], measured["throttled"], measured["retries"], measured["failed"]) == (
        14,
        2,
        2,
        0,
    )


def test_a_report_names_its_inputs(shop: World) -> None:
    answer = shop.sync({"action": "plan"})

    evidence = shop.report(answer)["evidence"]

    assert evidence["plan_digest"] == answer["plan_digest"]
    assert evidence["version"] == __version__
    assert set(evidence) == {"audit_head", "plan_digest", "config_hash", "version"}


def steps_of(world: World, before_the_last: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Carry out one run in steps, and return what the last one answers."""
    common = {"action": "sync", "run_id": "night-1"}
    world.sync({**common, "step": "split", "workers": 4, "slice_size": SLICE})
    found = [(tuple(part.spaces), part.slice) for part in world.run.parts]
    for spaces, cut in found:
        item = {"spaces": list(spaces), "slice": str(cut) if cut else None}
        world.sync({**common, "step": "work", "share": 0.25, **item})
    before_the_last()
    return world.sync({**common, "step": "finish"})


@pytest.mark.ci_only
def test_a_fan_out_run_has_the_same_report_as_a_single_run(branch: World) -> None:
    before = branch.catalog.snapshot()
    whole = branch.report(branch.sync({"run_id": "whole"}))
    shown, index = assets_of(atlas_of(branch)), index_of(atlas_of(branch))
    branch.catalog.restore(before)

    answer = steps_of(branch)

    report = branch.report(answer)
    assert report["completeness"] == whole["completeness"]
    assert assets_of(atlas_of(branch)) == shown
    assert index_of(atlas_of(branch)) == index
    calls = [one["calls"] for one in report["health"]["endpoints"] if one["side"] == "datasphere"]
    assert sum(calls) == answer["calls"]["datasphere"]


@pytest.mark.ci_only
def test_assets_that_were_damaged_on_their_way_cost_a_page_and_no_outcome(branch: World) -> None:
    def damage() -> None:
        for kept in branch.reports.glob("runs/night-1/parts/*/atlas.1.jsonl"):
            packed = json.loads(kept.read_text())
            kept.write_text(json.dumps(packed | {"rows": b64encode(b"torn").decode()}) + "\n")

    answer = steps_of(branch, damage)

    report = branch.report(answer)
    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["created"] == len(branch.everything())
    assert {one["outcome"] for one in report["changes"]} == {"done"}
    assert branch.run.asset_index is None
    assert answer["errors"][-1]["code"] == "STATE_UNREADABLE"


@pytest.mark.ci_only
def test_work_of_the_last_step_is_reported_once(shop: World) -> None:
    shop.sync()
    shop.tenant.spaces.remove("SHOP", "V_00")
    shop.tenant.spaces.add("SHOP", "V_NEW", view("View 0"))
    before = shop.catalog.snapshot()
    whole = shop.report(shop.sync({"run_id": "whole"}))
    shown, index = assets_of(atlas_of(shop)), index_of(atlas_of(shop))
    shop.catalog.restore(before)

    answer = steps_of(shop)

    assert [left for part in parts_kept(shop) for left in part.plan.left] == [("SHOP", "V_NEW")]
    assert shop.report(answer)["completeness"] == whole["completeness"]
    assert assets_of(atlas_of(shop)) == shown
    assert index_of(atlas_of(shop)) == index
    assert "SHOP.V_NEW" in shown


def parts_kept(world: World) -> list[Result]:
    """Return what the workers of the run in steps came to."""
    store = FolderStore(world.reports)
    found = parts_of(store, "night-1", manifest_of(store, "night-1"))
    return [part.result for part in found if part.result]
