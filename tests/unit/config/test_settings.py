"""Settings: all problems are reported together, and no message contains a value."""

import re

import pytest

from datasphere_glue.config.loading import load
from datasphere_glue.config.settings import SETTING_NAMES, SETTINGS, Setting
from datasphere_glue.errors import SettingsError

GOOD = {
    "DATASPHERE_URL": "https://acme.eu10.hcs.cloud.sap",
    "DATASPHERE_TOKEN_URL": "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
    "DATASPHERE_SECRET_ID": "datasphere",
}


def test_the_defaults_match_the_contract() -> None:
    settings = load(GOOD)

    assert settings.tenant == "acme.eu10.hcs.cloud.sap"
    assert settings.requests_per_minute == 240
    assert settings.concurrency == 8
    assert settings.definitions == "auto"
    assert settings.database_template == "datasphere_{space}"
    assert settings.max_removal_percent == 10
    assert settings.orphan_policy == "deprecate"
    assert settings.orphan_grace_days == 30
    assert settings.report_uri is None


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(GOOD | dict.fromkeys(set(SETTING_NAMES) - set(GOOD), " ")) == load(GOOD)


def test_all_problems_are_reported_together_without_any_value() -> None:
    with pytest.raises(SettingsError) as error:
        load(
            {
                "DATASPHERE_URL": "ftp://hunter2",
                "DATASPHERE_CONCURRENCY": "hunter2",
                "GLUE_ROLE_ARN": "hunter2",
                "ORPHAN_POLICY": "hunter2",
                "DATASPHERE_CLIENT_SECRET": "hunter2",
            }
        )

    message = str(error.value)
    for name in (
        "DATASPHERE_URL",
        "DATASPHERE_TOKEN_URL",
        "DATASPHERE_CONCURRENCY",
        "GLUE_ROLE_ARN",
        "ORPHAN_POLICY",
        "DATASPHERE_SECRET_ID",
    ):
        assert message.count(f"\n  {name}: ") == 1
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("DATASPHERE_URL", "http://acme.eu10.hcs.cloud.sap", "loopback"),
        ("DATASPHERE_URL", "https://user:pass@acme.sap", "credentials"),
        ("DATASPHERE_URL", "https://acme.sap/path", "root"),
        ("GLUE_DATABASE_TEMPLATE", "all", "{space}"),
        ("GLUE_DATABASE_TEMPLATE", "{space}_{day}", "day"),
        ("GLUE_DATABASE_TEMPLATE", "{space", "braces"),
        ("GLUE_DATABASE_TEMPLATE", "{}_{space}", "{}"),
        ("GLUE_DATABASE_TEMPLATE", "{space:d}", "without a format"),
        ("GLUE_DATABASE_TEMPLATE", "{space!r}", "without a format"),
        ("GLUE_DATABASE_TEMPLATE", "{space.upper}", "space.upper"),
        ("DATASPHERE_URL", "acme.eu10.hcs.cloud.sap", "https"),
        ("DATASPHERE_URL", "https://acme.sap:port", "65535"),
        ("DATASPHERE_URL", "https://acme.sap:99999", "65535"),
        ("DATASPHERE_URL", "http://127.0.0.1.evil.example", "loopback"),
        ("DATASPHERE_TOKEN_URL", "http://acme.sap/oauth/token", "loopback"),
        ("DATASPHERE_REQUESTS_PER_MINUTE", "0", "1"),
        ("DATASPHERE_CONCURRENCY", "65", "64"),
        ("GLUE_CATALOG_ID", "12345", "match"),
        ("GLUE_REGION", "Frankfurt", "match"),
        ("GLUE_ROLE_ARN", "arn:aws:iam::123456789012:user/x", "match"),
        ("ORPHAN_GRACE_DAYS", "-1", "0"),
        ("SYNC_CONFIG_URI", "ssm:name", "ssm:/name"),
        ("SYNC_CONFIG_URI", "appconfig:app/env", "profile"),
        ("SYNC_CONFIG_URI", "s3://bucket", "s3://bucket/key"),
        ("REPORT_URI", "https://somewhere", "folder"),
        ("MAX_REMOVAL_PERCENT", "101", "100"),
        ("DATASPHERE_DEFINITIONS", "maybe", "auto"),
        ("LINEAGE_EXPORT", "true", "on"),
        ("LINEAGE_EXPORT", "on", "REPORT_URI"),
        ("GLUE_ROLE_EXTERNAL_ID", "some-id", "GLUE_ROLE_ARN"),
        ("NOTIFICATION_TOPIC_ARN", "news", "match"),
        ("NOTIFICATION_TOPIC_ARN", "arn:aws:sqs:eu-central-1:123456789012:news", "match"),
        ("NOTIFICATION_TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:news.fifo", "match"),
    ],
)
def test_a_malformed_setting_is_reported_with_its_cause(name: str, value: str, cause: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: ") as error:
        load(GOOD | {name: value})

    assert cause in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_http_is_accepted_on_loopback(host: str) -> None:
    assert load(GOOD | {"DATASPHERE_URL": f"http://{host}/"}).url == f"http://{host}"


def test_a_template_with_environment_requires_the_environment_setting() -> None:
    template = {"GLUE_DATABASE_TEMPLATE": "{environment}_{space}"}

    with pytest.raises(SettingsError, match="SYNC_ENVIRONMENT"):
        load(GOOD | template)
    assert load(GOOD | template | {"SYNC_ENVIRONMENT": "prod"}).environment == "prod"


def test_a_client_in_environment_variables_is_for_local_use_only() -> None:
    local = {k: v for k, v in GOOD.items() if k != "DATASPHERE_SECRET_ID"}
    local |= {"DATASPHERE_CLIENT_ID": "sb-x", "DATASPHERE_CLIENT_SECRET": "hunter2"}

    assert "hunter2" not in repr(load(local))
    with pytest.raises(SettingsError, match="required in Lambda"):
        load(local | {"AWS_LAMBDA_FUNCTION_NAME": "sync"})


def test_a_client_id_or_secret_alone_is_not_a_client() -> None:
    half = {k: v for k, v in GOOD.items() if k != "DATASPHERE_SECRET_ID"}

    with pytest.raises(SettingsError, match="DATASPHERE_SECRET_ID"):
        load(half | {"DATASPHERE_CLIENT_ID": "sb-x"})


def test_settings_of_other_programs_are_ignored() -> None:
    assert load(GOOD | {"PATH": "/bin", "AWS_PROFILE": "x", "AWS_ENDPOINT_URL": "http://x"}) == (
        load(GOOD)
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_CONFIG_URI", "s3://bucket/mapping.yaml"),
        ("SYNC_CONFIG_URI", "ssm:/sync/mapping"),
        ("SYNC_CONFIG_URI", "appconfig:app/env/profile"),
        ("SYNC_CONFIG_URI", "mapping.yaml"),
        ("REPORT_URI", "s3://bucket/prefix"),
        ("REPORT_URI", "build/reports"),
        ("GLUE_REGION", "us-gov-west-1"),
        ("GLUE_CATALOG_ID", "123456789012"),
        ("GLUE_ROLE_ARN", "arn:aws-us-gov:iam::123456789012:role/path/sync"),
        ("GLUE_DATABASE_TEMPLATE", "{tenant}-{space}"),
    ],
)
def test_a_well_formed_value_is_accepted_unchanged(name: str, value: str) -> None:
    assert value in load(GOOD | {name: value}).model_dump().values()


def test_the_tenant_is_the_normalised_host() -> None:
    url = {"DATASPHERE_URL": "https://ACME.eu10.hcs.cloud.sap:443/"}

    assert load(GOOD | url).tenant == "acme.eu10.hcs.cloud.sap"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_has_a_description(setting: Setting) -> None:
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)+", setting.name)
    assert setting.description.endswith(".")
    assert setting.default
    sentences = re.split(r"(?<=[.:]) ", setting.description)
    assert [one for one in sentences if len(one.split()) > 25] == []


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.example])
def test_the_example_of_a_setting_is_accepted(setting: Setting) -> None:
    partners = {
        "GLUE_ROLE_ARN": "arn:aws:iam::123456789012:role/sync",
        "SYNC_ENVIRONMENT": "prod",
    }
    example = {setting.name: setting.example}
    assert setting.example in load(GOOD | partners | example).model_dump().values()


def test_sensitive_and_local_settings_are_marked() -> None:
    assert [one.name for one in SETTINGS if one.sensitive] == ["DATASPHERE_CLIENT_SECRET"]
    assert [one.name for one in SETTINGS if one.local_only] == [
        "DATASPHERE_CLIENT_ID",
        "DATASPHERE_CLIENT_SECRET",
    ]
