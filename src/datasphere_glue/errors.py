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

    code: ClassVar[str] = "UNEXPECTED"
    default_remedy: ClassVar[str] = "open an issue with the run id and the audit record"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.default_remedy


class Invalid(SyncError):
    """What was asked for is malformed; nothing was touched."""

    code = "INVALID"
    default_remedy = "correct the named fields and run again"


class SettingsError(Invalid):
    """One or more settings are missing or malformed; the message lists all of them."""

    code = "SETTINGS_INVALID"
    default_remedy = (
        "set the named environment variables (see docs/reference/settings.md) and run again; at a"
        " terminal `datasphere-glue init` asks for them and writes a profile"
    )


class EventError(Invalid):
    """The event cannot be understood; the message names the field."""

    code = "EVENT_INVALID"
    default_remedy = "send one of the events shown in events/ (see docs/guide/events.md)"


class ConfigError(Invalid):
    """The mapping configuration document is missing or malformed; all problems are listed."""

    code = "CONFIG_INVALID"
    default_remedy = "correct the named fields of the document that SYNC_CONFIG_URI points to"


class PlanRefused(Invalid):
    """The approved plan is missing, wrong, or no longer what would be done."""

    code = "PLAN_REFUSED"
    default_remedy = "run `plan` again, review it, and apply the new digest"


class Unavailable(SyncError):
    """A service the whole run depends on did not answer usefully."""

    code = "UNAVAILABLE"
    default_remedy = "check that the service is up and reachable; the next run starts over safely"


class SourceUnavailable(Unavailable):
    """The Datasphere tenant could not be read at all."""

    code = "SOURCE_UNAVAILABLE"
    default_remedy = (
        "check DATASPHERE_URL and that the tenant is up; nothing was changed, the next run retries"
    )


class OutOfTime(Unavailable):
    """The time of the run is over; what is left is for the next one, which redoes nothing."""

    code = "OUT_OF_TIME"
    default_remedy = (
        "nothing to do: the next run goes on; if it recurs, raise DATASPHERE_REQUESTS_PER_MINUTE if"
        " the tenant allows it, or divide the run (FanOut=true)"
    )


class Skippable(SyncError):
    """Leave this one object alone; the run goes on and ends DEGRADED."""

    code = "SKIPPED"


class SpaceForbidden(Skippable):
    """The technical user may not read this space (HTTP 403)."""

    code = "SPACE_FORBIDDEN"
    default_remedy = "make the technical user a member of this space with a scoped DW Viewer role"


class AssetUnreadable(Skippable):
    """The metadata of one asset could not be read; its table is kept as it is."""

    code = "ASSET_UNREADABLE"
    default_remedy = (
        "open the asset in Datasphere, check that it is deployed and exposed, redeploy it"
    )


class DocumentError(AssetUnreadable):
    """A document does not say what its format promises; `path` tells where in the document."""

    code = "DOCUMENT_INVALID"
    default_remedy = (
        "redeploy the asset in Datasphere; if it persists, report the path with the asset"
    )

    def __init__(self, message: str, *path: str, remedy: str | None = None) -> None:
        self.path = "/".join(path)
        super().__init__(f"{message} at {self.path}" if path else message, remedy=remedy)


class ListingIncomplete(Skippable):
    """A listing could not be read to its proven end; nothing may be deprecated on its word."""

    code = "LISTING_INCOMPLETE"
    default_remedy = "nothing to do if the next run succeeds; else check the tenant's availability"


class ForeignObject(Skippable):
    """A database or table of that name belongs to somebody else and was not touched."""

    code = "FOREIGN_OBJECT"
    default_remedy = "rename or remove the foreign object, or change GLUE_DATABASE_TEMPLATE"


class WriteFailed(Skippable):
    """One Glue write was refused; the other changes were still tried."""

    code = "WRITE_FAILED"
    default_remedy = "the next run tries again; if it persists, read the cause in the message"


class ConcurrentChange(WriteFailed):
    """Somebody else wrote the object between our read and our write."""

    code = "CONCURRENT_CHANGE"
    default_remedy = "nothing to do: the next run plans again from the new state"


class TableMissing(WriteFailed):
    """The object to be changed no longer exists."""

    code = "OBJECT_MISSING"
    default_remedy = "nothing to do: the next run creates it again if the source still has it"


class TableExists(WriteFailed):
    """The object to be created exists already."""

    code = "OBJECT_EXISTS"
    default_remedy = "nothing to do: the next run compares with what is there"


class VerificationFailed(Skippable):
    """What was read back differs from what was written."""

    code = "VERIFICATION_FAILED"
    default_remedy = "look who else writes this table; the next run compares again"


class LineageUnavailable(Skippable):
    """No lineage events could be made; what was written and reported stands."""

    code = "LINEAGE_UNAVAILABLE"
    default_remedy = (
        "install `datasphere-glue[lineage]` (a function takes openlineage-python from a layer, see"
        " docs/lineage.md), or set LINEAGE_EXPORT=off"
    )


class NotificationFailed(Skippable):
    """Nobody could be told of the run; what was written and reported stands."""

    code = "NOTIFICATION_FAILED"
    default_remedy = (
        "check NOTIFICATION_TOPIC_ARN and that the execution role may publish there (sns:Publish);"
        " the report tells what the message would have"
    )


class Halt(SyncError):
    """Stop every write; the run is HALTED."""

    code = "HALTED"


class CredentialsRejected(Halt):
    """The identity was refused: wrong or expired client secret, or unknown user."""

    code = "CREDENTIALS_REJECTED"
    default_remedy = (
        "check the OAuth client (purpose Technical User, not expired) and its stored secret"
    )


class PermissionDenied(Halt):
    """IAM or Lake Formation refused an action; the message names action and resource."""

    code = "PERMISSION_DENIED"
    default_remedy = "grant the named action on the named resource to the execution role"


class GuardRefused(Halt):
    """More objects would be removed than the limits allow; the message holds the numbers."""

    code = "GUARD_REFUSED"
    default_remedy = (
        "check the source; raise MAX_REMOVAL_PERCENT for one run if the removal is right"
    )


class EvidenceAltered(Halt):
    """What an earlier run left at REPORT_URI is not what the audit chain holds of it."""

    code = "EVIDENCE_ALTERED"
    default_remedy = (
        "run `audit verify`, restore what it names (the bucket keeps former versions), and find out"
        " who changed it"
    )


class ReportUnwritable(Halt):
    """Nothing can be kept at REPORT_URI; what cannot be undone afterwards is not written."""

    code = "REPORT_UNWRITABLE"
    default_remedy = "check REPORT_URI and that the execution role may write there (s3:PutObject)"


class RunEnded(SyncError):
    """A run ended badly; `result` is what the function would have returned (design 1.4)."""

    code = "RUN_ENDED"
    default_remedy = "read the errors in the message and in the report"

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class RunFailed(RunEnded):
    """The run is FAILED: invalid settings or event, or an unexpected error."""

    code = "RUN_FAILED"


class RunHalted(RunEnded):
    """The run is HALTED: a guard refused, or credentials or permissions failed."""

    code = "RUN_HALTED"
