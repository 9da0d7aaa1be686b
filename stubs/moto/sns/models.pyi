from collections.abc import Mapping
from typing import Any

class Topic:
    # Message id, text, subject, attributes and group of each message.
    sent_notifications: list[tuple[str, str, str | None, dict[str, Any] | None, str | None]]

class SNSBackend:
    topics: dict[str, Topic]

sns_backends: Mapping[str, Mapping[str, SNSBackend]]
