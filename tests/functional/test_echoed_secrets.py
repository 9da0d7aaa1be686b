"""Secrets that the other side echoes, in any place and encoding, leave in nothing of ours."""

import base64
import html
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunEnded
from datasphere_glue.handler import lambda_handler
from datasphere_glue.runs import telemetry
from local.tenant.faults import FaultKind
from local.tenant.store import entry_of
from tests.functional.conftest import World, small_space, view

SECRET = 'b7/K+q9&"Zx<4%rT='
TOKEN = "embedded-token-1"
LOGIN = f"sb-demo!b1|client!b2:{SECRET}"
BASIC = base64.b64encode(LOGIN.encode()).decode()
WRITTEN = {
    "plain": SECRET,
    "basic": BASIC,
    "basic without padding": BASIC.rstrip("="),
    "basic for a URL": base64.urlsafe_b64encode(LOGIN.encode()).decode(),
    "quoted": quote(SECRET, safe=""),
    "quoted twice": quote(quote(SECRET, safe="")).lower(),
    "html": html.escape(SECRET),
    "json": "".join(f"\\u{ord(char):04x}" for char in SECRET),
    "wrapped": f"{BASIC[:30]}\r\n {BASIC[30:]}",
    "hex": SECRET.encode().hex(),
    "token": TOKEN,
    "token in base64": base64.b64encode(f"Bearer {TOKEN}".encode()).decode(),
}
EDGE = "x" * 230
"""Before a secret, this text makes the cut of a message fall into it."""


def forbidden() -> set[str]:
    """Return everything that must not leave."""
    return {SECRET, SECRET[:12], TOKEN, BASIC[-24:], *WRITTEN.values()}


class Leaks:
    """Everything that leaves a run: answers, errors, the log, files and the catalog."""

    def __init__(self, world: World, log: io.StringIO, folder: Path) -> None:
        self.world = world
        self.log = log
        self.folder = folder
        self.texts: list[str] = []

    def run(self) -> str:
        """Carry out a run by the handler and return its status."""
        try:
            answer = lambda_handler({}, None)
        except RunEnded as error:
            answer = dict(error.result)
            self.texts += [str(error), repr(error)]
        self.texts.append(json.dumps(answer, ensure_ascii=False))
        return str(answer["status"])

    def found(self) -> set[str]:
        """Return what left although it must not."""
        files = [path.read_text() for path in self.folder.rglob("*") if path.is_file()]
        catalog = json.dumps(self.world.everything(), default=str, ensure_ascii=False)
        texts = [*self.texts, *files, catalog, self.log.getvalue()]
        unpacked = [*texts, *(text.replace("\\\\", "\\").replace('\\"', '"') for text in texts)]
        return {one for one in forbidden() if any(one in text for text in unpacked)}


@pytest.fixture
def leaks(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Leaks]:
    """Return a world of one table whose client has an awkward secret, with its log."""
    document = {"definitions": {"V_ORDERS": view(f"Orders, seen by Bearer {TOKEN}")}}
    document["definitions"]["V_ORDERS"]["elements"]["C1"]["@EndUserText.label"] = f"B {BASIC}"
    orders = entry_of("SHOP", "V_ORDERS", document, exposed=True, listing={})
    world = world_of(replace(small_space("SHOP", 1), entries=(orders,)))
    world.tenant.rotate_secret(SECRET)
    client = {"client_id": world.tenant.client_id, "client_secret": SECRET}
    name = world.environment["DATASPHERE_SECRET_ID"]
    world.catalog.client("secretsmanager").put_secret_value(
        SecretId=name, SecretString=json.dumps(client)
    )
    for variable, value in world.environment.items():
        monkeypatch.setenv(variable, value)
    log = io.StringIO()
    handler = telemetry.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(log)
    yield Leaks(world, log, tmp_path)
    handler.setStream(before or sys.stdout)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_refused_login_shows_no_secret(leaks: Leaks, written: str) -> None:
    body = {"error": "invalid_client", "error_description": f"{EDGE} {WRITTEN[written]} refused"}
    leaks.world.tenant.faults.add("/oauth/", status=401, times=None, body=json.dumps(body))

    assert leaks.run() == "HALTED"

    assert leaks.found() == set()


@pytest.mark.parametrize(
    ("path", "status", "ending"),
    [
        ("/oauth/", 400, "HALTED"),
        ("/catalog/spaces", 403, "HALTED"),
        ("/$metadata", 400, "DEGRADED"),
    ],
)
def test_an_error_that_repeats_the_request_shows_no_secret(
    leaks: Leaks, path: str, status: int, ending: str
) -> None:
    echo = f"<p>{EDGE}</p><pre>Authorization: Basic {BASIC}\nBearer {TOKEN}: {SECRET}</pre>"
    leaks.world.tenant.faults.add(path, status=status, times=None, body=echo)

    assert leaks.run() == ending

    assert leaks.found() == set()


def test_a_redirect_with_a_secret_in_it_shows_none(leaks: Leaks) -> None:
    place = f"https://login.example.com/{quote(SECRET, safe='')}/{TOKEN}"
    leaks.world.tenant.faults.add(
        "/$metadata", status=302, times=None, headers={"Location": place, "WWW-Authenticate": BASIC}
    )

    assert leaks.run() == "DEGRADED"

    assert leaks.found() == set()
    assert "redirects to https://login.example.com/" in leaks.texts[0]


def test_a_label_that_repeats_a_token_reaches_glue_masked(leaks: Leaks) -> None:
    assert leaks.run() == "SUCCESS"

    assert leaks.found() == set()
    table = leaks.world.tables("datasphere_shop")["v_orders"]
    assert table["Parameters"]["datasphere.label"] == "Orders, seen by Bearer ***"
    assert leaks.run() == "NO_CHANGES"


def test_a_document_that_is_no_xml_and_holds_a_token_shows_none(leaks: Leaks) -> None:
    leaks.world.tenant.faults.add(
        "/$metadata", FaultKind.STATUS, status=200, times=None, body=f"<broken {TOKEN} {BASIC}"
    )

    leaks.run()

    assert leaks.found() == set()


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_terminal_shows_no_secret(
    leaks: Leaks, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"error": "invalid_client", "error_description": f"{EDGE} {BASIC}: {SECRET}"}
    leaks.world.tenant.faults.add("/oauth/", status=401, times=None, body=json.dumps(body))

    assert main(["sync", *flags]) == 4

    leaks.texts += capsys.readouterr()
    assert leaks.found() == set()


def test_the_libraries_log_no_bodies(leaks: Leaks, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        leaks.run()

    leaks.texts.append(caplog.text)
    assert leaks.found() == set()


def test_the_search_notices_a_secret_in_a_file(leaks: Leaks) -> None:
    leaks.folder.joinpath("leak.txt").write_text(f"x {quote(SECRET, safe='')} y")

    assert leaks.found() == {WRITTEN["quoted"]}
