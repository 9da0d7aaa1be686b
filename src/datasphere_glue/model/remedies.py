"""The default remedy of each issue code: what a person does next."""

from collections.abc import Mapping
from typing import Final

REMEDIES: Final[Mapping[str, str]] = {
    "ANNOTATIONS_KEPT": (
        "none needed; `annotations` of the mapping configuration can give them a place"
    ),
    "ASSET_RENAMED": "choose the rename policy `follow` to carry over what people added",
    "ASSET_UNREADABLE": (
        "open the asset in Datasphere, check that it is deployed and exposed, redeploy it"
    ),
    "CLAIMED_TWICE": (
        "remove the copy, or remove the `datasphere.` parameters from it, so that one remains"
    ),
    "COLUMN_RENAMED": "choose the rename policy `follow` to carry over what people added",
    "COLUMN_UNMAPPED": "none needed; kept for the record",
    "COMMENT_CUT": "none needed; kept for the record",
    "CONCURRENT_CHANGE": "nothing to do: the next run plans again from the new state",
    "CONFIG_INVALID": ("correct the named fields of the document that SYNC_CONFIG_URI points to"),
    "COPIES_IGNORED": (
        "none needed; remove the `datasphere.` parameters from the copies to end this note"
    ),
    "CREDENTIALS_REJECTED": (
        "check the OAuth client (purpose Technical User, not expired) and its stored secret"
    ),
    "DATABASE_LEFT": (
        "databases are never deleted; remove it by hand once nothing in it is needed"
    ),
    "DEFINITIONS_UNAVAILABLE": (
        "give the technical user the privileges of a modeller (DW Modeler) in the space, or set"
        " DATASPHERE_DEFINITIONS=off"
    ),
    "DEFINITION_IN_PART": "none needed; what could be read is in the table",
    "DEFINITION_LOST": (
        "let the technical user read definitions again (see the issues of the space), or set"
        " DATASPHERE_DEFINITIONS=off to write from OData alone"
    ),
    "DEFINITION_MISSING": (
        "none needed if they come from another space or were deleted; else deploy them again"
    ),
    "DEFINITION_UNREADABLE": "redeploy the object in Datasphere if it recurs",
    "DEPRECATION_UNPROVEN": (
        "find out who set the status or the date of the table in Glue; the run gave it a date that"
        " is on record, and deletes it only after the grace from then on"
    ),
    "DOCUMENT_INVALID": (
        "redeploy the asset in Datasphere; if it persists, report the path with the asset"
    ),
    "ERROR_BUDGET": "resolve that cause; the next run starts over, nothing was written",
    "EVENT_INVALID": "send one of the events shown in events/ (see docs/guide/events.md)",
    "EVIDENCE_ALTERED": (
        "run `datasphere-glue audit verify`, restore what it names (the bucket keeps former"
        " versions), and find out who changed it"
    ),
    "FIELD_CONFLICT": (
        "undo the edit in Glue or make the same change in Datasphere, or choose another policy for"
        " the field in the mapping configuration"
    ),
    "EXPORT_UNPLACED": "move the file to a folder that is named after its space, below the exports",
    "EXPORT_UNREADABLE": (
        "correct or remove the file, and check DATASPHERE_EXPORT_URI; the run went on without it"
    ),
    "FOREIGN_OBJECT": ("rename or remove the foreign object, or change GLUE_DATABASE_TEMPLATE"),
    "GONE_SPACE_LISTED": "remove it from the gone spaces in the mapping configuration",
    "GUARD_REFUSED": (
        "check the source; raise MAX_REMOVAL_PERCENT for one run if the removal is right"
    ),
    "HALTED": "read the other errors and follow their pages",
    "INVALID": "correct the named fields and run again",
    "LEFT_BEHIND": "restore the former GLUE_DATABASE_TEMPLATE, or remove the old database",
    "LINEAGE_UNAVAILABLE": (
        "install `datasphere-glue[lineage]` (a function takes openlineage-python from a layer, see"
        " docs/lineage.md), or set LINEAGE_EXPORT=off"
    ),
    "LISTING_INCOMPLETE": (
        "nothing to do if the next run succeeds; else check the tenant's availability"
    ),
    "MARKER_FORGED": (
        "find out who edits `datasphere.name` of columns in Glue; the run has put it right"
    ),
    "METADATA_IN_PART": "none needed; what could be read is in the table",
    "METADATA_UNREADABLE": (
        "none needed for the table; redeploy the asset in Datasphere, so that consumers can read it"
    ),
    "MORE_ERRORS": "set REPORT_URI and open the report",
    "NOTIFICATION_FAILED": (
        "check NOTIFICATION_TOPIC_ARN and that the execution role may publish there (sns:Publish);"
        " the report holds the content of the message"
    ),
    "NOT_DEPLOYED": "deploy the objects that consumers need",
    "OBJECTS_REFUSED": (
        "none needed; give the technical user read access to these objects (DW Modeler, DW"
        " Integrator), or leave their kind out (`objects` in the mapping configuration)"
    ),
    "OBJECTS_UNREAD": "nothing to do: the next run reads them again; tables keep what they hold",
    "OBJECT_EXISTS": "nothing to do: the next run compares with what is there",
    "OBJECT_IN_PART": "none needed; what could be read is in the tables",
    "OBJECT_MISSING": ("nothing to do: the next run creates it again if the source still has it"),
    "OUT_OF_TIME": (
        "nothing to do: the next run goes on; if it recurs, raise DATASPHERE_REQUESTS_PER_MINUTE if"
        " the tenant allows it, or divide the run (FanOut=true)"
    ),
    "PERMISSION_DENIED": ("grant the named action on the named resource to the execution role"),
    "PLAN_REFUSED": ("run `datasphere-glue plan` again, review it, and apply the new digest"),
    "RENAME_TAGS": "give the new table the LF-tags and grants of the old one",
    "REPORT_UNWRITABLE": (
        "check REPORT_URI and that the execution role may write there (s3:PutObject)"
    ),
    "REQUIREMENT_UNMET": (
        "complete it in Datasphere, or in `context` of the mapping configuration"
    ),
    "ROLLBACK_CONFLICT": (
        "roll back the later runs first, latest before earlier, or correct it by hand"
    ),
    "ROLLBACK_UNPROVEN": (
        "read the plan of the rollback before it is applied (`datasphere-glue rollback RUN_ID"
        " --plan`); put back the rest by hand, or let the next sync write the state of Datasphere"
    ),
    "ROLLED_BACK": (
        "correct the configuration or the source first, or disable the schedule until then"
    ),
    "RULE_REFUSED": ("complete it in Datasphere, or in `context` of the mapping configuration"),
    "RULE_UNMATCHED": "correct the entry if it should match; names are exact, case counts",
    "RUN_CUT_OFF": (
        "see the report of that run; `datasphere-glue rollback RUN_ID` takes back what it wrote,"
        " and the next sync completes it"
    ),
    "RUN_ENDED": "read the errors in the message and in the report",
    "RUN_FAILED": "read the errors in the message and in the report",
    "RUN_HALTED": "read the errors in the message and in the report",
    "RUN_INTERRUPTED": (
        "run `datasphere-glue sync` to complete it, or `datasphere-glue rollback RUN_ID` to take"
        " back what it wrote"
    ),
    "RUN_UNFINISHED": (
        "none needed while it runs; if it was cut off, a later sync closes its record, and"
        " `datasphere-glue rollback RUN_ID` takes back what it wrote"
    ),
    "SCHEMA_CHANGE_REFUSED": (
        "undo the change in Datasphere, or allow the kind of change in the mapping configuration"
    ),
    "SCHEMA_HELD": (
        "inform the users of the table, then allow the kind of change in the mapping configuration"
    ),
    "SELECTION_EMPTY": "correct the named entries, so that they leave something to read",
    "SELECTION_UNMATCHED": (
        "correct the entry, or remove it; names are exact, upper and lower case count"
    ),
    "SETTINGS_INVALID": (
        "set the named environment variables (see docs/reference/settings.md) and run again; at a"
        " terminal `datasphere-glue init` asks for them and writes a profile"
    ),
    "SHORTENED": "none needed; kept for the record",
    "SKIPPED": "read the other errors and follow their pages",
    "SOURCE_UNAVAILABLE": (
        "check DATASPHERE_URL and that the tenant is up; nothing was changed, the next run retries"
    ),
    "SPACE_FORBIDDEN": (
        "make the technical user a member of this space with a scoped DW Viewer role"
    ),
    "SPACE_NOT_LISTED": ("correct the name, or make the technical user a member of the space"),
    "SPACE_VANISHED": (
        "make the technical user a member of the space again; if it is gone for good, name it as a"
        " gone space in the mapping configuration, or exclude it with SYNC_EXCLUDE"
    ),
    "STATE_UNREADABLE": (
        "nothing to do if the next run does not repeat it: a run writes the file again; else remove"
        " the named file, and check who writes at REPORT_URI"
    ),
    "TIME_TOO_SHORT": (
        "raise the timeout of the function (`aws lambda update-function-configuration --timeout`);"
        " the stack sets 900 seconds"
    ),
    "TYPE_LOSS": "none needed; kept for the record",
    "UNAVAILABLE": ("check that the service is up and reachable; the next run starts over safely"),
    "UNEXPECTED": "open an issue with the run id and the audit record",
    "UPGRADE_HELD": "review `datasphere-glue plan` and apply it by its digest, or set"
    " `upgrades: {meaning: apply}` in the mapping configuration",
    "VERIFICATION_FAILED": ("find out who else writes this table; the next run compares again"),
    "WORKER_LOST": (
        "look for its error in the execution of the state machine and in the log; the next run"
        " reads the space again"
    ),
    "WRITERS_DISAGREE": (
        "let one stack write a space (SYNC_EXCLUDE), or give all of them the same technical user,"
        " selection and configuration; if a person or a script edits these tables, stop that"
    ),
    "WRITE_FAILED": ("the next run tries again; if it persists, read the cause in the message"),
}
