"""Variables: one for each name, with what parameters, annotations and layer say of it."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.model.asset_parts import Variable
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.csn.layers import base, completed, fact, model
from tests.unit.datasphere.csn.samples import entity, read

TEXT = SapType("cds.String")
TERM = "@AnalyticsDetails.variable."
KIND = "AnalyticModelParameterType."
PROCESSING = "AnalyticModelVariableProcessingType."
SELECTION = "AnalyticModelVariableSelectionType."


def of_parameter(**parameter: Any) -> Variable:
    """Return the variable of a view with one parameter."""
    csn = {"definitions": {"V": entity({}, params={"P": parameter})}}
    (variable,) = read(csn).asset.variables
    return variable


def of_layer(parameter: dict[str, Any] | None = None, **part: Any) -> Variable:
    """Return the variable of a model that its layer, and maybe a parameter, describe."""
    params = None if parameter is None else {"P": parameter}
    csn = model(fact(Port="HARBOUR"), params=params, variables={"P": part})
    (variable,) = read(csn).asset.variables
    return variable


# Mandatory and default


@pytest.mark.parametrize(
    ("parameter", "mandatory", "default"),
    [
        ({"type": "cds.String"}, True, None),
        ({"default": {"val": "EN"}}, False, "EN"),
        ({"default": "20300131"}, False, "20300131"),
        ({"default": {"val": 0}}, False, "0"),
        ({"default": {"val": False}}, False, "false"),
        ({"default": {"val": ""}}, False, ""),
        ({"default": {"val": None}}, True, None),
        ({"default": {"func": "now"}}, False, "now"),
        ({"defaultValue": "X"}, False, "X"),
        ({TERM + "defaultRanges": [{"low": "1"}]}, False, '[{"low":"1"}]'),
        ({"@Consumption.defaultValue": "X"}, False, "X"),
        ({TERM + "mandatory": False}, False, None),
        ({TERM + "mandatory": True, "default": "X"}, True, "X"),
        ({TERM + "mandatory": "true", "default": "X"}, True, "X"),
        ({TERM + "mandatory": {"#": "FALSE"}}, False, None),
        ({"@AnalyticsDetails": {"variable": {"mandatory": False}}}, False, None),
        ({"@Consumption.filter.mandatory": False}, False, None),
        ({"@Consumption.derivation.lookupEntity": {"=": "LAST"}}, False, None),
    ],
)
def test_a_parameter_is_mandatory_unless_something_says_or_gives_a_value(
    parameter: dict[str, Any],
    mandatory: bool,  # noqa: FBT001
    default: str | None,
) -> None:
    variable = of_parameter(**parameter)
    assert (variable.mandatory, variable.default) == (mandatory, default)


@pytest.mark.parametrize(
    ("parameter", "part", "mandatory"),
    [
        ({}, {"mandatory": False}, False),
        ({"default": "1"}, {"mandatory": True}, True),
        ({TERM + "mandatory": True}, {"mandatory": False}, False),
        ({TERM + "mandatory": False}, {}, False),
        ({}, {"defaultValue": "2030-01-31"}, False),
        ({}, {}, True),
        ({}, {"lookupEntity": "BEST"}, False),
        (None, {"parameterType": KIND + "Input"}, True),
        (None, {"parameterType": KIND + "Input", "defaultValue": "1"}, False),
        (None, {"parameterType": KIND + "StoryFilter"}, None),
        (None, {"parameterType": KIND + "StoryFilter", "mandatory": "true"}, True),
    ],
)
def test_the_layer_comes_before_the_annotation_and_the_default(
    parameter: dict[str, Any] | None,
    part: dict[str, Any],
    mandatory: bool | None,  # noqa: FBT001
) -> None:
    assert of_layer(parameter, **part).mandatory is mandatory


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("DE", "DE"),
        (7, "7"),
        ({"value": "DE"}, "DE"),
        ([{"low": "A", "high": "C"}], '[{"high":"C","low":"A"}]'),
        ("", ""),
        ([], None),
        (None, None),
    ],
)
def test_a_default_of_the_layer_is_text(default: Any, expected: str | None) -> None:
    assert of_layer(defaultValue=default).default == expected
    assert of_layer({"default": "other"}, defaultValue=default).default == (
        "other" if expected is None else expected
    )


@pytest.mark.parametrize(
    ("part", "default", "custom"),
    [
        ({"default": "DE"}, "DE", ()),
        ({"defaultValue": [], "default": 0}, "0", ()),
        ({"defaultRanges": [{"low": "1"}]}, '[{"low":"1"}]', ()),
        ({"defaultRangeValues": [{"low": "1"}]}, '[{"low":"1"}]', ()),
        (
            {"defaultValue": "2", "defaultRanges": [{"low": "1"}]},
            "2",
            (("defaultRanges", '[{"low":"1"}]'),),
        ),
    ],
)
def test_a_default_of_the_layer_has_several_names(
    part: dict[str, Any], default: str, custom: tuple[tuple[str, str], ...]
) -> None:
    variable = of_layer(parameterType=KIND + "Input", **part)
    assert (variable.default, variable.custom) == (default, custom)
    assert variable.mandatory is False


# Kinds


@pytest.mark.parametrize("kind", ["Input", "Filter", "StoryFilter", "KeyDate", "Currency"])
def test_a_variable_keeps_its_kind(kind: str) -> None:
    assert of_layer(parameterType=KIND + kind).kind == kind
    assert of_layer(variableType="AnalyticModelVariableType." + kind).kind == kind
    both = of_layer(parameterType=KIND + kind, variableType="x.Other")
    assert (both.kind, dict(both.custom)) == (kind, {"variableType": "x.Other"})


@pytest.mark.parametrize(
    ("parameter", "part", "selection", "multiple"),
    [
        ({TERM + "selectionType": {"#": "RANGE"}, TERM + "multipleSelections": True}, {}, 1, True),
        ({TERM + "selectionType": "#RANGE"}, {}, 1, False),
        ({}, {"selectionType": SELECTION + "RANGE", "multipleSelections": True}, 1, True),
        ({}, {"selectionType": SELECTION + "RANGE", "multipleSelections": "true"}, 1, True),
        ({}, {"selectionType": SELECTION + "Range", "multipleSelections": False}, 1, False),
        ({TERM + "multipleSelections": True}, {"multipleSelections": False}, 0, True),
        ({TERM + "multipleSelections": "true"}, {}, 0, True),
        ({"@Consumption.filter": {"selectionType": {"#": "RANGE"}}}, {}, 1, False),
        ({}, {}, 0, False),
    ],
)
def test_ranges_and_several_values(
    parameter: dict[str, Any],
    part: dict[str, Any],
    selection: int,
    multiple: bool,  # noqa: FBT001
) -> None:
    variable = of_layer(parameter, **part)
    assert (variable.selection, variable.multiple) == ("RANGE" if selection else None, multiple)
    assert variable.custom == ()


@pytest.mark.parametrize("word", ["SINGLE", "INTERVAL", "RANGE", "HIERARCHY_NODE"])
def test_each_selection_is_kept(word: str) -> None:
    assert of_layer(selectionType=SELECTION + word).selection == word
    assert of_parameter(**{TERM + "selectionType": {"#": word}}).selection == word


@pytest.mark.parametrize("word", ["FILTER", "FORMULA", "PARAMETER", "HIERARCHY_NODE", "OTHER"])
def test_the_usage_of_the_annotation_is_kept(word: str) -> None:
    usage = {TERM + "usageType": {"#": word}}
    assert of_parameter(**usage).usage == word
    assert of_layer(usage, parameterType=KIND + "Filter").usage == word
    assert of_layer(usageType="x." + word).usage == word


@pytest.mark.parametrize(
    ("parameter", "part"),
    [
        ({TERM + "referenceElement": {"=": "Port"}}, {}),
        ({TERM + "referenceElement": "Port"}, {}),
        ({}, {"referenceAttribute": "Port"}),
        ({}, {"referenceAttribute": {"key": "Port"}}),
        ({TERM + "referenceElement": {"=": "Other"}}, {"referenceAttribute": "Port"}),
    ],
)
def test_a_filter_variable_names_its_column(
    parameter: dict[str, Any], part: dict[str, Any]
) -> None:
    assert of_layer(parameter, **part).column == "Port"


@pytest.mark.parametrize(
    ("parameter", "part", "hidden"),
    [
        ({"@Analytics.variable.hidden": True}, {}, True),
        ({"@AnalyticsDetails.variable.hidden": True}, {}, True),
        ({"@Consumption.hidden": True}, {}, True),
        ({"@UI.hidden": True}, {}, True),
        ({}, {"hidden": True}, True),
        ({}, {"isHidden": True}, True),
        ({"@Analytics.variable.hidden": False}, {"hidden": True}, False),
        ({}, {"variableProcessingType": PROCESSING + "Lookup", "lookupEntity": "BEST"}, False),
        ({}, {"variableProcessingType": PROCESSING + "DynamicDefault"}, False),
        ({}, {"variableProcessingType": PROCESSING + "ManualInput"}, False),
        ({}, {}, False),
    ],
)
def test_a_hidden_variable_is_marked(
    parameter: dict[str, Any],
    part: dict[str, Any],
    hidden: bool,  # noqa: FBT001
) -> None:
    assert of_layer(parameter, **part).hidden is hidden


@pytest.mark.parametrize(
    ("parameter", "part"),
    [
        ({}, {"lookupEntity": "BEST", "resultElement": "SHIP"}),
        ({}, {"lookupEntity": {"key": "BEST"}, "resultElement": {"key": "SHIP"}}),
        (
            {
                "@Consumption.derivation.lookupEntity": {"=": "BEST"},
                "@Consumption.derivation.resultElement": {"=": "SHIP"},
            },
            {},
        ),
        ({"@Consumption.derivation": {"lookupEntity": "BEST", "resultElement": "SHIP"}}, {}),
        (
            {"@Consumption.derivation.lookupEntity": {"=": "OTHER"}},
            {"lookupEntity": "BEST", "resultElement": "SHIP"},
        ),
    ],
)
def test_a_derived_variable_names_its_look_up(
    parameter: dict[str, Any], part: dict[str, Any]
) -> None:
    variable = of_layer(parameter, variableProcessingType=PROCESSING + "Lookup", **part)
    assert (variable.derived_from, variable.derived_column) == ("BEST", "SHIP")
    assert dict(variable.custom).keys() <= {"variableProcessingType"}


# One for each name, in the order of the prompts


def test_parameters_and_layer_describe_one_variable() -> None:
    variable = of_layer(
        {
            "@EndUserText.label": "Day",
            "@EndUserText.quickInfo": "The day of the fares",
            "@acme.hint": "x",
            "type": "cds.Date",
        },
        text="Day of the layer",
        parameterType=KIND + "Input",
        order=3,
        unheard=["y"],
    )
    assert variable == Variable(
        "P",
        SapType("cds.Date"),
        label="Day",
        mandatory=True,
        kind="Input",
        description="The day of the fares",
        custom=(("acme.hint", "x"), ("unheard", '["y"]')),
    )


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ((1, 2, 3), "ABC"),
        ((3, 2, 1), "CBA"),
        ((2, None, 1), "CAB"),
        ((None, None, None), "ABC"),
        ((1.5, 1, 1.2), "BCA"),
        ((True, 2, 1), "CBA"),
    ],
)
def test_variables_stand_in_the_order_of_the_prompts(
    orders: tuple[float | None, ...], expected: str
) -> None:
    variables = {name: {"order": order} for name, order in zip("ABC", orders, strict=True)}
    names = [one.name for one in read(model(variables=variables)).asset.variables]
    assert "".join(names) == expected


def test_names_that_only_one_place_has_are_all_there() -> None:
    csn = model(params={"A": {}, "B": {}}, variables={"B": {}, "C": {}})
    assert [one.name for one in read(csn).asset.variables] == ["A", "B", "C"]


FILTER = {
    "@Consumption.filter": {
        "selectionType": {"#": "INTERVAL"},
        "multipleSelections": True,
        "mandatory": True,
    }
}


def test_a_filter_of_a_column_is_a_variable_of_a_model() -> None:
    csn = model(fact(Port="HARBOUR"), elements={"Port": FILTER})
    definition = read(csn)
    assert definition.asset.variables == (
        Variable(
            "Port", UNTYPED, mandatory=True, column="Port", selection="INTERVAL", multiple=True
        ),
    )
    assert definition.asset.elements[0].custom == ()


@pytest.mark.parametrize("name", ["Port", "V_PORT"])
def test_a_filter_of_a_column_belongs_to_the_variable_that_names_it(name: str) -> None:
    variables = {name: {"referenceAttribute": "Port", "mandatory": False, "text": "Harbour"}}
    csn = model(fact(Port="HARBOUR"), elements={"Port": FILTER}, variables=variables)
    (variable,) = read(csn).asset.variables
    assert (variable.name, variable.mandatory, variable.selection) == (name, False, "INTERVAL")


def test_a_filter_of_a_column_of_a_view_stays_an_annotation() -> None:
    definition = read({"definitions": {"V": entity({"Port": {"type": "cds.String", **FILTER}})}})
    assert definition.asset.variables == ()
    assert "Consumption.filter.mandatory" in dict(definition.asset.elements[0].custom)


# Types


@pytest.mark.parametrize(
    ("parameter", "part", "expected"),
    [
        ({"type": "cds.Date"}, {}, SapType("cds.Date")),
        ({"type": "cds.Date"}, {"referenceAttribute": "Port"}, SapType("cds.Date")),
        ({}, {"referenceAttribute": "Port"}, SapType("cds.String", length=4)),
        ({}, {}, SapType("cds.Integer")),
        (None, {"referenceAttribute": "Nothing"}, SapType("cds.Integer")),
    ],
)
def test_a_variable_has_the_type_of_its_column_or_of_the_parameter_that_it_is_given_to(
    parameter: dict[str, Any] | None, part: dict[str, Any], expected: SapType
) -> None:
    params = None if parameter is None else {"P": parameter}
    csn = model(fact(Port="HARBOUR"), {"M": base("FARE")}, params=params, variables={"P": part})
    fact_source = csn["businessLayerDefinitions"]["V"]["sourceModel"]["factSources"]["T"]
    fact_source["parameterMappings"] = {"IP": {"variableName": "P"}}
    trips = {
        "definitions": {
            "TRIPS": entity(
                {"HARBOUR": {"type": "cds.String", "length": 4}, "FARE": {"type": "cds.Double"}},
                params={"IP": {"type": "cds.Integer"}},
            )
        }
    }
    (variable,) = completed(csn, TRIPS=trips).asset.variables
    assert variable.type == expected


def test_a_variable_of_nothing_is_a_text() -> None:
    (variable,) = completed(model(variables={"P": {}})).asset.variables
    assert variable.type == TEXT
