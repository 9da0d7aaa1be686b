"""Finds the objects that the query of an entity reads."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.sql import read_tables

_TEXTS: Final = ("@DataWarehouse.sqlEditor.query", "@DataWarehouse.tableFunction.script")
_ROOTS: Final = ("$projection", "$self")


def is_computed(entity: Mapping[str, Any]) -> bool:
    """Return whether an entity has a query and so is a view."""
    return any(key in entity for key in ("query", "projection", *_TEXTS)) or (
        entity.get("@Analytics.dbViewType") in ("TABLE_FUNCTION", {"#": "TABLE_FUNCTION"})
    )


def find_lineage(document: Document, entity: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the objects that an entity reads as `SPACE.object`, and notes about gaps.

    The query tree is exact. SQL text is searched only where there is no tree, because Datasphere
    runs the tree and shows the text.
    """
    names, notes = _names_in_query(entity), []
    objects = [document.qualify(name) for name in names]
    if not objects:
        for key in _TEXTS:
            text = entity.get(key)
            if isinstance(text, str) and text.strip():
                tables, gap = read_tables(text)
                objects += [_qualify_table(document, table) for table in tables]
                notes.append(f"lineage is read from SQL text{f': {gap}' if gap else ''}")
    return list(dict.fromkeys(objects)), notes


def _names_in_query(entity: Mapping[str, Any]) -> list[str]:
    query = entity.get("query")
    if not isinstance(query, Mapping):
        projection = entity.get("projection")
        query = {"SELECT": projection} if isinstance(projection, Mapping) else {}
    names: dict[str, None] = {}
    aliases: set[str] = set()
    mixins: dict[str, str] = {}
    paths: list[list[str]] = []
    for ref, alias, source in _refs(query, mixins):
        if source:
            names |= {} if len(ref) > 1 and ref[0] in aliases else {ref[0]: None}
            aliases.add(alias or ref[0].rpartition(".")[2])
        else:
            paths.append(ref)
    for ref in paths:
        steps = [step for step in ref if step not in _ROOTS]
        reached = steps[1:] if steps and steps[0] in aliases else steps
        # An association that is only exposed is no source; one whose columns are read is.
        if len(reached) > 1 and reached[0] in mixins:
            names[mixins[reached[0]]] = None
    return list(names)


def _refs(query: Any, mixins: dict[str, str]) -> Iterator[tuple[list[str], str | None, bool]]:
    """Yield every reference of a query tree with its alias and whether it is a source.

    Walks in document order without recursion, and adds the targets of mixins to `mixins`.
    """
    waiting: list[tuple[Any, bool]] = [(query, False)]
    while waiting:
        node, in_from = waiting.pop()
        if isinstance(node, str):
            continue
        if isinstance(node, list):
            waiting += [(item, in_from) for item in reversed(node)]
            continue
        if not isinstance(node, Mapping):
            continue
        ref = _step_names(node.get("ref"))
        if ref:
            alias = node.get("as")
            yield ref, alias if isinstance(alias, str) else None, in_from
        inner = []
        for key, value in node.items():
            if key == "mixin" and isinstance(value, Mapping):
                mixins.update(_targets(value))
            else:
                inner.append((value, key == "from" or (in_from and key == "args")))
        waiting += reversed(inner)


def _step_names(ref: Any) -> list[str]:
    if not isinstance(ref, list):
        return []
    steps = [step.get("id") if isinstance(step, Mapping) else step for step in ref]
    return [step for step in steps if isinstance(step, str) and step]


def _targets(mixin: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in mixin.items():
        target = value.get("target") if isinstance(value, Mapping) else None
        if isinstance(target, str) and target:
            yield name, target


def _qualify_table(document: Document, table: tuple[tuple[str, bool], ...]) -> str:
    """Return `SPACE.object` for a table name in SQL; HANA folds unquoted parts to upper case."""
    parts = [part if quoted else part.upper() for part, quoted in table]
    written = ".".join(part for part, _ in table)
    if written in document.definitions:
        return document.qualify(written)
    if len(parts) == 1:
        return document.qualify(parts[0])
    return ".".join(parts)
