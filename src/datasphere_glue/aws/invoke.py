"""Calls the deployed function from a terminal."""

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.environment import environment_error
from datasphere_glue.aws.session import own_session
from datasphere_glue.errors import RunFailed, RunHalted, SyncError, Unavailable, excerpt

# A run may take Lambda's 15 minutes, and a retry would start another run.
_PATIENT: Final = Config(connect_timeout=5, read_timeout=910, retries={"total_max_attempts": 1})
_ENDED: Final = {"RunFailed": RunFailed, "RunHalted": RunHalted}
_REMEDY: Final = (
    "check the name (`aws lambda list-functions`), the Region, and that this identity may call it"
    " (lambda:InvokeFunction)"
)


def invoke(function: str, event: Mapping[str, Any], region: str | None = None) -> dict[str, Any]:
    """Return the result (design 1.4) of a deployed function for an event.

    `function` is a name or an ARN.

    Raises:
        RunFailed, RunHalted: the run ended with that status.
        Unavailable: the function could not be called, or ended without a result.

    """
    try:
        client = own_session(region).client("lambda", config=_PATIENT)
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError, ValueError) as err:
        raise environment_error(err) or Unavailable(
            f"function {function} could not be called: {excerpt(str(err))}", remedy=_REMEDY
        ) from err
    if "FunctionError" in answer or not isinstance(payload, dict):
        raise _error(function, payload)
    return payload


def _error(function: str, payload: Any) -> SyncError:
    error = payload if isinstance(payload, dict) else {}
    message = str(error.get("errorMessage", "it gave no result"))
    kind = _ENDED.get(str(error.get("errorType", "")))
    if kind is not None:
        return kind(message, {})
    return Unavailable(
        f"function {function} ended without a result: {excerpt(message)}",
        remedy="look into its log group; a run that was cut off goes on with the next trigger",
    )
