"""A tenant and a catalog that really serve, and the function between them."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue import bootstrap
from datasphere_glue.events.parsing import parse
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, result_value
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from local.catalog.embedded import EmbeddedCatalog
from local.catalog.store import Snapshot
from local.sample import sample_spaces
from local.setting import environment_of
from local.tenant.embedded import EmbeddedTenant
from local.tenant.store import Space
from tests.functional import unhurried
from tests.functional.eve import Eve, eve_of
from tests.functional.samples import SET_BY_GLUE, small_space, some_spaces, view

__all__ = ["SET_BY_GLUE", "World", "small_space", "some_spaces", "view"]


_FIRST: dict[tuple[str, ...], Snapshot] = {}
"""What the catalog holds after the first run over a world that goes by a name."""


_AFTER: dict[str, tuple[Snapshot, Path]] = {}
"""What the catalog and the folder of reports hold after a first run that goes by a name."""


class World:
    """Everything that a run touches: the tenant, the catalog and the folder of reports.

    Worlds of one `name` begin alike.
    """

    name = ""

    def __init__(self, tenant: EmbeddedTenant, catalog: EmbeddedCatalog, reports: Path) -> None:
        self.tenant = tenant
        self.catalog = catalog
        self.reports = reports
        self.glue = catalog.client("glue")
        self.environment = environment_of(tenant, catalog) | {"REPORT_URI": str(reports)}
        self.run: Result = Result(RunAction.SYNC)

    def sync(
        self, event: Mapping[str, Any] | None = None, until: float = inf, **settings: str
    ) -> dict[str, Any]:
        """Run once, without waiting between tries, and return the result."""
        self.catalog.calls.clear()
        caller = Caller(until, sleep=lambda _: None)
        asked = dict(event or {})
        self.run = lifecycle.execute_run(
            lambda: parse(asked), self.environment | settings, caller, bootstrap
        )
        return result_value(self.run)

    def synced(self, **settings: Any) -> None:
        """Leave the catalog as a first run does; only the first test of a worker needs one."""
        key = (self.name, *settings, *settings.values())
        if key in _FIRST:
            self.catalog.restore(_FIRST[key])
            return
        self.sync(**settings)
        _FIRST[key] = self.catalog.snapshot()

    def after(self, name: str, first_run: Callable[[], object]) -> None:
        """Leave catalog and reports as a first run does; only a worker's first test calls it.

        `name` stands for the tenant's content and for the run: both are equal in each use of it.
        """
        kept = self.reports.with_name("after_first_run")
        if name not in _AFTER:
            first_run()
            shutil.copytree(self.reports, kept)
            _AFTER[name] = (self.catalog.snapshot(), kept)
            return
        catalog, reports = _AFTER[name]
        self.catalog.restore(catalog)
        shutil.copytree(reports, self.reports)

    def report(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the report that a result points to."""
        document: dict[str, Any] = json.loads(Path(answer["report"]).read_text())
        return document

    def audit(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the audit records of a run that tell of changes."""
        lines = Path(answer["report"]).with_name("audit.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        return [record for record in records if record["event"] == "change"]

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


@pytest.fixture(autouse=True)
def no_identity_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep boto3 away from the profiles and the metadata service of whoever runs the tests.

    The environment is the same in each test, so that all share one warm session.
    """
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
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
    """Return the world of the sample tenant, with one of the views that are alike."""
    world = world_of(*sample_spaces(alike=1))
    world.name = "company"
    return world


@pytest.fixture
def shop(world_of: Callable[..., World]) -> World:
    """Return a small world: a space of ten views and a space of two."""
    world = world_of(small_space("SHOP", 10), small_space("STOCK", 2))
    world.name = "shop"
    return world


@pytest.fixture(scope="session")
def prepared(serving: EmbeddedCatalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eve]:
    """Return the world on the eve of a run, prepared once for all tests of a worker."""
    with eve_of(serving, tmp_path_factory.mktemp("eve")) as eve:
        yield eve


@pytest.fixture
def eve(prepared: Eve, monkeypatch: pytest.MonkeyPatch) -> Eve:
    """Return that world as if nothing had happened, with boto3's own chain leading to it."""
    for name, value in {**prepared.catalog.environment, **unhurried.VARIABLES}.items():
        monkeypatch.setenv(name, value)
    prepared.rewind()
    return prepared
