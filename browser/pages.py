"""Pages under test: a small tenant in which everything occurs, with texts that inject code."""

from typing import Any, Final

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import (
    AccessControl,
    Affix,
    Association,
    BoundParameter,
    CrossCalculation,
    Hierarchy,
    Load,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.call_stats import CallRecorder, call_stats_value
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.report import html
from datasphere_glue.report.document import document

CODE: Final = (
    "<script>document.title='spoilt'</script>\"><img src=x onerror=\"document.title='spoilt'\">"
)
"""A malicious text that a person may type."""

FORMULA: Final = '=HYPERLINK("http://example.invalid","open")'
SMALL_ONES: Final = 120

_HOST: Final = "acme.eu10.hcs.cloud.sap"
_TEXT: Final = SapType("cds.String", length=10)
_AMOUNT: Final = SapType("cds.Decimal", precision=17, scale=2)


def _element(name: str, label: str | None = None, **more: Any) -> Element:
    return Element(name, more.pop("type", _TEXT), label=label, **more)


_ORDERS: Final = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label=f"Orders {CODE}",
    description=f"All orders {CODE}",
    usage=Usage.FACT,
    owner=CODE,
    elements=(
        _element("ORDER_ID", "Order", key=True),
        _element("CUSTOMER", f'Customer "{CODE}"', association="_Customer"),
        _element(
            "NET",
            "Net\nvalue",
            type=_AMOUNT,
            measure=True,
            aggregation="SUM",
            currency="C",
            lineage=(Origin("SALES.T_ERP", "VBELN", "computed"), Origin(CODE, CODE, CODE)),
            formula=f"{CODE} {'+ 1 ' * 40}",
        ),
        _element(
            "C",
            "Currency",
            is_currency=True,
            description=CODE,
            default=CODE,
            values=(EnumValue(CODE, CODE, CODE),),
            personal_data=((CODE, CODE),),
        ),
        _element("C2", "Currency"),
    ),
    associations=(
        Association("_Customer", "DIM_CUSTOMER", label=CODE, pairs=(("CUSTOMER", "ID"),)),
        Association("_Gone", CODE, pairs=(("C", CODE),)),
    ),
    lineage=("SALES.T_ERP", f"SALES.{CODE}"),
    lineage_complete=False,
    filter=(f"C <> '{CODE}'",),
    indirect_lineage=(Origin("SALES.T_ERP", "VBELN", "filter"),),
    access_controls=(AccessControl(CODE, (CODE,), CODE),),
    release=(("state", "DEPRECATED"), ("successor", CODE)),
)
_MODEL: Final = Asset(
    "SALES",
    "SALES_AM",
    Kind.ANALYTIC_MODEL,
    label="Sales analysis",
    usage=Usage.CUBE,
    elements=(
        _element(
            "NET",
            "Net value",
            type=_AMOUNT,
            measure=True,
            aggregation="SUM",
            sources=(("SALES", "V_ORDERS", "NET"),),
        ),
    ),
    variables=(
        Variable("P_YEAR", _TEXT, label=CODE, default=CODE, description=CODE),
        Variable("P_DAY", _TEXT, usage="FILTER", multiple=True, derived_from=CODE, hidden=True),
    ),
    cross_calculations=(CrossCalculation("LAST", CODE, CODE, CODE),),
    model_sources=(
        ModelSource(
            "fact",
            "F",
            "SALES",
            "V_ORDERS",
            CODE,
            parameters=(BoundParameter("IP_DAY", variable="P_DAY"), BoundParameter(CODE, CODE)),
            affix=Affix(CODE, "PREFIX"),
        ),
    ),
    lineage=("SALES.V_ORDERS",),
)
_CUSTOMER: Final = Asset(
    "SALES",
    "DIM_CUSTOMER",
    Kind.VIEW,
    label="Customers",
    usage=Usage.DIMENSION,
    elements=tuple(
        _element(name, label)
        for name, label in (
            *(("ID", "Customer"), ("PARENT", "Parent"), ("COUNTRY", "Country")),
            *(("CITY", CODE), ("REGION", "Region")),
        )
    ),
    hierarchies=(
        Hierarchy("H_GEO", "level", label=CODE, levels=("COUNTRY", "REGION", "CITY")),
        Hierarchy("H_ORG", "parent_child", parent=("PARENT",), child=("ID",)),
    ),
)
_PROBLEM: Final = Issue(
    IssueCode.ASSET_UNREADABLE, f"cannot be read {CODE}", f"ask {CODE}", space="SALES", asset="V_X"
)
_ERP: Final = Asset(
    "SALES",
    "T_ERP",
    Kind.REMOTE_TABLE,
    elements=(_element("VBELN"),),
    loads=(
        Load("replication_flow", f"SALES.{CODE}", (f"S4:{CODE}",), "S4", CODE, CODE, "0 2 * * *"),
    ),
)
_TWINS: Final = tuple(
    Asset("FINANCE", name, Kind.LOCAL_TABLE, label="Ledger", elements=(_element("ID", "Id"),))
    for name in ("Ledger", "LEDGER")
)
_MANY: Final = tuple(
    Asset("FINANCE", f"T_{n:03}", Kind.LOCAL_TABLE, label=f"Table {n}", elements=(_element("ID"),))
    for n in range(SMALL_ONES)
)

_CONTEXT: Final = RunContext(
    "run-0003",
    _HOST,
    "schedule",
    cause=CODE,
    environment="prod",
    config_digest="c0ffee" * 10,
    started="2026-11-23T02:00:00+00:00",
)
_COSTS: Final = Costs(61_500, {"datasphere": 7, "glue_read": 3, "glue_write": 1})
ASSETS: Final = 4 + len(_TWINS) + SMALL_ONES


def small_run() -> Result:
    """Return a run over the small tenant, with its completeness and its atlas."""
    rules, collector = Rules(_HOST), AssetIndexBuilder()
    counts, listings = [], []
    for space, assets in (
        ("SALES", (_ORDERS, _MODEL, _CUSTOMER, _ERP)),
        ("FINANCE", (*_TWINS, *_MANY)),
    ):
        names = frozenset(asset.name for asset in assets)
        unread = (_PROBLEM,) if space == "SALES" else ()
        listing = SpaceListing(space, CODE, assets, names, read=len(assets), unread=unread)
        database = f"datasphere_{space.lower()}"
        tables = space_tables(listing, database, rules, Catalog()).tables
        counted, scores = measure_completeness(space, tables, rules.governance)
        collector(space, database, zip(tables, scores, strict=True))
        counts.append(counted)
        listings.append(listing)
    return Result(
        RunAction.SYNC,
        tuple(listings),
        {listing.space: f"datasphere_{listing.space.lower()}" for listing in listings},
        Plan(notes=(_PROBLEM,)),
        completeness=tuple(sorted(counts, key=lambda one: one.space)),
        asset_index=collector.build(),
        context=_CONTEXT,
        costs=_COSTS,
        actor="arn:aws:sts::123456789012:assumed-role/sync/sync",
        audit_head="ab" * 32,
    )


def change(kind: str, asset: str, space: str = "SALES", **fields: str) -> dict[str, Any]:
    """Return a change as the report records it, with the given values of its fields."""
    return {
        "action": "create" if kind == "created" else "update",
        "kind": kind,
        "space": space,
        "asset": asset,
        "database": f"datasphere_{space.lower()}",
        "table": asset.lower(),
        "reason": f"differs from Datasphere {CODE}",
        "fields": [
            {"field": field, "before": "before", "after": after} for field, after in fields.items()
        ],
        "schema": [],
        "renamed": None,
        "columns_renamed": [],
        "outcome": "done",
        "verified": True,
    }


def report(run: Result) -> dict[str, Any]:
    """Return the document of that run, with changes, edits of people and timings."""
    recorder = CallRecorder()
    recorder.called("datasphere", "assets", f"SALES.{CODE}", 1.2)
    recorder.called("glue", "GetTables", "datasphere_sales", 0.03, throttled=True, again=True)
    recorder.spent("read", 2.5)
    value = document(run) | {"health": call_stats_value(recorder.stats())}
    about = {"database": "datasphere_sales", "table": "v_orders", "space": "SALES"}
    about |= {"asset": "V_ORDERS", "catalog": CODE, "source": FORMULA}
    return value | {
        "changes": [
            change("updated", "V_ORDERS", label=CODE, description=FORMULA),
            change("breaking", "SALES_AM", label="Sales"),
            change("created", "T_001", "FINANCE"),
        ],
        "conflicts": [
            {**about, "field": "description", "kind": "drift"},
            {**about, "field": CODE, "kind": "conflict"},
        ],
    }


def recent() -> list[html.ListedRun]:
    """Return this run and two before it, the first from a time that counted nothing."""
    first = html.ListedRun("run-0001", "2026-11-21T02:00:00+00:00", "sync", "SUCCESS", 120, 9_000)
    shares = {"label": 40.0, "column_label": 90.0}
    second = html.ListedRun(
        "run-0002", "2026-11-22T02:00:00+00:00", "sync", "FAILED", 0, 9_000, ASSETS, shares
    )
    return [first, second, html.run_entry(report(small_run()))]


def small_page() -> bytes:
    """Return the page of that run."""
    run = small_run()
    return html.page(report(run), recent(), run.asset_index)


def old_page() -> bytes:
    """Return a page of a document from before completeness, health, evidence and assets."""
    value = report(small_run())
    for key in ("completeness", "health", "evidence"):
        del value[key]
    return html.page(value, recent()[:1])
