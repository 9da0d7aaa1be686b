"""Laws of the mapping: names, types, texts and context, for any content of a tenant."""

import re
from dataclasses import replace
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasphere_glue.mapping import text
from datasphere_glue.mapping.bindings import FORMATS, Binding, Files
from datasphere_glue.mapping.databases import database_names
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.names import MAX_LENGTH, glue_name, glue_names, sap_names
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.mapping.types import glue_type
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, CurrentTable
from tests.effort import examples
from tests.laws import strategies

RULES = Rules("acme.eu10.hcs.cloud.sap")
ONE_LINE = re.compile("[\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
MANY_LINES = re.compile("[\t\r\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
ANY_NAME = st.text(st.characters(codec=None), max_size=300)


@given(ANY_NAME)
@example("")
@example("9LIVES")
@example("   ")
@example("日本語")
@example("x" * 1000)
def test_every_name_is_valid_in_athena(name: str) -> None:
    """Athena accepts `[a-z0-9_]`, at most 255; we never start with a digit."""
    assert re.fullmatch(r"[a-z_][a-z0-9_]{0,254}", glue_name(name, "t_"))


@given(st.sets(ANY_NAME, max_size=12))
@example({"Sales", "SALES", "sales"})
@example({"A.B", "A_B", "a b"})
@example({"x" * 300, "x" * 301})
def test_names_are_invertible(names: set[str]) -> None:
    """The exact SAP name can always be recovered from the Glue name."""
    names_by_sap_name = glue_names(names, "c_")

    assert sorted(sap_names(names_by_sap_name).values()) == sorted(names)
    assert all(len(name) <= MAX_LENGTH for name in names_by_sap_name.values())


@given(st.lists(strategies.NAMES, max_size=8), st.randoms())
def test_the_order_of_names_is_irrelevant(names: list[str], random: Random) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)

    assert glue_names(names, "t_") == glue_names(shuffled, "t_")


@given(st.sets(strategies.NAMES, max_size=6), st.sets(strategies.NAMES, max_size=4))
def test_a_new_asset_never_renames_another(first: set[str], newcomers: set[str]) -> None:
    before = glue_names(first, "t_")
    after = glue_names(first | newcomers, "t_", held=before)

    assert {name: after[name] for name in first} == before
    assert len(set(after.values())) == len(after)


ATHENA_TYPE = re.compile(
    r"(boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp"
    r"|decimal\((\d+),(\d+)\)|varchar\((\d+)\))"
)


def assert_valid_type(name: str) -> None:
    if inner := re.fullmatch(r"array<(.*)>", name):
        assert_valid_type(inner[1])
        return
    if inner := re.fullmatch(r"struct<(.*)>", name):
        for field in split_fields(inner[1]):
            field_name, _, field_type = field.partition(":")
            assert re.fullmatch(r"[a-z_][a-z0-9_]*", field_name)
            assert_valid_type(field_type)
        return
    plain = ATHENA_TYPE.fullmatch(name)
    assert plain, name
    if plain[2]:
        assert 1 <= int(plain[2]) <= 38
        assert int(plain[3]) <= int(plain[2])
    if plain[4]:
        assert 1 <= int(plain[4]) <= 65535


def split_fields(text_of_fields: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, char in enumerate(text_of_fields):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            parts.append(text_of_fields[start:place])
            start = place + 1
    return [*parts, text_of_fields[start:]]


@given(strategies.TYPES)
def test_the_type_map_is_total_and_always_valid(sap: SapType) -> None:
    """A type string that Athena cannot parse breaks the whole table (Trino `HiveType.valueOf`)."""
    assert_valid_type(glue_type(sap).name)


@given(strategies.OPTIONAL_TEXT, strategies.OPTIONAL_TEXT)
@example("日" * 200, None)
@example("a\nb\r\nc\u2028d", "x" * 300)
@example("👩‍👩‍👧" * 60, None)
def test_comments_are_within_the_limits_for_any_unicode(
    label: str | None, description: str | None
) -> None:
    """Glue CommentString: one line, at most 255 (counted in UTF-8 bytes, the strictest reading)."""
    fitted = text.comment(label, description)

    assert fitted is None or 0 < len(fitted.encode()) <= 255
    assert fitted is None or ONE_LINE.fullmatch(fitted)


@given(strategies.OPTIONAL_TEXT, strategies.OPTIONAL_TEXT)
@example("x" * 5000, "y" * 5000)
def test_descriptions_are_within_the_limits_for_any_unicode(
    label: str | None, description: str | None
) -> None:
    """Glue DescriptionString: at most 2048, line ends allowed."""
    fitted = text.description(label, description)

    assert fitted is None or 0 < len(fitted.encode()) <= 2048
    assert fitted is None or MANY_LINES.fullmatch(fitted)


@given(strategies.listings())
@examples(25)
def test_every_asset_becomes_a_table_with_its_source_names(
    listings: tuple[SpaceListing, ...],
) -> None:
    for listing, desired in zip(listings, to_tables(listings, RULES, Catalog()), strict=True):
        assert sorted(table.asset for table in desired.tables) == sorted(
            (asset.space, asset.name) for asset in listing.assets
        )
        for table in desired.tables:
            asset = next(a for a in listing.assets if a.name == table.asset[1])
            names = [dict(column.parameters)[PREFIX + "name"] for column in table.columns]
            assert names == [element.name for element in asset.elements]


@given(strategies.listings(), st.randoms())
@examples(25)
def test_the_order_of_listings_and_assets_is_irrelevant(
    listings: tuple[SpaceListing, ...], random: Random
) -> None:
    mixed = [replace(one, assets=tuple(reversed(one.assets))) for one in listings]
    random.shuffle(mixed)
    mapped = {one.space: one for one in to_tables(mixed, RULES, Catalog())}

    for one in to_tables(listings, RULES, Catalog()):
        assert one.tables == mapped[one.space].tables
        assert one.database == mapped[one.space].database


AFFIXES = st.lists(
    st.tuples(st.sampled_from(Kind), st.sampled_from(["a_", "a", "_a", "x9_", "9"])), max_size=4
).map(tuple)
ECHOES = st.sampled_from(["X", "a_X", "a_a_X", "X_a", "a_X_a", "a_X_X", "x", "A_x", "a_X_a_X"])
KINDS_BY_NAME = st.dictionaries(ECHOES | strategies.NAMES, st.sampled_from(Kind), max_size=6)


def listing_of(kinds: dict[str, Kind]) -> SpaceListing:
    assets = tuple(Asset("SALES", name, kind) for name, kind in kinds.items())
    return SpaceListing("SALES", None, assets, frozenset(kinds))


@given(KINDS_BY_NAME, AFFIXES, AFFIXES)
@example(
    {"a_X": Kind.VIEW, "X": Kind.LOCAL_TABLE, "a_X_X": Kind.VIEW}, ((Kind.LOCAL_TABLE, "a_"),), ()
)
@settings(deadline=None)
def test_no_two_assets_share_a_table_for_any_affixes(
    kinds: dict[str, Kind],
    prefixes: tuple[tuple[Kind, str], ...],
    suffixes: tuple[tuple[Kind, str], ...],
) -> None:
    rules = replace(RULES, prefixes=prefixes, suffixes=suffixes)

    (desired,) = to_tables([listing_of(kinds)], rules, Catalog())

    names = [table.name for table in desired.tables]
    assert len(set(names)) == len(names) == len(kinds)
    assert all(re.fullmatch(r"[a-z_][a-z0-9_]{0,254}", name) for name in names)


@given(KINDS_BY_NAME, KINDS_BY_NAME, AFFIXES, AFFIXES)
@examples(25)
def test_a_change_of_affixes_never_renames_a_table(
    kinds: dict[str, Kind],
    newcomers: dict[str, Kind],
    before: tuple[tuple[Kind, str], ...],
    after: tuple[tuple[Kind, str], ...],
) -> None:
    (first,) = to_tables([listing_of(kinds)], replace(RULES, prefixes=before), Catalog())
    catalog = Catalog((first.database,), tuple(CurrentTable(table, "1") for table in first.tables))

    (again,) = to_tables([listing_of(newcomers | kinds)], replace(RULES, prefixes=after), catalog)

    names_before = {table.asset: table.name for table in first.tables}
    names_after = {table.asset: table.name for table in again.tables}
    assert {asset: names_after[asset] for asset in names_before} == names_before
    assert len(set(names_after.values())) == len(names_after)


@given(
    st.lists(ECHOES | strategies.NAMES, unique=True, max_size=6),
    st.dictionaries(ECHOES, st.sampled_from(["x", "x_a", "a_x"]), max_size=4),
)
@example(["A", "B", "x_A"], {"A": "x", "B": "x"})
@settings(deadline=None)
def test_no_two_spaces_share_a_database_for_any_configured_names(
    spaces: list[str], databases: dict[str, str]
) -> None:
    rules = replace(RULES, database_template="{space}", databases=tuple(databases.items()))

    names = database_names(spaces, rules, Catalog())

    assert len(set(names.values())) == len(spaces)


@given(
    strategies.assets("SALES", "T", strategies.SMALL_ASSETS),
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.tuples(strategies.NAMES, st.none() | st.just("date")), max_size=3).map(tuple),
    st.randoms(use_true_random=False),
)
@examples(25)
def test_a_binding_does_not_change_the_asset_of_a_table(
    asset: Asset, form: str, others: tuple[tuple[str, str | None], ...], random: Random
) -> None:
    """Nothing is lost, names are unique, and every partition key has a type with a text form."""
    own = [(element.name, None) for element in asset.elements]
    partitions = tuple(random.sample(own, random.randint(0, len(own)))) + others
    files = Files("s3://lake/{asset}", form, partitions, replicated=True)
    listing = SpaceListing("SALES", None, (asset,), frozenset({"T"}))
    (plain,) = to_tables([listing], RULES, Catalog())
    (bound,) = to_tables([listing], replace(RULES, bindings=(Binding("*", files),)), Catalog())

    (table,) = bound.tables

    assert asset_from_table(table) == asset_from_table(plain.tables[0])
    names = [column.name for column in (*table.columns, *table.partition_keys)]
    assert len(set(names)) == len(names)
    for column in (*table.columns, *table.partition_keys):
        assert_valid_type(column.type)
    assert not [c for c in table.partition_keys if c.type == "binary" or "<" in c.type]
