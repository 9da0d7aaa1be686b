"""Moments in stored records and in options of commands."""

from datetime import UTC, datetime


def moment_of(text: str) -> datetime:
    """Return the moment that an ISO 8601 text names, in UTC unless it names another zone.

    Raises:
        ValueError: the text is no moment.

    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
