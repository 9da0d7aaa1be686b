"""The tenant as the pipeline's source: every space in scope, complete or with the reason why not.

Threads live here and nowhere else in this package; results come back in a stable order.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Event
from typing import Final, TypeVar

from datasphere_glue.datasphere.answer import LoginPage, NotFound
from datasphere_glue.datasphere.catalog import Incomplete, Listed, Space, TenantCatalog
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.csdl import parse
from datasphere_glue.datasphere.metadata import EntityMetadata, merged
from datasphere_glue.errors import (
    AssetUnreadable,
    CredentialsRejected,
    ListingIncomplete,
    OutOfTime,
    PermissionDenied,
    Skippable,
    SourceUnavailable,
    SpaceForbidden,
    SyncError,
)
from datasphere_glue.model.asset import Asset, Issue, Kind, SpaceListing, Usage
from datasphere_glue.model.scope import Scope

_ODATA: Final = "odata"
_NOT_PROVEN: Final = frozenset({"space", "name", "kind", "provenance"})
_NOT_LISTED: Final = "SPACE_NOT_LISTED"
_TRY_AGAIN: Final = "nothing to do if the next run reads it; else redeploy it in Datasphere"

_Read = Asset | Issue
_In = TypeVar("_In")
_Out = TypeVar("_Out")


class DatasphereSource:
    """Reads spaces and assets of one tenant with at most `workers` requests at a time."""

    def __init__(self, client: DatasphereClient, *, workers: int = 8) -> None:
        self._client = client
        self._catalog = TenantCatalog(client)
        self._workers = workers

    def read(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, with the metadata of its assets in scope.

        Sorted by space, assets by name. A space or an asset that cannot be read becomes an issue.

        Raises:
            CredentialsRejected: the identity is refused for the whole tenant.
            PermissionDenied: the list of spaces is refused.
            SourceUnavailable: the list of spaces cannot be read, or no token can be had.
            OutOfTime: the time of the run was over before the spaces were listed.

        """
        return self._listings(scope, with_metadata=True)

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return the same listings without the metadata of any asset; raises as `read`."""
        return self._listings(scope, with_metadata=False)

    def _listings(self, scope: Scope, *, with_metadata: bool) -> tuple[SpaceListing, ...]:
        try:
            spaces = self._spaces()
            chosen = [space for space in spaces if scope.space(space.name)]
            with ThreadPoolExecutor(self._workers) as pool:
                listings = _all(pool, self._list, chosen)
                wanted = [
                    listed
                    for _, assets in listings
                    for listed in assets
                    if with_metadata and scope.asset(listed.space, listed.name)
                ]
                read = _all(pool, self._asset, wanted)
        finally:
            self._client.close()
        by_space = _by_space(wanted, read)
        found = [_with_assets(listing, by_space[listing.space]) for listing, _ in listings]
        missing = _not_listed(scope, {space.name for space in spaces})
        return tuple(sorted((*found, *missing), key=lambda listing: listing.space))

    def _spaces(self) -> tuple[Space, ...]:
        try:
            return self._catalog.spaces()
        except LoginPage as error:
            raise CredentialsRejected(
                f"the tenant does not know this identity: {error.message}",
                remedy="check DATASPHERE_URL, and that the OAuth client's technical user exists",
            ) from error
        except SpaceForbidden as error:
            raise PermissionDenied(
                f"the list of spaces was refused: {error.message}",
                remedy="give the technical user a role that may read the catalog (DW Viewer)",
            ) from error
        except Skippable as error:
            raise SourceUnavailable(
                f"the list of spaces cannot be read: {error.message}"
            ) from error

    def _list(self, space: Space) -> tuple[SpaceListing, tuple[Listed, ...]]:
        listing = SpaceListing(space=space.name, label=space.label)
        try:
            assets, cause = self._catalog.assets(space.name)
        except SpaceForbidden as error:
            return replace(listing, incomplete=_forbidden(space.name, error)), ()
        except (Skippable, Unreachable) as error:
            lost = ListingIncomplete(error.message)
            return replace(listing, incomplete=_incomplete(space.name, lost)), ()
        except OutOfTime as error:
            return replace(listing, incomplete=_incomplete(space.name, error)), ()
        return replace(
            listing,
            listed=frozenset(asset.name for asset in assets),
            incomplete=_incomplete(space.name, cause) if cause else None,
        ), assets

    def _asset(self, listed: Listed) -> _Read:
        try:
            relational, analytical = self._metadata(listed)
        except SpaceForbidden as error:
            remedy = f"give the technical user read access to {listed.space}.{listed.name}"
            return _unread(listed, AssetUnreadable(error.message, remedy=remedy))
        except Unreachable as error:
            return _unread(listed, AssetUnreadable(error.message, remedy=_TRY_AGAIN))
        except (Skippable, OutOfTime) as error:
            return _unread(listed, error)
        return _asset(listed, relational, analytical)

    def _metadata(self, listed: Listed) -> tuple[EntityMetadata | None, EntityMetadata | None]:
        """Return the relational and the analytical form of an asset, at least one of them."""
        relational: EntityMetadata | None = None
        try:
            relational = self._form(listed, listed.relational_url)
        except NotFound:
            # A relational URL that nobody gave is no proof that there is such a service.
            if not listed.guessed or listed.analytical_url is None:
                raise
        return relational, self._form(listed, listed.analytical_url)

    def _form(self, listed: Listed, url: str | None) -> EntityMetadata | None:
        return None if url is None else parse(self._client.get_document(url), listed.name)


def _asset(
    listed: Listed, relational: EntityMetadata | None, analytical: EntityMetadata | None
) -> Asset:
    """Return an asset; its kind follows from the services that it has.

    A relational view has the relational service only, an analytic model the analytical one, a
    legacy analytical dataset (a fact) both (SAP's Power BI connector, README).
    """
    usage: Usage | None
    if relational and analytical:
        said = merged(relational, analytical)
        usage = said.usage or Usage.FACT
    else:
        said = relational or analytical or EntityMetadata()
        usage = said.usage if relational else Usage.CUBE
    asset = Asset(
        space=listed.space,
        name=listed.name,
        kind=Kind.VIEW if relational else Kind.ANALYTIC_MODEL,
        label=listed.label or said.label,
        description=said.description,
        usage=usage,
        elements=said.elements,
        hierarchies=said.hierarchies,
        associations=said.associations,
        variables=said.variables,
        custom=said.custom,
    )
    proven = [f.name for f in fields(asset) if f.name not in _NOT_PROVEN and getattr(asset, f.name)]
    return replace(asset, provenance=tuple((name, _ODATA) for name in sorted(proven)))


def _all(pool: Executor, work: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """Return the results in the order of the items; the first error ends the rest."""
    ended = Event()

    def step(item: _In) -> _Out:
        if ended.is_set():
            raise CancelledError
        try:
            return work(item)
        except BaseException:
            ended.set()
            raise

    futures = [pool.submit(step, item) for item in items]
    try:
        # Work starts in order, so the error stands before everything that was called off.
        return [future.result() for future in futures]
    finally:
        ended.set()


def _by_space(wanted: Iterable[Listed], read: Iterable[_Read]) -> dict[str, list[_Read]]:
    found: dict[str, list[_Read]] = defaultdict(list)
    for listed, one in zip(wanted, read, strict=True):
        found[listed.space].append(one)
    return found


def _with_assets(listing: SpaceListing, read: list[_Read]) -> SpaceListing:
    return replace(
        listing,
        assets=tuple(one for one in read if isinstance(one, Asset)),
        unread=tuple(one for one in read if isinstance(one, Issue)),
    )


def _unread(listed: Listed, error: SyncError) -> Issue:
    subject = f"{listed.space}.{listed.name}"
    return Issue(subject, error.code, f"{subject}: {error.message}", error.remedy)


def _forbidden(space: str, error: SpaceForbidden) -> Issue:
    return Issue(
        space,
        error.code,
        f"space {space} may not be read: {error.message}",
        f"make the technical user a member of space {space} with a scoped DW Viewer role",
    )


def _incomplete(space: str, cause: Incomplete) -> Issue:
    message = f"the assets of space {space} were not read to the end: {cause.message}"
    return Issue(space, cause.code, message, cause.remedy)


def _not_listed(scope: Scope, listed: set[str]) -> list[SpaceListing]:
    """Return a listing for each space that was asked for by name and is not there."""
    missing = sorted(name for name in scope.named_spaces - listed if scope.space(name))
    return [SpaceListing(space=name, incomplete=_missing(name, listed)) for name in missing]


def _missing(name: str, listed: set[str]) -> Issue:
    near = difflib.get_close_matches(name.upper(), sorted(listed), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Issue(
        name,
        _NOT_LISTED,
        f"space {name} was asked for, but the tenant does not list it{hint}",
        "correct the name, or make the technical user a member of the space",
    )
