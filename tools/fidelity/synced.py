"""One run of the product between an embedded tenant and an embedded catalog."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from datasphere_glue import bootstrap
from datasphere_glue.events.request import Request
from datasphere_glue.outcome.run import result_value
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from local.catalog.embedded import EmbeddedCatalog
from local.setting import environment_of
from local.tenant.embedded import EmbeddedTenant
from local.tenant.store import Space
from tools.fidelity.comparison import Finding, compare
from tools.fidelity.expectations import Expectation, Place
from tools.fidelity.glue_tables import Table, read_tables
from tools.fidelity.tenant_side import expected_of

_SHORTENED: Final = "SHORTENED"
EVERYTHING: Final = (
    '{"version": 1, "selection":'
    ' {"unexposed": ["local_table", "remote_table", "view", "analytic_model"]}}'
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings about some documents, and the result of the run that carried them over."""

    findings: list[Finding]
    run: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run carried over.

    `expected`: the facts of the documents.
    `result`: the result of the run.
    `shortened`: assets whose tables would have been too large, by the notes of the run.
    """

    expected: Mapping[Place, Expectation]
    result: Mapping[str, Any]
    shortened: frozenset[str]

    def judgement(self, tables: Iterable[Table]) -> Judgement:
        """Return the findings about the tables that the run wrote."""
        findings = compare(self.expected, read_tables(tables), self.shortened)
        return Judgement(findings, self.result)


def judge(spaces: Iterable[Space], catalog: EmbeddedCatalog) -> Judgement:
    """Return the findings after a sync into an empty catalog."""
    return carry_over(spaces, catalog).judgement(glue_tables(catalog))


def carry_over(spaces: Iterable[Space], catalog: EmbeddedCatalog) -> Carried:
    """Sync some spaces into a catalog."""
    with EmbeddedTenant(spaces) as tenant, TemporaryDirectory() as folder:
        expected = expected_of(tenant.spaces)
        configuration = Path(folder) / "mapping.json"
        configuration.write_text(EVERYTHING)
        environment = environment_of(tenant, catalog) | {
            "SYNC_CONFIG_URI": str(configuration),
            "REPORT_URI": folder,
        }
        result = result_value(
            lifecycle.execute_run(Request, environment, Caller(sleep=lambda _: None), bootstrap)
        )
        shortened = frozenset(_shortened(Path(str(result["report"]))))
    return Carried(expected, result, shortened)


def _shortened(report: Path) -> Iterator[str]:
    notes = json.loads(report.read_text(encoding="utf-8"))["notes"]
    return (note["asset"] for note in notes if note["code"] == _SHORTENED)


def glue_tables(catalog: EmbeddedCatalog) -> list[dict[str, Any]]:
    """Return all tables of a catalog, as `GetTables` returns them."""
    glue = catalog.client("glue")
    return [
        dict(table)
        for database in glue.get_databases()["DatabaseList"]
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
        for table in page["TableList"]
    ]
