"""The object API of a tenant: its tables, views and models, and the CSN definition of each.

This is what SAP's own command line speaks (datasphere-cli 2026.19): bare `top`, `skip` and
`select`, at most 200 objects a page, vendor types for definitions. It is optional: a technical user
without the privileges of a modeller is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from datasphere_glue.datasphere.answer import BadRequest, NotFound
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.errors import DocumentError, ListingIncomplete, OutOfTime, Skippable
from datasphere_glue.model.asset import Kind

ROOT: Final = "/dwaas-core/api/v1/spaces"
PAGE: Final = 200
SMALL_PAGE: Final = 25
"""The page that the command line asks for by default; the way out where 200 is refused."""
SELECTED: Final = "technicalName,businessName,status,changedOn,deployedOn,createdBy,changedBy"
RUN_TIME: Final = "application/vnd.sap.datasphere.object.content.run-time+json"
CONTENT: Final = "application/vnd.sap.datasphere.object.content+json"
SEGMENTS: Final[Mapping[str, Kind]] = {
    "views": Kind.VIEW,
    "analyticmodels": Kind.ANALYTIC_MODEL,
    "localtables": Kind.LOCAL_TABLE,
    "remotetables": Kind.REMOTE_TABLE,
}
_SIBLINGS: Final = {
    "views": "analyticmodels",
    "analyticmodels": "views",
    "localtables": "remotetables",
    "remotetables": "localtables",
}
_MAX_PAGES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as the object API lists it; the rest is None where the plain list says no more."""

    name: str
    segment: str
    label: str | None = None
    status: str | None = None
    changed_on: str | None = None
    deployed_on: str | None = None
    created_by: str | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one kind in one space; `incomplete` says why the end was not proven."""

    entries: tuple[Listed, ...]
    incomplete: str | None = None


class ObjectApi:
    """Lists and reads the objects of spaces."""

    def __init__(self, client: DatasphereClient) -> None:
        self._client = client

    def objects(self, space: str, segment: str) -> Objects:
        """Return the objects of one kind, sorted by name, read on until an empty page.

        Raises:
            SpaceForbidden, NotFound: the object API may not be used here.
            SyncError: as `DatasphereClient.get_json`, for the first page.

        """
        last: BadRequest | None = None
        for page, select in ((PAGE, SELECTED), (PAGE, None), (SMALL_PAGE, None)):
            try:
                return self._listed(space, segment, page, select)
            except BadRequest as refused:
                last = refused
        raise last or ListingIncomplete("no form of the list was accepted")

    def definition(self, space: str, segment: str, name: str) -> bytes:
        """Return the CSN document of an object: the deployed version, else the saved one.

        Where the segment does not have it, its sibling is asked: the catalog cannot tell a view
        from an analytic model for certain.

        Raises:
            SyncError: as `DatasphereClient.get_document`.

        """
        try:
            return self._definition(space, segment, name)
        except NotFound:
            return self._definition(space, _SIBLINGS[segment], name)

    def _definition(self, space: str, segment: str, name: str) -> bytes:
        url = f"{_segment_url(space, segment)}/{quote(name, safe='')}"
        deployed = self._client.get_document(url, RUN_TIME)
        if deployed.strip() not in {b"", b"{}", b"null"}:
            return deployed
        return self._client.get_document(url, CONTENT)

    def _listed(self, space: str, segment: str, size: int, select: str | None) -> Objects:
        found: dict[str, Listed] = {}
        received = 0
        for page in range(_MAX_PAGES):
            try:
                rows = self._page(space, segment, size, received, select)
            except BadRequest:
                raise
            except (Skippable, Unreachable, OutOfTime) as error:
                if page == 0:
                    raise
                return _ended(found, f"page {page + 1} was lost: {error.message}")
            received += len(rows)
            new = [entry for entry in _entries(rows, segment) if entry.name not in found]
            found |= {entry.name: entry for entry in new}
            if not rows:
                return _ended(found, None)
            if not new:
                # `skip` has no effect: the one page there is was whole unless it was a full one.
                full = len(rows) >= size or len(rows) == SMALL_PAGE
                return _ended(found, "the server ignores `skip`" if full else None)
        return _ended(found, f"more than {_MAX_PAGES} pages")

    def _page(
        self, space: str, segment: str, size: int, skip: int, select: str | None
    ) -> list[Any]:
        query = f"?top={size}&skip={skip}" + (f"&select={select}" if select else "")
        page = self._client.get_json(_segment_url(space, segment) + query)
        rows = page.get("value") if isinstance(page, dict) else page
        if not isinstance(rows, list):
            raise DocumentError(f"the list of {segment} is no array")
        return rows


def _segment_url(space: str, segment: str) -> str:
    return f"{ROOT}/{quote(space, safe='')}/{segment}"


def _entries(rows: list[Any], segment: str) -> Iterator[Listed]:
    for row in rows:
        name = row.get("technicalName") if isinstance(row, dict) else None
        if not isinstance(name, str) or not name:
            raise DocumentError(f"the list of {segment} holds an entry without a technicalName")
        yield Listed(
            name=name,
            segment=segment,
            label=_text(row, "businessName"),
            status=_text(row, "status"),
            changed_on=_text(row, "changedOn"),
            deployed_on=_text(row, "deployedOn"),
            created_by=_text(row, "createdBy"),
            changed_by=_text(row, "changedBy"),
        )


def _text(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) and value else None


def _ended(found: Mapping[str, Listed], incomplete: str | None) -> Objects:
    return Objects(tuple(found[name] for name in sorted(found)), incomplete)
