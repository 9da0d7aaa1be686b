"""Annotations with a field of their own: what lands in Glue, and rules of `annotations` on them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.tenant.store import Space, entry_of
from tests.functional.conftest import World

STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-01T10:01:00Z",
}
GUESTS = {
    "kind": "entity",
    "@EndUserText.label": "Guests",
    "@PersonalData.entitySemantics": "DataSubject",
    "@API.entity": {"releaseState": {"#": "DEPRECATED"}, "successor": "GUESTS_2"},
    "@DataWarehouse.dataSource.schema": "HOTEL#LOADER",
    "@ObjectModel.usageType.sizeCategory": {"#": "XL"},
    "@readonly": True,
    "elements": {
        "ID": {"type": "cds.String", "length": 8, "key": True, "notNull": True},
        "MAIL": {
            "type": "cds.String",
            "length": 80,
            "@PersonalData.isPotentiallyPersonal": True,
            "@DataWarehouse.native.dataType": "NVARCHAR",
            "@DataWarehouse.capabilities.filter.enabled": False,
        },
        "ROOM": {"type": "hotel.Room"},
        "PRICE": {"type": "cds.Decimal", "@Semantics.amount.currencyCode": "CHF"},
    },
}
ROOM = {
    "kind": "type",
    "type": "cds.String",
    "length": 1,
    "enum": {"SINGLE": {"val": "S", "@EndUserText.label": "One bed"}, "DOUBLE": {"val": "D"}},
    "default": {"val": "S"},
}
RULES = """\
version: 1
annotations:
  "@PersonalData.*": tags
  "@api.entity.releasestate": certification
  "@DataWarehouse.dataSource.*": owner
  "@DataWarehouse.native.*": terms
  "@DataWarehouse.capabilities.*": terms
  "@ObjectModel.usageType.sizeCategory": tags
  "default": steward
"""


@pytest.fixture
def hotel(world_of: Callable[..., World]) -> World:
    document = {"definitions": {"GUESTS": GUESTS, "hotel.Room": ROOM}}
    entry = entry_of("HOTEL", "GUESTS", document, exposed=False, listing=STAMPS)
    return world_of(Space("HOTEL", "Hotel", (entry,)))


def about(world: World) -> dict[str, str]:
    parameters: dict[str, str] = world.tables("datasphere_hotel")["guests"]["Parameters"]
    return parameters


def column(world: World, name: str) -> dict[str, str]:
    columns = world.tables("datasphere_hotel")["guests"]["StorageDescriptor"]["Columns"]
    (found,) = [one["Parameters"] for one in columns if one["Name"] == name]
    return dict(found)


def test_each_annotation_lands_in_its_key(hotel: World) -> None:
    assert hotel.sync()["status"] == "SUCCESS"
    table = about(hotel)
    objects = {
        key: json.loads(table[f"datasphere.{key}"])
        for key in ("personal_data", "release", "origin", "usage_type")
    }
    assert objects == {
        "personal_data": {"entitySemantics": "DATA_SUBJECT"},
        "release": {"state": "DEPRECATED", "successor": "GUESTS_2"},
        "origin": {"schema": "HOTEL#LOADER"},
        "usage_type": {"sizeCategory": "XL"},
    }
    assert table["datasphere.read_only"] == "true"
    mail, room, price = column(hotel, "mail"), column(hotel, "room"), column(hotel, "price")
    assert json.loads(mail["datasphere.personal_data"]) == {"isPotentiallyPersonal": "true"}
    assert mail["datasphere.native_type"] == "NVARCHAR"
    assert json.loads(room["datasphere.values"]) == [
        {"label": "One bed", "name": "SINGLE", "value": "S"},
        {"name": "DOUBLE", "value": "D"},
    ]
    assert room["datasphere.default"] == "S"
    assert price["datasphere.currency_value"] == "CHF"
    assert "datasphere.currency" not in price
    for parameters in (table, mail, room, price):
        assert "datasphere.custom" not in parameters


def governed(world: World) -> dict[str, Any]:
    """Return what the rules give the asset and its columns."""
    keys = ("tags", "terms", "owner", "steward", "certification", "custom")
    found = {"": about(world)} | {name: column(world, name) for name in ("mail", "room")}
    return {
        f"{name}.{key}": parameters[f"datasphere.{key}"]
        for name, parameters in found.items()
        for key in keys
        if f"datasphere.{key}" in parameters
    }


EXPECTED = {
    ".tags": '["XL","DataSubject"]',
    ".owner": "HOTEL#LOADER",
    ".certification": "DEPRECATED",
    "mail.tags": '["true"]',
    "mail.terms": '["false","NVARCHAR"]',
    "room.steward": '{"val": "S"}',
}


def test_rules_on_terms_that_became_known_go_on_working(hotel: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    answer = hotel.sync(SYNC_CONFIG_URI=str(rules))
    assert (answer["status"], answer["errors"]) == ("SUCCESS", [])
    assert hotel.report(answer)["issues"] == []
    assert governed(hotel) == EXPECTED
    # The typed keys hold the same facts.
    assert json.loads(about(hotel)["datasphere.personal_data"])
    assert column(hotel, "mail")["datasphere.native_type"] == "NVARCHAR"


def test_an_unread_asset_keeps_what_the_rules_gave_it(hotel: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    hotel.sync(SYNC_CONFIG_URI=str(rules))
    answer = hotel.sync(SYNC_CONFIG_URI=str(rules))
    assert answer["status"] == "NO_CHANGES"
    (listing,) = hotel.run.listings
    assert (listing.read, listing.reused) == (0, 1)
    assert governed(hotel) == EXPECTED


def test_new_rules_on_known_terms_have_unchanged_assets_read_again(
    hotel: World, tmp_path: Path
) -> None:
    hotel.sync()
    assert governed(hotel) == {}
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    assert hotel.sync(SYNC_CONFIG_URI=str(rules))["counts"]["updated"] == 1
    assert governed(hotel) == EXPECTED

    assert hotel.sync()["counts"]["updated"] == 1
    assert governed(hotel) == {}
    assert json.loads(about(hotel)["datasphere.release"])["state"] == "DEPRECATED"
