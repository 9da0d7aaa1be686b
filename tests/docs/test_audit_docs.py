"""The documentation of the audit trail matches the records of a run."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.commands.audit import audit_command
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.evidence.chain import FOLDER
from datasphere_glue.evidence.export import COLUMNS
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.actions import ChangeAction, ChangeKind
from datasphere_glue.plan.change import OutcomeStatus, Plan
from tests.unit.samples import database_change, issue, nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "audit.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCS / "audit.schema.json").read_text(encoding="utf-8"))


def written_records() -> Iterator[dict[str, Any]]:
    """Yield all lines of a run in which everything occurs."""
    store, ledger = MemoryStore(), EvidenceRecorder()
    changes = (database_change(), table_change(), table_change(ChangeAction.DELETE, "v_gone"))
    ledger.before(store, "night-1", Plan(changes[:1], changes[1:]))
    outcomes = (
        outcome(changes[0]),
        outcome(changes[1], OutcomeStatus.FAILED, issue()),
        outcome(changes[2], OutcomeStatus.UNTRIED),
    )
    run = Result(
        RunAction.SYNC, outcomes=outcomes, error=PermissionDenied("glue:UpdateTable was refused")
    )
    ledger.after(store, "night-1", nightly(run, step="finish"))
    for key, body in store.bodies.items():
        if key.startswith(FOLDER) or "/audit." in key:
            yield from (json.loads(line) for line in body.splitlines())


RECORDS = [line for line in written_records() if "event" in line]
LINKS = [line for line in written_records() if "event" not in line]


def described(after: str) -> set[str]:
    """Return the keys that the first table after a text describes."""
    table = TEXT.partition(after)[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    return {match[1] for match in re.finditer(r"^\| `(\w+)` \|", table, re.MULTILINE)}


def keys_of(record: Mapping[str, Any]) -> set[str]:
    return described("Every record has:") | described(
        {
            "run": "A `run` also has:",
            "security": "A `security` event",
            "change": "A `change` also has:",
        }[record["event"]]
    )


def test_every_kind_of_record_occurs_here() -> None:
    assert [record["event"] for record in RECORDS] == ["run", "security", *["change"] * 3]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["event"])
def test_exactly_the_keys_of_a_record_are_described(record: dict[str, Any]) -> None:
    assert set(record) == keys_of(record)


def test_exactly_the_keys_of_a_link_are_described() -> None:
    assert len(LINKS) == 2
    for link in LINKS:
        assert set(link) == described("## The chain")
        (row,) = re.findall(r"^\| `files` \| (.+) \|$", TEXT, re.MULTILINE)
        assert set(link["files"][0]) == set(re.findall(r"`(\w+)`", row))


def test_an_export_has_a_column_for_every_key() -> None:
    keys = {key for record in RECORDS for key in record}
    assert keys | {"file", "line", "link"} == set(COLUMNS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["event"])
def test_a_record_is_valid_by_the_schema(record: dict[str, Any]) -> None:
    valid = import_module("jsonschema").Draft202012Validator(SCHEMA).is_valid

    assert valid(record)
    assert not valid(record | {"more": 1})
    for key in record:
        assert not valid({name: value for name, value in record.items() if name != key})


def test_the_schema_lists_every_enum_value() -> None:
    change, run = (SCHEMA["$defs"][name]["properties"] for name in ("change", "run"))
    assert set(change["action"]["enum"]) == set(map(str, ChangeAction))
    assert set(change["kind"]["enum"]) == set(map(str, ChangeKind))
    assert set(change["outcome"]["enum"]) == set(map(str, OutcomeStatus))
    assert set(run["status"]["enum"]) == set(map(str, Status))


def test_every_option_that_is_named_exists() -> None:
    own = {name for sub in audit_command.commands.values() for p in sub.params for name in p.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT))
    assert {"--head", "--strict", "--kept-days", "--event"} <= named
    assert named - own == {"--plan"}  # of sync
