"""Telling people by SNS what a run came to."""

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.s3 import store_of
from datasphere_glue.aws.session import own_session
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import NotificationFailed, Unavailable, excerpt
from datasphere_glue.events.request import RunAction, Trigger
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import notification
from datasphere_glue.report.notification import Notification

_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=4
)
"""Within what a function keeps back of its time: the report is kept, and the result must leave."""

_TELLING: Final = frozenset({RunAction.SYNC, RunAction.ROLLBACK})
_REGION: Final = 3
"""Place of the Region in an ARN."""


def notified(result: Result, settings: Settings) -> Result:
    """Return the run once people were told of it, where a topic is set and there is news.

    Runs that only look tell nobody, nor do those by hand, whose text somebody reads, nor the
    steps of a divided run but the last. What fails here degrades the run and undoes nothing.
    """
    topic = settings.notification_topic_arn
    by_hand = result.context.trigger in {"", Trigger.CLI}
    partial = result.context.place is not None
    if topic is None or by_hand or partial or result.action not in _TELLING:
        return result
    try:
        _tell(topic, result, settings)
    except Exception as err:  # noqa: BLE001 - what was done is done, whoever knows of it
        return replace(result, notify_error=as_issue(err))
    return result


def _tell(topic: str, result: Result, settings: Settings) -> None:
    """Publish the news of a run, if any, and remember what it told.

    Raises:
        NotificationFailed: it was not published.
        ReportUnwritable: what it told is not remembered, so that it may be told again.

    """
    store, before = store_of(settings), None
    if store is not None:
        # Who cannot be remembered is told again.
        with suppress(Unavailable):
            before = notification.remembered(store, result.context.tenant)
    session = own_session()
    news = notification.notification_of(result, before, session.region_name)
    if news is None:
        return
    _publish(_client(session, topic.split(":")[_REGION]), topic, news)
    if store is not None and news.told != before:
        notification.remember(store, result.context.tenant, news.told)


def _publish(client: Any, topic: str, news: Notification) -> None:
    attributes = {
        name: {
            "DataType": "Number" if isinstance(value, int) else "String",
            "StringValue": str(value),
        }
        for name, value in news.attributes.items()
    }
    try:
        client.publish(
            TopicArn=topic,
            Subject=news.subject,
            Message=news.text,
            MessageAttributes=attributes,
        )
    except (ClientError, BotoCoreError, OSError) as err:
        raise NotificationFailed(f"{topic} was not told: {excerpt(str(err))}") from err


@lru_cache(maxsize=1)
def _client(session: boto3.Session, region: str) -> Any:
    """Return the one client of a session; making it costs a run 30 ms."""
    # Its type would need stubs for this one call.
    create: Any = session.client
    return create("sns", region_name=region, config=_QUICK)
