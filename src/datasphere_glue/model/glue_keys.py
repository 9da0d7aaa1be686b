"""The table of our parameters in Glue: codec and owner of each key, and the places that show it.

Writing, reading back, `show`, the report page, the field and schema policies and the reference in
the docs are derived from it. A key that Datasphere provides needs a row here, a field of the model,
and a reader that fills the field. tests/unit/mapping/test_key_surfaces.py reports what is missing.
"""

from collections.abc import Mapping
from typing import Final

from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.key import Codec, Key, Owner
from datasphere_glue.model.table_keys import TABLE_KEYS

_TEXT: Final = Codec.TEXT
_IDENTITY: Final = Owner.IDENTITY
_SYNC: Final = Owner.SYNC

DATABASE_KEYS: Final = (
    Key(
        "managed_by",
        _TEXT,
        "marker of our databases: `datasphere-glue`",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key("tenant", _TEXT, "host of the tenant", None, page=False, owner=_IDENTITY),
    Key("space", _TEXT, "exact technical name of the space", None, page=False, owner=_IDENTITY),
    Key("label", _TEXT, "label of the space", None, page=False, owner=_SYNC),
)
"""The keys of a database."""

_TABLE: Final[Mapping[str, Key]] = {key.name: key for key in TABLE_KEYS}
_COLUMN: Final[Mapping[str, Key]] = {key.name: key for key in COLUMN_KEYS}
_DATABASE: Final[Mapping[str, Key]] = {key.name: key for key in DATABASE_KEYS}


def table_key(name: str) -> str:
    """Return the key of a table with its prefix.

    Raises:
        KeyError: TABLE_KEYS has no such key.

    """
    return _TABLE[name].full


def column_key(name: str) -> str:
    """Return the key of a column with its prefix.

    Raises:
        KeyError: COLUMN_KEYS has no such key.

    """
    return _COLUMN[name].full


def database_key(name: str) -> str:
    """Return the key of a database with its prefix.

    Raises:
        KeyError: DATABASE_KEYS has no such key.

    """
    return _DATABASE[name].full
