"""Notices another writer of the same tables, which undoes what this stack writes.

Two stacks of one tenant may see or configure different things. One then deprecates what the other
restores, for ever. Our own record shows that: what this stack wrote last is undone, and no run of
this stack did that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

from datasphere_glue.errors import first_few
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.proof import Proof
from datasphere_glue.plan.recorded import RecordedWrite, TableName, TableRecord, Writer

_PATIENCE: Final = 2
"""Deprecations that another writer undid, after which the table stays active."""

_NAMED: Final = 3
_MOST_UPDATES: Final = 20
"""Updated tables of which the record is looked up; two configurations differ in many."""

_BOOKKEEPING: Final = frozenset(
    f"parameters.{table_key(name)}" for name in ("applied", "fingerprint", "provenance")
)


@dataclass(slots=True)
class _Undone:
    """Tables of one space in which another writer undoes this stack, by what it does.

    - `deprecated`: it makes them active again; they are deprecated once more.
    - `held`: it keeps doing so; they stay active.
    - `restored`: it deprecates them; `noticed`: it did so for the first time.
    - `updated`: it writes other values.
    - `others`: the last write of another stack to each table, if it is on record.
    """

    deprecated: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    others: list[RecordedWrite] = field(default_factory=list)


def status_changes(plan: Plan) -> tuple[TableName, ...]:
    """Return the tables that a plan deprecates or restores."""
    return tuple(
        (change.database, change.table)
        for change in plan.tables
        if change.action in {ChangeAction.DEPRECATE, ChangeAction.RESTORE}
    )


def updates(plan: Plan) -> tuple[TableName, ...]:
    """Return some tables of which a plan updates fields that a person did not edit."""
    names = [(change.database, change.table) for change in plan.tables if _plain_update(change)]
    return tuple(names[:_MOST_UPDATES])


def without_quarrel(plan: Plan, proof: Proof, writer: Writer) -> Plan:
    """Return the plan, with an issue for each space in which another writer undoes this stack.

    A table that another writer made active twice, after this stack deprecated it, stays active.
    """
    spaces: dict[str, _Undone] = defaultdict(_Undone)
    changes: list[TableChange] = []
    unchanged = Counter(dict(plan.unchanged))
    for change in plan.tables:
        record = proof.tables.get((change.database, change.table), TableRecord())
        if record.written and _judge(change, record, writer, spaces[change.space]):
            unchanged[change.space] += 1
        else:
            changes.append(change)
    issues = [issue for space, undone in sorted(spaces.items()) for issue in _issues(space, undone)]
    notes = [_note(space, undone) for space, undone in sorted(spaces.items()) if undone.noticed]
    return replace(
        plan,
        tables=tuple(changes),
        skipped=tuple(dict.fromkeys((*plan.skipped, *proof.issues, *issues))),
        notes=(*plan.notes, *notes),
        unchanged=tuple(sorted(unchanged.items())),
    )


def _judge(change: TableChange, record: TableRecord, writer: Writer, undone: _Undone) -> bool:
    """Add a table that another writer undoes; return whether its change is held back."""
    own = [write for write in record.writes if write.is_by(writer)]
    decided = [write for write in own if write.changes_status]
    found = _list_of(change, own, decided, undone)
    if found is None:
        return False
    found.append(change.name)
    undone.others += (write for write in record.writes[:1] if not write.is_by(writer))
    return found is undone.held


def _list_of(
    change: TableChange,
    own: list[RecordedWrite],
    decided: list[RecordedWrite],
    undone: _Undone,
) -> list[str] | None:
    """Return the list to which a table belongs; None if nobody undid what this stack wrote.

    A table that moves back was deprecated by another configuration, maybe of this stack. Only its
    second return is the work of another writer.
    """
    moves = change.renamed is not None and change.renamed.moves
    if change.action is ChangeAction.DEPRECATE:
        times = max(0, _count(decided, deprecating=True) - moves)
        held = times >= _PATIENCE and change.renamed is None
        return (undone.held if held else undone.deprecated) if times else None
    if change.action is ChangeAction.RESTORE and decided and not decided[0].deprecates:
        again = decided[0].action is ChangeAction.RESTORE
        return undone.restored if again else None if moves else undone.noticed
    if _plain_update(change) and _repeats(change, own):
        return undone.updated
    return None


def _count(decided: Iterable[RecordedWrite], *, deprecating: bool) -> int:
    return len(list(takewhile(lambda write: write.deprecates is deprecating, decided)))


def _plain_update(change: TableChange) -> bool:
    update = change.action is ChangeAction.UPDATE and change.desired is not None
    return update and not change.adopted and not change.drifted


def _repeats(change: TableChange, own: list[RecordedWrite]) -> bool:
    """Return whether this stack wrote the same value over the same other value before."""
    for one in change.fields:
        last = next((write.fields[one.field] for write in own if one.field in write.fields), None)
        if one.field not in _BOOKKEEPING and last == (one.before, one.after):
            return True
    return False


def _issues(space: str, undone: _Undone) -> Iterable[Issue]:
    parts = (
        (
            "tables that this stack does not see are active again",
            undone.deprecated,
        ),
        (
            "tables that it deprecated twice stay active",
            undone.held,
        ),
        ("tables that it sees were deprecated again", undone.restored),
        ("values that it wrote were overwritten again in", undone.updated),
    )
    texts = [f"{text}: {first_few(names, _NAMED)}" for text, names in parts if names]
    if texts:
        message = f"another writer undoes this stack in space {space}{_who(undone)}: "
        yield Issue(IssueCode.WRITERS_DISAGREE, message + "; ".join(texts), space=space)


def _note(space: str, undone: _Undone) -> Issue:
    return Issue(
        IssueCode.WRITERS_DISAGREE,
        f"another writer deprecated tables in space {space} that this stack sees"
        f"{_who(undone)}: {first_few(undone.noticed, _NAMED)}; they are restored",
        space=space,
    )


def _who(undone: _Undone) -> str:
    """Return what is on record about the other writer."""
    last = max(undone.others, key=lambda write: write.started, default=None)
    if last is None:
        return ""
    environment = f", environment {last.environment}" if last.environment else ""
    return f" (run {last.run_id}{environment}, as {last.actor or 'unknown'})"
