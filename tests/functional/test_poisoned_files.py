"""No file at REPORT_URI stops a run; a poisoned plan or image is refused by its name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunEnded, RunFailed
from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World, small_space
from tests.functional.test_fanout import Flow, context
from tests.functional.thorough import ALL
from tests.unit.storage.poisons import POISONS

SCHEDULE = {"trigger": "schedule", "schedule": "s"}
QUICK = ("empty", "binary", "deep arrays", "infinite number", "large integer", "other types")
TRIED = tuple(POISONS) if ALL else QUICK


@pytest.fixture
def world(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world of one table after a plan and a run, whose news went to a topic."""
    world = world_of(small_space("SHOP", 1))
    topic = world.catalog.client("sns").create_topic(Name="news")["TopicArn"]
    for name, value in (world.environment | {"NOTIFICATION_TOPIC_ARN": topic}).items():
        monkeypatch.setenv(name, value)
    assert lambda_handler({"action": "plan"}, context())["status"] == "PENDING"
    assert lambda_handler(SCHEDULE, context())["status"] == "SUCCESS"
    return world


def files(world: World, pattern: str) -> list[Path]:
    found = [path for path in world.reports.glob(pattern) if path.is_file()]
    assert found
    return found


def synced(world: World, label: str) -> dict[str, Any]:
    """Carry out a run after a change at the source, and check that the change arrived."""
    world.tenant.spaces.set_label("SHOP", "V_00", label)
    answer = lambda_handler(SCHEDULE, context())
    table = world.tables("datasphere_shop")["v_00"]
    assert table["Parameters"]["datasphere.label"] == label
    assert answer["status"] in {"SUCCESS", "DEGRADED"}
    assert "UNEXPECTED" not in json.dumps(answer)
    return answer


@pytest.mark.parametrize("poison", TRIED)
def test_poisoned_state_is_named_and_the_change_arrives(world: World, poison: str) -> None:
    (reading,) = files(world, "state/*/reading.json")
    announced = world.reports / "begun" / "1ff.json"
    announced.parent.mkdir(exist_ok=True)
    state = [reading, reading.with_name("notified.json"), *files(world, "runs.json"), announced]
    for path in state:
        path.write_bytes(POISONS[poison])

    answer = synced(world, f"After {poison}")

    named = json.dumps(answer["errors"])
    assert {error["code"] for error in answer["errors"]} <= {"STATE_UNREADABLE"}
    assert [path.name for path in state if path.name not in named] in (
        [],
        ["runs.json"],
        ["1ff.json"],
    )
    assert lambda_handler(SCHEDULE, context())["status"] == "NO_CHANGES"


@pytest.mark.parametrize("poison", TRIED)
def test_poisoned_records_of_earlier_runs_stop_no_run(world: World, poison: str) -> None:
    records = ("audit/*.json", "runs/*/*.json*", "plans/*.json")
    for path in (path for pattern in records for path in files(world, pattern)):
        path.write_bytes(POISONS[poison])

    synced(world, f"After {poison}")


def test_a_folder_in_place_of_each_file_stops_no_run(world: World) -> None:
    for path in [*files(world, "state/*/*.json"), *files(world, "runs.json")]:
        path.unlink()
        path.mkdir()

    answer = synced(world, "Between folders")

    assert {error["code"] for error in answer["errors"]} <= {"REPORT_UNWRITABLE"}
    assert "runs.json" in json.dumps(answer["errors"])


@pytest.mark.parametrize("poison", TRIED)
def test_a_poisoned_plan_is_refused_by_name_and_nothing_is_written(
    world: World, poison: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world.tenant.spaces.set_label("SHOP", "V_00", "Planned")
    digest = lambda_handler({"action": "plan"}, context())["plan_digest"]
    (stored,) = files(world, f"plans/{digest}.json")
    stored.write_bytes(POISONS[poison])
    copy = tmp_path / "approved.json"
    copy.write_bytes(POISONS[poison])
    world.catalog.calls.clear()

    with pytest.raises(RunFailed, match=stored.name) as failed:
        lambda_handler({"plan_digest": digest}, context())
    capfd.readouterr()
    code = main(["sync", "--plan", str(copy), "--json"])

    assert code == 1
    for answer in (failed.value.result, json.loads(capfd.readouterr().out)):
        assert {error["code"] for error in answer["errors"]} == {"PLAN_REFUSED"}
    assert not world.catalog.calls.writes


@pytest.mark.parametrize("poison", TRIED)
def test_a_poisoned_image_is_refused_by_name_and_nothing_is_written(
    world: World, poison: str
) -> None:
    for image in files(world, "runs/*/before.jsonl"):
        image.write_bytes(POISONS[poison])
        undone = image.parent.name
    world.catalog.calls.clear()

    with pytest.raises(RunEnded) as failed:
        lambda_handler({"action": "rollback", "rollback_of": undone}, context())

    (error,) = failed.value.result["errors"]
    assert error["code"] in {"UNAVAILABLE", "EVIDENCE_ALTERED", "EVENT_INVALID"}
    assert "before" in error["message"]
    assert not world.catalog.calls.writes


@pytest.mark.parametrize("poison", TRIED)
@pytest.mark.ci_only
def test_a_poisoned_record_of_a_worker_counts_as_a_lost_worker(world: World, poison: str) -> None:
    world.tenant.spaces.set_label("SHOP", "V_00", "In steps")
    flow = Flow(world)
    split = flow.step("split", workers=5)
    for item in split["items"]:
        flow.work(item, split["share"])
    for path in (*files(world, "runs/night-1/parts/*/*.json*"),):
        path.write_bytes(POISONS[poison])

    answer = flow.step("finish")

    assert answer["status"] == "DEGRADED"
    assert "UNEXPECTED" not in json.dumps(answer)
    lost = [error for error in answer["errors"] if error["code"] == "WORKER_LOST"]
    assert "part.1.json" in lost[0]["message"]


@pytest.mark.parametrize("poison", TRIED)
def test_the_report_command_reads_past_a_poisoned_list(
    world: World, poison: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in files(world, "runs.json"):
        path.write_bytes(POISONS[poison])

    capsys.readouterr()

    assert main(["report", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["status"] in {"SUCCESS", "PENDING"}
    for path in files(world, "runs/*/report.json"):
        path.write_bytes(POISONS[poison])
    assert main(["report"]) == 1
    assert "report.json" in capsys.readouterr().err
