"""The page of a run over a realistic tenant: `python -m benchmarks.report ASSETS [FILE]`.

Prints the size of the page and the cost of its creation, as JSON. FILE stores the page, to view
it in a browser.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.business import business
from benchmarks.measured import peak_mb
from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.call_stats import CallRecorder
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.diff import diff_space
from datasphere_glue.plan.policy import Policy
from datasphere_glue.report import html
from datasphere_glue.report.document import document

COLUMNS: Final = 40
SPACES: Final = 20
CHANGED: Final = 100
"""Every so many-th asset is a change of the run: 1 %."""

_HOST: Final = "acme.eu10.hcs.cloud.sap"
_RULES: Final = Rules(_HOST)
_POLICY: Final = Policy(_HOST, datetime(2026, 1, 1, tzinfo=UTC).date())


def measured_page(
    assets: int, columns: int = COLUMNS, spaces: int = SPACES
) -> tuple[Result, float]:
    """Return a run over such a tenant, and the CPU seconds that went into what its page adds."""
    collector, recorder = AssetIndexBuilder(), CallRecorder()
    counts, listings, changes = list[Completeness](), list[SpaceListing](), list[TableChange]()
    spent = 0.0
    for listing in business(assets, columns, spaces):
        database = f"datasphere_{listing.space.lower()}"
        desired = space_tables(listing, database, _RULES, Catalog())
        began = time.process_time()
        counted, scores = measure_completeness(listing.space, desired.tables, _RULES.governance)
        collector(listing.space, database, zip(desired.tables, scores, strict=True))
        spent += time.process_time() - began
        counts.append(counted)
        listings.append(listing.without_assets())
        plan = diff_space(desired, Catalog(), scope=Scope(), policy=_POLICY)
        changes += plan.tables[::CHANGED]
        recorder.called("datasphere", "assets", listing.space, 0.12)
        recorder.called("glue", "GetTables", database, 0.035)
    began = time.process_time()
    asset_index = collector.build()
    spent += time.process_time() - began
    names = {one.space: f"datasphere_{one.space.lower()}" for one in listings}
    unread = tuple((space, 0) for space in names)
    context = RunContext(
        "2026-11-22T020000Z-bench1", _HOST, "cli", started="2026-11-22T02:00:00+00:00"
    )
    result = Result(
        RunAction.PLAN,
        tuple(listings),
        names,
        Plan(tables=tuple(changes), unchanged=unread),
        completeness=tuple(counts),
        asset_index=asset_index,
        context=context,
        costs=Costs(call_stats=recorder.stats()),
    )
    return result, spent


def report(assets: int, columns: int = COLUMNS, spaces: int = SPACES) -> tuple[bytes, Any]:
    """Return the page of such a run, and the figures of its making."""
    result, spent = measured_page(assets, columns, spaces)
    began = time.process_time()
    page = html.page(document(result), (), result.asset_index)
    written = time.process_time() - began
    return page, {
        "assets": assets,
        "columns": columns,
        "page_mb": round(len(page) / 1e6, 2),
        "atlas_mb": round(result.asset_index.size / 1e6, 2) if result.asset_index else 0.0,
        "cpu_ms_per_asset": round(spent * 1000 / assets, 3),
        "page_s": round(written, 2),
        "peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    page, figures = report(int(sys.argv[1]))
    for place in sys.argv[2:]:
        Path(place).write_bytes(page)
    print(json.dumps(figures))
