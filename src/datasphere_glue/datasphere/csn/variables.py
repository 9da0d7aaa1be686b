"""Reads variables: parameters of an entity, their annotations, and the business layer.

All of these describe the same variables: one value for each name. The layer decides whether
consumers must provide a value, else the annotation does (`AnalyticsDetails.variable` and
`Consumption` of SAP). Without either, they must if there is no default and no object to look the
value up in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations, word_of
from datasphere_glue.datasphere.csn.layer_values import bare_word, leftovers, name_of
from datasphere_glue.datasphere.csn.terms import FILTER, VARIABLE_TERMS, Form
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.csn.value_lists import default_text
from datasphere_glue.datasphere.values import as_flag, joined_pairs, text_at
from datasphere_glue.model.asset_parts import Variable

_TERMS: Final = {row.field: row.terms for row in VARIABLE_TERMS.rows if row.form is Form.CODE}
_ORDER: Final = "AnalyticsDetails.query.variableSequence"
_INPUT: Final = "Input"
_LOOKUP: Final = "Lookup"
_MANUAL: Final = "ManualInput"
_DEFAULTS: Final = ("defaultValue", "default", "defaultRanges", "defaultRangeValues")
"""Members of a layer that hold a default, a value before ranges."""
_NOTHING: Final[tuple[Any, ...]] = (None, [], {})
_UNDERSTOOD: Final = frozenset(
    {
        *("text", "parameterType", "mandatory", "order", "hidden", "isHidden"),
        *("usageType", "selectionType", "multipleSelections", "referenceAttribute"),
        *("lookupEntity", "resultElement"),
    }
)


@dataclass(frozen=True, slots=True)
class Described:
    """What one place says of a variable; `variable` holds explicit values only.

    `hidden`: None where the place is silent.
    `parameter`: True for an input parameter, as opposed to a filter.
    `order`: its place among the prompts.
    """

    variable: Variable
    hidden: bool | None = None
    parameter: bool = False
    order: float | None = None


def described_parameter(
    variable: Variable, fields: Mapping[str, Any], annotations: CsnAnnotations
) -> Described:
    """Return an input parameter; `fields` are those of `VARIABLE_TERMS`, which it lacks."""
    return replace(_annotated(variable, fields, annotations), parameter=True)


def is_filter(annotations: CsnAnnotations) -> bool:
    """Return whether the annotations of a column of a model declare a filter variable."""
    return any(term.startswith(FILTER) for term in annotations.values)


def described_filter(
    column: str, fields: Mapping[str, Any], annotations: CsnAnnotations
) -> Described:
    """Return the filter variable that a column declares; its texts are those of the column."""
    own = {key: value for key, value in fields.items() if key not in {"label", "description"}}
    return _annotated(Variable(column, UNTYPED, column=column), own, annotations)


def _annotated(
    variable: Variable, fields: Mapping[str, Any], annotations: CsnAnnotations
) -> Described:
    default = default_text(_value(annotations, *_TERMS["default"]))
    described = replace(
        variable,
        **fields,
        mandatory=_flag(annotations, "mandatory"),
        default=default if variable.default is None else variable.default,
    )
    return Described(
        described, _flag(annotations, "hidden"), order=_number(_value(annotations, _ORDER))
    )


def layer_variables(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[Described]:
    """Yield the variables of a business layer, `UNTYPED`: each has the type of its column."""
    for name, part in parts.items():
        kind = bare_word(part.get("parameterType") or part.get("variableType"))
        processing = bare_word(part.get("variableProcessingType"))
        lookup = name_of(part.get("lookupEntity"))
        selection = bare_word(part.get("selectionType"))
        default = next((key for key in _DEFAULTS if part.get(key) not in _NOTHING), "")
        understood = {*_UNDERSTOOD, default}
        understood |= set() if "parameterType" in part else {"variableType"}
        if processing == _MANUAL or (processing == _LOOKUP and lookup is not None):
            understood |= {"variableProcessingType"}
        variable = Variable(
            name=name,
            type=UNTYPED,
            label=text_at(part, "text"),
            mandatory=as_flag(part.get("mandatory")),
            default=_layer_default(part.get(default)),
            kind=kind,
            column=name_of(part.get("referenceAttribute")),
            custom=tuple(leftovers(part, understood).items()),
            usage=bare_word(part.get("usageType")),
            selection=selection.upper() if selection else None,
            multiple=as_flag(part.get("multipleSelections")) is True,
            derived_from=lookup,
            derived_column=name_of(part.get("resultElement")),
        )
        hidden = as_flag(part.get("hidden", part.get("isHidden")))
        yield Described(variable, hidden, kind == _INPUT, _number(part.get("order")))


def join_variables(
    parameters: Iterable[Described], layer: Iterable[Described], filters: Iterable[Described]
) -> tuple[tuple[Variable, ...], frozenset[str]]:
    """Return one variable for each name in the order of the prompts, and what is only implied.

    The second value names those whose `mandatory` follows from the lack of a default. A filter that
    a column declares belongs to the variable that names the column.
    """
    joined = {one.variable.name: one for one in parameters}
    for one in layer:
        name = one.variable.name
        joined[name] = _join(one, joined[name]) if name in joined else one
    by_column = {one.variable.column: name for name, one in joined.items() if one.variable.column}
    for one in filters:
        name = by_column.get(one.variable.name, one.variable.name)
        joined[name] = _join(joined[name], one) if name in joined else one
    ordered = sorted(
        joined.values(), key=lambda one: float("inf") if one.order is None else one.order
    )
    implied = frozenset(
        one.variable.name for one in ordered if one.parameter and one.variable.mandatory is None
    )
    variables = (replace(one.variable, hidden=one.hidden is True) for one in ordered)
    return tuple(with_requirement(v, implied) for v in variables), implied


def with_requirement(variable: Variable, implied: frozenset[str]) -> Variable:
    """Return a variable that is mandatory if it is an implied one without a default."""
    if variable.name not in implied:
        return variable
    free = variable.default is not None or variable.derived_from is not None
    return replace(variable, mandatory=not free)


def _join(first: Described, second: Described) -> Described:
    """Return two descriptions of one variable as one; the first is the more authoritative."""
    one, other = first.variable, second.variable
    return Described(
        Variable(
            name=one.name,
            type=one.type if other.type == UNTYPED else other.type,
            label=other.label or one.label,
            mandatory=other.mandatory if one.mandatory is None else one.mandatory,
            default=other.default if one.default is None else one.default,
            kind=one.kind or other.kind,
            column=one.column or other.column,
            description=other.description or one.description,
            custom=joined_pairs(one.custom, other.custom),
            usage=other.usage or one.usage,
            selection=one.selection or other.selection,
            multiple=one.multiple or other.multiple,
            derived_from=one.derived_from or other.derived_from,
            derived_column=one.derived_column or other.derived_column,
        ),
        hidden=first.hidden if second.hidden is None else second.hidden,
        parameter=first.parameter or second.parameter,
        order=second.order if first.order is None else first.order,
    )


def _flag(annotations: CsnAnnotations, field: str) -> bool | None:
    """Return the first boolean of the terms of a field in any usual spelling, None without one."""
    for term in _TERMS[field]:
        value = annotations.values.get(term)
        if (flag := as_flag(word_of(value) or value)) is not None:
            annotations.used.add(term)
            return flag
    return None


def _value(annotations: CsnAnnotations, *terms: str) -> Any:
    """Return the first value of the terms, None where there is none."""
    for term in terms:
        if term in annotations.values:
            annotations.used.add(term)
            return annotations.values[term]
    return None


def _layer_default(value: Any) -> str | None:
    """Return a default of a layer as text; an empty list is none."""
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return None if value in _NOTHING else default_text(value)


def _number(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
