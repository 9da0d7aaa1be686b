"""Where reports, before-images and what a run remembers are kept."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue.errors import SettingsError
from datasphere_glue.glue.access import own_session
from datasphere_glue.report.store import FolderStore, ObjectStore, Store
from datasphere_glue.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def report_store(settings: Settings) -> Store:
    """Return where reports and before-images are kept.

    Raises:
        SettingsError: no place is set.

    """
    store = store_of(settings)
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required to look back: before-images and audit records are kept there",
            remedy="set the REPORT_URI that the runs had",
        )
    return store


def store_of(settings: Settings) -> Store | None:
    """Return the place that REPORT_URI names, None without one."""
    uri = settings.report_uri
    if uri is None:
        return None
    if uri.startswith("s3://"):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        failures = (ClientError, BotoCoreError, OSError)
        return ObjectStore(_bucket_client(own_session()), bucket, prefix.strip("/"), failures)
    return FolderStore(Path(uri))


@lru_cache(maxsize=1)
def _bucket_client(session: boto3.Session) -> "S3Client":
    """Return the one client of a session: a run asks for it several times, each for 25 ms."""
    return session.client("s3")
