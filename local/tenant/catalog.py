"""The OData side of the embedded tenant: the catalog and the `$metadata` of exposed objects.

Both the present path and its predecessor are served, and a page mixes them as tenants do: its
context and relational URLs stand under `/api/v1/dwc/`, analytical URLs under
`/api/v1/datasphere/`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from local.tenant.edmx import Form, identifier
from local.tenant.http import XML, Answer, Request
from local.tenant.query import QueryError, Row, filtered, ordered, selected, whole_number
from local.tenant.store import Entry, Space, SpaceStore

_OLD = "api/v1/dwc"
_PREFIX = {Form.RELATIONAL: _OLD, Form.ANALYTICAL: "api/v1/datasphere"}
_ODATA = {"odata-version": "4"}
_SPACE = ("name", "label")
_ASSET = (
    "name",
    "label",
    "spaceName",
    "assetRelationalMetadataUrl",
    "assetRelationalDataUrl",
    "assetAnalyticalMetadataUrl",
    "assetAnalyticalDataUrl",
    "supportsAnalyticalQueries",
    "hasParameters",
)
_KEYED = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)
_KEY = re.compile(r"\s*(?:(\w+)\s*=\s*)?'((?:[^']|'')*)'\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Paging:
    """How the server pages: rows per page, and the form of its next links.

    A `$top` above the page is cut to it; with `silent_cap` there is no next link.
    """

    size: int = 500
    absolute_links: bool = False
    silent_cap: bool = False


@dataclass(frozen=True, slots=True)
class Catalog:
    """Answers for one tenant, whose own address is `url`."""

    url: str
    store: SpaceStore
    paging: Paging

    def answer(self, request: Request, tail: Sequence[str]) -> Answer:
        """Return the answer for what follows `.../catalog` in the path."""
        try:
            return self._routed(request, [_parsed(part) for part in tail if part])
        except QueryError as error:
            return odata_error(400, str(error))

    def consumption(self, form: Form, tail: Sequence[str]) -> Answer:
        """Return the answer for what follows `.../consumption/{form}` in the path."""
        space, name, *rest = tail
        refusal = self._refusal(space) or self._unexposed(space, name, form)
        if refusal is not None:
            return refusal
        entry = self.store.entry(space, name)
        assert entry is not None
        if rest == ["$metadata"]:
            return Answer(200, self.store.metadata(entry, form), XML, _ODATA)
        if rest in ([], [""]):
            entity = identifier(name)
            return _document_answer(
                {
                    "@odata.context": f"{self._asset_url(entry, form)}$metadata",
                    "value": [{"name": entity, "url": entity}],
                }
            )
        return odata_error(404, "Not Found")

    def _routed(self, request: Request, parts: Sequence[tuple[str, Any]]) -> Answer:
        answer = odata_error(404, "Not Found")
        match parts:
            case []:
                answer = self._service_document()
            case [("spaces", None)]:
                answer = self._spaces(request)
            case [("spaces", {"": space})]:
                answer = self._space(space)
            case [("assets", None)]:
                answer = self._assets(request, self.store.entries())
            case [("spaces", {"": space}), ("assets", None)]:
                answer = self._assets_of(request, space)
            case [("assets", {"spaceName": space, "name": name})] | [
                ("spaces", {"": space}),
                ("assets", {"": name}),
            ]:
                answer = self._asset(space, name)
        return answer

    def _service_document(self) -> Answer:
        return _document_answer(
            {
                "@odata.context": self._context(""),
                "@odata.metadataEtag": 'W/"embedded"',
                "value": [{"name": name, "url": name} for name in ("assets", "spaces")],
            }
        )

    def _spaces(self, request: Request) -> Answer:
        page = _Page(request, self.paging, "spaces", _SPACE)
        return _document_answer(page.of(self.store.spaces(), _space_row, self._context, self.url))

    def _space(self, name: str) -> Answer:
        space = self.store.space(name)
        if space is None:
            return odata_error(404, "Not Found")
        return _document_answer(
            {"@odata.context": self._context("#spaces/$entity"), **_space_row(space)}
        )

    def _assets_of(self, request: Request, space: str) -> Answer:
        return self._refusal(space) or self._assets(request, self.store.entries(space))

    def _assets(self, request: Request, entries: Sequence[Entry]) -> Answer:
        exposed = [entry for entry in entries if entry.forms]
        page = _Page(request, self.paging, "assets", _ASSET)
        return _document_answer(page.of(exposed, self._asset_row, self._context, self.url))

    def _asset(self, space: str, name: str) -> Answer:
        refusal = self._refusal(space)
        if refusal is not None:
            return refusal
        entry = self.store.entry(space, name)
        if entry is None or not entry.forms:
            return odata_error(404, "Not Found")
        row = self._asset_row(entry)
        return _document_answer({"@odata.context": self._context("#assets/$entity"), **row})

    def _refusal(self, name: str) -> Answer | None:
        space = self.store.space(name)
        if space is None:
            return odata_error(404, "Not Found")
        return odata_error(403, "Forbidden") if space.forbidden else None

    def _unexposed(self, space: str, name: str, form: Form) -> Answer | None:
        entry = self.store.entry(space, name)
        if entry is None or not entry.forms:
            return odata_error(404, "Not Found")
        if form not in entry.forms:
            return odata_error(400 if form is Form.ANALYTICAL else 404, "Not supported")
        if entry.unreadable:
            return odata_error(500, "Internal Server Error Error: Result cannot be empty")
        return None

    def _asset_row(self, entry: Entry) -> Row:
        row: dict[str, Any] = {
            "name": entry.name,
            "label": entry.label,
            "spaceName": entry.space,
        }
        for form in Form:
            data = self._asset_url(entry, form) if form in entry.forms else None
            row[f"asset{form.capitalize()}MetadataUrl"] = data and f"{data}$metadata"
            row[f"asset{form.capitalize()}DataUrl"] = data
        row["supportsAnalyticalQueries"] = Form.ANALYTICAL in entry.forms
        row["hasParameters"] = entry.has_parameters
        return row

    def _asset_url(self, entry: Entry, form: Form) -> str:
        space, name = quote(entry.space, safe=""), quote(entry.name, safe="")
        return f"{self.url}/{_PREFIX[form]}/consumption/{form}/{space}/{name}/"

    def _context(self, fragment: str) -> str:
        return f"{self.url}/{_OLD}/catalog/$metadata{fragment}"


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a collection, cut by the request and the server's page size."""

    request: Request
    paging: Paging
    collection: str
    properties: tuple[str, ...]

    def of(
        self,
        items: Sequence[Any],
        row_of: Callable[[Any], Row],
        context: Callable[[str], str],
        url: str,
    ) -> Mapping[str, Any]:
        """Return the page as the document the server sends."""
        query = self.request.query
        narrowed = "$filter" in query or "$orderby" in query
        rows = self._narrowed([row_of(item) for item in items]) if narrowed else items
        start, end, more = self._bounds(len(rows))
        selection = rows[start:end] if narrowed else [row_of(item) for item in rows[start:end]]
        if "$select" in query:
            selection = selected(selection, query["$select"], self.properties)
        document: dict[str, Any] = {"@odata.context": context(f"#{self.collection}")}
        if query.get("$count") == "true":
            document["@odata.count"] = len(rows)
        document["value"] = selection
        if more:
            document["@odata.nextLink"] = self._next_link(end, url)
        return document

    def _narrowed(self, rows: Sequence[Row]) -> Sequence[Row]:
        query = self.request.query
        if "$filter" in query:
            rows = filtered(rows, query["$filter"], self.properties)
        if "$orderby" in query:
            rows = ordered(rows, query["$orderby"], self.properties)
        return rows

    def _bounds(self, total: int) -> tuple[int, int, bool]:
        """Return where the page begins and ends, and whether a next link follows."""
        query = self.request.query
        size = self.request.page_size or self.paging.size
        top, skip = whole_number(query, "$top"), whole_number(query, "$skip")
        start = (skip or 0) + (whole_number(query, "$skiptoken") or 0)
        end = start + min(size, size if top is None else top)
        capped = top is not None and top > size and not self.paging.silent_cap
        driven_by_client = top is not None or skip is not None
        return start, end, end < total and (capped or not driven_by_client)

    def _next_link(self, reached: int, url: str) -> str:
        query = self.request.query
        skip, top = whole_number(query, "$skip") or 0, whole_number(query, "$top")
        options = {name: text for name, text in query.items() if name != "$skiptoken"}
        options["$skiptoken"] = str(reached - skip)
        if top is not None:
            options["$top"] = str(top - (reached - skip))
        text = urlencode(options, safe="$(),'", quote_via=quote)
        if self.paging.absolute_links:
            return f"{url}{self.request.target.partition('?')[0]}?{text}"
        return f"{self.collection}?{text}"


def odata_error(status: int, message: str) -> Answer:
    """Return an error in OData's JSON form."""
    document = {"error": {"code": str(status), "message": message}}
    return Answer(status, json.dumps(document).encode())


def _document_answer(document: Mapping[str, Any]) -> Answer:
    return Answer(200, json.dumps(document).encode(), headers=_ODATA)


def _space_row(space: Space) -> Row:
    return {"name": space.name, "label": space.label}


def _parsed(part: str) -> tuple[str, dict[str, str] | None]:
    """Return the collection and the keys of a path part such as `assets(spaceName='S',name='A')`.

    A key without a name has the name ''.
    """
    match = _KEYED.fullmatch(part)
    if match is None:
        return part, None
    if match[2] is None:
        return match[1], None
    keys = {name: value.replace("''", "'") for name, value in _KEY.findall(match[2])}
    return match[1], keys
