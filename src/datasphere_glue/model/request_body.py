"""The JSON text of a request to Glue, as it is sent and counted."""

import json
from typing import Any, Final

MAX_BODY: Final = 400_000
"""Most bytes of a request; Glue publishes no limit, refusals were reported from about 570 KB."""


def request_body(value: Any) -> bytes:
    """Return a value as JSON in UTF-8, without blanks.

    botocore escapes every character beyond ASCII: 6 bytes instead of 3 for one of Chinese.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
