"""Runs that are cut off are named by the next run and every command, closed, and undone."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from datasphere_glue import bootstrap
from datasphere_glue.cli import main
from datasphere_glue.events.parsing import parse
from datasphere_glue.handler import lambda_handler
from datasphere_glue.outcome.run import Result, result_value
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.interruption import RunInterrupted
from datasphere_glue.runs.ports import Caller
from local.catalog.faults import Hold
from tests.functional.conftest import World, small_space
from tests.functional.dying import DyingBootstrap, KilledError, Point, RefusedError

SHOP = "datasphere_shop"
PATIENCE = 60.0


@pytest.fixture
def shop3(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a synced world of three views, each with a new label, and one run that is listed."""
    world = world_of(small_space("SHOP", 3))
    world.name = "shop3"
    world.synced()
    world.sync({"run_id": "before", "action": "plan"})
    for number in range(3):
        world.tenant.spaces.set_label("SHOP", f"V_0{number}", "New")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return world


def start(world: World, point: Point, event: Mapping[str, Any] | None = None) -> Result:
    """Run until the point."""
    request = {"run_id": "cut", **(event or {})}
    caller = Caller(sleep=lambda _: None)
    return lifecycle.execute_run(
        lambda: parse(request), world.environment, caller, DyingBootstrap(point)
    )


def kill(world: World, point: Point, event: Mapping[str, Any] | None = None) -> None:
    """Run until the point, where the process ends."""
    with pytest.raises(KilledError):
        start(world, point, event)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main([*arguments])
    output = capsys.readouterr()
    return code, output.out + output.err


def strict(capsys: pytest.CaptureFixture[str]) -> int:
    return printed(capsys, "audit", "verify", "--strict")[0]


def listed(world: World) -> dict[str, dict[str, Any]]:
    """Return the list of runs by run id, and check that the page shows the same."""
    runs = json.loads((world.reports / "runs.json").read_text())
    page = (world.reports / "index.html").read_text()
    assert all(run["run_id"] in page for run in runs)
    return {run["run_id"]: run for run in runs}


def descriptions(world: World) -> list[str]:
    return [table["Description"] for _, table in sorted(world.tables(SHOP).items())]


def test_a_killed_run_is_named_by_every_command_before_the_next_run(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    kill(shop3, Point(writes=2))

    code, text = printed(capsys, "audit", "verify", "--strict")
    assert code == 4
    assert "NO RECORD: run cut was cut off; the outcome of 3 changes is unknown" in text
    assert "datasphere-glue rollback cut" in text
    assert printed(capsys, "audit", "verify")[0] == 0
    code, text = printed(capsys, "history", f"{SHOP}.v_01")
    assert code == 0
    assert "OUTCOME UNKNOWN" in text
    assert 'description: "View 1" -> "New"' in text
    assert "datasphere-glue rollback cut" in text
    for arguments in (["report", "cut"], ["report"]):
        code, text = printed(capsys, *arguments)
        assert code == 0
        assert "cut has no report: it was cut off" in text
    assert json.loads(printed(capsys, "report", "cut", "--json")[1])["run_id"] == "cut"
    assert printed(capsys, "rollback", "cut")[0] == 0
    assert descriptions(shop3) == ["View 0", "View 1", "View 2"]
    assert strict(capsys) == 0


@pytest.mark.parametrize("event", [{}, {"assets": ["SHOP.V_02"]}], ids=["whole", "narrow"])
def test_the_next_run_closes_a_killed_run_with_the_outcome_of_each_change(
    shop3: World, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    kill(shop3, Point(writes=2))

    answer = shop3.sync({"run_id": "next", **event})

    assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 1)
    (note,) = answer["cut_off"]
    assert note["code"] == "RUN_CUT_OFF"
    assert "run cut was cut off before its record was stored: 2 of 3 changes" in note["message"]
    assert "datasphere-glue rollback cut" in note["remedy"]
    assert note["message"] in {one["message"] for one in shop3.report(answer)["notes"]}
    assert strict(capsys) == 0
    assert listed(shop3)["cut"]["status"] == "FAILED"
    outcomes = {one["table"]: one["outcome"] for one in shop3.audit({"report": cut_report(shop3)})}
    assert outcomes == {"v_00": "done", "v_01": "done", "v_02": "untried"}
    assert "run cut" in printed(capsys, "history", f"{SHOP}.v_01")[1]
    assert "run cut" not in printed(capsys, "history", f"{SHOP}.v_02")[1]
    code, text = printed(capsys, "report", "cut")
    assert (code, "2 of 3 changes are written" in text) == (0, True)
    assert "cut_off" not in shop3.sync()

    assert printed(capsys, "rollback", "cut")[0] == 0
    assert descriptions(shop3) == ["View 0", "View 1", "New"]


def cut_report(world: World) -> str:
    return str(world.reports / "runs" / "cut" / "report.json")


@pytest.mark.parametrize(
    "point",
    [
        Point(writes=0),
        Point(file=r"/applied"),
        Point(file=r"/audit\.jsonl", stored=True),
        Point(file=r"/report\.json"),
        Point(file=r"^runs\.json"),
    ],
    ids=["no write", "no outcomes", "no link", "no report", "no list"],
)
def test_wherever_a_run_is_cut_off_the_next_run_completes_its_record(
    shop3: World, capsys: pytest.CaptureFixture[str], point: Point
) -> None:
    kill(shop3, point)

    answer = shop3.sync()

    named = "run cut " in json.dumps(answer.get("cut_off", []))
    assert named or (shop3.reports / "runs" / "cut" / "report.html").exists()
    assert strict(capsys) == 0
    assert "cut" in listed(shop3)
    assert printed(capsys, "report", "cut")[0] == 0
    history = printed(capsys, "history", f"{SHOP}.v_00")[1]
    assert ("run cut" in history) == (point.writes is None)
    assert printed(capsys, "rollback", "cut")[0] == 0
    assert descriptions(shop3) == ["New" if point.writes == 0 else f"View {n}" for n in range(3)]


@pytest.mark.parametrize(
    ("point", "changes"),
    [
        (Point(file="/before", stored=True), 3),
        (Point(file="^audit/"), 3),
        (Point(file="/before"), None),
    ],
    ids=["images", "no first link", "no images"],
)
def test_images_that_no_link_names_are_closed_by_the_next_run(
    shop3: World, capsys: pytest.CaptureFixture[str], point: Point, changes: int | None
) -> None:
    kill(shop3, point)
    assert strict(capsys) == (4 if changes else 0)

    answer = shop3.sync()

    notes = [note["message"] for note in answer.get("cut_off", [])]
    assert ["0 of 3 changes are written" in note for note in notes] == ([True] if changes else [])
    assert strict(capsys) == 0
    assert ("cut" in listed(shop3)) == bool(changes)
    assert all(path.stat().st_size == 0 for path in (shop3.reports / "begun").iterdir())
    assert "cut_off" not in shop3.sync()
    assert printed(capsys, "rollback", "cut")[0] == (0 if changes else 1)
    assert descriptions(shop3) == ["New"] * 3


def test_a_run_whose_images_have_expired_is_closed_once(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    kill(shop3, Point(writes=2))
    (shop3.reports / "runs" / "cut" / "before.jsonl").unlink()

    (note,) = shop3.sync()["cut_off"]

    assert "the before-images of 3 changes are gone" in note["message"]
    assert "no rollback is possible" in note["remedy"]
    assert "cut_off" not in shop3.sync()
    assert "NO RECORD" not in printed(capsys, "audit", "verify")[1]
    assert listed(shop3)["cut"]["status"] == "FAILED"


@pytest.mark.parametrize("file", ["/applied", "/audit"])
def test_a_run_whose_record_is_refused_is_closed_by_the_next(
    shop3: World, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    answer = result_value(start(shop3, Point(file=file, error=RefusedError)))

    assert (answer["status"], answer["counts"]["updated"]) == ("DEGRADED", 3)
    assert answer["errors"][0]["code"] == "REPORT_UNWRITABLE"
    assert "cut" in printed(capsys, "history", f"{SHOP}.v_00")[1]
    assert strict(capsys) == 4
    assert "3 of 3 changes are written" in shop3.sync()["cut_off"][0]["message"]
    assert strict(capsys) == 0
    assert printed(capsys, "rollback", "cut")[0] == 0
    assert descriptions(shop3) == ["View 0", "View 1", "View 2"]


def test_a_defect_after_some_writes_is_recorded_with_them(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = result_value(start(shop3, Point(writes=2, error=ZeroDivisionError)))

    assert (answer["status"], answer["counts"]["updated"]) == ("FAILED", 2)
    assert "run cut" in printed(capsys, "history", f"{SHOP}.v_01")[1]
    assert strict(capsys) == 0
    assert "cut_off" not in shop3.sync()


def test_an_interrupted_run_stores_its_record_and_names_the_undo(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RunInterrupted) as interruption:
        start(shop3, Point(writes=1, error=KeyboardInterrupt))

    (error,) = result_value(interruption.value.result)["errors"]
    assert error["code"] == "RUN_INTERRUPTED"
    assert error["message"] == "run cut was interrupted: 1 of 3 changes is written"
    assert "datasphere-glue rollback cut" in error["remedy"]
    assert strict(capsys) == 0
    assert listed(shop3)["cut"]["status"] == "FAILED"
    assert "run cut" in printed(capsys, "history", f"{SHOP}.v_00")[1]


@dataclass
class Started:
    """A command that waits in one of its writes."""

    child: subprocess.Popen[str]
    hold: Hold

    def output(self) -> str:
        """Let the write end, and return what the command has printed."""
        self.hold.drop()
        return str(self.child.communicate(timeout=PATIENCE)[0])


@contextmanager
def running(world: World, *arguments: str, after: int = 1) -> Iterator[Started]:
    """Run a command in a process of its own until one of its writes waits."""
    hold = world.catalog.faults.hold(after=after)
    command = [sys.executable, "-m", "datasphere_glue", *arguments]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter
        command,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert hold.reached.wait(PATIENCE)
        yield Started(child, hold)
    finally:
        hold.drop()
        child.kill()
        child.communicate()


def test_a_signal_at_the_terminal_prints_what_was_written_and_the_undo(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_interrupted(shop3, capsys, signal.SIGINT)


def assert_interrupted(
    world: World, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    """Assert that a signal leaves a record, a message with the undo, and an exit code."""
    with running(world, "sync") as started:
        started.child.send_signal(number)
        output = started.output()

    assert started.child.returncode == 1
    assert "Traceback" not in output
    (run_id,) = listed(world).keys() - {"before"} - first_runs(world)
    assert f"run {run_id} was interrupted: " in output
    assert " of 3 changes " in output
    assert f" rollback {run_id}`" in output
    assert strict(capsys) == 0
    assert printed(capsys, "rollback", run_id)[0] == 0
    assert descriptions(world) == ["View 0", "View 1", "View 2"]


def first_runs(world: World) -> set[str]:
    """Return the runs that prepared the world."""
    return {run_id for run_id, run in listed(world).items() if run["status"] == "SUCCESS"}


def test_a_killed_rollback_is_closed_and_can_be_rolled_back(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    shop3.sync({"run_id": "labels"})
    kill(shop3, Point(writes=1), {"action": "rollback", "rollback_of": "labels"})

    code, text = printed(capsys, "rollback", "cut")

    assert code == 0
    assert "run cut was cut off before its record was stored: 1 of 3 changes is written" in text
    assert descriptions(shop3) == ["New", "New", "New"]
    assert strict(capsys) == 0
    assert listed(shop3)["cut"]["action"] == "rollback"


def context() -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: 900_000, function_name="sync", aws_request_id="1"
    )


def test_the_last_step_closes_a_killed_worker(
    shop3: World, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"action": "sync", "run_id": "night"}
    split = lambda_handler({**about, "step": "split"}, context())
    (item,) = split["items"]
    kill(shop3, Point(writes=2), {**about, "step": "work", **item, "share": split["share"]})
    assert strict(capsys) == 4

    done = lambda_handler({**about, "step": "finish"}, context())

    assert "2 of 3 changes are written" in done["cut_off"][0]["message"]
    assert strict(capsys) == 0
    assert listed(shop3)["night"]["status"] == done["status"]
    assert printed(capsys, "rollback", "night")[0] == 0
    assert descriptions(shop3) == ["View 0", "View 1", "View 2"]


@dataclass
class CountedObjects:
    """The S3 client of a store, with the names of its calls."""

    objects: Any
    calls: list[str]

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self.objects, name)


@dataclass
class CountingBootstrap:
    """The real bootstrap, whose store counts its requests."""

    calls: list[str] = field(default_factory=list)

    def store_of(self, settings: Any) -> Any:
        store: Any = bootstrap.store_of(settings)
        return replace(store, objects=CountedObjects(store.objects, self.calls))

    def __getattr__(self, name: str) -> Any:
        return getattr(bootstrap, name)


def test_a_killed_run_in_a_bucket_is_closed_and_a_quiet_run_makes_14_requests(
    shop3: World,
) -> None:
    s3 = shop3.catalog.client("s3")
    location = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket="trail", CreateBucketConfiguration=location)
    shop3.environment["REPORT_URI"] = "s3://trail/reports"
    kill(shop3, Point(writes=2))

    answer = shop3.sync()

    assert "2 of 3 changes are written" in answer["cut_off"][0]["message"]
    body = s3.get_object(Bucket="trail", Key="reports/runs.json")["Body"].read()
    assert {one["status"] for one in json.loads(body) if one["run_id"] == "cut"} == {"FAILED"}
    counting = CountingBootstrap()
    caller = Caller(sleep=lambda _: None)
    lifecycle.execute_run(lambda: parse({}), shop3.environment, caller, counting)
    assert Counter(counting.calls) == {"put_object": 7, "list_objects_v2": 4, "get_object": 3}
