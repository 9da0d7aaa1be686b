"""A run that was cut off is closed once, by files that are created and chained once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest

from datasphere_glue.errors import EvidenceAltered
from datasphere_glue.evidence.before_images import read_changes
from datasphere_glue.evidence.chain import Link, newest_head, open_runs
from datasphere_glue.evidence.closing import Traces, close_run, keep_applied, traces_of
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.verify import verify
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan
from datasphere_glue.storage.store import Body
from tests.unit.evidence.test_recorder import RefusingLinks
from tests.unit.samples import nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS, ITEMS = table_change(), table_change(name="v_items")
PLAN = Plan(tables=(ORDERS, ITEMS))
OUTCOMES = (outcome(ORDERS), outcome(ITEMS, OutcomeStatus.UNTRIED))
PATIENCE = 60.0


def cut_off(store: MemoryStore, place: str = "night-1") -> OpenRun:
    """Store the images of a run, and return it as the chain lists it."""
    recorder = EvidenceRecorder()
    recorder.begin(OpenRun(place, "machine/7/a"), None)
    recorder.before(store, place, PLAN)
    (run,) = open_runs(store, newest_head(store))
    return run


def close(
    store: MemoryStore, traces: Traces, outcomes: tuple[Outcome, ...] = OUTCOMES
) -> Link | None:
    applied, actual = keep_applied(store, traces, outcomes)
    result = nightly(Result(RunAction.SYNC, plan=PLAN, outcomes=actual))
    return close_run(store, traces, applied, result, newest_head(store))


def test_a_closed_run_has_outcomes_records_and_a_link() -> None:
    store = MemoryStore()
    run = cut_off(store)

    link = close(store, traces_of(store, run))

    assert link is not None
    names = [file.key.rpartition("/")[2] for file in link.files]
    assert (link.run, names) == ("night-1", ["applied.jsonl", "audit.jsonl"])
    verdict = verify(store)
    assert (verdict.intact, verdict.complete, verdict.unrecorded) == (True, True, ())
    assert [change.key for change in read_changes(store, "night-1").changes] == [ORDERS.key]


def test_outcomes_that_the_run_stored_itself_win() -> None:
    store = MemoryStore()
    run = cut_off(store)
    traces = traces_of(store, run)
    keep_applied(store, traces, (outcome(ORDERS), outcome(ITEMS, OutcomeStatus.FAILED)))

    _, actual = keep_applied(store, traces_of(store, run), OUTCOMES)

    assert [str(one.result) for one in actual] == ["done", "failed"]
    assert actual[1].error is not None
    assert close(store, traces_of(store, run)) is not None
    assert verify(store).complete


def test_records_that_the_run_stored_itself_are_chained_as_they_are() -> None:
    store, recorder = RefusingLinks(refusing=False), EvidenceRecorder()
    recorder.begin(OpenRun("night-1", "machine/7/a"), None)
    recorder.before(store, "night-1", PLAN)
    store.refusing = True
    recorder.after(store, "night-1", nightly(Result(RunAction.SYNC, plan=PLAN, outcomes=OUTCOMES)))
    store.refusing = False
    records = store.bodies["runs/night-1/audit.jsonl"]
    (run,) = open_runs(store, newest_head(store))

    link = close(store, traces_of(store, run))

    assert link is not None
    assert [file.key.rpartition("/")[2] for file in link.files] == ["applied.jsonl", "audit.jsonl"]
    assert store.bodies["runs/night-1/audit.jsonl"] == records
    assert verify(store).complete


def test_a_second_attempt_leaves_the_first_open_and_each_is_closed_for_itself() -> None:
    store = MemoryStore()
    first = cut_off(store)
    recorder = EvidenceRecorder()
    recorder.begin(OpenRun("night-1", "machine/8/b"), None)

    recorder.after(store, "night-1", nightly(Result(RunAction.SYNC)))

    assert open_runs(store, newest_head(store)) == (first,)
    assert close(store, traces_of(store, first)) is not None
    assert "runs/night-1/audit.2.jsonl" in store.bodies
    assert verify(store).complete


def test_altered_images_are_not_closed() -> None:
    store = MemoryStore()
    run = cut_off(store)
    store.bodies["runs/night-1/before.jsonl"] += b"\n"
    with pytest.raises(Exception, match=r"before\.jsonl"):
        traces_of(store, run)
    store.bodies["runs/night-1/before.jsonl"] = b""
    with pytest.raises(EvidenceAltered):
        traces_of(store, run)


@pytest.mark.parametrize("number", [1, 2])
def test_expired_images_are_counted_and_the_run_is_closed(number: int) -> None:
    store, recorder = MemoryStore(), EvidenceRecorder()
    recorder.begin(OpenRun("night-1", "machine/7/a"), None)
    recorder.before(store, "night-1", Plan(tables=(ORDERS,)))
    recorder.before(store, "night-1", Plan(tables=(ITEMS,)))
    (run,) = open_runs(store, newest_head(store))
    for image in run.images[:number]:
        del store.bodies[image.key]

    traces = traces_of(store, run)

    assert (traces.gone, len(traces.changes)) == (number, 2 - number)
    assert close(store, traces, OUTCOMES[1:][: 2 - number]) is not None
    assert open_runs(store, newest_head(store)) == ()
    assert all(store.bodies[key] for key in store.bodies if key.startswith("runs/"))


def test_two_runs_that_close_one_run_one_after_the_other_make_one_link() -> None:
    store = MemoryStore()
    run = cut_off(store)
    traces = [traces_of(store, run) for _ in range(2)]

    links = [close(store, one) for one in traces]

    assert links[0] is not None
    assert links[1] is None
    assert verify(store).links == 2


@dataclass
class Simultaneous(MemoryStore):
    """A store that lets two threads create each kind of file at the same moment."""

    barrier: Callable[[], object] = lambda: None
    created: list[str] = field(default_factory=list)

    def create(self, key: str, body: Body) -> bool:
        whole = body if isinstance(body, bytes) else b"".join(body)
        self.barrier()
        if self.bodies.setdefault(key, whole) is not whole:
            return False
        self.created.append(key)
        return True

    def pieces(self, key: str) -> Iterator[bytes]:
        yield self.bodies[key]


def test_two_runs_that_close_one_run_at_the_same_moment_agree() -> None:
    store = Simultaneous()
    run = cut_off(store)
    traces = [traces_of(store, run) for _ in range(2)]
    together = Barrier(2)
    store.barrier = lambda: together.wait(PATIENCE)
    other = (outcome(ORDERS), outcome(ITEMS))

    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(close, store, one, found)
            for one, found in zip(traces, (OUTCOMES, other), strict=True)
        ]
        links = [future.result() for future in futures]

    assert len([key for key in store.created if "applied" in key]) == 1
    assert len([key for key in store.created if "runs/night-1/audit" in key]) == 1
    assert {link.number for link in links if link} == {2}
    assert verify(store).complete
