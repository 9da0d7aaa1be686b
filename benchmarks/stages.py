"""CPU per asset of each stage of a run, without any server: `python -m benchmarks.stages SIZE...`.

A tenant of SIZE assets is worked off space by space, as a run does it, until enough assets were.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from benchmarks.tenant import generated
from datasphere_glue.datasphere import catalog, objects
from datasphere_glue.datasphere.asset_reader import AssetReader, AssetToRead
from datasphere_glue.datasphere.definitions import DefinitionPolicy, DefinitionReader, stamp_of
from datasphere_glue.glue.table_input import table_from_glue, table_input
from datasphere_glue.glue.verify import differences
from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.reuse import unchanged_assets
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.plan.diff import diff_space
from datasphere_glue.plan.policy import Policy
from local.tenant.csn import Segment
from local.tenant.edmx import Form
from local.tenant.store import Entry, Space, SpaceStore

if TYPE_CHECKING:
    from datasphere_glue.datasphere.client import DatasphereClient

ENOUGH: Final = 240
"""Assets after which the mean no longer moves."""
ROUNDS: Final = 4
"""Rounds of which the quickest counts: whatever else the machine does only adds."""
PROMISED: Final = ("parse", "map", "diff", "serialise")

_HOST: Final = "tenant.example"
_POLICY: Final = Policy(_HOST, datetime(2026, 1, 1, tzinfo=UTC).date())
_SEGMENTS: Final = {
    Segment.VIEWS: Kind.VIEW,
    Segment.ANALYTIC_MODELS: Kind.ANALYTIC_MODEL,
    Segment.LOCAL_TABLES: Kind.LOCAL_TABLE,
    Segment.REMOTE_TABLES: Kind.REMOTE_TABLE,
}


class _Documents:
    """A client that returns the documents of a space, created in advance."""

    def __init__(self, space: Space) -> None:
        store = SpaceStore((space,), lambda: datetime.now(UTC))
        self._metadata = {
            f"{form}:{entry.name}": store.metadata(entry, form)
            for entry in space.entries
            for form in entry.forms
        }
        self._definitions = {e.name: json.dumps(e.document()).encode() for e in space.entries}

    def get_document(self, url: str, _accept: str = "") -> bytes:
        return self._metadata.get(url) or self._definitions[url.rpartition("/")[2]]


def costs(assets: int, columns: int, spaces: int) -> dict[str, Any]:
    """Return the milliseconds of CPU that an asset takes, by stage, in a tenant of that size."""
    per_space = max(1, assets // spaces)
    chosen = list(islice(generated(assets, columns, spaces), -(-ENOUGH // per_space)))
    read = sum(len(space.entries) for space in chosen)
    rounds = [_round(chosen) for _ in range(ROUNDS)]
    best = {stage: min(one[stage] for one in rounds) * 1000 / read for stage in rounds[0]}
    return {
        "assets": assets,
        "stages_ms": {stage: round(ms, 2) for stage, ms in best.items()},
        "total_ms": round(sum(best[stage] for stage in PROMISED), 2),
    }


def _round(spaces: list[Space]) -> Counter[str]:
    spent: Counter[str] = Counter()
    for space in spaces:
        client = cast("DatasphereClient", _Documents(space))
        _measure(space, AssetReader(client, DefinitionReader(client, DefinitionPolicy())), spent)
    return spent


def _measure(space: Space, reader: AssetReader, spent: Counter[str]) -> None:
    items = [_item(space.name, entry) for entry in space.entries]
    rules, names = Rules(_HOST), frozenset({space.name})
    with _timed(spent, "parse"):
        readings = [reader.read(item, names) for item in items]
    listing = SpaceListing(
        space.name,
        space.label,
        assets=tuple(reading.asset for reading in readings if reading.asset),
        listed=frozenset(item.name for item in items),
        stamps=tuple(
            (i.name, stamp_of(i.listed, exposed=i.exposed is not None, defined=True)) for i in items
        ),
    )
    empty = Catalog()
    with _timed(spent, "map"):
        desired = space_tables(listing, "database", rules, empty)
    with _timed(spent, "diff"):
        plan = diff_space(desired, empty, scope=Scope(), policy=_POLICY)
    tables = [change.after for change in plan.tables if change.after]
    with _timed(spent, "serialise"):
        bodies = [json.dumps(table_input(table)) for table in tables]
    rows = [{**json.loads(body), "DatabaseName": "database", "VersionId": "1"} for body in bodies]
    with _timed(spent, "read the catalog"):
        current = tuple(map(table_from_glue, rows))
    with _timed(spent, "verify"):
        for written, stored in zip(tables, current, strict=True):
            differences(written, stored.table)
    with _timed(spent, "recognise unchanged"):
        unchanged = list(
            unchanged_assets(listing, current, listing.listed, rules.hosts, rules.governance)
        )
    filled = Catalog((desired.database,), current)
    with _timed(spent, "map and diff unchanged"):
        again = space_tables(listing, "database", rules, filled)
        remaining = diff_space(again, filled, scope=Scope(), policy=_POLICY)
    with _timed(spent, "count"):
        _, scores = measure_completeness(space.name, again.tables, rules.governance)
    with _timed(spent, "pack"):
        AssetIndexBuilder()(space.name, "database", zip(again.tables, scores, strict=True))
    if len(unchanged) != len(items) or remaining.tables:
        raise RuntimeError("a second look found changes where there are none")


def _item(space: str, entry: Entry) -> AssetToRead:
    urls = {form: f"{form}:{entry.name}" for form in entry.forms}
    exposed = catalog.ListedAsset(
        space, entry.name, entry.label, urls.get(Form.RELATIONAL), urls.get(Form.ANALYTICAL)
    )
    listed = objects.ListedObject(
        name=entry.name,
        kind=_SEGMENTS[entry.segment],
        label=entry.label,
        status=entry.listing["status"],
        changed_on=entry.listing["changedOn"],
        deployed_on=entry.listing["deployedOn"],
        created_by=entry.listing["createdBy"],
        changed_by=entry.listing["changedBy"],
    )
    return AssetToRead(space, entry.name, exposed if urls else None, listed, read_definition=True)


@contextmanager
def _timed(spent: Counter[str], stage: str) -> Iterator[None]:
    began = time.process_time()
    yield
    # A Counter of seconds, used only for addition.
    spent[stage] += cast("int", time.process_time() - began)


if __name__ == "__main__":
    columns, spaces, *sizes = map(int, sys.argv[1:])
    print(json.dumps([costs(size, columns, spaces) for size in sizes]))
