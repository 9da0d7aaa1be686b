"""What the embedded tenant holds, and the changes that a test or the demo makes to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from local.tenant.csn import Segment, forms_of, segment_of, typed, usage_of
from local.tenant.edmx import Definition, Form, identifier, label_of, relabel, render
from local.tenant.spelling import respelt

Document = Mapping[str, Any]

_CACHED_DOCUMENTS = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a space.

    `document` gives its CSN document, None when the object API has none; it is a function so that
    thousands of objects cost nothing until they are read. `forms` are the services it is exposed
    through; `listing` holds the further fields of the object list; `raw` holds metadata documents
    served as they are. An unreadable object answers 500 to `$metadata`.
    """

    space: str
    name: str
    segment: Segment
    label: str
    document: Callable[[], Document | None] = field(repr=False)
    forms: frozenset[Form] = frozenset()
    usage: str = "RelationalDataset"
    has_parameters: bool = False
    listing: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[Form, str] = field(default_factory=dict)
    unreadable: bool = False

    @property
    def definition(self) -> Definition:
        """The CSN entity, empty when the object has no document."""
        definitions = (self.document() or {}).get("definitions", {})
        entity: Definition = definitions.get(self.name, {})
        return entity

    @property
    def layer(self) -> Definition | None:
        """The business layer part of an analytic model."""
        layers = (self.document() or {}).get("businessLayerDefinitions", {})
        entity: Definition | None = layers.get(self.name)
        return entity


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """One object beside the tables of a space: a flow, a task chain or a data access control.

    `segment`: the list that holds it, such as `dataflows`.
    `body`: what its document holds under its name.
    `listing`: the further fields of its list.
    """

    segment: str
    name: str
    body: Mapping[str, Any] = field(repr=False)
    label: str = ""
    listing: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> Document:
        """The document that the object API gives; an access control is a definition of CSN."""
        root = "definitions" if self.segment == "dataaccesscontrols" else self.segment
        return {root: {self.name: self.body}}


@dataclass(frozen=True, slots=True)
class Space:
    """One space; a forbidden one is listed, but all that lies below it answers 403.

    `auxiliary`: flows, task chains and data access controls.
    `connections`: the rows of its list of connections.
    """

    name: str
    label: str
    entries: tuple[Entry, ...] = ()
    forbidden: bool = False
    auxiliary: tuple[Auxiliary, ...] = ()
    connections: tuple[Mapping[str, str], ...] = ()


def entry_of(
    space: str,
    name: str,
    document: Document,
    *,
    exposed: bool,
    listing: Mapping[str, str],
) -> Entry:
    """Return the entry of an object whose CSN document is at hand."""
    definition = respelt(document["definitions"][name], document.get("i18n") or {})
    segment = segment_of(definition, modelled=name in document.get("businessLayerDefinitions", {}))
    return Entry(
        space,
        name,
        segment,
        label_of(definition) or name,
        lambda: document,
        forms=forms_of(segment, definition) if exposed else frozenset(),
        usage=usage_of(definition),
        has_parameters=bool(definition.get("params")),
        listing=listing,
    )


class SpaceStore:
    """The spaces of a tenant while it serves: read by its threads, changed by its owner.

    Every change moves `changedOn` and `deployedOn` of what it changes; `now` gives UTC.
    """

    def __init__(self, spaces: Iterable[Space], now: Callable[[], datetime]) -> None:
        self._spaces: dict[str, Space] = {}
        self._entries: dict[str, dict[str, Entry]] = {}
        self._removed: dict[tuple[str, str], Entry] = {}
        self._removed_spaces: dict[str, Space] = {}
        self._rendered: dict[tuple[str, str, Form], bytes] = {}
        self._now = now
        self._last_change = ""
        self._lock = Lock()
        for space in spaces:
            self.add_space(space)

    def spaces(self) -> list[Space]:
        """Return the spaces as they are now, without their objects."""
        with self._lock:
            return list(self._spaces.values())

    def space(self, name: str) -> Space | None:
        """Return one space without its objects, None when there is none."""
        return self._spaces.get(name)

    def entries(self, space: str | None = None) -> list[Entry]:
        """Return the objects of one space, or of all that are not forbidden."""
        with self._lock:
            if space is not None:
                return list(self._entries.get(space, {}).values())
            return [
                entry
                for name, entries in self._entries.items()
                if not self._spaces[name].forbidden
                for entry in entries.values()
            ]

    def entry(self, space: str, name: str) -> Entry | None:
        """Return one object, None when there is none."""
        return self._entries.get(space, {}).get(name)

    def auxiliary(self, space: str, segment: str) -> list[Auxiliary]:
        """Return the flows, task chains or data access controls of a space."""
        found = self._spaces[space].auxiliary if space in self._spaces else ()
        return [one for one in found if one.segment == segment]

    def put_auxiliary(self, space: str, one: Auxiliary) -> None:
        """Add or replace a flow, task chain or data access control, changed now."""
        with self._lock:
            moment = self._next_moment()
            stamped = {"status": "Deployed", **one.listing}
            stamped |= {"changedOn": moment, "deployedOn": moment}
            others = self._other_auxiliary(space, one.segment, one.name)
            auxiliary = (*others, replace(one, listing=stamped))
            self._spaces[space] = replace(self._spaces[space], auxiliary=auxiliary)

    def remove_auxiliary(self, space: str, segment: str, name: str) -> None:
        """Remove a flow, task chain or data access control."""
        with self._lock:
            others = self._other_auxiliary(space, segment, name)
            self._spaces[space] = replace(self._spaces[space], auxiliary=others)

    def _other_auxiliary(self, space: str, segment: str, name: str) -> tuple[Auxiliary, ...]:
        held = self._spaces[space].auxiliary
        return tuple(one for one in held if (one.segment, one.name) != (segment, name))

    def metadata(self, entry: Entry, form: Form) -> bytes:
        """Return the `$metadata` document of an exposed object."""
        key = (entry.space, entry.name, form)
        cached = self._rendered.get(key)
        if cached is not None:
            return cached
        if form in entry.raw:
            return entry.raw[form].encode()
        texts = (entry.document() or {}).get("i18n") or {}
        spelt = respelt(entry.definition, texts)
        definition = typed(spelt, entry.layer, lambda name: self._found(entry, name))
        rendered = render(entry.name, definition, form).encode()
        with self._lock:
            if len(self._rendered) >= _CACHED_DOCUMENTS:
                self._rendered.clear()
            if self.entry(entry.space, entry.name) is entry:
                self._rendered[key] = rendered
        return rendered

    def set_label(self, space: str, asset: str, label: str) -> None:
        """Give an object another business name."""
        entry = self._existing(space, asset)
        changed = _edited(entry, lambda definition: {**definition, "@EndUserText.label": label})
        raw = {form: relabel(xml, identifier(asset), label) for form, xml in entry.raw.items()}
        self._put(replace(changed, label=label, raw=raw))

    def set_column_label(self, space: str, asset: str, column: str, label: str) -> None:
        """Give a column another business name; KeyError when there is no such column."""
        entry = self._existing(space, asset)

        def with_label(definition: Definition) -> Definition:
            elements = definition["elements"]
            renamed = {**elements[column], "@EndUserText.label": label}
            return {**definition, "elements": {**elements, column: renamed}}

        path = f"{identifier(asset)}/{identifier(column)}"
        raw = {form: relabel(xml, path, label) for form, xml in entry.raw.items()}
        self._put(replace(_edited(entry, with_label), raw=raw))

    def remove(self, space: str, asset: str) -> None:
        """Remove an object, so that it can be restored."""
        self._removed[space, asset] = self._existing(space, asset)
        with self._lock:
            del self._entries[space][asset]
            self._forget(space, asset)

    def restore(self, space: str, asset: str) -> None:
        """Restore a removed object."""
        entry = self._removed.pop((space, asset))
        with self._lock:
            self._entries[space][asset] = entry

    def add(
        self,
        space: str,
        name: str,
        definition: Definition,
        *,
        layer: Definition | None = None,
        exposed: bool = True,
    ) -> None:
        """Add or replace an object given as a CSN entity; it stays unexposed if it is a table."""
        document: dict[str, Any] = {"definitions": {name: definition}}
        if layer is not None:
            document["businessLayerDefinitions"] = {name: layer}
        self._put(entry_of(space, name, document, exposed=exposed, listing={}))

    def expose(self, space: str, asset: str, *, exposed: bool) -> None:
        """Switch the consumption of an object on or off."""
        entry = self._existing(space, asset)
        forms = forms_of(entry.segment, entry.definition) if exposed else frozenset[Form]()
        self._put(replace(entry, forms=forms))

    def add_space(self, space: Space) -> None:
        """Add or replace a space with its objects."""
        with self._lock:
            self._spaces[space.name] = replace(space, entries=())
            self._entries[space.name] = {entry.name: entry for entry in space.entries}
            self._rendered.clear()

    def remove_space(self, name: str) -> None:
        """Remove a space with its content, so that it can be restored."""
        with self._lock:
            entries = tuple(self._entries.pop(name).values())
            self._removed_spaces[name] = replace(self._spaces.pop(name), entries=entries)

    def restore_space(self, name: str) -> None:
        """Restore a removed space."""
        self.add_space(self._removed_spaces.pop(name))

    def forbid(self, name: str, *, forbidden: bool = True) -> None:
        """Revoke or grant the technical user's role in a space."""
        with self._lock:
            self._spaces[name] = replace(self._spaces[name], forbidden=forbidden)

    def _found(self, entry: Entry, name: str) -> Definition | None:
        """Return an entity or type that the object refers to: its document's or its space's."""
        own: Mapping[str, Definition] = (entry.document() or {}).get("definitions", {})
        neighbour = self.entry(entry.space, name)
        return own.get(name) or (neighbour.definition if neighbour else None)

    def _existing(self, space: str, asset: str) -> Entry:
        entry = self.entry(space, asset)
        if entry is None:
            raise KeyError(f"{space}.{asset}")
        return entry

    def _put(self, entry: Entry) -> None:
        with self._lock:
            moment = self._next_moment()
            stamped = {**entry.listing, "changedOn": moment, "deployedOn": moment}
            entries = self._entries[entry.space]
            entries[entry.name] = replace(entry, listing=stamped)
            self._forget(entry.space, entry.name)

    def _forget(self, space: str, asset: str) -> None:
        """Drop what was rendered of the object, and of models that may take types from it."""
        for key in [key for key in self._rendered if key[0] == space]:
            if key[1] == asset or key[2] is Form.ANALYTICAL:
                del self._rendered[key]

    def _next_moment(self) -> str:
        now = self._now()
        moment = stamp(now)
        while moment <= self._last_change:
            now += timedelta(milliseconds=1)
            moment = stamp(now)
        self._last_change = moment
        return moment


def stamp(moment: datetime) -> str:
    """Return a moment as the object list writes it, such as `2026-05-26T11:03:38.819Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _edited(entry: Entry, edit: Callable[[Definition], Definition]) -> Entry:
    document = entry.document()
    if document is None:
        return entry
    definitions = document["definitions"]
    changed = {**definitions, entry.name: edit(definitions[entry.name])}
    edited = {**document, "definitions": changed}
    return replace(entry, document=lambda: edited)
