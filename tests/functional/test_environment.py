"""Mistakes of the environment are settings errors that name the variable or the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.errors import RunFailed
from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World, small_space

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
CASES: dict[str, tuple[dict[str, str], str]] = {
    "absent certificates": ({"REQUESTS_CA_BUNDLE": "{tmp}/no.pem"}, "REQUESTS_CA_BUNDLE"),
    "certificates that are none": ({"AWS_CA_BUNDLE": "{tmp}/text"}, "AWS_CA_BUNDLE"),
    "binary certificates": ({"CURL_CA_BUNDLE": "{tmp}/binary"}, "CURL_CA_BUNDLE"),
    "a folder of certificates": ({"SSL_CERT_FILE": "{tmp}"}, "SSL_CERT_FILE"),
    "malformed configuration": ({"AWS_CONFIG_FILE": "{tmp}/text"}, "/text"),
    "binary credentials": ({"AWS_SHARED_CREDENTIALS_FILE": "{tmp}/binary", **NO_KEYS}, "/binary"),
    "a folder of credentials": (
        {"AWS_SHARED_CREDENTIALS_FILE": "{tmp}", **NO_KEYS},
        "AWS_SHARED_CREDENTIALS_FILE",
    ),
    "unknown profile": ({"AWS_PROFILE": "nobody"}, "nobody"),
    "half the credentials": ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY"),
    "no credentials": (NO_KEYS, "AWS_PROFILE, AWS_ACCESS_KEY_ID"),
    "absent token": ({"AWS_WEB_IDENTITY_TOKEN_FILE": "{tmp}/no"}, "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "malformed proxy": ({"HTTPS_PROXY": "http://:::"}, "HTTPS_PROXY"),
    "other kind of proxy": ({"https_proxy": "socks5://127.0.0.1:1"}, "https_proxy"),
    "unreachable proxy": ({"HTTP_PROXY": "http://127.0.0.1:1"}, "HTTP_PROXY"),
    "no Region": ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "AWS_DEFAULT_REGION"),
    "malformed Region": ({"AWS_DEFAULT_REGION": "Frankfurt am Main"}, "AWS_DEFAULT_REGION"),
    "malformed endpoint": ({"AWS_ENDPOINT_URL": "localhost:4566"}, "AWS_ENDPOINT_URL"),
    "endpoint without a host": ({"AWS_ENDPOINT_URL_GLUE": "https://"}, "AWS_ENDPOINT_URL_GLUE"),
    "unreachable endpoint": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL"),
    "attempts in words": ({"AWS_MAX_ATTEMPTS": "many"}, "AWS_MAX_ATTEMPTS"),
    "unknown way to retry": ({"AWS_RETRY_MODE": "never"}, "AWS_RETRY_MODE"),
    "absent bucket": ({"REPORT_URI": "s3://nobody-has-this/x"}, "REPORT_URI: s3://nobody-has"),
    "tenant with a blank": ({"DATASPHERE_URL": "https://acme eu10.example"}, "DATASPHERE_URL"),
    "tenant of no name": ({"DATASPHERE_URL": "https://acme-.example"}, "DATASPHERE_URL"),
    "tokens of an empty part": ({"DATASPHERE_TOKEN_URL": "https://a..example"}, "TOKEN_URL"),
    "impossible bucket": ({"REPORT_URI": "s3://Not..A Bucket/x"}, "REPORT_URI: s3://Not..A"),
}


@pytest.fixture
def world(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """Return the world of a table, with its settings and some odd files in the environment."""
    (tmp_path / "text").write_text("[[[ neither PEM nor INI\n=")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    world = world_of(small_space("SHOP", 1))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return world


def break_environment(case: str, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the variables of a case, and return the text that names the mistake."""
    values, named = CASES[case]
    for name, value in values.items():
        if value:
            monkeypatch.setenv(name, value.format(tmp=tmp))
        else:
            monkeypatch.delenv(name, raising=False)
    return named


def assert_named(errors: list[dict[str, Any]], named: str) -> None:
    assert {error["code"] for error in errors} == {"SETTINGS_INVALID"}
    assert named in errors[0]["message"]
    assert "open an issue" not in json.dumps(errors)


@pytest.mark.parametrize("case", CASES)
def test_a_run_names_what_is_wrong_in_its_environment(
    world: World, case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = break_environment(case, tmp_path, monkeypatch)
    world.catalog.calls.clear()

    with pytest.raises(RunFailed) as failed:
        lambda_handler({}, None)

    assert_named(failed.value.result["errors"], named)
    assert not world.catalog.calls.writes


@pytest.mark.parametrize("case", ["absent certificates", "malformed configuration", "no Region"])
@pytest.mark.parametrize(
    "arguments",
    [
        *(["plan", "--json"], ["show", "datasphere_shop.v_00"], ["search", "orders"]),
        *(["invoke", "sync"], ["tail", "sync", "--no-follow"]),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_names_what_is_wrong_in_its_environment(  # noqa: PLR0913, PLR0917 - fixtures
    world: World,
    case: str,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert world
    named = break_environment(case, tmp_path, monkeypatch)

    assert main(arguments) == 1

    shown = "".join(capsys.readouterr())
    assert named in shown
    assert "Traceback" not in shown
    assert "open an issue" not in shown


def test_a_proxy_that_only_the_tenant_needs_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = world.environment["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "localhost")

    answer = world.sync()

    assert_named(answer["errors"], "HTTPS_PROXY or REQUESTS_CA_BUNDLE: /oauth/token")


def test_everything_that_is_wrong_is_listed_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for case in ("absent certificates", "malformed proxy", "attempts in words"):
        break_environment(case, tmp_path, monkeypatch)

    answer = world.sync()

    message = answer["errors"][0]["message"]
    for name in ("REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "AWS_MAX_ATTEMPTS"):
        assert f"\n  {name}: " in message
    assert not world.tenant.requests


def test_a_valid_environment_is_no_mistake(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "REQUESTS_CA_BUNDLE": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "absent"),
        "NO_PROXY": "127.0.0.1,localhost",
        "HTTPS_PROXY": "proxy.example.com:3128",
        "AWS_MAX_ATTEMPTS": "5",
        "AWS_RETRY_MODE": "standard",
    }.items():
        monkeypatch.setenv(name, value)

    assert world.sync()["status"] == "SUCCESS"
