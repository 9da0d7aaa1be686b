"""Definitions of objects: whether they may be read, what they add, and what to say if they do not.

They are optional (DATASPHERE_DEFINITIONS): OData tells what consumers can query, definitions add
what the modellers meant, and the tables that are not exposed at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock
from typing import Final

from datasphere_glue.datasphere.answer import LoginPage, NotFound, Refused
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.csn.parser import Definition, parse_definition, resolve_types
from datasphere_glue.datasphere.csn.types import UNTYPED
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
)
from datasphere_glue.model.asset import Asset, Element, Kind, Stamp
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue

NOT_ALLOWED: Final = (SpaceForbidden, CredentialsRejected, LoginPage)
"""Answers to a user who lacks the role; they hold for every object of a space."""

_NOT_OFFERED: Final = (*NOT_ALLOWED, NotFound, Refused)
"""Answers of a tenant that does not offer a list to this user, as opposed to failing."""

_SIBLINGS: Final[Mapping[Kind, tuple[Kind, ...]]] = {
    Kind.VIEW: (Kind.VIEW, Kind.ANALYTIC_MODEL),
    Kind.ANALYTIC_MODEL: (Kind.ANALYTIC_MODEL, Kind.VIEW),
    Kind.LOCAL_TABLE: (Kind.LOCAL_TABLE, Kind.REMOTE_TABLE),
    Kind.REMOTE_TABLE: (Kind.REMOTE_TABLE, Kind.LOCAL_TABLE),
}
_ANY: Final = (Kind.VIEW, Kind.LOCAL_TABLE, Kind.REMOTE_TABLE, Kind.ANALYTIC_MODEL)
_MOST_SOURCES: Final = 50
"""Sources of one model that are read for their types; a model was seen with twelve."""


class DefinitionMode(StrEnum):
    """Whether definitions are read (DATASPHERE_DEFINITIONS)."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DefinitionPolicy:
    """What is asked of the object API.

    `unexposed` holds the kinds of objects that are synced although they are not exposed for
    consumption; `languages` are preferred in this order where texts exist in several.
    """

    use: DefinitionMode = DefinitionMode.AUTO
    unexposed: frozenset[Kind] = frozenset({Kind.LOCAL_TABLE, Kind.REMOTE_TABLE})
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpaceObjects:
    """The objects of one space by name.

    `unproven` holds the kinds of which a missing name proves nothing; `refused` says what the
    tenant does not offer this user, `lost` which lists were not read to their end. Without
    `allowed` no definition of the space is asked for. `withheld` holds the wanted kinds whose list
    was refused.
    """

    found: Mapping[str, ListedObject] = field(default_factory=dict)
    unproven: frozenset[Kind] = frozenset(Kind)
    allowed: bool = False
    refused: tuple[Issue, ...] = ()
    lost: tuple[Issue, ...] = ()
    withheld: frozenset[Kind] = frozenset()

    def unexposed(
        self, wanted: DefinitionPolicy, exposed: Iterable[str]
    ) -> dict[str, ListedObject]:
        """Return the objects that are to be synced beside those that the catalog exposes."""
        known = set(exposed)
        return {
            name: one
            for name, one in self.found.items()
            if one.kind in wanted.unexposed and name not in known
        }


class Definitions:
    """Lists and reads the definitions of one tenant, for one run."""

    def __init__(self, client: DatasphereClient, wanted: DefinitionPolicy) -> None:
        self.wanted = wanted
        self._api = ObjectApi(client)
        self._lock = Lock()
        self._sources: dict[str, Definition | None] = {}

    def survey(self, space: str) -> SpaceObjects:
        """Return the objects of a space; never raises for what one space may not or cannot."""
        if self.wanted.use is DefinitionMode.OFF:
            return SpaceObjects()
        found: dict[str, ListedObject] = {}
        unproven = set(Kind) - self.wanted.unexposed
        refused: dict[Kind, SyncError] = {}
        lost = []
        granted = False
        for kind in Kind:
            try:
                objects = self._api.objects(space, kind)
            except _NOT_OFFERED as error:
                if isinstance(error, NOT_ALLOWED) and granted:
                    # The role is there, or no list would have been given: this one failed.
                    unproven.add(kind)
                    lost.append(_list_lost(space, kind, error))
                    continue
                refused[kind] = error
                if isinstance(error, NOT_ALLOWED):
                    break
                continue
            except (Skippable, Unreachable, OutOfTime) as error:
                objects = SpaceObjectList(incomplete=error)
            granted = granted or objects.incomplete is None
            found |= {one.name: one for one in objects.entries}
            if objects.incomplete is not None:
                unproven.add(kind)
                lost.append(_list_lost(space, kind, objects.incomplete))
        if refused and not found and not lost:
            reason = next(iter(refused.values())).message
            refusal = unavailable(space, reason)
            return SpaceObjects(refused=(refusal,), withheld=self.wanted.unexposed)
        notices = tuple(_list_lost(space, kind, error) for kind, error in refused.items())
        return SpaceObjects(
            found,
            frozenset(unproven | set(refused)),
            allowed=True,
            refused=notices,
            lost=tuple(lost),
            withheld=frozenset(refused) & self.wanted.unexposed,
        )

    def read(self, space: str, name: str, kind: Kind, spaces: frozenset[str]) -> Definition:
        """Return the definition of an object, with the kind of the list that it was found in.

        Raises:
            SyncError: as `DatasphereClient.get_document`.
            DocumentError: it is no definition of that object, with the path.

        """
        return self._parsed(space, _SIBLINGS[kind], name, spaces)

    def typed(
        self, definition: Definition, odata: Iterable[Element], spaces: frozenset[str]
    ) -> Definition:
        """Return a definition in which columns without a type have that of OData or of a source.

        Sources are read only where OData leaves a type open, each once per run.
        """
        told = resolve_types(definition, odata, {})
        if not any(element.type == UNTYPED for element in told.asset.elements):
            return told
        places = {
            (space, name): None
            for element in definition.asset.elements
            for space, name, _ in element.sources
        }
        sources = {
            f"{space}.{name}": source
            for space, name in list(places)[:_MOST_SOURCES]
            if (source := self._source(space, name, spaces)) is not None
        }
        return resolve_types(definition, odata, sources)

    def _source(self, space: str, name: str, spaces: frozenset[str]) -> Definition | None:
        key = f"{space}.{name}"
        with self._lock:
            if key in self._sources:
                return self._sources[key]
        try:
            found: Definition | None = self._parsed(space, _ANY, name, spaces)
        except (Skippable, CredentialsRejected, Unreachable):
            found = None
        with self._lock:
            self._sources[key] = found
        return found

    def _parsed(
        self, space: str, kinds: tuple[Kind, ...], name: str, spaces: frozenset[str]
    ) -> Definition:
        kind, document = self._api.definition(space, kinds, name)
        found = parse_definition(
            document, name, space=space, spaces=spaces, languages=self.wanted.languages
        )
        return replace(found, asset=replace(found.asset, kind=kind))


def with_listing(asset: Asset, listed: ListedObject | None) -> Asset:
    """Return an asset with what its list says: status, dates and people.

    The creator stands in for an owner where nothing better is known; provenance tells.
    """
    if listed is None:
        return asset
    said = {
        "label": asset.label or listed.label,
        "owner": asset.owner or listed.created_by,
        "object_status": listed.status,
        "changed_on": listed.changed_on,
        "deployed_on": listed.deployed_on,
        "changed_by": listed.changed_by,
    }
    news = {key: value for key, value in said.items() if value and not getattr(asset, key)}
    provenance = dict(asset.provenance) | dict.fromkeys(news, "listing")
    return replace(asset, **news, provenance=tuple(sorted(provenance.items())))  # type: ignore[arg-type]


def stamp_of(listed: ListedObject | None, *, exposed: bool, defined: bool) -> Stamp:
    """Return what the lists say of an asset, from which a change is told."""
    if listed is None:
        return Stamp(exposed=exposed, defined=defined)
    return Stamp(
        exposed=exposed,
        defined=defined,
        changed_on=listed.changed_on,
        deployed_on=listed.deployed_on,
        changed_by=listed.changed_by,
        object_status=listed.status,
    )


def is_deployed(listed: ListedObject) -> bool:
    """Tell whether an object is there to be queried; a plain list does not say that it is not."""
    return listed.status != NOT_DEPLOYED


def unavailable(space: str, reason: str) -> Issue:
    """Return what is said where the object API may not be used in a space."""
    return Issue(
        IssueCode.DEFINITIONS_UNAVAILABLE,
        f"definitions of space {space} are not to be had, so only what OData tells is known:"
        f" {reason}",
        space=space,
    )


def absent(space: str, names: str) -> Issue:
    """Return what is said about objects of which the tenant has no definition to give."""
    return Issue(
        IssueCode.DEFINITION_MISSING,
        f"the tenant has no definition of these objects of space {space}: {names}",
        space=space,
    )


def unreadable(space: str, name: str, error: SyncError) -> Issue:
    """Return what is said where one definition failed and OData alone was used."""
    return Issue(
        IssueCode.DEFINITION_UNREADABLE,
        f"{space}.{name}: its definition could not be read, only OData was: {error.message}",
        error.remedy,
        space=space,
        asset=name,
    )


def _list_lost(space: str, kind: Kind, error: SyncError) -> Issue:
    return Issue(
        error.code,
        f"the list of {kind.replace('_', ' ')}s of space {space} was not read to its end:"
        f" {error.message}",
        error.remedy,
        space=space,
    )
