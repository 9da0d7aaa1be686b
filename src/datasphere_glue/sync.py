"""The whole story of a run on one screen: read, map, compare, guard, apply, report."""

from collections.abc import Callable
from typing import Protocol

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable
from datasphere_glue.plan.change import Outcome, Plan, TableChange

Replan = Callable[[TableChange, CurrentTable | None], TableChange | None]


class Source(Protocol):
    """Where metadata comes from."""

    def read(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted by name.

        Never raises for one space: each listing is complete, or says why not.

        Raises:
            CredentialsRejected: the identity is refused for the whole tenant.
            SourceUnavailable: the list of spaces itself cannot be read.

        """
        ...


class Target(Protocol):
    """Where metadata goes to."""

    def read(self, names: frozenset[str], tenant: str) -> Catalog:
        """Return the named databases, every database marked for `tenant`, and all their tables.

        Foreign tables are included (they are known, never touched).

        Raises:
            PermissionDenied: the catalog may not be read.

        """
        ...

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Carry the plan out until the monotonic time `until`; return one outcome per change.

        Outcomes are in plan order (databases first). `replan(change, fresh)` is asked when a table
        was changed by somebody else in the meantime: it gets the table as it is now (None when
        gone) and returns the change to make instead, or None when nothing is left to do.
        """
        ...
