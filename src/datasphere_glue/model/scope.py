"""The scope of a run: the spaces and assets that it evaluates, and no others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final
from zlib import crc32

MustRead = Callable[[str, str], bool]
"""Predicate on (space, asset): True when the asset is read even if nothing changed."""


LISTS: Final = ""
"""Stands for the lists of a space in `MustRead`; no asset has this name."""


def _space_part(pattern: str) -> str:
    return pattern.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Slice:
    """One of `of` parts into which the assets of a space are divided by name.

    `number`: position of the part, counted from 1.
    `of`: number of parts.
    """

    number: int
    of: int

    def covers(self, asset: str) -> bool:
        """Return True when an asset belongs to this part.

        Each name belongs to exactly one part, the same one in every run.
        """
        return crc32(asset.encode("utf-8", "surrogatepass")) % self.of == self.number - 1

    def __str__(self) -> str:
        """Return the slice in the form of event fields, such as `1/3`."""
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Part:
    """The share of one worker in a divided run: whole spaces, or one slice of one space."""

    spaces: tuple[str, ...]
    slice: Slice | None = None

    def __str__(self) -> str:
        """Return the part as text, such as `SALES (slice 1/3)`."""
        spaces = ", ".join(self.spaces)
        return f"{spaces} (slice {self.slice})" if self.slice else spaces


@dataclass(frozen=True, slots=True)
class Scope:
    """The spaces and assets that a run evaluates.

    Patterns are globs `SPACE` or `SPACE.asset`. Matching is case sensitive, as Datasphere is.
    Space names hold no dot (rules for technical names), so the first dot separates space and asset.

    `include`: patterns of SYNC_SPACES (design 1.2); empty means everything.
    `exclude`: patterns of SYNC_EXCLUDE (design 1.2).
    `within`: patterns of the mapping configuration; they must match in addition to `include`.
    `spaces`: exact names of spaces in the event (design 1.3); they narrow the patterns.
    `assets`: exact (space, asset) names in the event; they narrow the patterns.
    `slice`: restricts the assets to one part; None means all parts.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    spaces: frozenset[str] = frozenset()
    assets: frozenset[tuple[str, str]] = frozenset()
    slice: Slice | None = None

    @property
    def narrow(self) -> bool:
        """True when an event or a command names the only spaces or assets to evaluate."""
        return bool(self.spaces or self.assets)

    @property
    def whole(self) -> "Scope":
        """Return the scope of a run over everything that the settings select."""
        return replace(self, spaces=frozenset(), assets=frozenset(), slice=None)

    def covers_space(self, name: str) -> bool:
        """Return True when assets of the space can be in scope."""
        if self.spaces or self.assets:
            named = self.spaces | {space for space, _ in self.assets}
            if name not in named:
                return False
        for globs in (self.include, self.within):
            if globs and not any(fnmatchcase(name, _space_part(p)) for p in globs):
                return False
        return not any(fnmatchcase(name, p) for p in self.exclude if "." not in p)

    def covers_asset(self, space: str, name: str) -> bool:
        """Return True when the asset is in scope."""
        if not self.covers_space(space) or (self.slice and not self.slice.covers(name)):
            return False
        if self.assets and space not in self.spaces and (space, name) not in self.assets:
            return False
        for globs in (self.include, self.within):
            if globs and not any(self._matches(p, space, name) for p in globs):
                return False
        return not any(self._matches(p, space, name) for p in self.exclude)

    @property
    def named_spaces(self) -> frozenset[str]:
        """Return the spaces that are named exactly, so that a missing one can be reported."""
        exact = {s for s in map(_space_part, self.include) if not set(s) & set("*?[")}
        return self.spaces | {space for space, _ in self.assets} | frozenset(exact)

    @staticmethod
    def _matches(pattern: str, space: str, name: str) -> bool:
        space_pattern, dot, asset_pattern = pattern.partition(".")
        return fnmatchcase(space, space_pattern) and (not dot or fnmatchcase(name, asset_pattern))


def patterns(text: str) -> tuple[str, ...]:
    """Return the patterns of a comma-separated setting, trimmed, without empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
