"""The services of the embedded catalog other than Glue: names, errors, AppConfig."""

import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from local.catalog.limits import GlueError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    Respond = Callable[[StartResponse], Iterable[bytes]]

_SERVICE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_START: Final = "appconfig.StartConfigurationSession"
_LATEST: Final = "appconfig.GetLatestConfiguration"
_REST: Final = {
    ("s3", "GET"): "s3.GetObject",
    ("s3", "PUT"): "s3.PutObject",
    ("appconfig", "POST"): _START,
    ("appconfig", "GET"): _LATEST,
}


class Configurations:
    """AppConfig's data plane: deployed documents by application, environment and profile."""

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}

    def deploy(self, application: str, environment: str, profile: str, document: bytes) -> None:
        """Make this the latest configuration of a profile."""
        self._documents[f"{application}/{environment}/{profile}"] = document

    def clear(self) -> None:
        """Delete all documents."""
        self._documents.clear()

    def answer(self, operation: str, environ: "WSGIEnvironment") -> "Respond | None":
        """Return how to answer a request, None for one of another service.

        Raises:
            GlueError: there is no such configuration.

        """
        if operation == _START:
            body = json.loads(_body(environ))
            place = "/".join(
                body[f"{part}Identifier"]
                for part in ("Application", "Environment", "ConfigurationProfile")
            )
            self._document(place)
            answer = json.dumps({"InitialConfigurationToken": place}).encode()
            return partial(_send, 201, answer, [("Content-Type", "application/json")])
        if operation == _LATEST:
            place = parse_qs(environ["QUERY_STRING"])["configuration_token"][0]
            headers = [
                ("Content-Type", "application/octet-stream"),
                ("Next-Poll-Configuration-Token", place),
                ("Next-Poll-Interval-In-Seconds", "60"),
            ]
            return partial(_send, 200, self._document(place), headers)
        return None

    def _document(self, place: str) -> bytes:
        if place not in self._documents:
            raise GlueError("ResourceNotFoundException", f"no configuration {place}", 404)
        return self._documents[place]


def name_of(environ: "WSGIEnvironment") -> str:
    """Return the operation of a request, such as `s3.PutObject`."""
    match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = match[1] if match else "unsigned"
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if target:
        return f"{service}.{target}"
    return _REST.get((service, environ["REQUEST_METHOD"]), service)


def refusal(
    error: GlueError, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    """Send an error in the form of the requested service."""
    _body(environ)
    if name_of(environ).startswith("s3."):
        text = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
        kind = "application/xml"
    else:
        text = json.dumps({"__type": error.code, "message": error.message})
        kind = "application/x-amz-json-1.1"
    headers = [("Content-Type", kind), ("x-amzn-ErrorType", error.code)]
    return _send(error.status, text.encode(), headers, start_response)


def _body(environ: "WSGIEnvironment") -> bytes:
    """Return the body of a request, empty the second time."""
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO()
    environ["CONTENT_LENGTH"] = "0"
    return content


def _send(
    status: int, body: bytes, headers: list[tuple[str, str]], start_response: "StartResponse"
) -> Iterable[bytes]:
    length = ("Content-Length", str(len(body)))
    start_response(f"{status} {HTTPStatus(status).phrase}", [*headers, length])
    return [body]
