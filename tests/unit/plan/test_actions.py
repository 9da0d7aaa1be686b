"""The table of change actions is complete and consistent."""

from datasphere_glue.plan.actions import ORDER, ChangeAction, StageName


def test_the_members_are_in_the_order_of_their_stages() -> None:
    stages = [action.traits.stage for action in ChangeAction]

    assert stages == sorted(stages, key=list(StageName).index)
    assert list(ORDER) == list(ChangeAction)


def test_the_counter_of_each_action_is_its_past_tense() -> None:
    assert [action.counter for action in ChangeAction] == [
        *("created", "updated", "restored", "deprecated", "deleted")
    ]
    assert ChangeAction.CREATE.ahead == "to create"


def test_only_a_deprecation_or_a_deletion_removes() -> None:
    removing = [action for action in ChangeAction if action.removes]

    assert removing == [ChangeAction.DEPRECATE, ChangeAction.DELETE]


def test_only_a_creation_or_a_restoration_activates_a_table() -> None:
    active = [action for action in ChangeAction if action.traits.activates]

    assert active == [ChangeAction.CREATE, ChangeAction.RESTORE]


def test_a_deprecation_and_a_restoration_undo_each_other() -> None:
    deprecate, restore = ChangeAction.DEPRECATE, ChangeAction.RESTORE

    assert (deprecate.traits.inverse, restore.traits.inverse) == (restore, deprecate)
    assert {a.traits.inverse for a in ChangeAction} - {deprecate, restore} == {ChangeAction.UPDATE}
