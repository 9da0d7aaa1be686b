"""What the assets of a run show about the rules that depend on columns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleMatches:
    """Which rules for columns, types and annotations need no further search.

    `settled`: rules, as text, that an asset matches, or may match without having been evaluated.
    `near`: pairs of another rule and the name that is closest to it.
    """

    settled: tuple[str, ...] = ()
    near: tuple[tuple[str, str], ...] = ()

    def __or__(self, other: "RuleMatches") -> "RuleMatches":
        """Return what both show together."""
        settled = {*self.settled, *other.settled}
        near = dict(other.near) | dict(self.near)
        return RuleMatches(tuple(sorted(settled)), tuple(sorted(near.items())))
