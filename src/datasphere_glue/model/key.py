"""One key of ours in Glue: how its value is written, who sets it, and where people see it."""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "datasphere."
HEAD: Final = "head"
"""Place of a key that `show` prints above all sections."""

ROW: Final = "row"
"""Place of a key that `show` prints in the row of its column."""


class Codec(StrEnum):
    """How a value is written as text. JSON has sorted keys and no blanks."""

    TEXT = "text"
    MARK = "`true`, absent for false"
    FLAG = "`true` or `false`"
    WORD = "one of a fixed set of words"
    TYPE = "SAP type"
    DIGEST = "digest"
    NAMES = "list of texts"
    TRIPLES = "list of lists of three texts"
    OBJECT = "object of texts"
    EXACT = "object of lists"
    HIERARCHIES = "list of objects (hierarchies)"
    ASSOCIATIONS = "list of objects (associations)"
    VARIABLES = "list of objects (variables)"
    SOURCES = "list of objects (model sources)"


class Owner(StrEnum):
    """Who sets a key.

    `asset`: follows the field of the asset or column, unless a field policy protects an edit.
    `sync`: follows from how the asset is written. `identity`: tells what the table is; no policy
    gives it away.
    """

    ASSET = "asset"
    SYNC = "sync"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without the prefix.

    `field` names the field of the model where it differs from the key; `derived` marks a value that
    several fields give. `shown` is the section of `show` that holds the value, None where `--json`
    alone does. `page` is True where the page of a run has it. `structural` keys wait with the
    columns when a schema change is held back.
    """

    name: str
    codec: Codec
    meaning: str
    shown: str | None
    _: KW_ONLY
    page: bool
    owner: Owner = Owner.ASSET
    field: str = ""
    derived: bool = False
    structural: bool = False

    @property
    def full(self) -> str:
        """Return the key as Glue has it."""
        return PREFIX + self.name

    @property
    def attribute(self) -> str | None:
        """Return the field of the model that holds the value, None where it is not one field."""
        return None if self.derived or self.owner is not Owner.ASSET else self.field or self.name


JSON: Final = frozenset(
    {
        *(Codec.NAMES, Codec.TRIPLES, Codec.OBJECT, Codec.EXACT),
        *(Codec.HIERARCHIES, Codec.ASSOCIATIONS, Codec.VARIABLES, Codec.SOURCES),
    }
)
"""Codecs that write a JSON list or object."""
