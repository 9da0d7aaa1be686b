"""Fills the lineage of an asset from the query of its definition.

A column names the next objects upstream only, never an alias or a subquery. Three forms need the
definitions of other objects: a path through an association, a `*` among other columns, and a SET of
`*`. Without them the lineage is not complete, and a note gives the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.query.cells import Cell, origins_of
from datasphere_glue.datasphere.csn.query.objects import Findings, Objects, TooLargeError
from datasphere_glue.datasphere.csn.query.reader import QueryReader
from datasphere_glue.datasphere.csn.types import is_link
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element, Origin

MOST_EDGES: Final = 100_000
"""The most origins of all columns of one asset together."""

_NOTE: Final = "column lineage is not complete: "
_FEW: Final = 5
_LONGEST_COMMENT: Final = 1_000
_KEPT: Final = frozenset({"kind", "elements", "@DataWarehouse.space.name"})


@dataclass(frozen=True, slots=True)
class Query:
    """The query of one entity, with the document that its names belong to.

    `node`: the query as CQN.
    `links`: names of the elements that are associations.
    """

    document: Document
    node: Mapping[str, Any]
    links: frozenset[str]


@dataclass(frozen=True, slots=True)
class QueryLineage:
    """An asset with the lineage that its query gives.

    `note`: what could not be resolved, in words; None where everything was.
    `needed`: objects whose definitions may complete it, as `SPACE.object`.
    """

    asset: Asset
    note: str | None = None
    needed: tuple[str, ...] = ()


def query_of(document: Document, entity: Mapping[str, Any]) -> Query | None:
    """Return the query of an entity, None where it has none."""
    node, projection = entity.get("query"), entity.get("projection")
    if not isinstance(node, Mapping):
        node = {"SELECT": projection} if isinstance(projection, Mapping) else None
    if node is None:
        return None
    elements = entity.get("elements")
    items = elements.items() if isinstance(elements, Mapping) else ()
    links = frozenset(
        name for name, value in items if isinstance(value, Mapping) and is_link(value)
    )
    return Query(document, node, links)


def without_annotations(query: Query) -> Query:
    """Return a query whose document holds only what the names of a query need.

    Definitions are kept during a run, so one that waits for others must not keep its document.
    """
    definitions = {
        name: {key: value for key, value in definition.items() if key in _KEPT}
        for name, definition in query.document.definitions.items()
        if isinstance(definition, Mapping)
    }
    document = replace(query.document, definitions=definitions, layers={}, texts={}, notes=())
    return replace(query, document=document)


def is_lineage_note(note: str) -> bool:
    """Return whether a note is one of this module."""
    return note.startswith(_NOTE)


def with_lineage(asset: Asset, query: Query, known: Mapping[str, Asset | None]) -> QueryLineage:
    """Return an asset with the lineage that its query gives.

    `known`: definitions of other objects by `SPACE.object`, None for one that cannot be read.
    """
    findings = Findings()
    try:
        elements = _elements(asset, query, known, findings)
    except (TooLargeError, RecursionError) as error:
        findings = Findings()
        size = "nested too deeply" if isinstance(error, RecursionError) else "too large"
        findings.gap(f"the query is {size}")
        elements = asset.elements
    own = f"{asset.space}.{asset.name}"
    if own in findings.objects:
        findings.gap("the query reads its own view")
    objects = [name for name in (*asset.lineage, *findings.objects) if name != own]
    completed = replace(
        asset,
        elements=elements,
        lineage=tuple(dict.fromkeys(objects)),
        lineage_complete=False if findings.gaps else None,
        filter=tuple(findings.filters),
        indirect_lineage=tuple(Origin(*one) for one in findings.indirect if one[0] != own),
    )
    return QueryLineage(completed, _note(list(findings.gaps)), tuple(findings.needed))


def _note(gaps: list[str]) -> str | None:
    if not gaps:
        return None
    rest = len(gaps) - _FEW
    return f"{_NOTE}{'; '.join(gaps[:_FEW])}{f'; and {rest} more' if rest > 0 else ''}"


def _elements(
    asset: Asset, query: Query, known: Mapping[str, Asset | None], findings: Findings
) -> tuple[Element, ...]:
    reader = QueryReader(Objects(query.document, known, findings), findings)
    names = [element.name for element in asset.elements]
    rows = reader.rows(query.node, hint=names, links=query.links)
    completed = []
    edges = 0
    for element in asset.elements:
        if rows.has(element.name) is False:
            findings.gap(f"the query has no column {element.name}")
            completed.append(element)
            continue
        cell = rows.cell(element.name)
        edges += len(cell.origins)
        if edges > MOST_EDGES:
            raise TooLargeError
        completed.append(_completed(element, cell, f"{asset.space}.{asset.name}"))
    return tuple(completed)


def _completed(element: Element, cell: Cell, own: str) -> Element:
    upstream = {place: use for place, use in cell.origins.items() if place[0] != own}
    return replace(element, lineage=origins_of(element.name, upstream), formula=_formula(cell))


def _formula(cell: Cell) -> str | None:
    """Return the SQL of a computed column, with that of the inner columns as a comment."""
    if cell.formula is None or not cell.inner:
        return cell.formula
    texts: list[str] = []
    for text in cell.inner:
        if sum(map(len, texts)) + len(text) > _LONGEST_COMMENT:
            texts.append("...")
            break
        texts.append(text.replace("*/", "* /"))
    return f"{cell.formula} /* {'; '.join(texts)} */"
