"""Parts of one run: stored, read again, continued, and merged into the whole run."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.errors import CredentialsRejected, EventError, SourceUnavailable, Unavailable
from datasphere_glue.model.completeness import Completeness, Score, Share
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part, Slice
from datasphere_glue.outcome.asset_index import PackedSpace, packed_spaces_of
from datasphere_glue.outcome.call_stats import CallStats, Endpoint, TimedStep
from datasphere_glue.outcome.context import Costs
from datasphere_glue.outcome.run import Result, Status, database_counts, table_counts
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Conflict, OutcomeStatus, Plan
from datasphere_glue.runs.fanout import merge_workers
from datasphere_glue.runs.fanout.merge_resumed import merge_resumed
from datasphere_glue.runs.fanout.records import (
    Manifest,
    PartRun,
    keep_manifest,
    keep_part,
    manifest_of,
    parts_of,
    place_of,
)
from tests.golden import stored_values as old
from tests.unit.samples import database_change, issue, outcome, table_change
from tests.unit.storage.stores import MemoryStore

COSTS = Costs(calls={"datasphere": 3, "glue_read": 2, "glue_write": 1})
SALES, FIRST, SECOND = (
    Part(("SALES",)),
    Part(("SALES",), Slice(1, 2)),
    Part(("SALES",), Slice(2, 2)),
)


def manifest(*parts: Part) -> Manifest:
    return Manifest(
        "2026-11-23T02:00:00+00:00",
        "schedule",
        "arn:schedule",
        ("SALES",),
        full=True,
        parts=parts,
        databases=(("SALES", "datasphere_sales"),),
        undated=7,
        calls=(("datasphere", 4),),
    )


def worker_result(
    *names: str,
    result: OutcomeStatus = OutcomeStatus.DONE,
    unchanged: int = 0,
    database: bool = False,
) -> Result:
    """Return the run of a worker that created these tables."""
    changes = [table_change(ChangeAction.CREATE, name) for name in names]
    databases = (database_change(),) if database else ()
    outcomes = [outcome(change, result) for change in (*databases, *changes)]
    plan = Plan(
        databases,
        tuple(changes),
        unchanged=(("SALES", unchanged),),
        kept=() if database else ("datasphere_sales",),
    )
    listings = (SpaceListing("SALES", read=len(names), notes=(issue(code="TYPE_LOSS"),)),)
    return Result(RunAction.SYNC, listings, plan=plan, outcomes=tuple(outcomes))


def stored_part(store: MemoryStore, part: Part, *runs: Result) -> PartRun:
    for run in runs:
        keep_part(store, place_of("n-1", part), run, COSTS)
    (part_run,) = parts_of(store, "n-1", manifest(part))
    return part_run


def merged(*parts: PartRun, own: Result | None = None) -> Result:
    return merge_workers.merge_workers(
        own or Result(RunAction.SYNC, (SpaceListing("SALES"),)),
        parts,
        {},
        merge_workers.objections(parts),
    )


def test_the_manifest_of_a_divided_run_can_be_read() -> None:
    store = MemoryStore()
    divided = manifest(SALES, FIRST)

    keep_manifest(store, "n-1", divided)

    assert manifest_of(store, "n-1") == divided
    with pytest.raises(EventError, match="run n-2 was not split"):
        manifest_of(store, "n-2")


def test_records_of_an_older_version_are_read_and_written_unchanged() -> None:
    place = place_of(old.RUN_ID, old.PART)
    names = {
        f"runs/{old.RUN_ID}/split/manifest.json": "manifest.json",
        f"runs/{place}/part.1.json": "part.json",
    }
    stored = {key: (old.STORED / name).read_bytes() for key, name in names.items()}
    store = MemoryStore()

    keep_manifest(store, old.RUN_ID, old.MANIFEST)
    keep_part(store, place, old.RUN, Costs(0, old.CALLS, old.STATS))

    assert {key: store.bodies[key] for key in stored} == stored
    before = MemoryStore(stored)
    assert manifest_of(before, old.RUN_ID) == old.MANIFEST
    _, part = parts_of(before, old.RUN_ID, old.MANIFEST)
    assert part == next(p for p in parts_of(store, old.RUN_ID, old.MANIFEST) if p.result)
    assert part.result is not None
    sales, hr = old.RUN.listings
    assert part.result.listings == (replace(sales, read=sales.read - len(old.PLAN.left)), hr)
    assert part.result.completeness == old.RUN.completeness
    assert [one.result for one in part.result.outcomes] == [one.result for one in old.OUTCOMES]
    assert part.costs == Costs(0, old.CALLS, old.STATS)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"schema": "other/1", "content": {}}'])
def test_a_damaged_record_is_reported_with_its_key(body: bytes) -> None:
    store = MemoryStore({"runs/n-1/split/manifest.json": body})

    with pytest.raises(Unavailable, match=r"manifest\.json is no record of a divided run"):
        manifest_of(store, "n-1")


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (SALES, "n-1/parts/SALES"),
        (SECOND, "n-1/parts/SALES.2-of-2"),
        (Part(("A", "B", "C")), "n-1/parts/A.and-2-more"),
        (Part(("../A b",)), "n-1/parts/..%2FA%20b"),
    ],
)
def test_each_part_has_its_own_place(part: Part, place: str) -> None:
    assert place_of("n-1", part) == place


def test_a_stored_part_can_be_read() -> None:
    run = replace(
        worker_result("v_a", database=True, unchanged=4), objections=(issue(code="GUARD_REFUSED"),)
    )

    part_run = stored_part(MemoryStore(), SALES, run)

    assert part_run.result is not None
    assert table_counts(part_run.result) == table_counts(run)
    assert database_counts(part_run.result) == database_counts(run)
    assert part_run.result.objections == run.objections
    assert part_run.result.listings == run.listings
    assert (part_run.costs, part_run.error, part_run.missing) == (COSTS, None, {})


def test_only_the_name_of_a_table_is_stored() -> None:
    store = MemoryStore()

    part_run = stored_part(store, SALES, worker_result("v_a"))

    assert part_run.result is not None
    (change,) = part_run.result.plan.tables
    assert change.before is None
    assert change.after is not None
    assert (change.after.name, change.after.parameters) == ("v_a", ())


def test_a_worker_without_a_record_is_lost_with_its_spaces() -> None:
    (part_run,) = parts_of(MemoryStore(), "n-1", manifest(FIRST))

    assert part_run.result is None
    assert part_run.missing["SALES"].code is IssueCode.WORKER_LOST
    assert "SALES (slice 1/2)" in part_run.missing["SALES"].message


def test_a_failed_worker_makes_its_space_incomplete() -> None:
    part_run = stored_part(
        MemoryStore(), SALES, Result(RunAction.SYNC, error=SourceUnavailable("gone away"))
    )

    run = merged(part_run)

    assert part_run.missing["SALES"].message == "gone away"
    assert not run.listings[0].complete
    assert run.status is Status.DEGRADED


def test_a_worker_with_rejected_credentials_halts_the_run() -> None:
    part_run = stored_part(
        MemoryStore(), SALES, Result(RunAction.SYNC, error=CredentialsRejected("wrong secret"))
    )

    assert [one.code for one in merge_workers.objections([part_run])] == ["CREDENTIALS_REJECTED"]
    assert merged(part_run).status is Status.HALTED


def test_a_resumed_part_is_counted_once() -> None:
    first = worker_result("v_a", "v_b", database=True)
    first = replace(
        first,
        outcomes=(
            *first.outcomes,
            outcome(table_change(ChangeAction.CREATE, "v_c"), OutcomeStatus.UNTRIED),
        ),
    )
    second = worker_result("v_c", unchanged=2)

    part_run = stored_part(MemoryStore(), SALES, first, second)

    assert part_run.result is not None
    assert {k: v for k, v in table_counts(part_run.result).items() if v} == {"created": 3}
    assert {k: v for k, v in database_counts(part_run.result).items() if v} == {"created": 1}
    assert part_run.result.status is Status.SUCCESS
    assert part_run.costs == COSTS + COSTS
    assert part_run.result.listings[0].read == 3


def test_a_part_can_be_resumed_more_than_ten_times() -> None:
    runs = [worker_result(f"v_{number}", unchanged=number) for number in range(12)]

    part_run = stored_part(MemoryStore(), SALES, *runs)

    assert part_run.result is not None
    assert {k: v for k, v in table_counts(part_run.result).items() if v} == {"created": 12}


def test_a_later_failure_replaces_an_earlier_success() -> None:
    run = merge_resumed(worker_result("v_a"), worker_result("v_a", result=OutcomeStatus.FAILED))

    assert {k: v for k, v in table_counts(run).items() if v} == {"failed": 1}


def test_a_conflict_of_an_earlier_attempt_is_kept() -> None:
    conflict = Conflict(
        "datasphere_sales", "v_a", "SALES", "V_A", "description", "x", "y", both=True
    )
    first, second = worker_result("v_a"), worker_result("v_b", unchanged=1)
    drift = replace(conflict, both=False)

    run = merge_resumed(
        replace(first, plan=replace(first.plan, conflicts=(conflict,))),
        replace(second, plan=replace(second.plan, conflicts=(drift,))),
    )

    assert run.plan.conflicts == (conflict,)


def test_slices_of_one_space_merge_into_one_space_and_one_database() -> None:
    store = MemoryStore()
    one = stored_part(store, FIRST, worker_result("v_a", database=True))
    other = stored_part(
        store,
        SECOND,
        worker_result("v_b", "v_c", database=True, result=OutcomeStatus.UNCHANGED, unchanged=5),
    )
    third = stored_part(
        store, Part(("HR",)), replace(worker_result(), listings=(SpaceListing("HR"),))
    )

    run = merged(one, other, third)

    assert [listing.space for listing in run.listings] == ["HR", "SALES"]
    assert run.listings[1].read == 3
    assert run.listings[1].notes == (issue(code="TYPE_LOSS"),)
    assert {k: v for k, v in database_counts(run).items() if v} == {"created": 1}
    assert {k: v for k, v in table_counts(run).items() if v} == {"created": 1, "unchanged": 7}


def test_only_outcomes_of_the_last_step_are_unrecorded() -> None:
    gone = table_change(ChangeAction.DEPRECATE, "v_old")
    own = Result(RunAction.SYNC, plan=Plan(tables=(gone,)), outcomes=(outcome(gone),))

    run = merged(stored_part(MemoryStore(), SALES, worker_result("v_a")), own=own)

    assert [o.change.table for o in run.outcomes] == ["v_a", "v_old"]
    assert [o.change.table for o in run.unrecorded] == ["v_old"]
    assert run.status is Status.SUCCESS


def test_tables_added_by_workers_are_listed() -> None:
    adopted = replace(table_change(ChangeAction.UPDATE, "v_adopted"), adopted=True)
    changes = (
        table_change(ChangeAction.CREATE, "v_new"),
        table_change(ChangeAction.RESTORE, "v_back"),
        table_change(ChangeAction.UPDATE, "v_same"),
        adopted,
    )
    run = Result(
        RunAction.SYNC, plan=Plan(tables=changes), outcomes=tuple(outcome(c) for c in changes)
    )

    tables = merge_workers.added_tables([stored_part(MemoryStore(), SALES, run)])

    assert {name for _, name in tables} == {"v_new", "v_back", "v_adopted"}


def test_leftover_assets_of_a_part_are_read_by_the_last_step() -> None:
    run = replace(worker_result("v_a", "v_b"), plan=Plan(left=(("SALES", "V_B"),)), outcomes=())

    part_run = stored_part(MemoryStore(), SALES, run)

    assert merge_workers.leftover_assets([part_run]) == {("SALES", "V_B")}
    assert part_run.result is not None
    assert part_run.result.listings[0].read == 1


def test_the_calls_of_all_steps_are_added() -> None:
    total = COSTS + COSTS + Costs(calls={"datasphere": 10})

    assert total.calls == {"datasphere": 16, "glue_read": 4, "glue_write": 2}


def test_a_record_is_json_with_a_schema() -> None:
    store = MemoryStore()
    stored_part(store, SALES, worker_result("v_a"))

    (body,) = store.bodies.values()

    assert json.loads(body)["schema"] == "datasphere-glue/part/1"


def completeness_of(assets: int, have: int = 0, space: str = "SALES") -> Completeness:
    lacking = Score(10, space, f"V_{assets}", "db", f"v_{assets}", ("label",))
    return Completeness(space, assets, 2 * assets, (Share("label", have, assets),), (lacking,))


def test_the_completeness_of_a_part_can_be_read() -> None:
    run = replace(
        worker_result("v_a"), completeness=(completeness_of(3), completeness_of(1, space="HR"))
    )

    part_run = stored_part(MemoryStore(), SALES, run)

    assert part_run.result is not None
    assert part_run.result.completeness == run.completeness


def test_the_completeness_of_slices_and_of_the_last_step_is_added() -> None:
    parts = [
        PartRun(part, replace(worker_result(), completeness=(completeness_of(assets, have=1),)))
        for part, assets in ((FIRST, 3), (SECOND, 4))
    ]
    own = Result(
        RunAction.SYNC,
        (SpaceListing("SALES"),),
        completeness=(completeness_of(1), completeness_of(2, space="HR")),
    )

    run = merged(*parts, own=own)

    assert [(one.space, one.assets, one.shares) for one in run.completeness] == [
        ("HR", 2, (Share("label", 0, 2),)),
        ("SALES", 8, (Share("label", 2, 8),)),
    ]
    assert [one.name for one in run.completeness[1].worst] == ["V_1", "V_3", "V_4"]


@pytest.mark.parametrize(("earlier", "later", "counts"), [(2, 5, 5), (5, 2, 5), (3, 3, 3)])
def test_a_resumed_part_uses_the_completeness_with_most_assets(
    earlier: int, later: int, counts: int
) -> None:
    before = replace(
        worker_result(), completeness=(completeness_of(earlier), completeness_of(1, space="HR"))
    )
    after = replace(worker_result(), completeness=(completeness_of(later, have=1),))

    merged_counts = merge_resumed(before, after).completeness

    assert [(one.space, one.assets) for one in merged_counts] == [("HR", 1), ("SALES", counts)]
    if later >= earlier:
        assert merged_counts[1].shares[0].have == 1


def test_call_statistics_of_all_attempts_of_a_part_are_added() -> None:
    store, place = MemoryStore(), place_of("n-1", SALES)
    calls = Endpoint("glue", "GetTable", 2, 1, max_ms=30, times=((8, 2),))
    for _ in range(2):
        health = CallStats((calls,), steps=(TimedStep("read", 5),))
        keep_part(store, place, worker_result("v_a"), replace(COSTS, call_stats=health))

    (part_run,) = parts_of(store, "n-1", manifest(SALES))

    assert part_run.costs.call_stats.endpoints == (
        Endpoint("glue", "GetTable", 4, 2, max_ms=30, times=((8, 4),)),
    )
    assert part_run.costs.call_stats.steps == (TimedStep("read", 10),)


def test_packed_spaces_are_stored_with_each_attempt_of_a_part() -> None:
    store, place = MemoryStore(), place_of("n-1", FIRST)
    first, second = (PackedSpace("SALES", "db", b"rows", body) for body in (b"one", b"two"))
    keep_part(store, place, worker_result("v_a"), COSTS, (first,))
    keep_part(store, place, worker_result("v_b"), COSTS)
    keep_part(store, place, worker_result("v_c"), COSTS, (second,))

    (part_run,) = parts_of(store, "n-1", manifest(FIRST))

    assert [one for key in part_run.asset_index_keys for one in packed_spaces_of(store, key)] == [
        first,
        second,
    ]
    assert "runs/n-1/parts/SALES.1-of-2/atlas.3.jsonl" in store.bodies


def test_a_record_of_an_older_version_has_no_completeness() -> None:
    store = MemoryStore()
    stored_part(store, SALES, worker_result("v_a"))
    (key,) = store.bodies
    document = json.loads(store.bodies[key])
    del document["content"]["completeness"], document["content"]["health"]
    store.put(key, json.dumps(document).encode())

    (part_run,) = parts_of(store, "n-1", manifest(SALES))

    assert part_run.result is not None
    assert part_run.result.completeness == ()
    assert part_run.costs.call_stats == CallStats()
