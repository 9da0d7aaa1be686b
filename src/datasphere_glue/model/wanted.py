"""What a run wants to know of one space."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from datasphere_glue.model.auxiliary import AuxiliaryKind, Named

AssetFilter = Callable[[str], bool]
"""Returns whether the asset of a space with that exact name must be read."""

Unchanged = Callable[[AuxiliaryKind, str, str | None], bool]
"""Returns whether tables hold what an object says, from its kind, name and last change."""


@dataclass(frozen=True, slots=True)
class AuxiliaryWanted:
    """Which auxiliary objects of one space are read.

    `kinds`: lists that are read although no asset is; with an asset, all of them are.
    `unchanged`: objects whose documents need not be read.
    `known`: objects that tables hold.
    `held`: assets that have a table. Any flow may concern another asset, so that every document is
        read for it.
    """

    kinds: frozenset[AuxiliaryKind] = frozenset()
    unchanged: Unchanged = lambda _kind, _name, _changed_on: False
    known: frozenset[Named] = frozenset()
    held: Container[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SpaceWanted:
    """Which assets and which auxiliary objects of one space are read."""

    asset: AssetFilter
    auxiliary: AuxiliaryWanted = field(default_factory=AuxiliaryWanted)

    def __call__(self, name: str) -> bool:
        """Return whether an asset is read."""
        return self.asset(name)
