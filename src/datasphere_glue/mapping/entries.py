"""The entries of a selection or a rule as values: what a person wrote, and where."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from typing import Final

_META: Final = re.compile(r"[*?\[]")


class Role(StrEnum):
    """What an entry is for.

    `request`: an event asks for it by its exact name.
    `selection`: SYNC_SPACES; the run reads only what it matches.
    `filter`: `selection.include`, which several stacks may share; it narrows the selection.
    `exclusion`: SYNC_EXCLUDE or `selection.exclude`.
    `rule`: any other section of the mapping configuration.
    """

    REQUEST = "request"
    SELECTION = "selection"
    FILTER = "filter"
    EXCLUSION = "exclusion"
    RULE = "rule"


class Form(StrEnum):
    """How the text of an entry matches names; case counts except in `term`.

    `space`: the exact name of a space.
    `asset`: the exact `SPACE.asset`.
    `scope`: glob `SPACE`, or globs `SPACE.asset` around the first dot.
    `name`: one glob over `SPACE.asset`.
    `column`: one glob over `SPACE.asset.column`.
    `type`: a raw SAP type, or the name of one.
    `term`: a glob over annotation terms.
    `field`: a glob over paths of fields in Glue.
    """

    SPACE = "space"
    ASSET = "asset"
    SCOPE = "scope"
    NAME = "name"
    COLUMN = "column"
    TYPE = "type"
    TERM = "term"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a person wrote it.

    `place`: setting, path in the mapping configuration, or field of the event.
    `text`: the name or pattern.
    `column`: glob over column names, with the form `name` only; None for the assets themselves.
    """

    place: str
    text: str
    role: Role
    form: Form
    column: str | None = None

    def __str__(self) -> str:
        """Return the entry for a message, such as `SYNC_SPACES SALSE`."""
        column = "" if self.column is None else f" column {self.column}"
        return f"{self.place} {self.text}{column}"

    @property
    def section(self) -> str:
        """Return the place without the number of the entry."""
        return self.place.partition("[")[0]

    @property
    def parts(self) -> tuple[str, str | None]:
        """Return space and asset, each a name or a glob; the asset is None for a whole space."""
        if self.form is Form.SPACE:
            return self.text, None
        space, dot, asset = self.text.partition(".")
        whole = not dot or (asset == "*" and self.form is Form.SCOPE)
        return space, None if whole else asset

    @property
    def exact_space(self) -> str | None:
        """Return the name of the space that the entry names exactly, None for a glob."""
        space, _ = self.parts
        return space if self.form is not Form.SCOPE or is_exact(space) else None

    @property
    def needs_columns(self) -> bool:
        """True when only the columns of assets decide whether the entry matches."""
        return self.form in {Form.COLUMN, Form.TYPE, Form.TERM} or self.column is not None


@dataclass(frozen=True, slots=True)
class Names:
    """The names that exist.

    `spaces`: spaces that the tenant lists.
    `assets`: names of assets by space, only of spaces whose listing was read completely.
    `stored`: names of assets by space of the tables that the catalog holds, and empty for spaces
        of which it holds the database alone.
    `gone`: spaces that the configuration confirms as gone.
    """

    spaces: frozenset[str] = frozenset()
    assets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stored: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def known_spaces(self) -> frozenset[str]:
        """Return the spaces of both sides."""
        return self.spaces | self.gone | frozenset(self.stored)

    def of(self, space: str) -> frozenset[str] | None:
        """Return the assets of a space on both sides, None where the listing is not complete."""
        if space not in self.assets:
            return None
        return self.assets[space] | self.stored.get(space, frozenset())


@lru_cache(maxsize=4096)
def glob(pattern: str) -> re.Pattern[str]:
    """Return the compiled glob; case counts."""
    return re.compile(translate(pattern))


def is_exact(pattern: str) -> bool:
    """Return whether a pattern is a plain name."""
    return not _META.search(pattern)


def matching(pattern: str, names: AbstractSet[str]) -> frozenset[str]:
    """Return the names that a glob matches."""
    if is_exact(pattern):
        return frozenset({pattern} & names)
    match = glob(pattern).match
    return frozenset(name for name in names if match(name))


def matches_any(pattern: str, names: AbstractSet[str]) -> bool:
    """Return whether a glob matches one of the names."""
    if is_exact(pattern):
        return pattern in names
    match = glob(pattern).match
    return any(match(name) for name in names)


def may_match_below(pattern: str, prefix: str) -> bool:
    """Return whether a glob may match a name that begins with `prefix`."""
    literal = _META.split(pattern, maxsplit=1)[0]
    if len(literal) == len(pattern) or len(literal) >= len(prefix):
        return literal.startswith(prefix)
    if not prefix.startswith(literal):
        return False
    ends = range(len(literal) + 1, len(pattern) + 1)
    return any(glob(pattern[:end]).match(prefix) for end in ends)
