"""Input parameters of an entity and variables of an analytic model: one entry for each name.

The business layer counts before the annotations of the parameter. A parameter with a default is
optional, one without is mandatory. Whether one is whose value is looked up is open.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.csn.annotations import Annotations, leaf_texts, paths_of, word_of
from tools.fidelity.csn.columns import LABELS, leftovers, literal_text, read_column, text_expected
from tools.fidelity.csn.document import Definition, Document, columns_of
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_TERM: Final = "AnalyticsDetails.variable."
_FILTER: Final = "Consumption.filter."
_DERIVATION: Final = "Consumption.derivation."
_UNDERSTOOD: Final = frozenset(
    {
        *("text", "variableType", "parameterType", "variableProcessingType", "order"),
        *("referenceAttribute", "mandatory", "selectionType", "multipleSelections"),
        *("lookupEntity", "resultElement", "hidden", "isHidden", "usageType"),
        *("defaultValue", "default", "defaultRanges", "defaultRangeValues"),
    }
)
"""Members of the business layer with kinds of their own, or about the prompt alone."""

_DEFAULTS: Final = ("defaultValue", "default", "defaultRanges", "defaultRangeValues")

_OPEN_IN_FILTERS: Final = (
    *(Kind.VARIABLE_LABEL, Kind.VARIABLE_TYPE, Kind.VARIABLE_USAGE, Kind.MANDATORY),
    *(Kind.VARIABLE_DEFAULT, Kind.VARIABLE_HIDDEN),
)
_LOOKED_UP: Final = ("lookupEntity", "resultElement")


def variables(document: Document, entity: Definition, layer: Definition | None) -> Expected:
    """Return the facts about each variable."""
    parameters = entity.get("params", {})
    parts = (layer or {}).get("variables") or {}
    expected: Expected = {}
    for name in {**parameters, **parts}:
        reader = _Variable(document, name, parameters.get(name), parts.get(name) or {})
        expected |= reader.facts()
    filtered = {one.texts[0] for (kind, _), one in expected.items() if kind is Kind.VARIABLE_COLUMN}
    for name, element in columns_of(entity).items() if layer is not None else ():
        filters = Annotations(element).below(_FILTER)
        if filters and name not in filtered:
            expected |= _column_filter(name, filters)
    return expected


def _column_filter(name: str, filters: Mapping[str, Any]) -> Expected:
    """Return the filter variable that a column of a model declares, named like the column."""
    expected: Expected = {
        (Kind.VARIABLE, name): Expectation(),
        (Kind.VARIABLE_COLUMN, name): Expectation((name,)),
        **dict.fromkeys(((kind, name) for kind in _OPEN_IN_FILTERS), UNJUDGED),
    }
    if isinstance(filters.get("mandatory"), bool):
        expected[Kind.MANDATORY, name] = Expectation((json.dumps(filters["mandatory"]),))
    if selection := word_of(filters.get("selectionType")):
        expected[Kind.VARIABLE_SELECTION, name] = Expectation((selection,), How.FOLDED)
    if filters.get("multipleSelections") is True:
        expected[Kind.VARIABLE_MULTIPLE, name] = Expectation()
    return expected


class _Variable:
    """One variable: its parameter, and its part of the business layer."""

    def __init__(
        self, document: Document, name: str, parameter: Definition | None, part: Definition
    ) -> None:
        self._document = document
        self._name = name
        kind = str(part.get("parameterType", "")).rpartition(".")[2]
        self._is_parameter = parameter is not None or kind == "Input"
        self._holder = parameter or {}
        self._part = part
        self._annotations = Annotations(*reversed(document.chain(self._holder)), self._holder)

    def facts(self) -> Expected:
        """Return all facts about the variable."""
        expected: Expected = {(Kind.VARIABLE, self._name): Expectation()}
        expected |= self._label()
        defaults = list(self._defaults())
        expected |= self._at(Kind.VARIABLE_DEFAULT, defaults[0] if defaults else None)
        expected |= self._at(Kind.MANDATORY, self._mandatory(has_default=bool(defaults)))
        typed = read_column(self._document, self._holder).get((Kind.TYPE, ""))
        expected |= self._at(Kind.VARIABLE_TYPE, typed or UNJUDGED)
        expected |= self._at(Kind.VARIABLE_USAGE, self._usage())
        expected |= self._at(Kind.VARIABLE_SELECTION, self._selection())
        expected |= self._at(Kind.VARIABLE_COLUMN, self._column())
        expected |= self._at(Kind.DERIVATION, self._derivation())
        expected |= self._marks()
        self._annotations.used.add(_TERM + "mandatory")
        return expected | leftovers(self._annotations, self._name) | dict(self._rest())

    def _at(self, kind: Kind, expectation: Expectation | None) -> Expected:
        return {(kind, self._name): expectation} if expectation else {}

    def _label(self) -> Expected:
        labels = text_expected(
            self._document, self._annotations, Kind.VARIABLE_LABEL, *LABELS, detail=self._name
        )
        text = self._part.get("text")
        return labels or self._at(Kind.VARIABLE_LABEL, Expectation((str(text),)) if text else None)

    def _defaults(self) -> Iterator[Expectation]:
        """Yield the defaults, those of the layer first; lists and ranges hold several texts."""
        values = self._annotations.values
        terms = [term for term in values if term.startswith(_TERM + "default")]
        terms += [term for term in ("Consumption.defaultValue",) if term in values]
        self._annotations.used.update(terms)
        layer = [self._part[member] for member in _DEFAULTS if member in self._part]
        holder = [self._holder[key] for key in ("default", "defaultValue") if key in self._holder]
        for value in (*layer, *holder, *(values[term] for term in terms)):
            text = literal_text(value)
            if text is not None:
                yield Expectation((text,))
            elif isinstance(value, list | Mapping) and leaf_texts(value) != ["null"]:
                yield Expectation(tuple(leaf_texts(value)), How.WITHIN)

    def _mandatory(self, *, has_default: bool) -> Expectation:
        explicit = (
            self._part.get("mandatory"),
            self._annotations.values.get(_TERM + "mandatory"),
        )
        for value in explicit:
            text = json.dumps(value) if isinstance(value, bool) else word_of(value)
            if text is not None and text.casefold() in {"true", "false"}:
                return Expectation((text.casefold(),))
        if not self._is_parameter or (self._looked_up() and not has_default):
            return UNJUDGED
        return Expectation(("false" if has_default else "true",))

    def _usage(self) -> Expectation | None:
        """Return the word for the usage; how that of the layer is written is open."""
        found = self._annotations.word(_TERM + "usageType")
        word = str(self._part.get("usageType", "")).rpartition(".")[2]
        if found or word:
            return Expectation((word or (found or ("",))[0],), How.FOLDED)
        return UNJUDGED if "parameterType" in self._part else None

    def _selection(self) -> Expectation | None:
        found = self._annotations.word(_TERM + "selectionType")
        word = str(self._part.get("selectionType", "")).rpartition(".")[2]
        texts = (word,) if word else (found[0],) if found else ()
        return Expectation(texts, How.FOLDED) if texts else None

    def _column(self) -> Expectation | None:
        found = self._annotations.paths(_TERM + "referenceElement")
        name = _name(self._part.get("referenceAttribute")) or (found[0][0] if found else None)
        return Expectation((name,)) if name else None

    def _looked_up(self) -> list[str]:
        """Return the object and the column where the value is looked up."""
        found = [self._annotations.paths(_DERIVATION + member) for member in _LOOKED_UP]
        texts = [one[0][0] for one in found if one]
        return texts + [n for key in _LOOKED_UP if (n := _name(self._part.get(key)))]

    def _derivation(self) -> Expectation | None:
        texts = tuple(dict.fromkeys(self._looked_up()))
        return Expectation(texts, How.WITHIN) if texts else None

    def _marks(self) -> Expected:
        hidden = self._annotations.flag("Analytics.variable.hidden", "Consumption.hidden")
        several = self._annotations.flag(_TERM + "multipleSelections")
        expected: Expected = {}
        if hidden or self._part.get("hidden", self._part.get("isHidden")) is True:
            expected[Kind.VARIABLE_HIDDEN, self._name] = Expectation()
        elif self._looked_up():
            expected[Kind.VARIABLE_HIDDEN, self._name] = UNJUDGED
        if several or self._part.get("multipleSelections") is True:
            expected[Kind.VARIABLE_MULTIPLE, self._name] = Expectation()
        return expected

    def _rest(self) -> Iterator[tuple[tuple[Kind, str], Expectation]]:
        for member, value in self._part.items():
            if member not in _UNDERSTOOD and value not in (None, False, "", [], {}):
                texts = tuple(text.rpartition(".")[2] for text in leaf_texts(value))
                yield (Kind.LAYER, f"{self._name}: {member}"), Expectation(texts, How.WITHIN)


def _name(value: Any) -> str | None:
    """Return the name in a text, a path, or an object of the layer with a key."""
    names = paths_of(value.get("key", value) if isinstance(value, Mapping) else value)
    return names[0] if names else None
