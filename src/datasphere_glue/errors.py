"""Every error this package raises, named by what happens next.

    SyncError
    |-- Invalid                  settings, event or document is wrong: FAILED, nothing was touched
    |   |-- SettingsError
    |   |-- EventError
    |   |-- ConfigError
    |   `-- PlanRefused
    |-- Unavailable              a service could not be reached or answered nonsense: FAILED
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
    `-- RunEnded                 what the Lambda door raises once the report is written
        |-- RunFailed
        `-- RunHalted

Errors of HTTP and AWS libraries never leave the edge that met them: they are translated, with
`from`, into one of these. Messages name the asset, the cause and what came back (cut to 256
characters); they never hold a token, a secret or a header.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from datasphere_glue.model.issue_codes import IssueCode

EXCERPT = 256


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """Return at most `limit` characters of foreign text, on one line, for use in a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def first_few(names: Sequence[str], most: int) -> str:
    """Return at most so many names as a list in a sentence, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class SyncError(Exception):
    """Base of all. `code` is stable and upper case; `remedy` says what a person does next."""

    code: ClassVar[IssueCode] = IssueCode.UNEXPECTED
    default_remedy: ClassVar[str | None] = None
    """The remedy of a kind of error for which that of its code is too general."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.default_remedy or self.code.remedy


class Invalid(SyncError):
    """What was asked for is malformed; nothing was touched."""

    code = IssueCode.INVALID


class SettingsError(Invalid):
    """One or more settings are missing or malformed; the message lists all of them."""

    code = IssueCode.SETTINGS_INVALID


class EventError(Invalid):
    """The event cannot be understood; the message names the field."""

    code = IssueCode.EVENT_INVALID


class ConfigError(Invalid):
    """The mapping configuration document is missing or malformed; all problems are listed."""

    code = IssueCode.CONFIG_INVALID


class PlanRefused(Invalid):
    """The approved plan is missing, wrong, or no longer what would be done."""

    code = IssueCode.PLAN_REFUSED


class Unavailable(SyncError):
    """A service the whole run depends on did not answer usefully."""

    code = IssueCode.UNAVAILABLE


class SourceUnavailable(Unavailable):
    """The Datasphere tenant could not be read at all."""

    code = IssueCode.SOURCE_UNAVAILABLE


class OutOfTime(Unavailable):
    """The time of the run is over; what is left is for the next one, which redoes nothing."""

    code = IssueCode.OUT_OF_TIME


class Skippable(SyncError):
    """Leave this one object alone; the run goes on and ends DEGRADED."""

    code = IssueCode.SKIPPED


class SpaceForbidden(Skippable):
    """The technical user may not read this space (HTTP 403)."""

    code = IssueCode.SPACE_FORBIDDEN


class AssetUnreadable(Skippable):
    """The metadata of one asset could not be read; its table is kept as it is."""

    code = IssueCode.ASSET_UNREADABLE


class DocumentError(AssetUnreadable):
    """A document does not say what its format promises; `path` tells where in the document."""

    code = IssueCode.DOCUMENT_INVALID

    def __init__(self, message: str, *path: str, remedy: str | None = None) -> None:
        self.path = "/".join(path)
        super().__init__(f"{message} at {self.path}" if path else message, remedy=remedy)


class ListingIncomplete(Skippable):
    """A listing could not be read to its proven end; nothing may be deprecated on its word."""

    code = IssueCode.LISTING_INCOMPLETE


class ForeignObject(Skippable):
    """A database or table of that name belongs to somebody else and was not touched."""

    code = IssueCode.FOREIGN_OBJECT


class WriteFailed(Skippable):
    """One Glue write was refused; the other changes were still tried."""

    code = IssueCode.WRITE_FAILED


class ConcurrentChange(WriteFailed):
    """Somebody else wrote the object between our read and our write."""

    code = IssueCode.CONCURRENT_CHANGE


class TableMissing(WriteFailed):
    """The object to be changed no longer exists."""

    code = IssueCode.OBJECT_MISSING


class TableExists(WriteFailed):
    """The object to be created exists already."""

    code = IssueCode.OBJECT_EXISTS


class VerificationFailed(Skippable):
    """What was read back differs from what was written."""

    code = IssueCode.VERIFICATION_FAILED


class LineageUnavailable(Skippable):
    """No lineage events could be made; what was written and reported stands."""

    code = IssueCode.LINEAGE_UNAVAILABLE


class NotificationFailed(Skippable):
    """Nobody could be told of the run; what was written and reported stands."""

    code = IssueCode.NOTIFICATION_FAILED


class Halt(SyncError):
    """Stop every write; the run is HALTED."""

    code = IssueCode.HALTED


class CredentialsRejected(Halt):
    """The identity was refused: wrong or expired client secret, or unknown user."""

    code = IssueCode.CREDENTIALS_REJECTED


class PermissionDenied(Halt):
    """IAM or Lake Formation refused an action; the message names action and resource."""

    code = IssueCode.PERMISSION_DENIED


class GuardRefused(Halt):
    """More objects would be removed than the limits allow; the message holds the numbers."""

    code = IssueCode.GUARD_REFUSED


class EvidenceAltered(Halt):
    """What an earlier run left at REPORT_URI is not what the audit chain holds of it."""

    code = IssueCode.EVIDENCE_ALTERED


class ReportUnwritable(Halt):
    """Nothing can be kept at REPORT_URI; what cannot be undone afterwards is not written."""

    code = IssueCode.REPORT_UNWRITABLE


class RunEnded(SyncError):
    """A run ended badly; `result` is what the function would have returned (design 1.4)."""

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
