"""Every way to forge a deprecation, and to start narrow runs, with reports in a bucket."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from datasphere_glue.errors import RunEnded
from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World, small_space
from tests.functional.test_change_events import context
from tests.functional.test_grace import backdated, restored_before, set_by_hand
from tests.functional.test_narrow_runs import WAYS, Run, deprecated, remove

FORGED = (backdated, set_by_hand, restored_before)
SPACES = ("SHOP", "STOCK")


@pytest.fixture
def bucket(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world of two spaces after its first run, whose runs delete and report to S3."""
    world = world_of(*(small_space(name, 3) for name in SPACES))
    world.catalog.client("s3").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    world.environment |= {"REPORT_URI": "s3://kept/reports", "ORPHAN_POLICY": "delete"}
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
    assert lambda_handler({}, context())["counts"]["created"] == 6
    return world


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize("forge", FORGED)
def test_no_trigger_deletes_a_table_whose_deprecation_is_not_on_record(
    bucket: World, forge: Callable[[World], None], run: Run
) -> None:
    forge(bucket)

    for _ in range(2):
        with suppress(RunEnded):
            run("SHOP", "V_01")

    marks = bucket.tables("datasphere_shop")["v_01"]["Parameters"]
    assert marks["datasphere.status"] == "deprecated"
    assert marks["datasphere.deprecated_on"] > "2020-01-01"


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize("percent", ["0", "10", "34", "100"])
def test_no_series_of_narrow_runs_exceeds_the_limit_of_one_run(
    bucket: World, monkeypatch: pytest.MonkeyPatch, percent: str, run: Run
) -> None:
    monkeypatch.setenv("MAX_REMOVAL_PERCENT", percent)
    for asset in ("V_00", "V_01", "V_02"):
        for space in SPACES:
            remove(bucket, (space, asset))
            with suppress(RunEnded):
                run(space, asset)

    gone = deprecated(bucket)
    assert 0 < len(gone) <= max(1, 6 * int(percent) // 100)
    for space in SPACES:
        of_space = [name for name in gone if name.startswith(f"datasphere_{space.lower()}.")]
        assert len(of_space) <= min(2, max(1, 3 * int(percent) // 100))
