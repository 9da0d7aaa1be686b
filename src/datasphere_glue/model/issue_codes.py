"""The catalogue of issues: each code with its severity, meaning and remedy.

Codes are stable: alarms, scripts and stored documents rely on them, so none is renamed or removed.
docs/errors/CODE.md explains each of them, and docs/errors/index.md is generated from this module.
"""

from enum import StrEnum
from typing import Final, Self

from datasphere_glue.model.remedies import REMEDIES
from datasphere_glue.model.severity import Severity

__all__ = ["IssueCode", "Severity"]

_ACT: Final = Severity.ACT
_WAIT: Final = Severity.WAIT
_NOTE: Final = Severity.NOTE


class IssueCode(StrEnum):
    """The code of an issue, with its severity and its meaning in one line."""

    severity: Severity
    meaning: str

    def __new__(cls, code: str, severity: Severity = _ACT, meaning: str = "") -> Self:
        """Return the member that equals its code, so that a stored code maps to the member."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.severity = severity
        member.meaning = meaning
        return member

    ANNOTATIONS_KEPT = (
        "ANNOTATIONS_KEPT",
        _NOTE,
        "annotations without a known meaning were kept",
    )
    ASSET_RENAMED = "ASSET_RENAMED", _ACT, "a table looks like another one under a new name"
    ASSET_UNREADABLE = "ASSET_UNREADABLE", _ACT, "the metadata of one asset could not be read"
    CLAIMED_TWICE = (
        "CLAIMED_TWICE",
        _ACT,
        "two tables claim one asset, or two databases claim one space",
    )
    COLUMN_RENAMED = "COLUMN_RENAMED", _ACT, "a column looks like another one under a new name"
    COLUMN_UNMAPPED = "COLUMN_UNMAPPED", _NOTE, "a name does not fit into columnMapping"
    COMMENT_CUT = "COMMENT_CUT", _NOTE, "a comment was cut at 255 bytes"
    CONCURRENT_CHANGE = (
        "CONCURRENT_CHANGE",
        _WAIT,
        "somebody else changed the object between read and write",
    )
    CONFIG_INVALID = "CONFIG_INVALID", _ACT, "the mapping configuration is missing or malformed"
    COPIES_IGNORED = (
        "COPIES_IGNORED",
        _NOTE,
        "a database holds copies of tables with our marker",
    )
    CREDENTIALS_REJECTED = "CREDENTIALS_REJECTED", _ACT, "Datasphere or AWS refused the identity"
    DATABASE_LEFT = "DATABASE_LEFT", _ACT, "a rollback leaves the database that the run created"
    DEFINITIONS_UNAVAILABLE = (
        "DEFINITIONS_UNAVAILABLE",
        _ACT,
        "the technical user may not read definitions in a space",
    )
    DEFINITION_IN_PART = "DEFINITION_IN_PART", _NOTE, "part of a definition was not understood"
    DEFINITION_LOST = (
        "DEFINITION_LOST",
        _ACT,
        "a definition that was read before cannot be read now",
    )
    DEFINITION_MISSING = "DEFINITION_MISSING", _NOTE, "the tenant has no definition of some objects"
    DEFINITION_UNREADABLE = "DEFINITION_UNREADABLE", _ACT, "one definition could not be read"
    DEPRECATION_UNPROVEN = (
        "DEPRECATION_UNPROVEN",
        _ACT,
        "no run of ours is on record that deprecated a table on its date",
    )
    DOCUMENT_INVALID = "DOCUMENT_INVALID", _ACT, "a document does not match its format"
    ERROR_BUDGET = "ERROR_BUDGET", _ACT, "most assets could not be read"
    EVENT_INVALID = "EVENT_INVALID", _ACT, "the event is malformed"
    EVIDENCE_ALTERED = (
        "EVIDENCE_ALTERED",
        _ACT,
        "the evidence of an earlier run was altered",
    )
    FIELD_CONFLICT = "FIELD_CONFLICT", _ACT, "a person edited a field whose policy is fail"
    EXPORT_UNPLACED = "EXPORT_UNPLACED", _NOTE, "an exported file names no space of the tenant"
    EXPORT_UNREADABLE = "EXPORT_UNREADABLE", _ACT, "an exported file could not be used"
    FOREIGN_OBJECT = (
        "FOREIGN_OBJECT",
        _ACT,
        "a database or table of that name is not managed by datasphere-glue",
    )
    GONE_SPACE_LISTED = (
        "GONE_SPACE_LISTED",
        _ACT,
        "a space is configured as gone, but the tenant lists it",
    )
    GUARD_REFUSED = "GUARD_REFUSED", _ACT, "the run would remove more tables than the limit allows"
    HALTED = "HALTED", _ACT, "summary: every write was stopped"
    INVALID = "INVALID", _ACT, "the request is malformed"
    LEFT_BEHIND = "LEFT_BEHIND", _ACT, "an older database of a space is no longer updated"
    LINEAGE_UNAVAILABLE = "LINEAGE_UNAVAILABLE", _ACT, "lineage events could not be created"
    LISTING_INCOMPLETE = "LISTING_INCOMPLETE", _WAIT, "a list could not be read to its proven end"
    MARKER_FORGED = "MARKER_FORGED", _ACT, "a column carries the marker of another column"
    METADATA_IN_PART = "METADATA_IN_PART", _NOTE, "part of a `$metadata` was not understood"
    METADATA_UNREADABLE = (
        "METADATA_UNREADABLE",
        _NOTE,
        "a `$metadata` could not be read, and the rest of the asset was",
    )
    MORE_ERRORS = "MORE_ERRORS", _NOTE, "the result holds only some of the errors"
    NOTIFICATION_FAILED = "NOTIFICATION_FAILED", _ACT, "the message about the run could not be sent"
    NOT_DEPLOYED = "NOT_DEPLOYED", _NOTE, "objects that are not deployed were left out"
    OBJECTS_REFUSED = (
        "OBJECTS_REFUSED",
        _NOTE,
        "flows, task chains or access controls of a space are not available",
    )
    OBJECTS_UNREAD = (
        "OBJECTS_UNREAD",
        _WAIT,
        "flows, task chains or access controls of a space could not be read",
    )
    OBJECT_EXISTS = "OBJECT_EXISTS", _WAIT, "the object to be created exists already"
    OBJECT_IN_PART = (
        "OBJECT_IN_PART",
        _NOTE,
        "part of a flow, task chain or access control was not understood",
    )
    OBJECT_MISSING = "OBJECT_MISSING", _WAIT, "the object to be changed no longer exists"
    OUT_OF_TIME = "OUT_OF_TIME", _WAIT, "the time limit ended the run before it was complete"
    PERMISSION_DENIED = "PERMISSION_DENIED", _ACT, "IAM or Lake Formation refused an action"
    PLAN_REFUSED = "PLAN_REFUSED", _ACT, "the approved plan differs from the current plan"
    RENAME_TAGS = (
        "RENAME_TAGS",
        _ACT,
        "a rename was followed; Lake Formation tags and grants were not",
    )
    REPORT_UNWRITABLE = (
        "REPORT_UNWRITABLE",
        _ACT,
        "the report, or the record that a rollback needs, could not be stored",
    )
    REQUIREMENT_UNMET = "REQUIREMENT_UNMET", _NOTE, "an asset lacks a required field"
    ROLLBACK_CONFLICT = (
        "ROLLBACK_CONFLICT",
        _ACT,
        "an object changed after the run that is rolled back",
    )
    ROLLBACK_UNPROVEN = "ROLLBACK_UNPROVEN", _ACT, "the run is older than the audit chain"
    ROLLED_BACK = "ROLLED_BACK", _ACT, "the next sync writes again what was rolled back"
    RULE_REFUSED = (
        "RULE_REFUSED",
        _ACT,
        "an asset lacks a required field, and the rule halts the run",
    )
    RULE_UNMATCHED = "RULE_UNMATCHED", _NOTE, "an exclusion or a rule matches nothing"
    RUN_CUT_OFF = "RUN_CUT_OFF", _ACT, "the process of a run ended before the run did"
    RUN_ENDED = "RUN_ENDED", _ACT, "summary: a run did not succeed"
    RUN_FAILED = "RUN_FAILED", _ACT, "summary: the invocation ended as FAILED"
    RUN_HALTED = "RUN_HALTED", _ACT, "summary: the invocation ended as HALTED"
    RUN_INTERRUPTED = "RUN_INTERRUPTED", _ACT, "a person or the system interrupted the run"
    RUN_UNFINISHED = (
        "RUN_UNFINISHED",
        _NOTE,
        "another run has no record yet: it still runs, or it was cut off",
    )
    SCHEMA_CHANGE_REFUSED = (
        "SCHEMA_CHANGE_REFUSED",
        _ACT,
        "a column changes in a way for which the configuration halts the run",
    )
    SCHEMA_HELD = (
        "SCHEMA_HELD",
        _ACT,
        "a table keeps its columns because such changes are held back",
    )
    SELECTION_EMPTY = "SELECTION_EMPTY", _ACT, "the selection leaves nothing to read"
    SELECTION_UNMATCHED = (
        "SELECTION_UNMATCHED",
        _ACT,
        "an entry of the selection or the request matches nothing",
    )
    SETTINGS_INVALID = "SETTINGS_INVALID", _ACT, "a setting is missing or malformed"
    SHORTENED = "SHORTENED", _NOTE, "content was left out to stay below Glue's request size"
    SKIPPED = "SKIPPED", _ACT, "summary: one object was left alone"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE", _ACT, "the tenant could not be read at all"
    SPACE_FORBIDDEN = "SPACE_FORBIDDEN", _ACT, "the technical user may not read a space"
    SPACE_NOT_LISTED = "SPACE_NOT_LISTED", _ACT, "the tenant does not list a requested space"
    SPACE_VANISHED = "SPACE_VANISHED", _ACT, "the tenant no longer lists a space of the catalog"
    STATE_UNREADABLE = (
        "STATE_UNREADABLE",
        _WAIT,
        "a file that earlier runs left at REPORT_URI cannot be used",
    )
    TIME_TOO_SHORT = "TIME_TOO_SHORT", _ACT, "the function's timeout leaves no usable time"
    TYPE_LOSS = "TYPE_LOSS", _NOTE, "Glue cannot express a type in full"
    UNAVAILABLE = "UNAVAILABLE", _ACT, "a service that the run depends on did not answer"
    UNEXPECTED = "UNEXPECTED", _ACT, "a defect in datasphere-glue"
    UPGRADE_HELD = (
        "UPGRADE_HELD",
        _ACT,
        "facts that only this version reads are held back",
    )
    VERIFICATION_FAILED = (
        "VERIFICATION_FAILED",
        _ACT,
        "the content read back differs from the content written",
    )
    WORKER_LOST = "WORKER_LOST", _ACT, "a worker of a divided run did not finish"
    WRITERS_DISAGREE = (
        "WRITERS_DISAGREE",
        _ACT,
        "another writer undoes what this stack writes",
    )
    WRITE_FAILED = "WRITE_FAILED", _ACT, "one Glue write was refused"

    @property
    def remedy(self) -> str:
        """Return the default remedy, which an issue without its own remedy has."""
        return REMEDIES[self]

    @property
    def severity_as_note(self) -> Severity:
        """Return the severity of the issue as a note, which does not affect the status."""
        return _NOTE if self is IssueCode.DEFINITIONS_UNAVAILABLE else self.severity

    @property
    def repeats(self) -> bool:
        """Return True when each run raises the issue again until it is solved."""
        return self not in _ONCE

    @property
    def page(self) -> str:
        """Return the path of the page that explains the code, below the root of the project."""
        return f"docs/errors/{self}.md"


_ONCE: Final = frozenset(
    {
        IssueCode.ASSET_RENAMED,
        IssueCode.COLUMN_RENAMED,
        IssueCode.DATABASE_LEFT,
        IssueCode.RENAME_TAGS,
        IssueCode.ROLLBACK_UNPROVEN,
        IssueCode.ROLLED_BACK,
        IssueCode.RUN_CUT_OFF,
        IssueCode.RUN_INTERRUPTED,
    }
)
"""Codes that only the run with the change raises, and no later run."""
