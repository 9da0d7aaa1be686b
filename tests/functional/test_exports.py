"""Exported files are read as definitions where the object API gives none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import World, small_space, view

ENTITY = {
    "kind": "entity",
    "@EndUserText.label": "{i18n>orders}",
    "elements": {
        "ID": {"type": "cds.String", "length": 10, "key": True},
        "NET": {
            "type": "cds.Decimal",
            "precision": 15,
            "scale": 2,
            "@Aggregation.default": {"#": "SUM"},
        },
    },
}
INTEROP = {
    "csnInteropEffective": "1.2",
    "$version": "2.0",
    "definitions": {"acme.bakery.V_00": ENTITY},
    "i18n": {"en": {"orders": "Orders of the bakery"}},
}


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    return world_of(small_space("SHOP", 2))


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    (folder / "SHOP").mkdir(parents=True)
    (folder / "SHOP" / "models.json").write_text(json.dumps(INTEROP))
    return folder


def run(world: World, exports: Path, **settings: Any) -> dict[str, Any]:
    off = {"DATASPHERE_DEFINITIONS": "off", "DATASPHERE_EXPORT_URI": str(exports)}
    return world.sync(**off | settings)


def stored(world: World, table: str = "v_00") -> dict[str, str]:
    parameters: dict[str, str] = world.tables("datasphere_shop")[table]["Parameters"]
    return parameters


def test_an_exported_definition_completes_what_odata_says(world: World, exports: Path) -> None:
    answer = run(world, exports)

    assert answer["status"] == "SUCCESS"
    assert json.loads(stored(world)["datasphere.provenance"])["elements"] == "odata+csn"
    assert "datasphere.exported" in stored(world)
    assert "datasphere.exported" not in stored(world, "v_01")
    assert run(world, exports)["status"] == "NO_CHANGES"
    assert not [one for one in world.tenant.requests if "dwaas-core" in one.path]


def test_a_changed_file_arrives_although_no_list_shows_a_change(
    world: World, exports: Path
) -> None:
    run(world, exports)
    described = {**ENTITY, "@EndUserText.quickInfo": "Fresh every day"}
    document = {**INTEROP, "definitions": {"acme.bakery.V_00": described}}
    (exports / "SHOP" / "models.json").write_text(json.dumps(document))

    assert run(world, exports)["counts"]["updated"] == 1
    assert stored(world)["datasphere.description"] == "Fresh every day"


def test_a_refused_object_api_is_replaced_by_exports(world: World, exports: Path) -> None:
    world.tenant.behaviour = type(world.tenant.behaviour)(object_api=False)

    run(world, exports, DATASPHERE_DEFINITIONS="auto")

    assert "datasphere.exported" in stored(world)


def test_a_broken_file_is_named_and_the_run_goes_on(world: World, exports: Path) -> None:
    (exports / "SHOP" / "broken.json").write_text("{")

    answer = run(world, exports)

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["code"] == "EXPORT_UNREADABLE"
    assert "SHOP/broken.json" in error["message"]
    assert "datasphere.exported" in stored(world)


def test_a_missing_folder_describes_nothing(world: World, tmp_path: Path) -> None:
    assert run(world, tmp_path / "none")["status"] == "SUCCESS"


def test_an_absent_bucket_is_a_mistake_of_its_setting(world: World) -> None:
    answer = world.sync(DATASPHERE_EXPORT_URI="s3://nobody-has-this/exports")

    assert answer["status"] == "FAILED"
    assert answer["errors"][0]["message"].startswith("DATASPHERE_EXPORT_URI: s3://nobody-has")


def test_exports_in_a_bucket_are_read(world: World) -> None:
    bucket = world.catalog.client("s3")
    bucket.create_bucket(
        Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    bucket.put_object(Bucket="models", Key="x/SHOP/m.json", Body=json.dumps(INTEROP).encode())

    assert run(world, Path("unused"), DATASPHERE_EXPORT_URI="s3://models/x")["status"] == "SUCCESS"
    assert "datasphere.exported" in stored(world)


def test_a_new_object_of_an_export_waits_for_the_tenant(world: World, exports: Path) -> None:
    new = {"definitions": {"V_NEW": ENTITY}}
    (exports / "SHOP" / "new.json").write_text(json.dumps(new))

    run(world, exports)
    assert "v_new" not in world.tables("datasphere_shop")

    world.tenant.spaces.add("SHOP", "V_NEW", view("V_NEW"))
    assert run(world, exports)["counts"]["created"] == 1
    assert "datasphere.exported" in stored(world, "v_new")


def test_a_definition_of_the_tenant_comes_before_an_exported_one(
    world: World, exports: Path
) -> None:
    exported = ENTITY | {"@EndUserText.quickInfo": "Only in the file"}
    (exports / "SHOP" / "models.json").write_text(json.dumps({"definitions": {"V_00": exported}}))

    run(world, exports, DATASPHERE_DEFINITIONS="auto")
    assert "datasphere.description" not in stored(world)

    world.tenant.behaviour = type(world.tenant.behaviour)(object_api=False)
    run(world, exports, DATASPHERE_DEFINITIONS="auto")
    assert stored(world)["datasphere.description"] == "Only in the file"
