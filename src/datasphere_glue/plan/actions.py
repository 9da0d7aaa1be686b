"""The table of actions: what each action of a change means, and when it is written."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class ChangeKind(StrEnum):
    """What a change means to the users of a table; its action alone does not show that.

    - `breaking`: a column disappears, narrows or changes its type.
    - `drifted`: the change only reverts edits that people made in Glue.
    - `renamed`: an asset or a column has a new name at the source.
    """

    CREATED = "created"
    ADOPTED = "adopted"
    UPDATED = "updated"
    BREAKING = "breaking"
    RENAMED = "renamed"
    DRIFTED = "drifted"
    RESTORED = "restored"
    DEPRECATED = "deprecated"
    DELETED = "deleted"


class StageName(StrEnum):
    """The stages of writing, in their order.

    Removals come last, so that an interrupted run never leaves a smaller catalog (design 2.5).
    """

    ADDITIVE = "additive"
    UPDATES = "updates"
    REMOVALS = "removals"


class ChangeAction(StrEnum):
    """What a change does, in the order in which changes are applied."""

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    DEPRECATE = "deprecate"
    DELETE = "delete"

    @property
    def traits(self) -> "ActionTraits":
        """Return the row of the table of actions."""
        match self:
            case ChangeAction.CREATE:
                return _CREATE
            case ChangeAction.UPDATE:
                return _UPDATE
            case ChangeAction.RESTORE:
                return _RESTORE
            case ChangeAction.DEPRECATE:
                return _DEPRECATE
            case ChangeAction.DELETE:
                return _DELETE
            case _:
                assert_never(self)

    @property
    def counter(self) -> str:
        """Return the key of the counts of a result (design 1.4), which is also the past tense."""
        return str(self.traits.kind)

    @property
    def ahead(self) -> str:
        """Return the words for what is planned, such as `to create`."""
        return f"to {self}"

    @property
    def removes(self) -> bool:
        """True when the catalog has one table less to use afterwards."""
        return self.traits.stage is StageName.REMOVALS


@dataclass(frozen=True, slots=True)
class ActionTraits:
    """What the program derives from one action.

    - `kind`: the kind of a change that has no graver meaning.
    - `stage`: when the change is written.
    - `activates`: True when the table was not an active table of ours before.
    - `inverse`: reverts the action where the table exists before and after it. Elsewhere a
      rollback deletes or creates.
    """

    kind: ChangeKind
    stage: StageName
    activates: bool
    inverse: ChangeAction


_CREATE: Final = ActionTraits(
    ChangeKind.CREATED, StageName.ADDITIVE, activates=True, inverse=ChangeAction.UPDATE
)
_UPDATE: Final = ActionTraits(
    ChangeKind.UPDATED, StageName.UPDATES, activates=False, inverse=ChangeAction.UPDATE
)
_RESTORE: Final = ActionTraits(
    ChangeKind.RESTORED, StageName.UPDATES, activates=True, inverse=ChangeAction.DEPRECATE
)
_DEPRECATE: Final = ActionTraits(
    ChangeKind.DEPRECATED, StageName.REMOVALS, activates=False, inverse=ChangeAction.RESTORE
)
_DELETE: Final = ActionTraits(
    ChangeKind.DELETED, StageName.REMOVALS, activates=False, inverse=ChangeAction.UPDATE
)

ORDER: Final = {action: place for place, action in enumerate(ChangeAction)}
