"""The object API of the embedded tenant: what the `datasphere` command line reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.tenant.csn import Segment
from local.tenant.edmx import Definition
from local.tenant.http import JSON, Answer, Request
from local.tenant.query import QueryError, Row, filtered, selected, whole_number
from local.tenant.store import Auxiliary, Document, Entry, SpaceStore

_CONTENT = "application/vnd.sap.datasphere.object.content"
_DEFAULT = f"{_CONTENT}+json"
_DESIGN_TIME = f"{_CONTENT}.design-time+json"
_RUN_TIME = f"{_CONTENT}.run-time+json"
_SIMPLIFIED = f"{_CONTENT}.simplified+json"
_ACCEPTED = (_DEFAULT, _DESIGN_TIME, _RUN_TIME, _SIMPLIFIED)
AUXILIARY = {
    "dataflows": "DataFlow",
    "replicationflows": "ReplicationFlow",
    "transformationflows": "TransformationFlow",
    "taskchains": "TaskChain",
    "dataaccesscontrols": "DataAccessControl",
}
"""The lists of objects that are no tables, with the type of their entries."""

_OPTIONS = frozenset({"top", "skip", "select", "filter"})
_DEFAULT_TOP = 25
_MAX_TOP = 200
_STAMPS = ("status", "createdOn", "changedOn", "deployedOn", "createdBy", "changedBy")
_PROPERTIES = (
    "technicalName",
    "businessName",
    "type",
    "semanticUsage",
    *_STAMPS,
    "defaultFileName",
)
_TYPES = {
    Segment.VIEWS: "View",
    Segment.ANALYTIC_MODELS: "AnalyticModel",
    Segment.LOCAL_TABLES: "LocalTable",
    Segment.REMOTE_TABLES: "RemoteTable",
}


@dataclass(frozen=True, slots=True)
class Objects:
    """Answers of the object API; when not `allowed`, the role is missing and all is 403."""

    store: SpaceStore
    allowed: bool

    def answer(self, request: Request, tail: Sequence[str]) -> Answer:
        """Return the answer for what follows `/dwaas-core/api/v1/spaces` in the path."""
        parts = [part for part in tail if part]
        if not self.allowed:
            return _error(403, "Forbidden")
        if not parts:
            return _document_answer([space.name for space in self.store.spaces()])
        space = self.store.space(parts[0])
        if space is None:
            return _error(404, f"Space {parts[0]} not found")
        if space.forbidden:
            return _error(403, "Forbidden")
        try:
            return self._below(request, parts)
        except QueryError as error:
            return _error(400, str(error))

    def _below(self, request: Request, parts: Sequence[str]) -> Answer:
        match parts:
            case [space, segment] if segment in AUXILIARY:
                rows = [_auxiliary_row(one) for one in self.store.auxiliary(space, segment)]
                return _list(request, rows)
            case [space, segment, name] if segment in AUXILIARY:
                return self._auxiliary(space, segment, name)
            case [space, segment] if segment in set(Segment):
                entries = self.store.entries(space)
                return _list(request, [_row(one) for one in entries if one.segment == segment])
            case [space, segment, name] if segment in set(Segment):
                return self._read(request, self.store.entry(space, name), Segment(segment))
        return _error(404, "Not Found")

    def _auxiliary(self, space: str, segment: str, name: str) -> Answer:
        for one in self.store.auxiliary(space, segment):
            if one.name == name:
                return _document_answer(one.document, _DEFAULT)
        return _error(404, f"{name} not found")

    def _read(self, request: Request, entry: Entry | None, segment: Segment) -> Answer:
        document = entry.document() if entry is not None else None
        if entry is None or document is None or entry.segment is not segment:
            return _error(404, f"{request.segments[-1]} not found")
        accept = request.headers.get("accept", "*/*").partition(";")[0].strip()
        content_type = next((offered for offered in _ACCEPTED if offered == accept), _DEFAULT)
        if content_type == _RUN_TIME and "deployedOn" not in entry.listing:
            return _document_answer({}, content_type)
        if content_type == _DESIGN_TIME:
            meta = {"_meta": {"dependencies": {"folderAssignment": None}}}
            return _document_answer(
                _with_entity(document, entry, {**entry.definition, **meta}), content_type
            )
        if content_type == _SIMPLIFIED:
            return _document_answer(
                _with_entity(document, entry, _bare(entry.definition)), content_type
            )
        return _document_answer(document, content_type)


def _list(request: Request, rows: Sequence[Row]) -> Answer:
    query = request.query
    unknown = sorted(set(query) - _OPTIONS)
    if unknown:
        raise QueryError(f"Unknown query parameter {unknown[0]}")
    top = whole_number(query, "top")
    if top is not None and top > _MAX_TOP:
        raise QueryError(f"top must not be greater than {_MAX_TOP}")
    if "filter" in query:
        rows = filtered(rows, query["filter"], _PROPERTIES)
    start = whole_number(query, "skip") or 0
    size = min(_DEFAULT_TOP if top is None else top, request.page_size or _MAX_TOP)
    selection = selected(
        rows[start : start + size], query.get("select", "technicalName"), _PROPERTIES
    )
    present = [{name: text for name, text in row.items() if text is not None} for row in selection]
    return _document_answer(present)


def _auxiliary_row(one: Auxiliary) -> Row:
    return {
        "technicalName": one.name,
        "businessName": one.label or one.name,
        "type": AUXILIARY[one.segment],
        **{name: one.listing.get(name) for name in _STAMPS},
        "defaultFileName": f"{one.name}.json",
    }


def _row(entry: Entry) -> Row:
    return {
        "technicalName": entry.name,
        "businessName": entry.label,
        "type": _TYPES[entry.segment],
        "semanticUsage": entry.usage,
        **{name: entry.listing.get(name) for name in _STAMPS},
        "defaultFileName": f"{entry.name}.json",
    }


def _with_entity(document: Document, entry: Entry, entity: Definition) -> Mapping[str, Any]:
    return {**document, "definitions": {**document["definitions"], entry.name: entity}}


def _bare(entity: Definition) -> Definition:
    """Return the entity without annotations."""
    elements = {
        name: {key: value for key, value in element.items() if not key.startswith("@")}
        for name, element in entity.get("elements", {}).items()
    }
    plain = {key: value for key, value in entity.items() if not key.startswith("@")}
    return {**plain, "elements": elements}


def _document_answer(document: Any, content_type: str = JSON) -> Answer:
    return Answer(200, json.dumps(document).encode(), content_type)


def _error(status: int, message: str) -> Answer:
    document = {"details": {"message": message, "stack": "See correlation id"}}
    return Answer(status, json.dumps(document).encode())
