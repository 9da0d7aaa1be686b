"""Variables are checked without any call; errors of calls are traced back to them."""

from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
)

from datasphere_glue.aws.environment import check, environment_error, proxy_passwords
from datasphere_glue.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://"),
        ("HTTPS_PROXY", "http://proxy:99999"),
        ("HTTPS_PROXY", "http://proxy:0"),
        ("http_proxy", "http://pro xy:3128"),
        ("ALL_PROXY", "socks5h://proxy:1080"),
        ("AWS_ENDPOINT_URL", "ftp://x"),
        ("AWS_ENDPOINT_URL_S3", "http://[::1"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "1.5"),
        ("AWS_MAX_ATTEMPTS", "²"),
        ("AWS_RETRY_MODE", "sometimes"),
        ("AWS_REGION", "eu_central_1"),
        ("AWS_REGION", "eu-central-1 "),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
        ("REQUESTS_CA_BUNDLE", "/dev/null"),
        ("AWS_CA_BUNDLE", "\0"),
    ],
)
def test_a_malformed_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"\n  {name}: "):
        check({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://user:pass@proxy.example.com:3128/"),
        ("HTTPS_PROXY", "proxy.example.com:3128"),
        ("HTTPS_PROXY", "//proxy:3128"),
        ("HTTP_PROXY", "http://[::1]:3128"),
        ("HTTP_PROXY", ""),
        ("AWS_ENDPOINT_URL", "http://localhost:4566"),
        ("AWS_ENDPOINT_URL_GLUE", "https://vpce-1.glue.eu-central-1.vpce.amazonaws.com"),
        ("AWS_MAX_ATTEMPTS", "10"),
        ("AWS_RETRY_MODE", "Adaptive"),
        ("AWS_REGION", "us-gov-west-1"),
        ("AWS_DEFAULT_REGION", "local"),
        ("AWS_CONFIG_FILE", "/no/such/file"),
        ("REQUESTS_CA_BUNDLE", "/"),
        ("AWS_LAMBDA_FUNCTION_NAME", "any thing"),
    ],
)
def test_a_valid_variable_passes(name: str, value: str) -> None:
    check({name: value})


def test_a_password_of_a_proxy_is_a_secret() -> None:
    environment = {
        "HTTPS_PROXY": "http://user:pass-word@proxy:1",
        "HTTP_PROXY": "http://[",
        "X": "",
    }

    assert list(proxy_passwords(environment)) == ["pass-word"]


def test_an_error_of_a_call_is_traced_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/bundle.pem")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://sts")
    named = {
        "HTTPS_PROXY": ProxyConnectionError(proxy_url="http://proxy:1"),
        "AWS_CA_BUNDLE": SSLError(endpoint_url="https://x", error=ValueError("self-signed")),
        "AWS_ENDPOINT_URL_STS": EndpointConnectionError(endpoint_url="http://sts"),
        "AWS_PROFILE": NoCredentialsError(),
    }
    for name, error in named.items():
        wrapped = ValueError("of a library")
        wrapped.__cause__ = error
        mistake = environment_error(wrapped)
        assert mistake is not None
        assert name in mistake.message


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"),
        EndpointConnectionError(endpoint_url="https://glue.eu-central-1.amazonaws.com"),
        KeyError("x"),
    ],
)
def test_other_errors_are_no_mistake_of_the_environment(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    assert environment_error(error) is None


@pytest.mark.parametrize(
    ("url", "region", "near"),
    [
        ("https://glue.eu-centrl-1.amazonaws.com/", "eu-centrl-1", "eu-central-1"),
        ("https://bucket.s3.us-east1.amazonaws.com/x", "us-east1", "us-east-1"),
        ("https://glue.cn-noth-1.amazonaws.com.cn/", "cn-noth-1", "cn-north-1"),
    ],
)
def test_an_unknown_region_is_a_mistake_of_its_variable(
    url: str, region: str, near: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_REGION", region)

    mistake = environment_error(EndpointConnectionError(endpoint_url=url))

    assert mistake is not None
    assert f"AWS_REGION: AWS has no Region {region}; did you mean {near}?" in mistake.message


@pytest.mark.parametrize(
    "url",
    [
        "https://sts.amazonaws.com",
        "https://bucket.s3.amazonaws.com",
        "https://glue.us-gov-west-1.amazonaws.com",
        "http://localhost:4566",
    ],
)
def test_an_endpoint_that_is_down_is_no_mistake_of_the_region(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    assert environment_error(EndpointConnectionError(endpoint_url=url)) is None


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_an_unknown_profile_is_a_mistake_of_its_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "nobody")

    mistake = environment_error(ProfileNotFound(profile="nobody"))

    assert mistake is not None
    assert mistake.message.startswith(f"{name}: ")
    assert name in mistake.remedy


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"AWS_CONFIG_FILE: .* cannot be read"):
        check({"AWS_CONFIG_FILE": str(tmp_path)})
