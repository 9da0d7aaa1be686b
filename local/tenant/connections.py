"""The list of connections of the embedded tenant, which SAP publishes apart from the object API."""

import json
from collections.abc import Sequence

from local.tenant.http import Answer, Request
from local.tenant.query import QueryError, whole_number
from local.tenant.store import SpaceStore

_DEFAULT_TOP = 10


def connections_answer(store: SpaceStore, request: Request, tail: Sequence[str]) -> Answer:
    """Return the answer for what follows `/api/v1/datasphere/spaces` in the path."""
    match [part for part in tail if part]:
        case [name, "connections"]:
            space = store.space(name)
        case _:
            space = None
    if space is None:
        return _error(404, "Not Found")
    if space.forbidden:
        return _error(403, "Forbidden")
    try:
        top, skip = whole_number(request.query, "top"), whole_number(request.query, "skip")
    except QueryError as error:
        return _error(400, str(error))
    start = skip or 0
    size = request.page_size or (_DEFAULT_TOP if top is None else top)
    rows = [dict(row) for row in space.connections[start : start + size]]
    return Answer(200, json.dumps(rows).encode())


def _error(status: int, message: str) -> Answer:
    return Answer(status, json.dumps({"details": {"message": message}}).encode())
