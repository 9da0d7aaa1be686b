"""The table of our parameters in Glue: codec and owner of each key, and the places that show it.

Writing, reading back, `show`, the report page, the field and schema policies and the reference in
the docs are derived from it. A key that Datasphere provides needs a row here, a field of the model,
and a reader that fills the field. tests/unit/mapping/test_key_surfaces.py reports what is missing.
"""

from collections.abc import Mapping
from typing import Final

from datasphere_glue.model.key import HEAD, ROW, Codec, Key, Owner

_TEXT: Final = Codec.TEXT
_MARK: Final = Codec.MARK
_FLAG: Final = Codec.FLAG
_WORD: Final = Codec.WORD
_TYPE: Final = Codec.TYPE
_DIGEST: Final = Codec.DIGEST
_NAMES: Final = Codec.NAMES
_TRIPLES: Final = Codec.TRIPLES
_OBJECT: Final = Codec.OBJECT
_EXACT: Final = Codec.EXACT
_HIERARCHIES: Final = Codec.HIERARCHIES
_ASSOCIATIONS: Final = Codec.ASSOCIATIONS
_VARIABLES: Final = Codec.VARIABLES
_SOURCES: Final = Codec.SOURCES
_IDENTITY: Final = Owner.IDENTITY
_SYNC: Final = Owner.SYNC

TABLE_KEYS: Final = (
    Key(
        "managed_by",
        _TEXT,
        "marker of our tables: `datasphere-glue`",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key(
        "tenant",
        _TEXT,
        "host of the tenant that the table was written from",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key("space", _TEXT, "exact technical name of the space", HEAD, page=False, owner=_IDENTITY),
    Key("name", _TEXT, "exact technical name of the asset", HEAD, page=False, owner=_IDENTITY),
    Key(
        "kind",
        _WORD,
        "`view`, `analytic_model`, `local_table` or `remote_table`",
        HEAD,
        page=True,
        owner=_SYNC,
    ),
    Key(
        "status",
        _WORD,
        "life of the Glue table: `active`, or `deprecated` once the asset is gone",
        HEAD,
        page=True,
        owner=_IDENTITY,
    ),
    Key(
        "deprecated_on",
        _TEXT,
        "day on which the table was deprecated",
        HEAD,
        page=False,
        owner=_IDENTITY,
    ),
    Key(
        "deprecated_reason",
        _TEXT,
        "why the table was deprecated",
        HEAD,
        page=False,
        owner=_IDENTITY,
    ),
    Key(
        "renamed_to",
        _TEXT,
        "new name of an asset that was renamed, on the old table; `database.table` if the table"
        " moved to another database",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key(
        "renamed_from",
        _TEXT,
        "former name of an asset that was renamed, on the new table",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key(
        "moved_from",
        _TEXT,
        "`database.table` where the table stood before its space moved to another database",
        None,
        page=False,
        owner=_IDENTITY,
    ),
    Key(name="label", codec=_TEXT, meaning="full label", shown=HEAD, page=True),
    Key(name="description", codec=_TEXT, meaning="full description", shown=HEAD, page=True),
    Key("usage", _WORD, "semantic usage, such as `fact` or `dimension`", HEAD, page=True),
    Key("hidden", _MARK, "hidden from consumers in Datasphere", HEAD, page=False),
    Key(
        "owner",
        _TEXT,
        "owner of the asset; the creator where nothing else is known",
        "Owner",
        page=True,
    ),
    Key("steward", _TEXT, "data steward, from governance", "Steward", page=True),
    Key(
        "certification",
        _TEXT,
        "result of a review by people, from governance; Datasphere has no such field",
        "Certification",
        page=True,
    ),
    Key(name="tags", codec=_NAMES, meaning="tags", shown="Tags", page=True),
    Key(name="terms", codec=_NAMES, meaning="glossary terms", shown="Terms", page=True),
    Key(
        "keys",
        _NAMES,
        "exact names of the key columns",
        "Keys",
        page=False,
        derived=True,
        structural=True,
    ),
    Key(
        "measures",
        _NAMES,
        "exact names of the measures",
        "Measures",
        page=False,
        derived=True,
        structural=True,
    ),
    Key(
        "dimensions",
        _NAMES,
        "exact names of the dimensions",
        "Dimensions",
        page=False,
        derived=True,
        structural=True,
    ),
    Key(
        "representative_key",
        _TEXT,
        "the key column that stands for the asset",
        None,
        page=False,
        structural=True,
    ),
    Key("key_sequence", _NAMES, "key columns in their order", None, page=False, structural=True),
    Key(
        "hierarchies",
        _HIERARCHIES,
        "`name`, `kind`, `label`, `levels` or `parent` and `child`, `association`, `custom`",
        "Hierarchies",
        page=True,
        structural=True,
    ),
    Key(
        "associations",
        _ASSOCIATIONS,
        "`name`, `label`, `space`, `target`, `columns` (pairs), `composition`, "
        "`cardinality`, `custom`",
        "Associations",
        page=True,
        structural=True,
    ),
    Key(
        "variables",
        _VARIABLES,
        "input parameters: `name`, `label`, `type`, `mandatory`, `default`, `kind`, "
        "`column`, `description`, `custom`",
        "Variables",
        page=True,
    ),
    Key(
        "sources",
        _SOURCES,
        "objects that an analytic model is built on: `role`, `name`, `space`, `target`, "
        "`label`, `associations`",
        "Built on",
        page=False,
        field="model_sources",
    ),
    Key("lineage", _NAMES, "assets that the asset reads, as `SPACE.asset`", "Lineage", page=True),
    Key("remote_connection", _TEXT, "connection of a remote table", "Remote source", page=False),
    Key(
        "remote_entity",
        _TEXT,
        "object that a remote table reads at its source",
        "Remote source",
        page=False,
    ),
    Key(
        "delta",
        _OBJECT,
        "delta capture: `type`, `date_column`, `mode_column`, `companion`, `enclosing`, `capture`",
        "Delta capture",
        page=False,
    ),
    Key("changed_on", _TEXT, "last change in Datasphere", "Changed", page=False),
    Key("changed_by", _TEXT, "user of the last change", "Changed", page=False),
    Key("deployed_on", _TEXT, "last deployment", "Changed", page=False),
    Key(
        "object_status",
        _TEXT,
        "deployment status as Datasphere names it, such as `Deployed`",
        "Changed",
        page=False,
    ),
    Key("custom", _OBJECT, "annotations that no other key holds, by term", "Custom", page=False),
    Key(
        "provenance",
        _OBJECT,
        "which of `odata`, `csn`, `listing` and `overlay` gave a value",
        "Provenance",
        page=False,
    ),
    Key(
        "pairs",
        _EXACT,
        "exact pairs of each object whose names repeat or are not sorted",
        None,
        page=False,
        derived=True,
    ),
    Key(
        "governed_by",
        _TEXT,
        "digest of the governance rules that applied to the asset",
        None,
        page=False,
        owner=_SYNC,
    ),
    Key(
        "fingerprint",
        _DIGEST,
        "digest of the source content",
        None,
        page=False,
        owner=_IDENTITY,
        structural=True,
    ),
    Key(
        "applied",
        _DIGEST,
        "digests of the values that were last written",
        None,
        page=False,
        owner=_IDENTITY,
    ),
)
"""The keys of a table, in the order in which people read them."""

COLUMN_KEYS: Final = (
    Key(name="name", codec=_TEXT, meaning="exact technical name", shown=ROW, page=True),
    Key("type", _TYPE, "SAP type of what consumers read", ROW, page=True, structural=True),
    Key(
        "modelled_type",
        _TYPE,
        "SAP type that the modeller chose, where it differs",
        None,
        page=False,
        structural=True,
    ),
    Key(name="label", codec=_TEXT, meaning="full label", shown=ROW, page=True),
    Key(name="description", codec=_TEXT, meaning="full description", shown=None, page=True),
    Key(
        "role",
        _WORD,
        "main role: `key`, `measure`, `currency`, `unit`, `text`, `dimension` or `attribute`",
        ROW,
        page=True,
        derived=True,
    ),
    Key("roles", _NAMES, "all roles, where there are several", ROW, page=False, derived=True),
    Key(name="key", codec=_MARK, meaning="part of the key", shown="Keys", page=True),
    Key(name="nullable", codec=_FLAG, meaning="may be empty", shown=None, page=False),
    Key("hidden", _MARK, "hidden from consumers in Datasphere", ROW, page=False),
    Key("aggregation", _TEXT, "aggregation of a measure", "Measures", page=True),
    Key("measure_type", _TEXT, "`BASE`, `RESTRICTION` or `CALCULATION`", "Measures", page=False),
    Key(
        "formula", _TEXT, "expression of a calculated or restricted measure", "Measures", page=False
    ),
    Key("currency", _TEXT, "column that holds the currency", "Measures", page=True),
    Key("unit", _TEXT, "column that holds the unit", "Measures", page=True),
    Key("text", _TEXT, "column that holds the text of a code", "Texts", page=False),
    Key(
        "text_association",
        _TEXT,
        "association that leads to the texts of a code",
        "Texts",
        page=False,
    ),
    Key("association", _TEXT, "association that the column is a foreign key of", None, page=False),
    Key("semantics", _NAMES, "calendar and other semantics, as SAP's terms", None, page=False),
    Key("sources", _TRIPLES, "columns that it comes from: space, asset, column", None, page=False),
    Key(name="owner", codec=_TEXT, meaning="owner, from governance", shown=None, page=False),
    Key("steward", _TEXT, "data steward, from governance", None, page=False),
    Key("certification", _TEXT, "result of a review by people, from governance", None, page=False),
    Key(name="tags", codec=_NAMES, meaning="tags", shown=None, page=False),
    Key(name="terms", codec=_NAMES, meaning="glossary terms", shown=None, page=False),
    Key("custom", _OBJECT, "annotations that no other key holds, by term", None, page=False),
    Key(
        "pairs",
        _EXACT,
        "exact pairs of `custom`, where its names repeat or are not sorted",
        None,
        page=False,
        derived=True,
    ),
    Key(
        "loss",
        _TEXT,
        "what the Glue type cannot express ([Types](../types.md))",
        None,
        page=False,
        owner=_SYNC,
        structural=True,
    ),
    Key(
        "unread",
        _TEXT,
        "what of the column could not be read; `loss` repeats it",
        None,
        page=False,
        structural=True,
    ),
    Key(
        "position",
        _TEXT,
        "place among the columns of the asset, on a partition key",
        None,
        page=False,
        owner=_SYNC,
    ),
)
"""The keys of a column."""

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
