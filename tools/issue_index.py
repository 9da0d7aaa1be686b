"""docs/errors/index.md: the table of all issue codes, from the catalogue and the pages."""

from pathlib import Path
from typing import Final, assert_never

from datasphere_glue.model.issue_codes import IssueCode, Severity

ROOT: Final = Path(__file__).parents[1]

_HEAD: Final = """\
# Errors and notes

Every error and note of a run has a code, a message that names the object, and a remedy. The code
is stable: alarms, scripts and tickets may rely on it. Find yours here.

The second column is the status with which the run ends because of it; a *note* does not affect
the status. A run that ends in several ways has the gravest status: `HALTED`, then `FAILED`,
`PENDING`, `DEGRADED`. The third column is who acts next. "Do next" on the report page, at the
terminal and in the message lists the issues on which *you* act, and no others.

| code | status | who acts | what happened |
|---|---|---|---|
"""
_TAIL: Final = """
```{toctree}
:hidden:
:glob:

[A-Z]*
```
"""


def issue_index() -> str:
    """Return the page with a row for each code of the catalogue."""
    return _HEAD + "".join(map(_row, sorted(IssueCode))) + _TAIL


def headline(code: IssueCode) -> str:
    """Return the line of a code's page that gives the status and what happened."""
    return (ROOT / code.page).read_text(encoding="utf-8").split("\n\n")[1].replace("\n", " ")


def _row(code: IssueCode) -> str:
    status = headline(code).strip("*").removesuffix(f": {code.meaning}.")
    status = status[:1].lower() + status[1:]
    return f"| [{code}]({code}.md) | {status} | {_actor(code.severity)} | {code.meaning} |\n"


def _actor(severity: Severity) -> str:
    match severity:
        case Severity.ACT:
            return "you"
        case Severity.WAIT:
            return "the next run"
        case Severity.NOTE:
            return "nobody"
        case _:
            assert_never(severity)
