"""The version of the reader: what a table may hold, by the version that read its asset.

A new key or member reaches the tables that exist already only if their assets are read again. So
the reader has a version: a run reads again what an earlier version read, once. Raise it together
with a key, a member, or a value that is read in another way; tests/unit/mapping/test_reader.py
fails for a key or member that no version has.
"""

from typing import Final

from datasphere_glue.model.applied import READER, applied_digests
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.key import Codec
from datasphere_glue.model.table import Table
from datasphere_glue.model.table_keys import TABLE_KEYS

READER_VERSION: Final = 2
"""The version of this reader."""

FIRST: Final = 1
"""The version of a reader that recorded none."""

TABLE_KEYS_OF_1: Final = frozenset(
    {
        *("applied", "associations", "certification", "changed_by", "changed_on", "custom"),
        *("delta", "deployed_on", "deprecated_on", "deprecated_reason", "description"),
        *("dimensions", "fingerprint", "governed_by", "hidden", "hierarchies", "key_sequence"),
        *("keys", "kind", "label", "lineage", "managed_by", "measures", "moved_from", "name"),
        *("object_status", "owner", "pairs", "provenance", "remote_connection", "remote_entity"),
        *("renamed_from", "renamed_to", "representative_key", "sources", "space", "status"),
        *("steward", "tags", "tenant", "terms", "usage", "variables"),
    }
)
COLUMN_KEYS_OF_1: Final = frozenset(
    {
        *("aggregation", "association", "certification", "currency", "custom", "description"),
        *("formula", "hidden", "key", "label", "loss", "measure_type", "modelled_type", "name"),
        *("nullable", "owner", "pairs", "position", "role", "roles", "semantics", "sources"),
        *("steward", "tags", "terms", "text", "text_association", "type", "unit", "unread"),
    }
)
MEMBERS_OF_1: Final = {
    Codec.HIERARCHIES: frozenset(
        {"name", "kind", "label", "levels", "parent", "child", "association", "custom"}
    ),
    Codec.ASSOCIATIONS: frozenset(
        {"name", "label", "space", "target", "columns", "composition", "cardinality", "custom"}
    ),
    Codec.VARIABLES: frozenset(
        {
            *("name", "label", "type", "mandatory", "default", "kind", "column"),
            *("description", "custom"),
        }
    ),
    Codec.SOURCES: frozenset({"name", "role", "space", "target", "label", "associations"}),
}
"""The keys of the first version, and the members of the objects that they list."""

_NEW_TABLE_KEYS: Final = frozenset(
    key.full for key in TABLE_KEYS if key.name not in TABLE_KEYS_OF_1
)
_NEW_COLUMN_KEYS: Final = frozenset(
    key.full for key in COLUMN_KEYS if key.name not in COLUMN_KEYS_OF_1
)


def reader_of(table: Table) -> int:
    """Return the version that read the asset of a table, as far as the table shows it.

    A table records the version that created it. A table that holds what only a later version can
    read was written by that one. A later version that read nothing new leaves no sign.
    """
    recorded = applied_digests(table).get(READER, "")
    version = int(recorded) if recorded.isdecimal() else FIRST
    return max(version, READER_VERSION) if _holds_new_keys(table) else version


def _holds_new_keys(table: Table) -> bool:
    if any(key in _NEW_TABLE_KEYS for key, _ in table.parameters):
        return True
    columns = (*table.columns, *table.partition_keys)
    return any(key in _NEW_COLUMN_KEYS for column in columns for key, _ in column.parameters)
