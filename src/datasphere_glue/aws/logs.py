"""Follows the log of the deployed function."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.environment import environment_error
from datasphere_glue.aws.session import own_session
from datasphere_glue.errors import Unavailable, excerpt

PAUSE_S: Final = 2.0
_OVERLAP_MS: Final = 10_000
"""Lines reach CloudWatch out of order: this much is read again, and each line yielded once."""


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return True


def lines(
    function: str,
    since_ms: int,
    region: str | None = None,
    *,
    pause: Callable[[float], bool] = _wait,
) -> Iterator[tuple[int, str]]:
    """Yield time (ms since 1970) and text of each line, oldest first, without end.

    `pause` waits between two reads; if it returns False, no further read follows. `function` is the
    name or ARN of a function, or the name of a log group.

    Raises:
        Unavailable: the log does not exist or may not be read.

    """
    group = function if "/" in function else f"/aws/lambda/{function.rpartition(':')[2]}"
    seen: dict[str, int] = {}
    newest = since_ms
    try:
        client = own_session(region).client("logs")
        pages = client.get_paginator("filter_log_events")
        while True:
            start = max(since_ms, newest - _OVERLAP_MS)
            for page in pages.paginate(logGroupName=group, startTime=start):
                for event in page["events"]:
                    if event["eventId"] not in seen:
                        seen[event["eventId"]] = event["timestamp"]
                        newest = max(newest, event["timestamp"])
                        yield event["timestamp"], event["message"]
            if not pause(PAUSE_S):
                return
            seen = {key: at for key, at in seen.items() if at >= newest - _OVERLAP_MS}
    except (ClientError, BotoCoreError) as err:
        raise environment_error(err) or Unavailable(
            f"log group {group} could not be read: {excerpt(str(err))}",
            remedy="check the name of the function or log group, the Region, and that this"
            " identity may read it (logs:FilterLogEvents)",
        ) from err
