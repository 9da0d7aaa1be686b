"""Empty values that Glue returned go back to Glue, with updates and with rollbacks."""

from collections.abc import Callable
from typing import Any

import pytest

from local.tenant.store import Space
from tests.functional.conftest import SET_BY_GLUE, World, small_space

FULL = "datasphere_full"


def closed(world: World) -> dict[str, Any]:
    """Leave no default permissions for new tables, and empty values in a table of ours."""
    database = world.glue.get_database(Name=FULL)["Database"]
    kept = {k: database[k] for k in ("Name", "Description", "Parameters")}
    world.glue.update_database(
        Name=FULL, DatabaseInput={**kept, "CreateTableDefaultPermissions": []}
    )
    table = world.tables(FULL)["v_00"]
    left_out = SET_BY_GLUE | {"DatabaseName", "IsRegisteredWithLakeFormation", "IsMultiDialectView"}
    body = {k: v for k, v in table.items() if k not in left_out}
    body["StorageDescriptor"] |= {
        "BucketColumns": [],
        "Parameters": {},
        "SkewedInfo": {"SkewedColumnNames": [], "SkewedColumnValueLocationMaps": {}},
    }
    body["ViewOriginalText"] = ""
    world.glue.update_table(DatabaseName=FULL, TableInput=body)
    return empty_values(world)


def empty_values(world: World) -> dict[str, Any]:
    table = world.tables(FULL)["v_00"]
    descriptor = table["StorageDescriptor"]
    permissions = world.glue.get_database(Name=FULL)["Database"]["CreateTableDefaultPermissions"]
    return {
        "permissions": permissions,
        "view": table.get("ViewOriginalText"),
        **{k: descriptor.get(k) for k in ("BucketColumns", "Parameters", "SkewedInfo")},
    }


@pytest.mark.parametrize("policy", ["deprecate", "keep"])
def test_empty_values_survive_updates_deprecation_and_rollback(
    world_of: Callable[..., World], policy: str
) -> None:
    world = world_of(small_space("FULL", 2))
    world.sync(ORPHAN_POLICY=policy)
    before = closed(world)
    world.tenant.spaces.set_label("FULL", "V_00", "Changed")
    views = tuple(world.tenant.spaces.entries("FULL"))
    world.tenant.spaces.add_space(Space("FULL", "Other", views))

    answer = world.sync(ORPHAN_POLICY=policy)

    assert (answer["counts"]["updated"], answer["databases"]["updated"]) == (1, 1)
    assert empty_values(world) == before
    world.tenant.spaces.remove("FULL", "V_00")
    assert world.sync(ORPHAN_POLICY=policy)["status"] in {"SUCCESS", "NO_CHANGES"}
    assert empty_values(world) == before

    undone = world.sync({"action": "rollback", "rollback_of": answer["run_id"]})

    assert undone["databases"]["updated"] == 1
    assert empty_values(world) == before
