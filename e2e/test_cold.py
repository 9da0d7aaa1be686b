"""What a cold start costs."""

from e2e.conftest import Stack
from e2e.emulator_client import Emulator
from e2e.figures import Figures

LIMIT_MB = 512


def test_a_cold_start_stays_within_its_memory_limit(
    main: Stack, emulator: Emulator, figures: Figures
) -> None:
    main.sync()
    with main.deployed.configured(SYNC_ENVIRONMENT="cold"):
        assert not emulator.workers(main.deployed.function)
    assert not emulator.workers(main.deployed.function)
    cold = main.sync()
    (worker,) = emulator.workers(main.deployed.function)
    warm = main.sync()
    assert cold.body["calls"]["glue_write"] == 0
    figures.seconds("cold start, nothing to do", cold.seconds)
    figures.seconds("of it in the handler's run", cold.body["duration_ms"] / 1000)
    figures.seconds("the same when warm", warm.seconds)
    figures.add("memory of the cold start", f"{worker.memory_mb:.0f} MB of {LIMIT_MB}")
    assert worker.memory_mb < LIMIT_MB
