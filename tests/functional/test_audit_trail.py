"""The audit trail over real HTTP: in a folder and in a bucket, through the entry point of a run."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from datasphere_glue import bootstrap
from datasphere_glue.aws import s3
from datasphere_glue.cli import main
from datasphere_glue.errors import RunHalted
from datasphere_glue.events.parsing import parse
from datasphere_glue.evidence.before_images import write_new_file
from datasphere_glue.evidence.chain import File, append_link
from datasphere_glue.evidence.verify import verify
from datasphere_glue.handler import lambda_handler
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from datasphere_glue.storage.store import FolderStore
from tests.functional.conftest import World, small_space, view
from tests.unit.evidence.audit_trails import write_four_runs

SHOP = "datasphere_shop"
PATIENCE = 60.0


@pytest.fixture
def place(shop: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the small world, synced and without a trail, its settings in the environment."""
    shop.synced()
    shutil.rmtree(shop.reports, ignore_errors=True)
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    return shop


@pytest.fixture
def bucket(place: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the small world with a bucket that is locked, as the template can make it."""
    s3 = place.catalog.client("s3")
    location = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(
        Bucket="trail", CreateBucketConfiguration=location, ObjectLockEnabledForBucket=True
    )
    s3.put_bucket_versioning(Bucket="trail", VersioningConfiguration={"Status": "Enabled"})
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket="trail", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    place.environment["REPORT_URI"] = "s3://trail/reports"
    monkeypatch.setenv("REPORT_URI", "s3://trail/reports")
    return place


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["audit", *arguments])
    return code, capsys.readouterr().out


def judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, text = printed(capsys, "verify", "--json", *arguments)
    return code, json.loads(text)


def some_nights(world: World) -> list[dict[str, Any]]:
    """Sync without a change, relabel, and relabel a view of the other space as well."""
    first = world.sync({"run_id": "first"})
    world.tenant.spaces.set_label("SHOP", "V_03", "Größe")
    second = world.sync({"run_id": "second"})
    world.tenant.spaces.set_label("SHOP", "V_03", "Größer")
    world.tenant.spaces.set_label("STOCK", "V_01", "Größer")
    return [first, second, world.sync({"run_id": "third"})]


def test_the_audit_trail_is_intact_and_the_report_holds_its_head(
    place: World, capsys: pytest.CaptureFixture[str]
) -> None:
    nights = some_nights(place)

    code, verdict = judged(capsys)

    heads = [place.report(night)["evidence"]["audit_head"] for night in nights]
    assert (code, verdict["intact"], verdict["unchained"]) == (0, True, [])
    assert verdict["head"] == heads[-1]
    # Before and after what two of the runs changed, and after the other; a record for each run.
    assert (verdict["links"], verdict["records"]) == (5, 3 + 3)
    assert len(set(heads)) == 3
    assert judged(capsys, "--head", heads[0])[0] == 0
    code, text = printed(capsys, "verify")
    assert text.startswith(f"INTACT: the audit trail at {place.reports} is what the runs wrote\n")
    assert f"head {heads[-1]}" in text


def test_a_flipped_byte_is_named_by_file_line_record_and_run(
    place: World, capsys: pytest.CaptureFixture[str]
) -> None:
    some_nights(place)
    file = place.reports / "runs" / "third" / "audit.jsonl"
    body = bytearray(file.read_bytes())
    body[body.index("Größer".encode())] ^= 1
    file.write_bytes(body)

    code, text = printed(capsys, "verify")

    assert code == 4
    assert text.startswith("NOT INTACT: 1 finding in")
    assert "runs/third/audit.jsonl line 2: record 2 was changed (run third)" in text
    assert judged(capsys)[1]["findings"][0]["record"] == 2


def test_text_of_a_forged_link_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    absent = File("runs/x\x1b[2J/audit.jsonl", "ab" * 32, 1, 1)
    append_link(store, "\x1b]0;owned\x07", (absent,))

    code, text = printed(capsys, "verify", "--report-uri", str(tmp_path))

    assert code == 4
    assert "is missing, link 1 names it" in text
    assert "\x1b" not in text


def test_a_truncated_chain_is_detected_by_the_head_of_a_report(
    place: World, capsys: pytest.CaptureFixture[str]
) -> None:
    head = place.report(some_nights(place)[-1])["evidence"]["audit_head"]
    newest = min((place.reports / "audit").iterdir())
    newest.unlink()

    code, text = printed(capsys, "verify")
    assert code == 0
    assert (
        "UNCHAINED: a run was killed or could not chain these, or somebody put them there" in text
    )
    assert printed(capsys, "verify", "--strict")[0] == 4
    code, text = printed(capsys, "verify", "--head", head)
    assert code == 4
    assert "the chain was cut off after link 4" in text
    assert main(["audit", "verify", "--head", "abc"]) == 1


def test_the_records_are_exported_with_filters(
    place: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    some_nights(place)

    code, text = printed(capsys, "export", "--asset", "SHOP.V_03", "--event", "change")
    records = [json.loads(line) for line in text.splitlines()]
    assert code == 0
    assert [(one["run_id"], one["action"]) for one in records] == [
        ("second", "update"),
        ("third", "update"),
    ]
    assert records[1]["source"]["fingerprint"]
    before = (place.reports / records[1]["image"]["file"]).read_text().splitlines()
    assert json.loads(before[records[1]["image"]["line"] - 1])["table"] == "v_03"

    _, text = printed(
        capsys, "export", "--format", "json", "--space", "STOCK", "--since", "2026-01-01"
    )
    assert {one["space"] for one in json.loads(text)} == {"STOCK"}
    _, text = printed(capsys, "export", "--until", "2026-01-01")
    assert text == ""
    _, text = printed(
        capsys, "export", "--actor", "*user/moto", "--action", "sync", "--run", "third"
    )
    assert len(text.splitlines()) == 1

    file = tmp_path / "trail.csv"
    assert printed(capsys, "export", "--format", "csv", "--out", str(file)) == (0, "")
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert len(rows) == 6


def test_a_name_that_is_a_formula_is_text_in_the_export(
    place: World, capsys: pytest.CaptureFixture[str]
) -> None:
    place.tenant.spaces.add("SHOP", "=1+1", view("=2+2"))
    place.sync()

    _, text = printed(capsys, "export", "--format", "csv", "--event", "change")

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["asset"] == "'=1+1"
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "--report-uri", ""], "REPORT_URI: is required"),
        (["export", "--report-uri", ""], "REPORT_URI: is required"),
        (["export", "--since", "yesterday"], "'yesterday' is no day or moment"),
        (["export", "--format", "xml"], "'xml' is not one of"),
        (["verify", "--kept-days", "99999999999"], "is not in the range 0<=x<=36500"),
        (["export", "--out", "/proc/none/x.csv"], "could not be written"),
    ],
)
def test_invalid_options_are_rejected_with_a_message(
    place: World, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert place

    assert main(["audit", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_an_export_until_the_maximum_date_is_complete(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_four_runs(FolderStore(tmp_path))
    where = ("--report-uri", str(tmp_path))

    code, text = printed(capsys, "export", "--until", "9999-12-31", *where)

    assert (code, text) == printed(capsys, "export", *where)
    assert text


def test_a_folder_without_a_trail_fails_strict_verification(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    where = ("--report-uri", str(tmp_path / "misspelt"))

    code, text = printed(capsys, "verify", *where)

    assert code == 0
    assert "NOTHING TO VERIFY" in text
    assert printed(capsys, "verify", "--strict", *where)[0] == 4


def test_an_auditor_needs_no_other_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("REPORT_URI", raising=False)
    write_four_runs(FolderStore(tmp_path))

    assert printed(capsys, "verify", "--report-uri", str(tmp_path))[0] == 0


@pytest.mark.ci_only
def test_evidence_in_a_bucket_is_written_exactly_once(
    bucket: World, capsys: pytest.CaptureFixture[str]
) -> None:
    some_nights(bucket)
    assert bucket.sync({"action": "rollback", "rollback_of": "third"})["status"] == "SUCCESS"
    assert bucket.sync({"run_id": "third"})["status"] == "SUCCESS"

    code, verdict = judged(capsys)

    assert (code, verdict["unchained"], verdict["links"]) == (0, [], 9)
    s3 = bucket.catalog.client("s3")
    listing = s3.list_object_versions(Bucket="trail")
    keys = [version["Key"] for version in listing["Versions"]]
    evidence = [k for k in keys if "/audit/" in k or k.endswith(".jsonl")]
    assert "reports/runs/third/audit.2.jsonl" in evidence
    assert len(evidence) == len(set(evidence)) == verdict["links"] + verdict["files"]
    assert "DeleteMarkers" not in listing
    link = next(version for version in listing["Versions"] if "/audit/" in version["Key"])
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="trail", Key=link["Key"], VersionId=link["VersionId"])
    s3.put_object(Bucket="trail", Key="reports/runs/first/audit.jsonl", Body=b"nothing happened\n")
    code, verdict = judged(capsys)
    assert (code, verdict["findings"][0]["file"]) == (4, "runs/first/audit.jsonl")
    assert verdict["findings"][0]["record"] == 1


def test_an_unresponsive_bucket_does_not_exceed_the_deadline(bucket: World) -> None:
    store: Any = s3.store_at(bucket.environment["REPORT_URI"])
    config = store.objects.client.meta.config

    assert config.retries["total_max_attempts"] * config.read_timeout < 100


def context() -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: 900_000, function_name="sync", aws_request_id="1"
    )


@pytest.mark.parametrize("kind", ["folder", "bucket"])
@pytest.mark.ci_only
def test_concurrent_runs_append_to_one_chain(request: pytest.FixtureRequest, kind: str) -> None:
    world: World = request.getfixturevalue("place" if kind == "folder" else "bucket")
    start = Barrier(5)

    def run(number: int) -> str:
        start.wait(PATIENCE)
        caller = Caller(sleep=lambda _: None)
        event = {"run_id": f"run-{number}", "action": "plan"}
        result = lifecycle.execute_run(lambda: parse(event), world.environment, caller, bootstrap)
        assert result.report_error is None
        return str(result.audit_head)

    with ThreadPoolExecutor(5) as pool:
        heads = set(pool.map(run, range(5)))

    verdict = verify(s3.store_at(world.environment["REPORT_URI"]))
    assert verdict.intact
    assert (verdict.links, len(heads), verdict.unchained) == (5, 5, ())
    assert verdict.head in heads


@pytest.mark.ci_only
def test_each_part_of_a_divided_run_is_chained(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(small_space("SHOP", 9), small_space("STOCK", 4))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    about = {"action": "sync", "run_id": "night-1"}
    split = lambda_handler({**about, "step": "split", "slice_size": 3}, context())

    def work(item: Mapping[str, Any]) -> Any:
        event = {**about, "step": "work", **item, "share": split["share"]}
        caller = Caller(sleep=lambda _: None)
        return lifecycle.execute_run(
            lambda: parse(event), world.environment, caller, bootstrap
        ).audit_head

    with ThreadPoolExecutor(5) as pool:
        heads = list(pool.map(work, split["items"]))
    done = lambda_handler({**about, "step": "finish"}, context())

    verdict = verify(FolderStore(world.reports))
    assert len(set(heads)) == len(split["items"]) > 3
    assert verdict.intact
    assert verdict.unchained == ()
    assert verdict.head == world.report(done)["evidence"]["audit_head"]
    back = world.sync({"action": "rollback", "rollback_of": "night-1"})
    assert back["counts"]["deleted"] == 13


def test_a_chain_that_cannot_be_written_degrades_the_run_and_loses_nothing(place: World) -> None:
    place.reports.mkdir()
    (place.reports / "audit").write_text("in the way")

    place.tenant.spaces.set_label("SHOP", "V_03", "New")
    answer = place.sync({"run_id": "first"})

    assert (answer["status"], answer["counts"]["updated"]) == ("DEGRADED", 1)
    (error,) = answer["errors"]
    assert error["code"] == "REPORT_UNWRITABLE"
    report = place.report(answer)
    assert report["result"]["status"] == "DEGRADED"
    assert report["evidence"]["audit_head"] is None
    (place.reports / "audit").unlink()
    assert place.sync()["status"] == "NO_CHANGES"
    verdict = verify(FolderStore(place.reports))
    assert verdict.intact
    assert [one.file for one in verdict.unchained] == [
        f"runs/first/{name}.jsonl" for name in ("applied", "audit", "before")
    ]


def relabelled(world: World) -> None:
    world.tenant.spaces.set_label("SHOP", "V_03", "New")
    world.tenant.spaces.remove("SHOP", "V_07")
    world.sync({"run_id": "labels"})


def rollback(world: World, run_id: str) -> dict[str, Any]:
    return world.sync({"action": "rollback", "rollback_of": run_id})


def test_images_that_were_altered_halt_a_rollback_and_are_a_security_event(place: World) -> None:
    relabelled(place)
    file = place.reports / "runs" / "labels" / "before.jsonl"
    file.write_text(file.read_text().replace("View 3", "Forged"))

    answer = rollback(place, "labels")

    assert answer["status"] == "HALTED"
    (error,) = answer["errors"]
    assert error["code"] == "EVIDENCE_ALTERED"
    assert "audit verify" in error["remedy"]
    assert not place.catalog.calls.writes
    lines = Path(answer["report"]).with_name("audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["run", "security"]
    with pytest.raises(RunHalted, match="is not what it was when link"):
        lambda_handler({"action": "rollback", "rollback_of": "labels"}, context())


def test_a_run_older_than_the_chain_is_rolled_back_where_safe(place: World) -> None:
    place.tenant.spaces.add("SHOP", "V_NEW", view("New"))
    place.sync({"run_id": "first"})
    relabelled(place)
    for link in (place.reports / "audit").iterdir():
        link.unlink()

    back = rollback(place, "labels")
    assert (back["counts"]["updated"], back["counts"]["restored"]) == (1, 1)
    notes = {note["code"] for note in place.report(back)["notes"]}
    assert notes == {"ROLLBACK_UNPROVEN", "ROLLED_BACK"}
    assert place.tables(SHOP)["v_03"]["Description"] == "View 3"

    nothing = rollback(place, "first")
    assert nothing["status"] == "DEGRADED"
    assert {error["code"] for error in nothing["errors"]} == {"ROLLBACK_CONFLICT"}
    assert not place.catalog.calls.writes


def foreign(world: World) -> dict[str, Any]:
    """Return a foreign table in a managed database, as the catalog holds it."""
    body = {"Name": "ledger", "Description": "Theirs", "TableType": "EXTERNAL_TABLE"}
    world.glue.create_table(DatabaseName=SHOP, TableInput=body)
    return world.tables(SHOP)["ledger"]


@pytest.mark.parametrize("chained", [False, True], ids=["unchained", "with a forged link"])
def test_a_forged_image_is_never_written_over_a_foreign_table(
    place: World, *, chained: bool
) -> None:
    relabelled(place)
    before = foreign(place)
    store = FolderStore(place.reports)
    lines = (place.reports / "runs/labels/before.jsonl").read_text().splitlines()
    record = next(one for one in map(json.loads, lines) if one["table"] == "v_03")
    change = record["change"]
    record["table"] = "ledger"
    for side in ("before", "after"):
        change[side] |= {"name": "ledger", "description": "Forged"}
    theirs = {"description": "Theirs", "parameters": [], "columns": [], "rest": "{}"}
    change["after"] |= theirs
    (place.reports / "runs" / "forged").mkdir()
    file = place.reports / "runs" / "forged" / "before.jsonl"
    file.write_text(json.dumps(record) + "\n")
    if chained:
        file.unlink()
        image = keep_forged(store, record)
        append_link(store, "forged", (image,))

    answer = rollback(place, "forged")

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["code"] == "ROLLBACK_CONFLICT"
    assert "ledger does not carry our marker and was not touched" in error["message"]
    assert not place.catalog.calls.writes
    assert place.tables(SHOP)["ledger"] == before


def keep_forged(store: FolderStore, record: Mapping[str, Any]) -> Any:
    """Keep an image as the program keeps its own."""
    line = (json.dumps(record) + "\n").encode()
    return write_new_file(store, "forged", "before", lambda: [line])


def test_what_a_forged_record_calls_deleted_is_not_created(place: World) -> None:
    relabelled(place)
    lines = (place.reports / "runs/labels/before.jsonl").read_text().splitlines()
    record = next(one for one in map(json.loads, lines) if one["table"] == "v_03")
    record["table"] = "intruder"
    record["change"] |= {"action": "delete", "after": None}
    record["change"]["before"] |= {"name": "intruder"}
    folder = place.reports / "runs" / "forged"
    folder.mkdir()
    (folder / "before.jsonl").write_text(json.dumps(record) + "\n")

    answer = rollback(place, "forged")

    assert answer["status"] == "DEGRADED"
    assert "the audit chain does not hold" in answer["errors"][0]["message"]
    assert not place.catalog.calls.writes


@pytest.mark.parametrize("command", ["verify", "export"])
def test_help_is_readable_in_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    code, text = printed(capsys, command, "--help")

    assert code == 0
    assert max(map(len, text.splitlines())) <= 80
