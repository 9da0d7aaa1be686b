"""An invalid or malicious definition affects only its own asset."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World, view

NAME = "V_BAD"


def deep(levels: int) -> str:
    return '{"definitions":{"V_BAD":{"kind":"entity","elements":{"A":' + (
        '{"items":' * levels + '{"type":"cds.String"}' + "}" * levels + "}}}}"
    )


def document(**entity: Any) -> str:
    return json.dumps({"definitions": {NAME: {"kind": "entity", **entity}}})


HOSTILE = {
    "no JSON": ("{", "no JSON"),
    "no definitions": ("[]", "$"),
    "another object": ('{"definitions":{"OTHER":{"kind":"entity"}}}', "definitions"),
    "a context": ('{"definitions":{"V_BAD":{"kind":"context"}}}', "definitions/V_BAD"),
    "elements of the wrong type": (document(elements=[1, 2]), "definitions/V_BAD/elements"),
    "ten thousand levels": (deep(10_000), "nested"),
    "too many values": (
        document(elements={"A": {"enum": [0] * 2_100_000}}),
        "values; at most",
    ),
    "fifty megabytes": (document(elements={}, doc="x" * 50 * 1024 * 1024), "larger than"),
}


@pytest.fixture
def sales(world_of: Callable[..., World]) -> World:
    names = (NAME, "V_GOOD", "T_GOOD")
    entries = tuple(
        entry_of("SALES", name, {"definitions": {name: view(name)}}, exposed=True, listing={})
        for name in names
    )
    return world_of(Space("SALES", "Sales", entries))


@pytest.mark.parametrize("what", HOSTILE)
def test_it_degrades_its_asset_with_the_path_and_the_rest_syncs(sales: World, what: str) -> None:
    body, message = HOSTILE[what]
    sales.tenant.faults.add(f"views/{NAME}", FaultKind.STATUS, status=200, body=body, times=None)

    answer = sales.sync()

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["asset"] == f"SALES.{NAME}"
    assert message in error["message"]
    assert len(error["message"]) < 1000
    assert sorted(sales.tables("datasphere_sales")) == ["t_good", "v_bad", "v_good"]


@pytest.mark.parametrize(
    "definitions",
    [
        {"t": {"kind": "type", "type": "t"}},
        {"t": {"kind": "type", "type": "u"}, "u": {"kind": "type", "type": "t"}},
        {},
        {"t": {"kind": "type", "type": {"ref": [NAME, "A"]}}},
    ],
    ids=["a type of itself", "two types of each other", "a missing type", "a type of its user"],
)
def test_unresolvable_types_preserve_the_odata_column(
    sales: World, definitions: dict[str, Any]
) -> None:
    entity = {"kind": "entity", "elements": {"ID": {"type": "t"}, "C1": {"type": "t"}}}
    body = json.dumps({"definitions": {NAME: entity, **definitions}})
    sales.tenant.faults.add(f"views/{NAME}", FaultKind.STATUS, status=200, body=body, times=None)

    answer = sales.sync()

    assert answer["status"] == "SUCCESS"
    columns = sales.tables("datasphere_sales")["v_bad"]["StorageDescriptor"]["Columns"]
    assert [column["Type"] for column in columns] == ["int", "varchar(10)", "varchar(10)"]
