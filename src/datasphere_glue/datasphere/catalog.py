"""Reads the tenant's catalog: its spaces, and the assets that each space exposes for consumption.

Paging continues to a proven end. SAP documents `@odata.nextLink`, `$top`, `$skip` and `$count`, a
page of 500 and elsewhere a default of 10, so no page size is assumed. The end is one of these: an
`@odata.count` that was reached, the end of a chain of links shorter than `$top`, or an empty page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from datasphere_glue.datasphere.answer import BadRequest, NotFound
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.values import text_at
from datasphere_glue.errors import DocumentError, ListingIncomplete, OutOfTime, Skippable

CONSUMPTION: Final = "/api/v1/datasphere/consumption"
NEW_ROOT: Final = f"{CONSUMPTION}/catalog"
OLD_ROOT: Final = "/api/v1/dwc/catalog"
PAGE: Final = 500
"""Entries of a page as documented, and the most of a server for any `$top`."""

SMALL_PAGE: Final = 10
"""Entries of a page by another default in SAP's documentation."""

_MAX_PAGES: Final = 10_000

Entry = Mapping[str, Any]
Incomplete = ListingIncomplete | OutOfTime


@dataclass(frozen=True, slots=True)
class Space:
    """A space as the catalog lists it."""

    name: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ListedAsset:
    """An asset as the catalog lists it.

    `relational_url`, `analytical_url`: the metadata of each service, None without that service.
    `guessed`: True if the payload had no URL and they were built.
    """

    space: str
    name: str
    label: str | None = None
    relational_url: str | None = None
    analytical_url: str | None = None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class EntryList:
    """Entries of a list; `incomplete` holds why its end is not proven, None if it is."""

    entries: tuple[Entry, ...]
    incomplete: Incomplete | None = None


class TenantCatalog:
    """Lists spaces and assets; detects once which of the two paths a tenant serves."""

    def __init__(self, client: DatasphereClient) -> None:
        self._client = client
        self._root = NEW_ROOT

    def spaces(self) -> tuple[Space, ...]:
        """Return every space that the technical user may see, sorted by name.

        Raises:
            ListingIncomplete, OutOfTime: the list was not read to a proven end.
            SyncError: as `DatasphereClient.get_json`.

        """
        try:
            listing = self._listing(self._root, "/spaces")
        except NotFound:
            listing = self._listing(OLD_ROOT, "/spaces")
            self._root = OLD_ROOT
        if listing.incomplete is not None:
            raise listing.incomplete
        spaces = {e["name"]: Space(e["name"], text_at(e, "label")) for e in listing.entries}
        return tuple(spaces[name] for name in sorted(spaces))

    def assets(self, space: str) -> tuple[tuple[ListedAsset, ...], Incomplete | None]:
        """Return the assets of a space, sorted by name, and why the list is incomplete, or None.

        Raises:
            SyncError: as `DatasphereClient.get_json`, for the first page.

        """
        listing = self._listing(self._root, f"/spaces({_odata_key(space)})/assets")
        assets = {e["name"]: _listed_asset(space, e) for e in listing.entries}
        return tuple(assets[name] for name in sorted(assets)), listing.incomplete

    def _listing(self, root: str, tail: str) -> EntryList:
        try:
            return _Pages(self._client, root + tail).read()
        except BadRequest:
            # This tenant does not support an option: rely on its own paging.
            return _Pages(self._client, root + tail, options=False).read()


@dataclass(slots=True)
class _Chain:
    """Counts of one request and the pages of its next links.

    `size`: entries. `new`: names read for the first time. `repeated`: names read before.
    """

    pages: int = 0
    size: int = 0
    new: int = 0
    repeated: int = 0


class _Pages:
    """Reads one list to its end; lives for one list."""

    def __init__(self, client: DatasphereClient, url: str, *, options: bool = True) -> None:
        self._client = client
        self._url = client.absolute(url)
        self._options = options
        self._entries: dict[str, Entry] = {}
        self._received = 0
        self._count: int | None = None
        self._seen: set[str] = set()
        self._flaw: str | None = None
        self._first: _Chain | None = None

    def read(self) -> EntryList:
        """Return the list, incomplete with a reason where its end could not be proven.

        Raises:
            SyncError: the first page cannot be read.

        """
        try:
            more, reason = True, None
            while more:
                more, reason = self._assess(self._chain())
        except _ReadStopped as stopped:
            return self._result(stopped.cause)
        reason = self._flaw or reason
        return self._result(ListingIncomplete(reason) if reason else None)

    def _result(self, cause: Incomplete | None) -> EntryList:
        return EntryList(tuple(self._entries.values()), cause)

    def _chain(self) -> _Chain:
        chain = _Chain()
        url: str | None = self._start()
        while url is not None:
            if url in self._seen:
                raise _ReadStopped(
                    ListingIncomplete("a next link leads back to a page that was read")
                )
            if len(self._seen) == _MAX_PAGES:
                raise _ReadStopped(ListingIncomplete(f"it has more than {_MAX_PAGES} pages"))
            self._seen.add(url)
            page = self._page(url)
            self._add(self._rows(page), chain)
            url = self._next(page, url)
        return chain

    def _assess(self, chain: _Chain) -> tuple[bool, str | None]:
        """Return whether to continue after a chain; if not, also why the list is incomplete."""
        self._received += chain.size
        if self._first is None:
            self._first = chain
        elif chain.size and not chain.new:
            # $skip has no effect: the only answer is the whole list unless it is a full page.
            size = self._first.size
            full = self._count is None and (size >= PAGE or size == SMALL_PAGE)
            return False, "the server ignores $skip" if full else self._shortfall()
        if chain.repeated:
            self._flaw = self._flaw or "the server lists a name twice"
        counted = self._count is not None and self._shortfall() is None
        if not self._options or chain.size == 0 or counted:
            return False, self._shortfall()
        ended_by_server = self._count is None and chain.pages > 1 and chain.size < PAGE
        return not ended_by_server, None

    def _start(self) -> str:
        if not self._options:
            return self._url
        return f"{self._url}?$top={PAGE}&$skip={self._received}&$count=true"

    def _page(self, url: str) -> Any:
        try:
            return self._client.get_json(url)
        except OutOfTime as error:
            raise _ReadStopped(error) from error
        except (Skippable, Unreachable) as error:
            if len(self._seen) == 1:
                raise
            reason = f"page {len(self._seen)} was lost: {error.message}"
            raise _ReadStopped(ListingIncomplete(reason)) from error

    def _rows(self, page: Any) -> list[Any]:
        count = _control(page, "count")
        if isinstance(count, int | str) and str(count).isdecimal():
            self._count = int(count)
        rows = page.get("value") if isinstance(page, dict) else page
        if isinstance(rows, list):
            return rows
        if len(self._seen) == 1:
            raise DocumentError("the list has no array of entries", "value")
        raise _ReadStopped(ListingIncomplete(f"page {len(self._seen)} has no array of entries"))

    def _next(self, page: Any, url: str) -> str | None:
        link = _control(page, "nextLink")
        if not link:
            return None
        try:
            return self._client.absolute(str(link), url)
        except Skippable as error:
            raise _ReadStopped(ListingIncomplete(error.message)) from error

    def _add(self, rows: list[Any], chain: _Chain) -> None:
        chain.pages += 1
        chain.size += len(rows)
        for row in rows:
            name = text_at(row, "name") if isinstance(row, dict) else None
            if name is None:
                self._flaw = self._flaw or "the server lists an entry without a name"
            elif name in self._entries:
                chain.repeated += 1
            else:
                chain.new += 1
                self._entries[name] = row

    def _shortfall(self) -> str | None:
        received_count = len(self._entries)
        if self._count is not None and received_count < self._count:
            return f"the server counts {self._count} entries and gave {received_count}"
        return None


class _ReadStopped(Exception):
    """The rest of a list cannot be read; `cause` holds why."""

    def __init__(self, cause: Incomplete) -> None:
        super().__init__(cause.message)
        self.cause = cause


def _control(page: Any, control: str) -> Any:
    """Return a control value of a page; OData 4.01 may leave `odata.` out of its name."""
    if not isinstance(page, dict):
        return None
    return page.get(f"@odata.{control}", page.get(f"@{control}"))


def _listed_asset(space: str, entry: Entry) -> ListedAsset:
    """Return the asset of an entry, with built metadata URLs where the payload has none."""
    name, label = entry["name"], text_at(entry, "label")
    relational = text_at(entry, "assetRelationalMetadataUrl")
    analytical = text_at(entry, "assetAnalyticalMetadataUrl")
    if relational or analytical:
        return ListedAsset(space, name, label, relational, analytical)
    relational = _metadata_url("relational", space, name)
    if entry.get("supportsAnalyticalQueries") is True:
        analytical = _metadata_url("analytical", space, name)
    return ListedAsset(space, name, label, relational, analytical, guessed=True)


def _metadata_url(service: str, space: str, name: str) -> str:
    return f"{CONSUMPTION}/{service}/{quote(space, safe='')}/{quote(name, safe='')}/$metadata"


def _odata_key(name: str) -> str:
    """Return a name as an OData key: quoted, quotes doubled, percent-encoded."""
    return quote("'" + name.replace("'", "''") + "'", safe="'")
