"""What a run is asked to look at; the rest is not evaluated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from zlib import crc32

MustRead = Callable[[str, str], bool]
"""Tells of an asset, by space and name, whether it is to be read even if nothing changed."""


def _space_part(pattern: str) -> str:
    return pattern.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Slice:
    """One of `of` parts into which the assets of a space are divided by name; counted from 1."""

    number: int
    of: int

    def holds(self, asset: str) -> bool:
        """Tell whether an asset belongs to this part; it belongs to just one, today as tomorrow."""
        return crc32(asset.encode("utf-8", "surrogatepass")) % self.of == self.number - 1

    def __str__(self) -> str:
        """Return the slice as events write it, `1/3`."""
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker of a divided run reads and writes: whole spaces, or a slice of one."""

    spaces: tuple[str, ...]
    slice: Slice | None = None

    def __str__(self) -> str:
        """Return the part in words."""
        spaces = ", ".join(self.spaces)
        return f"{spaces} (slice {self.slice})" if self.slice else spaces


@dataclass(frozen=True, slots=True)
class Scope:
    """Which spaces and assets are evaluated.

    `include` and `exclude` hold glob patterns `SPACE` or `SPACE.asset` (SYNC_SPACES and
    SYNC_EXCLUDE, design 1.2); an empty `include` means everything. `within` is a second `include`
    (that of the mapping configuration): both must match. `spaces` and `assets` are the
    exact names asked for by an event (design 1.3) and narrow that further. Matching is case
    sensitive, as Datasphere is. Space names hold no dot (rules for technical names), so the first
    dot parts space from asset. `slice` takes a part of the assets alone.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    spaces: frozenset[str] = frozenset()
    assets: frozenset[tuple[str, str]] = frozenset()
    slice: Slice | None = None

    @property
    def whole(self) -> "Scope":
        """Return the scope with all slices."""
        return replace(self, slice=None)

    def space(self, name: str) -> bool:
        """Tell whether anything of the space can be in scope."""
        if self.spaces or self.assets:
            asked = self.spaces | {space for space, _ in self.assets}
            if name not in asked:
                return False
        for chosen in (self.include, self.within):
            if chosen and not any(fnmatchcase(name, _space_part(p)) for p in chosen):
                return False
        return not any(fnmatchcase(name, p) for p in self.exclude if "." not in p)

    def asset(self, space: str, name: str) -> bool:
        """Tell whether the asset is in scope."""
        if not self.space(space) or (self.slice and not self.slice.holds(name)):
            return False
        if self.assets and space not in self.spaces and (space, name) not in self.assets:
            return False
        for chosen in (self.include, self.within):
            if chosen and not any(self._matches(p, space, name) for p in chosen):
                return False
        return not any(self._matches(p, space, name) for p in self.exclude)

    @property
    def named_spaces(self) -> frozenset[str]:
        """Spaces that were asked for by their exact name, so that a missing one can be told."""
        exact = {s for s in map(_space_part, self.include) if not set(s) & set("*?[")}
        return self.spaces | {space for space, _ in self.assets} | frozenset(exact)

    @staticmethod
    def _matches(pattern: str, space: str, name: str) -> bool:
        space_pattern, dot, asset_pattern = pattern.partition(".")
        return fnmatchcase(space, space_pattern) and (not dot or fnmatchcase(name, asset_pattern))


def patterns(text: str) -> tuple[str, ...]:
    """Split a comma-separated setting into patterns, blanks trimmed, empty ones dropped."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
