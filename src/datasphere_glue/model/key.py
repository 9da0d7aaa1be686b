"""One parameter key of ours in Glue: codec of its value, owner, and places that show it."""

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
    CROSS_CALCULATIONS = "list of objects (cross calculations)"
    ACCESS_CONTROLS = "list of objects (access controls)"
    LOADS = "list of objects (loads)"
    ORIGINS = "list of objects (columns of origin)"
    VALUES = "list of objects (values)"


class Owner(StrEnum):
    """The origin of the value of a key.

    `asset`: a field of the asset or column, unless a field policy protects an edit.
    `sync`: the way in which the sync writes the asset.
    `identity`: the identity of the table; no policy can hand it over to people.
    """

    ASSET = "asset"
    SYNC = "sync"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    `name`: key without the prefix.
    `codec`: form of the value.
    `meaning`: description for the reference, in Markdown.
    `shown`: section of `show` that holds the value; None when only `--json` has it.
    `page`: True when the report page of a run shows the value.
    `owner`: origin of the value.
    `field`: field of the model; empty when its name equals `name`.
    `derived`: True when several fields of the model determine the value.
    `structural`: True when the key is held back together with columns on a schema change.
    `withheld`: True when no report, message or log shows the value.
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
    withheld: bool = False

    @property
    def full(self) -> str:
        """Return the key with its prefix, as Glue stores it."""
        return PREFIX + self.name

    @property
    def attribute(self) -> str | None:
        """Return the field of the model that holds the value, None when no single field does."""
        return None if self.derived or self.owner is not Owner.ASSET else self.field or self.name


JSON: Final = frozenset(
    {
        *(Codec.NAMES, Codec.TRIPLES, Codec.OBJECT, Codec.EXACT),
        *(Codec.HIERARCHIES, Codec.ASSOCIATIONS, Codec.VARIABLES, Codec.SOURCES),
        *(Codec.CROSS_CALCULATIONS, Codec.ACCESS_CONTROLS, Codec.LOADS),
        *(Codec.ORIGINS, Codec.VALUES),
    }
)
"""Codecs that write a JSON list or object."""
