"""The table of run actions covers every action."""

from datasphere_glue.model.run_action import RunAction

SYNC, PLAN, VERIFY, DOCTOR, ROLLBACK = RunAction


def test_only_a_sync_and_a_rollback_write_and_announce() -> None:
    assert [action for action in RunAction if action.traits.writes] == [SYNC, ROLLBACK]
    assert [action for action in RunAction if action.traits.announces] == [SYNC, ROLLBACK]


def test_each_other_trait_belongs_to_few_actions() -> None:
    assert [action for action in RunAction if not action.traits.compares] == [DOCTOR]
    assert [action for action in RunAction if action.traits.reads_all] == [VERIFY]
    assert [action for action in RunAction if action.traits.divisible] == [SYNC]
    assert [action for action in RunAction if action.traits.keeps_any_plan] == [PLAN]
    assert [a for a in RunAction if a.traits.accepts_former_run] == [PLAN, ROLLBACK]
