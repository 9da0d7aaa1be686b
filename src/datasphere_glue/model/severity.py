"""How urgent an issue is: who acts next."""

from enum import StrEnum
from typing import assert_never


class Severity(StrEnum):
    """Who acts next.

    `act`: a person.
    `wait`: the next run, without a person.
    `note`: nobody; the issue is for information.
    """

    ACT = "act"
    WAIT = "wait"
    NOTE = "note"

    @property
    def asks(self) -> bool:
        """True when a person must do something, so that "Do next" shows the remedy."""
        match self:
            case Severity.ACT:
                return True
            case Severity.WAIT | Severity.NOTE:
                return False
            case _:
                assert_never(self)
