"""The proof that the stored changes of a run are unaltered, required before a rollback."""

from hashlib import sha256

import pytest

from datasphere_glue.errors import EventError, EvidenceAltered
from datasphere_glue.evidence.chain import File, append_link, key_of
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.run_evidence import evidence_of
from datasphere_glue.plan.change import Plan
from tests.unit.evidence.audit_trails import write_four_runs, write_run
from tests.unit.samples import table_change
from tests.unit.storage.stores import MemoryStore

BEFORE = "runs/night-4/before.jsonl"


@pytest.fixture
def store() -> MemoryStore:
    """Return the trail of four runs."""
    store = MemoryStore()
    write_four_runs(store)
    return store


@pytest.mark.parametrize(("run", "count"), [("night-1", 3), ("night-3", 1), ("night-4", 2)])
def test_the_record_of_a_chained_run_is_proven(store: MemoryStore, run: str, count: int) -> None:
    changes, proven = evidence_of(store, run)

    assert proven
    assert len(changes) == count


def test_a_run_without_images_is_an_error(store: MemoryStore) -> None:
    with pytest.raises(EventError):
        evidence_of(store, "night-2")


def test_images_that_no_link_names_prove_nothing(store: MemoryStore) -> None:
    store.put("runs/forged/before.jsonl", store.bodies[BEFORE])

    changes, proven = evidence_of(store, "forged")

    assert not proven
    assert len(changes) == 2


def test_unchained_images_added_to_a_run_make_it_unproven(store: MemoryStore) -> None:
    store.put("runs/night-4/before.2.jsonl", store.bodies["runs/night-1/before.jsonl"])

    assert not evidence_of(store, "night-4")[1]


@pytest.mark.parametrize("key", [BEFORE, "runs/night-4/applied.jsonl"])
def test_a_changed_file_is_rejected(store: MemoryStore, key: str) -> None:
    store.bodies[key] = store.bodies[key].replace(b'":', b'": ', 1)

    with pytest.raises(EvidenceAltered, match=r"memory:runs/night-4/\w+\.jsonl is not what it was"):
        evidence_of(store, "night-4")


@pytest.mark.parametrize("number", [5, 6, 7])
def test_a_broken_chain_is_rejected(store: MemoryStore, number: int) -> None:
    store.bodies[key_of(number)] = b"{}\n"

    with pytest.raises(EvidenceAltered, match=f"the audit chain is broken at link {number}"):
        evidence_of(store, "night-1")


def test_a_missing_link_breaks_the_chain(store: MemoryStore) -> None:
    del store.bodies[key_of(4)]

    with pytest.raises(EvidenceAltered, match="broken at link 3"):
        evidence_of(store, "night-1")


def test_the_images_alone_prove_a_killed_run(store: MemoryStore) -> None:
    EvidenceRecorder().before(
        store, "night-5", Plan(tables=(table_change(), table_change(name="v_items")))
    )

    changes, proven = evidence_of(store, "night-5")

    assert proven
    assert [change.table for change in changes] == ["v_orders", "v_items"]


def test_an_added_link_does_not_prove_a_forged_image(
    store: MemoryStore,
) -> None:
    forged = store.bodies[BEFORE].replace(b"v_items", b"v_other")
    store.bodies[BEFORE] = forged
    append_link(store, "night-4", (File(BEFORE, sha256(forged).hexdigest(), len(forged), 2),))

    with pytest.raises(EvidenceAltered, match=r"before\.jsonl is not what it was when link 6"):
        evidence_of(store, "night-4")


@pytest.mark.parametrize(
    ("run", "key"),
    [
        ("night-4", "runs/night-4/applied.jsonl"),
        ("night-1", "runs/night-1/before.2.jsonl"),
        ("night-3", "runs/night-3/parts/SALES/before.jsonl"),
    ],
)
@pytest.mark.parametrize("emptied", [False, True])
def test_a_missing_or_empty_chained_file_of_the_run_is_rejected(
    store: MemoryStore, run: str, key: str, *, emptied: bool
) -> None:
    write_run(store, "night-1", table_change(name="v_9"))
    write_run(store, "night-3/parts/OTHER", table_change(name="v_9"))
    store.bodies[key] = b""
    if not emptied:
        del store.bodies[key]

    with pytest.raises(EvidenceAltered, match=f"memory:{key} is (missing|not what)"):
        evidence_of(store, run)


def test_damage_before_the_links_of_a_run_does_not_affect_its_proof(
    store: MemoryStore,
) -> None:
    del store.bodies[key_of(1)]
    store.bodies[key_of(2)] = b"{}\n"

    assert evidence_of(store, "night-4")[1]
