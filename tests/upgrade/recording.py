"""What an earlier version left behind (see `record`), and the same tenant and catalog again."""

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from datasphere_glue.handler import lambda_handler
from local.catalog.embedded import ACCOUNT, REGION, EmbeddedCatalog
from local.catalog.store import Snapshot, snapshot_of
from local.tenant.csn import Segment
from local.tenant.edmx import Form
from local.tenant.embedded import EmbeddedTenant
from local.tenant.store import Entry, Space

FOLDER = Path(__file__).parent
SET_BY_GLUE = ("VersionId", "UpdateTime", "CreateTime")

Tables = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Recording:
    """The unpacked files of one archive."""

    folder: Path

    @cached_property
    def results(self) -> Mapping[str, Any]:
        """Return the results of the recorded runs by run id."""
        results: Mapping[str, Any] = self._read("recording.json")["results"]
        return results

    def spaces(self, stage: str) -> tuple[Space, ...]:
        """Return what the tenant held at a stage."""
        return tuple(
            Space(
                space["name"],
                space["label"],
                tuple(_entry(**entry) for entry in space["entries"]),
                space["forbidden"],
            )
            for space in self._read(f"{stage}.tenant.json")
        )

    def snapshot(self, stage: str) -> Snapshot:
        """Return what the catalog held at a stage."""
        catalog = self._read(f"{stage}.catalog.json")
        return snapshot_of((ACCOUNT, REGION), catalog["databases"], catalog["tables"])

    def tables(self, stage: str) -> Tables:
        """Return the tables of a stage, without what Glue itself sets."""
        return _by_name(self._read(f"{stage}.catalog.json")["tables"])

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Upgraded:
    """The recorded tenant and catalog, and the function of today between them."""

    recording: Recording
    tenant: EmbeddedTenant
    catalog: EmbeddedCatalog
    reports: Path

    def run(self, **event: Any) -> dict[str, Any]:
        """Run once and return the result; `catalog.calls` are those of this run."""
        self.catalog.calls.clear()
        context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: 900_000, function_name="sync", aws_request_id="2"
        )
        result: dict[str, Any] = lambda_handler(event, context)
        return result

    def tables(self) -> Tables:
        """Return all tables as Glue gives them now, without what Glue itself sets."""
        glue = self.catalog.client("glue")
        return _by_name(
            table
            for database in glue.get_databases()["DatabaseList"]
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
            for table in page["TableList"]
        )


def unpacked(name: str, folder: Path) -> Recording:
    """Unpack an archive into a folder."""
    with tarfile.open(FOLDER / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return Recording(folder)


def _by_name(tables: Any) -> Tables:
    return {
        (table["DatabaseName"], table["Name"]): {
            key: value for key, value in table.items() if key not in SET_BY_GLUE
        }
        for table in tables
    }


def _entry(
    *, segment: str, document: Any, forms: list[str], raw: Mapping[str, str], **fields: Any
) -> Entry:
    return Entry(
        segment=Segment(segment),
        document=lambda: document,
        forms=frozenset(map(Form, forms)),
        raw={Form(form): text for form, text in raw.items()},
        **fields,
    )
