"""A deletion needs the record of our own deprecation; its grace counts from there."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.aged import age_record
from tests.functional.conftest import World, small_space

SHOP = "datasphere_shop"
GONE = "v_01"
LONG_AGO = {"datasphere.status": "deprecated", "datasphere.deprecated_on": "2020-01-01"}
_WRITABLE = ("Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")


@pytest.fixture
def place(world_of: Callable[..., World]) -> World:
    """Return a synced world whose runs delete; its record begins with the first run."""
    world = world_of(small_space("SHOP", 3))
    world.environment["ORPHAN_POLICY"] = "delete"
    assert world.sync()["counts"]["created"] == 3
    return world


def remove(world: World) -> None:
    world.tenant.spaces.remove("SHOP", "V_01")


def deprecate(world: World) -> None:
    remove(world)
    assert world.sync()["counts"]["deprecated"] == 1


def mark(world: World) -> None:
    """Set status and date of the table by hand."""
    table = world.tables(SHOP)[GONE]
    body = {key: table[key] for key in _WRITABLE if key in table}
    body["Parameters"] = table["Parameters"] | LONG_AGO
    world.glue.update_table(DatabaseName=SHOP, TableInput=body)


def unproven(answer: dict[str, Any]) -> list[str]:
    return [e["asset"] for e in answer["errors"] if e["code"] == "DEPRECATION_UNPROVEN"]


def backdated(world: World) -> None:
    deprecate(world)
    mark(world)


def set_by_hand(world: World) -> None:
    remove(world)
    mark(world)


def restored_before(world: World) -> None:
    deprecate(world)
    world.tenant.spaces.restore("SHOP", "V_01")
    assert world.sync()["counts"]["restored"] == 1
    remove(world)
    mark(world)


def lost_record(world: World) -> None:
    deprecate(world)
    mark(world)
    for path in world.reports.rglob("audit*.jsonl"):
        path.unlink()


@pytest.mark.parametrize("forge", [backdated, set_by_hand, restored_before, lost_record])
def test_a_deprecation_that_is_not_on_record_deletes_nothing_and_is_reported(
    place: World, forge: Callable[[World], None]
) -> None:
    forge(place)

    answer = place.sync()

    assert answer["status"] == "DEGRADED"
    assert answer["counts"]["deleted"] == 0
    assert unproven(answer) == ["SHOP.V_01"]
    marks = place.tables(SHOP)[GONE]["Parameters"]
    assert marks["datasphere.status"] == "deprecated"
    assert marks["datasphere.deprecated_on"] > "2020-01-01"
    assert place.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize("days", [29, 31])
def test_the_grace_counts_from_the_record(place: World, days: int) -> None:
    backdated(place)
    age_record(place.reports, days)

    answer = place.sync()

    assert answer["counts"]["deleted"] == (days > 30)
    assert (GONE in place.tables(SHOP)) == (days <= 30)
    assert unproven(answer) == ([] if days > 30 else ["SHOP.V_01"])


def test_a_date_that_was_forged_is_proven_by_the_record_of_its_correction(place: World) -> None:
    set_by_hand(place)
    place.sync()
    age_record(place.reports, 31)
    mark(place)

    assert place.sync()["counts"]["deleted"] == 1


@pytest.mark.parametrize("action", ["sync", "plan"])
@pytest.mark.ci_only
def test_without_a_report_place_nothing_is_deleted_and_each_run_reports_it(
    place: World, action: str
) -> None:
    backdated(place)

    for _ in range(2):
        answer = place.sync({"action": action}, REPORT_URI="", ORPHAN_GRACE_DAYS="0")

        assert answer["status"] == "DEGRADED"
        assert unproven(answer) == ["SHOP.V_01"]
        assert "REPORT_URI" in answer["errors"][0]["remedy"]
        assert not place.catalog.calls.writes


def test_an_audit_file_that_was_altered_proves_nothing_and_is_named(place: World) -> None:
    deprecate(place)
    (path,) = (p for p in place.reports.rglob("audit.jsonl") if b'"deprecate"' in p.read_bytes())
    path.write_bytes(path.read_bytes().replace(b'"V_01"', b'"V_02"'))

    answer = place.sync(ORPHAN_GRACE_DAYS="0")

    assert answer["counts"]["deleted"] == 0
    altered, *_ = answer["errors"]
    assert altered["code"] == "EVIDENCE_ALTERED"
    assert str(path) in altered["message"]


def test_a_copy_of_a_deprecated_table_stays_when_the_table_is_deleted(place: World) -> None:
    deprecate(place)
    age_record(place.reports, 31)
    mark(place)
    table = place.tables(SHOP)[GONE]
    body = {key: table[key] for key in _WRITABLE if key in table} | {"Name": f"{GONE}_backup"}
    place.glue.create_table(DatabaseName=SHOP, TableInput=body)

    for _ in range(2):
        place.sync()

    tables = place.tables(SHOP)
    assert GONE not in tables
    assert tables[f"{GONE}_backup"]["Parameters"] == table["Parameters"]
