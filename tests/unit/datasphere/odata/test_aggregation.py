"""Measures and aggregations that an entity type, its set or the container declare."""

import pytest

from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from tests.unit.datasphere.odata.samples import about, column, container, entity, read, record

VIEW = entity("V", "HEAT", "LOAD", "OVEN", "CUR") + container("V=S.V")
PLACES = ["S.V", "self.V", "S.C/V", "self.C/V", "S.C"]


def view(*annotations: str, target: str = "S.V", more: str = "") -> EntityMetadata:
    return read(VIEW + about(target, *annotations) + more)


def measures(metadata: EntityMetadata) -> dict[str, str | None]:
    return {one.name: one.aggregation for one in metadata.elements if one.measure}


def dimensions(metadata: EntityMetadata) -> list[str]:
    return [one.name for one in metadata.elements if one.dimension]


def annotation(term: str, value: str) -> str:
    return f'<Annotation Term="{term}">{value}</Annotation>'


def collection(*items: str) -> str:
    return f"<Collection>{''.join(items)}</Collection>"


# Custom aggregates


@pytest.mark.parametrize("target", PLACES)
def test_a_custom_aggregate_names_a_measure_wherever_it_stands(target: str) -> None:
    found = view(
        '"Aggregation.CustomAggregate" Qualifier="HEAT" String="Edm.Decimal"', target=target
    )
    assert measures(found) == {"HEAT": None}
    assert (found.custom, column(found, "HEAT").custom) == ((), ())


def test_an_inline_custom_aggregate_of_a_set_or_container_counts() -> None:
    one, two = (
        f'<Annotation Term="Aggregation.CustomAggregate" Qualifier="{name}" String="Edm.Int32"/>'
        for name in ("HEAT", "LOAD")
    )
    sets = f'<EntitySet Name="V" EntityType="S.V">{one}</EntitySet>'
    content = entity("V", "HEAT", "LOAD", "OVEN") + container(more=sets + two)
    assert measures(read(content)) == {"HEAT": None, "LOAD": None}


@pytest.mark.parametrize(
    ("value", "inner", "method"),
    [
        ('String="Edm.Decimal"', '"Aggregation.RecommendedAggregationMethod" String="max"', "MAX"),
        ('String="Edm.Decimal"', '"Aggregation.default" EnumMember="A.B/AVG"', "AVG"),
        ('String="Edm.Decimal"', '"Analytics.AggregationMethod" String="#MIN"', "MIN"),
        ('String="sum"', '"Core.IsURL"', "SUM"),
        ('String="S.Money"', '"Core.IsURL"', None),
    ],
)
def test_a_custom_aggregate_may_say_how_it_aggregates(
    value: str, inner: str, method: str | None
) -> None:
    found = view(
        f'<Annotation Term="Aggregation.CustomAggregate" Qualifier="HEAT" {value}>'
        f"<Annotation Term={inner}/></Annotation>"
    )
    assert measures(found) == {"HEAT": method}


def test_the_context_of_a_custom_aggregate_stays_with_its_measure() -> None:
    context = annotation(
        "Aggregation.ContextDefiningProperties", collection("<PropertyPath>CUR</PropertyPath>")
    )
    found = view(
        '<Annotation Term="Aggregation.CustomAggregate" Qualifier="HEAT" String="Edm.Decimal">'
        f"{context}</Annotation>"
    )
    assert column(found, "HEAT").custom == (("Aggregation.ContextDefiningProperties", '["CUR"]'),)


def test_a_custom_aggregate_that_is_no_column_stays_an_annotation() -> None:
    found = view('"Aggregation.CustomAggregate" Qualifier="GUESS" String="Edm.Decimal"')
    assert measures(found) == {}
    assert found.custom == (("Aggregation.CustomAggregate#GUESS", "Edm.Decimal"),)


def test_what_a_column_says_of_itself_counts_first() -> None:
    custom = '"Aggregation.CustomAggregate" Qualifier="HEAT" String="sum"'
    no = about("S.V/HEAT", '"Analytics.Measure" Bool="false"')
    own = about("S.V/HEAT", '"Aggregation.default" String="MAX"')
    assert measures(view(custom, more=no)) == {}
    assert measures(view(custom, more=own)) == {"HEAT": "MAX"}


# ApplySupported, and the tags of its older form


def applied(*, groupable: str = "", aggregatable: str = "") -> str:
    members = {
        "Transformations": collection("<String>aggregate</String>"),
        "GroupableProperties": groupable,
        "AggregatableProperties": aggregatable,
    }
    written = record(**{key: value for key, value in members.items() if value})
    return annotation("Aggregation.ApplySupported", written)


@pytest.mark.parametrize("target", PLACES[:-1])
def test_what_can_be_aggregated_only_is_a_measure(target: str) -> None:
    found = view(
        applied(
            groupable=collection("<PropertyPath>OVEN</PropertyPath>"),
            aggregatable=collection(
                record(Property='PropertyPath="HEAT"', RecommendedAggregationMethod='String="max"'),
                record(
                    Property='PropertyPath="LOAD"',
                    SupportedAggregationMethods=collection("<String>sum</String>"),
                ),
            ),
        ),
        target=target,
    )
    assert measures(found) == {"HEAT": "MAX", "LOAD": "SUM"}
    assert dimensions(found) == ["OVEN"]
    assert found.custom == ()


@pytest.mark.parametrize(
    "methods",
    [
        {"SupportedAggregationMethods": "<Collection><String>countdistinct</String></Collection>"},
        {"RecommendedAggregationMethod": 'String="countdistinct"'},
    ],
)
def test_what_can_only_be_counted_is_no_measure(methods: dict[str, str]) -> None:
    one = record(Property='PropertyPath="OVEN"', **methods)
    assert measures(view(applied(aggregatable=collection(one)))) == {}


def test_of_several_methods_none_is_the_default() -> None:
    both = collection("<String>min</String>", "<String>max</String>")
    one = record(Property='PropertyPath="HEAT"', SupportedAggregationMethods=both)
    assert measures(view(applied(aggregatable=collection(one)))) == {"HEAT": None}


def test_what_can_be_grouped_by_as_well_is_no_measure() -> None:
    paths = collection("<PropertyPath>HEAT</PropertyPath>")
    found = view(applied(groupable=paths, aggregatable=paths))
    assert (measures(found), dimensions(found)) == ({}, [])


def test_the_tags_of_columns_say_the_same() -> None:
    tags = about("S.V/HEAT", '"Aggregation.Aggregatable"') + about(
        "S.V/OVEN", '"Aggregation.Groupable" Bool="true"'
    )
    found = read(VIEW + tags)
    assert (measures(found), dimensions(found)) == ({"HEAT": None}, ["OVEN"])
    assert [one.semantics for one in found.elements] == [(), (), (), ()]


def test_a_dimension_that_can_be_aggregated_stays_a_dimension() -> None:
    tags = about("S.V/OVEN", '"Analytics.Dimension"', '"Aggregation.Aggregatable"')
    found = read(VIEW + tags)
    assert (measures(found), dimensions(found)) == ({}, ["OVEN"])


# SAP's vocabulary


def aggregated(column_name: str, method: str, name: str = "X") -> str:
    return record(
        Name=f'String="{name}"',
        AggregationMethod=f'String="{method}"',
        AggregatableProperty=f'PropertyPath="{column_name}"',
    )


def qualified(qualifier: str, value: str) -> str:
    term = f'Term="Analytics.AggregatedProperty" Qualifier="{qualifier}"'
    return f"<Annotation {term}>{value}</Annotation>"


@pytest.mark.parametrize(
    "annotations",
    [
        [annotation("Analytics.AggregatedProperties", collection(aggregated("HEAT", "max")))],
        [annotation("Analytics.AggregatedProperty", aggregated("HEAT", "max"))],
        [qualified("MaxHeat", aggregated("HEAT", "max"))],
    ],
)
def test_an_aggregated_property_gives_its_column_the_method(annotations: list[str]) -> None:
    found = view(*annotations)
    assert measures(found) == {"HEAT": "MAX"}
    assert found.custom == ()


def test_a_column_with_two_aggregates_has_no_default_and_both_are_kept() -> None:
    found = view(
        *(qualified(method, aggregated("HEAT", method, method)) for method in ("min", "max"))
    )
    assert measures(found) == {"HEAT": None}
    assert [term for term, _ in found.custom] == [
        "Analytics.AggregatedProperty#max",
        "Analytics.AggregatedProperty#min",
    ]


@pytest.mark.parametrize("one", [aggregated("OVEN", "countdistinct"), aggregated("GONE", "sum")])
def test_a_count_or_an_unknown_column_is_kept_as_an_annotation(one: str) -> None:
    found = view(annotation("Analytics.AggregatedProperty", one))
    assert measures(found) == {}
    assert [term for term, _ in found.custom] == ["Analytics.AggregatedProperty"]


def test_an_analytical_context_gives_roles() -> None:
    context = collection(
        record(Property='PropertyPath="OVEN"', Dimension='Bool="true"'),
        record(Property='PropertyPath="HEAT"', Measure='Bool="true"'),
        record(Property='PropertyPath="LOAD"', AccumulativeMeasure='Bool="true"'),
        record(Property='PropertyPath="CUR"', Measure='Bool="false"'),
    )
    found = view(annotation("Analytics.AnalyticalContext", context))
    assert (set(measures(found)), dimensions(found)) == ({"HEAT", "LOAD"}, ["OVEN"])
    assert found.custom == ()


def test_a_tagged_accumulative_measure_is_a_measure() -> None:
    found = read(VIEW + about("S.V/HEAT", '"Analytics.AccumulativeMeasure"'))
    assert set(measures(found)) == {"HEAT"}
    assert column(found, "HEAT").semantics == ("AccumulativeMeasure",)
