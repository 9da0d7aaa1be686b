"""Small assets, catalogs, changes and runs that the unit tests of the core share."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import RUN, Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import MANAGED_BY, Catalog, CurrentTable, Database, Table
from datasphere_glue.model.table import parameters as canonical
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    Change,
    DatabaseChange,
    FieldChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.proof import Proof
from datasphere_glue.plan.recorded import RecordedWrite, TableName, TableRecord
from tests.laws.catalog import applied

TENANT = "acme.eu10.hcs.cloud.sap"
TODAY = date(2026, 11, 23)
RULES = Rules(TENANT)
POLICY = Policy(TENANT, TODAY)
CONTEXT = RunContext(
    run_id="night-1",
    tenant=TENANT,
    trigger="schedule",
    cause="arn:aws:scheduler:eu-central-1:123456789012:schedule/default/night",
    environment="prod",
    config_digest="c0ffee",
    started="2026-11-23T01:00:00+00:00",
)
COSTS = Costs(duration_ms=1234, calls={"datasphere": 7, "glue_read": 3, "glue_write": 1})
ACTOR = "arn:aws:sts::123456789012:assumed-role/sync/sync"


def nightly(result: Result, **fields: Any) -> Result:
    """Return the result as that of the run `night-1`, with these fields replaced."""
    context = {name: fields.pop(name) for name in RunContext.__slots__ if name in fields}
    costs = {name: fields.pop(name) for name in Costs.__slots__ if name in fields}
    return replace(
        result,
        context=replace(CONTEXT, **context),
        costs=replace(COSTS, **costs),
        **({"actor": ACTOR} | fields),
    )


def issue(subject: str = "SALES.V", code: str = "ASSET_UNREADABLE") -> Issue:
    space, _, asset = ("" if subject == RUN else subject).partition(".")
    message = f"{subject} cannot be read"
    return Issue(IssueCode(code), message, "redeploy it", space or None, asset or None)


def asset(name: str, space: str = "SALES", *, label: str | None = None) -> Asset:
    amount = Element("Net Amount", SapType("cds.Decimal", precision=17, scale=2), label="Net")
    return Asset(space, name, Kind.VIEW, label=label or f"All {name}", elements=(amount,))


def listing(*assets: Asset, space: str = "SALES", label: str | None = "Sales") -> SpaceListing:
    return SpaceListing(space, label, assets, frozenset(one.name for one in assets))


def cut_off(source: SpaceListing) -> SpaceListing:
    return replace(source, incomplete=issue(source.space, "LISTING_INCOMPLETE"))


def planned(
    listings: Iterable[SpaceListing],
    catalog: Catalog,
    *,
    scope: Scope | None = None,
    policy: Policy = POLICY,
) -> Plan:
    desired = to_tables(listings, RULES, catalog)
    return diff(desired, catalog, scope=scope or Scope(), policy=policy)


def synced(*listings: SpaceListing, catalog: Catalog | None = None) -> Catalog:
    catalog = catalog or Catalog()
    return applied(planned(listings, catalog), catalog)


def with_table(catalog: Catalog, *tables: Table) -> Catalog:
    """Return the catalog with these tables, which replace those of the same name."""
    names = {(table.database, table.name) for table in tables}
    others = [c for c in catalog.tables if (c.table.database, c.table.name) not in names]
    return replace(catalog, tables=(*others, *(CurrentTable(table, "7") for table in tables)))


def table_in(catalog: Catalog, name: str) -> Table:
    return next(current.table for current in catalog.tables if current.table.name == name)


def marked(table: Table, **marks: str) -> Table:
    """Return the table with parameters as a person sets them in the console."""
    return replace(table, parameters=canonical(dict(table.parameters) | marks))


def plain_table(name: str, space: str = "SALES") -> Table:
    marks = {"managed_by": MANAGED_BY, "tenant": TENANT, "space": space, "name": name.upper()}
    pairs = {f"datasphere.{key}": value for key, value in marks.items()}
    return Table(f"datasphere_{space.lower()}", name, parameters=canonical(pairs))


def table_change(
    action: ChangeAction = ChangeAction.UPDATE, name: str = "v_orders", space: str = "SALES"
) -> TableChange:
    table = plain_table(name, space)
    fields = (FieldChange("description", "Orders", "Sales orders"),)
    return TableChange(
        action=action,
        space=space,
        asset=name.upper(),
        before=None if action is ChangeAction.CREATE else table,
        after=None if action is ChangeAction.DELETE else table,
        version_id="3",
        fields=fields if action is ChangeAction.UPDATE else (),
        reason="differs from Datasphere",
    )


def recorded(
    action: ChangeAction = ChangeAction.DEPRECATE, day: date = TODAY, asset: str = "V_ORDERS"
) -> RecordedWrite:
    started = datetime.combine(day, time(1), UTC)
    dated = day.isoformat() if action is ChangeAction.DEPRECATE else None
    return RecordedWrite(action, started, f"run-{day}", TENANT, "SALES", asset, dated)


def on_record(names: Iterable[TableName]) -> Proof:
    """Return the proof that a run deprecated each table today."""
    return Proof({name: TableRecord((recorded(asset=name[1].upper()),)) for name in names})


def database_change(space: str = "SALES") -> DatabaseChange:
    return DatabaseChange(
        ChangeAction.CREATE,
        space,
        Database(f"datasphere_{space.lower()}"),
        reason="new in Datasphere",
    )


def outcome(
    change: Change, result: OutcomeStatus = OutcomeStatus.DONE, error: Issue | None = None
) -> Outcome:
    return Outcome(change, result, verified=result is OutcomeStatus.DONE, attempts=1, error=error)
