"""Today's version on what the version of commit a6f92e1 left behind (see `record`)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunFailed
from datasphere_glue.model.run_action import RunAction
from tests.upgrade.conftest import Upgrade
from tests.upgrade.recording import FOLDER, Tables, Upgraded

SAMPLE = "sample"
BOOKKEEPING = {f"datasphere.{name}" for name in ("applied", "fingerprint", "provenance")}
THOUSAND = pytest.param("thousand", marks=pytest.mark.slow)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def shift_state(reports: Path) -> None:
    """Move the moments of the read cursor to today: a cursor of long ago has everything read."""
    (state,) = reports.glob("state/*/reading.json")
    text = state.read_text()
    last = datetime.fromisoformat(json.loads(text)["dated"]["last"])
    days = (datetime.now(UTC) - last).days
    today = (last + timedelta(days=days)).date().isoformat()
    state.write_text(text.replace(last.date().isoformat(), today))


def changed(upgraded: Upgraded, before: str, after: str) -> set[tuple[str, str]]:
    """Return the names of the tables that differ between two recorded stages."""
    old, new = upgraded.recording.tables(before), upgraded.recording.tables(after)
    return {name for name in new if old.get(name) != new[name]}


def test_the_archives_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.tar.xz")) < 1_500_000


def facts(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table states, without our bookkeeping."""
    about = {key: value for key, value in table["Parameters"].items() if key not in BOOKKEEPING}
    return {**table, "Parameters": about}


def columns_of(table: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    return [(c["Name"], c.get("Comment")) for c in table["StorageDescriptor"]["Columns"]]


def differing(one: Tables, other: Tables) -> set[tuple[str, str]]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def grown(upgrade: Upgrade, name: str) -> Tables:
    """Return the tables whose meaning grows by the upgrade, as they are then."""
    upgraded = upgrade(name)
    before = upgraded.tables()
    upgraded.run(full=True)
    after = upgraded.tables()
    return {table: after[table] for table in differing(before, after)}


def configure(monkeypatch: pytest.MonkeyPatch, upgraded: Upgraded, text: str) -> None:
    path = upgraded.reports.with_suffix(".yaml")
    path.write_text(f"version: 1\n{text}\n", encoding="utf-8")
    monkeypatch.setenv("SYNC_CONFIG_URI", str(path))


def read(result: Mapping[str, Any]) -> int:
    """Return how many assets a run read."""
    return int(json.loads(Path(result["report"]).read_text())["reading"]["read"])


def held(upgraded: Upgraded, result: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the tables whose new facts a run held back, by its notes."""
    notes = json.loads(Path(result["report"]).read_text())["notes"]
    assets = {note["asset"] for note in notes if note["code"] == "UPGRADE_HELD"}
    about = {name: table["Parameters"] for name, table in upgraded.tables().items()}
    return {
        name
        for name, pairs in about.items()
        if f"{pairs['datasphere.space']}.{pairs['datasphere.name']}" in assets
    }


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_the_first_run_writes_only_tables_whose_meaning_grew(upgrade: Upgrade, name: str) -> None:
    upgraded = upgrade(name)
    shift_state(upgraded.reports)
    before = upgraded.tables()

    result = upgraded.run()

    after = upgraded.tables()
    written = differing(before, after)
    assert result["status"] == ("SUCCESS" if written else "NO_CHANGES")
    assert len(upgraded.catalog.calls.writes) == result["counts"]["updated"] == len(written)
    assert result["counts"]["unchanged"] == len(before) - len(written)
    for table in written:
        assert facts(before[table]) != facts(after[table])
        assert [name for name, _ in columns_of(before[table])] == [
            name for name, _ in columns_of(after[table])
        ]


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_each_asset_is_read_once_by_the_new_version_and_then_only_if_it_changed(
    upgrade: Upgrade, name: str
) -> None:
    upgraded = upgrade(name)
    shift_state(upgraded.reports)
    tables = len(upgraded.tables())

    first, everything, last = (upgraded.run(**event) for event in ({}, {"full": True}, {}))

    assert (everything["status"], last["status"]) == ("NO_CHANGES", "NO_CHANGES")
    assert [read(result) for result in (first, everything)] == [tables, tables]
    assert read(last) < tables / 10


def test_the_first_run_after_an_upgrade_is_rolled_back_to_the_letter(upgrade: Upgrade) -> None:
    upgraded = upgrade(SAMPLE)
    before = upgraded.tables()
    first = upgraded.run(run_id="upgraded")
    assert differing(before, upgraded.tables())

    result = upgraded.run(action=RunAction.ROLLBACK, rollback_of="upgraded")

    assert result["status"] == "SUCCESS"
    assert result["counts"]["updated"] == first["counts"]["updated"]
    assert upgraded.tables() == before


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_an_owner_who_holds_new_facts_takes_them_by_plan(
    upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    expected = grown(upgrade, name)
    upgraded = upgrade(name)
    before = upgraded.tables()
    configure(monkeypatch, upgraded, "upgrades: {meaning: hold}")

    for event in ({}, {}, {"full": True}, {"action": "verify"})[:: 1 if name == SAMPLE else 3]:
        result = upgraded.run(**event)
        assert result["status"] == "NO_CHANGES"
        assert not upgraded.catalog.calls.writes
        assert held(upgraded, result) == set(expected)

    plan = upgraded.run(action=RunAction.PLAN)
    assert plan["counts"]["updated"] == len(expected)
    upgraded.run(plan_digest=plan["plan_digest"])

    after = upgraded.tables()
    assert {table: after[table] for table in differing(before, after)} == expected
    last = upgraded.run()
    assert (last["status"], held(upgraded, last)) == ("NO_CHANGES", set())


def test_new_facts_go_along_with_a_change_of_the_same_asset(
    upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = grown(upgrade, SAMPLE)
    upgraded = upgrade(SAMPLE, stage="divided", tenant="planned")
    before = upgraded.tables()
    configure(monkeypatch, upgraded, "upgrades: {meaning: hold}")

    result = upgraded.run()

    written = differing(before, upgraded.tables())
    assert result["counts"]["updated"] == len(written) > 0
    assert held(upgraded, result) == expected.keys() - written
    for table in expected.keys() & written:
        new = facts(upgraded.tables()[table])["Parameters"]
        assert new.keys() == facts(expected[table])["Parameters"].keys()


def test_new_facts_are_written_once_the_owner_no_longer_holds_them(
    upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = grown(upgrade, SAMPLE)
    upgraded = upgrade(SAMPLE)
    configure(monkeypatch, upgraded, "upgrades: {meaning: hold}")
    upgraded.run()
    configure(monkeypatch, upgraded, "upgrades: {meaning: apply}")

    result = upgraded.run()

    assert result["counts"]["updated"] == len(expected)
    after = upgraded.tables()
    assert {table: after[table] for table in expected} == expected
    assert upgraded.run()["status"] == "NO_CHANGES"


def test_without_a_report_place_one_full_run_writes_the_new_facts(
    upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = grown(upgrade, SAMPLE)
    upgraded = upgrade(SAMPLE)
    monkeypatch.delenv("REPORT_URI")

    result = upgraded.run(full=True)

    assert result["counts"]["updated"] == len(expected)
    assert upgraded.run()["status"] == "NO_CHANGES"
    assert upgraded.run(full=True)["status"] == "NO_CHANGES"


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_a_plan_from_before_the_upgrade_is_applied_as_it_is_or_refused(
    upgrade: Upgrade, name: str
) -> None:
    grows = bool(grown(upgrade, name))
    upgraded = upgrade(name, stage="divided", tenant="planned")
    planned = upgraded.recording.results["planned"]
    before = upgraded.tables()
    today = upgraded.run(action=RunAction.PLAN)
    assert (today["plan_digest"] == planned["plan_digest"]) is not grows

    if grows:
        with pytest.raises(RunFailed, match="was approved, but plan"):
            upgraded.run(plan_digest=planned["plan_digest"])
        assert upgraded.tables() == before
    else:
        assert upgraded.run(plan_digest=planned["plan_digest"])["counts"] == planned["counts"]


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
@pytest.mark.parametrize(("run_id", "before"), [("labels", "first"), ("divided", "labels")])
def test_a_run_from_before_the_upgrade_is_rolled_back_to_the_letter(
    upgrade: Upgrade, name: str, run_id: str, before: str
) -> None:
    upgraded = upgrade(name)
    touched = changed(upgraded, before, run_id)
    older, newest = upgraded.recording.tables(before), upgraded.recording.tables("divided")

    result = upgraded.run(action=RunAction.ROLLBACK, rollback_of=run_id)

    assert result["status"] == "SUCCESS"
    assert result["counts"]["updated"] == len(touched) > 0
    assert upgraded.tables() == {
        table: older[table] if table in touched else newest[table] for table in newest
    }


def test_the_audit_trail_holds_from_before_the_upgrade_on(
    upgrade: Upgrade, capsys: pytest.CaptureFixture[str]
) -> None:
    upgraded = upgrade(SAMPLE, stage="divided", tenant="planned")
    code, before = printed(capsys, "audit", "verify")
    assert code == 0

    assert upgraded.run(run_id="after")["status"] == "SUCCESS"

    code, after = printed(capsys, "audit", "verify")
    assert code == 0
    assert after["links"] > before["links"]


def test_the_history_spans_the_upgrade(
    upgrade: Upgrade, capsys: pytest.CaptureFixture[str]
) -> None:
    upgraded = upgrade(SAMPLE, stage="divided", tenant="planned")
    database, table = min(changed(upgraded, "first", "labels"))
    upgraded.run(run_id="after")

    code, history = printed(capsys, "history", f"{database}.{table}")

    assert code == 0
    assert [record["run_id"] for record in history["records"]] == ["after", "labels", "first"]


@pytest.mark.parametrize("run_id", ["first", "labels", "divided", "planned"])
def test_the_report_of_a_run_from_before_the_upgrade_is_written_anew(
    upgrade: Upgrade, tmp_path: Path, run_id: str
) -> None:
    upgrade(SAMPLE)
    page = tmp_path / "page.html"

    assert main(["report", run_id, "--out", str(page)]) == 0
    assert run_id in page.read_text()
