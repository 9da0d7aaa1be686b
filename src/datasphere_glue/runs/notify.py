"""Notifies people by SNS of the result of a run."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import Unavailable
from datasphere_glue.events.request import RunAction, Trigger
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import notification
from datasphere_glue.runs.connections import Bootstrap

_TELLING: Final = frozenset({RunAction.SYNC, RunAction.ROLLBACK})


def notified(result: Result, settings: Settings, bootstrap: Bootstrap) -> Result:
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
        _tell(topic, result, settings, bootstrap)
    except Exception as err:  # noqa: BLE001 - what was done is done, whoever knows of it
        return replace(result, notify_error=as_issue(err))
    return result


def _tell(topic: str, result: Result, settings: Settings, bootstrap: Bootstrap) -> None:
    """Publish the news of a run, if any, and remember what it told.

    Raises:
        NotificationFailed: it was not published.
        ReportUnwritable: what it told is not remembered, so that it may be told again.

    """
    store, before = bootstrap.store_of(settings), None
    if store is not None:
        # Who cannot be remembered is told again.
        with suppress(Unavailable):
            before = notification.remembered(store, result.context.tenant)
    news = notification.notification_of(result, before, bootstrap.own_region())
    if news is None:
        return
    bootstrap.publish(topic, news.subject, news.text, news.attributes)
    if store is not None and news.told != before:
        notification.remember(store, result.context.tenant, news.told)
