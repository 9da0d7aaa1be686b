"""A catalog as a value, and the application of a plan to it: the smallest possible target."""

from dataclasses import replace
from typing import Any

from datasphere_glue.model.table import Catalog, CurrentTable
from datasphere_glue.plan.change import Plan


def applied(plan: Plan, catalog: Catalog) -> Catalog:
    """Return the catalog after every change of the plan."""
    databases = {db.name: db for db in catalog.databases}
    databases |= {change.after.name: change.after for change in plan.databases}
    tables = {(c.table.database, c.table.name): c for c in catalog.tables}
    for change in plan.tables:
        key = (change.database, change.table)
        if change.after is None:
            del tables[key]
        else:
            version = int(tables[key].version_id or 0) + 1 if key in tables else 0
            tables[key] = CurrentTable(change.after, str(version))
    return Catalog(
        tuple(sorted(databases.values(), key=lambda db: db.name)),
        tuple(tables[key] for key in sorted(tables)),
    )


def edited(catalog: Catalog, table: str, **fields: Any) -> Catalog:
    """Return the catalog after a person changed fields of one table by hand."""
    return replace(
        catalog,
        tables=tuple(
            replace(c, table=replace(c.table, **fields)) if c.table.name == table else c
            for c in catalog.tables
        ),
    )
