"""What a catalog holds as plain values, and how two states of it compare."""

from collections.abc import Mapping
from typing import Any

from local.catalog.store import Snapshot
from tests.functional.samples import SET_BY_GLUE

Content = dict[str, dict[str, Any]]
"""Databases by name and tables by `database.table`."""

_NESTED = ("Parameters", "StorageDescriptor")
_BOOKKEEPING = {
    f"parameters.datasphere.{name}" for name in ("fingerprint", "applied", "provenance")
}


def own(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what Glue sets by itself."""
    return {key: item for key, item in value.items() if key not in SET_BY_GLUE}


def content_of(state: Snapshot) -> Content:
    """Return every database and every table of a snapshot, whole."""
    content: Content = {}
    for databases in state.values():
        for name, database in databases.items():
            content[name] = dict(database.content)
            content |= {f"{name}.{table}": dict(v[-1]) for table, v in database.tables.items()}
    return content


def differing(one: Content, other: Content) -> list[str]:
    """Return the names of the objects that differ between two states."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def asset_of(value: Mapping[str, Any]) -> str | None:
    """Return the asset that a table of ours was made from."""
    parameters = value.get("Parameters", {})
    name = parameters.get("datasphere.name")
    return f"{parameters['datasphere.space']}.{name}" if name else None


def change_of(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return the word of the counts for what happened to a table."""
    if not was or not now:
        return "deleted" if was else "created"
    before, after = (value["Parameters"].get("datasphere.status") for value in (was, now))
    if before == after:
        return "updated"
    return "deprecated" if after == "deprecated" else "restored"


def _facts(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return every fact that an object states, by its path."""
    flat = {key: item for key, item in value.items() if key not in _NESTED}
    flat |= {f"parameters.{key}": item for key, item in value.get("Parameters", {}).items()}
    descriptor = value.get("StorageDescriptor", {})
    flat |= {f"storage.{key}": item for key, item in descriptor.items() if key != "Columns"}
    for column in descriptor.get("Columns", []):
        path = f"columns.{column['Name']}"
        flat |= {f"{path}.{key}": item for key, item in column.items() if key not in _NESTED}
        parameters = column.get("Parameters", {})
        flat |= {f"{path}.parameters.{key}": item for key, item in parameters.items()}
    return {path: item for path, item in flat.items() if path not in _BOOKKEEPING}


def strays(now: Mapping[str, Any], was: Mapping[str, Any], shall: Mapping[str, Any]) -> list[str]:
    """Return the facts of an object that are neither as before nor as they shall be."""
    current, before, end = _facts(now), _facts(was), _facts(shall)
    return sorted(
        path
        for path in {*current, *before, *end}
        if current.get(path) not in (before.get(path), end.get(path))
    )
