"""`invoke` calls the deployed function: the real handler behind Lambda's own HTTP interface."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunEnded
from datasphere_glue.handler import lambda_handler
from local.serving import ServingThread
from local.tenant.faults import FaultKind
from tests.functional.conftest import World


class _Lambda(BaseHTTPRequestHandler):
    """Answers Invoke as Lambda does: the result, or the error with its type."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = unquote(self.path).split("/functions/")[1].split("/")[0]
        payload: Any
        if name != "sync":
            payload, status = {"Message": f"Function not found: {name}"}, 404
            headers = {"x-amzn-ErrorType": "ResourceNotFoundException"}
        else:
            payload, headers = self._called(json.loads(body))
            status = 200
        answer = json.dumps(payload).encode()
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(answer))}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(answer)

    def _called(self, event: Any) -> tuple[Any, dict[str, str]]:
        try:
            return lambda_handler(event, None), {}
        except RunEnded as error:
            failure = {"errorMessage": str(error), "errorType": type(error).__name__}
            return failure, {"X-Amz-Function-Error": "Unhandled"}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Print nothing."""


@pytest.fixture
def function(shop: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Lambda)
    thread = ServingThread(server, "function")
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{server.server_port}")
    yield shop
    thread.stop()
    server.server_close()


def test_the_function_is_called_and_its_result_printed(
    function: World, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["invoke", "sync", "--space", "SHOP"]) == 0
    output = capfd.readouterr().out
    assert "Tables: 10 created" in output
    assert output.rstrip().endswith("Status: SUCCESS")
    assert list(function.tables("datasphere_shop")) == [f"v_{n:02}" for n in range(10)]


def test_an_event_from_a_file_can_be_refined(
    function: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"action": "sync", "spaces": ["STOCK"]}')
    assert main(["invoke", "sync", str(event), "--action", "plan"]) == 2
    assert "Status: PENDING" in capfd.readouterr().out
    assert function.glue.get_databases()["DatabaseList"] == []


def test_the_exit_code_and_the_cause_are_those_of_the_run(
    function: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    function.tenant.faults.add("/oauth/", FaultKind.STATUS, status=401, times=None)
    assert main(["invoke", "sync"]) == 4
    assert "refused the OAuth client" in capfd.readouterr().err
    monkeypatch.setenv("DATASPHERE_URL", "nonsense")
    assert main(["invoke", "sync"]) == 1
    assert "DATASPHERE_URL" in capfd.readouterr().err


@pytest.mark.usefixtures("function")
def test_an_unknown_function_is_reported_with_what_to_check(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main(["invoke", "synk"]) == 1
    output = capfd.readouterr().err
    assert "function synk could not be called" in output
    assert "lambda:InvokeFunction" in output


@pytest.mark.parametrize("text", ["{", "[]", '{"action": "erase"}', '{"actoin": "sync"}'])
def test_an_event_that_cannot_be_understood_calls_nothing(
    function: World, tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    event = tmp_path / "event.json"
    event.write_text(text)
    assert main(["invoke", "sync", str(event)]) == 1
    assert "event" in capfd.readouterr().err
    assert not len(function.catalog.calls)
