"""What the columns of an analytic model take from the columns of their sources."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.completion import needed_sources
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.csn.layers import (
    HARBOURS,
    TRIPS,
    base,
    columns_of,
    completed,
    dimension,
    fact,
    measure,
    model,
)
from tests.unit.datasphere.csn.samples import entity, read

FARE = SapType("cds.Decimal", precision=13, scale=2)
EDM = SapType("Edm.Decimal", precision=13, scale=2)

EXPOSED = fact(
    Port="HARBOUR",
    PortName="HARBOUR_NAME",
    Vessel="SHIP",
    Day="SAILED",
    Currency="CUR",
    Unit="WEIGHT_UNIT",
)
MEASURED = {"Revenue": base("FARE"), "Load": base("CARGO")}


@pytest.mark.parametrize(
    ("column", "field", "value"),
    [
        ("Revenue", "type", FARE),
        ("Revenue", "aggregation", "SUM"),
        ("Revenue", "currency", "Currency"),
        ("Revenue", "label", "Fare"),
        ("Load", "aggregation", "MAX"),
        ("Load", "unit", "Unit"),
        ("Load", "exception_aggregation", "LAST"),
        ("Load", "exception_columns", ("Day", "Vessel")),
        ("Port", "label", "Harbour"),
        ("Port", "description", "Where a trip begins"),
        ("Port", "text", "PortName"),
        ("Port", "association", "_HARBOUR"),
        ("PortName", "is_text", True),
        ("Vessel", "text_association", "_SHIP_TEXT"),
        ("Day", "semantics", ("IsCalendarYearMonth",)),
        ("Currency", "is_currency", True),
        ("Unit", "is_unit", True),
    ],
)
def test_a_column_takes_what_the_exposed_column_says(column: str, field: str, value: Any) -> None:
    assert getattr(columns_of(completed(model(EXPOSED, MEASURED)))[column], field) == value


@pytest.mark.parametrize("column", ["Revenue", "Load", "Port", "Vessel", "Day", "Currency"])
def test_types_of_odata_leave_nothing_else_out(column: str) -> None:
    csn = model(EXPOSED, MEASURED)
    bare = columns_of(completed(csn))[column]
    typed = columns_of(completed(csn, *(Element(name, EDM) for name in (*EXPOSED, *MEASURED))))
    assert typed[column].type == EDM
    assert [getattr(typed[column], f) for f in Element.__slots__ if f != "type"] == [
        getattr(bare, f) for f in Element.__slots__ if f != "type"
    ]


@pytest.mark.parametrize(
    ("annotations", "field", "value"),
    [
        ({"@EndUserText.label": "Own"}, "label", "Own"),
        ({"@Aggregation.default": {"#": "MIN"}}, "aggregation", "MIN"),
        ({"@Semantics.amount.currencyCode": {"=": "Port"}}, "currency", "Port"),
        ({"type": "cds.Double"}, "type", SapType("cds.Double")),
        ({"@EndUserText.quickInfo": "Own"}, "description", "Own"),
    ],
)
def test_what_the_model_says_itself_comes_first(
    annotations: dict[str, Any], field: str, value: Any
) -> None:
    csn = model(EXPOSED, MEASURED, elements={"Revenue": annotations})
    assert getattr(columns_of(completed(csn))["Revenue"], field) == value


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        (fact(Port="HARBOUR"), "text"),
        (fact(Port="HARBOUR", Currency="WEIGHT_UNIT"), "text"),
        (fact(Revenue="FARE"), "aggregation"),
        (fact(Load="CARGO", Unit="CUR"), "unit"),
        (fact(Load="CARGO"), "exception_columns"),
    ],
)
def test_a_link_to_a_column_that_is_not_shown_is_left_out(
    attributes: dict[str, Any], field: str
) -> None:
    (column, *_) = completed(model(attributes)).asset.elements
    assert not getattr(column, field)


def test_a_currency_that_is_not_shown_is_said() -> None:
    definition = completed(model(measures={"Revenue": base("FARE"), "Load": base("CARGO")}))
    assert definition.notes == (
        "these currencies and units are not in the model: CUR of Revenue, WEIGHT_UNIT of Load",
    )


def test_two_uses_of_one_dimension_keep_their_own_texts() -> None:
    sources = {key: {"dataEntity": {"key": "HARBOURS"}} for key in ("FROM", "TO")}
    attributes = {
        **dimension("FROM", FromTown="TOWN", FromName="TOWN_NAME"),
        **dimension("TO", ToTown="TOWN", ToName="TOWN_NAME"),
    }
    columns = columns_of(completed(model(attributes, sources=sources)))
    assert (columns["FromTown"].text, columns["ToTown"].text) == ("FromName", "ToName")
    assert columns["ToName"].label == "Town"


@pytest.mark.parametrize(
    ("steps", "shown", "expected"),
    [
        ({"D": ["_HARBOUR"]}, "D", "Local"),
        ({"D": ["_HARBOUR", "_LAND"]}, "D", None),
        ({"D": ["_SHIP"]}, "D", None),
        ({"D": []}, "D", None),
        ({"D": ["_HARBOUR"], "E": ["_HARBOUR"]}, "D", None),
        ({"D": ["_HARBOUR"], "E": ["_SHIP"]}, "D", "Local"),
        ({"D": ["_HARBOUR"], "E": ["_SHIP"]}, "E", None),
    ],
)
def test_a_currency_of_a_dimension_is_linked_by_its_path_in_the_fact(
    steps: dict[str, list[str]], shown: str, expected: str | None
) -> None:
    sources = {
        key: {
            "dataEntity": {"key": "HARBOURS"},
            "associationContexts": [{"sourceKey": "T", "associationSteps": path}],
        }
        for key, path in steps.items()
    }
    fare = {**TRIPS["FARE"], "@Semantics.amount.currencyCode": {"=": "_HARBOUR.MONEY"}}
    csn = model(dimension(shown, Local="MONEY"), {"Revenue": base("FARE")}, sources=sources)
    money = {**HARBOURS, "MONEY": {"type": "cds.String", "length": 5}}
    columns = columns_of(completed(csn, TRIPS={**TRIPS, "FARE": fare}, HARBOURS=money))
    assert columns["Revenue"].currency == expected


def test_the_first_column_that_shows_a_currency_is_linked() -> None:
    attributes = fact(Money="CUR", Again="CUR")
    columns = columns_of(completed(model(attributes, {"Revenue": base("FARE")})))
    assert columns["Revenue"].currency == "Money"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({}, "_HARBOUR"),
        ({"_HARBOUR": "Port"}, "_HARBOUR"),
        ({"_HARBOUR∞0": "Port"}, "_HARBOUR∞0"),
        ({"_OTHER": "Port"}, "_OTHER"),
        ({"_OTHER": "Day"}, "_HARBOUR"),
        ({"_OTHER": "Port", "_HARBOUR∞D1": "Port"}, "_HARBOUR∞D1"),
    ],
)
def test_a_foreign_key_has_the_name_of_the_model(links: dict[str, str], expected: str) -> None:
    elements = {
        name: {
            "type": "cds.Association",
            "target": "HARBOURS",
            "on": [{"ref": [column]}, "=", {"ref": [name, "ID"]}],
        }
        for name, column in links.items()
    }
    csn = model(fact(Port="HARBOUR", Day="SAILED"), elements=elements)
    assert columns_of(completed(csn))["Port"].association == expected


# Restricted, calculated and other measures


def derived(kind: str, **more: Any) -> dict[str, Element]:
    measures = {**MEASURED, "M": measure(kind, **more)}
    return columns_of(completed(model(EXPOSED, measures)))


@pytest.mark.parametrize(
    "more",
    [
        {"key": "Revenue", "formulaRaw": "Port = 'KIEL'"},
        {"key": "Revenue"},
        {"baseMeasure": "Revenue", "formula": "[0] = 1", "elements": {"0": {"key": "Port"}}},
        {"key": {"key": "Revenue"}},
        {"key": "Revenue", "text": "Revenue of Kiel", "isAuxiliary": True},
    ],
)
def test_a_restricted_measure_takes_from_its_base(more: dict[str, Any]) -> None:
    one = derived("RestrictedMeasure", **more)["M"]
    assert (one.type, one.aggregation, one.currency) == (FARE, "SUM", "Currency")
    assert (one.label, one.description) == (more.get("text"), None)


def test_a_restriction_of_a_restriction_takes_from_the_first_base() -> None:
    measures = {
        "C": measure("RestrictedMeasure", key="B"),
        "B": measure("RestrictedMeasure", key="A"),
        "A": base("CARGO"),
    }
    one = columns_of(completed(model(EXPOSED, measures)))["C"]
    assert (one.type.name, one.aggregation, one.unit) == ("cds.Integer", "MAX", "Unit")
    assert (one.exception_aggregation, one.exception_columns) == ("LAST", ("Day", "Vessel"))


def test_measures_that_restrict_each_other_have_no_type() -> None:
    measures = {
        "A": measure("RestrictedMeasure", key="B"),
        "B": measure("RestrictedMeasure", key="A"),
    }
    definition = completed(model(measures=measures))
    assert [element.type for element in definition.asset.elements] == [UNTYPED, UNTYPED]
    assert "the type of column A is not known" in definition.notes


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("Revenue / Load", "cds.Double"),
        ("Load * 2", "cds.Integer64"),
        ("Load + Load - 1", "cds.Integer64"),
        ("Revenue - Revenue", "cds.Decimal"),
        ('"Revenue" * 0.19', "cds.Double"),
        ("IF([Load] > 5, [Revenue], 0)", "cds.Double"),
    ],
)
def test_a_calculated_measure_is_a_number_without_an_aggregation(
    formula: str, expected: str
) -> None:
    one = derived("CalculatedMeasure", formulaRaw=formula)["M"]
    assert one.type.name == expected
    assert (one.aggregation, one.currency, one.unit, one.unread) == (None, None, None, None)


@pytest.mark.parametrize(
    "more",
    [
        {"formulaRaw": "Revenue / Unheard"},
        {"formulaRaw": "Revenue / M"},
        {"formula": "[0] + [1]", "elements": {"0": {"key": "Lost"}}},
        {},
        {"formulaRaw": ""},
    ],
)
def test_a_calculated_measure_over_something_unknown_says_so(more: dict[str, Any]) -> None:
    measures = {**MEASURED, "Lost": base("NOWHERE"), "M": measure("CalculatedMeasure", **more)}
    definition = completed(model(EXPOSED, measures))
    one = columns_of(definition)["M"]
    assert (one.type, one.unread) == (UNTYPED, "its type is not known; kept as text")
    assert "the type of column M is not known" in definition.notes


def test_a_formula_may_use_a_measure_that_is_no_column() -> None:
    csn = model(EXPOSED, {**MEASURED, "M": measure("CalculatedMeasure", formulaRaw="Aux * 2")})
    csn["businessLayerDefinitions"]["V"]["measures"]["Aux"] = base("CARGO", isAuxiliary=True)
    definition = completed(csn)
    assert columns_of(definition)["M"].type == SapType("cds.Integer64")
    assert "Aux" not in columns_of(definition)


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("CountDistinct", {"countDistinctAttributes": ["Port"]}, "cds.Integer64"),
        ("CountDistinctMeasure", {"attributes": [{"key": "Port"}]}, "cds.Integer64"),
        ("CurrencyConversionMeasure", {"key": "Revenue"}, "cds.Decimal"),
        ("UnitConversionMeasure", {"key": "Load"}, "cds.Integer"),
        ("NonCumulativeMeasure", {"key": "Load"}, "cds.Integer"),
    ],
)
def test_a_measure_of_another_kind_is_a_number(
    kind: str, more: dict[str, Any], expected: str
) -> None:
    assert derived(kind, **more)["M"].type.name == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"targetCurrency": "CHF"}, (None, "CHF")),
        ({"targetCurrency": {"type": "x.ConstantValue", "value": "CHF"}}, (None, "CHF")),
        ({"targetCurrency": "Money", "targetCurrencyType": "x.Attribute"}, ("Money", None)),
        ({"targetCurrency": {"key": "Money"}}, ("Money", None)),
        ({"targetCurrency": "P_CUR", "targetCurrencyType": "x.Variable"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_a_converted_amount_has_the_currency_that_it_is_converted_to(
    target: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    attributes = fact(Currency="CUR", Money="CUR")
    measures = {
        "Revenue": base("FARE"),
        "M": measure("CurrencyConversionMeasure", key="Revenue", **target),
    }
    one = columns_of(completed(model(attributes, measures)))["M"]
    assert (one.currency, one.currency_value) == expected
    assert one.aggregation == "SUM"


def test_a_count_of_texts_is_a_number() -> None:
    trips = {"GUEST": {"type": "cds.String", "@Aggregation.default": {"#": "COUNT"}}}
    definition = completed(model(measures={"Guests": base("GUEST")}), TRIPS=trips)
    assert columns_of(definition)["Guests"].type == SapType("cds.Integer64")


def test_an_attribute_that_exposes_a_measure_has_no_aggregation() -> None:
    one = columns_of(completed(model(fact(Fare="FARE", Currency="CUR"))))["Fare"]
    assert (one.type, one.aggregation, one.currency) == (FARE, None, "Currency")


# Sources of sources, and gaps


@pytest.mark.parametrize("depth", [1, 2, 5, 12])
def test_a_model_on_models_takes_from_the_fact_at_the_bottom(depth: int) -> None:
    models: dict[str, Any] = {
        "M0": model(
            fact(C0="CUR", H0="HARBOUR", N0="HARBOUR_NAME"), {"A0": base("FARE")}, name="M0"
        )
    }
    for n in range(1, depth + 1):
        below = n - 1
        attributes = fact(**{f"C{n}": f"C{below}", f"H{n}": f"H{below}", f"N{n}": f"N{below}"})
        models[f"M{n}"] = model(
            attributes, {f"A{n}": base(f"A{below}")}, name=f"M{n}", fact_source=f"M{below}"
        )
    top = models.pop(f"M{depth}")
    columns = columns_of(completed(top, name=f"M{depth}", **models))
    amount = columns[f"A{depth}"]
    assert (amount.type, amount.aggregation, amount.currency) == (FARE, "SUM", f"C{depth}")
    assert columns[f"H{depth}"].text == f"N{depth}"
    assert columns[f"C{depth}"].is_currency


def test_a_calculated_measure_of_a_model_below_keeps_its_type() -> None:
    below = model(
        measures={**MEASURED, "Mean": measure("CalculatedMeasure", formulaRaw="Revenue / Load")},
        name="BELOW",
    )
    top = completed(model(measures={"M": base("Mean")}, fact_source="BELOW"), BELOW=below)
    assert columns_of(top)["M"].type == SapType("cds.Double")


def test_models_that_are_built_on_each_other_end() -> None:
    other = model(fact(B="A"), name="OTHER", fact_source="V")
    definition = completed(model(fact(A="B"), fact_source="OTHER"), OTHER=other)
    assert columns_of(definition)["A"].type == UNTYPED


@pytest.mark.parametrize(
    ("entities", "note"),
    [
        ({"TRIPS": None}, "the definitions of these sources cannot be read: SALES.TRIPS"),
        ({"TRIPS": {}}, "these columns are not in their source: SALES.TRIPS.HARBOUR"),
        ({"TRIPS": {"HARBOUR": {}}}, "the type of column Port is not known"),
    ],
)
def test_what_cannot_be_resolved_is_said(entities: dict[str, Any], note: str) -> None:
    definition = completed(model(fact(Port="HARBOUR")), **entities)
    assert note in definition.notes
    assert columns_of(definition)["Port"].unread == "its type is not known; kept as text"


def test_a_lost_source_is_said_even_if_odata_has_the_types() -> None:
    definition = completed(model(fact(Port="HARBOUR")), Element("Port", EDM), TRIPS=None)
    assert definition.notes == ("the definitions of these sources cannot be read: SALES.TRIPS",)
    assert columns_of(definition)["Port"].unread is None


def test_a_lost_source_of_a_source_is_said() -> None:
    below = model(fact(B="HARBOUR"), name="BELOW")
    top = completed(model(fact(A="B"), fact_source="BELOW"), BELOW=below, TRIPS=None)
    assert "the definitions of these sources cannot be read: SALES.TRIPS" in top.notes


def test_a_view_takes_nothing_from_what_it_reads() -> None:
    definition = completed(
        {"definitions": {"V": entity({"FARE": {"type": "cds.Double"}})}}, TRIPS=TRIPS
    )
    assert definition == read({"definitions": {"V": entity({"FARE": {"type": "cds.Double"}})}})


def test_a_column_behind_an_association_takes_from_its_target() -> None:
    elements = {
        "_PORT": {"type": "cds.Association", "target": "HARBOURS"},
        "PortTown": {"@Analytics.navigationAttributeRef": ["_PORT", "TOWN"]},
        "PortTownName": {"@Analytics.navigationAttributeRef": ["_PORT", "TOWN_NAME"]},
    }
    columns = columns_of(completed({"definitions": {"V": entity(elements)}}, HARBOURS=HARBOURS))
    assert columns["PortTown"].type == SapType("cds.String")
    assert columns["PortTown"].text == "PortTownName"
    assert columns["PortTownName"].label == "Town"


def test_the_sources_of_columns_and_of_parameters_are_needed_once() -> None:
    sources = {"D": {"dataEntity": {"key": "HARBOURS"}}, "E": {"dataEntity": {"key": "UNUSED"}}}
    csn = model({**EXPOSED, **dimension("D", Town="TOWN")}, MEASURED, sources=sources)
    assert set(needed_sources(read(csn))) == {("SALES", "TRIPS"), ("SALES", "HARBOURS")}
    layer = csn["businessLayerDefinitions"]["V"]["sourceModel"]["dimensionSources"]["E"]
    layer["parameterMappings"] = {"P": {"constantValue": "1"}}
    assert ("SALES", "UNUSED") in needed_sources(read(csn))


# Lineage of measures that are made from others


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (measure("RestrictedMeasure", key="Revenue"), [("FARE", "computed")]),
        (measure("CurrencyConversionMeasure", key="Revenue"), [("FARE", "computed")]),
        (
            measure("CalculatedMeasure", formulaRaw="Revenue / Load"),
            [("FARE", "computed"), ("CARGO", "computed")],
        ),
        (
            measure("CalculatedMeasure", formulaRaw="Part * 2 + Aux"),
            [("FARE", "computed"), ("CUR", "computed")],
        ),
        (
            measure("CountDistinct", countDistinctAttributes=["Port", "Day"]),
            [("HARBOUR", "aggregated"), ("SAILED", "aggregated")],
        ),
        (measure("CalculatedMeasure", formulaRaw="1"), []),
        (base("FARE"), []),
    ],
)
def test_a_measure_made_from_others_names_the_columns_behind_them(
    part: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    measures = {**MEASURED, "Part": measure("RestrictedMeasure", key="Revenue"), "M": part}
    csn = model(EXPOSED, measures)
    csn["businessLayerDefinitions"]["V"]["measures"]["Aux"] = base("CUR")
    lineage = columns_of(completed(csn))["M"].lineage
    assert lineage == tuple(Origin("SALES.TRIPS", column, how) for column, how in expected)


def test_measures_that_are_made_from_each_other_end() -> None:
    measures = {
        "A": measure("CalculatedMeasure", formulaRaw="B + C"),
        "B": measure("CalculatedMeasure", formulaRaw="A + C"),
        "C": base("CARGO"),
    }
    columns = columns_of(completed(model(EXPOSED, measures)))
    assert [columns[name].lineage for name in "AB"] == [
        (Origin("SALES.TRIPS", "CARGO", "computed"),)
    ] * 2


# Queries that are not compiled


def projection(elements: dict[str, Any], *columns: Any) -> dict[str, Any]:
    query = {"SELECT": {"from": {"ref": ["TRIPS"]}, "columns": list(columns)}}
    return {"definitions": {"V": entity(elements, query=query)}}


@pytest.mark.parametrize(
    ("element", "column", "expected"),
    [
        ({}, {"ref": ["HARBOUR"], "as": "C"}, (SapType("cds.String", length=4), "Harbour")),
        (
            {},
            {"ref": ["TRIPS", "HARBOUR"], "as": "C"},
            (SapType("cds.String", length=4), "Harbour"),
        ),
        ({"type": "cds.Double"}, {"ref": ["HARBOUR"], "as": "C"}, (SapType("cds.Double"), None)),
        ({}, {"xpr": [{"ref": ["FARE"]}, "+", {"val": 1}], "as": "C"}, (UNTYPED, None)),
        ({"type": 7}, {"ref": ["HARBOUR"], "as": "C"}, (UNTYPED, None)),
    ],
)
def test_a_column_of_a_query_without_types_is_the_column_that_it_names(
    element: dict[str, Any], column: dict[str, Any], expected: tuple[SapType, str | None]
) -> None:
    one = columns_of(completed(projection({"C": element}, column)))["C"]
    assert (one.type, one.label) == expected
