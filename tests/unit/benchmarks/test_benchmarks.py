"""The benchmark judges others, so its own arithmetic is tested."""

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from benchmarks.bounds import (
    Conditions,
    Verdict,
    bound_s,
    fewest_invocations,
    most_in_a_minute,
    reads_without_changes,
    requests_without_changes,
    verdicts,
)
from benchmarks.budgeted import Clock
from benchmarks.business import business
from benchmarks.page import HEADS, page, rows
from benchmarks.plot import plot
from benchmarks.report import report
from benchmarks.tenant import generated
from local.tenant.csn import Segment

CALLS = {"datasphere": 2000, "glue_read": 40, "glue_write": 1000}


def run(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "no change",
        "assets": 10_000,
        "latency": False,
        "seconds": 60.0,
        "bound_s": 50.0,
        "ratio": 1.2,
        "calls": {"datasphere": 202, "glue_read": 121, "glue_write": 0},
        "cpu_ms_per_asset": 5.0,
        "served_cpu_s": 9.0,
        "peak_mb": 120.0,
        "most_requests": 260,
        "most_reads": 140,
        **changes,
    }


def figures(*runs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    stages = {"parse": 4.0, "map": 1.5, "diff": 0.3, "serialise": 0.2}
    return {
        "python": "3.13.0",
        "cores": 2,
        "columns": 40,
        "spaces": 20,
        "latency_ms": {"datasphere": 120.0, "glue": 35.0},
        "stages": [
            {"assets": size, "stages_ms": stages, "total_ms": total}
            for size, total in ((100, 6.0), (10_000, 6.6))
        ],
        "runs": list(runs),
        **changes,
    }


def broken(told: dict[str, Any]) -> list[str]:
    return [verdict.promise for verdict in verdicts(told) if not verdict.fulfilled]


@pytest.mark.parametrize(
    ("met", "cpu_s", "seconds"),
    [
        (Conditions(), 12.0, 12.0),
        (Conditions(tenant_s=0.12, readers=8), 12.0, 30.0),
        (Conditions(catalog_s=0.4, writers=4), 12.0, 104.0),
        (Conditions(tenant_s=0.12, per_minute=300), 12.0, 360.0),
        (Conditions(per_minute=2000), 12.0, 12.0),
    ],
)
def test_the_bound_is_the_largest_of_budget_latencies_and_cpu(
    met: Conditions, cpu_s: float, seconds: float
) -> None:
    assert bound_s(CALLS, cpu_s, met) == pytest.approx(seconds)


def test_lists_without_changes_are_counted_page_by_page_and_by_kind() -> None:
    lists = {("A", "views"): 201, ("A", "localtables"): 1, ("B", "views"): 200}

    assert requests_without_changes(lists, spaces=2) == 4 + 2 + 2 + 6
    assert reads_without_changes(tables=401, databases=2) == 5 + 4


def test_as_many_invocations_are_needed_as_the_budget_says() -> None:
    assert fewest_invocations(1, 300, 15) == 1
    assert fewest_invocations(4500, 300, 15) == 1
    assert fewest_invocations(4501, 300, 15) == 2


def test_the_fullest_minute_is_found_wherever_it_begins() -> None:
    assert most_in_a_minute([]) == 0
    assert most_in_a_minute([0.0, 59.9, 60.0, 61.0, 119.8]) == 4
    assert most_in_a_minute([120.0, 0.0, 60.0]) == 1


def test_figures_within_all_limits_break_no_promise() -> None:
    slow = run(kind="first load", assets=1000, latency=True, ratio=1.29)
    hurried = {
        "assets": 5000,
        "per_minute": 300,
        "invocations": 4,
        "fewest": 3,
        "in_a_minute": 300,
    }

    assert broken(figures(run(), slow, budgeted=hurried)) == []


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"calls": {"datasphere": 261, "glue_read": 1, "glue_write": 0}}, "requests"),
        ({"calls": {"datasphere": 1, "glue_read": 141, "glue_write": 0}}, "reads of Glue"),
        ({"calls": {"datasphere": 1, "glue_read": 1, "glue_write": 1}}, "writes"),
        ({"peak_mb": 256.1}, "peak memory"),
        ({"kind": "first load", "latency": True, "ratio": 1.31}, "times the bound"),
    ],
)
def test_a_figure_beyond_its_limit_breaks_its_promise(
    changes: dict[str, Any], promise: str
) -> None:
    [told] = broken(figures(run(**changes)))

    assert promise in told


def test_a_cost_that_grows_with_the_tenant_is_told() -> None:
    stages = [
        {"assets": 100, "stages_ms": {}, "total_ms": 5.0},
        {"assets": 10_000, "stages_ms": {}, "total_ms": 6.1},
    ]

    assert broken(figures(stages=stages)) == ["CPU per asset, largest by smallest"]


def test_the_page_shows_each_run_and_each_verdict() -> None:
    text = page(figures(run()), [Verdict("writes", 0, 0), Verdict("peak", 300.0, 256.0)])

    assert "| no change, 10,000 assets | 60.0 | 50.0 | 1.20 | 202 | 121 | 0 |" in text
    assert "| writes | 0.00 | 0.00 | PASS |" in text
    assert "| peak | 300.00 | 256.00 | FAIL |" in text
    assert "| 10,000 | 4.00 | 1.50 | 0.30 | 0.20 | 6.60 |" in text
    assert {len(row) for row in rows([run()])} == {len(HEADS)}


REPORT = {
    "assets": 10_000,
    "columns": 40,
    "page_mb": 9.8,
    "cpu_ms_per_asset": 0.5,
    "page_s": 0.1,
}


def test_the_page_tells_what_the_page_of_a_run_weighs() -> None:
    text = page(figures(run(), report=REPORT), [])

    assert "over 10,000 assets of 40 columns with varied texts has 9.8 MB;" in text
    assert "varied texts" not in page(figures(run()), [])


def test_a_page_that_is_too_large_breaks_its_promise() -> None:
    assert broken(figures(report=REPORT)) == []
    assert broken(figures(report={**REPORT, "page_mb": 15.1})) == ["page of 10,000 assets (MB)"]


def test_the_tenant_that_talks_is_the_same_each_time_and_of_the_size_asked_for() -> None:
    once, again = (list(business(assets=41, columns=7, spaces=3)) for _ in range(2))

    assert once == again
    assets = [asset for space in once for asset in space.assets]
    assert {asset.space for asset in assets} == {space.space for space in once}
    assert len({asset.name for asset in assets}) == 41
    assert all(len(asset.elements) == 7 for asset in assets)
    assert all(len({e.name for e in asset.elements}) == 7 for asset in assets)
    assert {up for a in assets for up in a.lineage} <= {f"{a.space}.{a.name}" for a in assets}


def test_the_page_of_such_a_tenant_holds_all_its_assets() -> None:
    made, figures_of_it = report(assets=30, columns=6, spaces=2)

    assert figures_of_it["assets"] == 30
    assert figures_of_it["page_mb"] >= 0.01
    assert figures_of_it["atlas_mb"] > 0
    assert len(made) > 10_000


def test_the_plot_is_xml_with_two_bars_for_each_run_inside_its_borders() -> None:
    drawn = fromstring(plot("a < b", [run(), run(kind="first load", seconds=5.0)]))
    name = "{http://www.w3.org/2000/svg}"
    width = float(drawn.attrib["viewBox"].split()[2])
    bars = [bar for bar in drawn.iter(name + "rect") if float(bar.attrib["width"]) != 10]

    assert drawn.findtext(name + "title") == "a < b"
    assert len(bars) == 4
    assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) < width for bar in bars)


def test_a_plot_of_nothing_is_still_a_plot() -> None:
    assert fromstring(plot("nothing", [])).tag.endswith("svg")


def test_the_generated_tenant_is_of_every_kind_and_evenly_spread() -> None:
    spaces = generated(assets=170, columns=3, spaces=20)

    entries = [entry for space in spaces for entry in space.entries]
    assert {len(space.entries) for space in spaces} == {8, 9}
    assert {entry.segment for entry in entries} == set(Segment)
    assert len({entry.name for entry in entries}) == 170
    assert all(len(entry.definition["elements"]) == 3 for entry in entries)


def test_the_virtual_clock_goes_to_where_the_longest_sleep_ends() -> None:
    clock = Clock()
    clock()
    clock.sleep(5.0)
    clock.sleep(2.5)

    assert clock() == 7.5
    assert clock.seen == 7.5
