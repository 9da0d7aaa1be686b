"""Prints one table for analysts: business context first, then the columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.browse import column_text, model_text
from datasphere_glue.browse.describe import all_columns, context
from datasphere_glue.browse.phrases import (
    LONGEST,
    facts,
    join_parts,
    join_texts,
    name_list,
    quote,
    with_label,
)
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import (
    AccessControl,
    Association,
    Hierarchy,
    Load,
)
from datasphere_glue.model.key import HEAD, ROW, Key
from datasphere_glue.model.table import Column, Table, sap_name
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.text_layout import align_columns, mask_controls, one_line, wrap_text

_MOST_LINES: Final = 12
_LONGEST_NAME: Final = 600
_TITLE: Final = 15
_INDENT: Final = "  "

Section = tuple[str, Iterable[str]]
Composer = Callable[[Asset], Iterable[str]]


def table_text(table: Table, asset: Asset | None, flaws: Iterable[str] = ()) -> str:
    """Return the text that `show` prints; `asset` is None when the table is not managed."""
    return "\n".join(_lines(table, asset, tuple(flaws)))


def _lines(table: Table, asset: Asset | None, flaws: tuple[str, ...]) -> Iterator[str]:
    place = one_line(f"{table.database}.{table.name}", _LONGEST_NAME)
    if asset is None:
        yield place
        yield f"{_INDENT}not managed by datasphere-glue: nothing is known about it from Datasphere"
        if table.description:
            yield from wrap_text(table.description, _INDENT, _MOST_LINES)
    else:
        yield f"{place}  =  {one_line(f'{asset.space}.{asset.name}', _LONGEST_NAME)}"
        if asset.label:
            yield f"{_INDENT}{one_line(asset.label, LONGEST)}"
        yield f"{_INDENT}{_kind(table, asset)}"
        if asset.description:
            yield ""
            yield from wrap_text(asset.description, _INDENT, _MOST_LINES)
        yield ""
        for title, lines in _sections(asset):
            yield from _section(title, lines)
        yield from _section("Unreadable", flaws)
    yield ""
    yield from _columns(table)


def _kind(table: Table, asset: Asset) -> str:
    pairs = context(table.parameters)
    words = [str(asset.kind).replace("_", " "), asset.usage or "", str(pairs.get("status", ""))]
    reasons = [str(pairs[k]) for k in ("deprecated_on", "deprecated_reason") if pairs.get(k)]
    words += [*reasons, "hidden" if asset.hidden else ""]
    return mask_controls(", ".join(word for word in words if word))


def _owner(asset: Asset) -> str | None:
    """Return the owner, with a note when it is only the creator of the object."""
    creator = dict(asset.provenance).get("owner") == "listing"
    return f"{asset.owner} (created the object)" if asset.owner and creator else asset.owner


def _sections(asset: Asset) -> Iterator[Section]:
    """Yield the sections in the order of TABLE_KEYS; sections of simple keys need no code."""
    for title, keys in _SECTIONS.items():
        compose = _COMPOSED.get(title)
        yield title, compose(asset) if compose else _values(asset, keys)
        for of_columns, lines in _OF_COLUMNS.get(title, ()):
            yield of_columns, lines(asset)


def _values(asset: Asset, keys: Iterable[Key]) -> list[str]:
    """Return the values of keys that hold one text or a list of names."""
    values = [getattr(asset, key.attribute) for key in keys if key.attribute]
    names = [name for value in values if isinstance(value, tuple) for name in value]
    return name_list(names) if names else join_texts(*(v for v in values if isinstance(v, str)))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    all_lines = list(lines)
    for line in all_lines[:_MOST_LINES]:
        # Only lists of names need several lines; wrapping adds no blanks to the text.
        for part in wrap_text(" ".join(line.split()), _INDENT + " " * _TITLE):
            yield f"{_INDENT}{title:{_TITLE}}{part.strip()}"
            title = ""
    if len(all_lines) > _MOST_LINES:
        rest = len(all_lines) - _MOST_LINES
        yield f"{_INDENT}{'':{_TITLE}}... and {rest} more (all of them in --json)"


def _provenance(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the fields that each source provided, on one line."""
    fields_by_source: dict[str, list[str]] = {}
    for field, source in pairs:
        fields_by_source.setdefault(source, []).append(field)
    parts = (f"{source}: {', '.join(fields)}" for source, fields in fields_by_source.items())
    return ["; ".join(parts)] if fields_by_source else []


def _hierarchy(hierarchy: Hierarchy) -> str:
    if hierarchy.levels:
        columns = " > ".join(map(quote, hierarchy.levels))
    else:
        ends = (hierarchy.parent, hierarchy.child)
        columns = " > ".join(" + ".join(map(quote, end)) or "?" for end in ends)
    columns = "" if columns == "? > ?" else columns
    through = f"through {quote(hierarchy.association)}" if hierarchy.association else None
    kind = hierarchy.kind.replace("_", "-")
    return join_parts(with_label(hierarchy.name, hierarchy.label), f"{kind}:", columns, through)


def _association(link: Association, space: str) -> str:
    pairs = ", ".join(f"{quote(column)} = {quote(other)}" for column, other in link.pairs)
    target = f"-> {link.target_space or space}.{link.target}"
    kind = "composition" if link.composition else None
    return join_parts(with_label(link.name, link.label), pairs, target, link.cardinality, kind)


def _lineage(asset: Asset) -> list[str]:
    gap = "not all sources could be determined"
    return [*name_list(asset.lineage), *([gap] if asset.lineage_complete is False else [])]


def _access(control: AccessControl) -> str:
    columns = f"on {', '.join(map(quote, control.columns))}" if control.columns else None
    return join_parts(quote(control.name), columns, (control.kind or "").replace("_", " "))


def _load(load: Load) -> str:
    sources = f"from {', '.join(map(quote, load.sources))}" if load.sources else None
    copied = f"copies it to {quote(load.target)}" if load.target else None
    through = f"through {quote(load.connection)}" if load.connection else None
    how = (load.system, load.mode, load.schedule)
    kind = load.kind.replace("_", " ")
    return join_parts(kind, quote(load.name), sources, copied, through, *how)


def _changes(asset: Asset) -> Iterator[str | None]:
    by = f" by {asset.changed_by}" if asset.changed_by else ""
    yield f"{asset.changed_on}{by}" if asset.changed_on else by.strip()
    yield f"deployed {asset.deployed_on}" if asset.deployed_on else None
    yield asset.object_status


def _columns(table: Table) -> Iterator[str]:
    columns = all_columns(table)
    yield f"{_INDENT}{len(columns)} columns"
    if columns:
        head = ("SAP name", "Glue name", "Glue type", "SAP type", "role", "label")
        rows = [_row(column, partition=column in table.partition_keys) for column in columns]
        yield from align_columns((head, *rows), _INDENT * 2)


def _row(column: Column, *, partition: bool) -> tuple[str, ...]:
    pairs = context(column.parameters)
    roles: list[Any] = pairs.get("roles") or [pairs.get("role", "")]
    marks = [*map(str, roles), "hidden" if pairs.get("hidden") else ""]
    marks.append("partition" if partition else "")
    return (
        sap_name(column) or "-",
        column.name,
        column.type,
        pairs.get("type", "-"),
        " ".join(mark for mark in marks if mark) or "-",
        pairs.get("label") or column.comment or "",
    )


_COMPOSED: Final[Mapping[str, Composer]] = {
    "Owner": lambda asset: join_texts(_owner(asset)),
    "Keys": lambda asset: name_list(e.name for e in asset.elements if e.key),
    "Measures": model_text.measures,
    "Dimensions": lambda asset: name_list(e.name for e in asset.elements if e.dimension),
    "Hierarchies": lambda asset: map(_hierarchy, asset.hierarchies),
    "Associations": lambda asset: (_association(x, asset.space) for x in asset.associations),
    "Variables": lambda asset: map(model_text.variable, asset.variables),
    "Built on": lambda asset: map(model_text.source, asset.model_sources),
    "Calculations": lambda asset: map(model_text.calculation, asset.cross_calculations),
    "Lineage": _lineage,
    "Rows from": lambda asset: column_text.deciding(asset.indirect_lineage),
    "Conditions": lambda asset: (one_line(text, LONGEST) for text in asset.filter),
    "Access": lambda asset: map(_access, asset.access_controls),
    "Loaded by": lambda asset: map(_load, asset.loads),
    "Personal data": lambda asset: [
        *facts(asset.personal_data),
        *column_text.facts_of(asset.elements, "personal_data"),
    ],
    "Release": lambda asset: [
        *facts(asset.release),
        *column_text.facts_of(asset.elements, "release"),
    ],
    "Remote source": lambda asset: [
        *join_texts(asset.remote_connection, asset.remote_entity),
        *facts(asset.origin),
    ],
    "Delta capture": lambda asset: facts(asset.delta),
    "Changed": lambda asset: join_texts(*_changes(asset)),
    "Custom": lambda asset: (f"{key} = {one_line(value, LONGEST)}" for key, value in asset.custom),
    "Provenance": lambda asset: _provenance(asset.provenance),
}
"""The composer of each section whose values are not just texts and names."""

_OF_COLUMNS: Final[Mapping[str, tuple[tuple[str, Composer], ...]]] = {
    "Dimensions": (
        ("Texts", lambda asset: column_text.texts(asset.elements)),
        ("Values", lambda asset: column_text.values(asset.elements)),
    ),
    "Lineage": (("Columns from", column_text.origins),),
}
"""Sections of the columns alone, by the section of the table that they follow."""

_TITLES: Final = dict.fromkeys(
    key.shown for key in TABLE_KEYS if key.shown not in {None, HEAD, ROW}
)
_SECTIONS: Final[Mapping[str, tuple[Key, ...]]] = {
    title: tuple(key for key in TABLE_KEYS if key.shown == title) for title in _TITLES if title
}
