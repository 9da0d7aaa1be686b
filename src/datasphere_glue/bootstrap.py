"""Builds the clients of a run from settings and configuration."""

import time
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Final

import boto3

from datasphere_glue import config
from datasphere_glue.aws.documents import configuration, credentials
from datasphere_glue.aws.s3 import exported_files, report_store, store_of
from datasphere_glue.aws.session import (
    caller_identity,
    catalog_session,
    glue_client,
    own_session,
    service_time,
)
from datasphere_glue.aws.sns import publish
from datasphere_glue.config import MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.datasphere.auth import TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.definitions import DefinitionMode, DefinitionPolicy
from datasphere_glue.datasphere.endpoints import endpoint_of
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.datasphere.transport import Attempt, Runtime
from datasphere_glue.glue.applier import GlueTarget
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.glue.encoding import sending_utf8
from datasphere_glue.glue.probe import GlueProbe
from datasphere_glue.glue.table_input import table_from_glue
from datasphere_glue.model.auxiliary import AuxiliaryAccess, AuxiliaryKind
from datasphere_glue.model.table import Table
from datasphere_glue.model.term_globs import TermGlobs
from datasphere_glue.outcome.call_stats import CallRecorder
from datasphere_glue.outcome.context import Costs
from datasphere_glue.runs.observer import TimingObserver
from datasphere_glue.runs.ports import CHANGES, Caller, Progress, RunObserver, Target

__all__ = [
    "Clients",
    "build_clients",
    "configuration",
    "own_region",
    "publish",
    "report_store",
    "store_of",
    "table",
]

READING_SHARE: Final = 0.8
"""Share of a run's time in which metadata may be read; the rest is for writing it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The two sides of a run; `recorder` counts every call, `observer` measures the run."""

    client: DatasphereClient
    tokens: TokenSource
    source: DatasphereSource
    catalog: GlueCatalog
    target: Target
    session: boto3.Session
    recorder: CallRecorder
    observer: RunObserver

    def costs(self) -> Costs:
        """Return the costs of the requests so far, without the wall time."""
        calls = {
            "datasphere": self.client.requests_made,
            "glue_read": self.catalog.reads,
            "glue_write": self.catalog.writes,
        }
        return Costs(0, calls, self.recorder.stats())

    @property
    def probe(self) -> GlueProbe:
        """Return the probe of the permissions of the catalog."""
        return GlueProbe(self.catalog)

    def auxiliary_access(self) -> tuple[AuxiliaryAccess, ...]:
        """Return whether each kind of auxiliary object may be read in the spaces of the run."""
        return self.source.auxiliary_access()

    @property
    def client_expires(self) -> date | None:
        """Return the last day of the OAuth client, None if unknown."""
        return self.tokens.expires_on

    @property
    def sdk(self) -> str:
        """Return name and version of the AWS SDK."""
        return f"boto3 {boto3.__version__}"

    def actor(self) -> str | None:
        """Return the ARN that writes to the catalog, None if STS does not answer."""
        return caller_identity(self.session)

    def service_time(self) -> datetime | None:
        """Return the time on the clock of AWS, None if STS does not answer."""
        return service_time(self.session)


def build_clients(
    settings: Settings,
    caller: Caller,
    mapping: MappingConfig = config.NONE.mapping,
    *,
    even: bool = False,
) -> Clients:
    """Return the clients of a run, connected as settings and configuration define.

    Nothing is called yet. With `even`, requests to the tenant leave at even distances.

    Raises:
        SettingsError: a variable, a file or a profile that boto3 needs is missing or malformed.

    """
    own = own_session(settings.region)
    now = time.monotonic()
    recorder = CallRecorder()
    observer = TimingObserver(recorder.spent, caller.progress)
    tokens = TokenSource(settings.token_url, credentials(settings, own))
    client = DatasphereClient(
        settings.url,
        tokens,
        RateBudget(settings.requests_per_minute, even=even, sleep=caller.sleep),
        until=now + (caller.until - now) * READING_SHARE,
        runtime=Runtime(sleep=caller.sleep, on_attempt=partial(_count_request, recorder)),
    )
    session = catalog_session(own, settings.role_arn, settings.role_external_id, settings.region)
    glue = sending_utf8(
        glue_client(session, caller.until, on_attempt=partial(_count_try, recorder))
    )
    on_call = partial(_count_call, recorder, observer)
    catalog = GlueCatalog(glue, catalog_id=settings.catalog_id, on_call=on_call)
    target = GlueTarget(
        catalog, workers=max(1, settings.concurrency // 2), until=caller.until, sleep=caller.sleep
    )
    return Clients(
        client=client,
        tokens=tokens,
        source=_source(client, settings, mapping),
        catalog=catalog,
        target=target,
        session=session,
        recorder=recorder,
        observer=observer,
    )


def own_region() -> str | None:
    """Return the Region of the default chain of boto3."""
    return own_session().region_name


def _source(
    client: DatasphereClient, settings: Settings, mapping: MappingConfig
) -> DatasphereSource:
    policy = DefinitionPolicy(
        mode=DefinitionMode(settings.definitions),
        unexposed=frozenset(mapping.selection.unexposed),
        languages=mapping.languages,
        named=TermGlobs(tuple(mapping.annotations)),
        keeps_sql=mapping.definitions.sql,
        auxiliary=frozenset(AuxiliaryKind)
        - {kind for kind, switch in mapping.objects.items() if switch == "off"},
    )
    exports = partial(exported_files, settings.export_uri) if settings.export_uri else None
    return DatasphereSource(client, workers=settings.concurrency, policy=policy, exports=exports)


def _count_request(recorder: CallRecorder, request: Attempt) -> None:
    endpoint, subject = endpoint_of(request.method, request.url)
    throttled = request.status == HTTPStatus.TOO_MANY_REQUESTS
    refused = request.status == 0 or request.status >= HTTPStatus.BAD_REQUEST
    recorder.called(
        "datasphere",
        endpoint,
        subject,
        request.seconds,
        failed=refused and not throttled,
        throttled=throttled,
        again=request.attempt > 1,
    )


def _count_call(  # noqa: PLR0913 - one call, and two counters
    recorder: CallRecorder,
    progress: Progress,
    operation: str,
    resource: str,
    seconds: float,
    *,
    failed: bool,
) -> None:
    if not operation.startswith("Get"):
        progress.done(CHANGES)
    names = [name for name in resource.split("/")[1:] if name != "*"]
    recorder.called("glue", operation, ".".join(names), seconds, failed=failed)


def _count_try(recorder: CallRecorder, operation: str, *, again: bool, throttled: bool) -> None:
    recorder.tried("glue", operation, again=again, throttled=throttled)


def table(settings: Settings, database: str, name: str) -> Table:
    """Return one table of the catalog.

    Raises:
        SyncError: the table does not exist, or the catalog cannot be read.

    """
    return table_from_glue(
        build_clients(settings, Caller()).catalog.get_table(database, name)
    ).table
