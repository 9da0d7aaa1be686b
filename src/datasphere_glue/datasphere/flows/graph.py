"""The graph of a data flow or transformation flow: what each target reads, by object and column.

A process is an input (its component ends in `consumer` or `source`), a target (`producer` or
`target`), a query, or an operator between them. `connections` lead from one to the next.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.lineage import find_lineage
from datasphere_glue.datasphere.csn.query.cells import Place, Use, origins_of, use_of
from datasphere_glue.datasphere.csn.query.lineage import query_of, with_lineage
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.flows.document import FlowDocument, FlowObject, endpoint_of
from datasphere_glue.datasphere.flows.mappings import Mapped, column_mappings
from datasphere_glue.datasphere.values import object_at, objects_in, text_at
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element, Origin

_INPUTS: Final = ("consumer", "source")
_TARGETS: Final = ("producer", "target")
_PASSING: Final = ("projection", "filter", "aggregation")
"""Operators whose output columns are known: those of their mappings, else all of their input."""

_NAMES: Final = ("dwcEntity", "qualifiedName", "name")
_DEEPEST: Final = 100

Found = dict[Place, Use]
"""How a column uses each column of the objects that the flow reads."""


@dataclass(frozen=True, slots=True)
class Process:
    """One node of the graph.

    `component`: SAP's word for what it does, in lower case.
    `before`: the processes that it reads.
    """

    name: str
    component: str
    config: Mapping[str, Any]
    before: tuple[str, ...] = ()

    @property
    def is_target(self) -> bool:
        """Return whether it writes an object."""
        return self.component.endswith(_TARGETS)

    @property
    def entity(self) -> str | None:
        """Return the object that an input reads or a target writes."""
        names = (text_at(self.config, key) for key in _NAMES)
        return next(filter(None, names), None)

    @property
    def connection(self) -> str | None:
        """Return the connection of an input or target."""
        for key, value in self.config.items():
            if key.lower().endswith("connection") and isinstance(value, Mapping):
                return text_at(value, "connectionID") or text_at(value, "connectionId")
        return None


@dataclass(slots=True)
class Graph:
    """The processes of one flow.

    `notes`: what could not be read.
    """

    document: FlowDocument
    processes: Mapping[str, Process]
    notes: list[str] = field(default_factory=list)
    _queries: dict[str, Mapping[str, Found]] = field(default_factory=dict)

    def targets(self) -> Iterator[tuple[Process, FlowObject]]:
        """Yield the processes that write an object, with this object."""
        for process in self.processes.values():
            if process.is_target and process.entity:
                yield process, self._endpoint(process, process.entity, "targets")

    def sources_of(self, target: Process) -> tuple[FlowObject, ...]:
        """Return the objects that a target reads; all of the flow where no path leads to one."""
        reached, waiting = {target.name: None}, list(target.before)
        while waiting:
            name = waiting.pop()
            if name not in reached and name in self.processes:
                reached[name] = None
                waiting += self.processes[name].before
        upstream = [one for name, one in self.processes.items() if name in reached]
        found = tuple(self._read_by(upstream))
        return found or tuple(self._read_by(self.processes.values()))

    def columns_of(self, target: Process) -> tuple[tuple[str, tuple[Origin, ...]], ...]:
        """Return the columns that a target fills, with the origins that the graph proves."""
        columns = []
        for name, mapped in column_mappings(target.config).items():
            found = self._all(target.before, mapped, 0)
            if found:
                columns.append((name, origins_of(name, found)))
        return tuple(columns)

    def _read_by(self, processes: Iterable[Process]) -> Iterator[FlowObject]:
        """Yield the objects that processes read, each once."""
        found: dict[tuple[str, str | None], FlowObject] = {}
        for process in processes:
            for one in self._endpoints(process):
                found.setdefault((one.name, one.connection), one)
        return iter(found.values())

    def _endpoints(self, process: Process) -> Iterator[FlowObject]:
        definition = object_at(process.config, "definition")
        if process.is_target:
            return
        if process.component.endswith(_INPUTS) and process.entity:
            yield self._endpoint(process, process.entity, "sources")
        elif definition:
            lineage = find_lineage(self.document.csn, definition, CsnAnnotations(definition))
            self.notes += lineage.notes
            for name in lineage.objects:
                yield FlowObject(self._enclosing(name))

    def _endpoint(self, process: Process, entity: str, side: str) -> FlowObject:
        columns = object_at(self.document.body, side, entity, "elements")
        return endpoint_of(self.document, entity, process.connection, columns=columns)

    def _trace(self, name: str, column: str, depth: int, *, bare: bool) -> Found:
        """Return where an output column of a process comes from; empty where that is not proven."""
        process = self.processes.get(name)
        if process is None or depth > _DEEPEST:
            return {}
        if process.component.endswith(_INPUTS) and process.entity:
            source = self._endpoint(process, process.entity, "sources")
            proven = source.holds(column, bare=bare)
            return {(source.name, column): Use.PLAIN} if proven else {}
        if object_at(process.config, "definition"):
            return self._query(process).get(column, {})
        if not any(word in process.component for word in _PASSING):
            return {}
        mapped = column_mappings(process.config) or {column: Mapped((column,), bare=bare)}
        return self._all(process.before, mapped[column], depth) if column in mapped else {}

    def _query(self, process: Process) -> Mapping[str, Found]:
        """Return where each column of a query comes from."""
        if process.name in self._queries:
            return self._queries[process.name]
        definition = object_at(process.config, "definition")
        query = query_of(self.document.csn, definition)
        found: dict[str, Found] = {}
        if query is not None:
            wanted = (column_mappings(one.config).values() for one in self.processes.values())
            mapped = (
                column for all_mapped in wanted for one in all_mapped for column in one.columns
            )
            names = dict.fromkeys((*object_at(definition, "elements"), *mapped))
            names = dict.fromkeys(name for name in names if name not in query.links)
            elements = tuple(Element(name, UNTYPED) for name in names)
            place = f"{self.document.name}${process.name}"
            asset = Asset(self.document.space, place, Kind.VIEW, elements=elements)
            lineage = with_lineage(asset, query, {})
            self.notes += [lineage.note] if lineage.note else []
            found = {
                one.name: {(self._enclosing(o.object), o.column): use_of(o) for o in one.lineage}
                for one in lineage.asset.elements
            }
        self._queries[process.name] = found
        return found

    def _enclosing(self, qualified: str) -> str:
        """Return the object that encloses a table of changes, any other one as it is."""
        return self.document.qualify(qualified.removeprefix(f"{self.document.space}."))

    def _all(self, before: tuple[str, ...], mapped: Mapped, depth: int) -> Found:
        if len(before) != 1:
            return {}
        found: Found = {}
        for column in mapped.columns:
            for place, use in self._trace(before[0], column, depth + 1, bare=mapped.bare).items():
                found[place] = max(found.get(place, use), use, mapped.use)
        return found


def read_graph(document: FlowDocument) -> Graph:
    """Return the graph of a flow; without connections, a single input feeds every target."""
    written = document.contents.get("processes")
    notes = [] if isinstance(written, Mapping) else ["its processes cannot be read"]
    before = _connections(document)
    processes = {}
    for name, value in object_at(document.contents, "processes").items():
        component = text_at(value, "component") if isinstance(value, Mapping) else None
        if component is None:
            notes.append(f"process {name[:80]} cannot be read")
            continue
        config = object_at(value, "metadata", "config")
        links = tuple(dict.fromkeys(before.get(name, ())))
        processes[name] = Process(name, component.lower(), config, links)
    return Graph(document, processes if before else _connected(processes), notes)


def _connections(document: FlowDocument) -> dict[str, list[str]]:
    """Return the processes that lead to each process."""
    before: dict[str, list[str]] = {}
    for link in objects_in(document.contents.get("connections")):
        source = text_at(object_at(link, "src"), "process")
        target = text_at(object_at(link, "tgt"), "process")
        if source and target:
            before.setdefault(target, []).append(source)
    return before


def _connected(processes: Mapping[str, Process]) -> Mapping[str, Process]:
    """Return processes without links of which every one but a single other is a target."""
    others = [name for name, one in processes.items() if not one.is_target]
    if len(others) != 1:
        return processes
    return {
        name: Process(name, one.component, one.config, tuple(others)) if one.is_target else one
        for name, one in processes.items()
    }
