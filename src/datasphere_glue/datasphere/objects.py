"""Client of the object API: lists of the objects of a space, and the document of each.

SAP's own command line uses this API (datasphere-cli 2026.19): bare `top`, `skip` and `select`, at
most 200 objects a page, vendor types for definitions. The API is optional: it refuses a technical
user without the privileges of a modeller.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never
from urllib.parse import quote

from datasphere_glue.datasphere.answer import BadRequest, NotFound, Refused
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.values import text_at
from datasphere_glue.errors import (
    DocumentError,
    ListingIncomplete,
    OutOfTime,
    Skippable,
    SyncError,
)
from datasphere_glue.model.asset import Kind

ROOT: Final = "/dwaas-core/api/v1/spaces"
PAGE: Final = 200
"""The most objects of a page."""

SMALL_PAGE: Final = 25
"""The default page of the command line; the fallback where a page of 200 is refused."""

SELECTED: Final = "technicalName,businessName,status,changedOn,deployedOn,createdBy,changedBy"
NOT_DEPLOYED: Final = "NotDeployed"
_CONTENT: Final = "application/vnd.sap.datasphere.object.content"
RUN_TIME: Final = f"{_CONTENT}.run-time+json"
DEFAULT: Final = f"{_CONTENT}+json"
DESIGN_TIME: Final = f"{_CONTENT}.design-time+json"
_VERSIONS: Final = (RUN_TIME, DEFAULT, DESIGN_TIME)
"""The deployed version first, then the saved ones; delta tables have only the last form."""

DEFINITIONS: Final = "definitions"
"""The member of a document of CSN that holds its objects."""

_SHORTEST: Final = 256
_MAX_PAGES: Final = 5_000


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as the object API lists it; fields are None in lists without `select`."""

    name: str
    kind: Kind
    label: str | None = None
    status: str | None = None
    changed_on: str | None = None
    deployed_on: str | None = None
    created_by: str | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class SpaceObjectList:
    """The objects of one kind in one space; `incomplete` holds why its end is not proven."""

    entries: tuple[ListedObject, ...] = ()
    incomplete: SyncError | None = None


Row = Mapping[str, Any]
"""One entry of a list, as the tenant sends it."""


@dataclass(frozen=True, slots=True)
class ObjectEntries:
    """The entries of one list by name; `incomplete` holds why its end is not proven."""

    by_name: Mapping[str, Row] = field(default_factory=dict)
    incomplete: SyncError | None = None


class ObjectApi:
    """Lists and reads the objects of spaces."""

    def __init__(self, client: DatasphereClient) -> None:
        self._client = client

    def objects(self, space: str, kind: Kind) -> SpaceObjectList:
        """Return the objects of one kind, sorted by name; raises as `rows`."""
        rows = self.rows(space, _segment(kind))
        entries = (_entry(name, rows.by_name[name], kind) for name in sorted(rows.by_name))
        return SpaceObjectList(tuple(entries), rows.incomplete)

    def rows(self, space: str, segment: str, *, only_full_pages: bool = True) -> ObjectEntries:
        """Return the entries of one list, read up to an empty page.

        `only_full_pages`: a page that repeats the one before proves the end unless it is full.

        Raises:
            SyncError: as `DatasphereClient.get_json`, for the first page.

        """
        for size, select in ((PAGE, SELECTED), (PAGE, None)):
            try:
                return self._list(_List(space, segment, size, select, only_full_pages))
            except BadRequest:
                continue
        return self._list(_List(space, segment, SMALL_PAGE, None, only_full_pages))

    def definition(self, space: str, kinds: Sequence[Kind], name: str) -> tuple[Kind, bytes]:
        """Return the kind and the CSN document of an object, by the first of `kinds` that has it.

        The document is the deployed version if there is one, else the saved one.

        Raises:
            SyncError: as `DatasphereClient.get_document`.

        """
        *others, last = kinds
        for kind in others:
            try:
                return kind, self.document(space, _segment(kind), name)
            except NotFound:
                continue
        return last, self.document(space, _segment(last), name)

    def document(
        self,
        space: str,
        segment: str,
        name: str,
        *,
        versions: Sequence[str] = _VERSIONS,
        root: str = DEFINITIONS,
    ) -> bytes:
        """Return the first version of a document that the tenant gives and that is not empty.

        `root`: member of the document that holds the object.

        Raises:
            SyncError: as `DatasphereClient.get_document`.

        """
        url = f"{_list_url(space, segment)}/{quote(name, safe='')}"
        *others, last = versions
        for version in others:
            try:
                document = self._client.get_document(url, version)
            except NotFound:
                raise
            except Refused:
                continue
            if not _is_empty(document, root):
                return document
        return self._client.get_document(url, last)

    def _list(self, wanted: "_List") -> ObjectEntries:
        by_name: dict[str, Row] = {}
        received = 0
        for page in range(_MAX_PAGES):
            try:
                rows = self._page(wanted, received)
                named = {_name(row, wanted.segment): row for row in rows}
            except (Skippable, Unreachable) as error:
                if page == 0:
                    raise
                return _rows(by_name, f"page {page + 1} was lost: {error.message}")
            except OutOfTime as error:
                return ObjectEntries(by_name, error)
            received += len(rows)
            known = len(by_name)
            by_name |= {name: row for name, row in named.items() if name not in by_name}
            if not rows:
                return _rows(by_name, None)
            if len(by_name) == known:
                # `skip` has no effect: the only page is the whole list unless it is full.
                proven = wanted.only_full_pages and not wanted.is_full(len(rows))
                return _rows(by_name, None if proven else "the server ignores `skip`")
        return _rows(by_name, f"it has more than {_MAX_PAGES} pages")

    def _page(self, wanted: "_List", skip: int) -> list[Any]:
        select = f"&select={wanted.select}" if wanted.select else ""
        query = f"?top={wanted.size}&skip={skip}{select}"
        page = self._client.get_json(_list_url(wanted.space, wanted.segment) + query)
        rows = page.get("value") if isinstance(page, dict) else page
        if not isinstance(rows, list):
            raise DocumentError(f"the list of {wanted.segment} is no array")
        return rows


@dataclass(frozen=True, slots=True)
class _List:
    """One list, and the form in which its pages are asked for."""

    space: str
    segment: str
    size: int
    select: str | None
    only_full_pages: bool

    def is_full(self, rows: int) -> bool:
        """Return whether a page may be one of several."""
        return rows >= self.size or rows == SMALL_PAGE


def _list_url(space: str, segment: str) -> str:
    return f"{ROOT}/{quote(space, safe='')}/{segment}"


def _is_empty(document: bytes, root: str) -> bool:
    """Return whether a document holds no object, like the run-time version before deployment."""
    if len(document) > _SHORTEST:
        return False
    try:
        content = json.loads(document or b"null")
    except ValueError:
        return False
    return not content or (isinstance(content, dict) and content.get(root) == {})


def _name(row: Any, segment: str) -> str:
    name = row.get("technicalName") if isinstance(row, dict) else None
    if not isinstance(name, str) or not name:
        raise DocumentError(f"the list of {segment} holds an entry without a name")
    return name


def _entry(name: str, row: Row, kind: Kind) -> ListedObject:
    return ListedObject(
        name=name,
        kind=kind,
        label=text_at(row, "businessName"),
        status=text_at(row, "status"),
        changed_on=text_at(row, "changedOn"),
        deployed_on=text_at(row, "deployedOn"),
        created_by=text_at(row, "createdBy"),
        changed_by=text_at(row, "changedBy"),
    )


def _rows(by_name: Mapping[str, Row], incomplete: str | None) -> ObjectEntries:
    return ObjectEntries(by_name, ListingIncomplete(incomplete) if incomplete else None)


def _segment(kind: Kind) -> str:
    """Return the part of the URL that names the objects of a kind."""
    match kind:
        case Kind.VIEW:
            return "views"
        case Kind.ANALYTIC_MODEL:
            return "analyticmodels"
        case Kind.LOCAL_TABLE:
            return "localtables"
        case Kind.REMOTE_TABLE:
            return "remotetables"
        case _:
            assert_never(kind)
