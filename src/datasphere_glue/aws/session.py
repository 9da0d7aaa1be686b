"""Who we are on AWS: sessions, the role to assume for the catalog, and the caller's identity."""

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
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from datasphere_glue.errors import OutOfTime

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_sts import STSClient

SESSION_NAME: Final = "datasphere-glue"
CALLED: Final = (
    *("GetDatabases", "GetDatabase", "GetTables", "GetTable"),
    *("CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable"),
)
"""The calls of Glue's API that are made: all that a client of ours can do."""

GLUE_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 10},
    max_pool_connections=16,
    connect_timeout=5,
)
"""Ten attempts as pyiceberg makes them: catalog throttling has no published rate to stay below."""

_TOO_MANY: Final = frozenset({"TooManyRequestsException", "RequestLimitExceeded", "SlowDown"})

_SILENCE_S: Final = 15.0
"""Longest wait for an answer: a silent Glue must not use up what a run keeps back of its time."""

_SHORTEST_S: Final = 1.0

_READ_BACK_S: Final = 10.0
"""Seconds after the end of a run in which what was written may still be read back."""

_READS: Final = "Get"
"""How the names of all calls begin that only read."""

_SERVICES: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=6
)
"""For the small answers of all other services, which are asked once or twice a run."""

_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=3
)


class _Models(Loader):
    """The API models that botocore brings; of Glue's calls only those that are made.

    A client makes a method of each call that it knows, which took most of the time that it took.
    """

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> dict[str, Any]:
        """Return the model of a service; raises as botocore does."""
        model: dict[str, Any] = super().load_service_model(service_name, type_name, api_version)
        if (service_name, type_name) != ("glue", "service-2"):
            return model
        known = model["operations"]
        return {**model, "operations": {name: known[name] for name in CALLED}}


@cache
def _models() -> Loader:
    """Return the one loader of API models: parsing Glue's anew costs each warm run 150 ms."""
    return _Models()


def _session(core: botocore.session.Session, region: str | None = None) -> boto3.Session:
    models = _models()
    core.register_component("data_loader", models)
    core.set_default_client_config(_SERVICES)
    session = boto3.Session(botocore_session=core, region_name=region)
    # Each boto3 session adds its own folder to the loader once more.
    models.search_paths[:] = dict.fromkeys(models.search_paths)
    return session


def own_session(fallback_region: str | None = None) -> boto3.Session:
    """Return a session of boto3's own chain: profile, keys or execution role.

    Its Region is that of the chain; where the chain names none, AWS_REGION, which boto3 does not
    read, or else `fallback_region`. A warm function has the same session in each run.
    """
    environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return _own_session(tuple(sorted(environment.items())), fallback_region)


@lru_cache(maxsize=1)
def _own_session(
    _environment: tuple[tuple[str, str], ...], fallback_region: str | None
) -> boto3.Session:
    """Return the session of an environment: making one costs each run 40 ms."""
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


class Tried(Protocol):
    """Is told of every try of a call."""

    def __call__(self, operation: str, *, again: bool, throttled: bool) -> None:
        """Note one try; `again` where one was before it."""
        ...


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


class GaveUp(OutOfTime):
    """The time was over before a call that had left was answered for good."""


def glue_client(
    session: boto3.Session,
    until: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
    tried: Tried = lambda *_, **__: None,
) -> "GlueClient":
    """Return the one Glue client of a run; clients are safe to share among threads.

    After `until`, on that clock, no try of a call leaves any more: it raises OutOfTime, or GaveUp
    where a former try has left. Only what was written may be read for a moment longer. `tried` is
    told of each try, in the thread of its call.
    """
    left = max(_SHORTEST_S, until - clock())
    config = GLUE_CONFIG.merge(Config(read_timeout=min(_SILENCE_S, left)))
    client = session.client("glue", config=config)
    end = _End(until, clock)
    client.meta.events.register("before-send.glue", end.before_send)
    # Who comes first is told first: the other one may end the call.
    client.meta.events.register_first("needs-retry.glue", partial(_told, tried))
    client.meta.events.register_first("needs-retry.glue", end.needs_retry)
    return client


def _told(
    tried: Tried,
    event_name: str,
    attempts: int,
    response: tuple[Any, dict[str, Any]] | None,
    **_: Any,
) -> None:
    code = response[1].get("Error", {}).get("Code", "") if response else ""
    throttled = "Throttl" in code or code in _TOO_MANY
    tried(event_name.rpartition(".")[2], again=attempts > 1, throttled=throttled)


class _End:
    """The end of a run's time, as botocore's own events for each try of a call meet it."""

    def __init__(self, until: float, clock: Callable[[], float]) -> None:
        self._until = until
        self._clock = clock
        self._wrote = False

    def before_send(self, event_name: str, **_: Any) -> None:
        """Raise OutOfTime where a try may not leave any more."""
        operation = event_name.rpartition(".")[2]
        if self._over(operation):
            raise OutOfTime(f"glue:{operation} was not called: the time of the run is over")
        self._wrote = self._wrote or not operation.startswith(_READS)

    def needs_retry(
        self,
        event_name: str,
        attempts: int,
        caught_exception: Exception | None,
        response: tuple[Any, dict[str, Any]] | None,
        **_: Any,
    ) -> None:
        """Raise GaveUp where a call that failed for now would be tried when all is over."""
        operation = event_name.rpartition(".")[2]
        if isinstance(caught_exception, OutOfTime):
            given_up = attempts > 1
        else:
            failed = caught_exception is not None or _passes(response)
            given_up = failed and self._over(operation)
        if given_up:
            raise GaveUp(
                f"glue:{operation} was not tried again: the time of the run is over"
            ) from caught_exception

    def _over(self, operation: str) -> bool:
        proving = self._wrote and operation.startswith(_READS)
        return self._clock() >= self._until + (_READ_BACK_S if proving else 0.0)


def _passes(response: tuple[Any, dict[str, Any]] | None) -> bool:
    """Tell whether an answer is an error that botocore would try again."""
    if response is None:
        return False
    http, content = response
    code = content.get("Error", {}).get("Code", "")
    return bool(http.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in code)


@lru_cache(maxsize=1)
def _sts_client(session: boto3.Session) -> "STSClient":
    return session.client("sts", config=_QUICK)


def service_time(session: boto3.Session) -> datetime | None:
    """Return the time on the clock of AWS, to the second; None when STS does not tell."""
    try:
        answer = _sts_client(session).get_caller_identity()["ResponseMetadata"]
        return parsedate_to_datetime(answer["HTTPHeaders"].get("date", ""))
    except (ClientError, BotoCoreError, ValueError):
        return None


def caller_identity(session: boto3.Session) -> str | None:
    """Return the ARN that writes to the catalog, None when STS does not say.

    The identity is for the audit record only, so a failure here never fails a run.
    """
    try:
        return _sts_client(session).get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError):
        return None
