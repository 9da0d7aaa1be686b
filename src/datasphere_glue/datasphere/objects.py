"""Client of the object API: lists of tables, views and models, and the CSN definition of each.

SAP's own command line uses this API (datasphere-cli 2026.19): bare `top`, `skip` and `select`, at
most 200 objects a page, vendor types for definitions. The API is optional: it refuses a technical
user without the privileges of a modeller.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
_VERSIONS: Final = (
    f"{_CONTENT}.run-time+json",
    f"{_CONTENT}+json",
    f"{_CONTENT}.design-time+json",
)
"""The deployed version first, then the saved ones; delta tables have only the last form."""

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


class ObjectApi:
    """Lists and reads the objects of spaces."""

    def __init__(self, client: DatasphereClient) -> None:
        self._client = client

    def objects(self, space: str, kind: Kind) -> SpaceObjectList:
        """Return the objects of one kind, sorted by name, read up to an empty page.

        Raises:
            SyncError: as `DatasphereClient.get_json`, for the first page.

        """
        for size, select in ((PAGE, SELECTED), (PAGE, None)):
            try:
                return self._list(space, kind, size, select)
            except BadRequest:
                continue
        return self._list(space, kind, SMALL_PAGE, None)

    def definition(self, space: str, kinds: Sequence[Kind], name: str) -> tuple[Kind, bytes]:
        """Return the kind and the CSN document of an object, by the first of `kinds` that has it.

        The document is the deployed version if there is one, else the saved one.

        Raises:
            SyncError: as `DatasphereClient.get_document`.

        """
        *others, last = kinds
        for kind in others:
            try:
                return kind, self._version(space, kind, name)
            except NotFound:
                continue
        return last, self._version(space, last, name)

    def _version(self, space: str, kind: Kind, name: str) -> bytes:
        url = f"{_list_url(space, kind)}/{quote(name, safe='')}"
        *others, last = _VERSIONS
        for version in others:
            try:
                document = self._client.get_document(url, version)
            except NotFound:
                raise
            except Refused:
                continue
            if not _is_empty(document):
                return document
        return self._client.get_document(url, last)

    def _list(self, space: str, kind: Kind, size: int, select: str | None) -> SpaceObjectList:
        by_name: dict[str, ListedObject] = {}
        received = 0
        for page in range(_MAX_PAGES):
            try:
                rows = self._page(space, kind, size, received, select)
                new = [one for one in _entries(rows, kind) if one.name not in by_name]
            except (Skippable, Unreachable) as error:
                if page == 0:
                    raise
                return _object_list(by_name, f"page {page + 1} was lost: {error.message}")
            except OutOfTime as error:
                return replace(_object_list(by_name, None), incomplete=error)
            received += len(rows)
            by_name |= {one.name: one for one in new}
            if not rows:
                return _object_list(by_name, None)
            if not new:
                # `skip` has no effect: the only page is the whole list unless it is full.
                full = len(rows) >= size or len(rows) == SMALL_PAGE
                return _object_list(by_name, "the server ignores `skip`" if full else None)
        return _object_list(by_name, f"it has more than {_MAX_PAGES} pages")

    def _page(self, space: str, kind: Kind, size: int, skip: int, select: str | None) -> list[Any]:
        query = f"?top={size}&skip={skip}" + (f"&select={select}" if select else "")
        page = self._client.get_json(_list_url(space, kind) + query)
        rows = page.get("value") if isinstance(page, dict) else page
        if not isinstance(rows, list):
            raise DocumentError(f"the list of {_segment(kind)} is no array")
        return rows


def _list_url(space: str, kind: Kind) -> str:
    return f"{ROOT}/{quote(space, safe='')}/{_segment(kind)}"


def _is_empty(document: bytes) -> bool:
    """Return whether a document has no definition, like the run-time version before deployment."""
    if len(document) > _SHORTEST:
        return False
    try:
        content = json.loads(document or b"null")
    except ValueError:
        return False
    return not content or (isinstance(content, dict) and content.get("definitions") == {})


def _entries(rows: list[Any], kind: Kind) -> Iterator[ListedObject]:
    for row in rows:
        name = row.get("technicalName") if isinstance(row, dict) else None
        if not isinstance(name, str) or not name:
            raise DocumentError(f"the list of {_segment(kind)} holds an entry without a name")
        yield ListedObject(
            name=name,
            kind=kind,
            label=text_at(row, "businessName"),
            status=text_at(row, "status"),
            changed_on=text_at(row, "changedOn"),
            deployed_on=text_at(row, "deployedOn"),
            created_by=text_at(row, "createdBy"),
            changed_by=text_at(row, "changedBy"),
        )


def _object_list(by_name: Mapping[str, ListedObject], incomplete: str | None) -> SpaceObjectList:
    entries = tuple(by_name[name] for name in sorted(by_name))
    return SpaceObjectList(entries, ListingIncomplete(incomplete) if incomplete else None)


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
