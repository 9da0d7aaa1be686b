"""Call statistics of a run: calls, durations and steps."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from datasphere_glue.datasphere.endpoints import endpoint_of
from datasphere_glue.outcome.call_stats import (
    SLOWEST,
    CallRecorder,
    CallStats,
    Endpoint,
    TimedStep,
    call_stats_value,
)

TENANT = "https://acme.eu10.hcs.cloud.sap"
CATALOG = f"{TENANT}/api/v1/datasphere/consumption/catalog"
OBJECTS = f"{TENANT}/dwaas-core/api/v1/spaces"


def endpoint(recorder: CallRecorder, name: str) -> dict[str, Any]:
    endpoints: list[dict[str, Any]] = call_stats_value(recorder.stats())["endpoints"]
    return next(one for one in endpoints if one["endpoint"] == name)


def test_calls_are_counted_by_endpoint_and_result() -> None:
    recorder = CallRecorder()
    recorder.called("datasphere", "assets", "SALES", 0.1)
    recorder.called("datasphere", "assets", "SALES", 0.3, throttled=True)
    recorder.called("datasphere", "assets", "SALES", 0.2, again=True, failed=True)
    recorder.called("datasphere", "spaces", "", 0.1)

    stats = endpoint(recorder, "assets")

    assert {key: stats[key] for key in ("calls", "retries", "throttled", "failed", "max_ms")} == {
        "calls": 3,
        "retries": 1,
        "throttled": 1,
        "failed": 1,
        "max_ms": 300,
    }
    assert endpoint(recorder, "spaces")["calls"] == 1


def test_attempts_within_a_call_count_as_one_call() -> None:
    recorder = CallRecorder()
    recorder.tried("glue", "GetTables", again=False, throttled=True)
    recorder.tried("glue", "GetTables", again=True, throttled=False)
    recorder.called("glue", "GetTables", "sales", 0.2)
    recorder.tried("glue", "GetTable", again=False, throttled=False)

    stats = call_stats_value(recorder.stats())["endpoints"]

    assert [(one["calls"], one["retries"], one["throttled"]) for one in stats] == [(1, 1, 1)]


def test_percentiles_are_at_most_a_tenth_too_high() -> None:
    recorder = CallRecorder()
    for ms in range(1, 101):
        recorder.called("glue", "GetTable", "", ms / 1000)

    stats = endpoint(recorder, "GetTable")

    assert 50 <= stats["p50_ms"] <= 55
    assert 95 <= stats["p95_ms"] <= 100
    assert stats["max_ms"] == 100


def test_an_endpoint_without_completed_calls_has_no_duration() -> None:
    assert Endpoint("glue", "GetTable").within_ms(0.5) == 0


def test_only_the_slowest_calls_are_recorded_in_descending_order() -> None:
    recorder = CallRecorder()
    for ms in (*range(40), *range(100, 40, -1)):
        recorder.called("glue", "GetTable", f"db.t_{ms}", ms / 1000)

    stats = call_stats_value(recorder.stats())["slowest"]

    assert [one["ms"] for one in stats] == list(range(100, 100 - SLOWEST, -1))
    assert stats[0] == {"side": "glue", "endpoint": "GetTable", "subject": "db.t_100", "ms": 100}


def test_calls_of_all_threads_are_counted() -> None:
    recorder = CallRecorder()

    def call(number: int) -> None:
        recorder.called("glue", "GetTable", f"t_{number}", number / 1000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(2_000)))

    assert endpoint(recorder, "GetTable")["calls"] == 2_000
    assert [one.ms for one in recorder.stats().slowest] == list(range(1_999, 1_989, -1))


def test_memory_does_not_grow_with_the_number_of_calls() -> None:
    recorder = CallRecorder()
    for number in range(5_000):
        recorder.called("glue", "GetTable", "", number / 10)

    (only,) = recorder.stats().endpoints

    assert len(only.times) < 140


def test_steps_of_several_parts_add_up() -> None:
    one = CallStats(steps=(TimedStep("apply", 2), TimedStep("read", 10)))

    assert (one + CallStats(steps=(TimedStep("read", 5),))).steps == (
        TimedStep("apply", 2),
        TimedStep("read", 15),
    )


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (f"{CATALOG}/spaces", ("spaces", "")),
        (f"{CATALOG}/spaces?$top=5&$skiptoken=x", ("spaces", "")),
        (f"{CATALOG}/spaces('SALES')/assets?$skip=10", ("assets", "SALES")),
        (f"{TENANT}/api/v1/dwc/catalog/spaces('SALES')/assets", ("assets", "SALES")),
        (f"{CATALOG}/spaces('A')/assets('V')", ("assets", "A")),
        (f"{CATALOG}/spaces('SALES')", ("space", "SALES")),
        (f"{CATALOG}/assets", ("assets", "")),
        (
            f"{TENANT}/api/v1/datasphere/consumption/relational/SALES/Sold%20to/$metadata",
            ("metadata relational", "SALES.Sold to"),
        ),
        (
            f"{TENANT}/api/v1/datasphere/consumption/analytical/S/M/$metadata",
            ("metadata analytical", "S.M"),
        ),
        (f"{OBJECTS}/SALES/views?top=200&skip=200", ("objects", "SALES")),
        (f"{OBJECTS}/SALES/views/V_ORDERS", ("definitions", "SALES.V_ORDERS")),
        (f"{TENANT}/anything/else?token=secret", ("other", "")),
    ],
)
def test_a_request_is_recorded_by_kind_and_subject_only(url: str, kind: tuple[str, str]) -> None:
    assert endpoint_of("GET", url) == kind


def test_a_token_request_has_the_same_kind_for_every_url() -> None:
    assert endpoint_of("POST", "https://login.example/oauth/token?grant=x") == ("token", "")
