"""Earlier runs without a record: which are closed, which are only named, and by which runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from datasphere_glue import bootstrap
from datasphere_glue.config.loading import load
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import carrying_out, own_process
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.verify import verify
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.runs.earlier_runs import EarlierRuns, close_earlier_runs, own_run
from datasphere_glue.runs.ports import Caller
from tests.unit.evidence.test_recorder import RefusingLinks
from tests.unit.runs.test_lifecycle import ENVIRONMENT
from tests.unit.runs.test_rollback import AFTER, DONE, Glue
from tests.unit.samples import CONTEXT, TENANT
from tests.unit.storage.stores import MemoryStore

NOW = datetime.now(UTC)
PLAN = Plan(tables=tuple(one for one in DONE if isinstance(one, TableChange)))
OWN = OpenRun("night-2", own_process(), catalog="own/eu", tenant=TENANT)
EARLIER = OpenRun(
    "night-1", own_process(), started=NOW.isoformat(), catalog="own/eu", tenant=TENANT
)
ELSEWHERE = replace(EARLIER, process="elsewhere/1/x")


def cut_off(run: OpenRun = EARLIER) -> MemoryStore:
    """Return a store in which a run left its images."""
    store, recorder = MemoryStore(), EvidenceRecorder()
    recorder.begin(run, None)
    recorder.before(store, run.place, PLAN)
    return store


def seen(store: MemoryStore, own: OpenRun = OWN, target: Glue | None = None) -> EarlierRuns:
    return close_earlier_runs(store, target or Glue(AFTER), own)


def codes(earlier: EarlierRuns) -> list[str]:
    return [str(issue.code) for issue in earlier.issues]


def test_a_run_whose_process_is_gone_is_closed() -> None:
    store = cut_off()

    earlier = seen(store)

    (issue,) = earlier.issues
    assert "run night-1 was cut off" in issue.message
    assert "2 of 2 changes are written" in issue.message
    assert "datasphere-glue rollback night-1" in issue.remedy
    assert [(one.run_id, one.status, one.paged) for one in earlier.listed] == [
        ("night-1", "FAILED", True)
    ]
    assert verify(store).complete
    assert {"runs/night-1/report.json", "runs/night-1/report.html"} <= store.bodies.keys()
    assert earlier.head is not None
    assert earlier.last is not None
    assert (earlier.head.number, earlier.last.number) == (1, 2)
    assert earlier.links == {2}
    assert seen(store).issues == ()


@pytest.mark.parametrize("place", ["night-1", "night-1/parts/SALES", "9f3e"])
def test_a_run_that_could_not_chain_its_images_and_was_killed_is_closed(place: str) -> None:
    store, recorder = RefusingLinks(), EvidenceRecorder()
    recorder.begin(replace(EARLIER, place=place), None)
    recorder.before(store, place, PLAN)
    store.refusing = False
    assert [one.alive for one in verify(store).unrecorded] == [False]

    plan = seen(store, replace(OWN, action="plan"))
    assert codes(plan) == ["RUN_CUT_OFF"]
    assert "the outcome of 2 changes is unknown" in plan.issues[0].message
    earlier = seen(store)

    assert "2 of 2 changes are written" in earlier.issues[0].message
    assert earlier.last is not None
    assert (earlier.last.number, list(earlier.links)) == (1, [1])
    assert verify(store).complete
    assert seen(store).issues == ()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_run_that_still_runs_is_left_alone_without_a_link(*, elsewhere: bool) -> None:
    store, recorder = RefusingLinks(), EvidenceRecorder()
    recorder.begin(ELSEWHERE if elsewhere else EARLIER, None)
    recorder.before(store, "night-1", PLAN)
    store.refusing = False
    bodies = dict(store.bodies)

    with carrying_out("night-1"):
        assert codes(seen(store)) == (["RUN_UNFINISHED"] if elsewhere else [])
    assert store.bodies == bodies


def test_a_run_that_still_runs_is_left_alone() -> None:
    store = cut_off()
    bodies = dict(store.bodies)

    with carrying_out("night-1"):
        assert seen(store).issues == ()
    assert store.bodies == bodies


@pytest.mark.parametrize(
    ("until", "code"),
    [(None, "RUN_UNFINISHED"), (10, "RUN_UNFINISHED"), (-10, "RUN_CUT_OFF")],
)
def test_a_run_of_another_machine_is_closed_after_its_end(until: int | None, code: str) -> None:
    end = None if until is None else (NOW + timedelta(minutes=until)).isoformat()
    store = cut_off(replace(ELSEWHERE, until=end))

    earlier = seen(store)

    assert codes(earlier) == [code]
    assert verify(store).complete is (code == "RUN_CUT_OFF")
    status = "FAILED" if code == "RUN_CUT_OFF" else "UNFINISHED"
    assert [one.status for one in earlier.listed] == [status]


@pytest.mark.parametrize(
    "own",
    [
        replace(OWN, action="plan"),
        replace(OWN, action="verify"),
        replace(OWN, catalog="123456789012/eu"),
    ],
    ids=["plan", "verify", "other catalog"],
)
def test_a_run_that_may_not_judge_names_the_run_and_closes_nothing(own: OpenRun) -> None:
    store = cut_off()
    bodies = dict(store.bodies)

    earlier = seen(store, own)

    assert codes(earlier) == ["RUN_CUT_OFF"]
    assert "the outcome of 2 changes is unknown" in earlier.issues[0].message
    assert [(one.status, one.changes, one.paged) for one in earlier.listed] == [
        ("CUT_OFF", 2, False)
    ]
    assert store.bodies == bodies


@pytest.mark.parametrize(
    "break_it",
    [
        lambda store: store.bodies.update({"runs/night-1/before.jsonl": b"damaged"}),
        lambda store: store.bodies.update({"runs/night-1/before.jsonl": b"[" * 100_000}),
        lambda store: store.bodies.pop("runs/night-1/before.jsonl"),
        lambda store: setattr(store, "full", True),
    ],
    ids=["damaged", "deep", "lost", "full"],
)
def test_traces_that_cannot_be_used_do_not_stop_the_run(
    break_it: Callable[[MemoryStore], object],
) -> None:
    store = cut_off()
    break_it(store)

    assert codes(seen(store)) == ["RUN_CUT_OFF"]


def test_a_catalog_or_a_chain_that_cannot_be_read_does_not_stop_the_run() -> None:
    refused = Glue(refusal=PermissionDenied("no glue:GetDatabases"))
    earlier = seen(cut_off(), target=refused)
    assert "no glue:GetDatabases" in earlier.issues[0].message

    class Unreadable(MemoryStore):
        def first(self, prefix: str) -> str | None:
            raise PermissionDenied(prefix)

    assert seen(Unreadable()) == EarlierRuns()


def test_a_worker_closes_its_own_former_attempt_alone_and_the_last_step_all() -> None:
    parts = [replace(ELSEWHERE, place=f"night-2/parts/{name}") for name in ("SALES", "STOCK")]
    store = cut_off(parts[0])
    recorder = EvidenceRecorder()
    recorder.begin(parts[1], None)
    recorder.before(store, parts[1].place, PLAN)

    first = seen(store, replace(OWN, place=parts[0].place, step="work"))
    assert codes(first) == ["RUN_CUT_OFF"]
    assert [one.run.place for one in verify(store).unrecorded] == [parts[1].place]
    last = seen(store, replace(OWN, step="finish"))
    assert codes(last) == ["RUN_CUT_OFF"]
    assert verify(store).complete


@pytest.mark.parametrize(
    ("seconds", "ends"), [(300.0, True), (float("inf"), False), (1e300, False)]
)
def test_the_end_of_the_process_follows_from_the_time_of_the_run(
    seconds: float, *, ends: bool
) -> None:
    settings = load(ENVIRONMENT | {"GLUE_ROLE_ARN": "arn:aws:iam::210987654321:role/x"})
    caller = Caller(until=monotonic() + seconds)

    own = own_run(CONTEXT, RunAction.SYNC, settings, caller, bootstrap)

    assert (own.until is not None) is ends
    left = datetime.fromisoformat(own.until) - datetime.now(UTC) if own.until else None
    assert left is None or timedelta(minutes=5) < left < timedelta(minutes=7)
    assert (own.catalog or "").startswith("210987654321/")
    assert (own.place, own.tenant, own.action) == ("night-1", TENANT, "sync")
    assert own.context == CONTEXT
