"""Which version of the reader filled a table, and the reminder to raise it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from datasphere_glue.mapping.records import MEMBERS, RECORDS
from datasphere_glue.model.applied import READER, applied_digests
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.reader_version import (
    COLUMN_KEYS_OF_1,
    FIRST,
    MEMBERS_OF_1,
    READER_VERSION,
    TABLE_KEYS_OF_1,
    reader_of,
)
from datasphere_glue.model.table import Table, canonical_json, parameters
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.plan.merge import initial_table, merge
from tests.golden.everything import EVERYTHING
from tests.unit.samples import asset, listing, synced, table_in

READ: Path = Path(__file__).parents[2] / "golden" / "reader.json"


def surface() -> list[str]:
    """Return every key and every member that this version reads."""
    return sorted(
        [
            *(f"table {key.name}" for key in TABLE_KEYS),
            *(f"column {key.name}" for key in COLUMN_KEYS),
            *(f"{kind.__name__} {one.name}" for kind, of in MEMBERS.items() for one in of),
        ]
    )


def test_a_new_key_or_member_raises_the_version_of_the_reader() -> None:
    """Tables that exist get a new key only if a run reads their assets again."""
    recorded = json.loads(READ.read_text(encoding="utf-8"))

    assert {"version": READER_VERSION, "reads": surface()} == recorded, (
        "raise READER_VERSION in model/reader_version.py if the version in tests/golden/reader.json"
        " was released; then write that file anew:"
        " python -m tests.unit.model.test_reader_version"
    )


def test_the_first_version_is_a_part_of_this_one() -> None:
    assert {key.name for key in TABLE_KEYS} > TABLE_KEYS_OF_1
    assert {key.name for key in COLUMN_KEYS} > COLUMN_KEYS_OF_1
    for codec, members in MEMBERS_OF_1.items():
        assert {one.name for one in MEMBERS[RECORDS[codec]]} >= members


def created(name: str = "V") -> Table:
    return table_in(synced(listing(asset(name))), name.lower())


def of_the_first_version(table: Table) -> Table:
    digests = {path: text for path, text in applied_digests(table).items() if path != READER}
    return table.with_parameters(applied=canonical_json(digests))


def test_a_table_records_the_version_that_created_it() -> None:
    assert reader_of(created()) == READER_VERSION
    assert reader_of(of_the_first_version(created())) == FIRST


def test_a_table_that_holds_new_keys_was_written_by_a_later_version() -> None:
    table = of_the_first_version(created())
    with_sql = table.with_parameters(sql="SELECT 1")
    pairs = parameters({**dict(table.columns[0].parameters), "datasphere.default": "0"})
    with_default = replace(table, columns=(replace(table.columns[0], parameters=pairs),))

    assert reader_of(with_sql) == reader_of(with_default) == READER_VERSION
    assert reader_of(of_the_first_version(table_in(synced(listing(EVERYTHING)), "am_orders"))) > 1


@pytest.mark.parametrize("recorded", ["", "x", "-1", "2.0"])
def test_a_spoilt_record_is_of_the_first_version(recorded: str) -> None:
    digests = applied_digests(created()) | {READER: recorded}
    table = created().with_parameters(applied=canonical_json(digests))

    assert reader_of(table) == FIRST


def test_an_update_leaves_the_record_as_it_is() -> None:
    """What an earlier version approved as a plan stays the same plan."""
    desired = replace(created("V").with_parameters(applied=None), description="Other")
    old = of_the_first_version(created("V"))

    assert reader_of(merge(old, desired).table) == FIRST
    assert reader_of(merge(created("V"), desired).table) == READER_VERSION
    assert reader_of(merge(old, desired, adopted=True).table) == READER_VERSION
    assert reader_of(initial_table(desired)) == READER_VERSION


if __name__ == "__main__":
    document = {"version": READER_VERSION, "reads": surface()}
    READ.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
