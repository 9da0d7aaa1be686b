"""What went wrong or deserves attention, as values: the issue and the object that it concerns."""

from dataclasses import dataclass
from typing import Final

DEFINITIONS_UNAVAILABLE: Final = "DEFINITIONS_UNAVAILABLE"
"""Code of a note: the object API refuses the definitions of a space."""

RUN: Final = "run"
"""The subject of an issue that concerns the whole run."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that could not be read or written, or that a person should know.

    `space` and `asset` are exact SAP names. An issue of a whole space has no `asset`, an issue of
    the whole run has neither. `check` names the finding of the doctor that the issue comes from.
    """

    code: str
    message: str
    remedy: str
    space: str | None = None
    asset: str | None = None
    check: str | None = None

    @property
    def subject(self) -> str:
        """Return the object as text: `SPACE`, `SPACE.asset`, the name of a check, or `run`."""
        if self.space is None:
            return self.check or RUN
        return self.space if self.asset is None else f"{self.space}.{self.asset}"


def by_subject(issue: Issue) -> tuple[str, str, str]:
    """Return the key that sorts issues by their object, then by code and message."""
    return issue.subject, issue.code, issue.message
