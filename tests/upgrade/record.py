"""Records what one version of the program leaves behind, for the tests of an upgrade.

    git worktree add ../old COMMIT
    cd ../old
    PYTHONPATH=src:. python /path/to/tests/upgrade/record.py /path/to/tests/upgrade

runs the function of COMMIT against its own embedded tenant and catalog, and writes `sample.tar.xz`
and `thousand.tar.xz` into the folder that the last argument names. It takes about a minute. The
script uses the public contract alone (events, settings, results) and a few names of `local`.

An archive holds `recording.json` (the commit, and the results of the runs by run id), `reports/`
(everything at REPORT_URI), and for each stage `STAGE.tenant.json` and `STAGE.catalog.json`:

    first      after the first run, and a second one that found nothing to do
    labels     after a run that followed a few changes of labels
    divided    after a run that three steps carried out, and that followed other changes
    planned    the tenant changed once more; the plan is stored and not applied
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HOMES = {
    "EmbeddedCatalog": ("local.catalog.embedded", "local.catalog"),
    "EmbeddedTenant": ("local.tenant.embedded", "local.tenant"),
    "environment_of": ("local.setting",),
    "generated": ("benchmarks.tenant",),
    "lambda_handler": ("datasphere_glue.handler",),
    "sample_spaces": ("local.sample",),
}
"""The modules that may define a name, newest first."""

SETTINGS = {
    "SYNC_EXCLUDE": "HR,SALES.V_NEU_VERTEILEN",  # what the sample tenant refuses to show
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
ASSETS, COLUMNS, SPACES = 1_000, 6, 4
CHANGED = 3
"""Assets of each space whose label changes before each run."""


def imported(name: str) -> Any:
    """Return what the recorded version calls by this name."""
    for module in HOMES[name]:
        try:
            return getattr(import_module(module), name)
        except (AttributeError, ImportError):
            continue
    raise ImportError(name)


class Recorder:
    """One tenant and one catalog, and the files of the archive so far."""

    def __init__(self, tenant: Any, catalog: Any, reports: Path) -> None:
        self.tenant = tenant
        self.glue = catalog.client("glue")
        self.reports = reports
        self.results: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.written: dict[str, float] = {}

    def record(self) -> None:
        """Carry out the runs of every stage."""
        self.run({"run_id": "first"})
        self.run({"run_id": "quiet"})
        self.keep("first")
        self.relabel("followed", 0)
        self.run({"run_id": "labels"})
        self.keep("labels")
        self.relabel("divided", CHANGED)
        self.run_divided("divided")
        self.keep("divided")
        self.relabel("planned", 0)
        self.run({"run_id": "planned", "action": "plan"})
        self.keep("planned")

    def run(self, event: Mapping[str, Any]) -> Any:
        """Return the result of one run or step."""
        context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: 900_000, function_name="sync", aws_request_id="1"
        )
        result = imported("lambda_handler")(json.loads(json.dumps(event)), context)
        self.results[event["run_id"]] = result
        print(event, result.get("status"), result.get("counts"))  # noqa: T201 - a tool
        return result

    def run_divided(self, run_id: str) -> None:
        """Do what the state machine does: split, work on each part, finish."""
        event = {"action": "sync", "run_id": run_id}
        split = self.run({**event, "step": "split", "event": {}, "workers": 2, "slice_size": 100})
        for item in split["items"]:
            self.run({**event, "step": "work", "share": split["share"], **item})
        self.run({**event, "step": "finish"})

    def relabel(self, word: str, skipped: int) -> None:
        """Give new labels to a few assets of each space."""
        for space in self.tenant.spaces.spaces():
            readable = [
                entry
                for entry in self.tenant.spaces.entries(space.name)
                if entry.definition and not (space.forbidden or entry.raw)
            ]
            for entry in readable[skipped : skipped + CHANGED]:
                self.tenant.spaces.set_label(space.name, entry.name, f"{entry.label} ({word})")

    def keep(self, stage: str) -> None:
        """Record the tenant and the catalog as they are now."""
        self.files[f"{stage}.tenant.json"] = encoded(list(spaces_of(self.tenant.spaces)))
        databases = self.glue.get_databases()["DatabaseList"]
        pages = self.glue.get_paginator("get_tables")
        tables = [
            table
            for database in databases
            for page in pages.paginate(DatabaseName=database["Name"])
            for table in page["TableList"]
        ]
        self.files[f"{stage}.catalog.json"] = encoded({"databases": databases, "tables": tables})

    def write(self, path: Path) -> None:
        """Write the archive."""
        commit = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()  # noqa: S607 - a developer's own git
        self.files["recording.json"] = encoded({"commit": commit, "results": self.results})
        for file in self.reports.rglob("*"):
            if file.is_file():
                name = f"reports/{file.relative_to(self.reports)}"
                self.files[name] = file.read_bytes()
                self.written[name] = file.stat().st_mtime
        with tarfile.open(path, "w:xz", preset=9) as archive:
            for name, content in sorted(self.files.items()):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                member.mtime = self.written.get(name, 0.0)  # histories go by it
                archive.addfile(member, io.BytesIO(content))


def spaces_of(store: Any) -> Iterator[dict[str, Any]]:
    """Yield every space of a tenant as JSON."""
    for space in store.spaces():
        entries = [entry_of(entry) for entry in store.entries(space.name)]
        yield {
            "name": space.name,
            "label": space.label,
            "forbidden": space.forbidden,
            "entries": entries,
        }


def entry_of(entry: Any) -> dict[str, Any]:
    """Return one object of a tenant as JSON."""
    return {
        "space": entry.space,
        "name": entry.name,
        "segment": entry.segment,
        "label": entry.label,
        "document": entry.document(),
        "forms": sorted(entry.forms),
        "usage": entry.usage,
        "has_parameters": entry.has_parameters,
        "listing": dict(entry.listing),
        "raw": dict(entry.raw),
        "unreadable": entry.unreadable,
    }


def encoded(value: Any) -> bytes:
    """Return JSON in the order of the value; a moment becomes seconds, as Glue sends it."""
    text = json.dumps(value, ensure_ascii=False, default=lambda t: t.timestamp())
    return text.encode()


def record(spaces: Iterable[Any], path: Path) -> None:
    """Record everything about one tenant."""
    with (
        tempfile.TemporaryDirectory() as folder,
        imported("EmbeddedCatalog")() as catalog,
        imported("EmbeddedTenant")(spaces) as tenant,
    ):
        reports = Path(folder) / "reports"
        os.environ |= imported("environment_of")(tenant, catalog)
        os.environ |= SETTINGS | {"REPORT_URI": str(reports)}
        recorder = Recorder(tenant, catalog, reports)
        recorder.record()
        recorder.write(path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    record(imported("sample_spaces")(), target / "sample.tar.xz")
    record(imported("generated")(ASSETS, COLUMNS, SPACES), target / "thousand.tar.xz")
