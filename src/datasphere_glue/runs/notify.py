"""Notifies people by SNS of the result of a run."""

from dataclasses import replace
from typing import Final

from datasphere_glue.config.settings import Settings
from datasphere_glue.events.request import Trigger
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import notification
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.secrecy import SECRETS
from datasphere_glue.storage.state import Stored

_NOTHING_STORED: Final[Stored[frozenset[str]]] = Stored()


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
        return _publish(topic, result, settings, bootstrap)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its message
        return replace(result, notify_error=as_issue(err))


def _publish(topic: str, result: Result, settings: Settings, bootstrap: Bootstrap) -> Result:
    """Publish the news of a run, if any, and store which problems it reported.

    If the stored problems cannot be used, they are reported again.

    Raises:
        NotificationFailed: the message was not published.
        ReportUnwritable: the reported problems were not stored; they may be reported again.

    """
    store, tenant = bootstrap.store_of(settings), result.context.tenant
    stored = notification.stored_marks(store, result.context.tenants) if store else _NOTHING_STORED
    result = result.with_unusable(stored.issue)
    message = notification.notification_of(result, stored.value, bootstrap.own_region())
    if message is not None:
        subject, text = map(SECRETS.mask_text, (message.subject, message.text))
        bootstrap.publish(topic, subject, text, message.attributes)
    reported = message.reported if message else stored.value or frozenset()
    replaces = message is not None or stored.answered
    if store is not None and replaces and reported != stored.value:
        notification.store_marks(store, tenant, reported)
    return result
