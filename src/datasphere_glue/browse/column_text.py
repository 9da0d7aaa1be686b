"""Prints columns by section: texts, values, where they come from, and what they say of people."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from datasphere_glue.browse.phrases import LONGEST, facts, first_of, name_list, quote
from datasphere_glue.browse.trace import origins_of
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.text_layout import one_line

_HANDED_THROUGH: Final = frozenset({"direct", "renamed", None})


def texts(elements: Iterable[Element]) -> Iterator[str]:
    """Yield a line for each code with the column or association of its text."""
    for element in elements:
        if targets := [quote(name) for name in (element.text, element.text_association) if name]:
            yield f"{quote(element.name)} -> {' or '.join(targets)}"


def values(elements: Iterable[Element]) -> Iterator[str]:
    """Yield a line for each column with a default or an enumeration."""
    for element in elements:
        default = element.default
        parts = [] if default is None else [f'default "{one_line(default, LONGEST)}"']
        if parts := [*parts, *first_of(map(_value, element.values))]:
            yield f"{quote(element.name)} {'; '.join(parts)}"


def _value(value: EnumValue) -> str:
    same = value.value in {None, value.name}
    stored = "" if same else f' = "{one_line(value.value or "", LONGEST)}"'
    label = f" ({one_line(value.label, LONGEST)})" if value.label else ""
    return quote(value.name) + stored + label


def origins(asset: Asset) -> Iterator[str]:
    """Yield a line for each object with the columns that it hands through, then the computed ones.

    A column with another name in the object has that, too: `COUNTRY from LAND`. The measures that
    other measures of a model are based on are no origins.
    """
    own = f"{asset.space}.{asset.name}"
    through: dict[str, list[str]] = {}
    computed: list[str] = []
    for element in asset.elements:
        name, made_from = quote(element.name), dict[tuple[str, str], list[str]]()
        for source, column, how in origins_of(element):
            if source == own:
                continue
            if how in _HANDED_THROUGH:
                same = column == element.name
                through.setdefault(source, []).append(
                    name if same else f"{name} from {quote(column)}"
                )
            else:
                made_from.setdefault((source, how or ""), []).append(column)
        computed += [
            f"{name} {how} from {source}: {', '.join(name_list(columns))}"
            for (source, how), columns in made_from.items()
        ]
        if element.formula and not element.measure:
            computed.append(f"{name} = {one_line(element.formula, LONGEST)}")
    yield from (f"{source}: {', '.join(first_of(parts))}" for source, parts in through.items())
    yield from computed


def deciding(origins: Iterable[Origin]) -> Iterator[str]:
    """Yield a line for each use of an object with the columns that decide which rows there are."""
    columns: dict[tuple[str, str], list[str]] = {}
    for origin in origins:
        columns.setdefault((origin.how, origin.object), []).append(origin.column)
    for (how, source), names in columns.items():
        yield f"{how} {source}: {', '.join(name_list(names))}"


def facts_of(
    elements: Iterable[Element], field: Literal["personal_data", "release"]
) -> Iterator[str]:
    """Yield a line for each column with named facts."""
    for element in elements:
        for line in facts(getattr(element, field)):
            yield f"{quote(element.name)}: {line}"
