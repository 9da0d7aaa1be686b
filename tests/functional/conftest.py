"""A tenant and a catalog that really serve, and the function between them."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue import wiring
from datasphere_glue.events import parse
from datasphere_glue.report.run import Run, result
from datasphere_glue.wiring import Door
from local.catalog import EmbeddedCatalog
from local.sample import sample_spaces
from local.setting import environment_of
from local.tenant import EmbeddedTenant
from local.tenant_store import Space, entry_of


class World:
    """Everything that a run touches: the tenant, the catalog and the folder of reports."""

    def __init__(self, tenant: EmbeddedTenant, catalog: EmbeddedCatalog, reports: Path) -> None:
        self.tenant = tenant
        self.catalog = catalog
        self.reports = reports
        self.glue = catalog.client("glue")
        self.environment = environment_of(tenant, catalog) | {"REPORT_URI": str(reports)}
        self.run: Run = Run("none")

    def sync(self, event: Mapping[str, Any] | None = None, **settings: str) -> dict[str, Any]:
        """Run once, without waiting between tries, and return the result."""
        self.catalog.calls.clear()
        door = Door(sleep=lambda _: None)
        asked = dict(event or {})
        self.run, facts = wiring.perform(lambda: parse(asked), self.environment | settings, door)
        return result(self.run, facts)

    def report(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the report that a result points to."""
        return json.loads(Path(answer["report"]).read_text())

    def audit(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the audit records of a run."""
        lines = Path(answer["report"]).with_name("audit.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def tables(self, database: str) -> dict[str, dict[str, Any]]:
        """Return the tables of a database by name, as Glue gives them."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return {table["Name"]: table for page in pages for table in page["TableList"]}

    def everything(self) -> dict[str, dict[str, Any]]:
        """Return all tables of all databases without what Glue itself sets."""
        names = [db["Name"] for db in self.glue.get_databases()["DatabaseList"]]
        return {
            f"{name}.{table}": {k: v for k, v in found.items() if k not in SET_BY_GLUE}
            for name in names
            for table, found in self.tables(name).items()
        }


SET_BY_GLUE = {"CreateTime", "UpdateTime", "VersionId", "CreatedBy", "CatalogId"}


@pytest.fixture(autouse=True)
def no_identity_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep boto3 away from the profiles and the metadata service of whoever runs the tests."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def serving() -> Iterator[EmbeddedCatalog]:
    """Return one catalog for all tests of a worker: starting it costs more than a run."""
    with EmbeddedCatalog() as running:
        yield running


@pytest.fixture
def catalog(serving: EmbeddedCatalog, monkeypatch: pytest.MonkeyPatch) -> EmbeddedCatalog:
    """Return an empty catalog that boto3's own chain leads to."""
    serving.reset()
    for name, value in serving.environment.items():
        monkeypatch.setenv(name, value)
    return serving


@pytest.fixture
def world_of(catalog: EmbeddedCatalog, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Return a function that starts a tenant with the given spaces and gives the world."""
    running: list[EmbeddedTenant] = []

    def start(*spaces: Space) -> World:
        tenant = EmbeddedTenant(spaces).__enter__()
        running.append(tenant)
        return World(tenant, catalog, tmp_path / "reports")

    yield start
    for tenant in running:
        tenant.__exit__(None, None, None)


@pytest.fixture
def company(world_of: Callable[..., World]) -> World:
    """Return the world of the sample tenant."""
    return world_of(*sample_spaces())


@pytest.fixture
def shop(world_of: Callable[..., World]) -> World:
    """Return a small world: two spaces with ten views each."""
    return world_of(small_space("SHOP", 10), small_space("STOCK", 10))


def view(label: str, columns: int = 3) -> dict[str, Any]:
    """Return the definition of a small exposed view."""
    elements: dict[str, Any] = {
        "ID": {"type": "cds.Integer", "key": True, "notNull": True, "@EndUserText.label": "Id"}
    }
    for number in range(1, columns):
        elements[f"C{number}"] = {
            "type": "cds.String",
            "length": 10,
            "@EndUserText.label": f"Column {number}",
        }
    return {
        "kind": "entity",
        "@EndUserText.label": label,
        "@DataWarehouse.consumption.external": True,
        "elements": elements,
        "query": {"SELECT": {"from": {"ref": ["T"]}}},
    }


def small_space(name: str, views: int) -> Space:
    """Return a space with that many small views, `V_00` and on."""
    entries = []
    for number in range(views):
        view_name = f"V_{number:02}"
        document = {"definitions": {view_name: view(f"View {number}")}}
        entries.append(entry_of(name, view_name, document, exposed=True, listing={}))
    return Space(name, f"Space {name}", tuple(entries))
