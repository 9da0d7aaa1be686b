"""Today's version on what the version of commit a6f92e1 left behind (see `record`)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.model.run_action import RunAction
from tests.upgrade.conftest import Upgrade
from tests.upgrade.recording import FOLDER, Upgraded

SAMPLE = "sample"
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


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_an_upgrade_writes_nothing_and_uses_the_recorded_read_cursor(
    upgrade: Upgrade, name: str
) -> None:
    upgraded = upgrade(name)
    shift_state(upgraded.reports)

    result = upgraded.run()

    assert result["status"] == "NO_CHANGES"
    assert result["counts"]["unchanged"] == len(upgraded.tables())
    assert not upgraded.catalog.calls.writes
    first = upgraded.recording.results["first"]["calls"]["datasphere"]
    assert result["calls"]["datasphere"] < first / 2


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_an_upgrade_writes_nothing_when_everything_is_read_again(
    upgrade: Upgrade, name: str
) -> None:
    upgraded = upgrade(name)

    result = upgraded.run(full=True)

    assert result["status"] == "NO_CHANGES"
    assert result["counts"]["unchanged"] == len(upgraded.tables())
    assert not upgraded.catalog.calls.writes


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_a_plan_from_before_the_upgrade_is_applied_by_its_digest(
    upgrade: Upgrade, name: str
) -> None:
    upgraded = upgrade(name, stage="divided", tenant="planned")
    planned = upgraded.recording.results["planned"]

    result = upgraded.run(plan_digest=planned["plan_digest"])

    assert result["status"] == "SUCCESS"
    assert result["counts"] == planned["counts"]
    assert result["plan_digest"] == planned["plan_digest"]


@pytest.mark.parametrize("name", [SAMPLE, THOUSAND])
def test_a_plan_of_today_has_the_digest_of_the_plan_from_before_the_upgrade(
    upgrade: Upgrade, name: str
) -> None:
    upgraded = upgrade(name, stage="divided", tenant="planned")

    result = upgraded.run(action=RunAction.PLAN)

    assert result["plan_digest"] == upgraded.recording.results["planned"]["plan_digest"]


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
