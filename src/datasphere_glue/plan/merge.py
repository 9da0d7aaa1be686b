"""What a table becomes when both sides have a say.

Structure and SAP facts follow the source. Texts that people edit in Glue (the description, column
comments) and the keys that say where the data is (`classification`, `typeOfData`, the location) are
decided three ways: what we last applied, what the source says, what the catalog holds. Policies
shift that per field. What is not ours (other people's parameters, column parameters, whatever of
`rest` we never wrote) goes through untouched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.errors import excerpt
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.table import Column, Parameters, Table, is_own_key, parameters
from datasphere_glue.plan.change import Conflict, FieldChange
from datasphere_glue.plan.fields import (
    APPLIED,
    FINGERPRINT,
    MACHINERY,
    RENAMED_FROM,
    FieldConflict,
    Leaf,
    Policies,
    applied_digests,
    digest,
    flat_columns,
    leaf_path,
    leaf_text,
    leaves,
    owned_digests,
    policy_of,
    rest_of,
    sourced,
    with_applied,
)
from datasphere_glue.plan.policy import FieldPolicy

_DERIVED: Final = frozenset({f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"})
_SHOWN: Final = 60

Fields = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """A table as it shall be, and the edits of people that were kept in it or set back."""

    table: Table
    conflicts: tuple[Conflict, ...] = ()


def fields(table: Table) -> Fields:
    """Return every attribute of a table by its path, such as `columns.amount.comment`.

    `columns` itself holds the order of the columns, comma-separated.
    """
    flat: Fields = {"description": table.description, "table_type": table.table_type}
    flat["columns"] = ",".join(column.name for column in table.columns)
    flat |= {f"parameters.{key}": value for key, value in table.parameters}
    flat |= flat_columns("columns", table.columns)
    flat |= flat_columns("partition_keys", table.partition_keys)
    return flat | {leaf_path(leaf): leaf_text(v) for leaf, v in leaves(table.rest).items()}


def field_changes(before: Table | None, after: Table | None) -> tuple[FieldChange, ...]:
    """Return the attributes that differ, by path; our own digests only when nothing else does."""
    old, new = (fields(table) if table else {} for table in (before, after))
    changed = tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if (old.get(path) or "") != (new.get(path) or "")
    )
    telling = tuple(change for change in changed if change.field not in _DERIVED)
    return telling or changed


def first(desired: Table, policies: Policies = ()) -> Table:
    """Return a table as it is created: as desired, with the digests of what is applied."""
    return with_applied(desired, owned_digests(desired, policies))


def merge(
    current: Table,
    desired: Table,
    policies: Policies = (),
    *,
    adopted: bool = False,
    frozen: frozenset[str] = frozenset(),
) -> Merged:
    """Return the table that an update writes over `current`.

    Equal to `current` when nothing is to be done. `adopted` says that the table was never ours, so
    that all its texts are edits of people; columns named in `frozen` stay exactly as they are.

    Raises:
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    merging = _Merging(current, desired, policies, adopted=adopted, frozen=frozen)
    table = merging.table()
    return Merged(with_applied(table, merging.applied()), tuple(merging.conflicts))


def _base(current: Table, desired: Table) -> dict[str, str]:
    """Return what was applied, also under the place to which a column moves now."""
    base = applied_digests(current)
    for old, held, new, wanted in (
        ("columns", current.columns, "partition_keys", desired.partition_keys),
        ("partition_keys", current.partition_keys, "columns", desired.columns),
    ):
        for name in {c.name for c in held} & {c.name for c in wanted}:
            for field in ("comment", "type", "parameters"):
                if was := base.get(f"{old}.{name}.{field}"):
                    base.setdefault(f"{new}.{name}.{field}", was)
    return base


class _Merging:
    """Decides field by field about one table; lives for one call of `merge`."""

    def __init__(
        self,
        current: Table,
        desired: Table,
        policies: Policies,
        *,
        adopted: bool,
        frozen: frozenset[str],
    ) -> None:
        self.current = current
        self.desired = desired
        self.policies = policies
        self.adopted = adopted
        self.frozen = frozen
        self.base = {} if adopted else _base(current, desired)
        self.known = {c.name: c for c in (*current.partition_keys, *current.columns)}
        self.conflicts: list[Conflict] = []

    def table(self) -> Table:
        current, desired = self.current, self.desired
        partitions = self._partition_keys()
        beside = {column.name for column in partitions}
        return replace(
            current,
            columns=tuple(
                self._column("columns", c) for c in desired.columns if c.name not in beside
            ),
            partition_keys=partitions,
            description=self._decided("description", current.description, desired.description),
            table_type=self._decided("table_type", current.table_type, desired.table_type),
            parameters=self._parameters(),
            rest=self._rest(),
        )

    def applied(self) -> dict[str, str]:
        """Return the digests after the merge; a kept edit leaves that of our last write."""
        digests = owned_digests(self.desired, self.policies)
        for name in self.frozen:
            for place in ("columns", "partition_keys"):
                for field in ("comment", "type", "parameters"):
                    digests.pop(f"{place}.{name}.{field}", None)
            start = (f"columns.{name}.", f"partition_keys.{name}.")
            digests |= {path: was for path, was in self.base.items() if path.startswith(start)}
        kept = (conflict.field for conflict in self.conflicts if conflict.kept)
        return digests | {path: self.base[path] for path in kept if path in self.base}

    def _decided(self, path: str, have: str | None, want: str | None) -> str | None:
        if (have or "") == (want or ""):
            return want
        was = self.base.get(path)
        if was is None and (self.base or self.adopted):
            # We never wrote the field: whatever stands there is somebody's.
            was = digest(None)
        edited = was is not None and digest(have) != was
        return self._settled(path, have, want, edited=edited, moved=digest(want) != was)

    def _settled(
        self, path: str, have: str | None, want: str | None, *, edited: bool, moved: bool
    ) -> str | None:
        if (have or "") == (want or ""):
            return want
        policy = policy_of(path, self.policies)
        if policy is not FieldPolicy.CATALOG and not edited:
            return want
        if policy is FieldPolicy.FAIL:
            raise FieldConflict(
                f"{self.desired.database}.{self.desired.name}: {path} was edited in Glue to"
                f' "{excerpt(have or "", _SHOWN)}", Datasphere says "{excerpt(want or "", _SHOWN)}"'
            )
        kept = policy is not FieldPolicy.SOURCE
        both = moved and edited and not self.adopted and policy is not FieldPolicy.CATALOG
        space, asset = self.desired.asset
        self.conflicts.append(
            Conflict(
                self.desired.database,
                self.desired.name,
                space,
                asset,
                path,
                have,
                want,
                both=both,
                kept=kept,
            )
        )
        return have if kept else want

    def _partition_keys(self) -> tuple[Column, ...]:
        if self.desired.partition_keys:
            return tuple(self._column("partition_keys", c) for c in self.desired.partition_keys)
        return tuple(
            column
            for column in self.current.partition_keys
            if f"partition_keys.{column.name}.type" not in self.base
        )

    def _column(self, place: str, desired: Column) -> Column:
        before = self.known.get(desired.name)
        if before is None or before == desired:
            return desired
        if desired.name in self.frozen:
            return before
        path = f"{place}.{desired.name}"
        kind = self._decided(f"{path}.type", before.type, desired.type)
        return replace(
            desired,
            type=kind or desired.type,
            comment=self._decided(f"{path}.comment", before.comment, desired.comment),
            parameters=self._column_parameters(path, before, desired),
        )

    def _column_parameters(self, path: str, before: Column, desired: Column) -> Parameters:
        have, want = dict(before.parameters), dict(desired.parameters)
        if have == want:
            return desired.parameters
        pairs = {key: value for key, value in have.items() if not key.startswith(PREFIX)}
        was = self.base.get(f"{path}.parameters")
        edited = was is not None and was != digest(sourced(before.parameters, path, self.policies))
        moved = was != digest(sourced(desired.parameters, path, self.policies))
        for key in sorted({key for key in have if key.startswith(PREFIX)} | want.keys()):
            field = f"{path}.parameters.{key}"
            if field in self.base or policy_of(field, self.policies) is not FieldPolicy.SOURCE:
                value = self._decided(field, have.get(key), want.get(key))
            else:
                value = self._settled(
                    field, have.get(key), want.get(key), edited=edited, moved=moved
                )
            if value is not None:
                pairs[key] = value
        return parameters(pairs)

    def _parameters(self) -> Parameters:
        have, want = dict(self.current.parameters), dict(self.desired.parameters)
        pairs: dict[str, str] = {}
        for key in sorted(have.keys() | want.keys()):
            path = f"parameters.{key}"
            if key == RENAMED_FROM:
                value = want.get(key) or have.get(key)
            elif key in MACHINERY:
                value = want.get(key)
            elif key in want or is_own_key(key) or path in self.base:
                value = self._decided(path, have.get(key), want.get(key))
            else:
                value = have[key]
            if value is not None:
                pairs[key] = value
        return parameters(pairs)

    def _rest(self) -> str:
        have, want = leaves(self.current.rest), leaves(self.desired.rest)
        given = {leaf for leaf in have if leaf_path(leaf) in self.base}
        if not want and not given:
            return self.current.rest
        merged = dict(self._leaves(have, want, given))
        return self.current.rest if merged == have else rest_of(merged)

    def _leaves(
        self, have: dict[Leaf, Any], want: dict[Leaf, Any], given: set[Leaf]
    ) -> Iterator[tuple[Leaf, Any]]:
        for leaf in have.keys() | want.keys():
            if leaf not in want and leaf not in given:
                yield leaf, have[leaf]
                continue
            old, new = leaf_text(have.get(leaf)), leaf_text(want.get(leaf))
            chosen = self._decided(leaf_path(leaf), old, new)
            if chosen is not None:
                yield leaf, want[leaf] if chosen == new else have[leaf]
