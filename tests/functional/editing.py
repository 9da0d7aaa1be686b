"""What people write into a table of Glue, and the configuration of a world."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import World
from tests.functional.test_fanout import Flow

EDITS = ("What analysts call it", "sales ops", 30, "finance", "Explained by a person", "no")
_MEMBERS = ("Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")


def edit(world: World, database: str, name: str = "v_01") -> None:
    """Edit a table as people do: texts, parameters, retention and owner."""
    current = world.tables(database)[name]
    table = {key: current[key] for key in _MEMBERS if key in current}
    table |= {"Retention": 30, "Owner": "finance", "Description": "What analysts call it"}
    table["Parameters"]["team"] = "sales ops"
    column = table["StorageDescriptor"]["Columns"][1]
    column["Comment"] = "Explained by a person"
    column["Parameters"]["pii"] = "no"
    world.glue.update_table(DatabaseName=database, TableInput=table)


def edits(table: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what people wrote into a table."""
    column = table["StorageDescriptor"]["Columns"][1]
    return (
        table["Description"],
        table["Parameters"].get("team"),
        table.get("Retention"),
        table.get("Owner"),
        column["Comment"],
        column["Parameters"].get("pii"),
    )


def configure(world: World, **sections: str) -> None:
    """Write the mapping configuration with these sections."""
    path = world.reports.parent / "mapping.yaml"
    world.environment["SYNC_CONFIG_URI"] = str(path)
    lines = ["version: 1", *(f"{name}: {text}" for name, text in sections.items())]
    Path(path).write_text("\n".join(lines) + "\n")


def whole(world: World, run_id: str) -> dict[str, Any]:
    """Run once over everything."""
    return world.sync({"run_id": run_id})


def in_parts(world: World, run_id: str) -> dict[str, Any]:
    """Run once in parts, as the state machine does."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        return Flow(world, run_id, slice_size=3).run()
