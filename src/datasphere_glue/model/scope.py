"""What a run is asked to look at; the rest is not evaluated."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


def _space_part(pattern: str) -> str:
    return pattern.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which spaces and assets are evaluated.

    `include` and `exclude` hold glob patterns `SPACE` or `SPACE.asset` (SYNC_SPACES and
    SYNC_EXCLUDE, design 1.2); an empty `include` means everything. `within` is a second `include`
    (that of the mapping configuration): both must match. `spaces` and `assets` are the
    exact names asked for by an event (design 1.3) and narrow that further. Matching is case
    sensitive, as Datasphere is. Space names hold no dot (rules for technical names), so the first
    dot parts space from asset.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    spaces: frozenset[str] = frozenset()
    assets: frozenset[tuple[str, str]] = frozenset()

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
        if not self.space(space):
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
