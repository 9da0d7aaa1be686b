"""Classifies changes of columns by their Glue types, and holds them back.

A widening type holds every former value exactly: more digits, longer text, more fields. A type that
may round or truncate is narrowing (Hive and Athena type names).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.plan.change import ColumnChange
from datasphere_glue.plan.policy import SchemaChange, SchemaPolicy

_WHOLE: Final = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
"""Decimal digits of the largest value."""

_EXACT_DIGITS: Final = {"float": 7, "double": 15}
"""Decimal digits that a binary floating-point type always preserves (IEEE 754)."""

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
"""Table parameters that refer to columns by name."""

_TYPE_FACTS: Final = frozenset(key.full for key in COLUMN_KEYS if key.structural)

Pairs = tuple[tuple[SchemaChange, SchemaPolicy], ...]


def classify(before: str, after: str) -> SchemaChange | None:
    """Return the class of a type change from `before` to `after`; None if both are equal.

    A structure that only gains fields is additive; one that loses a field is narrowing.
    """
    if before == after:
        return None
    old, new = _canonical_type(before), _canonical_type(after)
    if old == new:
        return None
    inner_old, inner_new = _nested_parts(old), _nested_parts(new)
    if inner_old is None or inner_new is None or inner_old[0] != inner_new[0]:
        return _scalar(old, new)
    return _nested(inner_old[1], inner_new[1])


def column_changes(before: Table, after: Table) -> tuple[ColumnChange, ...]:
    """Return the change of each column and partition key, sorted by name."""
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


def changes_with_policy(
    changes: Iterable[ColumnChange], policies: Pairs, policy: SchemaPolicy
) -> tuple[ColumnChange, ...]:
    """Return the changes whose kind has this policy."""
    chosen = dict(policies)
    return tuple(c for c in changes if chosen.get(c.kind, SchemaPolicy.APPLY) is policy)


@dataclass(frozen=True, slots=True)
class HeldTable:
    """The write while a schema change is held back.

    - `table`: the desired table with the columns that Glue holds.
    - `frozen`: names of the columns that stay unchanged.
    """

    table: Table
    frozen: frozenset[str]


def hold_structure(current: Table, desired: Table) -> HeldTable:
    """Return the desired table with the columns that Glue holds: names, types and order.

    Texts and facts of common columns are still updated; a column that only Glue has stays
    unchanged. Table parameters that list columns are held back, too.
    """
    desired_columns = {c.name: c for c in (*desired.columns, *desired.partition_keys)}
    held_back = {key: value for key, value in current.parameters if key in _STRUCTURE}
    rest = {key: value for key, value in desired.parameters if key not in _STRUCTURE}
    table = replace(
        desired,
        columns=tuple(_held_column(c, desired_columns) for c in current.columns),
        partition_keys=tuple(_held_column(c, desired_columns) for c in current.partition_keys),
        parameters=parameters(rest | held_back),
    )
    names = {c.name for c in (*current.columns, *current.partition_keys)}
    return HeldTable(table, frozenset(names - desired_columns.keys()))


def _held_column(current: Column, desired_columns: Mapping[str, Column]) -> Column:
    desired = desired_columns.get(current.name)
    if desired is None:
        return current
    if desired.type == current.type:
        return desired
    facts = {key: value for key, value in current.parameters if key in _TYPE_FACTS}
    others = {key: value for key, value in desired.parameters if key not in _TYPE_FACTS}
    return replace(desired, type=current.type, parameters=parameters(others | facts))


def held_note(table: Table, changes: Iterable[ColumnChange]) -> Issue:
    """Return the note that lists the changes of columns that are held back."""
    listed = "; ".join(_change_text(change) for change in changes)
    return Issue(
        IssueCode.SCHEMA_HELD,
        f"{table.database}.{table.name} keeps its columns, because the configuration holds"
        f" such changes back; waiting: {listed}",
        space=table.asset[0],
        asset=table.asset[1],
    )


def refusals(table: Table, changes: Iterable[ColumnChange]) -> tuple[Issue, ...]:
    """Return one objection for each change of a column that must stop the run."""
    return tuple(
        Issue(
            IssueCode.SCHEMA_CHANGE_REFUSED,
            f"{table.database}.{table.name}: {_change_text(change)};"
            " the configuration halts on this",
            space=table.asset[0],
            asset=table.asset[1],
        )
        for change in changes
    )


def _change_text(change: ColumnChange) -> str:
    return (
        f"column {change.column} from {change.before or 'nothing'}"
        f" to {change.after or 'nothing'} ({change.kind})"
    )


def _canonical_type(text: str) -> str:
    """Return a type in canonical spelling: no blanks, lower case, no synonyms."""
    bare = "".join(text.split()).lower()
    return _INTEGER.sub("int", _BARE_DECIMAL.sub("decimal(10,0)", bare))


def _nested_parts(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the outer name of a nested type and the inner types by name; None for a plain one."""
    sort, opened, inside = text.partition("<")
    if not opened or not inside.endswith(">"):
        return None
    pieces = _split(inside[:-1])
    if sort != "struct":
        return sort, {str(place): piece for place, piece in enumerate(pieces)}
    named = (piece.partition(":") for piece in pieces)
    return sort, {name: kind for name, _, kind in named}


def _split(text: str) -> list[str]:
    """Return the parts of a comma-separated list of types; brackets may nest."""
    pieces, depth, start = [], 0, 0
    for place, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            pieces.append(text[start:place])
            start = place + 1
    return [*pieces, text[start:]]


def _nested(old: Mapping[str, str], new: Mapping[str, str]) -> SchemaChange:
    kinds = [change.kind for change in _changes(old, new)]
    narrowed = (SchemaChange.NARROWING if k is SchemaChange.REMOVAL else k for k in kinds)
    # Only the order differs: readers would assign values to wrong names.
    return max(narrowed, key=_GRAVITY.index, default=SchemaChange.TYPE_CHANGE)


def _scalar(old: str, new: str) -> SchemaChange:
    for rule in (_numbers, _texts):
        fits = rule(old, new)
        if fits is not None:
            return SchemaChange.WIDENING if fits else SchemaChange.NARROWING
    return SchemaChange.TYPE_CHANGE


def _numbers(old: str, new: str) -> bool | None:
    """Return whether `new` holds every number of `old` exactly; None unless both are numbers."""
    if old in _EXACT_DIGITS:
        if new in _EXACT_DIGITS:
            return _EXACT_DIGITS[old] <= _EXACT_DIGITS[new]
        return None if _digits(new) is None else False
    old_digits, new_digits = _digits(old), _digits(new)
    if old_digits is None:
        return None
    if new in _EXACT_DIGITS:
        return old in _WHOLE and sum(old_digits) <= _EXACT_DIGITS[new]
    if new_digits is None:
        return None
    return (
        old_digits[0] <= new_digits[0]
        and old_digits[1] <= new_digits[1]
        and (new not in _WHOLE or _fits(old, new))
    )


def _fits(old: str, new: str) -> bool:
    # decimal(10,0) holds ten nines, int only ten digits that begin with 2.
    return old in _WHOLE or (_digits(old) or (0, 0))[0] < _WHOLE[new]


def _digits(text: str) -> tuple[int, int] | None:
    """Return the digits before and after the point; None if the type is no exact number."""
    if text in _WHOLE:
        return _WHOLE[text], 0
    sized = _SIZED.fullmatch(text)
    if sized is None or sized[1] != "decimal":
        return None
    precision, scale = int(sized[2]), int(sized[3] or 0)
    return precision - scale, scale


def _texts(old: str, new: str) -> bool | None:
    """Return whether `new` holds every text of `old`; None unless both are texts."""
    old_length, new_length = _length(old), _length(new)
    return None if old_length is None or new_length is None else old_length <= new_length


def _length(text: str) -> int | None:
    if text == "string":
        return _UNBOUNDED
    sized = _SIZED.fullmatch(text)
    return int(sized[2]) if sized and sized[1] != "decimal" else None
