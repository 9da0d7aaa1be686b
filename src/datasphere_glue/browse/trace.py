"""From a name in one vocabulary to its partner in the other, and along the lineage of both."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from datasphere_glue.browse.describe import Entry
from datasphere_glue.text_layout import WIDTH, align_columns, one_line

SCHEMA: Final = "datasphere-glue/trace/1"

_SUGGESTED: Final = 5
_MOST_STEPS: Final = 200

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One object of a lineage, `depth` steps away; `place` is None where it has no table."""

    depth: int
    source: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What a name stands for; `column` is its (SAP name, Glue name) when it names a column.

    `columns` pairs the SAP and Glue names of all columns. `up` and `down` hold the lineage from the
    nearest object on, each object once; of a column they hold the columns next to it.
    """

    entry: Entry
    columns: tuple[Pair, ...]
    up: tuple[TraceStep, ...]
    down: tuple[TraceStep, ...]
    column: Pair | None = None


def find_traces(name: str, entries: Iterable[Entry]) -> tuple[Trace, ...]:
    """Return everything that a name exactly stands for, in either vocabulary.

    SAP names hold dots, so `A.B.C` is compared with what is known and not taken apart.
    """
    known = tuple(entries)
    found: list[Trace] = []
    for entry in known:
        pairs = tuple((element.name, column.name) for element, column in entry.columns)
        if name in (entry.source, entry.place):
            found.append(_of_asset(entry, pairs, known))
        else:
            named = (p for p in pairs if name in _column_names(entry, p))
            found.extend(_of_column(entry, pair, known) for pair in named)
    return tuple(found)


def _column_names(entry: Entry, pair: Pair) -> tuple[str, str]:
    return f"{entry.source}.{pair[0]}", f"{entry.place}.{pair[1]}"


def close_names(name: str, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the known names of assets and tables that are spelt much like this one."""
    known = {text.casefold(): text for entry in entries for text in (entry.source, entry.place)}
    close = get_close_matches(name.casefold(), known, n=_SUGGESTED)
    return tuple(known[text] for text in close)


def _of_asset(entry: Entry, pairs: tuple[Pair, ...], known: tuple[Entry, ...]) -> Trace:
    place_of = {other.source: other.place for other in reversed(known)}
    above = {other.source: other.asset.lineage for other in known}
    below: dict[str, list[str]] = {}
    for other in known:
        for source in other.asset.lineage:
            below.setdefault(source, []).append(other.source)
    return Trace(
        entry,
        pairs,
        up=tuple(_walked(entry.source, above, place_of)),
        down=tuple(_walked(entry.source, below, place_of)),
    )


def _walked(
    start: str, nearest: Mapping[str, Iterable[str]], place_of: Mapping[str, str]
) -> Iterator[TraceStep]:
    """Yield what a lineage leads to, depth first; an object that was met is not entered again."""
    met = {start}
    waiting = [(1, source) for source in reversed(list(nearest.get(start, ())))]
    while waiting and len(met) <= _MOST_STEPS:
        depth, source = waiting.pop()
        if source in met:
            continue
        met.add(source)
        yield TraceStep(depth, source, place_of.get(source))
        waiting += [(depth + 1, one) for one in reversed(list(nearest.get(source, ())))]


def _of_column(entry: Entry, pair: Pair, known: tuple[Entry, ...]) -> Trace:
    place_of = {
        (other.asset.space, other.asset.name, element.name): f"{other.place}.{column.name}"
        for other in known
        for element, column in other.columns
    }
    own = (entry.asset.space, entry.asset.name, pair[0])
    sources = next(e.sources for e in entry.asset.elements if e.name == pair[0])
    users = (
        (other.asset.space, other.asset.name, element.name)
        for other in known
        for element in other.asset.elements
        if own in element.sources
    )

    def step(source: tuple[str, str, str]) -> TraceStep:
        return TraceStep(1, ".".join(source), place_of.get(source))

    return Trace(entry, (), tuple(map(step, sources)), tuple(map(step, users)), pair)


def trace_text(found: Iterable[Trace]) -> str:
    """Return what a name stands for, with its partner and its lineage."""
    return "\n\n".join("\n".join(_lines(trace)) for trace in found)


def _lines(trace: Trace) -> Iterator[str]:
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
            rows = [("  " * s.depth + s.source, s.place or "(no table)") for s in steps]
            yield from align_columns(rows, "  ", WIDTH)
    if trace.columns:
        yield "  columns"
        yield from align_columns([(f"  {sap}", glue) for sap, glue in trace.columns], "  ", WIDTH)


def trace_value(name: str, found: Iterable[Trace]) -> dict[str, Any]:
    """Return what a name stands for as one JSON document."""
    return {"schema": SCHEMA, "name": name, "traces": [_value(trace) for trace in found]}


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
    return {"depth": step.depth, "source": step.source, "table": step.place}
