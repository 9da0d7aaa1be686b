"""Prints the parts of an analytic model: measures, variables, calculations and sources."""

from collections.abc import Iterator
from typing import Final

from datasphere_glue.browse.phrases import LONGEST, join_parts, quote, quoted, with_label
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import (
    BoundParameter,
    CrossCalculation,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import Element
from datasphere_glue.text_layout import one_line

_SHORT: Final = 40
_RESTRICTED: Final = "RESTRICTION"
_SHOWN_BY_TYPE: Final = frozenset({"FactSourceMeasure", "RestrictedMeasure", "CalculatedMeasure"})


def measures(asset: Asset) -> Iterator[str]:
    """Yield a line for each measure: how it is made, aggregated, converted and counted."""
    for element in asset.elements:
        if element.measure:
            own = [c for space, name, c in element.sources if (space, name) == _place(asset)]
            yield _measure(element, own)


def _place(asset: Asset) -> tuple[str, str]:
    return asset.space, asset.name


def _measure(element: Element, bases: list[str]) -> str:
    column = element.currency or element.unit
    unit = quote(column) if column else element.currency_value or element.unit_value
    kind = None if element.measure_kind in _SHOWN_BY_TYPE else element.measure_kind
    restricted = "Restricted" in (element.measure_kind or "") or element.measure_type == _RESTRICTED
    sign = "where" if restricted else "="
    made = join_parts(
        with_label(element.name, element.label),
        element.aggregation,
        element.measure_type,
        kind,
        f"in {unit}" if unit else None,
        f"of {quoted(bases)}" if bases else None,
        f"{sign} {one_line(element.formula, LONGEST)}" if element.formula else None,
    )
    details = (
        _exception(element),
        f"counts {quoted(element.distinct_columns)}" if element.distinct_columns else None,
        _conversion(element),
        "not additive" if element.non_additive else None,
        "hidden" if element.hidden else None,
    )
    return "; ".join([made, *filter(None, details)])


def _exception(element: Element) -> str | None:
    if not element.exception_aggregation:
        return None
    along = f" along {quoted(element.exception_columns)}" if element.exception_columns else ""
    return element.exception_aggregation + along


def _conversion(element: Element) -> str | None:
    settings = ", ".join(f"{word} {one_line(v, _SHORT)}" for word, v in element.conversion)
    return f"converted by {settings}" if settings else None


def variable(one: Variable) -> str:
    """Return the line of a variable: who gives it which values, and what for."""
    requirement = {True: "mandatory", False: "optional", None: None}[one.mandatory]
    looked_up = ".".join(filter(None, (one.derived_from, one.derived_column)))
    same = (one.usage or "").lower() == (one.kind or "").lower()
    return join_parts(
        with_label(one.name, one.label),
        one.type.name,
        one.kind,
        None if same else one.usage,
        f"on {quote(one.column)}" if one.column else None,
        one.selection,
        "several values" if one.multiple else None,
        requirement,
        None if one.default is None else f'default "{one_line(one.default, _SHORT)}"',
        f"from {quote(looked_up)}" if looked_up else None,
        "hidden" if one.hidden else None,
    )


def calculation(one: CrossCalculation) -> str:
    """Return the line of a member of the structure of a model."""
    formula = f"= {one_line(one.formula, LONGEST)}" if one.formula else None
    return join_parts(with_label(one.name, one.label), one.kind, formula)


def source(one: ModelSource) -> str:
    """Return the line of an object that a model is built on."""
    bound = ", ".join(map(_bound, one.parameters))
    affix = f"{one.affix.type} {quote(one.affix.text)}" if one.affix else None
    return join_parts(
        one.role,
        f"{one.target_space}.{one.target}",
        f"with {bound}" if bound else None,
        affix,
    )


def _bound(parameter: BoundParameter) -> str:
    if parameter.variable:
        return f"{quote(parameter.name)} = {quote(parameter.variable)}"
    if parameter.value is not None:
        return f'{quote(parameter.name)} = "{one_line(parameter.value, _SHORT)}"'
    return join_parts(quote(parameter.name), parameter.how)
