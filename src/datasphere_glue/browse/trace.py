"""Maps a name of SAP or Glue to its counterpart, and follows its lineage."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from datasphere_glue.browse.describe import Entry
from datasphere_glue.model.element import Element
from datasphere_glue.text_layout import WIDTH, align_columns, one_line

SCHEMA: Final = "datasphere-glue/trace/1"

_SUGGESTED: Final = 5
_MOST_STEPS: Final = 200

Pair = tuple[str, str]

_Node = TypeVar("_Node", bound=Hashable)


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One object of a lineage.

    `depth`: number of steps from the start, at least 1.
    `source`: exact SAP name, `SPACE.asset` or `SPACE.asset.column`.
    `place`: name in Glue, `database.table` or `database.table.column`; None without a table.
    `how`: how a column is made from the one before: `direct`, `renamed`, `computed`, `aggregated`,
        or None where that is not known; always None for an asset.
    """

    depth: int
    source: str
    place: str | None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One object that a name denotes, with its lineage.

    `columns`: (SAP name, Glue name) of all columns; empty for a column.
    `up`: the sources, depth first and each once.
    `down`: the users, in the same form.
    `column`: (SAP name, Glue name) when the name denotes a column, None otherwise.
    """

    entry: Entry
    columns: tuple[Pair, ...]
    up: tuple[TraceStep, ...]
    down: tuple[TraceStep, ...]
    column: Pair | None = None


def find_traces(name: str, entries: Iterable[Entry]) -> tuple[Trace, ...]:
    """Return every object that a name denotes exactly, in the terms of SAP or Glue.

    SAP names can hold dots, so `A.B.C` is compared with existing names and never split.
    """
    all_entries = tuple(entries)
    traces: list[Trace] = []
    for entry in all_entries:
        pairs = tuple((element.name, column.name) for element, column in entry.columns)
        if name in (entry.source, entry.place):
            traces.append(_trace_asset(entry, pairs, all_entries))
        else:
            matching = (p for p in pairs if name in _column_names(entry, p))
            traces.extend(_trace_column(entry, pair, all_entries) for pair in matching)
    return tuple(traces)


def _column_names(entry: Entry, pair: Pair) -> tuple[str, str]:
    return f"{entry.source}.{pair[0]}", f"{entry.place}.{pair[1]}"


def close_names(name: str, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of assets and tables that are spelt similarly to this one."""
    originals = {text.casefold(): text for entry in entries for text in (entry.source, entry.place)}
    matches = get_close_matches(name.casefold(), originals, n=_SUGGESTED)
    return tuple(originals[text] for text in matches)


def _trace_asset(entry: Entry, pairs: tuple[Pair, ...], entries: tuple[Entry, ...]) -> Trace:
    place_of = {other.source: other.place for other in reversed(entries)}
    edges = [(other.source, source, None) for other in entries for source in other.asset.lineage]
    return Trace(
        entry,
        pairs,
        up=tuple(_walk(entry.source, _above(edges), str, place_of)),
        down=tuple(_walk(entry.source, _below(edges), str, place_of)),
    )


def _walk(
    start: _Node,
    nearest: Mapping[_Node, list[tuple[_Node, str | None]]],
    name_of: Callable[[_Node], str],
    place_of: Mapping[_Node, str],
) -> Iterator[TraceStep]:
    """Yield the objects of a lineage, depth first and each once, at most _MOST_STEPS."""
    seen = {start}
    pending = [(1, *edge) for edge in reversed(nearest.get(start, []))]
    while pending and len(seen) <= _MOST_STEPS:
        depth, node, how = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        yield TraceStep(depth, name_of(node), place_of.get(node), how)
        pending += [(depth + 1, *edge) for edge in reversed(nearest.get(node, []))]


def _above(
    edges: Iterable[tuple[_Node, _Node, str | None]],
) -> dict[_Node, list[tuple[_Node, str | None]]]:
    """Return what each object is made from, of edges (object, source, how)."""
    nearest: dict[_Node, list[tuple[_Node, str | None]]] = {}
    for node, source, how in edges:
        nearest.setdefault(node, []).append((source, how))
    return nearest


def _below(
    edges: Iterable[tuple[_Node, _Node, str | None]],
) -> dict[_Node, list[tuple[_Node, str | None]]]:
    """Return what is made from each object, of the same edges."""
    return _above((source, node, how) for node, source, how in edges)


def _trace_column(entry: Entry, pair: Pair, entries: tuple[Entry, ...]) -> Trace:
    place_of = {
        (other.source, element.name): f"{other.place}.{column.name}"
        for other in entries
        for element, column in other.columns
    }
    edges = [
        ((other.source, element.name), origin[:2], origin[2])
        for other in entries
        for element in other.asset.elements
        for origin in origins_of(element)
    ]
    own = (entry.source, pair[0])
    return Trace(
        entry,
        (),
        up=tuple(_walk(own, _above(edges), ".".join, place_of)),
        down=tuple(_walk(own, _below(edges), ".".join, place_of)),
        column=pair,
    )


def origins_of(element: Element) -> Iterator[tuple[str, str, str | None]]:
    """Yield the columns that a column is made from: object, column and, if known, how."""
    yield from ((one.object, one.column, one.how) for one in element.lineage)
    yield from ((f"{space}.{name}", column, None) for space, name, column in element.sources)


def trace_text(traces: Iterable[Trace]) -> str:
    """Return the traces as text: both names, the lineage and the columns."""
    return "\n\n".join("\n".join(_trace_lines(trace)) for trace in traces)


def _trace_lines(trace: Trace) -> Iterator[str]:
    entry = trace.entry
    ends = [entry.source, entry.place]
    if trace.column:
        ends = list(_column_names(entry, trace.column))
    label = f"  {one_line(entry.asset.label, WIDTH)}" if entry.asset.label else ""
    yield "  =  ".join(one_line(end, 2 * WIDTH) for end in ends)
    yield f"  {str(entry.asset.kind).replace('_', ' ')}{label}"
    for title, steps in (("comes from", trace.up), ("is used by", trace.down)):
        if steps:
            yield f"  {title}"
            rows = [
                ("  " * step.depth + step.source, step.place or "(no table)", step.how or "")
                for step in steps
            ]
            yield from align_columns(rows, "  ", WIDTH)
    if trace.columns:
        yield "  columns"
        yield from align_columns([(f"  {sap}", glue) for sap, glue in trace.columns], "  ", WIDTH)


def trace_value(name: str, traces: Iterable[Trace]) -> dict[str, Any]:
    """Return the traces as one JSON document."""
    return {"schema": SCHEMA, "name": name, "traces": [_value(trace) for trace in traces]}


def _value(trace: Trace) -> dict[str, Any]:
    asset, table = trace.entry.asset, trace.entry.table
    sap, glue = trace.column or (None, None)
    return {
        "space": asset.space,
        "asset": asset.name,
        "element": sap,
        "database": table.database,
        "table": table.name,
        "column": glue,
        "kind": str(asset.kind),
        "columns": [{"element": sap, "column": glue} for sap, glue in trace.columns],
        "up": [_step_value(step) for step in trace.up],
        "down": [_step_value(step) for step in trace.down],
    }


def _step_value(step: TraceStep) -> dict[str, Any]:
    value = {"depth": step.depth, "source": step.source, "table": step.place}
    return value | ({"how": step.how} if step.how else {})
