"""Undo over real HTTP: plans as files, before-images, rollbacks, histories."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space, view
from tests.functional.thorough import ALL

SHOP = "datasphere_shop"
BAD = "version: 1\ntypes: {Edm.String: int, cds.String: int}\n"


def edit(world: World, table: str, **members: Any) -> None:
    """Edit members of a table as a person would in the Glue console."""
    current = world.glue.get_table(DatabaseName=SHOP, Name=table)["Table"]
    writable = ("Name", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    body = {key: current[key] for key in writable if key in current} | members
    world.glue.update_table(DatabaseName=SHOP, TableInput=body)


def load(shop: World) -> None:
    """Leave the shop as its first run with the id `first` does."""
    shop.after("shop first", lambda: shop.sync({"run_id": "first"}))


def rollback(world: World, run_id: str, **more: Any) -> dict[str, Any]:
    return world.sync({"action": "rollback", "rollback_of": run_id} | more)


def notes(world: World, answer: dict[str, Any]) -> dict[str, str]:
    return {note["code"]: note["message"] for note in world.report(answer)["notes"]}


@pytest.mark.ci_only
def test_a_bad_configuration_over_many_tables_is_undone_exactly(
    world_of: Callable[..., World], tmp_path: Path
) -> None:
    each = 100 if ALL else 12
    world = world_of(small_space("SHOP", each), small_space("STOCK", each))
    world.sync()
    edit(world, "v_10", Description="What analysts call it", Retention=30, Owner="jane")
    before = world.everything()
    config = tmp_path / "bad.yaml"
    config.write_text(BAD)

    bad = world.sync({"run_id": "bad-night"}, SYNC_CONFIG_URI=str(config))
    assert bad["counts"]["updated"] == 2 * each
    broken = world.everything()
    assert all(before[name] != broken[name] for name in before)
    world.tenant.requests.clear()

    back = rollback(world, "bad-night")

    assert (back["status"], back["counts"]["updated"]) == ("SUCCESS", 2 * each)
    assert world.everything() == before
    assert not world.tenant.requests
    assert back["calls"]["datasphere"] == 0
    assert "next sync" in notes(world, back)["ROLLED_BACK"]


def test_a_rollback_is_a_run_that_can_be_rolled_back(shop: World) -> None:
    shop.synced()
    shop.tenant.spaces.set_label("SHOP", "V_00", "New")
    shop.tenant.spaces.add("SHOP", "V_NEW", view("New"))
    shop.tenant.spaces.remove("STOCK", "V_01")
    shop.sync({"run_id": "changes"})
    after = shop.everything()

    back = rollback(shop, "changes")
    again = rollback(shop, back["run_id"])

    for answer, removed in ((back, "deleted"), (again, "created")):
        done = {name for name, count in answer["counts"].items() if count}
        assert answer["status"] == "SUCCESS"
        assert done == {"updated", removed, "restored" if answer is back else "deprecated"}
    assert shop.everything() == after


@pytest.mark.ci_only
def test_created_tables_are_deleted_and_deleted_tables_restored(shop: World) -> None:
    load(shop)
    full = shop.everything()
    shop.tenant.spaces.remove("SHOP", "V_07")
    shop.sync()
    deprecated = shop.everything()
    shop.sync({"run_id": "purge"}, ORPHAN_POLICY="delete", ORPHAN_GRACE_DAYS="0")
    assert "v_07" not in shop.tables(SHOP)

    assert rollback(shop, "purge")["counts"]["created"] == 1
    assert shop.everything() == deprecated

    everything = rollback(shop, "first")
    assert everything["counts"] == dict.fromkeys(everything["counts"], 0) | {
        "deleted": 11,
        "skipped": 1,
    }
    assert set(shop.everything()) == {f"{SHOP}.v_07"} < set(full)
    assert {db["Name"] for db in shop.glue.get_databases()["DatabaseList"]} == {
        SHOP,
        "datasphere_stock",
    }
    assert "stays" in notes(shop, everything)["DATABASE_LEFT"]


def test_later_manual_edits_are_preserved_and_listed_with_both_values(shop: World) -> None:
    shop.synced()
    for number in range(3):
        shop.tenant.spaces.set_label("SHOP", f"V_0{number}", f"Relabelled {number}")
    shop.sync({"run_id": "labels"})
    edit(shop, "v_01", Description="What analysts call it")
    before = shop.tables(SHOP)["v_01"]

    back = rollback(shop, "labels")

    assert back["status"] == "DEGRADED"
    assert back["counts"]["updated"] == 2
    (error,) = back["errors"]
    assert (error["asset"], error["code"]) == ("SHOP.V_01", "ROLLBACK_CONFLICT")
    assert 'the run wrote "Relabelled 1", now "What analysts call it"' in error["message"]
    assert f"history {SHOP}.v_01" in error["remedy"]
    tables = shop.tables(SHOP)
    assert tables["v_01"] == before
    assert (tables["v_00"]["Description"], tables["v_02"]["Description"]) == ("View 0", "View 2")
    assert rollback(shop, "labels")["counts"]["unchanged"] == 2


def test_an_interrupted_run_is_undone_as_far_as_it_wrote(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    for number in range(10):
        shop.tenant.spaces.set_label("SHOP", f"V_0{number}", "New")
    shop.catalog.faults.add(operation="UpdateTable", error="AccessDeniedException", match="v_04")
    shop.sync({"run_id": "cut"})
    (shop.reports / "runs" / "cut" / "applied.jsonl").unlink()
    min((shop.reports / "audit").iterdir()).unlink()  # which named it, and was made last
    half = shop.everything()
    assert before != half
    assert half[f"{SHOP}.v_04"] == before[f"{SHOP}.v_04"]

    answer = rollback(shop, "cut")

    assert answer["status"] == "SUCCESS"
    assert 0 < answer["counts"]["updated"] < 10
    assert shop.everything() == before


def test_a_reused_run_id_can_still_undo_its_first_attempt(
    shop: World,
) -> None:
    shop.synced()
    before = shop.everything()
    for label in ("Once", "Twice"):
        shop.tenant.spaces.set_label("SHOP", "V_00", label)
        shop.tenant.spaces.set_label("SHOP", "V_01" if label == "Once" else "V_02", label)
        shop.sync({"run_id": "retried"})

    assert shop.sync({"run_id": "retried"})["status"] == "NO_CHANGES"
    folder = shop.reports / "runs" / "retried"
    assert len((folder / "audit.jsonl").read_text().splitlines()) == 3
    assert len((folder / "audit.2.jsonl").read_text().splitlines()) == 3
    assert rollback(shop, "retried")["counts"]["updated"] == 3
    assert shop.everything() == before


def test_nothing_is_written_that_could_not_be_undone(shop: World, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    answer = shop.sync(REPORT_URI=str(blocked))

    assert answer["status"] == "HALTED"
    assert answer["errors"][0]["code"] == "REPORT_UNWRITABLE"
    assert "REPORT_URI to a folder" in answer["errors"][0]["remedy"]
    assert not shop.catalog.calls.writes


def test_without_a_place_for_reports_a_run_writes_and_cannot_be_undone(shop: World) -> None:
    assert shop.sync({"run_id": "bare"}, REPORT_URI="")["status"] == "SUCCESS"

    answer = shop.sync({"action": "rollback", "rollback_of": "bare"}, REPORT_URI="")

    assert answer["status"] == "FAILED"
    assert "REPORT_URI" in answer["errors"][0]["message"]
    assert not shop.catalog.calls.writes


def test_an_unknown_run_is_rejected(shop: World) -> None:
    answer = rollback(shop, "nobody")

    assert answer["status"] == "FAILED"
    assert "no before-image of run nobody" in answer["errors"][0]["message"]
    assert not len(shop.catalog.calls)


def test_a_rollback_can_be_planned_approved_and_narrowed(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    for number in range(3):
        shop.tenant.spaces.set_label("SHOP", f"V_0{number}", "New")
    shop.sync({"run_id": "labels"})

    preview = shop.sync({"action": "plan", "rollback_of": "labels"})
    assert (preview["status"], preview["counts"]["updated"]) == ("PENDING", 3)
    assert not shop.catalog.calls.writes
    assert (shop.reports / "plans" / f"{preview['plan_digest']}.json").exists()

    refused = rollback(shop, "labels", plan_digest="0" * 64)
    assert refused["errors"][0]["code"] == "PLAN_REFUSED"
    assert not shop.catalog.calls.writes

    nothing = rollback(shop, "labels", assets=["SHOP.V_09"])
    assert "wrote nothing of what they name" in nothing["errors"][0]["message"]
    assert rollback(shop, "labels", assets=["SHOP.V_01"])["counts"]["updated"] == 1
    assert shop.tables(SHOP)["v_00"]["Description"] == "New"

    rest = shop.sync({"action": "plan", "rollback_of": "labels"})
    assert rollback(shop, "labels", plan_digest=rest["plan_digest"])["counts"]["updated"] == 2
    assert shop.everything() == before


def test_a_broken_configuration_does_not_stop_its_own_undo(shop: World, tmp_path: Path) -> None:
    load(shop)
    config = tmp_path / "broken.yaml"
    config.write_text("version: [")

    answer = shop.sync({"action": "rollback", "rollback_of": "first"}, SYNC_CONFIG_URI=str(config))

    assert answer["counts"]["deleted"] == 12


def test_a_rollback_without_delete_permission_halts_and_names_the_grant(shop: World) -> None:
    load(shop)
    shop.catalog.faults.add(operation="DeleteTable", error="AccessDeniedException", times=100)

    answer = rollback(shop, "first")

    assert answer["status"] == "HALTED"
    assert answer["errors"][0]["code"] == "PERMISSION_DENIED"
    assert "allow glue:DeleteTable" in answer["errors"][0]["remedy"]


@pytest.mark.ci_only
def test_plans_images_and_histories_live_in_a_bucket_too(
    shop: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.catalog.client("s3").create_bucket(
        Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    shop.environment["REPORT_URI"] = "s3://reports/nightly"
    planned = shop.sync({"action": "plan"})
    short = planned["plan_digest"][:12]

    done = shop.sync({"plan_digest": short, "run_id": "first"})
    assert (done["status"], done["plan_digest"]) == ("SUCCESS", planned["plan_digest"])
    assert rollback(shop, "first")["counts"]["deleted"] == 12
    assert rollback(shop, "nobody")["status"] == "FAILED"

    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["history", f"{SHOP}.v_00", "--json"]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert [record["action"] for record in exported["records"]] == ["delete", "create"]


@pytest.fixture
def terminal(shop: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the small world with its settings in the environment."""
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    return shop


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_plan_file_is_applied_exactly(
    terminal: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    _, planned = printed(capsys, "plan", "--out", str(file), "--report-uri", str(tmp_path / "r"))

    code, done = printed(capsys, "sync", "--plan", str(file))

    assert (code, done["status"]) == (0, "SUCCESS")
    assert done["plan_digest"] == planned["plan_digest"]
    assert len(terminal.tables(SHOP)) == 10


@pytest.mark.parametrize(
    "tamper",
    [
        lambda text: text.replace("View 0", "View X", 1),
        lambda text: text.replace('"EXTERNAL_TABLE"', '"VIRTUAL_VIEW"', 1),
        lambda text: text.replace("new in Datasphere", "nothing to see here", 1),
        lambda text: text.replace('"digest":"', '"digest":"0', 1),
        lambda text: text[:-100],
    ],
)
def test_a_plan_that_was_tampered_with_is_refused_as_file_and_as_stored(
    terminal: World,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tamper: Callable[[str], str],
) -> None:
    _, planned = printed(capsys, "plan")
    stored = terminal.reports / "plans" / f"{planned['plan_digest']}.json"
    file = tmp_path / "plan.json"
    file.write_text(tamper(stored.read_text()))
    stored.write_text(tamper(stored.read_text()))

    for reference in (str(file), planned["plan_digest"], planned["plan_digest"][:12]):
        code, answer = printed(capsys, "sync", "--plan", reference)
        assert (code, answer["errors"][0]["code"]) == (1, "PLAN_REFUSED")
    assert not terminal.catalog.calls.writes


@pytest.mark.parametrize("reference", ["plan.json", "abc", "0" * 11, "f" * 12, "0" * 64, "f" * 65])
def test_an_unapproved_plan_is_refused(
    terminal: World, capsys: pytest.CaptureFixture[str], reference: str
) -> None:
    code, answer = printed(capsys, "sync", "--plan", reference)

    assert (code, answer["errors"][0]["code"]) == (1, "PLAN_REFUSED")
    assert not terminal.catalog.calls.writes


def test_a_refusal_lists_the_tables_that_differ_from_the_approved_plan(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, planned = printed(capsys, "plan")
    terminal.tenant.spaces.set_label("SHOP", "V_03", "Changed after the approval")
    terminal.tenant.spaces.remove("SHOP", "V_04")
    terminal.tenant.spaces.add("SHOP", "V_NEW", view("New"))

    code, answer = printed(capsys, "sync", "--plan", planned["plan_digest"][:16])

    assert code == 1
    message = answer["errors"][0]["message"]
    assert f"{SHOP}.v_03 (another create)" in message
    assert f"{SHOP}.v_04 (create was approved, nothing now)" in message
    assert f"{SHOP}.v_new (nothing was approved, create now)" in message
    assert not terminal.catalog.calls.writes


def test_an_unwritable_plan_file_is_an_error(
    terminal: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert terminal
    (tmp_path / "file").write_text("not a folder")

    assert main(["plan", "--out", str(tmp_path / "file" / "plan.json")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_the_terminal_rolls_back_and_shows_the_history(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "sync")
    terminal.tenant.spaces.set_label("SHOP", "V_03", "Relabelled")
    _, labelled = printed(capsys, "sync")

    assert main(["rollback", labelled["run_id"], "--plan"]) == 2
    output = capsys.readouterr().out
    assert f"~ {SHOP}.v_03  rollback of run {labelled['run_id']}" in output
    assert '"Relabelled" -> "View 3"' in output
    assert main(["rollback", labelled["run_id"]]) == 0
    assert "ROLLED_BACK: Datasphere and the configuration still say" in capsys.readouterr().out

    assert main(["history", f"{SHOP}.v_03", "--limit", "2"]) == 0
    output = capsys.readouterr().out
    assert output.index("rollback of run") < output.index("differs from Datasphere")
    assert "new in Datasphere" not in output
    assert "--limit" in output
    code, answer = printed(capsys, "history", "SHOP.V_03")
    assert code == 0
    assert [one["action"] for one in answer["records"]] == ["update", "update", "create"]
    assert {one["trigger"] for one in answer["records"]} == {"cli"}


def test_a_name_without_a_history_is_an_error_that_suggests(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.sync()

    assert main(["history", "datasphere_shop.v_3"]) == 1

    output = capsys.readouterr().err
    assert "1 run changed something" in output
    assert "did you mean" in output
    assert f"{SHOP}.v_03" in output
    assert main(["history", "nodot"]) == 1


@pytest.mark.parametrize("command", ["rollback", "history"])
def test_help_is_readable_in_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main([command, "--help"]) == 0

    output = capsys.readouterr().out
    assert output
    assert max(map(len, output.splitlines())) <= 80
