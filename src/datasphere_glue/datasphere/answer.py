"""Interprets an HTTP answer of the tenant as data, or raises the error that fits.

A status of 200 does not prove data: a tenant sends its login page, and its page for unknown users,
with 200 and HTML (datasphere-cli 2026.19 looks for that text). Read as an empty list, such a page
would empty the catalog.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from datasphere_glue.errors import (
    AssetUnreadable,
    CredentialsRejected,
    DocumentError,
    SpaceForbidden,
    excerpt,
)

_BOM: Final = b"\xef\xbb\xbf"
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_WITHIN: Final = 4096
_UNKNOWN_USER: Final = b"contact your system administrator"
_DATA: Final = (b"{", b"[", b"<?xml", b"<edmx")
_LONE: Final = re.compile("[\ud800-\udfff]")


class LoginPage(AssetUnreadable):
    """A 200 with an HTML page: the tenant does not accept the token, or the host is wrong."""

    default_remedy = (
        "check DATASPHERE_URL, and that the technical user of the OAuth client exists in the tenant"
    )


class NotFound(AssetUnreadable):
    """HTTP 404: not exposed, not deployed, or no such path."""


class Refused(AssetUnreadable):
    """Any other answer without data that a retry would not change."""


class BadRequest(Refused):
    """HTTP 400: the request is malformed, or not supported for this object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer with its whole body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_html(self) -> bool:
        """True when the body is an HTML page, whatever the headers declare."""
        start = self.body[:_HTML_WITHIN].removeprefix(_BOM)
        if _HTML.match(start):
            return True
        return _UNKNOWN_USER in start and not start.lstrip().startswith(_DATA)


def require_data(url: str, answer: Answer) -> bytes:
    """Return the body of an answer that holds data.

    Raises:
        CredentialsRejected: 401; the caller has already retried with a fresh token.
        SpaceForbidden: 403.
        NotFound, BadRequest: 404, 400.
        LoginPage: an HTML page.
        Refused: a redirect, or any other status.

    """
    path = path_of(url)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise CredentialsRejected(
            f"{path}: the tenant refused a fresh token: HTTP 401: {error_text(answer)}"
        )
    if answer.status == HTTPStatus.FORBIDDEN:
        raise SpaceForbidden(f"{path}: HTTP 403: {error_text(answer)}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"{path}: HTTP 404: {error_text(answer)}")
    if answer.status == HTTPStatus.BAD_REQUEST:
        raise BadRequest(f"{path}: HTTP 400: {error_text(answer)}")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        where = excerpt(answer.headers.get("Location", "").partition("?")[0], 100) or "nowhere"
        raise Refused(f"{path}: HTTP {answer.status} redirects to {where}; it was not followed")
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise Refused(f"{path}: HTTP {answer.status}: {error_text(answer)}")
    if answer.is_html:
        raise LoginPage(f"{path}: answered with an HTML page instead of metadata")
    return answer.body


def parse_json(url: str, body: bytes) -> Any:
    """Return the JSON object or array in a body, with lone surrogates replaced by U+FFFD.

    Raises:
        DocumentError: the body is not UTF-8, not whole JSON, or neither object nor array.

    """
    path = path_of(url)
    try:
        document = json.loads(body.decode("utf-8-sig"))
        if not isinstance(document, dict | list):
            raise DocumentError(f"the answer of {path} is neither object nor array")
        # Only an escape can bring a lone surrogate into text that was valid UTF-8.
        return _replace_surrogates(document) if b"\\u" in body else document
    except UnicodeDecodeError as err:
        raise DocumentError(f"the answer of {path} is not UTF-8") from err
    except (ValueError, RecursionError) as err:
        raise DocumentError(f"the answer of {path} is not whole JSON ({err})") from err


def error_text(answer: Answer) -> str:
    """Return the reason in an error answer, in any of the forms that SAP uses."""
    try:
        text = _message(json.loads(answer.body))
    except (ValueError, RecursionError):
        text = "an HTML page" if answer.is_html else answer.body.decode("utf-8", "replace")
    return excerpt(text) or "no reason given"


def path_of(url: str) -> str:
    """Return the path of a URL, the only part that a message may show."""
    return urlsplit(url).path


def _message(document: Any) -> str:
    if not isinstance(document, dict):
        return "" if document is None else str(document)
    for key in ("error_description", "message", "error", "details", "value"):
        inner = _message(document.get(key))
        if inner:
            return inner
    return ""


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return value
