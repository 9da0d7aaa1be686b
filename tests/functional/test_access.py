"""The AWS identity of the function, and the sources of its configuration."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.conftest import World, small_space

ROLE = "arn:aws:iam::111122223333:role/catalog-writer"


def test_a_role_of_another_account_writes_to_that_accounts_catalog(shop: World) -> None:
    answer = shop.sync({"spaces": ["SHOP"]}, GLUE_ROLE_ARN=ROLE, GLUE_ROLE_EXTERNAL_ID="datasphere")

    assert answer["status"] == "SUCCESS"
    assert shop.glue.get_databases()["DatabaseList"] == []
    actor = shop.audit(answer)[0]["actor"]
    assert actor.startswith("arn:aws:sts::111122223333:assumed-role/catalog-writer/")


def test_every_call_names_the_catalog_when_one_is_set(shop: World) -> None:
    answer = shop.sync({"spaces": ["SHOP"]}, GLUE_CATALOG_ID="444455556666")

    assert answer["status"] == "SUCCESS"
    assert all(call.request["CatalogId"] == "444455556666" for call in shop.catalog.calls)


def test_an_unknown_profile_is_a_clear_error(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    answer = shop.sync()

    assert answer["status"] == "FAILED"
    assert "nobody" in answer["errors"][0]["message"]


def test_an_unknown_profile_has_a_status_with_reports_in_a_bucket(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    answer = shop.sync(REPORT_URI="s3://reports/glue")

    assert answer["status"] == "FAILED"
    assert answer["report"] is None
    (error,) = answer["errors"]
    assert error["code"] == "SETTINGS_INVALID"
    assert "nobody" in error["message"]


CONFIG = """
version: 1
naming:
  databases: {SHOP: shop_prod}
selection:
  exclude: ["SHOP.V_09", "STOCK"]
types:
  Edm.String: string
"""


def test_a_configuration_names_databases_selects_and_overrides_types(
    shop: World, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(CONFIG)

    answer = shop.sync(SYNC_CONFIG_URI=str(path))

    tables = shop.tables("shop_prod")
    assert answer["status"] == "SUCCESS"
    assert len(tables) == 9
    assert tables["v_00"]["StorageDescriptor"]["Columns"][1]["Type"] == "string"
    assert len(shop.report(answer)["config_hash"]) == 64


def test_a_configured_name_that_is_another_spaces_keeps_both_apart(
    shop: World, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text('{"version": 1, "naming": {"databases": {"SHOP": "datasphere_stock"}}}')

    first = shop.sync(SYNC_CONFIG_URI=str(path))
    scoped = shop.sync({"spaces": ["STOCK"]}, SYNC_CONFIG_URI=str(path))
    again = shop.sync(SYNC_CONFIG_URI=str(path))

    assert first["status"] == "SUCCESS"
    assert scoped["status"] == again["status"] == "NO_CHANGES"
    names = [space["database"] for space in again["spaces"]]
    assert len(set(names)) == 2
    assert [space["database"] for space in scoped["spaces"]] == names[1:]


@pytest.mark.ci_only
def test_a_configuration_is_read_anew_from_a_bucket_and_from_a_parameter(
    world_of: Callable[..., World],
) -> None:
    shop = world_of(small_space("SHOP", 1))
    s3, ssm = shop.catalog.client("s3"), shop.catalog.client("ssm")
    s3.create_bucket(
        Bucket="config", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    for uri in ("s3://config/mapping.yaml", "ssm:/datasphere/mapping"):
        for database in ("first", "second"):
            text = json.dumps({"version": 1, "naming": {"databases": {"SHOP": database}}})
            s3.put_object(Bucket="config", Key="mapping.yaml", Body=text)
            ssm.put_parameter(Name="/datasphere/mapping", Value=text, Type="String", Overwrite=True)
            answer = shop.sync({"action": "plan"}, SYNC_CONFIG_URI=uri)
            assert answer["spaces"][0]["database"] == database


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2", "version"),
        ("version: 1\nnamming: {}", "namming"),
        ("version: 1\ntypes: {Edm.String: blob}", "types.Edm.String"),
        ('version: 1\ntypes: {Edm.String: "varchar(99999)"}', "types.Edm.String"),
        ('version: 1\ntypes: {Edm.Decimal: "decimal(5,9)"}', "types.Edm.Decimal"),
        ("version: 1\nnaming: {databases: {A: x, B: x}}", "several spaces share x"),
        ("[", "neither YAML nor JSON"),
        ("just text", "must be an object"),
    ],
)
def test_a_bad_configuration_stops_the_run_before_any_call(
    shop: World, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)

    answer = shop.sync(SYNC_CONFIG_URI=str(path))

    assert answer["status"] == "FAILED"
    assert answer["errors"][0]["code"] == "CONFIG_INVALID"
    assert message in answer["errors"][0]["message"]
    assert not shop.tenant.requests
    assert not len(shop.catalog.calls)


@pytest.mark.parametrize("uri", ["/nowhere/mapping.yaml", "s3://none/x", "ssm:/none"])
def test_a_missing_configuration_stops_the_run(shop: World, uri: str) -> None:
    answer = shop.sync(SYNC_CONFIG_URI=uri)

    assert answer["status"] == "FAILED"
    assert uri in answer["errors"][0]["message"]
