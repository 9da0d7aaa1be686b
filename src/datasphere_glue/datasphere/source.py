"""The tenant as the pipeline's source: every space in scope, complete or with the reason why not.

Threads live here and nowhere else in this package; results come back in a stable order.
"""

import difflib
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Final, TypeVar

from datasphere_glue.datasphere.answer import LoginPage, NotFound
from datasphere_glue.datasphere.catalog import Incomplete, ListedAsset, Space, TenantCatalog
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.definitions import (
    DefinitionMode,
    DefinitionPolicy,
    Definitions,
    SpaceObjects,
    absent,
    is_deployed,
    stamp_of,
    unavailable,
)
from datasphere_glue.datasphere.reading import AssetRead, AssetToRead, Reader
from datasphere_glue.errors import (
    CredentialsRejected,
    ListingIncomplete,
    OutOfTime,
    PermissionDenied,
    Skippable,
    SourceUnavailable,
    SpaceForbidden,
    first_few,
)
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Scope

_SHOWN: Final = 20
_SPACES_AHEAD: Final = 4
_AHEAD: Final = 200
"""Assets that are read or being read beyond the space that is asked for."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class _SpaceRead:
    """One space as its lists tell: the catalog's assets and the object API's objects."""

    listing: SpaceListing
    exposed: tuple[ListedAsset, ...] = ()
    objects: SpaceObjects = field(default_factory=SpaceObjects)


class DatasphereSource:
    """Reads spaces and assets of one tenant with at most `workers` requests at a time."""

    def __init__(
        self, client: DatasphereClient, *, workers: int = 8, wanted: DefinitionPolicy | None = None
    ) -> None:
        self._client = client
        self._catalog = TenantCatalog(client)
        self._wanted = wanted or DefinitionPolicy()
        self._definitions = Definitions(client, self._wanted)
        self._reader = Reader(client, self._definitions)
        self._workers = workers
        self._names: frozenset[str] = frozenset()
        self._listed: dict[str, _SpaceRead] = {}

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted, without any asset.

        A space whose lists cannot be read to their end says why.

        Raises:
            CredentialsRejected: the identity is refused for the whole tenant.
            PermissionDenied: the list of spaces is refused, or every one of several spaces.
            SourceUnavailable: the list of spaces cannot be read, or no token can be had.
            OutOfTime: the time of the run was over before the spaces were listed.

        """
        try:
            spaces = self._spaces()
            self._names = frozenset(space.name for space in spaces)
            chosen = [space for space in spaces if scope.covers_space(space.name)]
            with ThreadPoolExecutor(self._workers) as pool:
                work = _Work(pool)
                listed = [future.result() for future in work.start(self._list, chosen)]
        finally:
            self._client.close()
        _check_allowed([one.listing for one in listed])
        self._listed = {one.listing.space: one for one in listed}
        found = [self._with(one.listing, []) for one in listed]
        missing = _not_listed(scope, set(self._names))
        return tuple(sorted((*found, *missing), key=lambda listing: listing.space))

    def assets(
        self, wanted: Iterable[tuple[SpaceListing, Callable[[str], bool]]]
    ) -> Generator[SpaceListing]:
        """Yield each listing of a survey with those of its assets that are wanted, in this order.

        Assets are sorted by name; one that cannot be read becomes an issue. Later spaces are read
        while the caller works on earlier ones, but never many assets ahead.

        Raises:
            CredentialsRejected, SourceUnavailable: the tenant as a whole gives nothing any more.

        """
        read = partial(self._reader.read, spaces=self._names)
        coming = iter(wanted)
        waiting: deque[tuple[SpaceListing, list[Future[AssetRead]]]] = deque()
        with closing(self._client), ThreadPoolExecutor(self._workers) as pool:
            work = _Work(pool)
            try:
                while True:
                    while len(waiting) < _SPACES_AHEAD and sum(len(w) for _, w in waiting) < _AHEAD:
                        one = next(coming, None)
                        if one is None:
                            break
                        waiting.append((one[0], work.start(read, self._items(*one))))
                    if not waiting:
                        return
                    listing, futures = waiting.popleft()
                    yield self._with(listing, [future.result() for future in futures])
            finally:
                work.end()

    def read(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return every listing with all its assets in scope at once; raises as `survey`."""
        listings = self.survey(scope)
        return tuple(self.assets((one, partial(scope.covers_asset, one.space)) for one in listings))

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

    def _list(self, space: Space) -> _SpaceRead:
        listing = SpaceListing(space=space.name, label=space.label)
        try:
            assets, cause = self._catalog.assets(space.name)
        except SpaceForbidden as error:
            return _SpaceRead(replace(listing, incomplete=_forbidden(space.name, error)))
        except (Skippable, Unreachable) as error:
            lost = ListingIncomplete(error.message)
            return _SpaceRead(replace(listing, incomplete=_incomplete(space.name, lost)))
        except OutOfTime as error:
            return _SpaceRead(replace(listing, incomplete=_incomplete(space.name, error)))
        objects = self._definitions.survey(space.name)
        names, found = {asset.name for asset in assets}, objects.found
        listed = frozenset(names | set(objects.unexposed(self._wanted, names)))
        stamps = tuple(
            (name, stamp_of(found.get(name), exposed=name in names, defined=objects.allowed))
            for name in sorted(listed)
        )
        listing = replace(
            listing,
            listed=listed,
            incomplete=_incomplete(space.name, cause) if cause else None,
            unproven=objects.unproven,
            stamps=stamps,
            undated=sum(not stamp.dated for _, stamp in stamps),
        )
        return _SpaceRead(listing, assets, objects)

    def _items(self, listing: SpaceListing, wanted: Callable[[str], bool]) -> Iterator[AssetToRead]:
        """Yield what is to be read of a space, sorted by name."""
        space = self._listed.get(listing.space, _SpaceRead(listing))
        name, objects = listing.space, space.objects
        exposed = {asset.name: asset for asset in space.exposed}
        others = objects.unexposed(self._wanted, exposed)
        for asset in sorted({*exposed, *others}):
            listed = objects.found.get(asset)
            deployed = asset in exposed or (listed is not None and is_deployed(listed))
            if deployed and wanted(asset):
                yield AssetToRead(name, asset, exposed.get(asset), listed, defined=objects.allowed)

    def _with(self, listing: SpaceListing, readings: list[AssetRead]) -> SpaceListing:
        """Return a listing with its assets and all that is to be said about reading them."""
        space = self._listed.get(listing.space, _SpaceRead(listing))
        listing = replace(
            space.listing,
            assets=tuple(reading.asset for reading in readings if reading.asset),
            unread=tuple(reading.unread for reading in readings if reading.unread),
            left=sum(reading.out_of_time for reading in readings),
            undefined=self._undefined(space, readings),
            unlisted=_unlisted(space, readings),
            withheld=space.objects.withheld,
            degraded=(*space.objects.lost, *(r.degraded for r in readings if r.degraded)),
            notes=tuple(self._notes(space, readings)),
        )
        refused = (*space.objects.refused, *_refused(listing.space, readings))
        if self._wanted.use is DefinitionMode.ON:
            return replace(listing, degraded=(*refused, *listing.degraded))
        return replace(listing, notes=(*refused, *listing.notes))

    def _undefined(self, space: _SpaceRead, readings: list[AssetRead]) -> frozenset[str]:
        """Return the assets that miss the definition they should have."""
        wanted = self._wanted.use is not DefinitionMode.OFF
        none = wanted and not space.objects.allowed
        return frozenset(r.item.name for r in readings if none or r.undefined)

    def _notes(self, space: _SpaceRead, readings: list[AssetRead]) -> Iterator[Issue]:
        name, exposed = space.listing.space, {asset.name for asset in space.exposed}
        waiting = [
            one.name
            for one in space.objects.unexposed(self._wanted, exposed).values()
            if not is_deployed(one)
        ]
        if waiting:
            message = f"not deployed in space {name}, so left out: {first_few(waiting, _SHOWN)}"
            yield Issue(IssueCode.NOT_DEPLOYED, message, space=name)
        kept: Counter[str] = Counter()
        for reading in readings:
            kept.update(dict(reading.kept))
            yield from reading.notes
        if kept:
            terms = [f"{term} ({count})" for term, count in sorted(kept.items())]
            told = first_few(terms, _SHOWN)
            yield Issue(
                IssueCode.ANNOTATIONS_KEPT,
                f"annotations of space {name} that nobody here understands, kept under"
                f" datasphere.custom: {told}",
                space=name,
            )


def _unlisted(space: _SpaceRead, readings: list[AssetRead]) -> frozenset[str]:
    """Return the assets whose entry may stand in a list that was lost or refused."""
    if not space.objects.lost and not space.objects.refused:
        return frozenset()
    return frozenset(reading.item.name for reading in readings if reading.item.listed is None)


def _refused(space: str, readings: list[AssetRead]) -> Iterator[Issue]:
    """Yield what is to be said about definitions that the tenant does not give, at most twice."""
    missing: list[tuple[str, str]] = []
    forbidden: list[tuple[str, str]] = []
    for reading in readings:
        if reading.refused is not None:
            place = missing if isinstance(reading.refused, NotFound) else forbidden
            place.append((reading.item.name, reading.refused.message))
    if missing:
        yield absent(space, first_few([name for name, _ in missing], _SHOWN))
    if forbidden:
        names = first_few([name for name, _ in forbidden], _SHOWN)
        yield unavailable(space, f"{forbidden[0][1]} (so for {names})")


class _Work:
    """Starts work in a pool, in order; the first error ends what has not begun."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._ended = Event()

    def start(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> list[Future[_Out]]:
        """Return the futures of the results, in the order of the items."""
        return [self._pool.submit(self._step, work, item) for item in items]

    def end(self) -> None:
        """Call off everything that has not begun."""
        self._ended.set()

    def _step(self, work: Callable[[_In], _Out], item: _In) -> _Out:
        if self._ended.is_set():
            raise CancelledError
        try:
            return work(item)
        except BaseException:
            # Work starts in order, so the error is met before everything that was called off.
            self._ended.set()
            raise


def _forbidden(space: str, error: SpaceForbidden) -> Issue:
    return Issue(
        error.code,
        f"space {space} may not be read: {error.message}",
        f"make the technical user a member of space {space} with a scoped DW Viewer role",
        space=space,
    )


def _check_allowed(listings: list[SpaceListing]) -> None:
    """Raise PermissionDenied where several spaces are listed and not one may be read.

    A single space may be forbidden for a reason of its own; all of them at once means that the
    technical user lost its role.
    """
    codes = [listing.incomplete.code if listing.incomplete else None for listing in listings]
    if len(codes) > 1 and set(codes) == {SpaceForbidden.code}:
        raise PermissionDenied(
            f"the tenant lists {len(codes)} spaces and refuses to show any of them (HTTP 403)",
            remedy="give the technical user its scoped role again (DW Viewer); runs go on by"
            " themselves once it has it",
        )


def _incomplete(space: str, cause: Incomplete) -> Issue:
    message = f"the assets of space {space} were not read to the end: {cause.message}"
    return Issue(cause.code, message, cause.remedy, space=space)


def _not_listed(scope: Scope, listed: set[str]) -> list[SpaceListing]:
    """Return a listing for each space that was asked for by name and is not there."""
    missing = sorted(name for name in scope.named_spaces - listed if scope.covers_space(name))
    return [SpaceListing(space=name, incomplete=_missing(name, listed)) for name in missing]


def _missing(name: str, listed: set[str]) -> Issue:
    near = difflib.get_close_matches(name.upper(), sorted(listed), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Issue(
        IssueCode.SPACE_NOT_LISTED,
        f"space {name} was asked for, but the tenant does not list it{hint}",
        space=name,
    )
