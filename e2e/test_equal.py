"""The deployed function does what the same sync does in this process."""

from pathlib import Path

import pytest

from datasphere_glue import bootstrap
from datasphere_glue.events.parsing import parse
from datasphere_glue.outcome.run import result_value
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from e2e.catalog import contents
from e2e.conftest import Stack
from e2e.figures import Figures
from local.catalog.embedded import EmbeddedCatalog
from local.setting import environment_of
from local.tenant.embedded import EmbeddedTenant


def test_deployed_and_in_process_runs_write_equal_tables(
    main: Stack,
    tenant: EmbeddedTenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    figures: Figures,
) -> None:
    main.sync()
    with EmbeddedCatalog() as catalog:
        for name, value in catalog.environment.items():
            monkeypatch.setenv(name, value)
        settings = environment_of(tenant, catalog) | {"REPORT_URI": str(tmp_path)}
        run = lifecycle.execute_run(lambda: parse({}), settings, Caller(), bootstrap)
        assert result_value(run)["counts"]["created"]
        expected = contents(catalog.client("glue"), main.prefix)
    deployed = main.contents()
    assert deployed.keys() == expected.keys()
    assert [name for name in expected if deployed[name] != expected[name]] == []
    figures.add("equal to a run in process", f"{len(expected)} databases and tables")
