"""Gives assets what flows, task chains and access controls say about them.

These objects are read apart from the assets. Where one was not read, what the table of the asset
holds of it stays: its loads, the lineage that came with them, and the sort of an access control.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import AccessControl, Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, Named, Start, Writing
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Table

_HOLDING: Final = frozenset(map(table_key, ("loads", "access_controls", "origin")))
"""Keys that hold something of auxiliary objects."""

_SYSTEM: Final = "system"
_SOURCE: Final = "csn"
"""The word of `datasphere.provenance` for what is read through the object API."""

_KINDS: Final = tuple(map(str, AuxiliaryKind))
_CHAIN: Final = AuxiliaryKind.TASK_CHAIN
_STRENGTH: Final = {"renamed": 1, "computed": 2, "aggregated": 3}
"""How strong a way from one column to another is; any other word is weaker."""


_Started = tuple[AuxiliaryKind | None, str]


@dataclass(slots=True)
class AuxiliaryFacts:
    """What is known about the assets of one space.

    `listing`: what this run read.
    `tables`: the table of each asset that holds something of auxiliary objects.
    """

    listing: SpaceListing
    tables: Mapping[str, Table]
    writings: dict[str, list[Writing]] = field(default_factory=dict)
    starts: dict[_Started, list[Start]] = field(default_factory=dict)

    def completed(self, asset: Asset) -> Asset:
        """Return an asset with its loads, the lineage that comes with them, and its controls."""
        objects, table = self.listing.auxiliary, self.tables.get(asset.name)
        holds = table is None or bool(asset.loads) or asset.name in self.listing.rebuilt
        if holds and not objects.listed and not objects.off:
            return asset
        former = asset if holds or table is None else asset_from_table(table).asset
        writings = self.writings.get(asset.name, [])
        kept = [load for load in former.loads if self._keeps(load)]
        flows = _merged((*(self._with_system(w.load, former) for w in writings), *kept))
        completed = replace(
            asset,
            loads=tuple(sorted((*flows, *self._chains(asset, flows)), key=_order)),
            access_controls=tuple(self._control(one, former) for one in asset.access_controls),
            origin=self._origin(asset, former),
        )
        if any(load.sources for load in (*kept, *asset.loads)) or writings:
            completed = _with_lineage(completed, _Former(former, kept, asset.loads), writings)
        return completed if completed == asset else _with_provenance(completed)

    def _keeps(self, load: Load) -> bool:
        named = _named(load)
        return named is not None and self.listing.auxiliary.keeps(*named)

    def _chains(self, asset: Asset, flows: Iterable[Load]) -> Iterator[Load]:
        """Yield the task chains that start a flow of an asset, or that load it by themselves."""
        waiting: list[_Started] = [(None, asset.name), *filter(None, map(_named, flows))]
        seen = set(waiting)
        modes: dict[str, str | None] = {}
        while waiting:
            started = waiting.pop()
            for step in self.starts.get(started, ()):
                mode = step.activity if started[0] is None else None
                modes[step.chain] = modes.get(step.chain) or mode
                if (_CHAIN, step.chain) not in seen:
                    seen.add((_CHAIN, step.chain))
                    waiting.append((_CHAIN, step.chain))
        stamps = dict(self.listing.auxiliary.chains)
        for chain, mode in modes.items():
            name = f"{self.listing.space}.{chain}"
            yield Load(str(_CHAIN), name, mode=mode, changed_on=stamps.get(chain))

    def _with_system(self, load: Load, former: Asset) -> Load:
        """Return a load with the sort of system behind its connection."""
        if load.connection is None or load.system is not None:
            return load
        systems = self.listing.auxiliary.systems
        if systems is not None:
            return replace(load, system=dict(systems).get(load.connection))
        place = (load.name, load.connection)
        same = (one.system for one in former.loads if (one.name, one.connection) == place)
        return replace(load, system=next(filter(None, same), None))

    def _control(self, control: AccessControl, former: Asset) -> AccessControl:
        objects, kind = self.listing.auxiliary, AuxiliaryKind.DATA_ACCESS_CONTROL
        space, _, name = control.name.partition(".")
        if space == self.listing.space and not objects.keeps(kind, name):
            return replace(control, kind=dict(objects.controls).get(name))
        known = {one.name: one.kind for one in former.access_controls}
        return replace(control, kind=control.kind or known.get(control.name))

    def _origin(self, asset: Asset, former: Asset) -> tuple[tuple[str, str], ...]:
        """Return where a remote table comes from, with the sort of system behind its connection."""
        objects, connection = self.listing.auxiliary, asset.remote_connection
        own = system = dict(asset.origin).get(_SYSTEM)
        if connection is None:
            return asset.origin
        if AuxiliaryKind.CONNECTION in objects.off:
            system = None
        elif objects.systems is not None:
            system = dict(objects.systems).get(connection)
        elif own is None and former.remote_connection == connection:
            system = dict(former.origin).get(_SYSTEM)
        if system == own:
            return asset.origin
        others = (pair for pair in asset.origin if pair[0] != _SYSTEM)
        return tuple(sorted((*others, *([(_SYSTEM, system)] if system else []))))


@dataclass(frozen=True, slots=True)
class _Former:
    """What was known of an asset before.

    `kept`: loads that stay.
    `own`: loads that the asset holds, so that its lineage holds their sources.
    """

    asset: Asset
    kept: list[Load]
    own: tuple[Load, ...]


def auxiliary_facts(listing: SpaceListing, tables: Iterable[Table]) -> AuxiliaryFacts:
    """Return what is known about the assets of a space from this run, and from its tables."""
    names = {asset.name for asset in listing.assets}
    holding: dict[str, Table] = {}
    for table in tables if names - listing.rebuilt else ():
        space, name = table.asset
        if space == listing.space and not table.deprecated and _holds(table):
            holding.setdefault(name, table)
    facts = AuxiliaryFacts(listing, holding)
    changes = _tables_of_changes(listing) if listing.auxiliary.writings else {}
    for writing in listing.auxiliary.writings:
        known = writing.asset in names
        asset = writing.asset if known else changes.get(writing.asset, writing.asset)
        facts.writings.setdefault(asset, []).append(writing)
    for start in listing.auxiliary.starts:
        facts.starts.setdefault(start.started, []).append(start)
    return facts


def _tables_of_changes(listing: SpaceListing) -> dict[str, str]:
    """Return the asset that encloses each table of changes."""
    deltas = ((dict(asset.delta).get("companion"), asset.name) for asset in listing.assets)
    return {companion: name for companion, name in deltas if companion}


def _holds(table: Table) -> bool:
    return any(key in _HOLDING for key, _ in table.parameters)


def _named(load: Load) -> Named | None:
    """Return the kind of the object behind a load and its name without the space."""
    if load.kind not in _KINDS:
        return None
    return AuxiliaryKind(load.kind), load.name.partition(".")[2]


def _order(load: Load) -> tuple[int, str, str]:
    kind = _KINDS.index(load.kind) if load.kind in _KINDS else len(_KINDS)
    return kind, load.name, load.target or ""


def _merged(loads: Iterable[Load]) -> list[Load]:
    """Return one load for each object and target, with the sources of all."""
    merged: dict[tuple[int, str, str], Load] = {}
    for load in loads:
        first = merged.get(_order(load))
        if first is None:
            merged[_order(load)] = load
        else:
            sources = tuple(dict.fromkeys((*first.sources, *load.sources)))
            merged[_order(load)] = replace(first, sources=sources)
    return list(merged.values())


def _with_lineage(asset: Asset, former: _Former, writings: Iterable[Writing]) -> Asset:
    """Return an asset whose lineage holds the sources of its loads, and of no former load."""
    own = {source for load in former.own for source in load.sources}
    kept = {source for load in former.kept for source in load.sources}
    sources = (source for load in asset.loads for source in load.sources if ":" not in source)
    itself = f"{asset.space}.{asset.name}"
    lineage = dict.fromkeys((*(one for one in asset.lineage if one not in own), *sources))
    found: dict[str, list[Origin]] = {}
    for element in former.asset.elements:
        found[element.name] = [one for one in element.lineage if one.object in kept]
    for writing in writings:
        for column, origins in writing.columns:
            found.setdefault(column, []).extend(origins)
    return replace(
        asset,
        lineage=tuple(one for one in lineage if one != itself),
        elements=tuple(_with_origins(one, own, found.get(one.name, [])) for one in asset.elements),
    )


def _with_origins(element: Element, own: set[str], added: list[Origin]) -> Element:
    """Return a column with origins added, and without those of the former loads of its asset."""
    strongest: dict[tuple[str, str], Origin] = {}
    for one in added:
        known = strongest.setdefault((one.object, one.column), one)
        if _STRENGTH.get(one.how, 0) > _STRENGTH.get(known.how, 0):
            strongest[one.object, one.column] = one
    others = (one for one in element.lineage if one.object not in own)
    lineage = (*others, *(strongest[place] for place in sorted(strongest)))
    return element if lineage == element.lineage else replace(element, lineage=lineage)


def _with_provenance(asset: Asset) -> Asset:
    """Return an asset whose provenance names the fields that auxiliary objects filled."""
    provenance = dict(asset.provenance)
    for name in ("loads", "lineage", "origin"):
        if getattr(asset, name):
            provenance.setdefault(name, _SOURCE)
        else:
            provenance.pop(name, None)
    return replace(asset, provenance=tuple(sorted(provenance.items())))
