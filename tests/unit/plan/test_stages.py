"""The stages of writing: their order and their completeness."""

from dataclasses import replace

from datasphere_glue.model.table import Database, Table
from datasphere_glue.plan.actions import ORDER, ChangeAction
from datasphere_glue.plan.change import DatabaseChange, Plan, Rename, TableChange
from datasphere_glue.plan.stages import ADDITIVE_PER_SPACE, STAGES, barriers

WHOLE = [stage for stage in STAGES if stage.waits_for_plan]


def change(action: ChangeAction, name: str = "t") -> TableChange:
    table = Table("db", name)
    return TableChange(action, "S", name.upper(), None, table)


def test_every_action_belongs_to_one_stage_that_waits_for_the_plan() -> None:
    assert [action for stage in WHOLE for action in stage.actions] == list(ChangeAction)


def test_the_order_of_a_plan_is_the_order_of_writing() -> None:
    assert list(ORDER) == [action for stage in WHOLE for action in stage.actions]


def test_only_creations_are_written_before_the_plan_is_complete() -> None:
    assert [stage.actions for stage in STAGES if not stage.waits_for_plan] == [
        (ChangeAction.CREATE,)
    ]


def test_barriers_separate_the_actions() -> None:
    changes = [change(action) for action in (*reversed(ChangeAction), ChangeAction.CREATE)]

    assert list(barriers(changes)) == [(4, 5), (3,), (2,), (1,), (0,)]


def test_a_stage_selects_its_changes_of_a_plan() -> None:
    new, database = change(ChangeAction.CREATE), Database("db")
    renamed = replace(new, renamed=Rename("A", "B", 1.0))
    plan = Plan(
        databases=(
            DatabaseChange(ChangeAction.CREATE, "S", database),
            DatabaseChange(ChangeAction.UPDATE, "S", database),
        ),
        tables=(new, renamed, change(ChangeAction.UPDATE)),
    )

    early, additive = ADDITIVE_PER_SPACE.changes(plan), WHOLE[0].changes(plan)

    assert early == Plan(plan.databases[:1], (new,))
    assert additive == Plan(plan.databases[:1], (new, renamed))
