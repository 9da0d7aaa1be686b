"""The law of the inverse mapping: a Glue table yields the asset it was mapped from."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.parser import entity_names, parse_definition
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.glue.table_input import table_from_glue, table_input
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.raw_types import raw_type, sap_type
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.mapping.text import storable
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Table
from tests.effort import examples
from tests.laws import strategies

RULES = Rules("acme.eu10.hcs.cloud.sap")
FOLDERS = ("csn", "recorded/views", "recorded/localtables", "recorded/analyticmodels")
ASSETS = strategies.assets("SALES", "V_ORDERS", strategies.SMALL_ASSETS)


def tables_from_glue(*assets: Asset) -> Iterator[Table]:
    """Yield the tables of these assets as Glue returns them, in the order of the assets."""
    space = assets[0].space
    listing = SpaceListing(space, None, assets, frozenset(asset.name for asset in assets))
    (desired,) = to_tables([listing], RULES, Catalog())
    tables = {table.asset[1]: table for table in desired.tables}
    for asset in assets:
        table = tables[asset.name]
        sent = json.loads(json.dumps(table_input(table)))
        yield table_from_glue({**sent, "DatabaseName": table.database}).table


_MAY_BE_EMPTY = {"default", "length", "precision", "scale"}


def storable_of(value: Any) -> Any:
    """Return the value with texts that UTF-8 can encode, and None for empty optional texts.

    A variable without a default differs from one whose default is empty, and so do facets.
    """
    if is_dataclass(value) and not isinstance(value, type):
        values = {field.name: storable_of(getattr(value, field.name)) for field in fields(value)}
        optional = {field.name for field in fields(value) if field.default is None} - _MAY_BE_EMPTY
        return replace(
            value, **{k: None if k in optional and v == "" else v for k, v in values.items()}
        )
    if isinstance(value, tuple):
        return tuple(map(storable_of, value))
    return storable(value) if type(value) is str else value


@given(ASSETS)
@examples(500)
def test_an_asset_survives_the_mapping_to_glue_and_back(asset: Asset) -> None:
    (table,) = tables_from_glue(asset)

    restored = asset_from_table(table)

    assert restored.asset == storable_of(asset)
    assert restored.flaws == ()


@given(ASSETS, st.data())
@examples(20)
def test_edits_outside_the_parameters_do_not_change_the_asset(
    asset: Asset, data: st.DataObject
) -> None:
    (table,) = tables_from_glue(asset)
    edited = replace(
        table,
        description=data.draw(strategies.OPTIONAL_TEXT),
        columns=tuple(
            replace(column, comment=data.draw(strategies.OPTIONAL_TEXT), type="string")
            for column in table.columns
        ),
    )

    assert asset_from_table(edited) == asset_from_table(table)


@given(ASSETS, st.data())
@examples(25)
def test_corrupt_parameters_still_yield_an_asset(asset: Asset, data: st.DataObject) -> None:
    (table,) = tables_from_glue(asset)
    broken = st.sampled_from([*strategies.HOSTILE, "[" * 5_000, '{"a":[1]}', "[{}]", "[[1]]", "{"])

    def corrupt(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((k, data.draw(broken) if data.draw(st.booleans()) else v) for k, v in pairs)

    spoilt_table = replace(
        table,
        parameters=corrupt(table.parameters),
        columns=tuple(replace(c, parameters=corrupt(c.parameters)) for c in table.columns),
    )

    assert isinstance(asset_from_table(spoilt_table).asset.kind, Kind)


@given(strategies.TYPES)
@example(SapType(""))
@example(SapType("Collection"))
@example(SapType("Collection", length=5))
@example(SapType("Collection", length=5, items=SapType("cds.Date")))
@example(SapType("Collection", items=SapType("Collection", items=SapType("Edm.Byte"))))
@example(SapType("E", items=SapType("F", items=SapType("cds.Date"), values=("A",))))
@example(SapType("E", items=SapType("F", values=("A",)), values=("B",)))
@example(SapType("E", values=("A, B", "]", '"', "")))
@example(SapType("T", fields=(("a: b", SapType("x{y}(1)[2]<3>")), ("", SapType("👩‍👩‍👧")))))
@example(SapType("T", 1, 2, 3, "4", SapType("I"), (("f", SapType("F")),), ("V",)))
@example(SapType("cds.Decimal", scale=2))
@example(SapType("cds.Decimal", length=2))
@example(SapType("cds.Decimal", precision=17, scale="odd, word"))
@example(SapType("cds.String", precision=5))
@example(SapType("cds.hana.ST_POINT", srid="4326"))
@example(SapType("Edm.Decimal", precision=-1, scale="floating"))
@example(SapType("Edm.GeometryPoint", srid=""))
@examples(40)
def test_raw_types_parse_to_the_same_type(sap: SapType) -> None:
    assert sap_type(raw_type(sap)) == sap


@given(st.text('cds.Edm(){}[]<>:, "\\0123456789Scale=Colection', max_size=40) | st.text())
@examples(60)
def test_each_type_has_one_spelling(text: str) -> None:
    try:
        restored = sap_type(text)
    except ValueError:
        return
    assert raw_type(restored) == text


TEXTS = ["a, b, c", "say \"hi\" 'there'", "two\nlines\r\n\t", "👩‍👩‍👧🏳️‍🌈", "שלום مرحبا", "Straße"]
LONG = " ".join(TEXTS * 200)[:5_000]


@pytest.mark.parametrize("text", [*TEXTS, LONG], ids=len)
def test_every_text_survives_completely(text: str) -> None:
    column = Element("C", SapType("cds.String"), label=text, description=text, formula=text)
    asset = Asset(
        "SALES",
        "V",
        Kind.VIEW,
        label=text,
        description=text,
        elements=(column,),
        owner=text,
        tags=(text, text),
        custom=((text, text),),
    )
    (table,) = tables_from_glue(asset)

    assert asset_from_table(table).asset == asset


def definitions(real: Path) -> Iterator[tuple[str, tuple[Asset, ...]]]:
    for folder in FOLDERS:
        for path in sorted((real / folder).glob("*.json")):
            csn = json.loads(path.read_text(encoding="utf-8"))
            assets = (parse_definition(csn, name, space="DEMO").asset for name in entity_names(csn))
            yield path.name, tuple(assets)


def test_every_real_definition_survives_the_mapping(real: Path) -> None:
    count = 0
    for place, assets in definitions(real):
        for asset, table in zip(assets, tables_from_glue(*assets), strict=True):
            restored = asset_from_table(table)
            assert restored.asset == asset, f"{place} {asset.name}"
            assert restored.flaws == ()
            count += 1
    assert count > 100


def test_every_recorded_edmx_survives_the_mapping(real: Path) -> None:
    count = 0
    for path in sorted((real / "recorded" / "edmx").glob("*.xml")):
        name = path.stem.removeprefix("analytical_").removeprefix("relational_")
        metadata = parse_metadata(path.read_bytes(), name)
        values = {field.name: getattr(metadata, field.name) for field in fields(metadata)}
        asset_fields = {field.name for field in fields(Asset)}
        asset = Asset(
            "DEMO", name, Kind.VIEW, **{k: v for k, v in values.items() if k in asset_fields}
        )
        (table,) = tables_from_glue(asset)
        assert asset_from_table(table).asset == asset, path.name
        count += 1
    assert count == 6
