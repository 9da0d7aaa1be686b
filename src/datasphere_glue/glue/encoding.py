"""Sends requests to Glue in UTF-8 without blanks, so that wide tables fit into one request.

The JSON of the AWS protocol is UTF-8; botocore escapes every character beyond ASCII.
"""

import json
from typing import TYPE_CHECKING, Any

from datasphere_glue.model.request_body import request_body

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient


def sending_utf8(client: "GlueClient") -> "GlueClient":
    """Return the client, whose requests have the bytes of `request_body` from now on."""
    client.meta.events.register("before-call.glue", _encode)
    return client


def _encode(params: dict[str, Any], **_: Any) -> None:
    body = request_body(json.loads(params["body"]))
    # A lone surrogate has no UTF-8 form: botocore's escape is sent, and Glue refuses it by name.
    if _is_utf8(body):
        params["body"] = body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
