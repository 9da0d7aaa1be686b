"""Generated spaces, assets and catalogs for the laws."""

from hypothesis import strategies as st

from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    Kind,
    SapType,
    SpaceListing,
    Usage,
    Variable,
)

TEXT = st.text(max_size=40)
ANY_TEXT = st.text(st.characters(codec=None), max_size=80)
NAMES = st.one_of(
    st.sampled_from(["Sales", "SALES", "sales", "/BIC/AZSALES2", "Sold to party", "Größe", "A.B"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=30),
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
PLAIN_TYPES = st.builds(
    SapType,
    name=st.sampled_from([f"Edm.{name}" for name in EDM] + [f"cds.{name}" for name in CDS])
    | st.text(max_size=12),
    length=SIZES,
    precision=st.none() | st.integers(0, 60),
    scale=st.none() | st.integers(0, 60) | st.sampled_from(["variable", "floating"]),
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
ELEMENTS = st.builds(
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
)
HIERARCHIES = st.builds(
    Hierarchy,
    name=NAMES,
    kind=st.sampled_from(["level", "parent_child"]),
    label=OPTIONAL_TEXT,
    levels=st.lists(NAMES, max_size=3).map(tuple),
)
ASSOCIATIONS = st.builds(
    Association,
    name=NAMES,
    target=NAMES,
    target_space=st.none() | NAMES,
    label=OPTIONAL_TEXT,
    pairs=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
)
VARIABLES = st.builds(Variable, name=NAMES, type=PLAIN_TYPES, label=OPTIONAL_TEXT)


@st.composite
def assets(draw: st.DrawFn, space: str, name: str) -> Asset:
    return draw(
        st.builds(
            Asset,
            space=st.just(space),
            name=st.just(name),
            kind=st.sampled_from(Kind),
            label=OPTIONAL_TEXT,
            description=OPTIONAL_TEXT,
            usage=st.none() | st.sampled_from(Usage),
            elements=st.lists(ELEMENTS, max_size=5, unique_by=lambda e: e.name).map(tuple),
            hierarchies=st.lists(HIERARCHIES, max_size=2).map(tuple),
            associations=st.lists(ASSOCIATIONS, max_size=2).map(tuple),
            variables=st.lists(VARIABLES, max_size=1).map(tuple),
            tags=st.lists(TEXT, max_size=2).map(tuple),
        )
    )


@st.composite
def listings(
    draw: st.DrawFn, spaces: tuple[str, ...] = ("SALES", "HR")
) -> tuple[SpaceListing, ...]:
    made = []
    for space in spaces:
        names = draw(st.lists(NAMES, max_size=4, unique=True))
        made.append(
            SpaceListing(
                space=space,
                label=draw(OPTIONAL_TEXT),
                assets=tuple(draw(assets(space, name)) for name in names),
                listed=frozenset(names),
            )
        )
    return tuple(made)
