"""`make fidelity FILE=...`: compares the facts of documents with those in Glue after a sync.

FILE is a CSN export, or a folder of recorded answers. An embedded tenant serves it, the function
syncs it into an embedded catalog that refuses what Glue refuses, and the tables are read back from
there. Any fact that only one side has is listed, and ends with exit code 1.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping
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
from local.tenant.files import load_recorded, load_space_from_csn
from local.tenant.store import Space
from tools.fidelity_facts import Fact, of_csn, of_folder, of_glue

SPACE: Final = "EXPORT"
EVERYTHING: Final = (
    '{"version": 1, "selection":'
    ' {"unexposed": ["local_table", "remote_table", "view", "analytic_model"]}}'
)
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """The facts of the documents, those of Glue, and the result of the run between them."""

    source: frozenset[Fact]
    stored: frozenset[Fact]
    run: Mapping[str, Any]

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Return (what, in the documents, in Glue), sorted."""
        one, other = (Counter(fact[0] for fact in facts) for facts in (self.source, self.stored))
        return [(what, one[what], other[what]) for what in sorted({*one, *other})]

    @property
    def lost(self) -> list[Fact]:
        """Return the facts that only one side has, sorted."""
        return sorted(self.source ^ self.stored)


def spaces_of(path: Path) -> tuple[Space, ...]:
    """Return what a tenant holds that serves this export or folder."""
    return load_recorded(path) if path.is_dir() else (load_space_from_csn(path, SPACE),)


def facts_of(path: Path) -> frozenset[Fact]:
    """Return the facts of an export or a folder."""
    if path.is_dir():
        return frozenset(of_folder(path))
    return frozenset(of_csn(json.loads(path.read_text(encoding="utf-8"))))


def compared(path: Path, catalog: EmbeddedCatalog) -> Comparison:
    """Return both sides after a sync into an empty catalog."""
    with EmbeddedTenant(spaces_of(path)) as tenant, TemporaryDirectory() as folder:
        configuration = Path(folder) / "mapping.json"
        configuration.write_text(EVERYTHING)
        environment = environment_of(tenant, catalog) | {"SYNC_CONFIG_URI": str(configuration)}
        result = lifecycle.execute_run(
            Request, environment, Caller(sleep=lambda _: None), bootstrap
        )
    stored = frozenset(of_glue(_tables(catalog)))
    return Comparison(facts_of(path), stored, result_value(result))


def _tables(catalog: EmbeddedCatalog) -> list[dict[str, Any]]:
    glue = catalog.client("glue")
    return [
        table
        for database in glue.get_databases()["DatabaseList"]
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
        for table in page["TableList"]
    ]


def _report(path: Path, comparison: Comparison) -> bool:
    """Print both columns of one comparison; return whether they are equal."""
    counts = comparison.run["counts"]
    print(f"{path.name}: {comparison.run['status']}, {counts['created']} tables created,")
    print(f"  {counts['failed']} failed, {counts['skipped']} skipped")
    print(f"  {'':24}{'source':>8}{'Glue':>8}")
    for what, source, glue in comparison.rows:
        print(f"  {what:24}{source:8}{glue:8}{'' if source == glue else '  DIFFERS'}")
    for fact in comparison.lost[:_SHOWN]:
        print(
            f"  only in {'the source' if fact in comparison.source else 'Glue'}: {' / '.join(fact)}"
        )
    return not comparison.lost and counts["failed"] == counts["skipped"] == 0


def main(paths: Collection[str]) -> int:
    """Print both columns for each path; return 1 when any fact differs or an asset failed."""
    if not paths:
        print("usage: make fidelity FILE=export.json   (or a folder of recorded answers)")
        return 2
    whole = True
    with EmbeddedCatalog() as catalog:
        os.environ |= catalog.environment
        for path in map(Path, paths):
            catalog.reset()
            whole &= _report(path, compared(path, catalog))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
