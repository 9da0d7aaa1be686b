"""One run of the product between an embedded tenant and an embedded catalog."""

from collections.abc import Iterable, Mapping
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

EVERYTHING: Final = (
    '{"version": 1, "selection":'
    ' {"unexposed": ["local_table", "remote_table", "view", "analytic_model"]}}'
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings about some documents, and the result of the run that carried them over."""

    findings: list[Finding]
    run: Mapping[str, Any]


def judge(spaces: Iterable[Space], catalog: EmbeddedCatalog) -> Judgement:
    """Return the findings after a sync into an empty catalog."""
    expected, run = run_over(spaces, catalog)
    return Judgement(judged(expected, glue_tables(catalog)), run)


def run_over(
    spaces: Iterable[Space], catalog: EmbeddedCatalog
) -> tuple[Mapping[Place, Expectation], Mapping[str, Any]]:
    """Sync some spaces; return the facts of their documents, and the result of the run."""
    with EmbeddedTenant(spaces) as tenant, TemporaryDirectory() as folder:
        expected = expected_of(tenant.spaces)
        configuration = Path(folder) / "mapping.json"
        configuration.write_text(EVERYTHING)
        environment = environment_of(tenant, catalog) | {"SYNC_CONFIG_URI": str(configuration)}
        result = lifecycle.execute_run(
            Request, environment, Caller(sleep=lambda _: None), bootstrap
        )
    return expected, result_value(result)


def judged(expected: Mapping[Place, Expectation], tables: Iterable[Table]) -> list[Finding]:
    """Return the findings about Glue tables."""
    return compare(expected, read_tables(tables))


def glue_tables(catalog: EmbeddedCatalog) -> list[dict[str, Any]]:
    """Return all tables of a catalog, as `GetTables` returns them."""
    glue = catalog.client("glue")
    return [
        dict(table)
        for database in glue.get_databases()["DatabaseList"]
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
        for table in page["TableList"]
    ]
