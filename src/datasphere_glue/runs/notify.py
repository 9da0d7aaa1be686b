"""Notifies people by SNS of the result of a run."""

from contextlib import suppress
from dataclasses import replace

from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import Unavailable
from datasphere_glue.events.request import Trigger
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import notification
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.secrecy import SECRETS


def announce(result: Result, settings: Settings, bootstrap: Bootstrap) -> Result:
    """Publish the news of a run, if any, and return its result.

    Nothing is published without a topic, for a run that only reads, for a run started by hand
    (its text is on the terminal), and for the steps of a divided run before the last. A failure
    degrades the run and undoes nothing.
    """
    topic = settings.notification_topic_arn
    by_hand = result.context.trigger in {"", Trigger.CLI}
    partial = result.context.place is not None
    if topic is None or by_hand or partial or not result.action.traits.announces:
        return result
    try:
        _publish(topic, result, settings, bootstrap)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its message
        return replace(result, notify_error=as_issue(err))
    return result


def _publish(topic: str, result: Result, settings: Settings, bootstrap: Bootstrap) -> None:
    """Publish the news of a run, if any, and store which problems it reported.

    Raises:
        NotificationFailed: the message was not published.
        ReportUnwritable: the reported problems were not stored; they may be reported again.

    """
    store, before = bootstrap.store_of(settings), None
    if store is not None:
        # If the stored problems cannot be read, they are reported again.
        with suppress(Unavailable):
            before = notification.stored_marks(store, result.context.tenants)
    message = notification.notification_of(result, before, bootstrap.own_region())
    if message is None:
        return
    subject, text = map(SECRETS.mask_text, (message.subject, message.text))
    bootstrap.publish(topic, subject, text, message.attributes)
    if store is not None and message.reported != before:
        notification.store_marks(store, result.context.tenant, message.reported)
