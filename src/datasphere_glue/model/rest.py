"""The values inside the `rest` of a table, by their path of members."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from datasphere_glue.model.table import canonical_json

Leaf = tuple[str, ...]


def leaves(rest: str) -> dict[Leaf, Any]:
    """Return the values inside `rest` by their path of members; lists are values."""
    return {} if rest == "{}" else dict(_walk_leaves((), json.loads(rest)))


def _walk_leaves(path: Leaf, value: Any) -> Iterator[tuple[Leaf, Any]]:
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _walk_leaves((*path, key), inner)
    else:
        yield path, value


def leaf_path(leaf: Leaf) -> str:
    """Return the path of a value of `rest`, such as `rest.StorageDescriptor.Location`."""
    return ".".join(("rest", *leaf))


def leaf_text(value: Any) -> str | None:
    """Return a value of `rest` as text; None for the defaults of Glue (0, False, empty)."""
    if value in (None, "", 0, False, [], {}):
        return None
    return value if isinstance(value, str) else canonical_json(value)


def rest_from_leaves(values: Mapping[Leaf, Any]) -> str:
    """Return the `rest` that holds these values: the inverse of `leaves`."""
    tree: dict[str, Any] = {}
    for leaf, value in values.items():
        node = tree
        for member in leaf[:-1]:
            node = node.setdefault(member, {})
        # An empty map does not replace what other leaves put into it.
        if value != {} or leaf[-1] not in node:
            node[leaf[-1]] = value
    return canonical_json(tree)
