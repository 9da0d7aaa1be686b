"""Every kind of call times every fault, at the first, the middle or the last call of its kind.

Each kind of call meets each fault at least once; whether at its first call or at its middle and
last one changes from cell to cell. Writes of all kinds meet a fault in one run. The environment
variable FAULTS=all runs every cell at all places instead, which takes minutes.

Each cell is one whole run on the same eve (`eve`), which lasts as long as it takes: a fault of a
cell does not go away by trying again. Afterwards the catalog holds what it held before or what the
undisturbed run leaves, table by table; what belongs to others is untouched; the status is true; and
the next run ends where this one should have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from datasphere_glue.aws.session import glue_client, own_session
from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.datasphere.transport import RequestLimits, Runtime
from datasphere_glue.glue.applier import GlueTarget
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.outcome.run import result_value
from datasphere_glue.plan.policy import OrphanPolicy, Policy
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.sync import sync
from local.catalog.faults import CONNECTION_RESET, LOST_ANSWER, LOST_WRITE
from local.tenant.faults import FaultKind
from tests.functional.eve import GOOD, KINDS, PARTS, RECORD, Eve, Place
from tests.functional.thorough import ALL

FOREVER = 1_000_000
PARTIAL = ("list of tables", "list of models", "list of flows", "flow", "definition")
"""Kinds of call without which an asset is still read in part: definitions are optional."""

NO_DOCUMENT = ("login page", "truncated", "wrong encoding", "empty body")
"""Faults of `$metadata` after which the definition alone describes the asset."""


@dataclass(frozen=True)
class Wrong:
    """What goes wrong with an answer of the tenant; `passes`: whether a retry succeeds."""

    kind: FaultKind = FaultKind.STATUS
    details: tuple[tuple[str, Any], ...] = ()
    passes: bool = False

    def arm(self, eve: Eve, place: Place, times: int | None) -> None:
        eve.tenant.faults.add(place.pattern, self.kind, times=times, **dict(self.details))


def status(code: int, *, passes: bool = False, **headers: str) -> Wrong:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Wrong(details=(("status", code), ("headers", named)), passes=passes)


DATASPHERE = {
    "reset": Wrong(FaultKind.RESET, passes=True),
    "cut body": Wrong(FaultKind.CUT, passes=True),
    "401": status(401, passes=True),
    "403": status(403),
    "404": status(404),
    "429": status(429, passes=True),
    "500": status(500, passes=True),
    "503": status(503, passes=True),
    "login page": Wrong(FaultKind.HTML),
    "truncated": Wrong(FaultKind.TRUNCATED),
    "wrong encoding": Wrong(FaultKind.ENCODING),
    "empty body": Wrong(details=(("status", 200), ("body", ""))),
}
SILENT = {
    "timeout": Wrong(FaultKind.DELAY, (("seconds", 60.0),)),
    "slow body": Wrong(FaultKind.DRIP, (("seconds", 60.0),)),
}
PASSING = {name: wrong for name, wrong in DATASPHERE.items() if wrong.passes}
PASSING["429 with Retry-After"] = status(429, Retry_After="30")
READS = ("GetDatabases", "GetTables", "GetTable", "GetDatabase")
WRITES = ("CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable")
OPERATIONS = (*READS, *WRITES)
AWS = {
    "throttling": "ThrottlingException",
    "conflict": "ConcurrentModificationException",
    "internal error": "InternalServiceException",
    "access denied": "AccessDeniedException",
    "payload too large": "RequestEntityTooLarge",
    "validation": "ValidationException",
    "reset": CONNECTION_RESET,
}
TRIED_AGAIN = ("throttling", "internal error", "reset")
SERVICES = {
    "throttling": "ThrottlingException",
    "internal error": "InternalServiceError",
    "access denied": "AccessDeniedException",
    "expired token": "ExpiredTokenException",
    "validation": "ValidationException",
    "payload too large": "RequestEntityTooLarge",
    "reset": CONNECTION_RESET,
}
NAMES_OF_S3 = {
    "ThrottlingException": "SlowDown",
    "InternalServiceError": "InternalError",
    "AccessDeniedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "ValidationException": "InvalidRequest",
    "RequestEntityTooLarge": "EntityTooLarge",
}


def cells(calls: Iterable[str], faults: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return each call with each fault, and the part of its calls that the fault strikes."""
    product = [
        (i + j, call, fault) for i, call in enumerate(calls) for j, fault in enumerate(faults)
    ]
    if ALL:
        return [(call, fault, part) for _, call, fault in product for part in PARTS]
    return [(call, fault, PARTS[number % len(PARTS)]) for number, call, fault in product]


def judged(
    eve: Eve, places: Iterable[Place], answer: dict[str, Any], fault: str | None = None
) -> str:
    """Return the status of a run in which these places went wrong, everything else proven."""
    listed = tuple(places)
    partial = any(
        place.kind in PARTIAL or (place.kind == "metadata" and fault in NO_DOCUMENT)
        for place in listed
    )
    eve.judge(answer, [place.about for place in listed], whole=not partial)
    return str(answer["status"])


@pytest.mark.parametrize(("kind", "fault", "part"), cells(KINDS, DATASPHERE))
def test_a_permanent_fault_of_the_tenant(eve: Eve, kind: str, fault: str, part: str) -> None:
    places = eve.at(kind, part)

    def cell() -> str:
        for place in places:
            DATASPHERE[fault].arm(eve, place, None)
        answer = eve.run()
        assert any(eve.was_requested(place) for place in places)
        return judged(eve, places, answer, fault)

    eve.once((fault, places), cell)


@pytest.mark.parametrize("fault", ["401", "403", "404", "login page"])
@pytest.mark.parametrize("kind", PARTIAL)
def test_a_required_but_denied_definition_is_no_success(eve: Eve, kind: str, fault: str) -> None:
    places = eve.at(kind, "first")
    DATASPHERE[fault].arm(eve, places[0], None)

    assert judged(eve, places, eve.run(DATASPHERE_DEFINITIONS="on")) not in GOOD


@pytest.mark.parametrize("fault", PASSING)
def test_a_transient_fault_of_the_tenant_has_no_effect(eve: Eve, fault: str) -> None:
    for kind in KINDS:
        for place in eve.ends(kind):
            PASSING[fault].arm(eve, place, 1)

    answer = eve.run()

    assert answer["status"] == "SUCCESS"
    eve.judge(answer)


@pytest.mark.parametrize("fault", SILENT)
@pytest.mark.parametrize("kind", KINDS)
def test_a_tenant_that_falls_silent(eve: Eve, kind: str, fault: str) -> None:
    places = eve.ends(kind)
    for place in places:
        SILENT[fault].arm(eve, place, None)

    assert judged(eve, places, impatient(eve)) not in GOOD


def impatient(eve: Eve) -> dict[str, Any]:
    """Carry out one run that waits a moment for an answer of the tenant, not a minute."""

    def at_once(_seconds: float) -> None:
        return

    login = Credentials(eve.tenant.client_id, eve.tenant.client_secret)
    client = DatasphereClient(
        eve.tenant.url,
        TokenSource(eve.tenant.token_url, lambda fresh: login),  # noqa: ARG005 - never stored
        RateBudget(FOREVER, sleep=at_once),
        limits=RequestLimits(read=0.15, attempts=1),
        runtime=Runtime(sleep=at_once),
    )
    target = GlueTarget(GlueCatalog(glue_client(own_session())), sleep=at_once)
    job = Job(
        action=RunAction.SYNC,
        scope=Scope(),
        rules=Rules("127.0.0.1"),
        policy=Policy(tenant="127.0.0.1", today=eve.today, orphans=OrphanPolicy.DELETE),
    )
    answer = result_value(sync(DatasphereSource(client), target, job))
    eve.assert_no_secret(answer)
    return answer


@pytest.mark.parametrize("kind", ["spaces", "assets", "list of tables"])
def test_an_unexpectedly_empty_list(eve: Eve, kind: str) -> None:
    places = eve.at(kind, "first")
    eve.tenant.faults.add(places[0].pattern, FaultKind.EMPTY, times=None)

    assert judged(eve, places, eve.run()) not in GOOD


@pytest.mark.parametrize(("operation", "fault", "part"), cells(OPERATIONS if ALL else READS, AWS))
def test_a_permanent_fault_of_the_catalog(eve: Eve, operation: str, fault: str, part: str) -> None:
    assert struck(eve, fault, eve.at(operation, part)) not in GOOD


@pytest.mark.parametrize(("place", "fault", "part"), cells(("all writes",), AWS))
def test_a_fault_of_every_kind_of_write(eve: Eve, place: str, fault: str, part: str) -> None:
    del place
    places = [place for operation in WRITES for place in eve.at(operation, part)]
    assert struck(eve, fault, places) not in GOOD


def struck(eve: Eve, fault: str, places: Sequence[Place]) -> str:
    """Return the status of a run in which calls to the catalog fail at these places for good."""

    def cell() -> str:
        for place in places:
            strike(eve, place, AWS[fault], FOREVER)
        return judged(eve, places, eve.run())

    return str(eve.once((fault, tuple(places)), cell))


@pytest.mark.parametrize("fault", TRIED_AGAIN)
def test_a_transient_fault_of_the_catalog_has_no_effect(eve: Eve, fault: str) -> None:
    for operation in OPERATIONS:
        for place in eve.ends(operation):
            strike(eve, place, AWS[fault], 2)

    answer = eve.run()

    assert answer["status"] == "SUCCESS"
    eve.judge(answer)


@pytest.mark.parametrize("operation", ["UpdateTable", "CreateTable", "CreateDatabase"])
def test_a_transient_conflict_has_no_effect(eve: Eve, operation: str) -> None:
    for place in eve.ends(operation):
        strike(eve, place, "ConcurrentModificationException", 1)

    answer = eve.run()

    assert answer["status"] == "SUCCESS"
    eve.judge(answer)


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_with_a_lost_answer_is_done_and_reported(eve: Eve, operation: str) -> None:
    for place in eve.ends(operation):
        strike(eve, place, LOST_ANSWER, 1)

    answer = eve.run()

    assert answer["status"] == "SUCCESS"
    eve.judge(answer)


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_that_is_acknowledged_but_lost_is_detected(eve: Eve, operation: str) -> None:
    places = eve.ends(operation)
    for place in places:
        strike(eve, place, LOST_WRITE, FOREVER)

    answer = eve.run()

    assert answer["status"] not in GOOD
    eve.judge(answer, [place.about[1:] for place in places])


def strike(eve: Eve, place: Place, error: str, times: int) -> None:
    eve.catalog.faults.add(
        operation=place.kind, error=error, times=times, match=place.target or None
    )


@dataclass(frozen=True)
class OtherCall:
    """A call of another service of AWS: its operation, and the settings that lead there."""

    operation: str
    settings: tuple[tuple[str, str], ...]

    @property
    def word(self) -> str:
        """What every error about the call names: the first setting."""
        return self.settings[0][1]


S3 = (("SYNC_CONFIG_URI", "s3://kept/mapping.yaml"),)
SSM = (("SYNC_CONFIG_URI", "ssm:/mapping"),)
APPCONFIG = (("SYNC_CONFIG_URI", "appconfig:app/live/mapping"),)
SECRET = (
    ("DATASPHERE_SECRET_ID", "technical-user"),
    ("DATASPHERE_CLIENT_ID", ""),
    ("DATASPHERE_CLIENT_SECRET", ""),
)
REPORT = OtherCall("s3.PutObject", (("REPORT_URI", "s3://kept/reports"),))
READ_FIRST = {
    "configuration in S3": OtherCall("s3.GetObject", S3),
    "configuration in SSM": OtherCall("ssm.GetParameter", SSM),
    "session of AppConfig": OtherCall("appconfig.StartConfigurationSession", APPCONFIG),
    "configuration in AppConfig": OtherCall("appconfig.GetLatestConfiguration", APPCONFIG),
    "secret": OtherCall("secretsmanager.GetSecretValue", SECRET),
}


POSITIONS = ("first", "middle", "last")


def keep_everything(eve: Eve) -> None:
    """Store the objects of the settings above, except for SSM, which is slow to start."""
    place = {"LocationConstraint": "eu-central-1"}
    s3 = eve.aws("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration=place)
    s3.put_object(Bucket="kept", Key="mapping.yaml", Body=b"version: 1")
    s3.put_object(Bucket="kept", Key=f"reports/{RECORD}", Body=eve.record)
    eve.catalog.configurations.deploy("app", "live", "mapping", b"version: 1")
    eve.keep_secret("technical-user")


def run_with(eve: Eve, pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    settings: dict[str, Any] = dict(pairs)
    return eve.run(**settings)


def break_service(
    eve: Eve, call: OtherCall, fault: str, after: int = 0, *, untouched: bool = False
) -> dict[str, Any]:
    error = SERVICES[fault]
    if call.operation.startswith("s3."):
        error = NAMES_OF_S3.get(error, error)
    eve.catalog.faults.add(operation=call.operation, error=error, times=FOREVER, after=after)
    answer = run_with(eve, call.settings)
    assert not untouched or eve.content() == eve.before
    eve.judge(answer, [(call.word,)])  # and lets the next run complete the catalog
    return answer


@pytest.mark.parametrize("settings", [S3, APPCONFIG, SECRET, REPORT.settings], ids=str)
def test_other_services_without_faults_do_not_affect_the_run(
    eve: Eve, settings: tuple[tuple[str, str], ...]
) -> None:
    keep_everything(eve)
    answer = run_with(eve, settings)

    assert answer["status"] == "SUCCESS"
    eve.judge(answer)


@pytest.mark.parametrize("fault", SERVICES)
@pytest.mark.parametrize("service", READ_FIRST)
def test_a_failed_initial_read_stops_the_run(eve: Eve, service: str, fault: str) -> None:
    keep_everything(eve)

    answer = break_service(eve, READ_FIRST[service], fault, untouched=True)

    assert answer["status"] in {"FAILED", "HALTED"}
    assert READ_FIRST[service].operation in eve.catalog.other_calls.operations


@pytest.mark.parametrize(
    ("fault", "position"),
    [
        (fault, position)
        for number, fault in enumerate(SERVICES)
        for position in (POSITIONS if ALL else (POSITIONS[number % 3],))
    ],
)
def test_a_report_that_cannot_be_stored_is_reported(eve: Eve, fault: str, position: str) -> None:
    def number() -> int:
        keep_everything(eve)
        eve.catalog.other_calls.clear()
        run_with(eve, REPORT.settings)
        puts = eve.catalog.other_calls.operations.count(REPORT.operation)
        eve.reset()
        return puts

    puts = eve.once("puts", number)
    after = dict(zip(POSITIONS, (0, puts // 2, puts - 1), strict=True))[position]

    def cell() -> str:
        keep_everything(eve)
        return str(break_service(eve, REPORT, fault, after)["status"])

    assert eve.once((fault, after), cell) not in GOOD
