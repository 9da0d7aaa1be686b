"""`make demo`: a whole run on an embedded tenant and catalog, explained step by step.

Real HTTP on both sides: the handler speaks OAuth and OData to the embedded tenant, and boto3 to the
embedded catalog. Each claim that is shown is also checked; a false one ends with exit code 1.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from datasphere_glue.browse.table_text import table_text
from datasphere_glue.glue.table_input import table_from_glue
from datasphere_glue.mapping.from_table import asset_from_table
from local.catalog.embedded import EmbeddedCatalog
from local.sample import sample_tenant
from local.setting import environment_of
from local.tenant.embedded import EmbeddedTenant

ROOT: Final = Path(__file__).parents[1]
SCHEDULE: Final = ROOT / "events" / "schedule-scheduler.json"
SHOWN: Final = ("datasphere_sales", "sales_am")
RELABELLED: Final = ("SALES", "V_ORDERS", "Orders, renamed in Datasphere")
EDITED: Final = SHOWN
EDIT: Final = "Net sales by customer and product. Ask Jane before using it in a dashboard."
WRITABLE: Final = ("Name", "TableType", "PartitionKeys", "StorageDescriptor", "Parameters")
REPORTS: Final = ROOT / "build" / "demo"
_LONGEST: Final = 100


class Demo:
    """One demonstration on a tenant and a catalog that are already running."""

    def __init__(self, tenant: EmbeddedTenant, catalog: EmbeddedCatalog, console: Console) -> None:
        self.tenant = tenant
        self.catalog = catalog
        self.console = console
        self.glue = catalog.client("glue")
        self.log = StringIO()
        self.problems: list[Mapping[str, str]] = []

    def play(self) -> None:
        """Show a first run, one without writes, a changed label, and a person's edit that stays."""
        self.console.rule("1. A schedule event: the first run")
        first = self.invoke()
        self.show_run(first)
        self.console.print(
            "DEGRADED, since this tenant forbids one space and holds one broken view: the run"
            " reports both, with the remedy, and completes the rest."
        )
        self.show_catalog()
        self.show_table(*SHOWN)
        check(first["counts"]["created"] > 0, "the first run creates tables")

        self.console.rule("2. The same event again: nothing changed, nothing is written")
        second = self.invoke()
        self.show_run(second)
        check(second["calls"]["glue_write"] == 0, "a second run makes no write call")
        check(not self.catalog.calls.writes, "the catalog saw no write call either")

        self.console.rule(f"3. One label changes in Datasphere: {RELABELLED[0]}.{RELABELLED[1]}")
        self.tenant.spaces.set_label(*RELABELLED)
        third = self.invoke()
        self.show_run(third)
        writes = [call.operation for call in self.catalog.calls.writes]
        self.console.print(f"Writes that reached Glue: {', '.join(writes)}")
        check(writes == ["UpdateTable"], "one changed label is exactly one UpdateTable")
        self.show_change(third)

        self.console.rule(f"4. A person rewrites the description of {'.'.join(EDITED)} in Glue")
        self.rewrite(*EDITED)
        fourth = self.invoke()
        self.show_run(fourth)
        edited = self.glue.get_table(DatabaseName=EDITED[0], Name=EDITED[1])["Table"]
        self.console.print(f"Description in Glue: {edited['Description']}")
        check(not self.catalog.calls.writes, "a manual edit is not overwritten")
        check(edited["Description"] == EDIT, "a manual description survives the run")

    def rewrite(self, database: str, name: str) -> None:
        """Edit a description as a person does in Glue's console."""
        current = self.glue.get_table(DatabaseName=database, Name=name)["Table"]
        edited = {key: current[key] for key in WRITABLE if key in current} | {"Description": EDIT}
        self.glue.update_table(DatabaseName=database, TableInput=edited)

    def invoke(self) -> Mapping[str, Any]:
        """Call the Lambda handler with the schedule event and return its result."""
        self.catalog.calls.clear()
        event = json.loads(SCHEDULE.read_text())
        with redirect_stdout(self.log):
            from datasphere_glue.handler import lambda_handler  # noqa: PLC0415 - binds stdout

            return lambda_handler(event, None)

    def show_run(self, result: Mapping[str, Any]) -> None:
        """Show status, counts, calls and what could not be read."""
        counts = ", ".join(f"{n} {name}" for name, n in result["counts"].items() if n)
        calls = ", ".join(f"{n} {name}" for name, n in result["calls"].items())
        self.console.print(f"Status [bold]{result['status']}[/]  tables: {counts}")
        self.console.print(f"Calls: {calls}  in {result['duration_ms'] / 1000:.1f} s")
        if result["errors"] == self.problems:
            self.console.print(f"The same {len(self.problems)} problems as before.")
            return
        self.problems = result["errors"]
        for error in self.problems:
            self.console.print(f"  ? {error['asset']} {error['code']}: {error['message']}")
            self.console.print(f"      -> {error['remedy']}")

    def show_catalog(self) -> None:
        """Show the databases and, of each, its first tables."""
        table = Table("Database", "From space", "Tables", "For example", title="AWS Glue now holds")
        for database in self.glue.get_databases()["DatabaseList"]:
            tables = self.tables(database["Name"])
            space = database["Parameters"]["datasphere.space"]
            examples = ", ".join(example["Name"] for example in tables[:4])
            table.add_row(database["Name"], space, str(len(tables)), examples)
        self.console.print(table)

    def tables(self, database: str) -> list[dict[str, Any]]:
        """Return all tables of a database."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [table for page in pages for table in page["TableList"]]

    def show_table(self, database: str, name: str) -> None:
        """Show one table as Athena describes it, as Glue's console lists it, and by `show`."""
        stored = self.glue.get_table(DatabaseName=database, Name=name)["Table"]
        described = Table("col_name", "data_type", "comment", title=f"Athena: DESCRIBE {name}")
        for column in stored["StorageDescriptor"]["Columns"]:
            described.add_row(column["Name"], column["Type"], column.get("Comment", ""))
        self.console.print(described)
        tree = Tree(
            f"Glue's console: [bold]{database}.{name}[/]  {stored.get('Description', '')!r}"
        )
        for key, value in sorted(stored["Parameters"].items()):
            tree.add(f"{key} = {shortened(value)}")
        self.console.print(tree, markup=True, highlight=False)
        self.console.print(f"\n[bold]$ datasphere-glue show {database}.{name}[/]\n")
        table = table_from_glue(stored).table
        recovered = asset_from_table(table)
        self.console.print(
            table_text(table, recovered.asset, recovered.flaws),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        check(not recovered.flaws, "a table holds everything that is needed to read it back")

    def show_change(self, result: Mapping[str, Any]) -> None:
        """Show the one change as the report records it."""
        report = json.loads(Path(result["report"]).read_text())
        for change in report["changes"]:
            self.console.print(f"~ {change['database']}.{change['table']}")
            for field in change["fields"]:
                self.console.print(
                    f"    {field['field']}: {shortened(field['before'])!r}"
                    f" -> {shortened(field['after'])!r}"
                )


def shortened(text: str | None) -> str:
    """Return at most 100 characters of a value, on one line."""
    line = " ".join((text or "").split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def check(holds: bool, claim: str) -> None:  # noqa: FBT001 - a claim and whether it holds
    """End the demo with exit code 1 when a claim does not hold."""
    if not holds:
        sys.exit(f"demo: this should hold and does not: {claim}")


def main() -> None:
    """Start tenant and catalog, play, and leave the reports of all runs in build/demo."""
    console = Console(width=int(os.environ.get("COLUMNS", "140")))
    shutil.rmtree(REPORTS, ignore_errors=True)
    with sample_tenant() as tenant, EmbeddedCatalog() as catalog:
        os.environ |= environment_of(tenant, catalog) | {"REPORT_URI": str(REPORTS)}
        console.print(f"Embedded Datasphere tenant on {tenant.url}")
        console.print(f"Embedded AWS on {catalog.endpoint_url}")
        Demo(tenant, catalog, console).play()
        console.rule("Every claim held")
        console.print("Open the reports of these runs in a browser:")
        console.print(f"  {(REPORTS / 'index.html').as_uri()}", soft_wrap=True)
        console.print("Try it yourself: `make demo-serve`, then `datasphere-glue plan`.")


if __name__ == "__main__":
    main()
