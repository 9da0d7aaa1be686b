"""History: the audit records of one table, newest first."""

import json
from typing import Any

import pytest

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.history import History, document, history, lines
from datasphere_glue.evidence.records import records
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Outcome, OutcomeStatus
from datasphere_glue.storage.store import json_lines
from tests.unit.samples import ACTOR, database_change, issue, nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS = "datasphere_sales.v_orders"


def store_records(store: MemoryStore, run_id: str, started: str, *outcomes: Outcome) -> None:
    run = Result(RunAction.SYNC, outcomes=outcomes)
    store.put(
        f"runs/{run_id}/audit.jsonl",
        json_lines(records(nightly(run, run_id=run_id, started=started))),
    )
    store.put(f"runs/{run_id}/report.json", b"{}")


@pytest.fixture
def store() -> MemoryStore:
    """Return the records of five runs with unordered ids."""
    store = MemoryStore()
    items = outcome(table_change(ChangeAction.CREATE, "v_items"))
    created = outcome(table_change(ChangeAction.CREATE))
    store_records(store, "z", "2026-11-20", outcome(database_change()), created, items)
    store_records(store, "quiet", "2026-11-21")
    store_records(store, "m", "2026-11-22", outcome(table_change()), items)
    failed = outcome(table_change(), OutcomeStatus.FAILED, issue("SALES.V_ORDERS", "WRITE_FAILED"))
    store_records(store, "a", "2026-11-23", failed)
    store_records(store, "b", "2026-11-24", outcome(table_change(), OutcomeStatus.UNTRIED))
    return store


def outcomes_of(table_history: History) -> list[tuple[Any, ...]]:
    return [(one["run_id"], one["action"], one["outcome"]) for one in table_history.records]


@pytest.mark.parametrize("name", [ORDERS, "SALES.V_ORDERS"])
def test_the_newest_record_comes_first(store: MemoryStore, name: str) -> None:
    table_history = history(store, name, 50)

    assert outcomes_of(table_history) == [
        ("a", "update", "failed"),
        ("m", "update", "done"),
        ("z", "create", "done"),
    ]
    assert table_history.complete
    assert table_history.runs == 3


def test_the_limit_drops_the_oldest_records_and_reports_it(store: MemoryStore) -> None:
    table_history = history(store, ORDERS, 2)

    assert [run for run, *_ in outcomes_of(table_history)] == ["a", "m"]
    assert not table_history.complete
    assert history(store, ORDERS, 3).complete
    assert "--limit" in list(lines(table_history))[-1]


def test_runs_that_ended_in_the_same_second_are_ordered_by_start(
    store: MemoryStore,
) -> None:
    store.times = dict.fromkeys(store.times, 7.0)

    assert [run for run, *_ in outcomes_of(history(store, ORDERS, 50))] == ["a", "m", "z"]


def test_the_records_of_a_reused_run_id_are_all_listed(store: MemoryStore) -> None:
    store.put("runs/m/audit.2.jsonl", store.bodies["runs/m/audit.jsonl"])
    store.put("runs/m/audit.bak.jsonl", b"no record")

    assert [run for run, *_ in outcomes_of(history(store, ORDERS, 50))] == ["m", "a", "m", "z"]


def test_an_unrecorded_name_lists_similar_names(store: MemoryStore) -> None:
    table_history = history(store, "datasphere_sales.v_order", 50)

    assert (table_history.records, table_history.runs) == ((), 3)
    assert table_history.similar[0] == ORDERS
    assert history(store, "elsewhere.nothing", 50).similar == ()
    assert history(MemoryStore(), ORDERS, 50) == History(ORDERS)


def test_the_history_document_holds_complete_records(store: MemoryStore) -> None:
    table_history = document(history(store, ORDERS, 50))

    assert table_history["schema"] == "datasphere-glue/history/1"
    assert json.loads(json.dumps(table_history)) == table_history
    assert table_history["records"][1]["fields"] == [
        {"field": "description", "before": "Orders", "after": "Sales orders"}
    ]


def test_the_history_text_shows_time_actor_reason_and_changes(store: MemoryStore) -> None:
    text = "\n".join(lines(history(store, ORDERS, 50)))

    assert "2026-11-22  update  datasphere_sales.v_orders" in text
    assert "run m, trigger schedule by arn:aws:scheduler" in text
    assert f"as {ACTOR}, because: differs from Datasphere" in text
    assert 'description: "Orders" -> "Sales orders"' in text
    assert "FAILED: SALES.V_ORDERS cannot be read" in text


def test_control_characters_of_a_record_do_not_reach_the_terminal(store: MemoryStore) -> None:
    table_history = history(store, ORDERS, 50)
    record = dict(table_history.records[1])
    record |= {"reason": "\x1b[2J", "actor": None, "cause": None}
    field = {"field": "f", "before": None, "after": "\x9b2J"}
    record["fields"] = [field] * 14

    text = "\n".join(lines(History(ORDERS, (record,))))

    assert text.replace("\n", "").isprintable()
    assert "as unknown" in text
    assert '(none) -> "�2J"' in text
    assert "and 2 more fields" in text


@pytest.mark.parametrize("line", [b"{", b"[]", b"{}", b"null"])
def test_a_damaged_audit_file_is_reported_with_file_and_line(
    store: MemoryStore, line: bytes
) -> None:
    store.bodies["runs/m/audit.jsonl"] += line + b"\n"

    with pytest.raises(Unavailable, match=r"line 3 of memory:runs/m/audit\.jsonl"):
        history(store, ORDERS, 50)
