"""Sessions on AWS: the role to assume for the catalog, the Glue client, the caller's identity."""

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol

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
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from botocore.loaders import Loader

from datasphere_glue.aws.environment import (
    check,
    checked_environment,
    proxy_passwords,
    variables,
)
from datasphere_glue.errors import OutOfTime
from datasphere_glue.secrecy import SECRETS

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_sts import STSClient

SESSION_NAME: Final = "datasphere-glue"
GLUE_OPERATIONS: Final = (
    *("GetDatabases", "GetDatabase", "GetTables", "GetTable"),
    *("CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable"),
)
"""The operations of Glue's API in use: a client of ours has no others."""

GLUE_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 10},
    max_pool_connections=16,
    connect_timeout=5,
)
"""Ten attempts, as in pyiceberg: AWS publishes no rate below which the catalog never throttles."""

_TOO_MANY: Final = frozenset({"TooManyRequestsException", "RequestLimitExceeded", "SlowDown"})

_READ_TIMEOUT_S: Final = 15.0
"""Longest wait for an answer: an unresponsive Glue must not use up the reserve of a run's time."""

_SHORTEST_TIMEOUT_S: Final = 1.0

_READ_BACK_S: Final = 10.0
"""Seconds after the end of a run's time in which its writes may still be read back."""

_READ_PREFIX: Final = "Get"
"""Prefix of the operations that only read."""

_SERVICES: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=6
)
"""For the small answers of all other services, with one or two calls per run."""

_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=3
)


_SECRET_VARIABLES: Final = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LEAST_SECRET: Final = 16
"""Characters of the shortest secret of AWS; emulators accept words such as `testing`."""


for _library in ("boto3", "botocore", "requests", "urllib3"):
    # At DEBUG they log headers and bodies, the answer of Secrets Manager included.
    logging.getLogger(_library).setLevel(logging.INFO)


def _learn(*secrets: str | None) -> None:
    SECRETS.learn(*(one for one in secrets if one and len(one) >= _LEAST_SECRET))


class _Models(Loader):
    """Loads botocore's API models; that of Glue has only the operations in use.

    A client creates a method for each operation, which took most of its creation time.
    """

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> dict[str, Any]:
        """Return the model of a service; raises as botocore does."""
        model: dict[str, Any] = super().load_service_model(service_name, type_name, api_version)
        if (service_name, type_name) != ("glue", "service-2"):
            return model
        operations = model["operations"]
        return {**model, "operations": {name: operations[name] for name in GLUE_OPERATIONS}}


@cache
def _models() -> Loader:
    """Return the cached loader of API models: parsing that of Glue takes a warm run 150 ms."""
    return _Models()


class _CheckedSession(boto3.Session):
    """A session whose clients are created, or an error names what is wrong in the environment."""

    def client(self, *arguments: Any, **named: Any) -> Any:
        """Return a client; raises SettingsError if the environment is malformed."""
        with checked_environment():
            if self.region_name == "":
                raise NoRegionError  # botocore takes an empty variable for the name of a Region
            return super().client(*arguments, **named)

    def get_credentials(self) -> Any:
        """Return the credentials, None without any; raises SettingsError as above."""
        with checked_environment():
            return super().get_credentials()


def _session(core: botocore.session.Session, region: str | None = None) -> boto3.Session:
    models = _models()
    core.register_component("data_loader", models)
    core.set_default_client_config(_SERVICES)
    session = _CheckedSession(botocore_session=core, region_name=region)
    # Each boto3 session adds its own folder to the loader again.
    models.search_paths[:] = dict.fromkeys(models.search_paths)
    return session


def own_session(fallback_region: str | None = None) -> boto3.Session:
    """Return a session of boto3's credential chain: profile, keys or execution role.

    Its Region is that of the chain; without one, AWS_REGION, which boto3 does not read, or else
    `fallback_region`. A warm function reuses the session in each run.

    Raises:
        SettingsError: a variable, a file or a profile that the SDK needs is missing or malformed.

    """
    with checked_environment():
        return _own_session(variables(os.environ), fallback_region)


@lru_cache(maxsize=1)
def _own_session(
    _environment: tuple[tuple[str, str], ...], fallback_region: str | None
) -> boto3.Session:
    """Return the cached session of an environment: creating one takes 40 ms."""
    SECRETS.learn(*proxy_passwords(os.environ))
    check(os.environ)
    _learn(*(os.environ.get(name) for name in _SECRET_VARIABLES))
    session = _session(botocore.session.Session())
    if session.region_name:
        return session
    region = os.environ.get("AWS_REGION") or fallback_region
    return _session(botocore.session.Session(), region)


@lru_cache(maxsize=4)
def service_client(session: boto3.Session, service: str) -> Any:
    """Return the cached client of a session for a service that a run calls once or twice.

    Creating it takes 20 ms. It takes its credentials from the session, which renews them.
    """
    # boto3 overloads `client` by the literal name of each service.
    create: Any = session.client
    return create(service)


def catalog_session(
    own: boto3.Session, role_arn: str | None, external_id: str | None, region: str | None
) -> boto3.Session:
    """Return the session that reaches the catalog.

    With a role, its credentials are fetched from STS on first use and again before they expire.
    Without one, it is the own session, in `region` if that is set.
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


class OnAttempt(Protocol):
    """Receives every attempt of a call."""

    def __call__(self, operation: str, *, again: bool, throttled: bool) -> None:
        """Receive one attempt; `again` is True for a retry."""
        ...


class _Role(CredentialProvider):
    """Provides the credentials of one role, fetched on first use and when they expire."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=self._fetch)

    def _fetch(self) -> dict[str, Any]:
        credentials: dict[str, Any] = self._fetcher.fetch_credentials()
        _learn(credentials["secret_key"], credentials["token"])
        return credentials


class GaveUp(OutOfTime):
    """The time ran out after a call was sent and before it had a final answer."""


def glue_client(
    session: boto3.Session,
    until: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
    on_attempt: OnAttempt = lambda *_, **__: None,
) -> "GlueClient":
    """Return the one Glue client of a run; threads may share it.

    After `until`, in seconds on `clock`, no try of a call is sent: the call raises OutOfTime, or
    GaveUp if an earlier try was sent. Only writes may be read back for a moment longer.
    `on_attempt` receives each attempt, in the thread of its call.
    """
    remaining = max(_SHORTEST_TIMEOUT_S, until - clock())
    config = GLUE_CONFIG.merge(Config(read_timeout=min(_READ_TIMEOUT_S, remaining)))
    client = session.client("glue", config=config)
    deadline = _Deadline(until, clock)
    client.meta.events.register("before-send.glue", deadline.before_send)
    # Handlers run in this order; the deadline may end the call, so the observer precedes it.
    client.meta.events.register_first("needs-retry.glue", partial(_report_attempt, on_attempt))
    client.meta.events.register_first("needs-retry.glue", deadline.needs_retry)
    return client


def _report_attempt(
    on_attempt: OnAttempt,
    event_name: str,
    attempts: int,
    response: tuple[Any, dict[str, Any]] | None,
    **_: Any,
) -> None:
    code = response[1].get("Error", {}).get("Code", "") if response else ""
    throttled = "Throttl" in code or code in _TOO_MANY
    on_attempt(event_name.rpartition(".")[2], again=attempts > 1, throttled=throttled)


class _Deadline:
    """Enforces the end of a run's time by botocore's events for each try of a call."""

    def __init__(self, until: float, clock: Callable[[], float]) -> None:
        self._until = until
        self._clock = clock
        self._wrote = False

    def before_send(self, event_name: str, **_: Any) -> None:
        """Raise OutOfTime if the try may no longer be sent."""
        operation = event_name.rpartition(".")[2]
        if self._is_over(operation):
            raise OutOfTime(f"glue:{operation} was not called: the time of the run is over")
        self._wrote = self._wrote or not operation.startswith(_READ_PREFIX)

    def needs_retry(
        self,
        event_name: str,
        attempts: int,
        caught_exception: Exception | None,
        response: tuple[Any, dict[str, Any]] | None,
        **_: Any,
    ) -> None:
        """Raise GaveUp if a call with a transient error would be retried after the end."""
        operation = event_name.rpartition(".")[2]
        if isinstance(caught_exception, OutOfTime):
            gives_up = attempts > 1
        else:
            failed = caught_exception is not None or _is_transient(response)
            gives_up = failed and self._is_over(operation)
        if gives_up:
            raise GaveUp(
                f"glue:{operation} was not tried again: the time of the run is over"
            ) from caught_exception

    def _is_over(self, operation: str) -> bool:
        reads_back = self._wrote and operation.startswith(_READ_PREFIX)
        return self._clock() >= self._until + (_READ_BACK_S if reads_back else 0.0)


def _is_transient(response: tuple[Any, dict[str, Any]] | None) -> bool:
    """Return whether an answer is an error that botocore would retry."""
    if response is None:
        return False
    http, content = response
    code = content.get("Error", {}).get("Code", "")
    return bool(http.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in code)


@lru_cache(maxsize=1)
def _sts_client(session: boto3.Session) -> "STSClient":
    return session.client("sts", config=_QUICK)


def service_time(session: boto3.Session) -> datetime | None:
    """Return the time on the clock of AWS, to the second; None if STS does not answer."""
    try:
        answer = _sts_client(session).get_caller_identity()["ResponseMetadata"]
        return parsedate_to_datetime(answer["HTTPHeaders"].get("date", ""))
    except (ClientError, BotoCoreError, ValueError):
        return None


def caller_identity(session: boto3.Session) -> str | None:
    """Return the ARN that writes to the catalog, None if STS does not answer.

    The identity is for the audit record only, so a failure here never fails a run.
    """
    try:
        return _sts_client(session).get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError):
        return None
