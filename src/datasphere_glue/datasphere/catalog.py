"""The tenant's catalog: its spaces, and the assets that each exposes for consumption.

Paging is followed to a proven end. SAP documents `@odata.nextLink`, `$top`, `$skip` and `$count`,
a page of 500, and elsewhere a default of 10, so no page size is ever assumed: the end is an
`@odata.count` that was reached, a last page behind a followed link, or an empty page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from datasphere_glue.datasphere.client import DatasphereClient, NotFound, Refused
from datasphere_glue.errors import ListingIncomplete, Skippable, Unavailable

CONSUMPTION: Final = "/api/v1/datasphere/consumption"
NEW_ROOT: Final = f"{CONSUMPTION}/catalog"
OLD_ROOT: Final = "/api/v1/dwc/catalog"
PAGE: Final = 500
"""The documented page, and the most that a server gives whatever `$top` says."""

_MAX_PAGES: Final = 10_000

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Space:
    """A space as the catalog lists it."""

    name: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An asset as the catalog lists it; a URL is None when the asset lacks that service."""

    space: str
    name: str
    label: str | None = None
    relational_url: str | None = None
    analytical_url: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries that were read; `incomplete` says why the end was not proven, None if it was."""

    entries: tuple[Entry, ...]
    incomplete: str | None = None


class TenantCatalog:
    """Lists spaces and assets; finds out once which of the two paths a tenant serves."""

    def __init__(self, client: DatasphereClient) -> None:
        self._client = client
        self._root = NEW_ROOT

    def spaces(self) -> tuple[Space, ...]:
        """Return every space that the technical user may see, sorted by name.

        Raises:
            ListingIncomplete: the list could not be read to its proven end.
            SyncError: as `DatasphereClient.get_json`.

        """
        try:
            listing = self._listing("/spaces")
        except NotFound:
            self._root = OLD_ROOT
            listing = self._listing("/spaces")
        if listing.incomplete:
            raise ListingIncomplete(f"the list of spaces is incomplete: {listing.incomplete}")
        spaces = {e["name"]: Space(e["name"], _text(e, "label")) for e in listing.entries}
        return tuple(spaces[name] for name in sorted(spaces))

    def assets(self, space: str) -> tuple[tuple[Listed, ...], str | None]:
        """Return the assets of a space, sorted by name, and why the list is incomplete, if it is.

        Raises:
            SyncError: as `DatasphereClient.get_json`, for the first page.

        """
        listing = self._listing(f"/spaces({_key(space)})/assets")
        assets = {e["name"]: _listed(space, e) for e in listing.entries}
        return tuple(assets[name] for name in sorted(assets)), listing.incomplete

    def _listing(self, tail: str) -> Listing:
        url = self._root + tail
        try:
            return _Pages(self._client, url).read()
        except Refused:
            # An option that this tenant does not know: its own paging must do.
            return _Pages(self._client, url, options=False).read()


class _Pages:
    """Reads one list to its end; lives for one listing."""

    def __init__(self, client: DatasphereClient, url: str, *, options: bool = True) -> None:
        self._client = client
        self._url = client.absolute(url)
        self._options = options
        self._entries: dict[str, Entry] = {}
        self._received = 0
        self._count: int | None = None
        self._links: set[str] = set()

    def read(self) -> Listing:
        url: str | None = self._start(0)
        for number in range(_MAX_PAGES):
            if url is None:
                return self._ended(None)
            try:
                page = self._client.get_json(url)
                rows, link = self._rows(page)
            except ListingIncomplete as error:
                return self._ended(error.message)
            except (Skippable, Unavailable) as error:
                if number == 0:
                    raise
                return self._ended(f"page {number + 1} was lost: {error.message}")
            new = self._add(rows)
            if link is not None:
                url, reason = self._linked(link, url)
            else:
                url, reason = self._after(rows, new, first=number == 0)
            if reason:
                return self._ended(reason)
        return self._ended(f"more than {_MAX_PAGES} pages")

    def _start(self, skip: int) -> str:
        if not self._options:
            return self._url
        return f"{self._url}?$top={PAGE}&$skip={skip}&$count=true"

    def _rows(self, page: Any) -> tuple[list[Entry], str | None]:
        link = None
        rows = page
        if isinstance(page, dict):
            rows = page.get("value")
            link = page.get("@odata.nextLink")
            count = page.get("@odata.count")
            if isinstance(count, int | str) and str(count).isdecimal():
                self._count = int(count)
        if not isinstance(rows, list):
            raise ListingIncomplete("a page has no `value` array")
        for row in rows:
            if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"]:
                raise ListingIncomplete("a page holds an entry without a name")
        if link is not None and not isinstance(link, str):
            raise ListingIncomplete("a page has a next link that is no text")
        return rows, link

    def _add(self, rows: list[Entry]) -> int:
        """Keep the rows; return how many were not known yet."""
        before = len(self._entries)
        self._entries.update({row["name"]: row for row in rows})
        self._received += len(rows)
        return len(self._entries) - before

    def _linked(self, link: str, url: str) -> tuple[str | None, str | None]:
        full = self._client.absolute(link, url)
        if full in self._links:
            return None, "a next link leads back to a page that was read"
        self._links.add(full)
        return full, None

    def _after(self, rows: list[Entry], new: int, *, first: bool) -> tuple[str | None, str | None]:
        """Return where to read on without a link, or why the list is incomplete, or neither."""
        known = len(self._entries)
        if self._count is not None and known >= self._count:
            return None, None
        if self._links or not self._options:
            return None, self._short()
        if not rows:
            return None, self._short()
        if new == 0 and not first:
            # $skip is ignored: the one page that there is was whole only if it was not full.
            full = self._received >= 2 * PAGE
            return None, "the server ignores $skip" if full else self._short()
        return self._start(self._received), None

    def _short(self) -> str | None:
        known = len(self._entries)
        if self._count is not None and known < self._count:
            return f"the server counts {self._count} entries and gave {known}"
        return None

    def _ended(self, reason: str | None) -> Listing:
        return Listing(tuple(self._entries.values()), reason)


def _listed(space: str, entry: Entry) -> Listed:
    """Return an entry with its metadata URLs, built where an older payload has none at all."""
    name = entry["name"]
    relational = _text(entry, "assetRelationalMetadataUrl")
    analytical = _text(entry, "assetAnalyticalMetadataUrl")
    if not {"assetRelationalMetadataUrl", "assetAnalyticalMetadataUrl"} & set(entry):
        relational = _metadata_url("relational", space, name)
        if entry.get("supportsAnalyticalQueries") is True:
            analytical = _metadata_url("analytical", space, name)
    return Listed(space, name, _text(entry, "label"), relational, analytical)


def _metadata_url(service: str, space: str, name: str) -> str:
    return f"{CONSUMPTION}/{service}/{quote(space, safe='')}/{quote(name, safe='')}/$metadata"


def _text(entry: Entry, key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None


def _key(name: str) -> str:
    """Return a name as an OData key: quoted, quotes doubled, percent-encoded."""
    return quote("'" + name.replace("'", "''") + "'", safe="'")
