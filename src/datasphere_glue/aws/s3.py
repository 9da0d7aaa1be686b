"""The store of reports, before-images and state: a folder or an S3 prefix."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from datasphere_glue.aws.environment import environment_error
from datasphere_glue.aws.session import own_session
from datasphere_glue.config.settings import Settings
from datasphere_glue.datasphere.exports.files import ExportedFile
from datasphere_glue.errors import SettingsError, excerpt
from datasphere_glue.storage.object_store import ObjectStore
from datasphere_glue.storage.store import FolderStore, Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BUCKET_PROBLEMS: Final = {
    "NoSuchBucket": "names a bucket that does not exist",
    "InvalidBucketName": "is no address of a bucket",
    "PermanentRedirect": "names a bucket of another Region",
    "AuthorizationHeaderMalformed": "names a bucket of another Region",
    "IllegalLocationConstraintException": "names a bucket of another Region",
}
"""What S3's error codes say about the bucket itself."""

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


def exported_files(uri: str) -> Iterator[ExportedFile]:
    """Yield each JSON file below an S3 prefix or a folder.

    Raises:
        Unavailable: the files cannot be listed.
        SettingsError: as `store_at`.

    """
    store = store_at(uri, "DATASPHERE_EXPORT_URI")
    for stored in store.find(""):
        if stored.key.lower().endswith(".json"):
            read = partial(_body_of, store, stored.key)
            yield ExportedFile(stored.key, stored.size, read)


def _body_of(store: Store, key: str) -> bytes:
    return b"".join(store.pieces(key))


def store_at(uri: str, variable: str = "REPORT_URI") -> Store:
    """Return the store at an S3 prefix or a folder; `variable` is the setting that names it.

    Raises:
        SettingsError: a variable, a file or a profile that boto3 needs is missing or malformed.

    """
    if uri.startswith("s3://"):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        failures = (ClientError, BotoCoreError, OSError)
        objects = NamedBucket(_bucket_client(own_session()), uri, variable)
        return ObjectStore(objects, bucket, prefix.strip("/"), failures)
    return FolderStore(Path(uri))


@dataclass(frozen=True, slots=True)
class NamedBucket:
    """The operations of S3 in use, which separate a wrong bucket or environment from a failure.

    Each raises SettingsError if the bucket of `uri`, which the setting `variable` names, cannot be
    the right one.
    """

    client: "S3Client"
    uri: str
    variable: str

    def put_object(self, **request: Any) -> Any:
        """Store one object."""
        with self._explained():
            return self.client.put_object(**request)

    def get_object(self, **request: Any) -> Any:
        """Return one object."""
        with self._explained():
            return self.client.get_object(**request)

    def list_objects_v2(self, **request: Any) -> Any:
        """Return one page of the keys below a prefix."""
        with self._explained():
            return self.client.list_objects_v2(**request)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ParamValidationError as err:
            raise self._mistake("is no address of a bucket", err) from err
        except ClientError as err:
            problem = _BUCKET_PROBLEMS.get(err.response.get("Error", {}).get("Code", ""))
            if problem is None:
                raise
            raise self._mistake(problem, err) from err
        except (BotoCoreError, OSError) as err:
            raise environment_error(err) or err from err

    def _mistake(self, problem: str, error: Exception) -> SettingsError:
        return SettingsError(
            f"{self.variable}: {self.uri} {problem} ({excerpt(str(error))})",
            remedy=f"set {self.variable} to s3://bucket/prefix with a bucket that exists, in its"
            " Region (AWS_DEFAULT_REGION)",
        )


@lru_cache(maxsize=1)
def _bucket_client(session: boto3.Session) -> "S3Client":
    """Return the cached client of a session: a run needs several, and creating one takes 25 ms."""
    return session.client("s3", config=_BUCKETS)
