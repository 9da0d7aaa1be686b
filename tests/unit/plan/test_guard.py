"""Guard, in addition to `test_tables`: limits of the run, deletions and remedies."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, CurrentTable, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.guard import GuardLimits, objections, read_objections
from datasphere_glue.plan.removals import EarlierRemovals, Holding
from tests.unit.samples import TENANT, issue, listing, marked, plain_table


def tables(space: str, count: int) -> list[Table]:
    return [plain_table(f"{space.lower()}_{number}", space) for number in range(count)]


def catalog(*stored: Table) -> Catalog:
    return Catalog((), tuple(CurrentTable(table) for table in stored))


def removing(going: list[Table], action: ChangeAction = ChangeAction.DEPRECATE) -> Plan:
    return Plan(tables=tuple(TableChange(action, t.asset[0], t.asset[1], before=t) for t in going))


def objections_to(going: list[Table], stored: list[Table], **limits: Any) -> tuple[Issue, ...]:
    return objections(
        removing(going), catalog(*stored), tenant=TENANT, limits=GuardLimits(**limits)
    )


def test_forty_removals_of_a_hundred_are_refused_with_numbers_and_remedy() -> None:
    stored = tables("SALES", 100)

    of_space, of_run = objections_to(stored[:40], stored)

    assert of_space.subject == "SALES"
    assert of_space.code == "GUARD_REFUSED"
    assert of_space.message == (
        "40 of 100 tables of space SALES would be deprecated (40 %);"
        " at most 10 may go (MAX_REMOVAL_PERCENT=10)"
    )
    assert "raise MAX_REMOVAL_PERCENT" in of_space.remedy
    assert of_run.message.startswith("40 of 100 tables of all spaces would be deprecated (40 %)")


@pytest.mark.parametrize("count", [1, 9])
def test_a_space_never_loses_all_its_tables_at_any_limit(count: int) -> None:
    stored = tables("SALES", count)

    (refused,) = objections_to(stored, stored, max_removal_percent=100)

    assert f"{count} of {count} tables of space SALES would be deprecated (100 %)" in (
        refused.message
    )
    assert "a space never loses all its tables" in refused.message
    assert "SYNC_EXCLUDE" in refused.remedy, "raising the limit would not help here"


def test_one_of_ten_and_one_of_two_tables_may_be_removed() -> None:
    assert objections_to(tables("SALES", 10)[:1], tables("SALES", 10)) == ()
    assert objections_to(tables("SALES", 2)[:1], tables("SALES", 2)) == ()


def test_a_higher_limit_allows_more_removals() -> None:
    stored = tables("SALES", 100)

    assert objections_to(stored[:40], stored, max_removal_percent=40) == ()
    assert len(objections_to(stored[:41], stored, max_removal_percent=40)) == 2


def test_a_limit_of_zero_still_allows_one_removal() -> None:
    stored = tables("SALES", 100)

    assert objections_to(stored[:1], stored, max_removal_percent=0) == ()
    assert objections_to(stored[:2], stored, max_removal_percent=0)


def test_few_removals_in_each_space_can_exceed_the_limit_of_the_run() -> None:
    spaces = [tables(f"S{number}", 2) for number in range(30)]
    stored = [table for space in spaces for table in space]

    (refused,) = objections_to([space[0] for space in spaces], stored)

    assert refused.subject == "run"
    assert "30 of 60 tables of all spaces" in refused.message
    assert "at most 6 may go" in refused.message


def test_the_limit_of_a_space_depends_on_its_own_size() -> None:
    small, large = tables("SMALL", 4), tables("LARGE", 1_000)

    (refused,) = objections_to(small[:2] + large[:50], small + large)

    assert refused.subject == "SMALL"


def test_deprecated_tables_do_not_raise_the_limit_of_deprecations() -> None:
    stored = tables("SALES", 20)
    old = [marked(table, **{"datasphere.status": "deprecated"}) for table in stored[:10]]

    refused = objections_to(stored[10:12], old + stored[10:])

    assert "2 of 10 tables" in refused[0].message


def test_deletions_are_compared_with_all_tables_of_the_tenant() -> None:
    stored = tables("SALES", 20)
    old = [marked(table, **{"datasphere.status": "deprecated"}) for table in stored[:10]]
    stranger = marked(stored[0], **{"datasphere.tenant": "other"})

    def objections_to_deletions(count: int) -> tuple[Issue, ...]:
        return objections(
            removing(old[:count], ChangeAction.DELETE),
            catalog(*old, *stored[10:], stranger),
            tenant=TENANT,
            limits=GuardLimits(),
        )

    assert objections_to_deletions(2) == ()
    assert (
        "3 of 20 tables of space SALES would be deleted (15 %)"
        in objections_to_deletions(3)[0].message
    )


def test_creations_updates_and_restorations_are_never_refused() -> None:
    stored = tables("SALES", 3)
    plan = Plan(
        tables=tuple(
            TableChange(action, "SALES", table.asset[1], before=table, after=table)
            for table, action in zip(
                stored,
                (ChangeAction.CREATE, ChangeAction.UPDATE, ChangeAction.RESTORE),
                strict=True,
            )
        )
    )

    assert objections(plan, catalog(), tenant=TENANT, limits=GuardLimits(0)) == ()


def test_a_confirmed_gone_space_is_neither_limited_nor_counted() -> None:
    gone, there = tables("GONE", 30), tables("THERE", 20)
    plan = replace(removing(gone + there[:2]), confirmed=("GONE",))
    more = replace(removing(gone + there[:3]), confirmed=("GONE",))

    def objections_to_deletions(judged_plan: Plan) -> tuple[Issue, ...]:
        return objections(judged_plan, catalog(*gone, *there), tenant=TENANT, limits=GuardLimits())

    assert objections_to_deletions(plan) == ()
    assert [issue.message.partition(" would")[0] for issue in objections_to_deletions(more)] == [
        "3 of 20 tables of space THERE",
        "3 of 20 tables of all spaces",
    ]


def test_objections_of_the_plan_come_first() -> None:
    stored = tables("SALES", 4)
    rule = Issue(IssueCode.RULE_REFUSED, "has no owner", "name one", space="SALES", asset="V")
    plan = replace(removing(stored), objections=(rule,))

    first, *others = objections(plan, catalog(*stored), tenant=TENANT, limits=GuardLimits())

    assert first == rule
    assert others


def test_the_remedy_for_an_empty_space_names_the_setting() -> None:
    (refused,) = objections_to(tables("SALES", 1), tables("SALES", 1))

    assert "gone space" in refused.remedy


def test_a_run_with_too_many_unreadable_assets_is_stopped() -> None:
    lost = tuple(issue(f"SALES.V_{number}") for number in range(30))
    (objection,) = read_objections([replace(listing(), unread=lost, read=20)], GuardLimits())
    assert objection.code == "ERROR_BUDGET"
    assert "30 of 50 assets" in objection.message


@pytest.mark.parametrize(("failed", "read"), [(20, 0), (30, 30), (1, 0), (0, 0)])
def test_a_few_unreadable_assets_stop_nothing(failed: int, read: int) -> None:
    lost = tuple(issue(f"SALES.V_{number}") for number in range(failed))
    assert read_objections([replace(listing(), unread=lost, read=read)], GuardLimits()) == ()


def narrow(
    going: list[Table], stored: list[Table], earlier: EarlierRemovals, *beyond: Table
) -> tuple[Issue, ...]:
    """Return the objections to a narrow run, of which the tables `beyond` are out of scope."""
    action = ChangeAction.DEPRECATE
    places = tuple((t.asset[0], action, f"{t.database}.{t.name}") for t in beyond)
    plan = replace(removing(going), beyond=places)
    limits = GuardLimits(earlier=earlier)
    return objections(plan, catalog(*stored), tenant=TENANT, limits=limits)


def earlier_of(space: str, *names: str, **holdings: Holding) -> EarlierRemovals:
    tables = frozenset(f"datasphere_{space.lower()}.{name}" for name in names)
    return EarlierRemovals({(space, ChangeAction.DEPRECATE): tables}, holdings)


def test_a_narrow_run_counts_what_is_gone_outside_its_scope() -> None:
    stored = tables("SALES", 4)

    of_space, _ = narrow(stored[:1], stored, EarlierRemovals(), stored[1])

    assert "2 of 4 tables of space SALES would be deprecated (50 %)" in of_space.message
    assert "1 of them by this run" in of_space.message
    assert narrow(stored[:1], stored, EarlierRemovals()) == ()
    assert narrow([], stored, EarlierRemovals(), stored[1], stored[2]) == ()


def test_a_narrow_run_counts_what_narrow_runs_removed_before() -> None:
    stored = tables("SALES", 3)

    of_space, _ = narrow(stored[:1], stored, earlier_of("SALES", "sales_3"))

    assert "2 of 4 tables of space SALES" in of_space.message


def test_a_removal_that_was_taken_back_does_not_count() -> None:
    stored = tables("SALES", 4)

    assert narrow(stored[:1], stored, earlier_of("SALES", "sales_2")) == ()
    assert narrow(stored[:1], stored, earlier_of("SALES", "sales_0")) == ()


@pytest.mark.parametrize(("others", "allowed"), [(9, False), (28, True)])
def test_narrow_runs_over_one_space_each_share_the_limit_of_all_spaces(
    others: int, *, allowed: bool
) -> None:
    stored, before = tables("STOCK", 2), earlier_of("SALES", "sales_0", SALES=Holding(others, 30))

    objected = narrow(stored[:1], stored, before)

    assert [one.subject for one in objected] == ([] if allowed else ["run"])
    assert allowed or "2 of 11 tables of all spaces" in objected[0].message
