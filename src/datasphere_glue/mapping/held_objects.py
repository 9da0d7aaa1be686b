"""What the tables of a space hold of flows, task chains and access controls."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from datasphere_glue.mapping.records import read_record
from datasphere_glue.mapping.stored_values import StoredValues
from datasphere_glue.model.asset_parts import AccessControl, Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, Named
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.table import Table

_Record = TypeVar("_Record")

_LOADS: Final = table_key("loads")
_CONTROLS: Final = table_key("access_controls")
_KINDS: Final = {str(kind): kind for kind in AuxiliaryKind}


@dataclass(frozen=True, slots=True)
class HeldObjects:
    """What the tables of one space hold.

    `assets`: assets that have a table.
    `stamps`: last change of each object that a table holds; None if unknown.
    `stale`: objects that the table of an asset holds which is read anew.
    `in_use`: kinds that the table of another asset holds.
    """

    assets: frozenset[str]
    stamps: Mapping[Named, str | None]
    stale: frozenset[Named]
    in_use: frozenset[AuxiliaryKind]


def held_objects(
    space: str, tables: Iterable[Table], is_read: Callable[[str], bool]
) -> HeldObjects:
    """Return what the tables of a space hold; `is_read` tells the assets that are read anew.

    An object that two tables hold with different stamps was not read for both of them.
    """
    assets: set[str] = set()
    stamps: dict[Named, set[str | None]] = {}
    stale: set[Named] = set()
    in_use: set[AuxiliaryKind] = set()
    for table in tables:
        place, name = table.asset
        if place != space:
            continue
        assets.add(name)
        for named, stamp in _held_by(space, table):
            if is_read(name):
                stale.add(named)
            else:
                in_use.add(named[0])
            stamps.setdefault(named, set()).add(stamp)
    known = {named: found.pop() if len(found) == 1 else None for named, found in stamps.items()}
    return HeldObjects(frozenset(assets), known, frozenset(stale), frozenset(in_use))


def _held_by(space: str, table: Table) -> Iterator[tuple[Named, str | None]]:
    for load in _records(table.parameter(_LOADS), Load):
        kind, name = _KINDS.get(load.kind), _local(space, load.name)
        if kind is not None and name is not None:
            yield (kind, name), load.changed_on
    for control in _records(table.parameter(_CONTROLS), AccessControl):
        name = _local(space, control.name)
        if name is not None and control.kind:
            yield (AuxiliaryKind.DATA_ACCESS_CONTROL, name), None


def _local(space: str, qualified: str) -> str | None:
    own, dot, name = qualified.partition(".")
    return name if dot and own == space else None


def _records(text: str | None, kind: type[_Record]) -> Iterator[_Record]:
    """Yield the records of a parameter; what cannot be decoded is left out."""
    try:
        value = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return
    for one in StoredValues({"": value}, "", {}).records(""):
        yield read_record(one, kind)
