"""Bodies that no run writes, as they may lie at REPORT_URI."""

import json
from typing import Final

POISONS: Final[dict[str, bytes]] = {
    "empty": b"",
    "binary": bytes(range(256)),
    "deep arrays": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "closed deep arrays": b"[" * 900 + b"]" * 900,
    "infinite number": b'{"known": true, "fits": 1e999, "told": [1e999]}',
    "huge integer": b'{"known": true, "fits": ' + b"9" * 10_000 + b"}",
    "large integer": b'[{"changes": ' + b"9" * 400 + b"}]",
    "nan": b'{"known": NaN, "told": NaN}',
    "number": b"1",
    "text": b'"told"',
    "null": b"null",
    "list of lists": b"[[[1]], {}, null]",
    "other types": b'{"known": "x", "dated": [], "undated": 1, "fits": {}, "told": {"a": 1}}',
    "ten megabytes": b'["' + b"x" * 10_000_000 + b'"]',
    "lone surrogates": json.dumps({"told": "\ud800", "known": "\udfff"}).encode(),
    "half a document": b'{"told": ["a", ',
    "wrong encoding": '{"told": ["é"]}'.encode("utf-16"),
    "odd moments": json.dumps(
        {
            "known": True,
            "fits": None,
            "dated": {"at": -1, "last": "0001-01-01T00:00:00+14:00", "arcs": [["9999-12-31", 1]]},
            "undated": {"at": 1e300, "last": "9999-12-31T23:59:59-14:00", "arcs": []},
        }
    ).encode(),
}
