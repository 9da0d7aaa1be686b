"""Replication flows: pairs of a source object and a target object, each a task of its own.

Both systems stand in `contents`, the pairs in `contents.replicationTasks`. A task without mappings
copies every column that both objects have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.datasphere.csn.query.cells import Use, origins_of
from datasphere_glue.datasphere.flows.document import (
    FlowDocument,
    FlowFacts,
    FlowObject,
    endpoint_of,
)
from datasphere_glue.datasphere.flows.mappings import column_mappings
from datasphere_glue.datasphere.values import object_at, objects_in, text_at
from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, Writing
from datasphere_glue.model.element import Origin

_KIND: Final = str(AuxiliaryKind.REPLICATION_FLOW)
_INTERVAL: Final = "deltaCheckInterval"


@dataclass(frozen=True, slots=True)
class _Task:
    """One task: the object it reads and the object it writes.

    `container`: folder or schema of the object that is written.
    """

    document: FlowDocument
    content: Mapping[str, Any]
    read: FlowObject
    written: FlowObject
    container: str | None

    def writings(self) -> Iterator[Writing]:
        """Yield what the task does to the object of the space that it writes, or that it copies."""
        read, written = self.read, self.written
        asset = None if written.connection else self.document.own(written.name)
        if asset is not None:
            yield Writing(asset, self._load(read, (read.name,)), self._columns())
        outbound = written.connection and not read.connection
        copied = self.document.own(read.name) if outbound else None
        if copied is not None:
            yield Writing(copied, self._load(written, target=self._place()))

    def _load(
        self, outside: FlowObject, sources: tuple[str, ...] = (), target: str | None = None
    ) -> Load:
        return Load(
            kind=_KIND,
            name=self.document.qualified,
            sources=sources,
            connection=outside.connection,
            system=outside.system,
            mode=text_at(self.content, "loadType"),
            schedule=self.document.schedule or self._interval(),
            target=target,
            changed_on=self.document.stamp,
        )

    def _interval(self) -> str | None:
        """Return how often changes are fetched, in the words of SAP."""
        value = self.content.get(_INTERVAL)
        return f"{_INTERVAL} {value}" if type(value) is int else None

    def _columns(self) -> tuple[tuple[str, tuple[Origin, ...]], ...]:
        """Return the columns that are filled: by the mappings, else those of equal name."""
        read, mapped = self.read, column_mappings(object_at(self.content, "transform"))
        if not mapped:
            same = sorted(read.columns & self.written.columns)
            return tuple((name, origins_of(name, {(read.name, name): Use.PLAIN})) for name in same)
        columns = []
        for name, one in mapped.items():
            known = [c for c in one.columns if read.holds(c, bare=one.bare)]
            if known:
                columns.append((name, origins_of(name, {(read.name, c): one.use for c in known})))
        return tuple(columns)

    def _place(self) -> str:
        """Return where the copy stands, with the container as its path."""
        connection, _, name = self.written.name.partition(":")
        path = f"{self.container.rstrip('/')}/{name}" if self.container else name
        return f"{connection}:{path}"


def read_replication_flow(document: FlowDocument) -> FlowFacts:
    """Return what each task of a replication flow writes, and from what."""
    written = document.contents.get("replicationTasks")
    if not isinstance(written, list):
        return FlowFacts(notes=("its tasks cannot be read",))
    tasks = [_task(document, content) for content in written]
    unread = tasks.count(None)
    writings = tuple(one for task in tasks if task for one in task.writings())
    notes = (f"{unread} of {len(tasks)} tasks cannot be read",) if unread else ()
    return FlowFacts(writings, notes=notes)


def _task(document: FlowDocument, content: Any) -> _Task | None:
    source, target = (_system(document, f"{side}System") for side in ("source", "target"))
    read = _endpoint(document, object_at(content, "sourceObject"), source)
    written = _endpoint(document, object_at(content, "targetObject"), target)
    if read is None or written is None:
        return None
    return _Task(document, content, read, written, text_at(target, "container"))


def _endpoint(
    document: FlowDocument, written: Mapping[str, Any], system: Mapping[str, Any]
) -> FlowObject | None:
    name = text_at(written, "name")
    if name is None:
        return None
    listed = objects_in(object_at(written, "definition").get("columns"))
    columns = (text_at(column, "name") for column in listed)
    return endpoint_of(
        document,
        name,
        text_at(system, "connectionId"),
        system=text_at(system, "connectionType"),
        columns=frozenset(filter(None, columns)),
    )


def _system(document: FlowDocument, side: str) -> Mapping[str, Any]:
    """Return the system of a side, which stands in a list of one."""
    value = document.contents.get(side)
    return next(objects_in(value if isinstance(value, list) else [value]), {})
