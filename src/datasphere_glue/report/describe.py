"""One Glue table in the words of Datasphere, read from the table alone."""

import json
from collections.abc import Mapping
from typing import Any, Final

from datasphere_glue.model.table import PREFIX, Table

_JSON: Final = frozenset(
    {
        *("keys", "dimensions", "measures", "hierarchies", "associations", "variables", "tags"),
        *("terms", "custom", "lineage", "provenance", "key_sequence", "delta", "sources"),
        *("roles", "semantics"),
    }
)
_BOOKKEEPING: Final = frozenset({"applied", "fingerprint"})


def described(table: Table) -> dict[str, Any]:
    """Return the business context of a table and its columns, JSON values decoded."""
    return {
        "database": table.database,
        "table": table.name,
        "description": table.description,
        "context": _context(dict(table.parameters)),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "comment": column.comment,
                "context": _context(dict(column.parameters)),
            }
            for column in table.columns
        ],
    }


def _context(parameters: Mapping[str, str]) -> dict[str, Any]:
    own = {
        key.removeprefix(PREFIX): value
        for key, value in parameters.items()
        if key.startswith(PREFIX)
    }
    return {
        key: _decoded(value) if key in _JSON else value
        for key, value in own.items()
        if key not in _BOOKKEEPING
    }


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
