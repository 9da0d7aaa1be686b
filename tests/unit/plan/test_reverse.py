"""Rollback: it restores the exact former state, and only where nothing changed since."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, Column, CurrentTable, Database, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import DatabaseChange, Plan, TableChange
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.plan.reverse import (
    UNPROVEN,
    Origin,
    merge_successive,
    reverse,
    revert_table,
    same_content,
)
from tests.laws.catalog import applied
from tests.unit.samples import (
    POLICY,
    TENANT,
    asset,
    listing,
    marked,
    plain_table,
    planned,
    synced,
    table_in,
    with_table,
)

ORIGIN = Origin("night-1", TENANT)
BOTH = listing(asset("V_ORDERS"), asset("V_ITEMS"))
RELABELLED = listing(asset("V_ORDERS", label="New"), asset("V_ITEMS"))
ONE_GONE = listing(asset("V_ORDERS"))


def tables(catalog: Catalog) -> list[Table]:
    return [current.table for current in catalog.tables]


def change(
    before: Table | None, after: Table | None, action: ChangeAction, **more: Any
) -> TableChange:
    return TableChange(action, "SALES", "V_ORDERS", before, after, **more)


OLD = plain_table("v_orders")
NEW = replace(OLD, description="New", rest='{"Retention":7}')


@pytest.mark.parametrize(
    ("action", "back"),
    [
        (ChangeAction.UPDATE, ChangeAction.UPDATE),
        (ChangeAction.DEPRECATE, ChangeAction.RESTORE),
        (ChangeAction.RESTORE, ChangeAction.DEPRECATE),
    ],
)
def test_a_write_is_undone_by_writing_the_former_state(
    action: ChangeAction, back: ChangeAction
) -> None:
    undone = revert_table(change(OLD, NEW, action), CurrentTable(NEW, "9"), ORIGIN)

    assert isinstance(undone, TableChange)
    assert (undone.action, undone.before, undone.after) == (back, NEW, OLD)
    assert undone.version_id == "9"
    assert [field.field for field in undone.fields] == ["description", "rest.Retention"]
    assert undone.reason == "rollback of run night-1"


def test_a_creation_is_undone_by_a_deletion_and_vice_versa() -> None:
    gone = revert_table(change(None, NEW, ChangeAction.CREATE), CurrentTable(NEW, "0"), ORIGIN)
    back = revert_table(change(OLD, None, ChangeAction.DELETE), None, ORIGIN)

    assert isinstance(gone, TableChange)
    assert isinstance(back, TableChange)
    assert (gone.action, gone.before, gone.after) == (ChangeAction.DELETE, NEW, None)
    assert (back.action, back.before, back.after) == (ChangeAction.CREATE, None, OLD)


@pytest.mark.parametrize(
    ("done", "now"),
    [
        (change(OLD, NEW, ChangeAction.UPDATE), OLD),
        (change(None, NEW, ChangeAction.CREATE), None),
        (change(OLD, None, ChangeAction.DELETE), OLD),
    ],
)
def test_a_table_in_its_former_state_needs_no_change(done: TableChange, now: Table | None) -> None:
    assert revert_table(done, CurrentTable(now) if now else None, ORIGIN) is None


def test_defaults_that_glue_adds_are_no_change() -> None:
    filled = replace(
        NEW,
        rest='{"Retention":7,"StorageDescriptor":{"Compressed":false,"NumberOfBuckets":0,'
        '"SerdeInfo":{"Parameters":{}},"SortColumns":[]}}',
    )

    assert same_content(NEW, filled)
    assert same_content(replace(NEW, description=None), replace(NEW, description=""))
    assert not same_content(NEW, replace(filled, rest='{"Retention":8}'))
    assert not same_content(NEW, marked(NEW, note=""))
    assert not same_content(NEW, None)
    keys = (Column("a", "int"), Column("b", "int"))
    assert not same_content(
        replace(NEW, partition_keys=keys), replace(NEW, partition_keys=keys[::-1])
    )


def conflict(done: TableChange, now: Table | None, **more: Any) -> str:
    result = revert_table(done, CurrentTable(now, "9", **more) if now else None, ORIGIN)
    assert isinstance(result, Issue)
    assert (result.subject, result.code) == ("SALES.V_ORDERS", "ROLLBACK_CONFLICT")
    assert "history datasphere_sales.v_orders" in result.remedy
    return result.message


def test_a_later_change_is_reported_with_both_values() -> None:
    update = change(OLD, NEW, ChangeAction.UPDATE)
    edited = replace(marked(NEW, team="sales"), description="By hand")

    assert conflict(update, edited) == (
        "datasphere_sales.v_orders was changed since run night-1 wrote it:"
        ' description: the run wrote "New", now "By hand";'
        ' parameters.team: the run wrote nothing, now "sales"'
    )
    assert "was removed since" in conflict(update, None)
    assert "exists again" in conflict(change(OLD, None, ChangeAction.DELETE), NEW)
    assert "was changed since" in conflict(change(None, NEW, ChangeAction.CREATE), edited)


def test_many_differences_are_counted_and_our_digests_come_last() -> None:
    update = change(OLD, NEW, ChangeAction.UPDATE)
    later = marked(NEW, **{"datasphere.fingerprint": "f", "datasphere.applied": "{}"})

    assert "fingerprint" in conflict(update, later)
    assert "fingerprint" not in conflict(update, replace(later, description="Later"))
    many = marked(NEW, **{f"k{number}": "v" for number in range(9)})
    assert conflict(update, many).endswith("and 5 more fields")


def test_foreign_tables_are_not_changed() -> None:
    update = change(OLD, NEW, ChangeAction.UPDATE)
    create = change(None, NEW, ChangeAction.CREATE)
    other = marked(NEW, **{"datasphere.tenant": "other.eu10.hcs.cloud.sap"})
    unmarked = replace(NEW, parameters=())

    assert "belongs to tenant other" in conflict(change(OLD, other, ChangeAction.UPDATE), other)
    assert "our marker" in conflict(change(None, unmarked, ChangeAction.CREATE), unmarked)
    assert "a view" in conflict(update, NEW, unwritable="a view")
    assert "a view" in conflict(create, NEW, unwritable="a view")


UNMARKED = replace(NEW, parameters=(("team", "sales"),))
OTHERS = marked(NEW, **{"datasphere.tenant": "other.eu10.hcs.cloud.sap"})
STATES = (None, OLD, NEW, UNMARKED, OTHERS)


def ours(table: Table | None) -> bool:
    return table is not None and table.managed and table.tenant == TENANT


@pytest.mark.parametrize("proven", [True, False])
def test_no_image_overwrites_a_foreign_table(*, proven: bool) -> None:
    """Every combination of the states before, after and now, as a forger might choose them."""
    written = 0
    for before, after, now in product(STATES, repeat=3):
        if before is None and after is None:
            continue
        done = change(before, after, ChangeAction.UPDATE)
        current = CurrentTable(now, "9") if now else None
        back = revert_table(done, current, replace(ORIGIN, proven=proven))
        if isinstance(back, TableChange):
            written += 1
            assert ours(back.before) or (back.before is None and proven and ours(back.after))
            assert back.after is None or ours(back.after) or not back.after.managed
            assert proven or (ours(back.before) and ours(back.after))
    assert written == (8 if proven else 2)


@pytest.mark.parametrize(
    ("done", "now"),
    [
        (change(None, NEW, ChangeAction.CREATE), NEW),
        (change(OLD, None, ChangeAction.DELETE), None),
        (change(UNMARKED, NEW, ChangeAction.UPDATE, adopted=True), NEW),
    ],
    ids=["to be deleted", "to be created", "to be given up"],
)
def test_an_unproven_image_only_restores_our_own_states(
    done: TableChange, now: Table | None
) -> None:
    current = CurrentTable(now, "9") if now else None

    refused = revert_table(done, current, replace(ORIGIN, proven=False))

    assert isinstance(refused, Issue)
    assert UNPROVEN.message in refused.message
    assert isinstance(revert_table(done, current, ORIGIN), TableChange)


def test_a_deleted_table_is_restored_only_with_our_marker() -> None:
    assert "did not carry our marker" in conflict(change(UNMARKED, None, ChangeAction.DELETE), None)
    assert "belongs to tenant other" in conflict(change(OTHERS, None, ChangeAction.DELETE), None)


def test_an_adoption_is_undone() -> None:
    unmarked = replace(OLD, parameters=(("team", "sales"),))
    undone = revert_table(
        change(unmarked, NEW, ChangeAction.UPDATE, adopted=True), CurrentTable(NEW, "9"), ORIGIN
    )

    assert isinstance(undone, TableChange)
    assert undone.after == unmarked


def test_a_run_and_its_rollback_can_be_undone() -> None:
    full = synced(BOTH)
    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)
    gone = synced(ONE_GONE, catalog=full)
    later = listing(asset("V_ORDERS", label="New"), asset("V_NEW"))
    plan = planned((later,), gone, policy=policy)
    after = applied(plan, gone)
    assert {c.action for c in plan.tables} == {
        ChangeAction.CREATE,
        ChangeAction.UPDATE,
        ChangeAction.DELETE,
    }

    back = reverse(plan.changes, after, ORIGIN)
    restored = applied(back, after)
    again = reverse(back.changes, restored, Origin("night-2", TENANT))

    assert tables(restored) == tables(gone)
    assert tables(applied(again, restored)) == tables(after)
    assert [c.action for c in back.tables] == [
        ChangeAction.CREATE,
        ChangeAction.UPDATE,
        ChangeAction.DELETE,
    ]


def test_the_plan_counts_unchanged_tables_and_lists_skipped_ones() -> None:
    before = synced(BOTH)
    plan = planned((RELABELLED, listing(asset("V_STAFF", "HR"), space="HR")), before)
    after = applied(plan, before)
    staff = table_in(after, "v_staff")
    after = with_table(after, marked(staff, team="people"))

    back = reverse(plan.changes, after, ORIGIN)
    assert [c.table for c in back.tables] == ["v_orders"]
    assert [issue.subject for issue in back.skipped] == ["HR.V_STAFF"]
    assert [note.code for note in back.notes] == ["DATABASE_LEFT"]
    assert back.unchanged == (("HR", 0), ("SALES", 0))

    again = reverse(plan.changes, applied(back, after), ORIGIN)
    assert again.empty
    assert dict(again.unchanged)["SALES"] == 1


OURS = (
    ("datasphere.label", "Sales"),
    ("datasphere.managed_by", "datasphere-glue"),
    ("datasphere.tenant", TENANT),
)
DB = Database("datasphere_sales", "Sales", OURS)
RENAMED = replace(DB, description="Revenue")
UPDATE = DatabaseChange(ChangeAction.UPDATE, "SALES", RENAMED, DB)


def undone(done: DatabaseChange, *current: Database, proven: bool = True) -> Plan:
    return reverse((done,), Catalog(databases=current), replace(ORIGIN, proven=proven))


def test_a_database_is_restored_to_its_former_state() -> None:
    (back,) = undone(UPDATE, RENAMED).databases

    assert (back.action, back.before, back.after) == (ChangeAction.UPDATE, RENAMED, DB)
    assert [(f.field, f.before, f.after) for f in back.fields] == [
        ("description", "Revenue", "Sales")
    ]
    assert undone(UPDATE, DB).kept == (DB.name,)


@pytest.mark.parametrize(
    ("current", "text"),
    [
        ((), "was removed"),
        ((replace(DB, description="By hand"),), 'wrote "Revenue", now "By hand"'),
        ((replace(RENAMED, link="elsewhere"),), "no longer belongs"),
        ((replace(RENAMED, parameters=()),), "no longer belongs"),
        (
            (
                replace(
                    RENAMED,
                    parameters=(
                        ("datasphere.managed_by", "datasphere-glue"),
                        ("datasphere.tenant", "other"),
                    ),
                ),
            ),
            "no longer belongs",
        ),
    ],
)
def test_a_database_that_was_changed_since_is_skipped(
    current: tuple[Database, ...], text: str
) -> None:
    plan = undone(UPDATE, *current)

    assert plan.empty
    (issue,) = plan.skipped
    assert (issue.subject, issue.code) == ("SALES", "ROLLBACK_CONFLICT")
    assert text in issue.message


def test_the_adoption_of_a_database_is_undone_only_if_proven() -> None:
    unmarked = replace(DB, parameters=())
    adopted = DatabaseChange(ChangeAction.UPDATE, "SALES", RENAMED, unmarked)

    assert undone(adopted, RENAMED).databases[0].after == unmarked
    (issue,) = undone(adopted, RENAMED, proven=False).skipped
    assert UNPROVEN.message in issue.message
    assert len(undone(UPDATE, RENAMED, proven=False).databases) == 1


def test_a_database_goes_back_with_the_empty_lists_that_it_has_now() -> None:
    """Images of earlier versions lack empty values; without the list, Glue sets its default."""
    now = replace(RENAMED, rest='{"CreateTableDefaultPermissions":[]}')

    (change,) = undone(UPDATE, now).databases

    assert change.after == replace(DB, rest='{"CreateTableDefaultPermissions":[]}')


def test_a_created_database_is_never_deleted() -> None:
    create = DatabaseChange(ChangeAction.CREATE, "SALES", DB)

    assert undone(create, DB).empty
    assert [note.code for note in undone(create, DB).notes] == ["DATABASE_LEFT"]
    assert undone(create) == Plan()


def test_two_attempts_of_one_run_are_undone_as_one() -> None:
    last = replace(NEW, description="Last")
    first = change(None, OLD, ChangeAction.CREATE)
    second = change(OLD, last, ChangeAction.UPDATE)

    both = merge_successive(first, second)
    assert isinstance(both, TableChange)
    assert (both.before, both.after) == (None, last)
    apart = change(NEW, last, ChangeAction.UPDATE)
    assert merge_successive(first, apart) == apart

    created = DatabaseChange(ChangeAction.CREATE, "SALES", DB)
    joined = merge_successive(created, UPDATE)
    assert (joined.action, joined.before, joined.after) == (ChangeAction.CREATE, None, RENAMED)
    elsewhere = replace(UPDATE, before=replace(DB, description="By hand"))
    assert merge_successive(created, elsewhere) == elsewhere
