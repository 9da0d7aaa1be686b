"""What kind of request a URL of the tenant is, and what it asks about.

A URL itself is never told: whoever counts requests learns no host and no query.
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
)

TOKEN: Final = "token"  # noqa: S105 - the name of an endpoint
OTHER: Final = "other"


def endpoint_of(method: str, url: str) -> tuple[str, str]:
    """Return the kind of a request and its subject, `SPACE` or `SPACE.asset`, empty where none."""
    if method == "POST":
        return TOKEN, ""
    path = urlsplit(url).path
    for pattern, kind in _KINDS:
        if found := pattern.search(path):
            words = [unquote(word) for word in found.groups()]
            service = words.pop(0) if "{" in kind else ""
            return kind.format(service), ".".join(words)
    return OTHER, ""
