"""One emulator, one tenant and the stacks deployed to it, for all tests of a session."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest

from e2e.catalog import contents, versions
from e2e.deployment import Answer, Deployed, Sam
from e2e.emulator_client import ACCOUNT, OTHER_ACCOUNT, ROOT, Emulator
from e2e.figures import Figures
from e2e.issuer import Issuer
from local.sample import sample_tenant
from local.tenant.embedded import EmbeddedTenant

LANDING_BUCKET: Final = "landing"
FIGURES: Final = pytest.StashKey[Figures]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    terminalreporter.section("figures")
    for line in config.stash[FIGURES].rows():
        terminalreporter.write_line(line)


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack with the prefix of its databases and the account that they are in."""

    deployed: Deployed
    emulator: Emulator
    prefix: str
    account: str = ACCOUNT

    @property
    def glue(self) -> Any:
        """A client of the catalog that the stack writes to, as the root of its account."""
        return self.emulator.client("glue", self.account)

    def sync(self, **event: Any) -> Answer:
        """Invoke the function for a sync and return its answer, which must not be an error."""
        return self.invoke({"action": "sync", **event})

    def invoke(self, event: dict[str, Any]) -> Answer:
        """Invoke the function and return its answer, which must not be an error."""
        answer = self.deployed.invoke(event)
        assert answer.error is None, answer.body
        return answer

    def contents(self) -> dict[str, Any]:
        """Return the databases and tables of the stack."""
        return contents(self.glue, self.prefix)

    def versions(self) -> dict[str, str]:
        """Return the version of each table of the stack."""
        return versions(self.glue, self.prefix)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    return request.config.stash[FIGURES]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory, figures: Figures) -> Iterator[Emulator]:
    python = Path(os.environ.get("EMULATOR_PYTHON", ROOT / ".venv-emulator" / "bin" / "python"))
    if not python.exists():
        pytest.exit(f"no emulator is installed at {python}: use `make e2e`", returncode=1)
    began = monotonic()
    with Emulator(python, tmp_path_factory.mktemp("emulator")) as running:
        figures.seconds("start of the emulator", monotonic() - began)
        yield running


@pytest.fixture(scope="session")
def tenant() -> Iterator[EmbeddedTenant]:
    with sample_tenant() as serving:
        yield serving


@pytest.fixture(scope="session")
def sam(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory, figures: Figures) -> Sam:
    command = Path(os.environ.get("SAM", ROOT / ".venv-sam" / "bin" / "sam"))
    sam = Sam(command, tmp_path_factory.mktemp("sam"), emulator)
    figures.seconds("sam build and package", sam.build())
    return sam


@pytest.fixture(scope="session")
def webhook(emulator: Emulator) -> Issuer:
    """Return the issuer of the tokens that the main stack's webhook requires."""
    return Issuer(emulator)


@dataclass(frozen=True, slots=True)
class Stacks:
    """All stacks, side by side in one account.

    `main` is started by hand and by events, `nightly` by its schedule, `across` is to write to the
    catalog of another account once that lets it in.
    """

    main: Stack
    nightly: Stack
    across: Stack


Deploy = Callable[..., Stack]


@pytest.fixture(scope="session")
def deploy(sam: Sam, emulator: Emulator, tenant: EmbeddedTenant, figures: Figures) -> Deploy:
    """Return the function that creates or updates a stack for the tenant."""

    def deployed(name: str, prefix: str, account: str = ACCOUNT, **parameters: str) -> Stack:
        values = {
            "DatasphereUrl": tenant.url,
            "DatasphereTokenUrl": tenant.token_url,
            "DatasphereRequestsPerMinute": "100000",
            "DatabasePrefix": prefix,
            "ScheduleState": "DISABLED",
            **parameters,
        }
        deployed = sam.deploy(f"datasphere-glue-{name}", values)
        figures.seconds(f"sam deploy of {name}", deployed.seconds)
        return Stack(deployed, emulator, prefix, account)

    return deployed


@pytest.fixture(scope="session")
def stacks(deploy: Deploy, tenant: EmbeddedTenant, webhook: Issuer) -> Stacks:
    """Return the stacks, created side by side as teams would, each with its client filled in."""
    scheduled = {"ScheduleState": "ENABLED", "ScheduleExpression": "rate(1 minute)"}
    landing = {"LandingBucket": LANDING_BUCKET, "LandingSpace": "LOGISTICS"}
    everything = {"FanOut": "true", "Review": "true", **landing, **webhook.parameters}
    with ThreadPoolExecutor() as pool:
        nightly = pool.submit(deploy, "nightly", "nightly_", SyncSpaces="SALES", **scheduled)
        main = pool.submit(deploy, "main", "datasphere_", **everything)
        across = pool.submit(deploy, "across", "across_", OTHER_ACCOUNT, SyncSpaces="SALES")
    stacks = Stacks(main.result(), nightly.result(), across.result())
    for stack in (stacks.main, stacks.nightly, stacks.across):
        stack.deployed.fill_in_client(tenant)
    return stacks


@pytest.fixture(scope="session")
def main(stacks: Stacks, figures: Figures) -> Stack:
    """Return the main stack after its first sync."""
    answer = stacks.main.sync()
    counts = answer.body["counts"]
    figures.seconds("first sync, cold", answer.seconds)
    created = answer.body["databases"]["created"]
    calls = ", ".join(f"{count} {side}" for side, count in answer.body["calls"].items())
    figures.add("its objects", f"{created} databases and {counts['created']} tables")
    figures.add("its calls", calls)
    return stacks.main
