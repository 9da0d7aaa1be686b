"""Before-images: written before the first write, corrected after the last, read exactly."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.errors import EventError, ReportUnwritable, Unavailable
from datasphere_glue.evidence.before_images import read_changes, write_applied, write_before
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan
from tests.golden.stored_values import OUTCOMES, RUN_ID, STORED, UPDATE
from tests.golden.stored_values import PLAN as STORED_PLAN
from tests.unit.samples import database_change, issue, marked, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS = table_change(ChangeAction.UPDATE)
ITEMS = table_change(ChangeAction.CREATE, "v_items")
PLAN = Plan(databases=(database_change(),), tables=(ITEMS, ORDERS))
BARE = tuple(replace(change, fields=()) for change in PLAN.changes)


def test_the_changes_of_a_killed_run_are_read_from_its_before_images() -> None:
    store = MemoryStore()

    write_before(store, "night-1", PLAN)

    assert list(store.bodies) == ["runs/night-1/before.jsonl"]
    assert read_changes(store, "night-1").changes == BARE


def test_images_of_an_older_version_are_read_and_written_unchanged() -> None:
    names = ("before.jsonl", "applied.jsonl")
    stored = {f"runs/{RUN_ID}/{name}": (STORED / name).read_bytes() for name in names}
    store = MemoryStore()

    write_applied(store, RUN_ID, STORED_PLAN, OUTCOMES, [write_before(store, RUN_ID, STORED_PLAN)])

    assert store.bodies == stored
    databases, tables = STORED_PLAN.databases, STORED_PLAN.tables
    expected = (
        *(replace(change, fields=()) for change in databases),
        replace(UPDATE, version_id="8", fields=()),
        *tables[2:4],
    )
    assert read_changes(MemoryStore(stored), RUN_ID).changes == expected


def test_only_changes_that_may_have_been_written_are_read() -> None:
    store = MemoryStore()
    write_before(store, "night-1", PLAN)

    results = (OutcomeStatus.DONE, OutcomeStatus.UNTRIED, OutcomeStatus.FAILED)
    outcomes = tuple(
        outcome(change, result, issue() if result is OutcomeStatus.FAILED else None)
        for change, result in zip(PLAN.changes, results, strict=True)
    )
    write_applied(store, "night-1", PLAN, outcomes)

    assert read_changes(store, "night-1").changes == (BARE[0], BARE[2])
    lines = store.bodies["runs/night-1/applied.jsonl"].splitlines()
    assert [json.loads(line)["change"] for line in lines] == [None, None, None]


def test_a_replanned_change_is_read_as_it_was_applied() -> None:
    store = MemoryStore()
    assert ORDERS.before is not None
    fresh = replace(ORDERS, before=marked(ORDERS.before, team="sales"), version_id="9")
    write_before(store, "night-1", PLAN)

    write_applied(
        store,
        "night-1",
        PLAN,
        (outcome(fresh), Outcome(ITEMS, OutcomeStatus.UNCHANGED, attempts=2)),
    )

    assert read_changes(store, "night-1").changes == (BARE[0], replace(fresh, fields=()))


def test_a_reused_run_id_merges_the_images_of_both_runs() -> None:
    store = MemoryStore()
    assert ORDERS.after is not None
    second = replace(ORDERS, before=ORDERS.after, after=marked(ORDERS.after, team="sales"))
    for change in (ORDERS, second):
        plan = Plan(tables=(change,))
        write_before(store, "night-1", plan)
        write_applied(store, "night-1", plan, (outcome(change),))

    assert sorted(store.bodies) == [
        f"runs/night-1/{name}.jsonl" for name in ("applied.2", "applied", "before.2", "before")
    ]
    (merged,) = read_changes(store, "night-1").changes
    assert (merged.before, merged.after) == (ORDERS.before, second.after)


def test_images_that_follow_an_empty_file_are_read() -> None:
    store = MemoryStore()
    store.put("runs/night-1/before.jsonl", b"")
    images = write_before(store, "night-1", PLAN)

    write_applied(store, "night-1", PLAN, (outcome(ITEMS),), (images,))

    assert images.file.key == "runs/night-1/before.2.jsonl"
    assert read_changes(store, "night-1").changes == BARE


def test_a_run_does_not_read_the_images_of_another_run() -> None:
    store = MemoryStore()
    write_before(store, "night-10", PLAN)

    with pytest.raises(EventError, match="no before-image of run night-1 is kept at memory:runs"):
        read_changes(store, "night-1")


def test_an_error_on_writing_images_is_raised() -> None:
    with pytest.raises(ReportUnwritable):
        write_before(MemoryStore(full=True), "night-1", PLAN)


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.update(schema="x"),
        lambda record: record.update(table="other"),
        lambda record: record.update(kind="view"),
        lambda record: record.pop("result"),
        lambda record: record["change"].update(before=7),
        lambda record: record["change"].pop("action"),
    ],
)
def test_a_damaged_image_is_refused_with_its_line(damage: object) -> None:
    store = MemoryStore()
    write_before(store, "night-1", PLAN)
    key = "runs/night-1/before.jsonl"
    first, *others = store.bodies[key].splitlines()
    record = json.loads(others[0])
    assert callable(damage)
    damage(record)
    store.bodies[key] = b"\n".join((first, json.dumps(record).encode(), *others[1:]))

    with pytest.raises(Unavailable, match=r"line 2 of memory:runs/night-1/before\.jsonl") as caught:
        read_changes(store, "night-1")
    assert "nothing was rolled back" in caught.value.remedy


def test_a_truncated_line_is_refused_with_its_number() -> None:
    store = MemoryStore()
    write_before(store, "night-1", PLAN)
    store.bodies["runs/night-1/before.jsonl"] = store.bodies["runs/night-1/before.jsonl"][:-30]

    with pytest.raises(Unavailable, match="line 3"):
        read_changes(store, "night-1")
