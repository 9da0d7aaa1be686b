"""Data flows and transformation flows: graphs that read objects and write tables of the space.

Without a graph that can be read, the names in `sources` and `targets` still show which object feeds
which.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.flows.document import (
    FlowDocument,
    FlowFacts,
    FlowObject,
    endpoint_of,
)
from datasphere_glue.datasphere.flows.graph import Process, read_graph
from datasphere_glue.datasphere.values import object_at, text_at
from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, Writing

_TRUNCATE: Final = "truncate"


def read_process_flow(document: FlowDocument, kind: AuxiliaryKind) -> FlowFacts:
    """Return what a data flow or a transformation flow writes, and from what."""
    graph = read_graph(document)
    notes = graph.notes
    writings: list[Writing] = []
    targets = 0
    for process, target in graph.targets():
        targets += 1
        asset = document.own(target.name)
        if asset is None:
            continue
        load = _load(document, kind, graph.sources_of(process), _mode(document, process))
        writings.append(Writing(asset, load, graph.columns_of(process)))
    if not targets:
        notes.append("no target was found in its processes")
        writings += _named(document, kind)
    return FlowFacts(tuple(writings), notes=tuple(dict.fromkeys(notes)))


def _named(document: FlowDocument, kind: AuxiliaryKind) -> Iterator[Writing]:
    """Yield the writings that the lists of sources and targets show, without columns."""
    sources = tuple(
        endpoint_of(document, name, None) for name in object_at(document.body, "sources")
    )
    for name in object_at(document.body, "targets"):
        asset = document.own(document.qualify(name))
        if asset is not None:
            yield Writing(asset, _load(document, kind, sources, _mode(document, None)))


def _load(
    document: FlowDocument, kind: AuxiliaryKind, sources: tuple[FlowObject, ...], mode: str | None
) -> Load:
    outside = [one for one in sources if one.connection]
    connections = {one.connection for one in outside}
    return Load(
        kind=str(kind),
        name=document.qualified,
        sources=tuple(one.name for one in sources),
        connection=connections.pop() if len(connections) == 1 else None,
        mode=mode,
        schedule=document.schedule,
        changed_on=document.stamp,
    )


def _mode(document: FlowDocument, process: Process | None) -> str | None:
    """Return SAP's word for what is loaded: of the flow, else of the target."""
    word = text_at(object_at(document.contents, "metadata"), "loadType")
    config: Mapping[str, Any] = process.config if process else {}
    return word or text_at(config, "mode") or (_TRUNCATE if config.get(_TRUNCATE) is True else None)
