"""The tenant as the source of a run: every space in scope, complete or with the reason why not.

This module holds all threads of the package; results keep a stable order.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Final, TypeVar

from datasphere_glue.datasphere.answer import LoginPage
from datasphere_glue.datasphere.asset_reader import AssetRead, AssetReader
from datasphere_glue.datasphere.auxiliary import AuxiliaryReader
from datasphere_glue.datasphere.auxiliary_space import AuxiliaryRead
from datasphere_glue.datasphere.catalog import Space, TenantCatalog
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.definitions import DefinitionPolicy, DefinitionReader, ExportFiles
from datasphere_glue.datasphere.exports.library import Library
from datasphere_glue.datasphere.issues import space_not_listed
from datasphere_glue.datasphere.space_survey import SpaceSurvey, survey_space
from datasphere_glue.errors import (
    CredentialsRejected,
    PermissionDenied,
    Skippable,
    SourceUnavailable,
    SpaceForbidden,
)
from datasphere_glue.model.auxiliary import AuxiliaryAccess, AuxiliaryKind
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.wanted import SpaceWanted

_SPACES_AHEAD: Final = 4
_ASSETS_AHEAD: Final = 200
"""Most spaces, and most assets, that are read before the caller asks for them."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class DatasphereSource:
    """Reads spaces and assets of one tenant.

    `workers`: most requests at a time.
    `policy`: which definitions are read.
    `exports`: returns exported files that describe objects, None without such files.
    """

    def __init__(
        self,
        client: DatasphereClient,
        *,
        workers: int = 8,
        policy: DefinitionPolicy | None = None,
        exports: ExportFiles | None = None,
    ) -> None:
        self._client = client
        self._policy = policy or DefinitionPolicy()
        self._catalog = TenantCatalog(client)
        self._definitions = DefinitionReader(client, self._policy, exports)
        self._reader = AssetReader(client, self._definitions)
        self._auxiliary = AuxiliaryReader(client, self._definitions)
        self._workers = workers
        self._space_names: frozenset[str] = frozenset()
        self._surveys: dict[str, SpaceSurvey] = {}

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted by name, without any asset.

        The listing of a space whose lists cannot be read to their end holds the reason.

        Raises:
            CredentialsRejected: the identity is refused for the whole tenant.
            PermissionDenied: the list of spaces is refused, or every one of several spaces.
            SourceUnavailable: the list of spaces cannot be read, or no token is available.
            OutOfTime: the time of the run was over before the spaces were listed.

        """
        list_space = partial(survey_space, catalog=self._catalog, definitions=self._definitions)
        try:
            spaces = self._spaces()
            self._space_names = frozenset(space.name for space in spaces)
            self._definitions.open_exports(self._space_names)
            chosen = [space for space in spaces if scope.covers_space(space.name)]
            with ThreadPoolExecutor(self._workers) as pool:
                ordered = _OrderedPool(pool)
                surveys = [future.result() for future in ordered.start(list_space, chosen)]
        finally:
            self._client.close()
        _check_allowed([one.listing for one in surveys])
        surveys = _with_issues(surveys, self._definitions.library)
        self._surveys = {one.listing.space: one for one in surveys}
        listings = [one.completed(self._policy, []) for one in surveys]
        missing = _missing_spaces(scope, self._space_names)
        return tuple(sorted((*listings, *missing), key=lambda listing: listing.space))

    def space_names(self) -> frozenset[str]:
        """Return the names of all spaces that the tenant listed at the survey."""
        return self._space_names

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        """Yield each listing of a survey with its wanted assets, in the given order.

        Assets are sorted by name; one that cannot be read becomes an issue. Later spaces are read
        while the caller works on earlier ones, within `_SPACES_AHEAD` and `_ASSETS_AHEAD`.

        Raises:
            CredentialsRejected, SourceUnavailable: the whole tenant refuses further reading.

        """
        remaining = iter(wanted)
        started: deque[_Started] = deque()
        with closing(self._client), ThreadPoolExecutor(self._workers) as pool:
            ordered = _OrderedPool(pool)
            try:
                while True:
                    while _has_room(started):
                        one = next(remaining, None)
                        if one is None:
                            break
                        started.append(self._start(ordered, *one))
                    if not started:
                        return
                    yield started.popleft().completed(self._policy)
            finally:
                ordered.end()

    def auxiliary_access(self) -> tuple[AuxiliaryAccess, ...]:
        """Return whether each kind of auxiliary object may be read in the spaces of the survey.

        Only spaces whose definitions may be read count; without any, there is no result.

        Raises:
            CredentialsRejected, SourceUnavailable: the whole tenant refuses further reading.

        """
        spaces = sorted(name for name, one in self._surveys.items() if one.objects.allowed)
        if not spaces:
            return ()
        access = partial(self._auxiliary.access, spaces=spaces)
        with closing(self._client), ThreadPoolExecutor(self._workers) as pool:
            return tuple(pool.map(access, AuxiliaryKind))

    def read(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return every listing with all its assets in scope at once; raises as `survey`."""
        listings = self.survey(scope)
        wanted = ((one, SpaceWanted(partial(scope.covers_asset, one.space))) for one in listings)
        return tuple(self.assets(wanted))

    def _start(
        self, pool: "_OrderedPool", listing: SpaceListing, wanted: SpaceWanted
    ) -> "_Started":
        survey = self._surveys.get(listing.space) or SpaceSurvey(listing)
        items = tuple(survey.to_read(self._policy, wanted))
        read = partial(self._reader.read, spaces=self._space_names)
        futures = pool.start(read, items)

        def read_auxiliary(place: tuple[str, frozenset[str]]) -> AuxiliaryRead:
            # Work starts in order, so every asset is read or being read; then its definition is
            # at hand.
            wait(futures)
            return self._auxiliary.read(survey.objects, wanted.auxiliary, items, place)

        (auxiliary,) = pool.start(read_auxiliary, [(listing.space, self._space_names)])
        return _Started(survey, futures, auxiliary)

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


@dataclass(frozen=True, slots=True)
class _Started:
    """One space whose reading has started."""

    survey: SpaceSurvey
    assets: list[Future[AssetRead]]
    auxiliary: Future[AuxiliaryRead]

    def completed(self, policy: DefinitionPolicy) -> SpaceListing:
        """Return the listing with what was read; raises what the reading raised."""
        reads = [future.result() for future in self.assets]
        return self.survey.completed(policy, reads, self.auxiliary.result())


class _OrderedPool:
    """Starts work in a pool, in order; after the first error, no further work starts."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._ended = Event()

    def start(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> list[Future[_Out]]:
        """Return the futures of the results, in the order of the items."""
        return [self._pool.submit(self._step, work, item) for item in items]

    def end(self) -> None:
        """Cancel all work that has not started."""
        self._ended.set()

    def _step(self, work: Callable[[_In], _Out], item: _In) -> _Out:
        if self._ended.is_set():
            raise CancelledError
        try:
            return work(item)
        except BaseException:
            # Work starts in order, so the caller meets the error before any cancelled work.
            self._ended.set()
            raise


def _has_room(started: Iterable[_Started]) -> bool:
    sizes = [len(one.assets) for one in started]
    return len(sizes) < _SPACES_AHEAD and sum(sizes) < _ASSETS_AHEAD


def _check_allowed(listings: list[SpaceListing]) -> None:
    """Raise PermissionDenied where several spaces are listed and all of them are forbidden.

    A single space can be forbidden for a reason of its own; if all are, the technical user lost
    its role.
    """
    codes = [listing.incomplete.code if listing.incomplete else None for listing in listings]
    if len(codes) > 1 and set(codes) == {SpaceForbidden.code}:
        raise PermissionDenied(
            f"the tenant lists {len(codes)} spaces and refuses to show any of them (HTTP 403)",
            remedy="give the technical user its scoped role again (DW Viewer); runs go on by"
            " themselves once it has it",
        )


def _with_issues(surveys: list[SpaceSurvey], library: Library) -> list[SpaceSurvey]:
    """Return the surveys; the first one has the issues of the exported files."""
    if not surveys or not (library.issues or library.notes):
        return surveys
    first, *others = surveys
    listing = replace(first.listing, degraded=library.issues, notes=library.notes)
    return [replace(first, listing=listing), *others]


def _missing_spaces(scope: Scope, listed: frozenset[str]) -> list[SpaceListing]:
    """Return a listing for each space that the scope names and the tenant does not list."""
    missing = sorted(name for name in scope.named_spaces - listed if scope.covers_space(name))
    return [SpaceListing(space=name, incomplete=space_not_listed(name, listed)) for name in missing]
