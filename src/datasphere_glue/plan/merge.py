"""Three-way merge of a table: last applied state, source, and catalog.

Structure and SAP facts follow the source. A three-way merge decides the texts that people edit in
Glue (the description, column comments) and the keys that locate the data (`classification`,
`typeOfData`, the location). It compares the last applied value, the source and the catalog.
Policies override this per field. Foreign values (parameters of tables and columns that others set,
members of `rest` that we never wrote) stay unchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from datasphere_glue.errors import clipped
from datasphere_glue.model.applied import (
    IDENTITY_KEYS,
    PARAMETERS,
    PLACES,
    READER,
    applied_digests,
    digest,
    source_parameters,
)
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.reader_version import READER_VERSION
from datasphere_glue.model.rest import Leaf, leaf_path, leaf_text, leaves, rest_from_leaves
from datasphere_glue.model.table import Column, Parameters, Table, is_own_key, parameters
from datasphere_glue.plan.change import Conflict, FieldChange
from datasphere_glue.plan.fields import (
    DERIVED,
    MOVED_FROM,
    RENAMED_FROM,
    FieldConflict,
    Policies,
    differing_fields,
    flat_columns,
    is_watched,
    owned_digests,
    policy_of,
    shown_value,
    with_applied,
)
from datasphere_glue.plan.policy import FieldPolicy

_SHOWN: Final = 60
_CREATED: Final = {READER: str(READER_VERSION)}

Fields = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged table, and the edits of people that it keeps or reverts."""

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
    """Return the attributes that differ, by path; our digests only if nothing else differs."""
    old, new = (fields(table) if table else {} for table in (before, after))
    changed = differing_fields(old, new)
    visible = tuple(change for change in changed if change.field not in DERIVED)
    return visible or changed


def initial_table(desired: Table, policies: Policies = ()) -> Table:
    """Return the table to create: the desired one with the digests of its values."""
    return with_applied(desired, owned_digests(desired, policies) | _CREATED)


def merge(
    current: Table,
    desired: Table,
    policies: Policies = (),
    *,
    adopted: bool = False,
    frozen: frozenset[str] = frozenset(),
) -> Merged:
    """Return the table that an update writes over `current`.

    It equals `current` when no write is needed. With `adopted` the table was never ours, so all
    its texts count as edits of people. Columns named in `frozen` stay unchanged.

    Raises:
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    merging = _Merging(current, desired, policies, adopted=adopted, frozen=frozen)
    table = merging.table()
    return Merged(with_applied(table, merging.applied()), tuple(merging.conflicts))


def _base(current: Table, desired: Table) -> dict[str, str]:
    """Return the applied digests; those of a moved column also under its new path."""
    base = applied_digests(current)
    for old, old_columns, new, new_columns in (
        ("columns", current.columns, "partition_keys", desired.partition_keys),
        ("partition_keys", current.partition_keys, "columns", desired.columns),
    ):
        for name in {c.name for c in old_columns} & {c.name for c in new_columns}:
            for field in ("comment", "type", "parameters"):
                if applied := base.get(f"{old}.{name}.{field}"):
                    base.setdefault(f"{new}.{name}.{field}", applied)
    return base


class _Merging:
    """Merges one table field by field; lives for one call of `merge`."""

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
        self.current_columns = {c.name: c for c in (*current.partition_keys, *current.columns)}
        self.conflicts: list[Conflict] = []

    def table(self) -> Table:
        current, desired = self.current, self.desired
        partition_keys = self._partition_keys()
        partition_names = {column.name for column in partition_keys}
        return replace(
            current,
            columns=tuple(
                self._column("columns", c) for c in desired.columns if c.name not in partition_names
            ),
            partition_keys=partition_keys,
            description=self._merge_field("description", current.description, desired.description),
            table_type=self._merge_field("table_type", current.table_type, desired.table_type),
            parameters=self._parameters(),
            rest=self._rest(),
        )

    def applied(self) -> dict[str, str]:
        """Return the digests after the merge; a kept edit leaves the digest of our last write."""
        digests = owned_digests(self.desired, self.policies) | (_CREATED if self.adopted else {})
        for name in self.frozen:
            for place in PLACES:
                for field in ("comment", "type", "parameters"):
                    digests.pop(f"{place}.{name}.{field}", None)
            start = (f"columns.{name}.", f"partition_keys.{name}.")
            digests |= {
                path: applied for path, applied in self.base.items() if path.startswith(start)
            }
        kept = {READER, *(conflict.field for conflict in self.conflicts if conflict.kept)}
        return digests | {path: self.base[path] for path in kept if path in self.base}

    def _merge_field(self, path: str, current: str | None, desired: str | None) -> str | None:
        if (current or "") == (desired or ""):
            return desired
        applied = self.base.get(path)
        if applied is None and (self.base or self.adopted):
            # We never wrote the field, so its value is an edit.
            applied = digest(None)
        edited = applied is not None and digest(current) != applied
        return self._resolve(
            path, current, desired, edited=edited, source_changed=digest(desired) != applied
        )

    def _resolve(
        self,
        path: str,
        current: str | None,
        desired: str | None,
        *,
        edited: bool,
        source_changed: bool,
    ) -> str | None:
        if (current or "") == (desired or ""):
            return desired
        policy = policy_of(path, self.policies)
        if policy is not FieldPolicy.CATALOG and not edited:
            return desired
        shown = shown_value(path, current), shown_value(path, desired)
        if policy is FieldPolicy.FAIL:
            edit, source = (clipped(value or "", _SHOWN) for value in shown)
            raise FieldConflict(
                f"{self.desired.database}.{self.desired.name}: {path} was edited in Glue to"
                f' "{edit}", Datasphere says "{source}"'
            )
        keeps_edit = policy is not FieldPolicy.SOURCE
        both = source_changed and edited and not self.adopted and policy is not FieldPolicy.CATALOG
        space, asset = self.desired.asset
        self.conflicts.append(
            Conflict(
                self.desired.database,
                self.desired.name,
                space,
                asset,
                path,
                *shown,
                both=both,
                kept=keeps_edit,
            )
        )
        return current if keeps_edit else desired

    def _partition_keys(self) -> tuple[Column, ...]:
        if self.desired.partition_keys:
            return tuple(self._column("partition_keys", c) for c in self.desired.partition_keys)
        return tuple(
            column
            for column in self.current.partition_keys
            if f"partition_keys.{column.name}.type" not in self.base
        )

    def _column(self, place: str, desired: Column) -> Column:
        before = self.current_columns.get(desired.name)
        if before is None or before == desired:
            return desired
        if desired.name in self.frozen:
            return before
        path = f"{place}.{desired.name}"
        kind = self._merge_field(f"{path}.type", before.type, desired.type)
        return replace(
            desired,
            type=kind or desired.type,
            comment=self._merge_field(f"{path}.comment", before.comment, desired.comment),
            parameters=self._column_parameters(path, before, desired),
        )

    def _column_parameters(self, path: str, before: Column, desired: Column) -> Parameters:
        current_pairs, desired_pairs = dict(before.parameters), dict(desired.parameters)
        if current_pairs == desired_pairs:
            return desired.parameters
        pairs = {key: value for key, value in current_pairs.items() if not key.startswith(PREFIX)}
        applied = self.base.get(path + PARAMETERS)
        edited = applied not in (None, self._digest(path, before))
        source_changed = applied != self._digest(path, desired)
        for key in sorted(
            {key for key in current_pairs if key.startswith(PREFIX)} | desired_pairs.keys()
        ):
            field = f"{path}.parameters.{key}"
            if field in self.base or policy_of(field, self.policies) is not FieldPolicy.SOURCE:
                value = self._merge_field(field, current_pairs.get(key), desired_pairs.get(key))
            else:
                value = self._resolve(
                    field,
                    current_pairs.get(key),
                    desired_pairs.get(key),
                    edited=edited,
                    source_changed=source_changed,
                )
            if value is not None:
                pairs[key] = value
        return parameters(pairs)

    def _digest(self, path: str, column: Column) -> str:
        watched = partial(is_watched, policies=self.policies)
        return digest(source_parameters(column.parameters, path, watched))

    def _parameters(self) -> Parameters:
        current, desired = dict(self.current.parameters), dict(self.desired.parameters)
        pairs: dict[str, str] = {}
        for key in sorted(current.keys() | desired.keys()):
            path = f"parameters.{key}"
            if key in {RENAMED_FROM, MOVED_FROM}:
                value = desired.get(key) or current.get(key)
            elif key in IDENTITY_KEYS:
                value = desired.get(key)
            elif key in desired or is_own_key(key) or path in self.base:
                value = self._merge_field(path, current.get(key), desired.get(key))
            else:
                value = current[key]
            if value is not None:
                pairs[key] = value
        return parameters(pairs)

    def _rest(self) -> str:
        current, desired = leaves(self.current.rest), leaves(self.desired.rest)
        applied = {leaf for leaf in current if leaf_path(leaf) in self.base}
        if not desired and not applied:
            return self.current.rest
        merged = dict(self._merged_leaves(current, desired, applied))
        return self.current.rest if merged == current else rest_from_leaves(merged)

    def _merged_leaves(
        self, current: dict[Leaf, Any], desired: dict[Leaf, Any], applied: set[Leaf]
    ) -> Iterator[tuple[Leaf, Any]]:
        for leaf in current.keys() | desired.keys():
            if leaf not in desired and leaf not in applied:
                yield leaf, current[leaf]
                continue
            old, new = leaf_text(current.get(leaf)), leaf_text(desired.get(leaf))
            chosen = self._merge_field(leaf_path(leaf), old, new)
            if chosen is not None:
                yield leaf, desired[leaf] if chosen == new else current[leaf]
            elif old is None and leaf in current:
                yield leaf, current[leaf]
