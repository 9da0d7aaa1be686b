"""The order in which changes are written, as data.

An interrupted run never leaves a smaller catalog: additions come first, removals come last
(design 2.5). Changes of databases precede those of tables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from datasphere_glue.plan.actions import ChangeAction, StageName
from datasphere_glue.plan.change import Plan, TableChange


@dataclass(frozen=True, slots=True)
class Stage:
    """Changes that are written together.

    - `name`: for people.
    - `actions`: written in this order. A barrier follows each: the next action starts when all
      writes of the last one have ended and were read back.
    - `waits_for_plan`: True starts the stage once all spaces are compared and no guard objects.
      False starts it for each space once that space is compared. It does not start early if a
      guard objects already, or if the run applies an approved plan.
    - `fewest`: least number of these tables in a space for an early start.
    """

    name: str
    actions: tuple[ChangeAction, ...]
    waits_for_plan: bool = True
    fewest: int = 1

    def changes(self, plan: Plan) -> Plan:
        """Return the changes of a plan that belong to this stage.

        A renamed table depends on its counterpart, so it waits for the whole plan.
        """
        return Plan(
            databases=tuple(c for c in plan.databases if c.action in self.actions),
            tables=tuple(
                change
                for change in plan.tables
                if change.action in self.actions and (self.waits_for_plan or change.renamed is None)
            ),
        )


def _actions(stage: StageName) -> tuple[ChangeAction, ...]:
    return tuple(action for action in ChangeAction if action.traits.stage is stage)


ADDITIVE_PER_SPACE: Final = Stage(
    "additive per space", _actions(StageName.ADDITIVE), waits_for_plan=False, fewest=25
)
"""Creates new tables while later spaces are read, so that a first load overlaps reads and writes.

Tables that exist when the time is over stay. Fewer than 25 tables gain no time."""

STAGES: Final = (ADDITIVE_PER_SPACE, *(Stage(name, _actions(name)) for name in StageName))
"""Every stage, in the order of writing."""


def barriers(changes: Sequence[TableChange]) -> Iterator[tuple[int, ...]]:
    """Yield the positions of the changes between two barriers, in the order of writing."""
    actions = (action for stage in STAGES if stage.waits_for_plan for action in stage.actions)
    for action in actions:
        yield tuple(place for place, change in enumerate(changes) if change.action is action)
