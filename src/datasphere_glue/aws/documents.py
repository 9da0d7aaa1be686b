"""External documents and secrets: the mapping configuration and the OAuth client."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters import (
    AppConfigProvider,
    SecretsProvider,
    SSMProvider,
)
from aws_lambda_powertools.utilities.parameters.exceptions import (
    GetParameterError,
    TransformParameterError,
)
from botocore.exceptions import BotoCoreError, ClientError

from datasphere_glue import config
from datasphere_glue.aws.environment import environment_error
from datasphere_glue.aws.session import own_session, service_client
from datasphere_glue.config import Configuration
from datasphere_glue.config.settings import Settings
from datasphere_glue.datasphere.auth import Credentials
from datasphere_glue.errors import ConfigError, CredentialsRejected, excerpt


def configuration(settings: Settings) -> Configuration:
    """Return the mapping configuration; every run reads it again.

    Raises:
        ConfigError: it cannot be read or is invalid.

    """
    return configuration_at(settings.config_uri) if settings.config_uri else config.NONE


def configuration_at(uri: str) -> Configuration:
    """Return the mapping configuration at a URI in one of the forms of SYNC_CONFIG_URI.

    Raises:
        ConfigError: it cannot be read or is invalid.

    """
    document = config.parse(_read_document("mapping configuration", uri))
    context = document.mapping.context_uri
    return (
        config.with_context(document, _read_document("context", context)) if context else document
    )


def _read_document(what: str, uri: str) -> bytes:
    try:
        return _document(uri)
    except (OSError, ValueError, GetParameterError, ClientError, BotoCoreError) as err:
        if mistake := environment_error(err):
            raise mistake from err
        raise ConfigError(
            f"{what} {uri} could not be read: {excerpt(str(err) or type(err).__name__)}",
            remedy="check SYNC_CONFIG_URI (and `context_uri` in the document), and that the"
            " execution role may read it",
        ) from err


def _document(uri: str) -> bytes:
    kind, _, place = uri.partition(":")
    if kind not in {"s3", "ssm", "appconfig"}:
        return Path(uri).read_bytes()
    session = own_session()
    if kind == "s3":
        bucket, _, key = place.removeprefix("//").partition("/")
        bucket_client = service_client(session, "s3")
        return bytes(bucket_client.get_object(Bucket=bucket, Key=key)["Body"].read())
    if kind == "ssm":
        parameters = SSMProvider(boto3_client=service_client(session, "ssm"))
        return str(parameters.get(place, decrypt=True, force_fetch=True)).encode()
    application, environment, profile = place.split("/", 2)
    provider = AppConfigProvider(
        environment, application, boto3_client=service_client(session, "appconfigdata")
    )
    value = provider.get(profile, force_fetch=True)
    return value if isinstance(value, bytes) else str(value).encode()


def credentials(settings: Settings, session: boto3.Session) -> Callable[[bool], Credentials]:
    """Return the function that reads the OAuth client; `fresh` reads its secret again.

    The function raises CredentialsRejected if the secret cannot be read or is malformed.
    """
    if settings.secret_id is None:
        local = Credentials(
            settings.client_id or "",
            settings.client_secret.get_secret_value() if settings.client_secret else "",
        )
        return lambda fresh: local  # noqa: ARG005 - a local client has nothing to read again
    secret_id = settings.secret_id
    provider = SecretsProvider(boto3_client=service_client(session, "secretsmanager"))

    def read(fresh: bool) -> Credentials:  # noqa: FBT001 - the signature of the port
        try:
            secret = provider.get(secret_id, transform="json", force_fetch=fresh)
        except (GetParameterError, TransformParameterError, ClientError, BotoCoreError) as err:
            if mistake := environment_error(err):
                raise mistake from None
            cause = type(err.__cause__ or err.__context__ or err).__name__
            raise CredentialsRejected(
                f"secret {secret_id} could not be read ({cause})",
                remedy="check that the secret exists, is JSON and may be read"
                " (secretsmanager:GetSecretValue) by the execution role",
            ) from None
        return _parsed(secret, secret_id)

    return read


def _parsed(secret: Any, secret_id: str) -> Credentials:
    fields = secret if isinstance(secret, dict) else {}
    names = ("client_id", "client_secret")
    missing = [name for name in names if not isinstance(fields.get(name), str)]
    missing += [name for name in names if fields.get(name) == ""]
    if missing:
        raise CredentialsRejected(
            f"secret {secret_id} lacks {', '.join(missing)}",
            remedy='store {"client_id": "...", "client_secret": "..."} in the secret',
        )
    return Credentials(fields["client_id"], fields["client_secret"], _day(fields.get("expires_on")))


def _day(value: Any) -> date | None:
    """Return the date in the secret; a malformed date is ignored and does not stop the run."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
