"""Guard, beyond `test_planning`: the run as a whole, deletions, and a way out that is one."""

from dataclasses import replace

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, CurrentTable, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.guard import GuardLimits, objections, read_objections
from tests.unit.samples import TENANT, issue, listing, marked, plain_table


def tables(space: str, count: int) -> list[Table]:
    return [plain_table(f"{space.lower()}_{number}", space) for number in range(count)]


def catalog(*held: Table) -> Catalog:
    return Catalog((), tuple(CurrentTable(table) for table in held))


def removing(going: list[Table], action: ChangeAction = ChangeAction.DEPRECATE) -> Plan:
    return Plan(tables=tuple(TableChange(action, t.asset[0], t.asset[1], before=t) for t in going))


def against(going: list[Table], held: list[Table], **limits: int) -> tuple[Issue, ...]:
    return objections(removing(going), catalog(*held), tenant=TENANT, limits=GuardLimits(**limits))


def test_forty_of_a_hundred_are_refused_with_all_numbers_and_a_way_out() -> None:
    held = tables("SALES", 100)

    of_space, of_run = against(held[:40], held)

    assert of_space.subject == "SALES"
    assert of_space.code == "GUARD_REFUSED"
    assert of_space.message == (
        "40 of 100 tables of space SALES would be deprecated (40 %);"
        " at most 10 may go (MAX_REMOVAL_PERCENT=10)"
    )
    assert "raise MAX_REMOVAL_PERCENT" in of_space.remedy
    assert of_run.message.startswith("40 of 100 tables of all spaces would be deprecated (40 %)")


@pytest.mark.parametrize("count", [1, 9])
def test_a_space_never_loses_all_it_has_whatever_the_limit(count: int) -> None:
    held = tables("SALES", count)

    (refused,) = against(held, held, max_removal_percent=100)

    assert f"{count} of {count} tables of space SALES would be deprecated (100 %)" in (
        refused.message
    )
    assert "a space never loses all its tables" in refused.message
    assert "SYNC_EXCLUDE" in refused.remedy, "raising the limit would not help here"


def test_one_of_ten_may_go_and_one_of_two() -> None:
    assert against(tables("SALES", 10)[:1], tables("SALES", 10)) == ()
    assert against(tables("SALES", 2)[:1], tables("SALES", 2)) == ()


def test_a_higher_limit_lets_more_go() -> None:
    held = tables("SALES", 100)

    assert against(held[:40], held, max_removal_percent=40) == ()
    assert len(against(held[:41], held, max_removal_percent=40)) == 2


def test_a_limit_of_nothing_still_lets_one_go() -> None:
    held = tables("SALES", 100)

    assert against(held[:1], held, max_removal_percent=0) == ()
    assert against(held[:2], held, max_removal_percent=0)


def test_a_little_from_every_space_is_too_much_for_the_run() -> None:
    spaces = [tables(f"S{number}", 2) for number in range(30)]
    held = [table for space in spaces for table in space]

    (refused,) = against([space[0] for space in spaces], held)

    assert refused.subject == "run"
    assert "30 of 60 tables of all spaces" in refused.message
    assert "at most 6 may go" in refused.message


def test_each_space_is_judged_by_its_own_size() -> None:
    small, large = tables("SMALL", 4), tables("LARGE", 1_000)

    (refused,) = against(small[:2] + large[:50], small + large)

    assert refused.subject == "SMALL"


def test_deprecated_tables_do_not_make_room_for_more_deprecations() -> None:
    held = tables("SALES", 20)
    old = [marked(table, **{"datasphere.status": "deprecated"}) for table in held[:10]]

    refused = against(held[10:12], old + held[10:])

    assert "2 of 10 tables" in refused[0].message


def test_deletions_are_held_against_all_tables_of_the_tenant() -> None:
    held = tables("SALES", 20)
    old = [marked(table, **{"datasphere.status": "deprecated"}) for table in held[:10]]
    stranger = marked(held[0], **{"datasphere.tenant": "other"})

    def judged(count: int) -> tuple[Issue, ...]:
        return objections(
            removing(old[:count], ChangeAction.DELETE),
            catalog(*old, *held[10:], stranger),
            tenant=TENANT,
            limits=GuardLimits(),
        )

    assert judged(2) == ()
    assert "3 of 20 tables of space SALES would be deleted (15 %)" in judged(3)[0].message


def test_what_gives_is_never_refused() -> None:
    held = tables("SALES", 3)
    plan = Plan(
        tables=tuple(
            TableChange(action, "SALES", table.asset[1], before=table, after=table)
            for table, action in zip(
                held, (ChangeAction.CREATE, ChangeAction.UPDATE, ChangeAction.RESTORE), strict=True
            )
        )
    )

    assert objections(plan, catalog(), tenant=TENANT, limits=GuardLimits(0)) == ()


def test_a_space_confirmed_to_be_gone_is_neither_limited_nor_counted() -> None:
    gone, there = tables("GONE", 30), tables("THERE", 20)
    plan = replace(removing(gone + there[:2]), confirmed=("GONE",))
    more = replace(removing(gone + there[:3]), confirmed=("GONE",))

    def judged(judged_plan: Plan) -> tuple[Issue, ...]:
        return objections(judged_plan, catalog(*gone, *there), tenant=TENANT, limits=GuardLimits())

    assert judged(plan) == ()
    assert [issue.message.partition(" would")[0] for issue in judged(more)] == [
        "3 of 20 tables of space THERE",
        "3 of 20 tables of all spaces",
    ]


def test_what_the_plan_itself_objects_to_comes_first() -> None:
    held = tables("SALES", 4)
    rule = Issue(IssueCode.RULE_REFUSED, "has no owner", "name one", space="SALES", asset="V")
    plan = replace(removing(held), objections=(rule,))

    first, *others = objections(plan, catalog(*held), tenant=TENANT, limits=GuardLimits())

    assert first == rule
    assert others


def test_the_way_out_of_an_empty_space_is_named() -> None:
    (refused,) = against(tables("SALES", 1), tables("SALES", 1))

    assert "gone space" in refused.remedy


def test_a_run_that_could_read_less_than_half_is_stopped() -> None:
    lost = tuple(issue(f"SALES.V_{number}") for number in range(30))
    (objection,) = read_objections([replace(listing(), unread=lost, read=20)], GuardLimits())
    assert objection.code == "ERROR_BUDGET"
    assert "30 of 50 assets" in objection.message


@pytest.mark.parametrize(("failed", "read"), [(20, 0), (30, 30), (1, 0), (0, 0)])
def test_a_few_unreadable_assets_stop_nothing(failed: int, read: int) -> None:
    lost = tuple(issue(f"SALES.V_{number}") for number in range(failed))
    assert read_objections([replace(listing(), unread=lost, read=read)], GuardLimits()) == ()
