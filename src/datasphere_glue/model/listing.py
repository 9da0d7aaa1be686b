"""The content that was read of one space."""

from dataclasses import dataclass, field, replace

from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.auxiliary import AuxiliaryObjects
from datasphere_glue.model.issues import Issue

_DAY = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Change information about an asset, from the lists of a tenant.

    `exposed`: True when the catalog lists the asset.
    `defined`: True when its definition is to be read.
    `exported`: digest of the exported files that describe it, None without one.
    Other fields: as in `Asset`; None when no list provides a value.
    """

    exposed: bool
    defined: bool = False
    changed_on: str | None = None
    deployed_on: str | None = None
    changed_by: str | None = None
    object_status: str | None = None
    exported: str | None = None

    @property
    def dated(self) -> bool:
        """Return True when the lists date changes more precisely than by the day."""
        dates = [date for date in (self.changed_on, self.deployed_on) if date]
        return bool(dates) and all(len(date) > _DAY for date in dates)


@dataclass(frozen=True, slots=True)
class SpaceListing:
    """The content that was read of one space.

    `label`: label of the space.
    `assets`: assets whose metadata was read or reused.
    `listed`: exact names of all assets that the tenant lists, read or not. Only a name that is
        absent from a complete listing is absent at the source.
    `incomplete`: why the listing was not read to its proven end; None when it was.
    `unread`: one issue for each listed asset whose metadata could not be read.
    `read`: number of assets that were read. A run drops the assets and keeps only the counts.
    `unproven`: kinds of object whose own list was not read to its end, or not at all. The absence
        of a name of such a kind proves nothing, unless the asset was exposed for consumption.
    `undefined`: names of assets whose definition was requested and could not be read, so that
        their metadata is less complete than usual.
    `degraded`: issues about content that was read in part.
    `notes`: issues that change no status.
    `unlisted`: names of assets whose entry may be missing because the list of objects was lost.
    `withheld`: kinds whose list was requested and the tenant refused.
    `stamps`: change information of assets, by name.
    `undated`: number of assets for which no list has a date of change.
    `reused`: number of assets that were taken from the catalog because nothing changed.
    `left`: number of assets that were not read because the time of the run was over.
    `unconsumed`: one issue for each asset that was read without its `$metadata`, which is broken.
    `auxiliary`: what was read of flows, task chains and access controls.
    `rebuilt`: names of the assets that were taken from the catalog.
    `held_back`: names of the assets that stay as their tables hold them, because what a new version
        reads of them is held back.
    """

    space: str
    label: str | None = None
    assets: tuple[Asset, ...] = ()
    listed: frozenset[str] = frozenset()
    incomplete: Issue | None = None
    unread: tuple[Issue, ...] = ()
    read: int = 0
    unproven: frozenset[Kind] = frozenset()
    undefined: frozenset[str] = frozenset()
    degraded: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()
    unlisted: frozenset[str] = frozenset()
    withheld: frozenset[Kind] = frozenset()
    stamps: tuple[tuple[str, Stamp], ...] = ()
    undated: int = 0
    reused: int = 0
    left: int = 0
    unconsumed: tuple[Issue, ...] = ()
    auxiliary: AuxiliaryObjects = field(default_factory=AuxiliaryObjects)
    rebuilt: frozenset[str] = frozenset()
    held_back: frozenset[str] = frozenset()

    def without_assets(self) -> "SpaceListing":
        """Return the listing without what its tables came from; `read` counts the assets read."""
        return replace(
            self,
            assets=(),
            stamps=(),
            read=len(self.assets) - self.reused,
            auxiliary=AuxiliaryObjects(),
            rebuilt=frozenset(),
            held_back=frozenset(),
        )

    @property
    def complete(self) -> bool:
        """Return True when absence from `listed` means absence at the source."""
        return self.incomplete is None
