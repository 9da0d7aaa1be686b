"""What happens to the columns of a table, judged by Glue types, and how to hold it back.

Widening is what keeps every former value exactly: more digits, longer text, more fields. A type
that may round or cut is narrowing (Hive and Athena type names).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.model.glue_keys import COLUMN_KEYS, TABLE_KEYS
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.plan.change import ColumnChange
from datasphere_glue.plan.policy import SchemaChange, SchemaPolicy

_WHOLE: Final = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
"""Decimal digits of the largest value."""

_EXACT_DIGITS: Final = {"float": 7, "double": 15}
"""Decimal digits that a binary floating type always keeps (IEEE 754)."""

_GRAVITY: Final = (
    SchemaChange.ADDITIVE,
    SchemaChange.WIDENING,
    SchemaChange.NARROWING,
    SchemaChange.TYPE_CHANGE,
)
_SIZED: Final = re.compile(r"(decimal|varchar|char)\((\d+)(?:,(\d+))?\)")
_INTEGER: Final = re.compile(r"\binteger\b")
_BARE_DECIMAL: Final = re.compile(r"\bdecimal\b(?!\()")
_UNBOUNDED: Final = 1 << 31
_STRUCTURE: Final = frozenset(
    {"columnMapping"} | {key.full for key in TABLE_KEYS if key.structural}
)
"""Table parameters that speak of columns by name."""

_TYPE_FACTS: Final = frozenset(key.full for key in COLUMN_KEYS if key.structural)

Pairs = tuple[tuple[SchemaChange, SchemaPolicy], ...]


def classify(before: str, after: str) -> SchemaChange | None:
    """Return what it means that a column of type `before` becomes `after`, None for nothing.

    A structure that only gains fields is additive; one that loses a field is narrowing.
    """
    if before == after:
        return None
    old, new = _plain(before), _plain(after)
    if old == new:
        return None
    inner_old, inner_new = _parts(old), _parts(new)
    if inner_old is None or inner_new is None or inner_old[0] != inner_new[0]:
        return _scalar(old, new)
    return _nested(inner_old[1], inner_new[1])


def column_changes(before: Table, after: Table) -> tuple[ColumnChange, ...]:
    """Return what happens to each column and partition key, in the order of their names."""
    old, new = (
        {c.name: c.type for c in (*table.columns, *table.partition_keys)}
        for table in (before, after)
    )
    return tuple(_changes(old, new))


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[ColumnChange]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield ColumnChange(name, SchemaChange.ADDITIVE, None, new[name])
        elif name not in new:
            yield ColumnChange(name, SchemaChange.REMOVAL, old[name], None)
        elif kind := classify(old[name], new[name]):
            yield ColumnChange(name, kind, old[name], new[name])


def decided(
    changes: Iterable[ColumnChange], policies: Pairs, policy: SchemaPolicy
) -> tuple[ColumnChange, ...]:
    """Return those changes for which this policy is chosen."""
    chosen = dict(policies)
    return tuple(c for c in changes if chosen.get(c.kind, SchemaPolicy.APPLY) is policy)


@dataclass(frozen=True, slots=True)
class Held:
    """What to write while the structure waits: `table`, with the columns of `frozen` untouched."""

    table: Table
    frozen: frozenset[str]


def held(current: Table, desired: Table) -> Held:
    """Return the desired table with the columns that stand in Glue: names, types and order.

    Texts and facts of columns that both have are still updated; a column that only Glue has stays
    exactly as it is. Table parameters that list columns wait, too.
    """
    wanted = {c.name: c for c in (*desired.columns, *desired.partition_keys)}
    waiting = {key: value for key, value in current.parameters if key in _STRUCTURE}
    rest = {key: value for key, value in desired.parameters if key not in _STRUCTURE}
    table = replace(
        desired,
        columns=tuple(_as_it_stands(c, wanted) for c in current.columns),
        partition_keys=tuple(_as_it_stands(c, wanted) for c in current.partition_keys),
        parameters=parameters(rest | waiting),
    )
    names = {c.name for c in (*current.columns, *current.partition_keys)}
    return Held(table, frozenset(names - wanted.keys()))


def _as_it_stands(current: Column, wanted: Mapping[str, Column]) -> Column:
    want = wanted.get(current.name)
    if want is None:
        return current
    if want.type == current.type:
        return want
    facts = {key: value for key, value in current.parameters if key in _TYPE_FACTS}
    others = {key: value for key, value in want.parameters if key not in _TYPE_FACTS}
    return replace(want, type=current.type, parameters=parameters(others | facts))


def waits(table: Table, changes: Iterable[ColumnChange]) -> Issue:
    """Return the note that tells which columns wait and how."""
    listed = "; ".join(_told(change) for change in changes)
    return Issue(
        IssueCode.SCHEMA_HELD,
        f"{table.database}.{table.name} keeps its columns, because the configuration holds"
        f" such changes back; waiting: {listed}",
        space=table.asset[0],
        asset=table.asset[1],
    )


def refused(table: Table, changes: Iterable[ColumnChange]) -> tuple[Issue, ...]:
    """Return one objection for each column whose change must stop the run."""
    return tuple(
        Issue(
            IssueCode.SCHEMA_CHANGE_REFUSED,
            f"{table.database}.{table.name}: {_told(change)}; the configuration halts on this",
            space=table.asset[0],
            asset=table.asset[1],
        )
        for change in changes
    )


def _told(change: ColumnChange) -> str:
    return (
        f"column {change.column} from {change.before or 'nothing'}"
        f" to {change.after or 'nothing'} ({change.kind})"
    )


def _plain(text: str) -> str:
    """Return a type in the one spelling that is compared: no blanks, no other names."""
    bare = "".join(text.split()).lower()
    return _INTEGER.sub("int", _BARE_DECIMAL.sub("decimal(10,0)", bare))


def _parts(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the sort of a nested type and the types inside by name, None for a plain one."""
    sort, opened, inside = text.partition("<")
    if not opened or not inside.endswith(">"):
        return None
    pieces = _split(inside[:-1])
    if sort != "struct":
        return sort, {str(place): piece for place, piece in enumerate(pieces)}
    named = (piece.partition(":") for piece in pieces)
    return sort, {name: kind for name, _, kind in named}


def _split(text: str) -> list[str]:
    """Return the parts of a comma-separated list of types, minding brackets."""
    pieces, depth, start = [], 0, 0
    for place, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            pieces.append(text[start:place])
            start = place + 1
    return [*pieces, text[start:]]


def _nested(old: Mapping[str, str], new: Mapping[str, str]) -> SchemaChange:
    found = [change.kind for change in _changes(old, new)]
    narrowed = (SchemaChange.NARROWING if k is SchemaChange.REMOVAL else k for k in found)
    # Nothing inside differs when only the order does: values would be read under wrong names.
    return max(narrowed, key=_GRAVITY.index, default=SchemaChange.TYPE_CHANGE)


def _scalar(old: str, new: str) -> SchemaChange:
    for rule in (_numbers, _texts):
        fits = rule(old, new)
        if fits is not None:
            return SchemaChange.WIDENING if fits else SchemaChange.NARROWING
    return SchemaChange.TYPE_CHANGE


def _numbers(old: str, new: str) -> bool | None:
    """Tell whether every number of one type is exact in the other, None unless both are numbers."""
    if old in _EXACT_DIGITS:
        if new in _EXACT_DIGITS:
            return _EXACT_DIGITS[old] <= _EXACT_DIGITS[new]
        return None if _digits(new) is None else False
    have, room = _digits(old), _digits(new)
    if have is None:
        return None
    if new in _EXACT_DIGITS:
        return old in _WHOLE and sum(have) <= _EXACT_DIGITS[new]
    if room is None:
        return None
    return have[0] <= room[0] and have[1] <= room[1] and (new not in _WHOLE or _fits(old, new))


def _fits(old: str, new: str) -> bool:
    # decimal(10,0) holds ten nines, int only ten digits that begin with 2.
    return old in _WHOLE or (_digits(old) or (0, 0))[0] < _WHOLE[new]


def _digits(text: str) -> tuple[int, int] | None:
    """Return the digits before and after the point, None for what is no exact number."""
    if text in _WHOLE:
        return _WHOLE[text], 0
    sized = _SIZED.fullmatch(text)
    if sized is None or sized[1] != "decimal":
        return None
    precision, scale = int(sized[2]), int(sized[3] or 0)
    return precision - scale, scale


def _texts(old: str, new: str) -> bool | None:
    """Tell whether every text of one type fits the other, None unless both are texts."""
    have, room = _length(old), _length(new)
    return None if have is None or room is None else have <= room


def _length(text: str) -> int | None:
    if text == "string":
        return _UNBOUNDED
    sized = _SIZED.fullmatch(text)
    return int(sized[2]) if sized and sized[1] != "decimal" else None
