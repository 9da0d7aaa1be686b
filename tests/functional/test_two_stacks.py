"""Two stacks that write the same tables and disagree: both report it, and no status flips on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import World, small_space

TABLE = "v_02"


@pytest.fixture(params=["one report place", "two report places"])
def stacks(
    world_of: Callable[..., World], request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[World, World]:
    """Return a stack that sees three views, and one that sees two of them."""
    full, partial = world_of(small_space("SHOP", 3)), world_of(small_space("SHOP", 2))
    if request.param.startswith("two"):
        partial.environment["REPORT_URI"] = str(tmp_path / "other")
    return full, partial


def disagreements(answer: dict[str, Any]) -> list[str]:
    return [e["message"] for e in answer["errors"] if e["code"] == "WRITERS_DISAGREE"]


def status(world: World) -> str:
    return str(world.tables("datasphere_shop")[TABLE]["Parameters"]["datasphere.status"])


def test_two_technical_users_that_see_different_assets(stacks: tuple[World, World]) -> None:
    full, partial = stacks
    full.sync()
    assert partial.sync()["counts"]["deprecated"] == 1
    first = full.sync()
    assert first["counts"]["restored"] == 1
    assert "WRITERS_DISAGREE" in {note["code"] for note in full.report(first)["notes"]}

    for _ in range(2):
        for stack in (partial, full):
            answer = stack.sync()
            if disagreements(answer):
                assert f"datasphere_shop.{TABLE}" in disagreements(answer)[0]
                assert answer["status"] == "DEGRADED"

    assert disagreements(partial.sync())
    assert not partial.catalog.calls.writes
    assert full.sync()["status"] == "NO_CHANGES"
    assert status(full) == "active"


@pytest.mark.ci_only
def test_an_asset_that_both_lose_is_deprecated_and_nothing_more_is_reported(
    stacks: tuple[World, World],
) -> None:
    full, partial = stacks
    full.sync()
    for _ in range(2):
        partial.sync()
        full.sync()
    assert disagreements(partial.sync())

    full.tenant.spaces.remove("SHOP", "V_02")

    assert full.sync()["counts"]["deprecated"] == 1
    assert partial.sync()["status"] == full.sync()["status"] == "NO_CHANGES"
    assert status(full) == "deprecated"


def test_two_configurations_that_write_other_texts(
    world_of: Callable[..., World], tmp_path: Path
) -> None:
    one = world_of(small_space("SHOP", 1))
    path = tmp_path / "other.yaml"
    path.write_text("version: 1\ncontext:\n  - asset: SHOP.V_00\n    description: Told otherwise\n")
    answers = [one.sync(SYNC_CONFIG_URI=uri) for uri in ("", str(path)) * 3]

    assert not any(map(disagreements, answers[:3]))
    for answer in answers[3:]:
        assert "datasphere_shop.v_00" in disagreements(answer)[0]


def test_an_asset_that_comes_and_goes_is_no_disagreement(
    world_of: Callable[..., World],
) -> None:
    one = world_of(small_space("SHOP", 3))
    one.sync()

    for _ in range(2):
        one.tenant.spaces.remove("SHOP", "V_02")
        assert one.sync()["status"] == "SUCCESS"
        one.tenant.spaces.restore("SHOP", "V_02")
        assert one.sync()["status"] == "SUCCESS"


def test_a_rollback_and_the_run_that_writes_again_are_no_disagreement(
    world_of: Callable[..., World],
) -> None:
    one = world_of(small_space("SHOP", 3))
    one.sync()
    one.tenant.spaces.set_label("SHOP", "V_00", "New")
    one.tenant.spaces.remove("SHOP", "V_02")
    run_id = one.sync()["run_id"]

    for _ in range(2):
        back = one.sync({"action": "rollback", "rollback_of": run_id})
        assert back["counts"]["restored"] == 1
        again = one.sync()
        assert (again["status"], again["counts"]["deprecated"]) == ("SUCCESS", 1)
        run_id = again["run_id"]
