"""Each failure of a stage ends in a status, and the guide lists the stages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import getsource
from pathlib import Path
from typing import NoReturn

import pytest

from datasphere_glue import config
from datasphere_glue.config import Configuration, MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import EventError
from datasphere_glue.events.request import Request
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.context import ReadRequest
from datasphere_glue.runs.ports import Caller
from datasphere_glue.storage.store import Store

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "architecture.md"
ENVIRONMENT = {
    "DATASPHERE_URL": "https://acme.eu10.hcs.cloud.sap",
    "DATASPHERE_TOKEN_URL": "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
    "DATASPHERE_SECRET_ID": "datasphere",
}


@dataclass
class Broken:
    """A bootstrap that builds no clients; the named method fails as well."""

    method: str = "build_clients"

    def _fail(self, method: str) -> None:
        if method == self.method:
            raise RuntimeError(method)

    def configuration(self, _settings: Settings) -> Configuration:
        self._fail("configuration")
        return config.NONE

    def build_clients(
        self, _settings: Settings, _caller: Caller, _mapping: MappingConfig, *, even: bool
    ) -> NoReturn:
        raise RuntimeError(f"build_clients, even: {even}")

    def store_of(self, _settings: Settings) -> Store | None:
        self._fail("store_of")
        return None

    def report_store(self, _settings: Settings) -> NoReturn:
        raise RuntimeError("report_store")

    def own_region(self) -> str | None:
        return None

    def publish(
        self, topic: str, subject: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        raise AssertionError((topic, subject, text, attributes))


def run(read_request: ReadRequest, method: str = "build_clients") -> Result:
    return lifecycle.execute_run(read_request, ENVIRONMENT, Caller(), Broken(method))


@pytest.mark.parametrize("action", RunAction)
@pytest.mark.parametrize("method", ["configuration", "build_clients", "store_of"])
def test_a_failure_of_any_stage_ends_in_a_status(method: str, action: RunAction) -> None:
    result = run(lambda: Request(action), method)

    assert result.status is Status.FAILED
    assert result.action is action
    assert result.context.tenant
    assert result.context.run_id


def test_the_first_failure_is_the_error_and_a_later_one_of_the_report_is_an_issue() -> None:
    result = run(Request, "store_of")

    assert str(result.error).startswith("build_clients")
    assert result.report_error is not None
    assert result.report is None


def test_an_invalid_event_ends_in_a_status_with_valid_and_with_invalid_settings() -> None:
    def invalid() -> Request:
        raise EventError("action: is not known")

    assert isinstance(run(invalid).error, EventError)
    result = lifecycle.execute_run(invalid, {}, Caller(), Broken())
    assert (result.status, result.action) == (Status.FAILED, RunAction.SYNC)


def test_the_guide_lists_the_stages_of_the_lifecycle() -> None:
    comments = re.findall(r"^ +# (\d+)\. ([A-Z]\w+)", getsource(lifecycle), re.MULTILINE)
    rows = re.findall(r"^\| (\d+)\. (\w+)", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    stages = {int(number): name.lower() for number, name in comments}
    assert stages == {int(number): name for number, name in rows}
    assert sorted(stages) == list(range(1, len(stages) + 1))
