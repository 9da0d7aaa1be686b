"""Plan documents: exact, deterministic, and refused if altered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from datasphere_glue.errors import PlanRefused
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, Column, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Conflict, FieldChange, Plan, TableChange
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.plan.serial import (
    SCHEMA,
    decode,
    document_parts,
    from_json,
    from_text,
    to_json,
    to_text,
)
from tests.golden.stored_values import DIGEST, PLAN, STORED
from tests.unit.samples import (
    POLICY,
    asset,
    database_change,
    issue,
    listing,
    marked,
    planned,
    synced,
    table_change,
    with_table,
)

BOTH = listing(asset("V_ORDERS"), asset("V_ITEMS"))
FULL = Plan(
    databases=(database_change(),),
    tables=tuple(table_change(action) for action in ChangeAction),
    conflicts=(
        Conflict("datasphere_sales", "v_orders", "SALES", "V", "description", "A", None, both=True),
    ),
    skipped=(issue(),),
    unchanged=(("SALES", 3),),
    kept=("datasphere_hr",),
    notes=(issue("SALES", "TYPE_LOSS"),),
)


def altered(change: Callable[[Any], Any]) -> dict[str, Any]:
    document = to_json(FULL)
    change(document)
    return document


def test_a_plan_with_every_field_survives_serialization() -> None:
    again = from_text("".join(document_parts(FULL, FULL.digest)).encode())

    assert again == FULL
    assert again.digest == FULL.digest


@pytest.mark.parametrize(
    ("subject", "space", "name"),
    [("run", None, None), ("SALES", "SALES", None), ("SALES.SAP.V", "SALES", "SAP.V")],
)
def test_a_document_holds_the_object_of_an_issue_as_one_text(
    subject: str, space: str | None, name: str | None
) -> None:
    note = Issue(IssueCode.SHORTENED, "cut", "none", space, name)
    stored = {"subject": subject, "code": "SHORTENED", "message": "cut", "remedy": "none"}

    assert json.loads(to_text(note)) == stored
    assert decode(Issue, stored) == note


def test_real_plans_survive_serialization() -> None:
    edited = with_table(synced(BOTH), marked(synced(BOTH).tables[0].table, team="sales"))
    later = listing(asset("V_ORDERS", label="New"))
    plan = planned((later,), edited, policy=replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0))

    assert len(plan.tables) == 2
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


def test_equal_plans_have_equal_documents_with_one_line_per_change() -> None:
    text = "".join(document_parts(FULL, FULL.digest))

    assert text == "".join(document_parts(from_text(text.encode()), FULL.digest))
    assert text.isascii()
    assert sum('"fields"' in line for line in text.splitlines()) == len(FULL.changes)


def test_any_text_survives_serialization() -> None:
    odd = "Größe \ud800 \x1b[31m \u2028 'quoted' \"twice\""
    table = Table("db", "t", (Column("c", "string", odd, (("k", odd),)),), description=odd)
    plan = Plan(tables=(TableChange(ChangeAction.CREATE, "S", odd, None, table),))

    assert from_text("".join(document_parts(plan, plan.digest)).encode()) == plan


def test_a_reformatted_document_is_accepted() -> None:
    text = json.dumps(to_json(FULL), indent=4, ensure_ascii=False, sort_keys=True)

    assert from_text(text.encode()) == FULL


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: d["plan"]["tables"][0]["after"].update(description="X"), "altered"),
        (lambda d: d["plan"]["tables"][1].update(version_id="4"), "altered"),
        (lambda d: d["plan"]["tables"].pop(), "altered"),
        (lambda d: d["plan"]["tables"].reverse(), "altered"),
        (lambda d: d["plan"]["tables"][0].update(reason="harmless"), "seal"),
        (lambda d: d["plan"]["tables"][1]["fields"][0].update(after="X"), "seal"),
        (lambda d: d["plan"].update(conflicts=[]), "seal"),
        (lambda d: d.update(content="0" * 64), "seal"),
        (lambda d: d.update(digest="0" * 64), "it states digest 000"),
        (lambda d: d.update(digest=None), "altered"),
        (lambda d: d.pop("digest"), "digest"),
        (lambda d: d.update(approved=True), "approved"),
        (lambda d: d.update(schema="datasphere-glue/plan/2"), SCHEMA),
        (lambda d: d.update(plan=[]), "Plan must be an object"),
        (lambda d: d["plan"].update(tables={}), "tables must be a list"),
        (
            lambda d: d["plan"]["tables"][1].update(space=7),
            r"tables\[1\].space must be a valid string",
        ),
        (
            lambda d: d["plan"]["tables"][1].update(action="drop"),
            r"tables\[1\].action must be 'create', 'update'",
        ),
        (lambda d: d["plan"]["tables"][1].pop("action"), r"tables\[1\].action is required"),
        (lambda d: d["plan"]["tables"][1].update(undo=1), r"tables\[1\].undo is unknown"),
        (
            lambda d: d["plan"]["tables"][1]["after"]["parameters"].append(["x"]),
            r"after.parameters\[4\]\[1\] is required",
        ),
        (
            lambda d: d["plan"]["tables"][1]["after"]["parameters"].append(["x", "y", "z"]),
            r"after.parameters\[4\] has too many items",
        ),
        (
            lambda d: d["plan"]["unchanged"][0].reverse(),
            r"unchanged\[0\]\[0\] must be a valid string",
        ),
        (lambda d: d["plan"].update(unchanged=[["SALES", "3"]]), "must be a valid integer"),
        (lambda d: d["plan"].update(unchanged=[["SALES", True]]), "must be a valid integer"),
        (
            lambda d: d["plan"]["skipped"][0].update(space="S"),
            r"skipped\[0\].space is unknown",
        ),
        (lambda d: d["plan"]["skipped"][0].pop("subject"), r"skipped\[0\].subject is required"),
        (lambda d: d["plan"]["notes"].append("x"), r"notes\[1\] must be an object"),
        (lambda d: d["plan"]["notes"][0].update(code=1), r"notes\[0\].code must be a valid string"),
        (lambda d: d["plan"]["conflicts"][0].update(both="yes"), "must be a valid boolean"),
        (lambda d: d["plan"]["tables"][0].update(before=None, after=None), "malformed"),
    ],
)
def test_an_altered_document_is_refused_with_a_reason(
    change: Callable[[Any], Any], text: str
) -> None:
    with pytest.raises(PlanRefused, match=text):
        from_json(altered(change))


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b"{"])
def test_an_invalid_document_is_refused(text: bytes) -> None:
    with pytest.raises(PlanRefused, match="no plan document"):
        from_text(text)


def test_a_document_of_an_older_version_is_read_and_written_unchanged() -> None:
    stored = (STORED / "plan.json").read_bytes()

    read = from_text(stored)

    assert read == PLAN
    assert read.digest == DIGEST
    assert "".join(document_parts(PLAN, DIGEST)).encode() == stored


def test_a_field_with_a_default_may_be_missing() -> None:
    """An older version, without the field, wrote the document."""
    document = json.loads(to_text(table_change(ChangeAction.CREATE)))
    document.pop("reason")

    assert decode(TableChange, document).reason == ""


@dataclass(frozen=True, slots=True)
class Later(FieldChange):
    weight: float = 0.0
    origin: ChangeAction | None = None
    inner: tuple[FieldChange, ...] = ()
    derived: str = field(default="", compare=False)


def test_a_field_of_a_later_version_is_written_and_read() -> None:
    later = Later("f", None, "b", 0.5, ChangeAction.DELETE, (FieldChange("g", "x", None),))

    assert decode(Later, json.loads(to_text(later))) == later
    assert decode(Later, {"field": "f", "before": None, "after": None, "weight": 1}).weight == 1.0


def test_a_field_that_is_not_compared_is_not_written() -> None:
    later = Later("f", None, None, derived="from the rest")

    assert json.loads(to_text(later)) == {
        "field": "f",
        "before": None,
        "after": None,
        "weight": 0.0,
        "origin": None,
        "inner": [],
    }


def test_a_value_of_an_unsupported_type_is_an_error() -> None:
    with pytest.raises(TypeError, match="dataclass"):
        to_text(object())


def test_an_empty_plan_survives_serialization() -> None:
    plan = planned((), Catalog())

    assert from_json(to_json(plan)) == plan


def test_the_desired_table_is_not_part_of_the_stored_plan() -> None:
    table = Table("db", "t")
    plain = TableChange(ChangeAction.CREATE, "S", "A", None, table)
    change = replace(plain, desired=replace(table, description="as the source wants it"))

    assert change == plain
    assert repr(change) == repr(plain)
    assert to_text(change) == to_text(plain)
    assert Plan(tables=(change,)).digest == Plan(tables=(plain,)).digest
    with pytest.raises(ValueError, match="desired is unknown"):
        decode(TableChange, {**json.loads(to_text(plain)), "desired": None})
