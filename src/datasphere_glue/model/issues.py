"""What went wrong or deserves attention, as values: the issue and the object that it concerns."""

from dataclasses import dataclass
from typing import Final

from datasphere_glue.model.issue_codes import IssueCode

RUN: Final = "run"
"""The subject of an issue that concerns the whole run."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that could not be read or written, or that a person should know.

    `space` and `asset` are exact SAP names. An issue of a whole space has no `asset`, an issue of
    the whole run has neither. `check` names the finding of the doctor that the issue comes from.
    Without a `remedy` of its own, an issue has that of its code.
    """

    code: IssueCode
    message: str
    remedy: str = ""
    space: str | None = None
    asset: str | None = None
    check: str | None = None

    def __post_init__(self) -> None:
        if not self.remedy:
            object.__setattr__(self, "remedy", self.code.remedy)

    @property
    def subject(self) -> str:
        """Return the object as text: `SPACE`, `SPACE.asset`, the name of a check, or `run`."""
        if self.space is None:
            return self.check or RUN
        return self.space if self.asset is None else f"{self.space}.{self.asset}"


def by_subject(issue: Issue) -> tuple[str, str, str]:
    """Return the key that sorts issues by their object, then by code and message."""
    return issue.subject, issue.code, issue.message
