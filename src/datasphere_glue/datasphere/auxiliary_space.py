"""Reads the flows, task chains, access controls and connections of one space."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote

from datasphere_glue.datasphere.answer import BadRequest, NotFound, Refused
from datasphere_glue.datasphere.asset_reader import AssetToRead
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.definitions import NOT_ALLOWED, DefinitionReader, SpaceObjects
from datasphere_glue.datasphere.flows.access_control import read_access_control
from datasphere_glue.datasphere.flows.connections import read_connections
from datasphere_glue.datasphere.flows.document import FlowFacts
from datasphere_glue.datasphere.flows.parser import parse_flow, segment_of
from datasphere_glue.datasphere.issues import (
    auxiliary_in_part,
    auxiliary_refused,
    auxiliary_unread,
)
from datasphere_glue.datasphere.objects import (
    DEFAULT,
    DEFINITIONS,
    DESIGN_TIME,
    NOT_DEPLOYED,
    PAGE,
    RUN_TIME,
    ObjectApi,
    Row,
)
from datasphere_glue.datasphere.values import text_at
from datasphere_glue.errors import DocumentError, ListingIncomplete, OutOfTime, Skippable, SyncError
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind, AuxiliaryObjects, Named, Start, Writing
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.wanted import AuxiliaryWanted

REFUSED: Final = (*NOT_ALLOWED, NotFound, Refused)
"""Errors of a tenant that does not offer an object to this user, as opposed to failures."""

FAILED: Final = (Skippable, Unreachable, OutOfTime)
FLOWS: Final = (
    AuxiliaryKind.DATA_FLOW,
    AuxiliaryKind.REPLICATION_FLOW,
    AuxiliaryKind.TRANSFORMATION_FLOW,
)
_SAVED: Final = (DEFAULT, RUN_TIME, DESIGN_TIME)
_DEPLOYED: Final = (RUN_TIME, DEFAULT, DESIGN_TIME)
_CHANGED: Final = ("ChangesToDeploy", "DesignTimeError", "PendingDeployment")
"""States in which the saved version differs from the deployed one."""

_CONNECTIONS: Final = "/api/v1/datasphere/spaces/{space}/connections"
_MOST_PAGES: Final = 100
_CHANGES: Final = "_Delta"
"""The usual end of the name of a table of changes; the definition of its table proves it."""


@dataclass(frozen=True, slots=True)
class AuxiliaryRead:
    """What was read of one space.

    `refused`: issues of lists and documents that the tenant does not offer to this user.
    `failed`: issues of lists and documents that could not be read.
    `notes`: documents that were not understood in full.
    """

    objects: AuxiliaryObjects = field(default_factory=AuxiliaryObjects)
    refused: tuple[Issue, ...] = ()
    failed: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


@dataclass(slots=True)
class SpaceReading:
    """The reading of one space.

    `anew`: kinds of which every document is read.
    """

    api: ObjectApi
    definitions: DefinitionReader
    objects: SpaceObjects
    space: str
    spaces: frozenset[str]
    wanted: AuxiliaryWanted = field(default_factory=AuxiliaryWanted)
    anew: frozenset[AuxiliaryKind] = frozenset()
    listed: set[AuxiliaryKind] = field(default_factory=set)
    kept: set[Named] = field(default_factory=set)
    read: set[Named] = field(default_factory=set)
    writings: list[Writing] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    chains: list[tuple[str, str | None]] = field(default_factory=list)
    controls: list[tuple[str, str | None]] = field(default_factory=list)
    systems: dict[str, str | None] | None = None
    refused: list[Issue] = field(default_factory=list)
    failed: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)

    def read_all(self, kinds: frozenset[AuxiliaryKind]) -> None:
        """Read lists and documents of every kind but connections, chains after flows."""
        changed = False
        for kind in FLOWS:
            if kind in kinds:
                rows = self._list(kind)
                changed = self._read_kind(kind, rows) or self._is_gone(kind, rows) or changed
        chain, control = AuxiliaryKind.TASK_CHAIN, AuxiliaryKind.DATA_ACCESS_CONTROL
        if chain in kinds:
            rows = self._list(chain)
            # What a chain loads depends on the targets of the flows that it starts.
            unchanged = all(self._is_unchanged(chain, row) for row in rows)
            whole = changed or not unchanged or self._is_gone(chain, rows)
            self._read_kind(chain, rows, whole=whole)
        if control in kinds:
            self._read_kind(control, self._list(control))

    def needs_systems(self, items: Iterable[AssetToRead]) -> bool:
        """Return whether something was read that names a connection."""
        remote = any(one.listed and one.listed.kind is Kind.REMOTE_TABLE for one in items)
        return remote or any(one.load.connection for one in self.writings)

    def read_systems(self, client: DatasphereClient) -> None:
        """Read the sort of system behind each connection of the space."""
        try:
            self.systems = connections_of(client, self.space)
        except REFUSED as error:
            self._note_refusal(AuxiliaryKind.CONNECTION, error)
        except FAILED as error:
            self._note_failure(AuxiliaryKind.CONNECTION, error)

    def result(self, off: frozenset[AuxiliaryKind]) -> AuxiliaryRead:
        """Return what was read."""
        systems = self.systems
        objects = AuxiliaryObjects(
            off=off,
            listed=frozenset(self.listed),
            kept=frozenset(self.kept),
            read=frozenset(self.read),
            writings=tuple(self._resolved(one) for one in self.writings),
            starts=tuple(self.starts),
            chains=tuple(self.chains),
            controls=tuple(self.controls),
            systems=None
            if systems is None
            else tuple(sorted((name, sort) for name, sort in systems.items() if sort)),
        )
        return AuxiliaryRead(objects, tuple(self.refused), tuple(self.failed), tuple(self.notes))

    def _list(self, kind: AuxiliaryKind) -> list[Row]:
        """Return the deployed objects of a kind, sorted by name; an error becomes an issue."""
        try:
            rows = self.api.rows(self.space, segment_of(kind), only_full_pages=False)
        except REFUSED as error:
            self._note_refusal(kind, error)
            return []
        except FAILED as error:
            self._note_failure(kind, error)
            return []
        if rows.incomplete is None:
            self.listed.add(kind)
        else:
            self._note_failure(kind, rows.incomplete)
        found = (rows.by_name[name] for name in sorted(rows.by_name))
        return [row for row in found if text_at(row, "status") != NOT_DEPLOYED]

    def _read_kind(self, kind: AuxiliaryKind, rows: Iterable[Row], *, whole: bool = False) -> bool:
        """Read the documents of a kind that may have changed; return whether there was one."""
        refused: dict[str, SyncError] = {}
        failed: dict[str, SyncError] = {}
        changed = False
        for row in rows:
            name = row["technicalName"]
            if not whole and self._is_unchanged(kind, row):
                self.kept.add((kind, name))
                continue
            changed = True
            try:
                self._read_document(kind, name, row)
            except REFUSED as error:
                refused[name] = error
            except FAILED as error:
                failed[name] = error
        self.kept |= {(kind, name) for name in (*refused, *failed)}
        if refused:
            self._note_refusal(kind, next(iter(refused.values())), list(refused))
        if failed:
            self._note_failure(kind, next(iter(failed.values())), list(failed))
        return changed

    def _read_document(self, kind: AuxiliaryKind, name: str, row: Row) -> None:
        is_control = kind is AuxiliaryKind.DATA_ACCESS_CONTROL
        versions = _DEPLOYED if text_at(row, "status") in _CHANGED else _SAVED
        segment = segment_of(kind)
        root = DEFINITIONS if is_control else segment
        document = self.api.document(self.space, segment, name, versions=versions, root=root)
        stamp = stamp_of(row)
        facts = FlowFacts()
        try:
            if is_control:
                sort = read_access_control(document, name, space=self.space, spaces=self.spaces)
                self.controls.append((name, sort))
            else:
                facts = parse_flow(
                    document, kind, name, space=self.space, spaces=self.spaces, stamp=stamp
                )
        except DocumentError as error:
            facts = FlowFacts(notes=(error.message,))
        understood = bool(facts.writings or facts.starts) or not facts.notes
        (self.read if understood else self.kept).add((kind, name))
        if kind is AuxiliaryKind.TASK_CHAIN and understood:
            self.chains.append((name, stamp))
        self.writings += facts.writings
        self.starts += facts.starts
        if facts.notes:
            self.notes.append(auxiliary_in_part(self.space, kind, name, facts.notes))

    def _is_gone(self, kind: AuxiliaryKind, rows: Iterable[Row]) -> bool:
        """Return whether tables hold an object of a kind that its list does not have."""
        names = {row["technicalName"] for row in rows}
        held = {name for known, name in self.wanted.known if known is kind}
        return kind in self.listed and not held <= names

    def _is_unchanged(self, kind: AuxiliaryKind, row: Row) -> bool:
        if kind in self.anew:
            return False
        return self.wanted.unchanged(kind, row["technicalName"], stamp_of(row))

    def _resolved(self, one: Writing) -> Writing:
        """Return a writing in which the tables of changes are those that enclose them."""
        asset = self._table_of(self.space, one.asset)
        sources = tuple(dict.fromkeys(map(self._source, one.load.sources)))
        columns = tuple(
            (name, tuple(replace(o, object=self._source(o.object)) for o in origins))
            for name, origins in one.columns
        )
        return Writing(asset, replace(one.load, sources=sources), columns)

    def _source(self, name: str) -> str:
        space, dot, rest = name.partition(".")
        if not dot or ":" in space:
            return name
        return f"{space}.{self._table_of(space, rest)}"

    def _table_of(self, space: str, name: str) -> str:
        """Return the table that encloses a table of changes, any other name as it is."""
        table, listed = name.removesuffix(_CHANGES), self.objects.by_name
        if table in ("", name) or (space == self.space and table not in listed):
            return name
        if space == self.space and name in listed:
            return self._delta(space, name).get("enclosing", name)
        delta = self._delta(space, table)
        return table if delta and delta.get("companion", name) == name else name

    def _delta(self, space: str, table: str) -> dict[str, str]:
        """Return what the definition of a table says about its delta capture."""
        try:
            found = self.definitions.read(space, table, Kind.LOCAL_TABLE, self.spaces)
        except (*REFUSED, *FAILED):
            return {}
        return dict(found.asset.delta)

    def _note_refusal(
        self, kind: AuxiliaryKind, error: SyncError, names: Sequence[str] = ()
    ) -> None:
        self.refused.append(auxiliary_refused(self.space, kind, error, names))

    def _note_failure(
        self, kind: AuxiliaryKind, error: SyncError, names: Sequence[str] = ()
    ) -> None:
        self.failed.append(auxiliary_unread(self.space, kind, error, names))


def stamp_of(row: Row) -> str | None:
    """Return the later of the last change and the last deployment in a list entry."""
    dates = (text_at(row, key) for key in ("changedOn", "deployedOn"))
    return max(filter(None, dates), default=None)


def connections_of(client: DatasphereClient, space: str) -> dict[str, str | None]:
    """Return the sort of system of each connection; the list ends with an empty page.

    Raises:
        SyncError: as `DatasphereClient.get_json`, or the end of the list is not proven.

    """
    url = _CONNECTIONS.format(space=quote(space, safe=""))
    found: dict[str, str | None] = {}
    received = 0
    for _ in range(_MOST_PAGES):
        try:
            page = client.get_json(f"{url}?top={PAGE}&skip={received}")
        except BadRequest:
            if received:
                raise
            return read_connections(client.get_json(url))
        rows = read_connections(page)
        if rows.keys() <= found.keys():
            # An empty page, or the first one again of a list without paging.
            return found
        received += len(page.get("value", ()) if isinstance(page, dict) else page)
        found |= rows
    raise ListingIncomplete(f"the connections have more than {_MOST_PAGES} pages")
