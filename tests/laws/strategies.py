"""Generated spaces, assets and catalogs for the laws."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import (
    AccessControl,
    Affix,
    Association,
    BoundParameter,
    CrossCalculation,
    Hierarchy,
    Load,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType

TEXT = st.text(max_size=40)
ANY_TEXT = st.text(st.characters(codec=None), max_size=80)
NAMES = st.one_of(
    st.sampled_from(["Sales", "SALES", "sales", "/BIC/AZSALES2", "Sold to party", "Größe", "A.B"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
)
OPTIONAL_TEXT = st.none() | ANY_TEXT

EDM = [
    "Boolean", "Byte", "SByte", "Int16", "Int32", "Int64", "Single", "Double", "Decimal", "String",
    "Guid", "Date", "TimeOfDay", "Duration", "DateTimeOffset", "Binary", "Stream", "GeometryPoint",
    "Untyped",
]  # fmt: skip
CDS = [
    "Boolean", "String", "LargeString", "Integer", "Integer64", "Decimal", "DecimalFloat", "Double",
    "Date", "Time", "DateTime", "Timestamp", "Binary", "UUID", "hana.TINYINT", "hana.ST_POINT",
    "hana.SMALLDECIMAL", "hana.REAL", "Nonsense",
]  # fmt: skip
SIZES = st.none() | st.integers(0, 100_000)
ODD = st.sampled_from(["", "max", "-1", "1e3", 'a "b"', "länge", ")", "10"])
"""Facets that are no numbers, as the readers give them."""
PLAIN_TYPES = st.builds(
    SapType,
    name=st.sampled_from([f"Edm.{name}" for name in EDM] + [f"cds.{name}" for name in CDS])
    | st.text(max_size=12),
    length=SIZES | ODD,
    precision=st.none() | st.integers(0, 60) | ODD,
    scale=st.none() | st.integers(0, 60) | st.sampled_from(["variable", "floating"]) | ODD,
    srid=st.none() | st.just("4326"),
)
TYPES = st.recursive(
    PLAIN_TYPES,
    lambda inner: st.one_of(
        st.builds(SapType, name=st.just("Collection"), items=inner),
        st.builds(
            SapType,
            name=st.just("S.Struct"),
            fields=st.lists(st.tuples(NAMES, inner), min_size=1, max_size=3).map(tuple),
        ),
        st.builds(SapType, name=st.just("S.Enum"), items=inner, values=st.just(("ONE", "TWO"))),
    ),
    max_leaves=4,
)
HOSTILE = [
    "plain", "", "a, b", 'say "hi"', "two\nlines\r\n", "👩‍👩‍👧", "مرحبا بالعالم", "{}", "[1]",
    "\u202eevil", "true", "null", "a=b", "\x00", "\ud800 lone", "日本語", "é", "e\u0301", " blank ",
]  # fmt: skip
DIFFICULT_TEXT = st.sampled_from(HOSTILE)
"""Texts that break splitting, quoting or decoding; far faster to draw than arbitrary text."""
SOME_TEXT = st.none() | DIFFICULT_TEXT
WORDS = st.lists(DIFFICULT_TEXT, max_size=2).map(tuple)
NAMED = st.sampled_from(["Sales", "sales", "A.B", "Größe", "/BIC/X", "a,b", "日本語"])
SOME_NAME = st.none() | NAMED
NAME_LISTS = st.lists(NAMED, max_size=2).map(tuple)
PAIRS = st.lists(st.tuples(DIFFICULT_TEXT, DIFFICULT_TEXT), max_size=2).map(tuple)
STAMPS = st.sampled_from([None, "2026-11-01T10:00:00Z"])


@st.composite
def with_some(
    draw: st.DrawFn, /, base: st.SearchStrategy[Any], **fields: st.SearchStrategy[Any]
) -> Any:
    """Return values of `base` with up to two of these fields set; all fields would be slow."""
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=2, unique=True))
    return replace(draw(base), **{name: draw(fields[name]) for name in names})


ORIGINS = st.builds(
    Origin,
    object=NAMED,
    column=NAMED,
    how=st.sampled_from(["direct", "renamed", "computed", "aggregated"]),
)
ENUM_VALUES = st.builds(
    EnumValue, name=NAMED, value=SOME_TEXT, label=SOME_TEXT, description=SOME_TEXT
)
ELEMENTS = with_some(
    st.builds(
        Element,
        name=NAMES,
        type=TYPES,
        label=OPTIONAL_TEXT,
        description=OPTIONAL_TEXT,
        key=st.booleans(),
        nullable=st.none() | st.booleans(),
        dimension=st.booleans(),
        measure=st.booleans(),
        aggregation=st.none() | st.just("SUM"),
        currency=st.none() | NAMES,
        semantics=st.lists(st.sampled_from(["IsCalendarDate", "IsCalendarYear"]), max_size=2).map(
            tuple
        ),
    ),
    attribute=st.booleans(),
    is_text=st.booleans(),
    is_currency=st.booleans(),
    is_unit=st.booleans(),
    unit=SOME_NAME,
    text=SOME_NAME,
    association=SOME_NAME,
    text_association=SOME_NAME,
    custom=PAIRS,
    measure_type=st.sampled_from([None, "BASE", "RESTRICTION", "CALCULATION"]),
    formula=SOME_TEXT,
    hidden=st.booleans(),
    sources=st.lists(st.tuples(NAMED, NAMED, DIFFICULT_TEXT), max_size=2).map(tuple),
    modelled_type=st.none() | TYPES,
    owner=SOME_TEXT,
    steward=SOME_TEXT,
    certification=SOME_TEXT,
    tags=WORDS,
    terms=WORDS,
    currency_value=SOME_TEXT,
    unit_value=SOME_TEXT,
    default=SOME_TEXT,
    values=st.lists(ENUM_VALUES, max_size=2).map(tuple),
    native_type=SOME_TEXT,
    value_range=PAIRS,
    value_help=PAIRS,
    heading=SOME_TEXT,
    hint=SOME_TEXT,
    further_texts=NAME_LISTS,
    spatial=PAIRS,
    integration=PAIRS,
    lineage=st.lists(ORIGINS, max_size=2).map(tuple),
    measure_kind=SOME_TEXT,
    exception_aggregation=SOME_TEXT,
    exception_columns=NAME_LISTS,
    distinct_columns=NAME_LISTS,
    conversion=PAIRS,
    non_additive=st.booleans(),
    personal_data=PAIRS,
    release=PAIRS,
    relationship=PAIRS,
    unread=SOME_TEXT,
)
HIERARCHIES = with_some(
    st.builds(
        Hierarchy,
        name=NAMES,
        kind=st.sampled_from(["level", "parent_child", "external"]),
        label=OPTIONAL_TEXT,
        levels=NAME_LISTS,
    ),
    parent=NAME_LISTS,
    child=NAME_LISTS,
    association=SOME_NAME,
    custom=PAIRS,
)
ASSOCIATIONS = with_some(
    st.builds(
        Association,
        name=NAMES,
        target=NAMES,
        target_space=SOME_NAME,
        label=OPTIONAL_TEXT,
        pairs=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
    ),
    composition=st.booleans(),
    cardinality=st.sampled_from([None, "0..1", "1..*"]),
    custom=PAIRS,
)
VARIABLES = with_some(
    st.builds(Variable, name=NAMES, type=TYPES, label=OPTIONAL_TEXT),
    mandatory=st.none() | st.booleans(),
    default=SOME_TEXT,
    kind=st.sampled_from([None, "StoryFilter"]),
    column=SOME_NAME,
    description=SOME_TEXT,
    custom=PAIRS,
    hidden=st.booleans(),
    usage=st.sampled_from([None, "FILTER", "FORMULA"]),
    selection=st.sampled_from([None, "RANGE"]),
    multiple=st.booleans(),
    derived_from=SOME_NAME,
    derived_column=SOME_NAME,
)
MODEL_SOURCES = st.builds(
    ModelSource,
    role=st.sampled_from(["fact", "dimension"]),
    name=NAMED,
    target_space=NAMED,
    target=NAMED,
    label=SOME_TEXT,
    associations=NAME_LISTS,
    parameters=st.lists(
        st.builds(BoundParameter, name=NAMED, how=SOME_NAME, value=SOME_TEXT, variable=SOME_NAME),
        max_size=1,
    ).map(tuple),
    affix=st.none() | st.builds(Affix, text=NAMED, type=st.just("PREFIX")),
)
CROSS_CALCULATIONS = st.builds(
    CrossCalculation, name=NAMED, label=SOME_TEXT, kind=SOME_NAME, formula=SOME_TEXT
)
ACCESS_CONTROLS = st.builds(AccessControl, name=NAMED, columns=NAME_LISTS, kind=SOME_NAME)
LOADS = st.builds(
    Load,
    kind=st.just("data_flow"),
    name=NAMED,
    sources=NAME_LISTS,
    connection=SOME_NAME,
    system=SOME_NAME,
    mode=SOME_NAME,
    schedule=SOME_TEXT,
    target=SOME_NAME,
    changed_on=STAMPS,
)
GOVERNANCE: dict[str, st.SearchStrategy[Any]] = {
    "owner": SOME_TEXT,
    "steward": SOME_TEXT,
    "certification": SOME_TEXT,
    "terms": WORDS,
    "custom": PAIRS,
    "lineage": NAME_LISTS,
    "changed_on": STAMPS,
    "deployed_on": STAMPS,
    "changed_by": SOME_TEXT,
    "provenance": PAIRS,
    "representative_key": SOME_NAME,
    "key_sequence": NAME_LISTS,
    "remote_connection": SOME_NAME,
    "remote_entity": SOME_NAME,
    "delta": PAIRS,
    "model_sources": st.lists(MODEL_SOURCES, max_size=2).map(tuple),
    "hidden": st.booleans(),
    "object_status": SOME_TEXT,
    "exported": SOME_TEXT,
    "filter": WORDS,
    "sql": SOME_TEXT,
    "cross_calculations": st.lists(CROSS_CALCULATIONS, max_size=2).map(tuple),
    "lineage_complete": st.sampled_from([None, False, True]),
    "indirect_lineage": st.lists(ORIGINS, max_size=2).map(tuple),
    "access_controls": st.lists(ACCESS_CONTROLS, max_size=2).map(tuple),
    "loads": st.lists(LOADS, max_size=2).map(tuple),
    "semantic_key": NAME_LISTS,
    "personal_data": PAIRS,
    "release": PAIRS,
    "relationship": PAIRS,
    "origin": PAIRS,
    "pattern": SOME_NAME,
    "capabilities": NAME_LISTS,
    "dimension_type": SOME_NAME,
    "view_type": SOME_NAME,
    "usage_type": PAIRS,
    "storage": PAIRS,
    "integration": PAIRS,
    "read_only": st.booleans(),
    "composition_root": st.booleans(),
    "hint": SOME_TEXT,
}


def _assets(most: int) -> st.SearchStrategy[Asset]:
    """Return assets without a name, with at most `most` parts of each kind."""
    plain = st.builds(
        Asset,
        space=st.just(""),
        name=st.just(""),
        kind=st.sampled_from(Kind),
        label=OPTIONAL_TEXT,
        description=OPTIONAL_TEXT,
        usage=st.none() | st.sampled_from(Usage),
        elements=st.lists(ELEMENTS, max_size=most, unique_by=lambda e: e.name).map(tuple),
        hierarchies=st.lists(HIERARCHIES, max_size=most // 2).map(tuple),
        associations=st.lists(ASSOCIATIONS, max_size=most // 2).map(tuple),
        variables=st.lists(VARIABLES, max_size=1).map(tuple),
        tags=WORDS,
    )
    return with_some(plain, **GOVERNANCE)


ASSETS = _assets(5)
SMALL_ASSETS = _assets(2)


def assets(
    space: str, name: str, unnamed: st.SearchStrategy[Asset] = ASSETS
) -> st.SearchStrategy[Asset]:
    """Return assets of that name, drawn from assets without one."""
    return unnamed.map(lambda asset: replace(asset, space=space, name=name))


@st.composite
def listings(
    draw: st.DrawFn, spaces: tuple[str, ...] = ("SALES", "HR")
) -> tuple[SpaceListing, ...]:
    space_listings = []
    for space in spaces:
        names = draw(st.lists(NAMES, max_size=4, unique=True))
        space_listings.append(
            SpaceListing(
                space=space,
                label=draw(OPTIONAL_TEXT),
                assets=tuple(draw(assets(space, name)) for name in names),
                listed=frozenset(names),
            )
        )
    return tuple(space_listings)
