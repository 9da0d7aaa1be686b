"""Analytic models of a ferry company for the tests: each fact and dimension says what it can."""

from typing import Any

from datasphere_glue.datasphere.csn.completion import complete_definition
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.model.element import Element
from tests.unit.datasphere.csn.samples import entity, read

ATTRIBUTE = "AnalyticModelAttributeType."
MEASURE = "AnalyticModelMeasureType."
SPACE = "SALES"

TRIPS: dict[str, Any] = {
    "HARBOUR": {
        "type": "cds.String",
        "length": 4,
        "@EndUserText.label": "Harbour",
        "@EndUserText.quickInfo": "Where a trip begins",
        "@ObjectModel.text.element": [{"=": "HARBOUR_NAME"}],
        "@ObjectModel.foreignKey.association": {"=": "_HARBOUR"},
    },
    "HARBOUR_NAME": {"type": "cds.String", "length": 60, "@Semantics.text": True},
    "SHIP": {"type": "cds.String", "@ObjectModel.text.association": {"=": "_SHIP_TEXT"}},
    "SAILED": {"type": "cds.Date", "@Semantics.calendar.yearMonth": True},
    "FARE": {
        "type": "cds.Decimal",
        "precision": 13,
        "scale": 2,
        "@EndUserText.label": "Fare",
        "@AnalyticsDetails.measureType": {"#": "BASE"},
        "@Aggregation.default": {"#": "SUM"},
        "@Semantics.amount.currencyCode": {"=": "CUR"},
    },
    "CARGO": {
        "type": "cds.Integer",
        "@Aggregation.default": {"#": "MAX"},
        "@Semantics.quantity.unitOfMeasure": {"=": "WEIGHT_UNIT"},
        "@AnalyticsDetails.exceptionAggregationSteps": [
            {
                "exceptionAggregationBehavior": {"#": "LAST"},
                "exceptionAggregationElements": [{"=": "SAILED"}, {"=": "SHIP"}],
            }
        ],
    },
    "CUR": {"type": "cds.String", "length": 5, "@Semantics.currencyCode": True},
    "WEIGHT_UNIT": {"type": "cds.String", "length": 3, "@Semantics.unitOfMeasure": True},
    "_HARBOUR": {
        "type": "cds.Association",
        "target": "HARBOURS",
        "on": [{"ref": ["HARBOUR"]}, "=", {"ref": ["_HARBOUR", "ID"]}],
    },
}
"""Columns of the fact."""

HARBOURS: dict[str, Any] = {
    "ID": {"type": "cds.String", "length": 4, "key": True},
    "TOWN": {"type": "cds.String", "@ObjectModel.text.element": [{"=": "TOWN_NAME"}]},
    "TOWN_NAME": {"type": "cds.String", "@EndUserText.label": "Town"},
}
"""Columns of the dimension."""


def fact(**columns: str) -> dict[str, Any]:
    """Return attributes of a layer: the name in the model, and the column of the fact."""
    return {
        name: {
            "attributeType": ATTRIBUTE + "FactSourceAttribute",
            "attributeMapping": {"T": {"key": column}},
        }
        for name, column in columns.items()
    }


def dimension(source: str, **columns: str) -> dict[str, Any]:
    """Return attributes of a layer: the name in the model, and the column of a dimension."""
    kind = ATTRIBUTE + "DimensionSourceAttribute"
    return {
        name: {"attributeType": kind, "sourceKey": source, "key": column}
        for name, column in columns.items()
    }


def base(column: str, **more: Any) -> dict[str, Any]:
    """Return a measure of a layer that exposes a column of the fact."""
    kind = MEASURE + "FactSourceMeasure"
    return {"measureType": kind, "measureMapping": {"T": {"key": column}}, **more}


def measure(kind: str, **more: Any) -> dict[str, Any]:
    """Return another measure of a layer."""
    return {"measureType": MEASURE + kind, **more}


def model(  # noqa: PLR0913 - the parts of a document
    attributes: dict[str, Any] | None = None,
    measures: dict[str, Any] | None = None,
    *,
    elements: dict[str, Any] | None = None,
    sources: dict[str, Any] | None = None,
    params: dict[str, Any] | None = None,
    name: str = "V",
    fact_source: str = "TRIPS",
    **layer: Any,
) -> dict[str, Any]:
    """Return the document of a model on the fact TRIPS (`T`) and dimensions (`sources`).

    Each attribute and measure is a column; `elements` adds annotations or further columns.
    """
    attributes, measures = attributes or {}, measures or {}
    columns: dict[str, Any] = {column: {} for column in (*attributes, *measures)}
    parts = {} if params is None else {"params": params}
    return {
        "definitions": {name: entity({**columns, **(elements or {})}, **parts)},
        "businessLayerDefinitions": {
            name: {
                "sourceModel": {
                    "factSources": {"T": {"dataEntity": {"key": fact_source}}},
                    "dimensionSources": sources or {},
                },
                "attributes": attributes,
                "measures": measures,
                **layer,
            }
        },
    }


def sources_of(**entities: Any) -> dict[str, Definition]:
    """Return definitions by `SPACE.object`: columns of an entity, or the document of a model."""
    return {
        f"{SPACE}.{name}": read(
            written if "definitions" in written else {"definitions": {name: entity(written)}},
            name,
        )
        for name, written in entities.items()
    }


def completed(csn: dict[str, Any], *odata: Element, name: str = "V", **entities: Any) -> Definition:
    """Return the definition of a model completed by TRIPS, HARBOURS and other entities."""
    known = {"TRIPS": TRIPS, "HARBOURS": HARBOURS} | entities
    sources = sources_of(**{key: value for key, value in known.items() if value is not None})
    return complete_definition(read(csn, name), odata, sources)


def columns_of(definition: Definition) -> dict[str, Element]:
    """Return the columns of a definition by name."""
    return {element.name: element for element in definition.asset.elements}
