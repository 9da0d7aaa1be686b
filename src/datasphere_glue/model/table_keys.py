"""The keys of a table in Glue: one row for each."""

from typing import Final

from datasphere_glue.model.key import HEAD, Codec, Key, Owner

_TEXT: Final = Codec.TEXT
_MARK: Final = Codec.MARK
_FLAG: Final = Codec.FLAG
_WORD: Final = Codec.WORD
_DIGEST: Final = Codec.DIGEST
_NAMES: Final = Codec.NAMES
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
    Key(
        "hint",
        _TEXT,
        "advice for programs that read the asset on behalf of people",
        HEAD,
        page=False,
    ),
    Key(
        "pattern",
        _TEXT,
        "modelling pattern as SAP's word, where `usage` does not hold all of it",
        None,
        page=False,
    ),
    Key("capabilities", _NAMES, "all that it can be used as, as SAP's words", None, page=False),
    Key("dimension_type", _TEXT, "sort of a dimension, such as `TIME`", None, page=False),
    Key("view_type", _TEXT, "sort of a view, such as `TABLE_FUNCTION`", None, page=False),
    Key("hidden", _MARK, "hidden from consumers in Datasphere", HEAD, page=False),
    Key("read_only", _MARK, "the data cannot be written", None, page=False),
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
        "personal_data",
        _OBJECT,
        "personal data by SAP's vocabulary, such as `entitySemantics`; an absent key says nothing",
        "Personal data",
        page=True,
    ),
    Key(
        "release",
        _OBJECT,
        "release of the asset: `state`, `successor`, `decommissioning`",
        "Release",
        page=True,
    ),
    Key(
        "relationship",
        _OBJECT,
        "business entity by SAP's vocabulary of entity relationships",
        None,
        page=False,
    ),
    Key(
        "composition_root",
        _MARK,
        "root of parts that are in other objects",
        None,
        page=False,
    ),
    Key("usage_type", _OBJECT, "expected size, such as `sizeCategory`", None, page=False),
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
    Key("semantic_key", _NAMES, "columns that identify a row for people", None, page=False),
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
        "cross_calculations",
        Codec.CROSS_CALCULATIONS,
        "members of the structure of an analytic model: `name`, `label`, `kind`, `formula`",
        "Calculations",
        page=True,
    ),
    Key(
        "variables",
        _VARIABLES,
        "input parameters: `name`, `label`, `type`, `mandatory`, `default`, `kind`, "
        "`column`, `description`, `hidden`, `usage`, `selection`, `multiple`, `derived_from`, "
        "`derived_column`, `custom`",
        "Variables",
        page=True,
    ),
    Key(
        "sources",
        _SOURCES,
        "objects that an analytic model is built on: `role`, `name`, `space`, `target`, "
        "`label`, `associations`, `parameters` (`name`, `how`, `value`, `variable`), "
        "`affix` (`text`, `type`)",
        "Built on",
        page=True,
        field="model_sources",
    ),
    Key("lineage", _NAMES, "assets that the asset reads, as `SPACE.asset`", "Lineage", page=True),
    Key(
        "lineage_complete",
        _FLAG,
        "`false` where a part of the sources could not be determined",
        "Lineage",
        page=True,
    ),
    Key(
        "indirect_lineage",
        Codec.ORIGINS,
        "columns that decide which rows there are: `object`, `column`, `how` (`filter`, `join`, "
        "`group` or `sort`)",
        "Rows from",
        page=True,
    ),
    Key(
        "filter",
        _NAMES,
        "conditions of a query in SQL, the inner ones first",
        "Conditions",
        page=True,
    ),
    Key(
        "sql",
        _TEXT,
        "text of a view or table function as it was written, at most 100,000 characters",
        None,
        page=False,
        withheld=True,
    ),
    Key(
        "access_controls",
        Codec.ACCESS_CONTROLS,
        "row-level access controls: `name`, `columns`, `kind`",
        "Access",
        page=True,
    ),
    Key(
        "loads",
        Codec.LOADS,
        "flows and chains that write a table, or copy it elsewhere: `kind`, `name`, `sources`, "
        "`connection`, `system`, `mode`, `schedule`, `target`, `changed_on`",
        "Loaded by",
        page=True,
    ),
    Key(
        "origin",
        _OBJECT,
        "object in another schema or system that a table stands for: `schema`, `entity`",
        "Remote source",
        page=False,
    ),
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
    Key(
        "storage",
        _OBJECT,
        "where and how the data are stored, such as `pinToMemory`",
        None,
        page=False,
    ),
    Key(
        "integration",
        _OBJECT,
        "part in data integration, such as `dataUnavailable`",
        None,
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
    Key(
        "exported", _TEXT, "digest of the exported files that describe the asset", None, page=False
    ),
    Key("custom", _OBJECT, "annotations that no other key holds, by term", "Custom", page=False),
    Key(
        "provenance",
        _OBJECT,
        "which of `odata`, `csn`, `ord`, `listing` and `overlay` gave a value",
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
        "column_names",
        _TEXT,
        "exact names of the columns of a very wide table that have no `datasphere.name`, in a short"
        " form",
        None,
        page=False,
        owner=_SYNC,
        structural=True,
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
