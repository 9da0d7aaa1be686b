"""Issues as values: what failed or needs attention, and the object that it concerns."""

from dataclasses import dataclass
from typing import Final

from datasphere_glue.model.issue_codes import IssueCode

RUN: Final = "run"
"""The subject of an issue that concerns the whole run."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that could not be read or written, or that a person should know.

    `code`: code of the issue catalogue.
    `message`: what happened, one sentence.
    `remedy`: what the reader can do about it; empty means the remedy of the code.
    `space`: exact SAP name; None for an issue of the whole run.
    `asset`: exact SAP name; None for an issue of a whole space or run.
    `check`: name of the `doctor` check that found the issue, None otherwise.
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
