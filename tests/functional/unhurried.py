"""A plugin for botocore: every client retries as configured, without pauses.

Loaded by botocore's own environment variable BOTOCORE_EXPERIMENTAL__PLUGINS (see `VARIABLES`),
because the function builds its clients itself and must go on doing so.
"""

from typing import Any, cast

from botocore.retries import standard
from botocore.retries.base import BaseRetryBackoff
from botocore.retries.quota import RetryQuota

VARIABLES = {
    "BOTOCORE_EXPERIMENTAL__PLUGINS": f"unhurried={__name__}",
    "AWS_RETRY_MODE": "standard",
    "AWS_MAX_ATTEMPTS": "3",
}


class _AtOnce(BaseRetryBackoff):
    """No pause before any attempt."""

    def delay_amount(self, context: Any) -> float:  # noqa: ARG002 - botocore's own signature
        return 0.0


def initialize_client_plugin(client: Any) -> None:
    """Replace the retry handler of a client by the same without pauses and without a quota."""
    service = client.meta.service_model.service_id.hyphenize()
    adapter = standard.RetryEventAdapter()
    attempts = client.meta.config.retries["total_max_attempts"]
    detector = standard.ThrottlingErrorDetector(adapter)
    handler = standard.RetryHandler(
        retry_policy=standard.RetryPolicy(
            retry_checker=standard.StandardRetryConditions(max_attempts=attempts),
            retry_backoff=_AtOnce(),
        ),
        retry_event_adapter=adapter,
        retry_quota=cast(
            "RetryQuota",  # the stubs name the bucket where botocore takes its checker
            standard.RetryQuotaChecker(RetryQuota(1_000_000), detector),
        ),
    )
    name = f"retry-config-{service}"
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=name)
    client.meta.events.register(f"needs-retry.{service}", handler.needs_retry, unique_id=name)
