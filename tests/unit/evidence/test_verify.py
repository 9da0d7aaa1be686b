"""Verification: each change, removal, reordering and insertion is reported with its place."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.evidence.chain import Link, key_of
from datasphere_glue.evidence.hashed_lines import chain_records, hashed_line
from datasphere_glue.evidence.records import SCHEMA
from datasphere_glue.evidence.verify import Finding, Verdict, document, verify
from tests.effort import examples
from tests.unit.evidence.audit_trails import write_four_runs, write_run
from tests.unit.samples import table_change
from tests.unit.storage.stores import MemoryStore

AUDIT = "runs/night-1/audit.jsonl"
BEFORE = "runs/night-1/before.jsonl"
TRAIL = MemoryStore()
HEAD = write_four_runs(TRAIL)


@pytest.fixture
def store() -> MemoryStore:
    """Return the trail of four runs: seven links, ten files, eleven records."""
    return copy_of_trail()


def copy_of_trail() -> MemoryStore:
    return MemoryStore(dict(TRAIL.bodies), dict(TRAIL.times))


def edit(store: MemoryStore, key: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of a file."""
    store.bodies[key] = b"".join(change(store.bodies[key].splitlines(keepends=True)))


def findings(store: MemoryStore, **how: Any) -> list[tuple[str, int | None, str]]:
    findings = verify(store, **how).findings
    return [(one.file, one.line, one.what) for one in findings]


def test_an_unaltered_trail_is_intact(store: MemoryStore) -> None:
    verdict = verify(store)

    assert verdict.intact
    assert (verdict.links, verdict.files, verdict.records) == (7, 10, 10)
    assert verdict.head == HEAD
    assert verdict.unchained == ()
    assert verify(MemoryStore()) == Verdict()


@given(st.data())
@examples(150)
def test_every_flipped_bit_of_a_file_or_link_is_detected(data: st.DataObject) -> None:
    store = copy_of_trail()
    key = data.draw(st.sampled_from(sorted(store.bodies)))
    body = bytearray(store.bodies[key])
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= 1 << data.draw(st.integers(0, 7))
    line = store.bodies[key][:at].count(b"\n") + 1
    store.bodies[key] = bytes(body)

    findings = verify(store).findings

    assert findings[0].file == key
    if "/audit." in key:
        assert (findings[0].line, findings[0].record) == (line, line)
        assert findings[0].run == key.removeprefix("runs/").removesuffix("/audit.jsonl")
    if key.startswith("audit/"):
        assert "was changed" in findings[0].what


def rearranged(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """Return the lines after a removal, duplication, swap or truncation."""
    place = st.integers(0, len(lines) - 1)
    one, other = data.draw(place), data.draw(place)
    shuffled = lines.copy()
    shuffled[one], shuffled[other] = shuffled[other], shuffled[one]
    ways = [
        lines[:one] + lines[one + 1 :],
        [*lines[:one], lines[other], *lines[one:]],
        shuffled,
        lines[:one],
        [*lines[:one], lines[one][: data.draw(st.integers(0, len(lines[one]) - 1))]],
    ]
    return data.draw(st.sampled_from(ways))


@given(st.data())
@examples(80)
def test_every_rearrangement_of_lines_is_detected(data: st.DataObject) -> None:
    store = copy_of_trail()
    key = data.draw(st.sampled_from(sorted(store.bodies)))
    before = store.bodies[key]
    store.bodies[key] = b"".join(rearranged(before.splitlines(keepends=True), data))
    verdict = verify(store)

    if store.bodies[key] == before:
        assert verdict.intact
    else:
        assert key in {finding.file for finding in verdict.findings}


def test_a_flipped_bit_is_attributed_to_its_record(store: MemoryStore) -> None:
    whole = store.bodies["runs/night-2/audit.jsonl"]
    for at in range(0, len(whole), 5):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        store.bodies["runs/night-2/audit.jsonl"] = bytes(flipped)
        assert [one.record for one in verify(store).findings] == [1]


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (lambda x: x[:1] + x[2:], 2, "record 2 is missing before this line"),
        (lambda x: x[:1] + x[3:], 2, "records 2 to 3 are missing before this line"),
        (lambda x: x[1:], 1, "record 1 is missing before this line"),
        (lambda x: x[:-1], None, "record 4 is missing at the end"),
        (lambda _: [], None, "records 1 to 4 are missing at the end"),
        (lambda x: [*x, x[-1]], 5, "record 4 was inserted or moved"),
        (lambda x: [x[0], x[1], x[1], *x[2:]], 3, "record 2 was inserted or moved"),
        (
            lambda x: [*x[:2], hashed_line({"number": 3})[0], *x[2:]],
            3,
            "record 3 follows another one",
        ),
        (lambda x: [*x, hashed_line({"number": "5"})[0]], 5, "record 5 was inserted or moved"),
        (lambda x: [*x, b"\n"], 5, "record 5 was changed"),
        (lambda x: [*x[:-1], x[-1].rstrip(b"\n")], 4, "record 4 was changed"),
        (lambda x: [*x[:2], x[2].replace(b'"done"', b'"failed"'), x[3]], 3, "record 3 was changed"),
    ],
)
def test_a_removed_inserted_or_changed_record_is_reported(
    store: MemoryStore,
    change: Callable[[list[bytes]], list[bytes]],
    line: int | None,
    what: str,
) -> None:
    edit(store, AUDIT, change)

    assert findings(store)[0] == (AUDIT, line, what)


def test_both_reordered_records_are_reported(store: MemoryStore) -> None:
    edit(store, AUDIT, lambda x: [x[0], x[2], x[1], x[3]])

    assert findings(store) == [
        (AUDIT, 2, "record 2 is missing before this line"),
        (AUDIT, 3, "record 2 was inserted or moved"),
    ]


def test_a_rewritten_file_with_valid_hashes_is_reported(store: MemoryStore) -> None:
    records = [json.loads(line) for line in store.bodies[AUDIT].splitlines()]
    forged = [{k: v for k, v in record.items() if k != "hash"} for record in records]
    forged[2]["actor"] = "somebody else"
    store.bodies[AUDIT] = b"".join(chain_records(forged))

    assert findings(store) == [(AUDIT, None, "was changed: it is not the file that link 2 names")]


def test_a_rewritten_link_with_a_valid_hash_is_reported(store: MemoryStore) -> None:
    link = json.loads(store.bodies[key_of(3)])
    del link["hash"]
    store.bodies[key_of(3)] = hashed_line(link | {"made": "2026-01-01T00:00:00+00:00"})[0]

    text = "link 3 is not the one that link 4 was made after"
    assert findings(store) == [(key_of(3), None, text)]


def test_a_first_link_with_a_predecessor_is_reported(store: MemoryStore) -> None:
    link = json.loads(store.bodies[key_of(1)])
    del link["hash"]
    store.bodies[key_of(1)] = hashed_line(link | {"previous": "ab" * 32})[0]

    assert {(file, what) for file, _, what in findings(store)} >= {
        (key_of(1), "link 0 is not the one that link 1 was made after"),
    }


def test_swapped_links_and_swapped_files_are_reported(store: MemoryStore) -> None:
    def swap(one: str, other: str) -> None:
        bodies = store.bodies
        bodies[one], bodies[other] = bodies[other], bodies[one]

    swap(AUDIT, "runs/night-4/audit.jsonl")
    assert {file for file, *_ in findings(store)} == {AUDIT, "runs/night-4/audit.jsonl"}
    swap(AUDIT, "runs/night-4/audit.jsonl")
    swap(key_of(3), key_of(5))
    assert [(file, what) for file, _, what in findings(store)][:2] == [
        (key_of(3), "holds link 5, not link 3 of the chain"),
        (key_of(5), "holds link 3, not link 5 of the chain"),
    ]


@pytest.mark.parametrize("key", [AUDIT, BEFORE, "runs/night-1/applied.jsonl"])
def test_a_removed_file_is_reported(store: MemoryStore, key: str) -> None:
    del store.bodies[key]

    assert findings(store) == [
        (key, None, f"is missing, link {1 if key == BEFORE else 2} names it")
    ]


@pytest.mark.parametrize("number", [1, 2, 4, 6])
def test_a_removed_link_is_reported(store: MemoryStore, number: int) -> None:
    del store.bodies[key_of(number)]

    verdict = verify(store)

    assert verdict.findings == (Finding(key_of(number), f"link {number} is missing in the chain"),)
    assert verdict.unchained


def test_a_known_head_reveals_a_truncated_chain(store: MemoryStore) -> None:
    earlier = Link.of(store.bodies[key_of(4)])
    assert earlier is not None
    for key in (key_of(7), key_of(6), *(k for k in store.bodies if k.startswith("runs/night-4/"))):
        del store.bodies[key]

    assert verify(store).intact
    assert verify(store, earlier.hash.upper()).intact
    ((file, _, what),) = findings(store, head=HEAD)
    assert file == "audit/"
    assert what == f"no link has the hash {HEAD[:12]}: the chain was cut off after link 5"
    assert "is empty" in findings(MemoryStore(), head=HEAD)[0][2]


def test_the_files_of_a_removed_last_link_are_unchained(store: MemoryStore) -> None:
    del store.bodies[key_of(7)]

    verdict = verify(store)

    assert verdict.intact
    assert [(one.file, one.old) for one in verdict.unchained] == [
        ("runs/night-4/applied.jsonl", False),
        ("runs/night-4/audit.jsonl", False),
    ]


def test_the_remaining_records_reveal_a_removed_chain(
    store: MemoryStore,
) -> None:
    for key in [key for key in store.bodies if key.startswith("audit/")]:
        del store.bodies[key]

    assert [(file, what) for file, _, what in findings(store)] == [
        ("audit/", "holds no link, though runs that make links have left their records")
    ]


def test_an_added_file_is_unchained(store: MemoryStore) -> None:
    store.put("runs/night-1/audit.2.jsonl", store.bodies[AUDIT])
    store.put("runs/forged/before.jsonl", store.bodies[BEFORE])
    store.put("runs/night-1/report.json", b"{}")
    store.put("runs/empty/audit.jsonl", b"")

    assert [one.file for one in verify(store).unchained] == [
        "runs/forged/before.jsonl",
        "runs/night-1/audit.2.jsonl",
    ]


def test_runs_older_than_the_chain_are_unchained_but_intact(
    store: MemoryStore,
) -> None:
    store.put("runs/old/audit.jsonl", b'{"run_id": "old", "event": "change"}\n')
    store.put("runs/old/before.jsonl", store.bodies[BEFORE])

    verdict = verify(store)

    assert verdict.intact
    assert [(one.file, one.old) for one in verdict.unchained] == [
        ("runs/old/audit.jsonl", True),
        ("runs/old/before.jsonl", True),
    ]


def test_an_unrelated_file_among_the_links_is_reported(store: MemoryStore) -> None:
    store.put("audit/0000000000.json.bak", b"")
    store.put("audit/notes.json", b"")

    assert [(file, what) for file, _, what in findings(store)] == [
        ("audit/0000000000.json.bak", "is no link of the chain"),
        ("audit/notes.json", "is no link of the chain"),
    ]


def test_files_past_their_retention_are_counted(store: MemoryStore) -> None:
    for key in [key for key in store.bodies if key.startswith("runs/night-1/")]:
        del store.bodies[key]

    assert len(verify(store).findings) == 3
    assert len(verify(store, kept_days=7).findings) == 3
    verdict = verify(store, kept_days=0)
    assert (verdict.intact, verdict.gone, verdict.files) == (True, 3, 10)


def test_the_verdict_document_is_json(store: MemoryStore) -> None:
    edit(store, AUDIT, lambda x: x[1:])

    verdict = document(verify(store))

    assert json.loads(json.dumps(verdict)) == verdict
    assert verdict["schema"] == "datasphere-glue/audit-verify/1"
    assert (verdict["intact"], verdict["head"], verdict["links"]) == (False, HEAD, 7)
    assert verdict["findings"][0] == {
        "file": AUDIT,
        "what": "record 1 is missing before this line",
        "run": "night-1",
        "line": 1,
        "record": 1,
    }
    assert datetime.fromisoformat(verdict["last_made"]) > datetime.now(UTC) - timedelta(days=1)


def test_the_number_of_findings_of_one_file_is_bounded(store: MemoryStore) -> None:
    store.bodies[AUDIT] = b"nonsense\n" * 5_000

    assert len(verify(store).findings) == 20


def test_a_reused_run_id_is_chained_again(store: MemoryStore) -> None:
    write_run(store, "night-1", table_change())

    verdict = verify(store)

    assert verdict.intact
    assert "runs/night-1/audit.2.jsonl" in store.bodies
    assert verdict.unchained == ()


def test_every_record_names_its_schema(store: MemoryStore) -> None:
    records: list[Mapping[str, Any]] = [
        json.loads(line)
        for key, body in store.bodies.items()
        if "/audit." in key
        for line in body.splitlines()
    ]
    assert len(records) == 10
    assert {record["schema"] for record in records} == {SCHEMA}
