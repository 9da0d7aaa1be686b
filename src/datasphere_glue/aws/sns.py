"""Publishes messages to an SNS topic."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.session import own_session
from datasphere_glue.errors import NotificationFailed, excerpt

_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=4
)
"""Fits into the time that a function reserves for its end, so that it still returns its result."""

_REGION: Final = 3
"""Index of the Region in an ARN."""


def publish(topic: str, subject: str, text: str, attributes: Mapping[str, str | int]) -> None:
    """Publish one message to the topic with that ARN.

    Raises:
        NotificationFailed: the message was not published.

    """
    values = {
        name: {
            "DataType": "Number" if isinstance(value, int) else "String",
            "StringValue": str(value),
        }
        for name, value in attributes.items()
    }
    client = _client(own_session(), topic.split(":")[_REGION])
    try:
        client.publish(TopicArn=topic, Subject=subject, Message=text, MessageAttributes=values)
    except (ClientError, BotoCoreError, OSError) as err:
        raise NotificationFailed(f"{topic} did not get the message: {excerpt(str(err))}") from err


@lru_cache(maxsize=1)
def _client(session: boto3.Session, region: str) -> Any:
    """Return the client of a session, cached: creating it takes 30 ms."""
    # The exact type would need stubs for this one call.
    create: Any = session.client
    return create("sns", region_name=region, config=_QUICK)
