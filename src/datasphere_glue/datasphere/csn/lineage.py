"""Finds the objects that the query of an entity reads."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.sql.reader import read_sources
from datasphere_glue.datasphere.csn.terms import SQL_TEXTS, VIEW_TYPE

_TABLE_FUNCTION: Final = "TABLE_FUNCTION"
_ROOTS: Final = ("$projection", "$self")


class Lineage(NamedTuple):
    """The objects that an entity reads, as `SPACE.object`, and why further ones may be missing."""

    objects: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def complete(self) -> bool | None:
        """False where a part of the objects could not be determined."""
        return False if self.doubts else None

    @property
    def notes(self) -> tuple[str, ...]:
        """The doubts as a note, without a word of the text."""
        causes = "; ".join(self.doubts)
        return (f"its SQL text may read more than its lineage: {causes}",) if causes else ()


def is_computed(entity: Mapping[str, Any], annotations: CsnAnnotations) -> bool:
    """Return whether an entity has a query and so is a view."""
    written = any(f"@{term}" in entity or term in annotations.values for term in SQL_TEXTS)
    return (
        written
        or any(key in entity for key in ("query", "projection"))
        or annotations.words(VIEW_TYPE) == (_TABLE_FUNCTION,)
    )


def find_lineage(
    document: Document, entity: Mapping[str, Any], annotations: CsnAnnotations
) -> Lineage:
    """Return the objects that an entity reads.

    The query tree is exact. SQL text is read only where there is no tree, because Datasphere runs
    the tree and shows the text.
    """
    objects = [document.qualify(name) for name in _names_in_query(entity)]
    doubts: list[str] = []
    for term in SQL_TEXTS if not objects else ():
        text = annotations.values.get(term)
        if isinstance(text, str):
            sources = read_sources(text)
            objects += [_qualify_table(document, table) for table in sources.tables]
            doubts += sources.doubts
    return Lineage(tuple(dict.fromkeys(objects)), tuple(dict.fromkeys(doubts)))


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


def _qualify_table(document: Document, table: tuple[str, ...]) -> str:
    """Return `SPACE.object` for the parts of a table name in SQL."""
    name = ".".join(table)
    return document.qualify(name) if len(table) == 1 or name in document.definitions else name
