"""The facts of an element about its column."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.csn.annotations import Annotations, kept_expectation, leaf_texts, paths_of
from tools.fidelity.csn.document import Definition, Document, columns_of
from tools.fidelity.csn.governance import governance
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How, optional
from tools.fidelity.kinds import Kind
from tools.fidelity.sap_types import cds_expectation, glue_expectation

LABELS: Final = ("EndUserText.label", "Common.Label")
DESCRIPTIONS: Final = ("EndUserText.quickInfo", "Common.QuickInfo", "Core.Description")

_NO_AGGREGATION: Final = "NONE"
_AGGREGATIONS: Final = ("Aggregation.default", "DefaultAggregation")
_MEASURE_TYPE: Final = "AnalyticsDetails.measureType"
_STRUCTURE: Final = "AnalyticsDetails.query.onCharacteristicStructure"
_LINKS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TEXT: ("ObjectModel.text.element", "Common.Text"),
    Kind.TEXT_ASSOCIATION: ("ObjectModel.text.association",),
    Kind.FOREIGN_KEY: ("ObjectModel.foreignKey.association",),
}
_AMOUNTS: Final = (
    (Kind.CURRENCY, Kind.CURRENCY_VALUE, ("Semantics.amount.currencyCode", "Measures.ISOCurrency")),
    (Kind.UNIT, Kind.UNIT_VALUE, ("Semantics.quantity.unitOfMeasure", "Measures.Unit")),
)
_ROLES: Final = {
    "text": "Semantics.text",
    "currency": "Semantics.currencyCode",
    "unit": "Semantics.unitOfMeasure",
}
_HIDDEN: Final = ("Analytics.hidden", "UI.hidden", "UI.Hidden", "Consumption.hidden")
_DAYS: Final = {"dayofmonth": "isdayofcalendarmonth", "dayofyear": "isdayofcalendaryear"}
_ELSEWHERE: Final = ("ObjectModel.hierarchy.association", "Analytics.navigationAttributeRef")
"""Terms that hierarchies and the lineage of models hold."""

_PROPERTIES: Final = ("localized", "virtual", "value")


def read_column(document: Document, element: Mapping[str, Any]) -> Expected:
    """Return the facts of an element and its named types."""
    chain = document.chain(element)
    annotations = Annotations(*reversed(chain), element)
    expected = _texts(document, element, annotations)
    expected |= _types(document, element, chain)
    expected |= _roles(element, annotations)
    expected |= _measure(annotations)
    expected |= dict(_links(annotations))
    expected |= dict(_amounts(annotations))
    expected |= dict(governance(annotations))
    for text, term in annotations.texts("DataWarehouse.native.dataType"):
        expected[Kind.NATIVE_TYPE, ""] = Expectation((text,), terms=(term,))
    expected |= _values(document, element, chain)
    expected |= dict(_semantics(annotations))
    annotations.used.update(_ELSEWHERE)
    expected |= leftovers(annotations)
    for name in _PROPERTIES:
        if element.get(name) not in (None, False):
            expected[Kind.ANNOTATION, name] = kept_expectation(element[name])
    return expected


def entity_column(document: Document, definition: Definition, name: str) -> Expected:
    """Return the facts about one column of an entity.

    Whether a text that is the name of a column is a currency of its own is open.
    """
    columns = columns_of(definition)
    expected = read_column(document, columns.get(name, {}))
    for column, value, _ in _AMOUNTS:
        literal = expected.get((value, ""))
        if literal and literal.texts[0] in columns:
            expected |= {(column, ""): UNJUDGED, (value, ""): UNJUDGED}
    return expected


def is_cross_calculation(element: Mapping[str, Any]) -> bool:
    """Return whether an element is a member of the structure of an analytic model."""
    return Annotations(element).values.get(_STRUCTURE) is True


def text_expected(
    document: Document, annotations: Annotations, kind: Kind, *terms: str, detail: str = ""
) -> Expected:
    """Return the first text of some terms, in any language."""
    found = annotations.texts(*terms)
    if not found:
        return {}
    texts = tuple(t for text, _ in found for t in document.translations(text))
    return {(kind, detail): Expectation(texts, terms=tuple(term for _, term in found))}


def leftovers(annotations: Annotations, holder: str = "") -> Expected:
    """Return the annotations that no other kind holds; `holder` is a part of a table."""
    prefix = f"{holder}: " if holder else ""
    return {
        (Kind.ANNOTATION, prefix + term): kept_expectation(value)
        for term, value in annotations.rest()
    }


def literal_text(value: Any) -> str | None:
    """Return the text of a literal of CSN: `{"val": 1}`, `{"#": "OPEN"}` or plain."""
    if isinstance(value, Mapping):
        value = value.get("val", value.get("#", value.get("=")))
    if value is None or isinstance(value, list | Mapping):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _texts(document: Document, element: Mapping[str, Any], annotations: Annotations) -> Expected:
    expected = text_expected(document, annotations, Kind.LABEL, *LABELS)
    expected |= text_expected(document, annotations, Kind.DESCRIPTION, *DESCRIPTIONS)
    if (Kind.DESCRIPTION, "") not in expected and element.get("doc"):
        expected[Kind.DESCRIPTION, ""] = Expectation((str(element["doc"]),))
    return expected


def _types(
    document: Document, element: Mapping[str, Any], chain: list[Mapping[str, Any]]
) -> Expected:
    inherited: dict[str, Any] = {}
    for definition in reversed(chain):
        kind = inherited.get("type", definition.get("type"))
        inherited |= {**definition, "type": kind}
    if chain and document.type_named(chain[-1].get("type")) is not None:
        return dict.fromkeys([(Kind.TYPE, ""), (Kind.GLUE_TYPE, "")], UNJUDGED)
    expectation = cds_expectation(element, inherited if chain else None)
    if expectation is None:
        return {}
    listed = any("enum" in one for one in (element, *chain))
    base = Expectation(expectation.texts[:1]) if listed else expectation
    return {
        (Kind.TYPE, ""): expectation,
        (Kind.MODELLED_TYPE, ""): expectation,
        (Kind.GLUE_TYPE, ""): glue_expectation(base),
    }


def _roles(element: Mapping[str, Any], annotations: Annotations) -> Expected:
    expected: Expected = {}
    if element.get("key") is True:
        expected[Kind.KEY, ""] = Expectation()
    if isinstance(element.get("notNull"), bool):
        expected[Kind.NULLABLE, ""] = Expectation((json.dumps(not element["notNull"]),))
    if term := annotations.flag("Analytics.dimension", "Analytics.Dimension"):
        expected[Kind.DIMENSION, ""] = Expectation(terms=(term,))
    if term := annotations.flag(*_HIDDEN):
        expected[Kind.HIDDEN, ""] = Expectation(terms=(term,))
    for role, term in _ROLES.items():
        if annotations.flag(term):
            expected[Kind.ROLE, role] = Expectation(terms=(term,))
    return expected


def _measure(annotations: Annotations) -> Expected:
    expected: Expected = {}
    found = annotations.word(*_AGGREGATIONS)
    marked = annotations.flag("Analytics.measure", "Analytics.Measure")
    if found:
        word, term = found
        expectation = Expectation((word,), How.FOLDED, terms=(term,))
        expected[Kind.AGGREGATION, ""] = (
            optional(expectation) if word == _NO_AGGREGATION else expectation
        )
    if kind := annotations.word(_MEASURE_TYPE):
        expected[Kind.MEASURE_TYPE, ""] = Expectation((kind[0],), terms=(kind[1],))
    aggregated = found is not None and found[0] != _NO_AGGREGATION
    if aggregated or marked or kind:
        expected[Kind.MEASURE, ""] = Expectation()
    expected |= dict(_exceptions(annotations))
    annotations.flag(_STRUCTURE)
    return expected


def _exceptions(annotations: Annotations) -> Iterator[tuple[tuple[Kind, str], Expectation]]:
    term = "AnalyticsDetails.exceptionAggregationSteps"
    for step in annotations.records(term):
        word = leaf_texts(step.get("exceptionAggregationBehavior", []))
        if word:
            texts = (word[0].removeprefix("#"),)
            yield (Kind.EXCEPTION_AGGREGATION, ""), Expectation(texts, How.FOLDED, terms=(term,))
        for name in paths_of(step.get("exceptionAggregationElements")):
            yield (Kind.EXCEPTION_COLUMN, name), Expectation(terms=(term,))


def _links(annotations: Annotations) -> Iterator[tuple[tuple[Kind, str], Expectation]]:
    for kind, terms in _LINKS.items():
        found = annotations.paths(*terms)
        if found:
            names, term = found
            yield (kind, ""), Expectation((names[0],), terms=(term,))
            if names[1:]:
                yield (Kind.ANNOTATION, term), Expectation(tuple(names[1:]), How.WITHIN)


def _amounts(annotations: Annotations) -> Iterator[tuple[tuple[Kind, str], Expectation]]:
    """Yield currencies and units: a path names a column, a text is the same in all rows."""
    for column, value, terms in _AMOUNTS:
        for term in terms:
            expected = annotations.values.get(term)
            kind = value if isinstance(expected, str) else column
            if names := paths_of(expected):
                annotations.used.add(term)
                yield (kind, ""), Expectation((names[0],), terms=(term,))
                break


def _values(
    document: Document, element: Mapping[str, Any], chain: list[Mapping[str, Any]]
) -> Expected:
    """Return default and enumeration, which a named type may give."""
    expected: Expected = {}
    holders = (element, *chain)
    values: Mapping[str, Any] = next(
        (one["enum"] for one in holders if isinstance(one.get("enum"), Mapping)), {}
    )
    default = next((one["default"] for one in holders if one.get("default") is not None), None)
    expected |= _default(default, values)
    for name, content in values.items():
        value = literal_text(content) if isinstance(content, Mapping) else None
        texts = (value,) if value is not None else ("", name)
        expected[Kind.ENUM_VALUE, name] = Expectation(texts, terms=("enum",))
        if isinstance(content, Mapping):
            label = Annotations(content)
            expected |= text_expected(document, label, Kind.ENUM_LABEL, *LABELS, detail=name)
    return expected


def _default(default: Any, values: Mapping[str, Any]) -> Expected:
    """Return a default: a literal, a word of the enumeration, or an expression.

    An empty text has no key in Glue.
    """
    if isinstance(default, Mapping) and {"=", "func", "xpr"} & set(default):
        texts = tuple(text for text in leaf_texts(default) if text)
        return {(Kind.DEFAULT, ""): Expectation(texts, How.WITHIN, terms=("default",))}
    text = literal_text(default)
    if text is None:
        return {}
    word = default.get("#") if isinstance(default, Mapping) else None
    value = literal_text(values.get(str(word)))
    texts = (text,) if value is None else (text, value)
    expectation = Expectation(texts, required=text != "", terms=("default",))
    return {(Kind.DEFAULT, ""): expectation}


def _semantics(annotations: Annotations) -> Iterator[tuple[tuple[Kind, str], Expectation]]:
    """Yield the marks of a calendar and other semantics, by the OData term that publishes them."""
    for term, value in list(annotations.values.items()):
        if term.startswith("Semantics.") and isinstance(value, bool) and value:
            rest = term.removeprefix("Semantics.")
            annotations.used.add(term)
            if term not in _ROLES.values():
                yield (Kind.SEMANTICS, semantic_term(rest)), Expectation(terms=(term,))
        elif term.startswith("Semantics.") and value is False:
            annotations.used.add(term)


def semantic_term(term: str) -> str:
    """Return the OData term of a mark of CSN, in lower case: `calendar.year` is `iscalendaryear`.

    Marks that OData does not publish keep their name.
    """
    folded = term.casefold()
    group, _, unit = folded.rpartition(".")
    if folded == "date":
        return "iscalendardate"
    if folded == "language":
        return "islanguageidentifier"
    if group == "calendar":
        return _DAYS.get(unit, f"iscalendar{unit}")
    if group == "fiscal":
        return "isdayoffiscalyear" if unit == "dayofyear" else f"isfiscal{unit}"
    return folded
