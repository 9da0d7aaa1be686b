"""Values whose stored documents, as commit a6f92e1 wrote them, lie in `stored/`.

That commit took any text for the code of an issue. The codes here are of the catalogue, and the
seal of the plan follows from them; nothing else differs from what it wrote.

plan.json       the plan
before.jsonl    its before-images
applied.jsonl   its outcomes, one of them of another change than planned
manifest.json   how a run was divided
part.json       what a worker did
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from datasphere_glue.errors import OutOfTime
from datasphere_glue.model.completeness import Completeness, Score, Share
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part, Slice
from datasphere_glue.model.table import Column, Database, Table
from datasphere_glue.outcome.call_stats import CallStats, Endpoint, Slow, TimedStep
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    ColumnChange,
    Conflict,
    DatabaseChange,
    FieldChange,
    Outcome,
    OutcomeStatus,
    Plan,
    Rename,
    TableChange,
)
from datasphere_glue.plan.policy import SchemaChange
from datasphere_glue.runs.fanout.records import Manifest
from tests.unit.samples import issue, outcome, plain_table

STORED: Final = Path(__file__).parent / "stored"
RUN_ID: Final = "night-1"
DIGEST: Final = "100404ec14108dbb5df139d91308735d6dd37b1e92d5cc5125aeb0bd07ea9bf7"

_ODD = "Größe \ud800 \x1b[31m \u2028 'quoted' \"twice\" 日本語 🙂"
_ORDERS = replace(
    plain_table("v_orders"),
    columns=(
        Column("net", "decimal(17,2)", _ODD, (("datasphere.label", "Net"), ("team", "sales"))),
        Column("gross", "string", None),
    ),
    partition_keys=(Column("year", "int", ""),),
    description="Orders",
    table_type=None,
    rest='{"Retention":0}',
)
_LATER = replace(_ORDERS, description=_ODD, table_type="VIRTUAL_VIEW")
_GONE = replace(_ORDERS, name="v_gone")
_BACK = replace(_ORDERS, name="v_back")
_DEPRECATED = _GONE.with_parameters(status="deprecated", deprecated_on="2026-11-23")
_RENAMED = Rename("V_OLD", "V_NEW", 0.87, ("columns", "label"), followed=False, heir="db.v_new")

UPDATE = TableChange(
    ChangeAction.UPDATE,
    "SALES",
    "V_ORDERS",
    _ORDERS,
    _LATER,
    "7",
    (FieldChange("description", "Orders", _ODD), FieldChange("columns.net.comment", None, "x")),
    "differs from Datasphere",
    (
        ColumnChange("gross", SchemaChange.NARROWING, "bigint", "int"),
        ColumnChange("tax", SchemaChange.ADDITIVE, None, "string"),
    ),
    _RENAMED,
    (Rename("net", "net_amount", 1.0),),
    adopted=True,
    drifted=True,
)
PLAN: Final = Plan(
    databases=(
        DatabaseChange(ChangeAction.CREATE, "HR", Database("datasphere_hr"), reason="new"),
        DatabaseChange(
            ChangeAction.UPDATE,
            "SALES",
            Database("datasphere_sales", _ODD, (("datasphere.space", "SALES"),), '{"a":1}'),
            Database("datasphere_sales", link="arn:aws:glue:eu-central-1:1:database/other"),
            (FieldChange("description", None, _ODD),),
        ),
    ),
    tables=(
        TableChange(ChangeAction.CREATE, "SALES", _ODD, None, Table("datasphere_sales", "v_new")),
        UPDATE,
        TableChange(
            ChangeAction.RESTORE, "SALES", "V_BACK", replace(_DEPRECATED, name="v_back"), _BACK, "2"
        ),
        TableChange(ChangeAction.DEPRECATE, "SALES", "V_GONE", _GONE, _DEPRECATED, "3"),
        TableChange(ChangeAction.DELETE, "SALES", "V_LOST", plain_table("v_lost"), None, "4"),
    ),
    conflicts=(
        Conflict("datasphere_sales", "v_orders", "SALES", "V", "description", "A", None, both=True),
        Conflict(
            "datasphere_hr", None, "HR", None, "description", None, "B", both=False, kept=False
        ),
    ),
    skipped=(issue(), issue("HR", "SPACE_FORBIDDEN")),
    unchanged=(("HR", 0), ("SALES", 3)),
    kept=("datasphere_finance",),
    notes=(issue("SALES", "TYPE_LOSS"),),
    objections=(issue("SALES.V_LOST", "GUARD_REFUSED"),),
    confirmed=("OLD",),
    left=(("SALES", "V_MAYBE"),),
)
OUTCOMES: Final = (
    *(outcome(change) for change in PLAN.databases),
    outcome(PLAN.tables[0], OutcomeStatus.UNCHANGED),
    Outcome(replace(UPDATE, version_id="8"), OutcomeStatus.DONE, verified=True, attempts=2),
    outcome(PLAN.tables[2], OutcomeStatus.FAILED, issue()),
    Outcome(
        PLAN.tables[3], OutcomeStatus.FAILED, error=issue("SALES", "PERMISSION_DENIED"), halts=True
    ),
    outcome(PLAN.tables[4], OutcomeStatus.UNTRIED),
)
PART: Final = Part(("SALES",), Slice(2, 3))
CALLS: Final = {"datasphere": 3, "glue_read": 2, "glue_write": 1}
STATS: Final = CallStats(
    (Endpoint("glue", "GetTables", 3, 1, 1, 0, 120, ((0, 1), (51, 2))),),
    (Slow(120, "glue", "GetTables", "datasphere_sales.v_orders"),),
    (TimedStep("read", 900), TimedStep("write", 45)),
)
MANIFEST: Final = Manifest(
    "2026-11-23T02:00:00+00:00",
    "schedule",
    "arn:schedule",
    ("SALES",),
    full=True,
    parts=(Part(("HR", "FINANCE")), PART),
    databases=(("SALES", "datasphere_sales"),),
    undated=7,
    calls=(("datasphere", 4),),
    health=STATS,
)
RUN: Final = Result(
    RunAction.SYNC,
    (
        SpaceListing(
            "SALES",
            _ODD,
            incomplete=issue("SALES", "LISTING_INCOMPLETE"),
            unread=(issue(),),
            degraded=(issue("SALES.V_ORDERS", "DEFINITION_LOST"),),
            notes=(issue(code="TYPE_LOSS"),),
            read=5,
            reused=2,
            left=1,
        ),
        SpaceListing("HR", None),
    ),
    plan=PLAN,
    objections=(issue("SALES", "ERROR_BUDGET"),),
    outcomes=OUTCOMES,
    error=OutOfTime("the time is over", remedy="start again"),
    completeness=(
        Completeness(
            "SALES",
            2,
            4,
            (Share("label", 1, 2, 1), Share("description", 0, 2)),
            (Score(40, "SALES", "V_ORDERS", "datasphere_sales", "v_orders", ("label",)),),
        ),
    ),
)
