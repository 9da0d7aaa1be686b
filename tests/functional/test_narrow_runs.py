"""Narrow runs, whatever starts them, remove together no more than one run over everything may."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunHalted
from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World, small_space
from tests.functional.test_change_events import batch, change, context

WEBHOOK = Path(__file__).parents[2] / "events" / "change-event-webhook-binary.json"
Run = Callable[[str, str], None]


@pytest.fixture
def world(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world of two spaces after its first run, with the environment of the function."""
    world = world_of(*(small_space(f"S{number}", 3) for number in range(2)))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
    assert lambda_handler({}, context())["counts"]["created"] == 6
    return world


def event(space: str, asset: str) -> None:
    lambda_handler(change(space, asset, "deleted"), context())


def queue(space: str, asset: str) -> None:
    lambda_handler(batch(change(space, asset, "deleted")), context())


def webhook(space: str, asset: str) -> None:
    request = json.loads(WEBHOOK.read_text())
    detail = {"spaceId": space, "objectId": asset, "objectType": "view", "action": "deleted"}
    request["body"] = json.dumps(detail)
    lambda_handler(request, context())


def assets(space: str, asset: str) -> None:
    lambda_handler({"assets": [f"{space}.{asset}"]}, context())


def one_space(space: str, asset: str) -> None:
    del asset
    lambda_handler({"spaces": [space]}, context())


def command(space: str, asset: str) -> None:
    main(["sync", "--asset", f"{space}.{asset}", "--json"])


def command_of_space(space: str, asset: str) -> None:
    del asset
    main(["sync", "--space", space, "--json"])


def in_parts(space: str, asset: str) -> None:
    def step(name: str, **more: Any) -> dict[str, Any]:
        run_id = f"parts-{space}-{asset}"
        event = {"action": "sync", "step": name, "run_id": run_id, **more}
        return lambda_handler(json.loads(json.dumps(event)), context())

    split = step("split", event={"spaces": [space]}, workers=5)
    for item in split["items"]:
        step("work", **item, share=split["share"])
    step("finish")


WAYS = (event, queue, webhook, assets, one_space, command, command_of_space, in_parts)


def deprecated(world: World) -> list[str]:
    return sorted(
        name
        for name, table in world.everything().items()
        if table["Parameters"]["datasphere.status"] == "deprecated"
    )


def remove(world: World, *places: tuple[str, str]) -> None:
    for place in places:
        world.tenant.spaces.remove(*place)


def last_errors(world: World) -> list[dict[str, Any]]:
    reports = sorted(world.reports.rglob("report.json"), key=lambda path: path.stat().st_mtime)
    errors: list[dict[str, Any]] = json.loads(reports[-1].read_text())["issues"]
    return errors


@pytest.mark.parametrize("run", WAYS)
def test_one_asset_that_is_gone_is_deprecated_and_the_next_is_held_back(
    world: World, run: Run
) -> None:
    remove(world, ("S0", "V_00"))
    run("S0", "V_00")
    assert deprecated(world) == ["datasphere_s0.v_00"]

    remove(world, ("S0", "V_01"))
    with suppress(RunHalted):
        run("S0", "V_01")

    assert deprecated(world) == ["datasphere_s0.v_00"]
    (of_space, *_) = last_errors(world)
    assert (of_space["code"], of_space["asset"]) == ("GUARD_REFUSED", "S0")
    assert "2 of 3 tables of space S0" in of_space["message"]


@pytest.mark.parametrize("run", [event, queue])
def test_half_a_space_that_is_lost_is_held_back_whichever_asset_is_named(
    world: World, run: Run
) -> None:
    remove(world, ("S0", "V_00"), ("S0", "V_01"))

    for asset in ("V_00", "V_01"):
        with suppress(RunHalted):
            run("S0", asset)

    assert deprecated(world) == []
    assert "2 of 3 tables of space S0" in last_errors(world)[0]["message"]


@pytest.mark.parametrize("run", [webhook, one_space])
def test_runs_over_one_space_each_share_the_limit_of_all_spaces(world: World, run: Run) -> None:
    for number in range(2):
        remove(world, (f"S{number}", "V_00"))
        with suppress(RunHalted):
            run(f"S{number}", "V_00")

    assert deprecated(world) == ["datasphere_s0.v_00"]
    assert "all spaces" in last_errors(world)[0]["message"]


def test_a_run_over_everything_counts_anew(world: World) -> None:
    for asset in ("V_00", "V_01"):
        remove(world, ("S0", asset))
        event("S0", asset)
        assert lambda_handler({}, context())["status"] == "NO_CHANGES"

    assert deprecated(world) == ["datasphere_s0.v_00", "datasphere_s0.v_01"]


def test_runs_over_everything_go_on_as_before(world: World) -> None:
    for asset in ("V_00", "V_01"):
        remove(world, ("S0", asset))
        assert lambda_handler({}, context())["counts"]["deprecated"] == 1


def test_a_change_at_the_source_arrives_while_removals_are_held_back(world: World) -> None:
    remove(world, ("S0", "V_00"), ("S0", "V_01"))
    world.tenant.spaces.set_label("S0", "V_02", "New")

    answer = lambda_handler(change("S0", "V_02"), context())

    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["updated"] == 1


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"removed": 1e999}'])
def test_an_unusable_record_of_removals_counts_as_none_and_is_named(
    world: World, body: bytes
) -> None:
    remove(world, ("S0", "V_00"))
    event("S0", "V_00")
    (path,) = world.reports.rglob("removals/*.json")
    path.write_bytes(body)
    remove(world, ("S0", "V_01"))

    answer = lambda_handler(change("S0", "V_01"), context())

    assert answer["status"] == "DEGRADED"
    assert str(path) in answer["errors"][0]["message"]
    remove(world, ("S0", "V_02"))
    with pytest.raises(RunHalted, match="2 of 2 tables"):
        event("S0", "V_02")


def test_without_a_report_place_the_limit_of_a_space_holds_for_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_URI", "")
    for asset in ("V_00", "V_01"):
        remove(world, ("S0", asset))
        with suppress(RunHalted):
            event("S0", asset)

    assert deprecated(world) == ["datasphere_s0.v_00"]


@pytest.mark.parametrize("run", [event, one_space])
@pytest.mark.ci_only
def test_without_a_report_place_the_limit_of_all_spaces_holds_for_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("REPORT_URI", "")
    for space in ("S0", "S1"):
        remove(world, (space, "V_00"))
    run("S0", "V_00")

    with pytest.raises(RunHalted, match="2 of 6 tables of all spaces"):
        run("S1", "V_00")

    assert deprecated(world) == ["datasphere_s0.v_00"]


def test_a_quiet_narrow_run_reads_and_writes_no_record_of_removals(world: World) -> None:
    assert lambda_handler(change("S0", "V_00"), context())["status"] == "NO_CHANGES"

    assert not list(world.reports.rglob("removals/*.json"))
