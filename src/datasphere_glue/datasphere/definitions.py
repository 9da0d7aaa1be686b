"""Reads the definitions of objects, as far as the tenant and the settings allow.

Definitions are optional (DATASPHERE_DEFINITIONS). OData describes what consumers can query;
definitions add the semantics of the modellers, and the tables that are not exposed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any, Final, assert_never

from datasphere_glue.datasphere.answer import LoginPage, NotFound, Refused
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.csn.completion import (
    complete_definition,
    lineage_sources,
    needed_sources,
    resolve_lineage,
)
from datasphere_glue.datasphere.csn.parser import Definition, parse_definition
from datasphere_glue.datasphere.definition_cache import DefinitionCache
from datasphere_glue.datasphere.exports.files import ExportedFile
from datasphere_glue.datasphere.exports.library import Library, library_of
from datasphere_glue.datasphere.issues import (
    definitions_unavailable,
    export_unreadable,
    object_list_incomplete,
)
from datasphere_glue.datasphere.objects import (
    NOT_DEPLOYED,
    ListedObject,
    ObjectApi,
    SpaceObjectList,
)
from datasphere_glue.errors import (
    CredentialsRejected,
    OutOfTime,
    Skippable,
    SpaceForbidden,
    SyncError,
    Unavailable,
)
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.element import Element
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import Stamp
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs

NOT_ALLOWED: Final = (SpaceForbidden, CredentialsRejected, LoginPage)
"""Errors of a user who lacks the role; they apply to every object of a space."""

_NOT_OFFERED: Final = (*NOT_ALLOWED, NotFound, Refused)
"""Errors of a tenant that does not offer a list to this user, as opposed to failures."""

_ANY: Final = (Kind.VIEW, Kind.LOCAL_TABLE, Kind.REMOTE_TABLE, Kind.ANALYTIC_MODEL)
_MOST_SOURCES: Final = 100
"""Most sources of one asset that are read, at any depth; an observed model had twelve."""


ExportFiles = Callable[[], Iterable[ExportedFile]]
"""Returns the exported files; raises Unavailable."""


class DefinitionMode(StrEnum):
    """Whether definitions are read (DATASPHERE_DEFINITIONS)."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DefinitionPolicy:
    """Which definitions are read.

    `mode`: whether definitions are read at all.
    `unexposed`: kinds of objects that are synced even if they are not exposed for consumption.
    `languages`: languages of texts, the preferred one first.
    `named`: annotation terms that rules name, which keep their raw values.
    `keeps_sql`: whether the texts of SQL views and table functions are kept.
    `auxiliary`: kinds of auxiliary objects that are read, too.
    """

    mode: DefinitionMode = DefinitionMode.AUTO
    unexposed: frozenset[Kind] = frozenset({Kind.LOCAL_TABLE, Kind.REMOTE_TABLE})
    languages: tuple[str, ...] = ()
    named: TermGlobs = NO_GLOBS
    keeps_sql: bool = True
    auxiliary: frozenset[AuxiliaryKind] = frozenset(AuxiliaryKind)


@dataclass(frozen=True, slots=True)
class SpaceObjects:
    """The objects of one space in the object API.

    `unproven`: kinds of which a missing name does not prove that the object is gone.
    `allowed`: True if definitions of the space may be read.
    `refused`: issues of lists that the tenant does not offer to this user.
    `incomplete`: issues of lists that were not read to their end.
    `withheld`: kinds in the policy whose list was refused.
    """

    by_name: Mapping[str, ListedObject] = field(default_factory=dict)
    unproven: frozenset[Kind] = frozenset(Kind)
    allowed: bool = False
    refused: tuple[Issue, ...] = ()
    incomplete: tuple[Issue, ...] = ()
    withheld: frozenset[Kind] = frozenset()

    def unexposed(
        self, policy: DefinitionPolicy, exposed: Iterable[str]
    ) -> dict[str, ListedObject]:
        """Return the objects of the policy's kinds, by name, that the catalog does not expose."""
        exposed_names = set(exposed)
        return {
            name: one
            for name, one in self.by_name.items()
            if one.kind in policy.unexposed and name not in exposed_names
        }


class DefinitionReader:
    """Lists and reads the definitions of one tenant, for one run."""

    def __init__(
        self, client: DatasphereClient, policy: DefinitionPolicy, exports: ExportFiles | None = None
    ) -> None:
        self.policy = policy
        self.library = Library()
        self._exports = exports
        self._api = ObjectApi(client)
        self._sources = DefinitionCache()
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._dotted: dict[str, frozenset[str]] = {}

    def open_exports(self, spaces: frozenset[str]) -> None:
        """Read the exported files; `spaces`: names of the spaces of the tenant."""
        if self._exports is None:
            return
        try:
            self.library = library_of(self._exports(), spaces)
        except Unavailable as error:
            self.library = Library(issues=(export_unreadable("list", error),))

    def list_objects(self, space: str) -> SpaceObjects:
        """Return the objects of a space; a list that is refused or fails becomes an issue."""
        if self.policy.mode is DefinitionMode.OFF:
            return SpaceObjects()
        by_name: dict[str, ListedObject] = {}
        unproven = set(Kind) - self.policy.unexposed
        refused: dict[Kind, SyncError] = {}
        incomplete = []
        has_access = False
        for kind in Kind:
            try:
                objects = self._api.objects(space, kind)
            except _NOT_OFFERED as error:
                if isinstance(error, NOT_ALLOWED) and has_access:
                    # The user has the role, since another list was complete: this list failed.
                    unproven.add(kind)
                    incomplete.append(object_list_incomplete(space, kind, error))
                    continue
                refused[kind] = error
                if isinstance(error, NOT_ALLOWED):
                    break
                continue
            except (Skippable, Unreachable, OutOfTime) as error:
                objects = SpaceObjectList(incomplete=error)
            has_access = has_access or objects.incomplete is None
            by_name |= {one.name: one for one in objects.entries}
            self._kinds |= {(space, one.name): kind for one in objects.entries}
            if objects.incomplete is not None:
                unproven.add(kind)
                incomplete.append(object_list_incomplete(space, kind, objects.incomplete))
        self._dotted[space] = frozenset(name for name in by_name if "." in name)
        if refused and not by_name and not incomplete:
            reason = next(iter(refused.values())).message
            issue = definitions_unavailable(space, reason)
            return SpaceObjects(refused=(issue,), withheld=self.policy.unexposed)
        return SpaceObjects(
            by_name,
            frozenset(unproven | set(refused)),
            allowed=True,
            refused=tuple(
                object_list_incomplete(space, kind, error) for kind, error in refused.items()
            ),
            incomplete=tuple(incomplete),
            withheld=frozenset(refused) & self.policy.unexposed,
        )

    def read(self, space: str, name: str, kind: Kind, spaces: frozenset[str]) -> Definition:
        """Return the definition of an object, with the kind of the list that holds it.

        Raises:
            SyncError: as `DatasphereClient.get_document`.
            DocumentError: the document does not define that object, with the path.

        """
        read = partial(self._read, space, _siblings(kind), name, spaces)
        return self._sources.get(f"{space}.{name}", read)

    def exported(self, space: str, name: str, spaces: frozenset[str]) -> Definition | None:
        """Return the definition of an object in an exported file, None without one.

        Raises:
            DocumentError: the file does not describe it in a usable form, with the path.

        """
        found = self.library.find(space, name)
        if found is None:
            return None
        definition = self._parsed(found.document, found.key, space, spaces)
        return replace(definition, asset=replace(definition.asset, name=name))

    def complete(
        self, definition: Definition, odata: Iterable[Element], spaces: frozenset[str]
    ) -> Definition:
        """Return a definition completed by OData's types and by the definitions of its sources."""
        completed = complete_definition(definition, odata, self._sources_of(definition, spaces))
        known: dict[str, Definition | None] = {}
        while len(known) < _MOST_SOURCES and (places := lineage_sources(completed, known)):
            for space, name in places[: _MOST_SOURCES - len(known)]:
                known[f"{space}.{name}"] = self._source(space, name, spaces)
        return resolve_lineage(completed, known)

    def _sources_of(self, definition: Definition, spaces: frozenset[str]) -> dict[str, Definition]:
        """Return the definitions that complete one, through any depth, by `SPACE.object`."""
        asset = definition.asset
        seen = {(asset.space, asset.name)}
        waiting = deque(needed_sources(definition))
        found: dict[str, Definition] = {}
        while waiting and len(seen) <= _MOST_SOURCES:
            place = waiting.popleft()
            if place in seen:
                continue
            seen.add(place)
            source = self._source(*place, spaces)
            if source is not None:
                found[".".join(place)] = source
                waiting += needed_sources(source)
        return found

    def _source(self, space: str, name: str, spaces: frozenset[str]) -> Definition | None:
        kind = self._kinds.get((space, name))
        kinds = _siblings(kind) if kind is not None else _ANY
        read = partial(self._read, space, kinds, name, spaces)
        try:
            return self._sources.get(f"{space}.{name}", read)
        except (Skippable, CredentialsRejected, Unreachable):
            return None

    def _read(
        self, space: str, kinds: tuple[Kind, ...], name: str, spaces: frozenset[str]
    ) -> Definition:
        if self.policy.mode is DefinitionMode.OFF:
            exported = self.exported(space, name, spaces)
            if exported is None:
                raise NotFound(f"no exported file describes {space}.{name}")
            return exported
        kind, document = self._api.definition(space, kinds, name)
        definition = self._parsed(document, name, space, spaces)
        return replace(definition, asset=replace(definition.asset, kind=kind))

    def _parsed(
        self, document: bytes | Mapping[str, Any], name: str, space: str, spaces: frozenset[str]
    ) -> Definition:
        """Return the definition of an object as the policy has it read."""
        return parse_definition(
            document,
            name,
            space=space,
            spaces=spaces,
            languages=self.policy.languages,
            named=self.policy.named,
            keeps_sql=self.policy.keeps_sql,
            dotted=self._dotted.get(space, frozenset()),
        )


def with_listing(asset: Asset, listed: ListedObject | None) -> Asset:
    """Return an asset with the status, dates and people of its list entry.

    The creator is the owner of an asset without one; provenance then names the listing.
    """
    if listed is None:
        return asset
    values = {
        "label": asset.label or listed.label,
        "owner": asset.owner or listed.created_by,
        "object_status": listed.status,
        "changed_on": listed.changed_on,
        "deployed_on": listed.deployed_on,
        "changed_by": listed.changed_by,
    }
    new_values = {key: value for key, value in values.items() if value and not getattr(asset, key)}
    provenance = dict(asset.provenance) | dict.fromkeys(new_values, "listing")
    return replace(asset, **new_values, provenance=tuple(sorted(provenance.items())))  # type: ignore[arg-type]


def stamp_of(
    listed: ListedObject | None, *, exposed: bool, defined: bool, exported: str | None = None
) -> Stamp:
    """Return the stamp of an asset in the lists, which differs after a change."""
    if listed is None:
        return Stamp(exposed=exposed, defined=defined, exported=exported)
    return Stamp(
        exposed=exposed,
        defined=defined,
        exported=exported,
        changed_on=listed.changed_on,
        deployed_on=listed.deployed_on,
        changed_by=listed.changed_by,
        object_status=listed.status,
    )


def is_deployed(listed: ListedObject) -> bool:
    """Return whether an object can be queried; True where a list has no status."""
    return listed.status != NOT_DEPLOYED


def _siblings(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds under which an object may be offered, its own one first."""
    match kind:
        case Kind.VIEW:
            return Kind.VIEW, Kind.ANALYTIC_MODEL
        case Kind.ANALYTIC_MODEL:
            return Kind.ANALYTIC_MODEL, Kind.VIEW
        case Kind.LOCAL_TABLE:
            return Kind.LOCAL_TABLE, Kind.REMOTE_TABLE
        case Kind.REMOTE_TABLE:
            return Kind.REMOTE_TABLE, Kind.LOCAL_TABLE
        case _:
            assert_never(kind)
