"""Globs over annotation terms, with which rules of the mapping configuration name them. Pure."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

_WILDCARDS: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class TermGlobs:
    """The terms that rules name; case and a leading `@` are ignored.

    A reader keeps the raw value of such a term even where a field holds it, so that a rule goes on
    working once a version understands its term.
    """

    globs: tuple[str, ...] = ()

    def match(self, term: str) -> bool:
        """Return whether one of the globs matches a term."""
        return bool(self.globs) and _match(self.globs, term)

    def name(self, term: str) -> bool:
        """Return whether one of the globs is exactly this term, without a wildcard."""
        return bool(self.globs) and _name(self.globs, term)


NO_GLOBS: Final = TermGlobs()


def term_matches(glob: str, term: str) -> bool:
    """Return whether a glob of a rule matches a term."""
    return fnmatchcase(term.lower(), _plain(glob))


def _plain(glob: str) -> str:
    return glob.lower().removeprefix("@")


@lru_cache(maxsize=4096)
def _match(globs: tuple[str, ...], term: str) -> bool:
    return any(term_matches(glob, term) for glob in globs)


@lru_cache(maxsize=4096)
def _name(globs: tuple[str, ...], term: str) -> bool:
    return any(_plain(glob) == term.lower() and not _WILDCARDS & set(glob) for glob in globs)
