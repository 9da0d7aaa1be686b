"""The facts of a `$metadata` document about its object and each of its columns."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.edmx.aggregates import aggregates
from tools.fidelity.edmx.document import (
    EDM,
    EntityType,
    Metadata,
    Path,
    Terms,
    folded_name,
    is_true,
    target_of,
)
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How, optional
from tools.fidelity.kinds import Kind
from tools.fidelity.sap_types import edm_expectation, glue_expectation

LABEL: Final = "common.label"
DESCRIPTIONS: Final = ("common.quickinfo", "core.description", "core.longdescription")

_CUSTOM_AGGREGATE: Final = "aggregation.customaggregate"
"""Its qualifier names the property that the service aggregates."""

_AGGREGATIONS: Final = (
    *("aggregation.default", "analytics.defaultaggregation", "analytics.aggregationmethod"),
    *("aggregation.recommendedaggregationmethod", _CUSTOM_AGGREGATE),
)
_FLAGS: Final = {
    "analytics.dimension": (Kind.DIMENSION, ""),
    "analytics.measure": (Kind.MEASURE, ""),
    "semantics.text": (Kind.ROLE, "text"),
    "common.iscurrency": (Kind.ROLE, "currency"),
    "semantics.currencycode": (Kind.ROLE, "currency"),
    "common.isunit": (Kind.ROLE, "unit"),
    "semantics.unitofmeasure": (Kind.ROLE, "unit"),
    "ui.hidden": (Kind.HIDDEN, ""),
    "analytics.hidden": (Kind.HIDDEN, ""),
}
_AMOUNTS: Final = {
    "measures.isocurrency": (Kind.CURRENCY, Kind.CURRENCY_VALUE),
    "measures.unit": (Kind.UNIT, Kind.UNIT_VALUE),
}
_PERSONAL: Final = "personaldata."
_SEMANTIC_KEY: Final = "common.semantickey"
_TAGGED: Final = (
    *("common.", "semantics.", "analytics.", "measures.", "ui.", "core.", "aggregation."),
    *("hierarchy.", "dataintegration."),
)
"""Vocabularies whose tags are semantics of SAP; a tag of another one is an annotation."""

_TAKEN: Final = ("aggregation.aggregatable", "aggregation.groupable")
"""Tags that a role holds."""

_NOISE: Final = ("capabilities.", "common.fieldcontrol", "core.computed", "core.immutable")
"""Terms about writing and filtering through the service."""


class EntityMetadata:
    """The facts of one document about one object."""

    def __init__(self, metadata: Metadata, entity: EntityType) -> None:
        self._metadata = metadata
        self._entity = entity

    def columns(self) -> Iterator[tuple[str, Expected]]:
        """Yield each column by its exact name, with the facts about it."""
        roles = aggregates(dict(self._entity.terms))
        for name, attributes in self._entity.properties.items():
            terms = dict(self._entity.property_terms.get(name, {}))
            expectation = edm_expectation(attributes)
            expected: Expected = {
                (Kind.COLUMN, ""): Expectation(),
                (Kind.TYPE, ""): expectation,
                (Kind.GLUE_TYPE, ""): glue_expectation(expectation),
            }
            if name in self._entity.keys:
                expected[Kind.KEY, ""] = Expectation()
            if f"{_CUSTOM_AGGREGATE}#{name.casefold()}" in self._entity.terms:
                expected[Kind.MEASURE, ""] = Expectation()
            if attributes.get("Nullable", "").casefold() in {"true", "false"}:
                nullable = attributes["Nullable"].casefold()
                expected[Kind.NULLABLE, ""] = Expectation((nullable,))
            elif "Nullable" in attributes:
                expected[Kind.NULLABLE, ""] = UNJUDGED
            elif self._entity.keys:
                # The default of CSDL; analytical documents, which have no keys, leave it open.
                expected[Kind.NULLABLE, ""] = Expectation(("true",), required=False)
            if attributes.get("DefaultValue"):
                expected[Kind.DEFAULT, ""] = Expectation((attributes["DefaultValue"],))
            expected |= self._values(attributes)
            said = self._terms(terms)
            implied = {
                place: one for place, one in roles.get(name, {}).items() if place not in said
            }
            yield self._entity.original(name), expected | implied | said

    def table(self) -> Expected:
        """Return the facts about the object."""
        terms = dict(self._entity.terms)
        expected = _texts(terms)
        expected |= self._hierarchies(terms)
        expected |= _personal_data(terms)
        if _SEMANTIC_KEY in terms:
            names = [self._name(one) for one in terms.pop(_SEMANTIC_KEY)[1]]
            text = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
            expected[Kind.SEMANTIC_KEY, ""] = Expectation((text,))
        aggregates(terms)
        terms.pop("dataintegration.originalname", None)
        for name in self._entity.properties:
            terms.pop(f"{_CUSTOM_AGGREGATE}#{name.casefold()}", None)
        for node in self._entity.navigation:
            expected |= self._association(node)
        for one in self._metadata.types.values():
            result = self._metadata.parameters_for(one)
            if result is not None and self._metadata.types.get(result) is self._entity:
                expected |= self._parameters(one)
        return expected | _leftovers(terms)

    def _values(self, attributes: Mapping[str, str]) -> Expected:
        """Return the members of an enumeration; without values, they are numbered."""
        expected: Expected = {}
        found = self._metadata.enumeration(attributes)
        for number, (name, member) in enumerate(found.properties.items() if found else ()):
            value = member.get("Value", str(number))
            expected[Kind.ENUM_VALUE, name] = Expectation((value,))
            terms = found.property_terms.get(name, {}) if found else {}
            if LABEL in terms:
                expected[Kind.ENUM_LABEL, name] = Expectation((str(terms[LABEL][1]),))
        return expected

    def _terms(self, terms: Terms) -> Expected:
        expected = _texts(terms) | _personal_data(terms)
        terms.pop("dataintegration.originalname", None)
        for term in _TAKEN:
            role = Kind.MEASURE if term == _TAKEN[0] else Kind.DIMENSION
            if terms.pop(term, ("", False))[1] is True:
                expected[role, ""] = optional(Expectation())
        for term, place in _FLAGS.items():
            value = terms.pop(term, (term, False))[1]
            if value is True:
                expected[place] = Expectation()
        expected |= _aggregation(terms)
        for term, kinds in _AMOUNTS.items():
            if term in terms:
                expected |= self._amount(terms.pop(term)[1], *kinds)
        if isinstance(terms.get("common.text", ("", None))[1], Path):
            link, _, rest = terms["common.text"][1].name.partition("/")
            kind = Kind.TEXT_ASSOCIATION if rest else Kind.TEXT
            expected[kind, ""] = Expectation((self._name(Path(link)),))
            del terms["common.text"]
        for term in [term for term, (_, value) in terms.items() if value is True]:
            if term.startswith(_TAGGED) and not term.startswith(_NOISE):
                expected[Kind.SEMANTICS, term.rpartition(".")[2]] = Expectation()
                del terms[term]
        return expected | _leftovers(terms)

    def _name(self, value: Any) -> str:
        """Return the exact name of the property behind a path, or a text as it is."""
        name = value.name if isinstance(value, Path) else str(value)
        properties = self._entity.properties
        if name not in properties:
            originals = [one for one in properties if self._entity.original(one) == name]
            name = next(iter(originals), folded_name(name))
            name = name if name in properties else str(getattr(value, "name", value))
        return self._entity.original(name)

    def _amount(self, value: Any, column: Kind, literal: Kind) -> Expected:
        """Return a currency or unit: a path names a column, a text is the same in all rows.

        SAP also writes the name of a column as text.
        """
        name = self._name(value)
        names = {self._entity.original(one) for one in self._entity.properties}
        if isinstance(value, Path) or name in names:
            return {(column, ""): Expectation((name,))}
        return {(literal, ""): Expectation((name,))}

    def _association(self, node: Any) -> Expected:
        name = self._entity.original(node.get("Name", ""))
        target = self._metadata.types.get(self._metadata.qualified(target_of(node)))
        many = node.get("Type", "").startswith("Collection(")
        least = "1" if node.get("Nullable", "").casefold() == "false" and not many else "0"
        expected: Expected = {
            (Kind.ASSOCIATION, name): Expectation(),
            (Kind.CARDINALITY, name): Expectation((f"{least}..{'*' if many else '1'}",)),
        }
        expected[Kind.TARGET, name] = Expectation(self._metadata.objects_behind(node))
        if is_true(node.get("ContainsTarget")):
            expected[Kind.COMPOSITION, name] = Expectation()
        terms = self._entity.property_terms.get(node.get("Name", ""), {})
        if LABEL in terms:
            expected[Kind.ASSOCIATION_LABEL, name] = Expectation((str(terms[LABEL][1]),))
        for pair in node.iterfind(EDM + "ReferentialConstraint"):
            own = self._entity.original(pair.get("Property", ""))
            theirs = pair.get("ReferencedProperty", "")
            theirs = target.original(theirs) if target else theirs
            expected[Kind.PAIR, f"{name}: {own} = {theirs}"] = Expectation()
        return expected

    def _hierarchies(self, terms: Terms) -> Expected:
        expected: Expected = {}
        for record in _records(terms.pop("hierarchy.leveled", None)):
            levels = [self._level(one) for one in record.get("levels", [])]
            expected |= _hierarchy(record, "level", {"levels": levels})
        for record in _records(terms.pop("hierarchy.parentchild", None)):
            inner = record.get("recurse", record)
            inner = inner[0] if isinstance(inner, list) and inner else inner
            sides = {side: self._sides(inner.get(side)) for side in ("parent", "child")}
            expected |= _hierarchy(record, "parent_child", sides)
        for term in [term for term in terms if "recursivehierarchy" in term]:
            del terms[term]
            expected[Kind.HIERARCHY, ""] = UNJUDGED
            expected[Kind.HIERARCHY_COLUMNS, ""] = UNJUDGED
        return expected

    def _level(self, level: Any) -> str:
        return self._name(level.get("element") if isinstance(level, dict) else level)

    def _sides(self, value: Any) -> list[str]:
        items = value if isinstance(value, list) else [value]
        return [self._name(one) for one in items if one is not None]

    def _parameters(self, holder: EntityType) -> Expected:
        """Return the input parameters. That they are keys makes none of them mandatory."""
        expected: Expected = {}
        for name, attributes in holder.properties.items():
            exact = holder.original(name)
            expected[Kind.VARIABLE, exact] = Expectation()
            expected[Kind.VARIABLE_TYPE, exact] = edm_expectation(attributes)
            expected[Kind.MANDATORY, exact] = UNJUDGED
            if "DefaultValue" in attributes:
                expected[Kind.VARIABLE_DEFAULT, exact] = Expectation((attributes["DefaultValue"],))
            terms = holder.property_terms.get(name, {})
            if LABEL in terms:
                expected[Kind.VARIABLE_LABEL, exact] = Expectation((str(terms[LABEL][1]),))
        return expected


def entity_metadata(text: str, asset: str) -> EntityMetadata | None:
    """Return the facts of a document about an object, None where it does not describe it."""
    metadata = Metadata(text)
    entity = metadata.type_of(asset)
    return EntityMetadata(metadata, entity) if entity else None


def _personal_data(terms: Terms) -> Expected:
    expected: Expected = {}
    for term in [term for term in terms if term.startswith(_PERSONAL) and "#" not in term]:
        word = term.removeprefix(_PERSONAL)
        texts = [one.rpartition("/")[2].removeprefix("#") for one in _leaves(terms.pop(term)[1])]
        expected[Kind.PERSONAL_DATA, word] = Expectation(tuple(texts), How.FOLDED)
    return expected


def _texts(terms: Terms) -> Expected:
    expected: Expected = {}
    label = terms.pop(LABEL, None)
    if label and label[1]:
        expected[Kind.LABEL, ""] = Expectation((str(label[1]),))
    found = [str(terms.pop(term)[1]) for term in DESCRIPTIONS if term in terms]
    if found:
        expected[Kind.DESCRIPTION, ""] = Expectation(tuple(found))
    return expected


def _aggregation(terms: Terms) -> Expected:
    """Return the aggregation: an enum member or text, in any case."""
    for term in _AGGREGATIONS:
        value = terms.get(term, ("", None))[1]
        if isinstance(value, str) and value and not value.startswith("Edm."):
            del terms[term]
            return {(Kind.AGGREGATION, ""): Expectation((_last(value),), How.FOLDED)}
    return {}


def _last(word: str) -> str:
    return word.rpartition("/")[2].rpartition(".")[2].removeprefix("#")


def _records(term: tuple[str, Any] | None) -> list[dict[str, Any]]:
    items = term[1] if term and isinstance(term[1], list) else [term[1]] if term else []
    return [item for item in items if isinstance(item, dict)]


def _hierarchy(record: dict[str, Any], kind: str, sides: dict[str, list[str]]) -> Expected:
    name = str(record.get("name", ""))
    expected: Expected = {(Kind.HIERARCHY, name): Expectation((kind,))}
    if record.get("label"):
        expected[Kind.HIERARCHY_LABEL, name] = Expectation((str(record["label"]),))
    for side, columns in sides.items():
        text = json.dumps(columns, ensure_ascii=False)
        if columns:
            expected[Kind.HIERARCHY_COLUMNS, f"{name}: {side}"] = Expectation((text,))
    return expected


def _leftovers(terms: Terms) -> Expected:
    return {
        (Kind.ANNOTATION, written): Expectation(tuple(_leaves(value)), How.WITHIN)
        for term, (written, value) in terms.items()
        if not term.startswith(_NOISE)
    }


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, Path):
        yield value.name
    else:
        yield value.removeprefix("#") if isinstance(value, str) else json.dumps(value)
