"""The only place that builds sessions, clients, clocks and identities, and connects the rooms."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, Self

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
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, ProfileNotFound

from datasphere_glue import config
from datasphere_glue.config import Configuration, MappingConfig
from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient, Surroundings
from datasphere_glue.datasphere.definitions import Use, Wanted
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.errors import (
    ConfigError,
    CredentialsRejected,
    SettingsError,
    SyncError,
    excerpt,
)
from datasphere_glue.events import Action, Request
from datasphere_glue.glue.access import caller_identity, catalog_session, glue_client, own_session
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.glue.table_input import table_from_glue
from datasphere_glue.glue.target import GlueTarget
from datasphere_glue.job import job_of
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Table
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.reverse import Origin
from datasphere_glue.report import images, plans
from datasphere_glue.report.audit import records, security_events
from datasphere_glue.report.document import document
from datasphere_glue.report.plans import Approval
from datasphere_glue.report.run import Facts, Run, as_issue
from datasphere_glue.report.store import FolderStore, ObjectStore, Store, json_body, json_lines
from datasphere_glue.settings import Settings, load
from datasphere_glue.sync import Job, Target, sync
from datasphere_glue.undo import RecordedTarget, Undo, roll_back

LAMBDA_MARGIN_S: Final = 30.0
"""Seconds kept back from Lambda's limit: enough to read back, report and return."""

ReadRequest = Callable[[], Request]


@dataclass(frozen=True, slots=True)
class Door:
    """What a door brings along: its own name as trigger, time, and a plan file.

    `until` is the monotonic end of the run; `sleep` waits that many seconds between tries.
    `approval` reads the approval that a plan file is; it raises PlanRefused.
    """

    until: float = float("inf")
    trigger: str | None = None
    sleep: Callable[[float], None] = time.sleep
    approval: Callable[[], Approval] | None = None

    @classmethod
    def of(cls, context: Any) -> Self:
        """Return the door of a Lambda context; without one there is no end."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        if remaining is None:
            return cls()
        return cls(time.monotonic() + max(0.0, remaining() / 1000 - LAMBDA_MARGIN_S))


@dataclass(frozen=True, slots=True)
class Edges:
    """The two sides of a run and what tells about them."""

    client: DatasphereClient
    source: DatasphereSource
    catalog: GlueCatalog
    target: GlueTarget
    session: boto3.Session

    def calls(self) -> dict[str, int]:
        """Return the requests made so far, by side."""
        return {
            "datasphere": self.client.requests_made,
            "glue_read": self.catalog.reads,
            "glue_write": self.catalog.writes,
        }


def perform(
    read_request: ReadRequest, environment: Mapping[str, str], door: Door
) -> tuple[Run, Facts]:
    """Carry out one run from event to report; every failure ends in the run's status."""
    began, now = time.monotonic(), datetime.now(UTC)
    facts = Facts(run_id=_new_run_id(now), tenant="", trigger="", started=now.isoformat())
    try:
        settings = load(environment)
    except SyncError as error:
        return Run(Action.SYNC, error=error), _timed(facts, began)
    facts = replace(facts, tenant=settings.tenant, environment=settings.environment or None)
    run, facts = _attempted(read_request, settings, door, facts)
    run, facts = _kept(run, _timed(facts, began), settings)
    return run, _timed(facts, began)


def _attempted(
    read_request: ReadRequest, settings: Settings, door: Door, facts: Facts
) -> tuple[Run, Facts]:
    request, edges = Request(), None
    try:
        request = read_request()
        facts = replace(
            facts,
            run_id=request.run_id or facts.run_id,
            trigger=door.trigger or str(request.trigger),
            cause=request.cause,
        )
        # An undo owes nothing to the configuration, and must work when just that is broken.
        chosen = config.NONE if request.rollback_of else configuration(settings)
        facts = replace(facts, config_hash=chosen.digest)
        edges = build(settings, door, chosen.mapping)
        approval = _approval(request, settings, door)
        approved = approval.digest if approval else None
        job = replace(job_of(request, settings, chosen.mapping, door.until), approved=approved)
        target = _recorded(edges.target, settings, facts.run_id)
        if request.rollback_of:
            run = _rolled_back(request.rollback_of, target, job, settings)
        else:
            run = sync(edges.source, target, job)
        run = plans.explained(run, approval) if approval else run
    except Exception as error:  # noqa: BLE001 - the last door: any failure must end in a status
        run = Run(request.action, error=error)
    if edges is not None:
        facts = replace(facts, calls=edges.calls(), actor=caller_identity(edges.session))
    return run, facts


def _approval(request: Request, settings: Settings, door: Door) -> Approval | None:
    """Return what alone may be applied, None when nothing was approved or nothing is applied."""
    if request.action not in {Action.SYNC, Action.ROLLBACK}:
        return None
    if door.approval:
        return door.approval()
    return plans.approval(request.plan_digest, _store(settings)) if request.plan_digest else None


def _recorded(target: GlueTarget, settings: Settings, run_id: str) -> Target:
    """Return the target that keeps the before-images of each plan first, given a place to."""
    if settings.report_uri is None:
        return target

    def record(plan: Plan) -> None:
        images.keep_before(report_store(settings), run_id, plan)

    return RecordedTarget(target, record)


def _rolled_back(undone: str, target: Target, job: Job, settings: Settings) -> Run:
    scope = Scope(spaces=job.scope.spaces, assets=job.scope.assets)
    undo = Undo(job.action, Origin(undone, settings.tenant), scope, job.approved, job.until)
    return roll_back(target, images.changes_of(report_store(settings), undone), undo)


def build(settings: Settings, door: Door, mapping: MappingConfig = config.NONE.mapping) -> Edges:
    """Return both edges of a run, connected as settings and configuration say.

    Nothing is called yet.

    Raises:
        SettingsError: boto3's own chain finds no Region or not the profile that is named.

    """
    try:
        return _connected(settings, door, mapping)
    except (NoRegionError, ProfileNotFound) as err:
        raise SettingsError(
            f"AWS: {err}",
            remedy="set AWS_DEFAULT_REGION (or GLUE_REGION) and an existing AWS_PROFILE",
        ) from err


def _connected(settings: Settings, door: Door, mapping: MappingConfig) -> Edges:
    own = own_session(settings.region)
    client = DatasphereClient(
        settings.url,
        TokenSource(settings.token_url, _credentials(settings, own)),
        RateBudget(settings.requests_per_minute, sleep=door.sleep),
        until=door.until,
        surroundings=Surroundings(sleep=door.sleep),
    )
    session = catalog_session(own, settings.role_arn, settings.role_external_id, settings.region)
    catalog = GlueCatalog(glue_client(session), catalog_id=settings.catalog_id)
    return Edges(
        client=client,
        source=DatasphereSource(
            client,
            workers=settings.concurrency,
            wanted=Wanted(
                use=Use(settings.definitions),
                unexposed=frozenset(mapping.selection.unexposed),
                languages=mapping.languages,
            ),
        ),
        catalog=catalog,
        target=GlueTarget(catalog, sleep=door.sleep),
        session=session,
    )


def table(settings: Settings, database: str, name: str) -> Table:
    """Return one table as the catalog holds it.

    Raises:
        SyncError: it does not exist, or the catalog may not or cannot be read.

    """
    return table_from_glue(build(settings, Door()).catalog.get_table(database, name)).table


def _timed(facts: Facts, began: float) -> Facts:
    return replace(facts, duration_ms=round((time.monotonic() - began) * 1000))


def _new_run_id(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"


def configuration(settings: Settings) -> Configuration:
    """Return the mapping configuration, read anew for every run.

    Raises:
        ConfigError: it cannot be read or is invalid.

    """
    return configuration_at(settings.config_uri) if settings.config_uri else config.NONE


def configuration_at(uri: str) -> Configuration:
    """Return the mapping configuration at a place in one of the forms of SYNC_CONFIG_URI.

    Raises:
        ConfigError: it cannot be read or is invalid.

    """
    chosen = config.parse(_read_document("mapping configuration", uri))
    context = chosen.mapping.context_uri
    return config.with_context(chosen, _read_document("context", context)) if context else chosen


def _read_document(what: str, uri: str) -> bytes:
    try:
        return _document(uri)
    except (OSError, ValueError, GetParameterError, ClientError, BotoCoreError) as err:
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
        return bytes(session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    if kind == "ssm":
        parameters = SSMProvider(boto3_client=session.client("ssm"))
        return str(parameters.get(place, decrypt=True, force_fetch=True)).encode()
    application, environment, profile = place.split("/", 2)
    provider = AppConfigProvider(
        environment, application, boto3_client=session.client("appconfigdata")
    )
    found = provider.get(profile, force_fetch=True)
    return found if isinstance(found, bytes) else str(found).encode()


def _credentials(settings: Settings, session: boto3.Session) -> Callable[[bool], Credentials]:
    """Return the function that reads the OAuth client, again from its secret when `fresh`."""
    if settings.secret_id is None:
        local = Credentials(
            settings.client_id or "",
            settings.client_secret.get_secret_value() if settings.client_secret else "",
        )
        return lambda fresh: local  # noqa: ARG005 - a local client has nothing to read again
    secret_id = settings.secret_id
    provider = SecretsProvider(boto3_client=session.client("secretsmanager"))

    def read(fresh: bool) -> Credentials:  # noqa: FBT001 - the seam's own signature
        try:
            secret = provider.get(secret_id, transform="json", force_fetch=fresh)
        except (GetParameterError, TransformParameterError, ClientError, BotoCoreError) as err:
            cause = type(err.__cause__ or err).__name__
            raise CredentialsRejected(
                f"secret {secret_id} could not be read ({cause})",
                remedy="check that the secret exists, is JSON and may be read"
                " (secretsmanager:GetSecretValue) by the execution role",
            ) from None
        return _parsed(secret, secret_id)

    return read


def _parsed(secret: Any, secret_id: str) -> Credentials:
    fields = secret if isinstance(secret, dict) else {}
    wanted = ("client_id", "client_secret")
    missing = [name for name in wanted if not isinstance(fields.get(name), str)]
    missing += [name for name in wanted if fields.get(name) == ""]
    if missing:
        raise CredentialsRejected(
            f"secret {secret_id} lacks {', '.join(missing)}",
            remedy='store {"client_id": "...", "client_secret": "..."} in the secret',
        )
    return Credentials(fields["client_id"], fields["client_secret"])


def _kept(run: Run, facts: Facts, settings: Settings) -> tuple[Run, Facts]:
    """Return the run and where its report is; a report that cannot be kept degrades the run."""
    store = _store(settings)
    if store is None:
        return run, facts
    folder = f"runs/{facts.run_id}"
    facts = replace(facts, report=store.location(f"{folder}/report.json"))
    try:
        if run.outcomes:
            images.keep_applied(store, facts.run_id, run.plan, run.outcomes)
        elif run.digest and (run.action == Action.PLAN or not run.plan.empty):
            plans.keep(store, run.plan)
        audit = images.free_key(store, facts.run_id, "audit")
        store.put(audit, json_lines(chain(security_events(run, facts), records(run, facts))))
        store.put(f"{folder}/report.json", json_body(document(run, facts)))
    except SyncError as err:
        return replace(run, unreported=as_issue(err)), replace(facts, report=None)
    return run, facts


def report_store(settings: Settings) -> Store:
    """Return where reports and before-images are kept.

    Raises:
        SettingsError: no place is set.

    """
    store = _store(settings)
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required to look back: before-images and audit records are kept there",
            remedy="set the REPORT_URI that the runs had",
        )
    return store


def _store(settings: Settings) -> Store | None:
    uri = settings.report_uri
    if uri is None:
        return None
    if uri.startswith("s3://"):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        failures = (ClientError, BotoCoreError, OSError)
        return ObjectStore(own_session().client("s3"), bucket, prefix.strip("/"), failures)
    return FolderStore(Path(uri))
