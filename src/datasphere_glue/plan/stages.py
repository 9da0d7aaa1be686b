"""The order in which changes are written, as data.

A run that is cut off never leaves the catalog holding less than before: what adds comes first, what
removes comes last (design 2.5). Changes of databases come before those of tables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from datasphere_glue.plan.change import ChangeAction, Plan, TableChange


@dataclass(frozen=True, slots=True)
class Stage:
    """Changes that are written together.

    `actions` are written one after the other: a barrier stands behind each, so that the next starts
    when the last write has ended and everything was read back.

    With `waits_for_plan` the stage starts once all spaces are compared and no guard objects.
    Without it, it starts for each space as soon as that one is compared, unless a guard objects
    already, the run applies an approved plan, or the space has fewer than `fewest` of these tables.
    """

    name: str
    actions: tuple[ChangeAction, ...]
    waits_for_plan: bool = True
    fewest: int = 1

    def changes(self, plan: Plan) -> Plan:
        """Return the changes of a plan that belong to this stage.

        A renamed table is one side of two, so it waits for the whole plan.
        """
        return Plan(
            databases=tuple(c for c in plan.databases if c.action in self.actions),
            tables=tuple(
                change
                for change in plan.tables
                if change.action in self.actions and (self.waits_for_plan or change.renamed is None)
            ),
        )


ADDITIVE_PER_SPACE: Final = Stage(
    "additive per space", (ChangeAction.CREATE,), waits_for_plan=False, fewest=25
)
"""New tables, created while later spaces are read: a first load overlaps reading and writing, and
what exists when its time is over stays. Fewer than 25 gain nothing."""

STAGES: Final = (
    ADDITIVE_PER_SPACE,
    Stage("additive", (ChangeAction.CREATE,)),
    Stage("updates", (ChangeAction.UPDATE, ChangeAction.RESTORE)),
    Stage("removals", (ChangeAction.DEPRECATE, ChangeAction.DELETE)),
)
"""Every stage, in the order of writing."""


def barriers(changes: Sequence[TableChange]) -> Iterator[tuple[int, ...]]:
    """Yield the positions of the changes that stand between two barriers, in order of writing."""
    actions = (action for stage in STAGES if stage.waits_for_plan for action in stage.actions)
    for action in actions:
        yield tuple(place for place, change in enumerate(changes) if change.action is action)
