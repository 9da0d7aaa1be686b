"""The catalogue of issues: each code with its severity, meaning and remedy.

Codes are stable: alarms, scripts and stored documents rely on them, so none is renamed or removed.
docs/errors/CODE.md explains each of them, and docs/errors/index.md is generated from this module.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

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
    METADATA_IN_PART = "METADATA_IN_PART", _NOTE, "part of a `$metadata` was not understood"
    METADATA_UNREADABLE = (
        "METADATA_UNREADABLE",
        _NOTE,
        "a `$metadata` could not be read, and the rest of the asset was",
    )
    MORE_ERRORS = "MORE_ERRORS", _NOTE, "the result holds only some of the errors"
    NOTIFICATION_FAILED = "NOTIFICATION_FAILED", _ACT, "the message about the run could not be sent"
    NOT_DEPLOYED = "NOT_DEPLOYED", _NOTE, "objects that are not deployed were left out"
    OBJECT_EXISTS = "OBJECT_EXISTS", _WAIT, "the object to be created exists already"
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
    RUN_ENDED = "RUN_ENDED", _ACT, "summary: a run did not succeed"
    RUN_FAILED = "RUN_FAILED", _ACT, "summary: the invocation ended as FAILED"
    RUN_HALTED = "RUN_HALTED", _ACT, "summary: the invocation ended as HALTED"
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
    VERIFICATION_FAILED = (
        "VERIFICATION_FAILED",
        _ACT,
        "the content read back differs from the content written",
    )
    WORKER_LOST = "WORKER_LOST", _ACT, "a worker of a divided run did not finish"
    WRITE_FAILED = "WRITE_FAILED", _ACT, "one Glue write was refused"

    @property
    def remedy(self) -> str:
        """Return the default remedy, which an issue without its own remedy has."""
        return _REMEDIES[self]

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
    }
)
"""Codes that only the run with the change raises, and no later run."""

_REMEDIES: Final[Mapping[IssueCode, str]] = {
    IssueCode.ANNOTATIONS_KEPT: (
        "none needed; `annotations` of the mapping configuration can give them a place"
    ),
    IssueCode.ASSET_RENAMED: "choose the rename policy `follow` to carry over what people added",
    IssueCode.ASSET_UNREADABLE: (
        "open the asset in Datasphere, check that it is deployed and exposed, redeploy it"
    ),
    IssueCode.CLAIMED_TWICE: (
        "remove the copy, or remove the `datasphere.` parameters from it, so that one remains"
    ),
    IssueCode.COLUMN_RENAMED: "choose the rename policy `follow` to carry over what people added",
    IssueCode.COLUMN_UNMAPPED: "none needed; kept for the record",
    IssueCode.COMMENT_CUT: "none needed; kept for the record",
    IssueCode.CONCURRENT_CHANGE: "nothing to do: the next run plans again from the new state",
    IssueCode.CONFIG_INVALID: (
        "correct the named fields of the document that SYNC_CONFIG_URI points to"
    ),
    IssueCode.COPIES_IGNORED: (
        "none needed; remove the `datasphere.` parameters from the copies to end this note"
    ),
    IssueCode.CREDENTIALS_REJECTED: (
        "check the OAuth client (purpose Technical User, not expired) and its stored secret"
    ),
    IssueCode.DATABASE_LEFT: (
        "databases are never deleted; remove it by hand once nothing in it is needed"
    ),
    IssueCode.DEFINITIONS_UNAVAILABLE: (
        "give the technical user the privileges of a modeller (DW Modeler) in the space, or set"
        " DATASPHERE_DEFINITIONS=off"
    ),
    IssueCode.DEFINITION_IN_PART: "none needed; what could be read is in the table",
    IssueCode.DEFINITION_LOST: (
        "let the technical user read definitions again (see the issues of the space), or set"
        " DATASPHERE_DEFINITIONS=off to write from OData alone"
    ),
    IssueCode.DEFINITION_MISSING: (
        "none needed if they come from another space or were deleted; else deploy them again"
    ),
    IssueCode.DEFINITION_UNREADABLE: "redeploy the object in Datasphere if it recurs",
    IssueCode.DEPRECATION_UNPROVEN: (
        "find out who set the status or the date of the table in Glue; the run gave it a date that"
        " is on record, and deletes it only after the grace from then on"
    ),
    IssueCode.DOCUMENT_INVALID: (
        "redeploy the asset in Datasphere; if it persists, report the path with the asset"
    ),
    IssueCode.ERROR_BUDGET: "resolve that cause; the next run starts over, nothing was written",
    IssueCode.EVENT_INVALID: "send one of the events shown in events/ (see docs/guide/events.md)",
    IssueCode.EVIDENCE_ALTERED: (
        "run `datasphere-glue audit verify`, restore what it names (the bucket keeps former"
        " versions), and find out who changed it"
    ),
    IssueCode.FIELD_CONFLICT: (
        "undo the edit in Glue or make the same change in Datasphere, or choose another policy for"
        " the field in the mapping configuration"
    ),
    IssueCode.FOREIGN_OBJECT: (
        "rename or remove the foreign object, or change GLUE_DATABASE_TEMPLATE"
    ),
    IssueCode.GONE_SPACE_LISTED: "remove it from the gone spaces in the mapping configuration",
    IssueCode.GUARD_REFUSED: (
        "check the source; raise MAX_REMOVAL_PERCENT for one run if the removal is right"
    ),
    IssueCode.HALTED: "read the other errors and follow their pages",
    IssueCode.INVALID: "correct the named fields and run again",
    IssueCode.LEFT_BEHIND: "restore the former GLUE_DATABASE_TEMPLATE, or remove the old database",
    IssueCode.LINEAGE_UNAVAILABLE: (
        "install `datasphere-glue[lineage]` (a function takes openlineage-python from a layer, see"
        " docs/lineage.md), or set LINEAGE_EXPORT=off"
    ),
    IssueCode.LISTING_INCOMPLETE: (
        "nothing to do if the next run succeeds; else check the tenant's availability"
    ),
    IssueCode.METADATA_IN_PART: "none needed; what could be read is in the table",
    IssueCode.METADATA_UNREADABLE: (
        "none needed for the table; redeploy the asset in Datasphere, so that consumers can read it"
    ),
    IssueCode.MORE_ERRORS: "set REPORT_URI and open the report",
    IssueCode.NOTIFICATION_FAILED: (
        "check NOTIFICATION_TOPIC_ARN and that the execution role may publish there (sns:Publish);"
        " the report holds the content of the message"
    ),
    IssueCode.NOT_DEPLOYED: "deploy the objects that consumers need",
    IssueCode.OBJECT_EXISTS: "nothing to do: the next run compares with what is there",
    IssueCode.OBJECT_MISSING: (
        "nothing to do: the next run creates it again if the source still has it"
    ),
    IssueCode.OUT_OF_TIME: (
        "nothing to do: the next run goes on; if it recurs, raise DATASPHERE_REQUESTS_PER_MINUTE if"
        " the tenant allows it, or divide the run (FanOut=true)"
    ),
    IssueCode.PERMISSION_DENIED: (
        "grant the named action on the named resource to the execution role"
    ),
    IssueCode.PLAN_REFUSED: (
        "run `datasphere-glue plan` again, review it, and apply the new digest"
    ),
    IssueCode.RENAME_TAGS: "give the new table the LF-tags and grants of the old one",
    IssueCode.REPORT_UNWRITABLE: (
        "check REPORT_URI and that the execution role may write there (s3:PutObject)"
    ),
    IssueCode.REQUIREMENT_UNMET: (
        "complete it in Datasphere, or in `context` of the mapping configuration"
    ),
    IssueCode.ROLLBACK_CONFLICT: (
        "roll back the later runs first, latest before earlier, or correct it by hand"
    ),
    IssueCode.ROLLBACK_UNPROVEN: (
        "read the plan of the rollback before it is applied (`datasphere-glue rollback RUN_ID"
        " --plan`); put back the rest by hand, or let the next sync write the state of Datasphere"
    ),
    IssueCode.ROLLED_BACK: (
        "correct the configuration or the source first, or disable the schedule until then"
    ),
    IssueCode.RULE_REFUSED: (
        "complete it in Datasphere, or in `context` of the mapping configuration"
    ),
    IssueCode.RULE_UNMATCHED: "correct the entry if it should match; names are exact, case counts",
    IssueCode.RUN_ENDED: "read the errors in the message and in the report",
    IssueCode.RUN_FAILED: "read the errors in the message and in the report",
    IssueCode.RUN_HALTED: "read the errors in the message and in the report",
    IssueCode.SCHEMA_CHANGE_REFUSED: (
        "undo the change in Datasphere, or allow the kind of change in the mapping configuration"
    ),
    IssueCode.SCHEMA_HELD: (
        "inform the users of the table, then allow the kind of change in the mapping configuration"
    ),
    IssueCode.SELECTION_EMPTY: "correct the named entries, so that they leave something to read",
    IssueCode.SELECTION_UNMATCHED: (
        "correct the entry, or remove it; names are exact, upper and lower case count"
    ),
    IssueCode.SETTINGS_INVALID: (
        "set the named environment variables (see docs/reference/settings.md) and run again; at a"
        " terminal `datasphere-glue init` asks for them and writes a profile"
    ),
    IssueCode.SHORTENED: "none needed; kept for the record",
    IssueCode.SKIPPED: "read the other errors and follow their pages",
    IssueCode.SOURCE_UNAVAILABLE: (
        "check DATASPHERE_URL and that the tenant is up; nothing was changed, the next run retries"
    ),
    IssueCode.SPACE_FORBIDDEN: (
        "make the technical user a member of this space with a scoped DW Viewer role"
    ),
    IssueCode.SPACE_NOT_LISTED: (
        "correct the name, or make the technical user a member of the space"
    ),
    IssueCode.SPACE_VANISHED: (
        "make the technical user a member of the space again; if it is gone for good, name it as a"
        " gone space in the mapping configuration, or exclude it with SYNC_EXCLUDE"
    ),
    IssueCode.STATE_UNREADABLE: (
        "nothing to do if the next run does not repeat it: a run writes the file again; else remove"
        " the named file, and check who writes at REPORT_URI"
    ),
    IssueCode.TIME_TOO_SHORT: (
        "raise the timeout of the function (`aws lambda update-function-configuration --timeout`);"
        " the stack sets 900 seconds"
    ),
    IssueCode.TYPE_LOSS: "none needed; kept for the record",
    IssueCode.UNAVAILABLE: (
        "check that the service is up and reachable; the next run starts over safely"
    ),
    IssueCode.UNEXPECTED: "open an issue with the run id and the audit record",
    IssueCode.VERIFICATION_FAILED: (
        "find out who else writes this table; the next run compares again"
    ),
    IssueCode.WORKER_LOST: (
        "look for its error in the execution of the state machine and in the log; the next run"
        " reads the space again"
    ),
    IssueCode.WRITE_FAILED: (
        "the next run tries again; if it persists, read the cause in the message"
    ),
}
