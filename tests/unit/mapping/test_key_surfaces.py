"""Each Glue key of the project reaches each of its surfaces; a failure names surface and file.

Surfaces: a reader, the generated assets of the laws, the reader of Glue tables, `show`, the page.
The reference in the docs is generated from the table.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from datasphere_glue.browse.describe import describe_table
from datasphere_glue.browse.table_text import table_text
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.key import HEAD, JSON, ROW, Codec, Key, Owner
from datasphere_glue.model.table import Table, parameters
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.outcome.packed_asset import packed_asset
from tests.golden.everything import EVERYTHING
from tests.unit.samples import listing, synced, table_in

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "datasphere_glue"
READERS = (
    *sorted((SOURCE / "datasphere").rglob("*.py")),
    SOURCE / "mapping" / "auxiliary.py",
    SOURCE / "mapping" / "governance.py",
)
STRATEGIES = ROOT / "tests" / "laws" / "strategies.py"

OF_ASSETS = [key for key in TABLE_KEYS if key.attribute]
OF_ELEMENTS = [key for key in COLUMN_KEYS if key.attribute]
BOTH = [
    *(pytest.param(key, id=f"table {key.name}") for key in OF_ASSETS),
    *(pytest.param(key, id=f"column {key.name}") for key in OF_ELEMENTS),
]
COVERED_BY_OTHER_KEYS = frozenset({"key", "name"})
"""Column keys that other parameters repeat, or without which there is no column."""


def name_of(key: Key) -> str:
    return key.name


@cache
def stored_table() -> Table:
    """Return the table of an asset with a value for every field, after its deprecation."""
    table = table_in(synced(listing(EVERYTHING)), "am_orders")
    return table.with_parameters(
        status="deprecated", deprecated_on="2026-11-23", deprecated_reason="gone in Datasphere"
    )


def names_in_code(files: Iterable[Path]) -> frozenset[str]:
    """Return every name that code passes by keyword or has as a string."""
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    keywords = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    texts = {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
    return frozenset(keywords | texts)


@cache
def names_in_readers() -> frozenset[str]:
    return names_in_code(READERS)


@cache
def names_in_strategies() -> frozenset[str]:
    return names_in_code([STRATEGIES])


@pytest.mark.parametrize("key", BOTH)
def test_a_reader_fills_the_field(key: Key) -> None:
    assert key.attribute in names_in_readers(), (
        f"reader: nothing in src/datasphere_glue/datasphere/ or mapping/governance.py sets"
        f" {key.attribute}, which {key.full} holds"
    )


@pytest.mark.parametrize("key", BOTH)
def test_the_laws_generate_the_field(key: Key) -> None:
    assert key.attribute in names_in_strategies(), (
        f"laws: tests/laws/strategies.py never generates {key.attribute}, which {key.full} holds"
    )


@pytest.mark.parametrize("key", TABLE_KEYS, ids=name_of)
def test_the_example_asset_has_a_value(key: Key) -> None:
    if key.owner is Owner.ASSET:
        assert stored_table().parameter(key.full), (
            f"example: the asset of tests/golden/everything.py has no value for {key.full}"
        )


@pytest.mark.parametrize("key", OF_ASSETS, ids=name_of)
def test_the_reader_of_tables_reads_the_key(key: Key) -> None:
    table = stored_table()
    rest = {name: value for name, value in table.parameters if name != key.full}
    without = asset_from_table(replace(table, parameters=parameters(rest)))

    assert getattr(asset_from_table(table).asset, str(key.attribute)) not in (None, ()), (
        f"table reader: mapping/from_table.py does not read {key.full}"
    )
    assert without.asset != asset_from_table(table).asset, (
        f"table reader: mapping/from_table.py ignores {key.full}"
    )


@pytest.mark.parametrize("key", OF_ELEMENTS, ids=name_of)
def test_the_reader_of_columns_reads_the_key(key: Key) -> None:
    if key.name in COVERED_BY_OTHER_KEYS:
        return
    table = stored_table()
    bare = replace(
        table,
        columns=tuple(
            replace(c, parameters=tuple(p for p in c.parameters if p[0] != key.full))
            for c in table.columns
        ),
    )

    assert asset_from_table(bare).asset != asset_from_table(table).asset, (
        f"table reader: mapping/from_table.py ignores {key.full} of a column, or no column of"
        " tests/golden/everything.py has it"
    )


@pytest.mark.parametrize("key", TABLE_KEYS, ids=name_of)
def test_show_has_the_key(key: Key) -> None:
    table, asset = stored_table(), asset_from_table(stored_table()).asset
    value = table.parameter(key.full)
    text = table_text(table, asset)
    if value is None:
        return
    if key.codec is not Codec.DIGEST:
        assert key.name in describe_table(table, asset)["context"], (
            f"show: browse/describe.py leaves {key.full} out of --json"
        )
    if key.shown not in {None, HEAD, ROW}:
        assert re.search(rf"^  {key.shown} ", text, re.MULTILINE), (
            f"show: browse/table_text.py has no section {key.shown!r} for {key.full}"
        )
    if key.shown is not None and key.codec is Codec.TEXT:
        line = " ".join(value.split())[:30]
        assert line in " ".join(text.split()), f"show: browse/table_text.py omits {key.full}"


@pytest.mark.parametrize("key", TABLE_KEYS, ids=name_of)
def test_the_page_has_the_keys_of_the_table(key: Key) -> None:
    table = stored_table()
    score = Score(50, *table.asset, table.database, table.name)
    scripts = "\n".join(
        file.read_text("utf-8") for file in (SOURCE / "report" / "page").rglob("*.*js")
    )
    if table.parameter(key.full) is None or key.name == "name":
        return
    assert (key.name in packed_asset(table, score)) is key.page, (
        f"page: outcome/packed_asset.py and model/glue_keys.py differ on {key.full}"
    )
    if key.page and key.codec not in JSON:
        assert re.search(rf"\b{key.name}\b", scripts), (
            f"page: no script of report/page/ shows {key.name}"
        )


def test_every_key_is_unique() -> None:
    for keys in (TABLE_KEYS, COLUMN_KEYS):
        assert len({key.name for key in keys}) == len(keys)
