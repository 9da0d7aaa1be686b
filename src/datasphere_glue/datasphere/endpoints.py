"""Classifies a request by its URL: the kind of endpoint, and the space or asset.

The result holds neither host nor query, so counts of requests do not expose them.
"""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_KINDS: Final = (
    (re.compile(r"/consumption/(relational|analytical)/([^/]+)/([^/]+)"), "metadata {0}"),
    (re.compile(r"/catalog/spaces\('([^']*)'\)/assets"), "assets"),
    (re.compile(r"/catalog/assets"), "assets"),
    (re.compile(r"/catalog/spaces\('([^']*)'\)"), "space"),
    (re.compile(r"/catalog/spaces"), "spaces"),
    (re.compile(r"/dwaas-core/api/v1/spaces/([^/]+)/[^/]+/([^/]+)"), "definitions"),
    (re.compile(r"/dwaas-core/api/v1/spaces/([^/]+)"), "objects"),
    (re.compile(r"/datasphere/spaces/([^/]+)/connections"), "connections"),
)

TOKEN: Final = "token"  # noqa: S105 - the name of an endpoint
OTHER: Final = "other"


def endpoint_of(method: str, url: str) -> tuple[str, str]:
    """Return the kind of a request and its subject: `SPACE`, `SPACE.asset` or empty."""
    if method == "POST":
        return TOKEN, ""
    path = urlsplit(url).path
    for pattern, kind in _KINDS:
        if match := pattern.search(path):
            words = [unquote(word) for word in match.groups()]
            service = words.pop(0) if "{" in kind else ""
            return kind.format(service), ".".join(words)
    return OTHER, ""
