"""The log of the deployed function, as it is written."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.session import own_session
from datasphere_glue.errors import Unavailable, excerpt

PAUSE_S: Final = 2.0
_OVERLAP_MS: Final = 10_000
"""Lines reach CloudWatch out of order; so much is asked for again, and told once."""


def _waited(seconds: float) -> bool:
    time.sleep(seconds)
    return True


def lines(
    function: str,
    since_ms: int,
    region: str | None = None,
    *,
    pause: Callable[[float], bool] = _waited,
) -> Iterator[tuple[int, str]]:
    """Yield time (ms since 1970) and text of each line, oldest first, for ever.

    `pause` waits between two looks; once it returns False, there is no further one. A function is
    named, or its log group is.

    Raises:
        Unavailable: there is no such log, or it may not be read.

    """
    group = function if "/" in function else f"/aws/lambda/{function.rpartition(':')[2]}"
    told: dict[str, int] = {}
    newest = since_ms
    try:
        client = own_session(region).client("logs")
        pages = client.get_paginator("filter_log_events")
        while True:
            start = max(since_ms, newest - _OVERLAP_MS)
            for page in pages.paginate(logGroupName=group, startTime=start):
                for event in page["events"]:
                    if event["eventId"] not in told:
                        told[event["eventId"]] = event["timestamp"]
                        newest = max(newest, event["timestamp"])
                        yield event["timestamp"], event["message"]
            if not pause(PAUSE_S):
                return
            told = {key: at for key, at in told.items() if at >= newest - _OVERLAP_MS}
    except (ClientError, BotoCoreError) as err:
        raise Unavailable(
            f"log group {group} could not be read: {excerpt(str(err))}",
            remedy="check the name of the function or log group, the Region, and that this"
            " identity may read it (logs:FilterLogEvents)",
        ) from err
