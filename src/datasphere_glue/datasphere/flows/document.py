"""The document of one flow or task chain as a value, and the values that its parser returns.

The object API wraps an object under the name of its list, `{"dataflows": {NAME: {...}}}`. Flows
hold their graph in `contents`, chains their steps in `nodes` (documents of SAP's own editors).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from datasphere_glue.datasphere.csn.document import Document, parse_bounded
from datasphere_glue.datasphere.values import object_at, text_at
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.auxiliary import Start, Writing

_BODIES: Final = ("contents", "nodes")
"""Members that only the body of a flow or chain has."""

_LOCAL: Final = ("", "$DWC", "DWC_HDLF")
"""Connections that stand for the space itself; the last one for its file storage."""

_FEW: Final = 5
_LONG: Final = 80


@dataclass(frozen=True, slots=True)
class FlowDocument:
    """One flow or chain.

    `name`: exact technical name.
    `body`: the object without its wrapping.
    `csn`: the definitions in the document, which resolve names.
    `stamp`: its last change, None if unknown.
    """

    name: str
    body: Mapping[str, Any]
    csn: Document
    stamp: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def space(self) -> str:
        """Return the space that the document was read from."""
        return self.csn.space

    @property
    def qualified(self) -> str:
        """Return the name as `SPACE.object`."""
        return f"{self.space}.{self.name}"

    @property
    def contents(self) -> Mapping[str, Any]:
        """Return the content of a flow, empty where it is no object."""
        return object_at(self.body, "contents")

    @property
    def schedule(self) -> str | None:
        """Return how often it runs, where the document says it."""
        for holder in (self.body, self.contents):
            text = text_at(holder, "schedule") or text_at(object_at(holder, "schedule"), "cron")
            if text:
                return text
        return None

    def qualify(self, name: str) -> str:
        """Return `SPACE.object` for a name as the document writes it.

        The table of changes of a delta capture stands for the table that encloses it.
        """
        definition = self.csn.find(name) or {}
        enclosing = text_at(definition, "@DataWarehouse.enclosingObject")
        return self.csn.qualify(enclosing or name)

    def own(self, qualified: str) -> str | None:
        """Return the name of an object of the own space, None for any other object."""
        space, dot, name = qualified.partition(".")
        return name if dot and space == self.space else None


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What one document says.

    `writings`: objects of the own space that the flow writes or copies.
    `starts`: steps of a task chain.
    `notes`: what could not be read.
    """

    writings: tuple[Writing, ...] = ()
    starts: tuple[Start, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowObject:
    """An object that a flow reads or writes.

    `name`: `SPACE.object` in Datasphere, `connection:object` elsewhere.
    `connection`: connection to another system, None in Datasphere.
    `columns`: names of its columns, empty where the document does not list them.
    """

    name: str
    connection: str | None = None
    system: str | None = None
    columns: frozenset[str] = field(default_factory=frozenset)

    def holds(self, column: str, *, bare: bool) -> bool:
        """Return whether it has a column; a bare name is one only where the columns are listed."""
        return column in self.columns if self.columns else not bare


def open_flow(  # noqa: PLR0913 - only the caller knows each of these values
    document: bytes | Mapping[str, Any],
    segment: str,
    name: str,
    *,
    space: str,
    spaces: Collection[str] = (),
    stamp: str | None = None,
) -> FlowDocument:
    """Return the document of one flow or chain.

    `segment`: name of its list in the object API, such as `dataflows`.

    Raises:
        DocumentError: it is no JSON within bounds, or does not hold the object.

    """
    root, notes = parse_bounded(document) if isinstance(document, bytes) else (document, ())
    body = _body(root, segment, name)
    definitions = object_at(root, "definitions")
    csn = Document(space=space, definitions=definitions, spaces=frozenset(spaces))
    return FlowDocument(name, body, csn, stamp, notes)


def endpoint_of(
    document: FlowDocument,
    name: str,
    connection: str | None,
    *,
    system: str | None = None,
    columns: Collection[str] = (),
) -> FlowObject:
    """Return an object that is reached through a connection; None and `$DWC` mean the space."""
    if (connection or "") in _LOCAL:
        return FlowObject(document.qualify(name), columns=frozenset(columns))
    return FlowObject(f"{connection}:{name}", connection, system, frozenset(columns))


def _body(root: Any, segment: str, name: str) -> Mapping[str, Any]:
    wrapped = object_at(root, segment)
    if name not in wrapped and len(wrapped) == 1:
        (name,) = wrapped
    for body in (object_at(wrapped, name), root):
        if isinstance(body, Mapping) and any(key in body for key in _BODIES):
            return body
    names = list(root)[:_FEW] if isinstance(root, Mapping) else []
    keys = ", ".join(str(key)[:_LONG] for key in names) or "nothing"
    raise DocumentError(f"no content of {name} in {segment}; there is: {keys}", segment)
