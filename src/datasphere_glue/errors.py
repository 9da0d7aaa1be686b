"""Every error of this package, grouped by its effect on the run.

    SyncError
    |-- Invalid                  settings, event or document is wrong: FAILED, nothing was touched
    |   |-- SettingsError
    |   |-- EventError
    |   |-- ConfigError
    |   |-- TimeTooShort
    |   `-- PlanRefused
    |-- Unavailable              a service is unreachable or its answer is unusable: FAILED
    |   |-- SourceUnavailable
    |   `-- OutOfTime            the run's time is over: PENDING
    |-- Skippable                one asset, space or table is left alone: DEGRADED
    |   |-- SpaceForbidden
    |   |-- AssetUnreadable
    |   |   `-- DocumentError    carries the path inside the document
    |   |-- ListingIncomplete
    |   |-- ForeignObject
    |   |-- WriteFailed
    |   |   |-- ConcurrentChange
    |   |   |-- TableMissing
    |   |   `-- TableExists
    |   |-- VerificationFailed
    |   |-- LineageUnavailable
    |   `-- NotificationFailed
    |-- Halt                     stop every write: HALTED
    |   |-- CredentialsRejected
    |   |-- PermissionDenied
    |   |-- GuardRefused
    |   |-- EvidenceAltered
    |   `-- ReportUnwritable
    |-- CutOff                   the process ended before the run: FAILED, some changes are written
    |   `-- Interrupted
    `-- RunEnded                 raised by the Lambda handler after the report is written
        |-- RunFailed
        `-- RunHalted

The module that calls an HTTP or AWS library translates its errors, with `from`, into one of these.
Messages name the asset, the cause and the answer (cut to 256 characters). They never hold a token,
a secret or a header: `excerpt` masks them before it cuts.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.secrecy import BEGINNING, SECRETS

EXCERPT = 256
_LONGEST: Final = 2048
"""Characters of foreign text that are searched for secrets; a message shows far fewer."""


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """Return at most `limit` characters of foreign text, on one line, for use in a message.

    Secrets are masked before the text is cut: the beginning of a secret is one, too.
    """
    return _cut(foreign_line(text), limit)


def foreign_line(text: str) -> str:
    """Return the beginning of foreign text, on one line and without secrets."""
    if len(text) <= _LONGEST:
        return " ".join(SECRETS.mask_foreign(text).split())
    beginning = " ".join(text.split())[:_LONGEST]
    return SECRETS.mask_foreign(beginning)[:-BEGINNING]


def clipped(text: str, limit: int) -> str:
    """Return at most `limit` characters of text of the catalog or of our own, on one line."""
    return _cut(" ".join(SECRETS.mask_text(text).split()), limit)


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plain_reason(message: str) -> str:
    """Return the reason of a validation error: what the value must be."""
    return re.sub(r"^\w+ should ", "must ", message.removeprefix("Value error, "))


def first_few(names: Sequence[str], most: int) -> str:
    """Return at most `most` names as a list in a sentence, and the number of the others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class SyncError(Exception):
    """Base of all errors.

    `code`: stable identifier, listed in docs/errors.
    `message`: asset, cause and answer.
    `remedy`: what a person does next.
    """

    code: ClassVar[IssueCode] = IssueCode.UNEXPECTED
    default_remedy: ClassVar[str | None] = None
    """The remedy of a kind of error for which that of its code is too general."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.default_remedy or self.code.remedy


class Invalid(SyncError):
    """Settings, event, document or plan are invalid; nothing was changed."""

    code = IssueCode.INVALID


class SettingsError(Invalid):
    """One or more settings are missing or malformed; the message lists all of them."""

    code = IssueCode.SETTINGS_INVALID


class EventError(Invalid):
    """The event is invalid; the message names the field."""

    code = IssueCode.EVENT_INVALID


class ConfigError(Invalid):
    """The mapping configuration document is missing or malformed; all problems are listed."""

    code = IssueCode.CONFIG_INVALID


class TimeTooShort(Invalid):
    """The time-out of the function leaves a run no usable time; the message names both."""

    code = IssueCode.TIME_TOO_SHORT


class PlanRefused(Invalid):
    """The approved plan is missing, malformed, or differs from the current plan."""

    code = IssueCode.PLAN_REFUSED


class Unavailable(SyncError):
    """A service that the whole run needs gave no usable answer."""

    code = IssueCode.UNAVAILABLE


class SourceUnavailable(Unavailable):
    """The Datasphere tenant could not be read at all."""

    code = IssueCode.SOURCE_UNAVAILABLE


class OutOfTime(Unavailable):
    """The time of the run is over; the next run continues and repeats nothing."""

    code = IssueCode.OUT_OF_TIME


class Skippable(SyncError):
    """One object is left as it is; the run continues and ends DEGRADED."""

    code = IssueCode.SKIPPED


class SpaceForbidden(Skippable):
    """The technical user may not read this space (HTTP 403)."""

    code = IssueCode.SPACE_FORBIDDEN


class AssetUnreadable(Skippable):
    """The metadata of one asset could not be read; its table stays as it is."""

    code = IssueCode.ASSET_UNREADABLE


class DocumentError(AssetUnreadable):
    """A document violates its format; `path` is the place in the document."""

    code = IssueCode.DOCUMENT_INVALID

    def __init__(self, message: str, *path: str, remedy: str | None = None) -> None:
        self.path = "/".join(path)
        super().__init__(f"{message} at {self.path}" if path else message, remedy=remedy)


class ListingIncomplete(Skippable):
    """A list could not be read to its proven end, so it is no reason to deprecate anything."""

    code = IssueCode.LISTING_INCOMPLETE


class ForeignObject(Skippable):
    """A database or table of that name belongs to another owner and was not changed."""

    code = IssueCode.FOREIGN_OBJECT


class WriteFailed(Skippable):
    """Glue refused one write; the run still tried the other changes."""

    code = IssueCode.WRITE_FAILED


class ConcurrentChange(WriteFailed):
    """Another writer changed the object between our read and our write."""

    code = IssueCode.CONCURRENT_CHANGE


class TableMissing(WriteFailed):
    """The object to change no longer exists."""

    code = IssueCode.OBJECT_MISSING


class TableExists(WriteFailed):
    """The object to create already exists."""

    code = IssueCode.OBJECT_EXISTS


class VerificationFailed(Skippable):
    """The object that was read back differs from the one that was written."""

    code = IssueCode.VERIFICATION_FAILED


class LineageUnavailable(Skippable):
    """The lineage events could not be created; catalog and report stay as written."""

    code = IssueCode.LINEAGE_UNAVAILABLE


class NotificationFailed(Skippable):
    """The message about the run could not be sent; catalog and report stay as written."""

    code = IssueCode.NOTIFICATION_FAILED


class Halt(SyncError):
    """Stop every write; the run is HALTED."""

    code = IssueCode.HALTED


class CredentialsRejected(Halt):
    """The identity was refused: the client secret is wrong or expired, or the user is unknown."""

    code = IssueCode.CREDENTIALS_REJECTED


class PermissionDenied(Halt):
    """IAM or Lake Formation refused an action; the message names action and resource."""

    code = IssueCode.PERMISSION_DENIED


class GuardRefused(Halt):
    """The plan removes more objects than the limits allow; the message holds the numbers."""

    code = IssueCode.GUARD_REFUSED


class EvidenceAltered(Halt):
    """Files of an earlier run at REPORT_URI do not match the audit chain."""

    code = IssueCode.EVIDENCE_ALTERED


class ReportUnwritable(Halt):
    """Nothing can be stored at REPORT_URI, so nothing is written that could not be rolled back."""

    code = IssueCode.REPORT_UNWRITABLE


class CutOff(SyncError):
    """The process of a run ended before the run did; a later run has written its record."""

    code = IssueCode.RUN_CUT_OFF


class Interrupted(CutOff):
    """A signal (Ctrl-C, SIGTERM) ended the run, which still wrote its record."""

    code = IssueCode.RUN_INTERRUPTED


class RunEnded(SyncError):
    """A run failed or halted.

    `result`: the JSON result that the function would have returned (design 1.4).
    """

    code = IssueCode.RUN_ENDED

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class RunFailed(RunEnded):
    """The run is FAILED: invalid settings or event, or an unexpected error."""

    code = IssueCode.RUN_FAILED


class RunHalted(RunEnded):
    """The run is HALTED: a guard refused, or credentials or permissions failed."""

    code = IssueCode.RUN_HALTED
