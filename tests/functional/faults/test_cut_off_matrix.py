"""Runs that are cut off at every point: by each kind of run, in both kinds of store, by signals."""

import json
import signal
from typing import Any

import pytest

from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World
from tests.functional.dying import Point, RefusedError
from tests.functional.test_cut_off import (
    assert_interrupted,
    context,
    descriptions,
    kill,
    printed,
    running,
    shop3,
    start,
    strict,
)

__all__ = ["shop3"]

FILES = ("/before", "^audit/", "/applied", r"/audit\.jsonl", r"/report\.json", r"/report\.html")
POINTS = {
    **{f"after {number} writes": Point(writes=number) for number in range(4)},
    **{
        f"{'after' if stored else 'before'} {file}": Point(file=file, stored=stored)
        for file in FILES
        for stored in (False, True)
    },
    "before the list": Point(file=r"^runs\.json"),
}
WRITTEN = {f"after {number} writes": number for number in range(4)}
"""Changes that are written at a point; at the points of the files none or all of them."""

NONE_WRITTEN = ("/before", "^audit/")


def written(name: str) -> int:
    return WRITTEN.get(name, 0 if name.endswith(NONE_WRITTEN) else 3)


@pytest.fixture(params=["folder", "bucket"])
def world(request: pytest.FixtureRequest, shop3: World, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "bucket":
        location = {"LocationConstraint": "eu-central-1"}
        shop3.catalog.client("s3").create_bucket(Bucket="trail", CreateBucketConfiguration=location)
        shop3.environment["REPORT_URI"] = "s3://trail/reports"
        monkeypatch.setenv("REPORT_URI", "s3://trail/reports")
    return shop3


def runs(world: World) -> dict[str, str]:
    """Return the status of each listed run."""
    if world.environment["REPORT_URI"].startswith("s3:"):
        s3 = world.catalog.client("s3")
        body = s3.get_object(Bucket="trail", Key="reports/runs.json")["Body"].read()
    else:
        body = (world.reports / "runs.json").read_bytes()
    return {run["run_id"]: run["status"] for run in json.loads(body)}


@pytest.mark.parametrize("name", POINTS)
def test_a_run_that_dies_anywhere_is_named_closed_and_undone(
    world: World, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    count = written(name)
    kill(world, POINTS[name])

    answer = world.sync({"run_id": "next"})

    assert answer["counts"]["updated"] == 3 - count
    if name != "before /before":
        assert strict(capsys) == 0
        assert "cut" in runs(world)
        assert printed(capsys, "report", "cut")[0] == 0
    history = printed(capsys, "history", "datasphere_shop.v_00")[1]
    assert ("run cut" in history) or count == 0
    if count:
        assert printed(capsys, "rollback", "cut")[0] == 0
        rest = ["New"] * (3 - count)
        assert descriptions(world) == [f"View {n}" for n in range(count)] + rest


@pytest.mark.parametrize("count", range(4))
def test_a_worker_that_dies_is_closed_by_the_last_step(
    world: World, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    about = {"action": "sync", "run_id": "night"}
    split = lambda_handler({**about, "step": "split"}, context())
    (item,) = split["items"]
    event: dict[str, Any] = {**about, "step": "work", **item, "share": split["share"]}
    kill(world, Point(writes=count), event)

    done = lambda_handler({**about, "step": "finish"}, context())

    noun = "is" if count == 1 else "are"
    assert f"{count} of 3 changes {noun} written" in done["cut_off"][0]["message"]
    assert strict(capsys) == 0
    assert runs(world)["night"] == done["status"]


@pytest.mark.parametrize("count", range(3))
def test_a_rollback_that_dies_is_closed_by_the_next_sync(
    world: World, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    world.sync({"run_id": "labels"})
    kill(world, Point(writes=count), {"action": "rollback", "rollback_of": "labels"})

    answer = world.sync()

    assert answer["counts"]["updated"] == count
    assert "run cut was cut off" in answer["cut_off"][0]["message"]
    assert strict(capsys) == 0
    assert runs(world)["cut"] == "FAILED"


def test_several_runs_that_die_one_after_the_other_are_all_closed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, run_id in enumerate(("cut", "cut-2", "cut-3")):
        world.tenant.spaces.set_label("SHOP", "V_00", f"New {number}")
        kill(world, Point(writes=1), {"run_id": run_id})

    world.sync()

    assert strict(capsys) == 0
    assert {"cut", "cut-2", "cut-3"} <= runs(world).keys()


@pytest.mark.parametrize("file", ["/applied", r"/audit\.jsonl", r"/report\.json", r"^runs\.json"])
def test_a_refused_file_at_the_end_hides_nothing(
    world: World, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    assert start(world, Point(file=file, error=RefusedError)).status == "DEGRADED"

    assert "run cut" in printed(capsys, "history", "datasphere_shop.v_00")[1]
    world.sync()
    assert strict(capsys) == 0
    assert "cut" in runs(world)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_each_signal_that_ends_a_process_leaves_a_record(
    shop3: World,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    assert_interrupted(shop3, capsys, signal.Signals[name])


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_command_that_is_killed_is_closed_and_one_that_runs_is_not(
    world: World, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    with running(world, "sync", after=after) as started:
        assert "cut_off" not in world.sync({"action": "plan"})
        assert strict(capsys) == 0
        started.child.send_signal(signal.SIGKILL)
        started.child.wait()
        assert strict(capsys) == 4

    answer = world.sync()

    assert "was cut off before its record was stored" in answer["cut_off"][0]["message"]
    assert strict(capsys) == 0


def test_a_second_signal_while_the_record_is_stored_leaves_the_run_to_the_next(
    shop3: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyboardInterrupt):
        start(shop3, Point(file=r"/audit\.jsonl", error=KeyboardInterrupt))

    assert strict(capsys) == 4
    assert "3 of 3 changes are written" in shop3.sync()["cut_off"][0]["message"]
    assert strict(capsys) == 0
