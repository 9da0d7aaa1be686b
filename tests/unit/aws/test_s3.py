"""A bucket that cannot be the right one is named as a mistake in REPORT_URI."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError

from datasphere_glue.aws.s3 import NamedBucket
from datasphere_glue.errors import SettingsError


class RefusingClient:
    """A client of S3 whose calls all end in one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def list_objects_v2(self, **_: Any) -> Any:
        raise self.error

    get_object = put_object = list_objects_v2


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")


def bucket_of(error: Exception) -> NamedBucket:
    client: Any = RefusingClient(error)
    return NamedBucket(client, "s3://reports/glue", "REPORT_URI")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (refused("NoSuchBucket"), "names a bucket that does not exist"),
        (refused("PermanentRedirect"), "names a bucket of another Region"),
        (refused("AuthorizationHeaderMalformed"), "names a bucket of another Region"),
        (ParamValidationError(report="Invalid bucket name"), "is no address of a bucket"),
    ],
)
def test_a_wrong_bucket_is_a_mistake_in_report_uri(error: Exception, problem: str) -> None:
    bucket = bucket_of(error)

    for call in (bucket.list_objects_v2, bucket.get_object, bucket.put_object):
        with pytest.raises(SettingsError, match=f"REPORT_URI: s3://reports/glue {problem}"):
            call(Bucket="reports")


def test_a_refusal_of_s3_is_no_mistake_in_report_uri() -> None:
    with pytest.raises(ClientError):
        bucket_of(refused("AccessDenied")).get_object(Bucket="reports", Key="x")


def test_absent_credentials_are_named() -> None:
    with pytest.raises(SettingsError, match="AWS_PROFILE"):
        bucket_of(NoCredentialsError()).list_objects_v2(Bucket="reports")
