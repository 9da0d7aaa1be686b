"""Input parameters of an entity and variables of an analytic model: one entry for each name.

The business layer counts before the annotations of the parameter. A parameter with a
default is optional, one without is mandatory.
"""

import json
from typing import Any, Final

from tools.fidelity.csn.annotations import Annotations, leaf_texts
from tools.fidelity.csn.columns import LABELS, leftovers, literal_text, read_column, text_expected
from tools.fidelity.csn.document import Definition, Document
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_VARIABLE: Final = "AnalyticsDetails.variable."
_UNDERSTOOD: Final = frozenset(
    {
        *("text", "variableType", "parameterType", "variableProcessingType", "order"),
        *("referenceAttribute", "mandatory", "defaultValue", "selectionType"),
        *("multipleSelections", "lookupEntity", "resultElement", "hidden"),
    }
)
"""Members of the business layer with kinds of their own, or about the prompt alone."""
_DEFAULTS: Final = (_VARIABLE + "defaultValue", "Consumption.defaultValue")


def variables(document: Document, entity: Definition, layer: Definition | None) -> Expected:
    """Return the facts about each variable."""
    parameters = entity.get("params", {})
    parts = (layer or {}).get("variables") or {}
    expected: Expected = {}
    for name in {**parameters, **parts}:
        expected |= _variable(document, name, parameters.get(name), parts.get(name) or {})
    return expected


def _variable(
    document: Document, name: str, parameter: Definition | None, part: Definition
) -> Expected:
    holder = parameter or {}
    annotations = Annotations(*reversed(document.chain(holder)), holder)
    expected: Expected = {(Kind.VARIABLE, name): Expectation()}
    expected |= text_expected(document, annotations, Kind.VARIABLE_LABEL, *LABELS, detail=name)
    if (Kind.VARIABLE_LABEL, name) not in expected and part.get("text"):
        expected[Kind.VARIABLE_LABEL, name] = Expectation((str(part["text"]),))
    expected |= _type(document, name, holder)
    default = _default(holder, part, annotations)
    if default is not None:
        expected[Kind.VARIABLE_DEFAULT, name] = Expectation((default,))
    expected[Kind.MANDATORY, name] = _mandatory(parameter, part, annotations, default)
    expected |= _words(name, part, annotations)
    expected |= _column(name, part, annotations)
    expected |= _derivation(name, part, annotations)
    if annotations.flag("Analytics.variable.hidden", "Consumption.hidden") or part.get("hidden"):
        expected[Kind.VARIABLE_HIDDEN, name] = Expectation()
    if annotations.flag(_VARIABLE + "multipleSelections") or part.get("multipleSelections"):
        expected[Kind.VARIABLE_MULTIPLE, name] = Expectation()
    annotations.used.update(_DEFAULTS)
    annotations.used.add(_VARIABLE + "mandatory")
    expected |= leftovers(annotations, name)
    for member, value in part.items():
        if member not in _UNDERSTOOD and value not in (None, False, "", [], {}):
            texts = tuple(text.rpartition(".")[2] for text in leaf_texts(value))
            expected[Kind.LAYER, f"{name}: {member}"] = Expectation(texts, How.WITHIN)
    return expected


def _type(document: Document, name: str, holder: Definition) -> Expected:
    """Return the type of a parameter; a variable without one has that of its column."""
    expectation = read_column(document, holder).get((Kind.TYPE, ""))
    return {(Kind.VARIABLE_TYPE, name): expectation or UNJUDGED}


def _default(holder: Definition, part: Definition, annotations: Annotations) -> str | None:
    found = (part.get("defaultValue"), holder.get("default"))
    literals = [
        literal_text(one) for one in (*found, *(annotations.values.get(t) for t in _DEFAULTS))
    ]
    return next((text for text in literals if text is not None), None)


def _mandatory(
    parameter: Definition | None,
    part: Definition,
    annotations: Annotations,
    default: str | None,
) -> Expectation:
    explicit = (part.get("mandatory"), annotations.values.get(_VARIABLE + "mandatory"))
    mark = next((one for one in explicit if isinstance(one, bool)), None)
    if mark is not None:
        return Expectation((json.dumps(mark),))
    if default is not None:
        return Expectation(("false",))
    return UNJUDGED if parameter is None else Expectation(("true",))


def _words(name: str, part: Definition, annotations: Annotations) -> Expected:
    """Return the words for usage and selection; those of the layer end in them."""
    expected: Expected = {}
    words = {
        Kind.VARIABLE_USAGE: (annotations.word(_VARIABLE + "usageType"), "parameterType"),
        Kind.VARIABLE_SELECTION: (annotations.word(_VARIABLE + "selectionType"), "selectionType"),
    }
    for kind, (found, member) in words.items():
        last = _last(part.get(member))
        if found:
            expected[kind, name] = Expectation((found[0],), How.FOLDED)
        elif last and kind is Kind.VARIABLE_SELECTION:
            expected[kind, name] = Expectation((last,), How.FOLDED)
        elif last:
            expected[kind, name] = UNJUDGED
    return expected


def _column(name: str, part: Definition, annotations: Annotations) -> Expected:
    found = annotations.paths(_VARIABLE + "referenceElement")
    column = part.get("referenceAttribute") or (found[0][0] if found else None)
    return {(Kind.VARIABLE_COLUMN, name): Expectation((str(column),))} if column else {}


def _derivation(name: str, part: Definition, annotations: Annotations) -> Expected:
    """Return where the value of a variable is looked up: object and column."""
    terms = ("Consumption.derivation.lookupEntity", "Consumption.derivation.resultElement")
    found = [annotations.paths(term) for term in terms]
    texts = [one[0][0] for one in found if one]
    texts += [str(part[key]) for key in ("lookupEntity", "resultElement") if part.get(key)]
    return (
        {(Kind.DERIVATION, name): Expectation(tuple(dict.fromkeys(texts)), How.WITHIN)}
        if texts
        else {}
    )


def _last(word: Any) -> str | None:
    return word.rpartition(".")[2] if isinstance(word, str) and word else None
