"""The deadline of a run: no behaviour of a service makes a run exceed it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.tenant.faults import FaultKind
from tests.functional.conftest import World, view
from tests.functional.eve import KINDS, Eve

SECONDS = 0.6
LATEST = 2.5
"""Seconds after which a run is over that has SECONDS, on a machine that is busy."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_tenant_does_not_exceed_the_deadline(eve: Eve, kind: str) -> None:
    eve.tenant.faults.add(eve.at(kind, "first")[0].pattern, FaultKind.DELAY, seconds=60, times=None)
    began = time.monotonic()

    answer = eve.run(SECONDS)

    assert time.monotonic() - began < LATEST
    assert answer["status"] == "PENDING"
    assert "OUT_OF_TIME" in {error["code"] for error in answer["errors"]}
    eve.judge(answer, whole=False)


def test_a_slow_body_does_not_exceed_the_deadline(eve: Eve) -> None:
    place = eve.at("metadata", "first")[0]
    eve.tenant.faults.add(place.pattern, FaultKind.DRIP, seconds=0.002, times=None)
    began = time.monotonic()

    answer = eve.run(SECONDS)

    assert time.monotonic() - began < LATEST
    assert answer["status"] == "PENDING"
    eve.judge(answer, whole=False)


@pytest.mark.parametrize("latency", [0.7, 4.0])
def test_a_silent_catalog_does_not_exceed_the_deadline(eve: Eve, latency: float) -> None:
    eve.catalog.latency = latency
    began = time.monotonic()

    answer = eve.run(SECONDS)

    assert time.monotonic() - began < LATEST
    assert answer["status"] == "PENDING"
    eve.catalog.latency = 0.0
    eve.judge(answer)


def test_a_run_past_its_deadline_while_writing_is_pending(eve: Eve) -> None:
    hold = eve.catalog.faults.hold(after=3)
    with ThreadPoolExecutor(1) as pool:
        over = time.monotonic() + LATEST
        running = pool.submit(eve.run, LATEST)
        assert hold.reached.wait(LATEST)
        hold.released.wait(over - time.monotonic())
        hold.released.set()
        answer = running.result(60)

    assert answer["status"] == "PENDING"
    eve.judge(answer)


@pytest.mark.parametrize("dated", [False, True])
def test_an_interrupted_run_without_dates_continues_where_it_stopped(
    shop: World,
    dated: bool,  # noqa: FBT001 - pytest calls by keyword
) -> None:
    for number in range(8):
        shop.tenant.spaces.add("STOCK", f"X_{number:02}", view(f"Early {number}"))
    if dated:
        shop.sync()
        for number in range(10):
            shop.tenant.spaces.add("STOCK", f"W_{number:02}", view(f"New {number}"))
    everything = 30 if dated else 20
    statuses, read = [], set()
    for _ in range(16):
        shop.tenant.requests.clear()
        # Forty requests and not one more: the next would leave after the end of the run.
        answer = shop.sync(until=time.monotonic() + 40, DATASPHERE_REQUESTS_PER_MINUTE="40")
        statuses.append(answer["status"])
        assert len(shop.tenant.requests) <= 40
        read |= {request.path for request in shop.tenant.requests if "$metadata" in request.path}
    assert statuses[0] == "PENDING"
    assert len(shop.everything()) == everything
    # The first sync has read the dated views of STOCK already.
    assert len(read) == (everything - 8 if dated else everything)
