"""The store of reports, before-images and state: a folder or an S3 prefix."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.aws.session import checked_environment, own_session
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SettingsError
from datasphere_glue.storage.store import FolderStore, ObjectStore, Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BUCKETS: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=20
)
"""An unresponsive S3 must not use up a run's time: boto3 alone would wait for five minutes."""


def report_store(settings: Settings) -> Store:
    """Return the store of reports and before-images.

    Raises:
        SettingsError: REPORT_URI is not set.

    """
    store = store_of(settings)
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required to look back: before-images and audit records are kept there",
            remedy="set the REPORT_URI that the runs had",
        )
    return store


def store_of(settings: Settings) -> Store | None:
    """Return the store at REPORT_URI, None without one."""
    return store_at(settings.report_uri) if settings.report_uri is not None else None


def store_at(uri: str) -> Store:
    """Return the store at an S3 prefix or a folder.

    Raises:
        SettingsError: the default chain of boto3 finds no Region or not the named profile.

    """
    if uri.startswith("s3://"):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        failures = (ClientError, BotoCoreError, OSError)
        with checked_environment():
            client = _bucket_client(own_session())
        return ObjectStore(client, bucket, prefix.strip("/"), failures)
    return FolderStore(Path(uri))


@lru_cache(maxsize=1)
def _bucket_client(session: boto3.Session) -> "S3Client":
    """Return the cached client of a session: a run needs several, and creating one takes 25 ms."""
    return session.client("s3", config=_BUCKETS)
