"""Decides which flows, task chains and access controls an incremental run reads.

Lists cost requests for each space, so a space without any change is asked only for the kinds that
its tables hold, and a slice of a space for all. A document is read if its list shows another date
than the tables hold, if its turn has come, and for assets that are read anew.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from datasphere_glue.mapping.held_objects import HeldObjects
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.scope import LISTS, MustRead
from datasphere_glue.model.wanted import AuxiliaryWanted
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage.moments import moment_of

_DAY: Final = len("2026-01-31")


def auxiliary_wanted(space: str, held: HeldObjects, job: Job, due: MustRead) -> AuxiliaryWanted:
    """Return which auxiliary objects of a space a run reads."""
    if job.full:
        return AuxiliaryWanted()
    if due(space, LISTS):
        return AuxiliaryWanted(frozenset(AuxiliaryKind))
    started = job.context.started
    now = moment_of(started) if started else datetime.now(UTC)
    seen = now - timedelta(days=job.reread.days)

    def unchanged(kind: AuxiliaryKind, name: str, changed_on: str | None) -> bool:
        """Return whether the tables hold what an object says.

        What changed before `seen` was read since then, because its turn came. An access control
        that no table holds is read, because a view may use it now.
        """
        named = (kind, name)
        if changed_on is None or len(changed_on) <= _DAY:
            return False
        if named in held.stale or due(space, f"{kind} {name}"):
            return False
        if kind is AuxiliaryKind.DATA_ACCESS_CONTROL and named not in held.stamps:
            return False
        stamp = held.stamps.get(named)
        return changed_on == stamp if stamp else _is_before(changed_on, seen)

    # Another slice may have written already that a table holds no object of a kind any more.
    kinds = held.in_use if job.scope.slice is None else frozenset(AuxiliaryKind)
    return AuxiliaryWanted(kinds, unchanged, frozenset(held.stamps), held.assets)


def _is_before(stamp: str, moment: datetime) -> bool:
    try:
        return moment_of(stamp) < moment
    except ValueError:
        return False
