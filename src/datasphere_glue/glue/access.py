"""Who we are on AWS: sessions, the role to assume for the catalog, and the caller's identity."""

import os
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

SESSION_NAME: Final = "datasphere-glue"
GLUE_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 10},
    max_pool_connections=16,
    connect_timeout=5,
    read_timeout=60,
)
"""Ten attempts as pyiceberg makes them: catalog throttling has no published rate to stay below."""

_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=3, read_timeout=5
)


@cache
def _models() -> Loader:
    """Return the one loader of API models: parsing Glue's anew costs each warm run 150 ms."""
    return create_loader()


def _session(core: botocore.session.Session, region: str | None = None) -> boto3.Session:
    models = _models()
    core.register_component("data_loader", models)
    session = boto3.Session(botocore_session=core, region_name=region)
    # Each boto3 session adds its own folder to the loader once more.
    models.search_paths[:] = dict.fromkeys(models.search_paths)
    return session


def own_session(fallback_region: str | None = None) -> boto3.Session:
    """Return a session of boto3's own chain: profile, keys or execution role.

    Its Region is that of the chain; where the chain names none, AWS_REGION, which boto3 does not
    read, or else `fallback_region`.
    """
    session = _session(botocore.session.Session())
    if session.region_name:
        return session
    region = os.environ.get("AWS_REGION") or fallback_region
    return _session(botocore.session.Session(), region)


def catalog_session(
    own: boto3.Session, role_arn: str | None, external_id: str | None, region: str | None
) -> boto3.Session:
    """Return the session that reaches the catalog.

    With a role its credentials are fetched from STS when first needed and again before they
    expire; without one it is the own session, in `region` where given.
    """
    if role_arn is None:
        if region in {None, own.region_name}:
            return own
        return _session(botocore.session.Session(), region)
    core = botocore.session.Session()
    arguments = {"RoleSessionName": SESSION_NAME}
    if external_id:
        arguments["ExternalId"] = external_id
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=own.client,
        source_credentials=own.get_credentials() or Credentials("", ""),
        role_arn=role_arn,
        extra_args=arguments,
    )
    core.register_component("credential_provider", CredentialResolver([_Role(fetcher)]))
    return _session(core, region or own.region_name)


class _Role(CredentialProvider):
    """Gives botocore the credentials of one role, fetched when first used and when they expire."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(
            method=self.METHOD, refresh_using=self._fetcher.fetch_credentials
        )


def glue_client(session: boto3.Session) -> "GlueClient":
    """Return the one Glue client of a run; clients are safe to share among threads."""
    return session.client("glue", config=GLUE_CONFIG)


def caller_identity(session: boto3.Session) -> str | None:
    """Return the ARN that writes to the catalog, None when STS does not say.

    The identity is for the audit record only, so a failure here never fails a run.
    """
    try:
        return session.client("sts", config=_QUICK).get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError):
        return None
