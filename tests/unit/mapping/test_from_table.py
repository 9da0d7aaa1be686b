"""An asset is read back field by field, also from a shortened or damaged table."""

import dataclasses
from dataclasses import fields, replace
from typing import Any

import pytest

from datasphere_glue.glue.table_input import table_from_glue, table_input
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.size_limit import BUDGET, fit_to_limit, size
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Column, Table
from datasphere_glue.model.table import parameters as canonical
from tests.golden import everything
from tests.golden.everything import EVERYTHING
from tests.golden.orders import ORDERS
from tests.unit.samples import RULES, asset, listing, marked

COMPLETE_VALUES = (
    everything.NESTED,
    everything.AMOUNT,
    everything.CUSTOMER,
    everything.ORG,
    everything.KEY_DATE,
    everything.FACT,
    EVERYTHING,
)


def table_of(source: Asset) -> Table:
    (desired,) = to_tables([listing(source, space=source.space)], RULES, Catalog())
    (table,) = desired.tables
    return table_from_glue({**table_input(table), "DatabaseName": table.database}).table


def with_column_parameters(table: Table, name: str, **marks: str | None) -> Table:
    """Return the table with edited parameters of one column; None removes a parameter."""

    def edited(column: Column) -> Column:
        if column.name != name:
            return column
        pairs = {f"datasphere.{key}": value for key, value in marks.items()}
        merged = dict(column.parameters) | pairs
        return replace(column, parameters=canonical({k: v for k, v in merged.items() if v}))

    return replace(table, columns=tuple(map(edited, table.columns)))


@pytest.mark.parametrize("value", COMPLETE_VALUES, ids=lambda value: type(value).__name__)
def test_the_example_sets_every_field(value: Any) -> None:
    """A new field of the model must be added to the examples, and so to the reader."""
    empty_fields = {
        field.name
        for field in fields(value)
        if field.default is not dataclasses.MISSING and getattr(value, field.name) == field.default
    }
    assert empty_fields == set()


@pytest.mark.parametrize("source", [EVERYTHING, ORDERS, Asset("SALES", "V", Kind.REMOTE_TABLE)])
def test_an_asset_is_read_back_unchanged(source: Asset) -> None:
    recovered = asset_from_table(table_of(source))

    assert recovered.asset == source
    assert recovered.flaws == ()


@pytest.mark.parametrize("moved_places", [(0,), (2,), (0, 2), (1, 2), (2, 0), (0, 1, 2)])
def test_partition_keys_are_read_back_in_their_original_position(
    moved_places: tuple[int, ...],
) -> None:
    table = table_of(EVERYTHING)

    def moved(place: int) -> Column:
        column = table.columns[place]
        pairs = dict(column.parameters) | {"datasphere.position": str(place)}
        return replace(column, parameters=canonical(pairs))

    stay = tuple(column for place, column in enumerate(table.columns) if place not in moved_places)
    partitioned = replace(table, columns=stay, partition_keys=tuple(map(moved, moved_places)))

    assert asset_from_table(partitioned).asset == EVERYTHING


def test_columns_without_a_sap_name_are_ignored() -> None:
    table = table_of(asset("V"))
    more = replace(
        table,
        columns=(Column("loaded_at", "timestamp"), *table.columns),
        partition_keys=(Column("year", "int"),),
    )

    assert asset_from_table(more) == asset_from_table(table)


def test_of_two_columns_with_one_name_the_first_is_read() -> None:
    table = table_of(asset("V"))
    twice = replace(table, columns=(*table.columns, replace(table.columns[0], name="copy")))

    recovered = asset_from_table(twice)

    assert recovered.asset == asset_from_table(table).asset
    assert recovered.flaws == ("column copy: name cannot be used: 'Net Amount'",)


@pytest.mark.parametrize(
    ("key", "value", "flaw"),
    [
        ("tags", "[half", "table: tags cannot be used: '[half'"),
        ("tags", '{"a":"b"}', "table: tags cannot be used: \"{'a': 'b'}\""),
        ("tags", "[" * 100_000, f"table: tags cannot be used: {'[' * 60!r}"),
        ("custom", '["a"]', "table: custom cannot be used: 'a'"),
        ("usage", "cubes", "table: usage cannot be used: 'cubes'"),
        ("kind", "matview", "table: kind cannot be used: 'matview'"),
        ("hidden", "yes", "table: hidden cannot be used: 'yes'"),
        ("variables", '[{"name":"P","type":"a b"}]', "table: variables[0]: type cannot be used"),
        ("associations", '[{"columns":[["a"]]}]', "table: associations[0]: columns cannot be used"),
        ("hierarchies", "[1]", "table: hierarchies cannot be used: '1'"),
        ("sources", '[{"label":["x"]}]', "table: sources[0]: label cannot be used"),
    ],
)
def test_an_invalid_parameter_is_absent_and_reported(key: str, value: str, flaw: str) -> None:
    table = table_of(Asset("SALES", "V", Kind.VIEW, label="Orders"))

    recovered = asset_from_table(marked(table, **{f"datasphere.{key}": value}))

    assert recovered.asset.label == "Orders"
    assert (recovered.asset.kind, recovered.asset.usage) == (Kind.VIEW, None)
    (actual,) = recovered.flaws
    assert actual.startswith(flaw)


def test_the_valid_parameters_of_a_damaged_column_are_read() -> None:
    table = table_of(asset("V"))
    damaged = with_column_parameters(
        table, "net_amount", type="cds.Decimal(17", nullable="TRUE", role="mesure", tags='["a",1]'
    )

    recovered = asset_from_table(damaged)

    assert recovered.asset.elements == (
        Element("Net Amount", SapType(""), label="Net", tags=("a",)),
    )
    assert sorted(flaw.partition(" cannot")[0] for flaw in recovered.flaws) == [
        "column net_amount: nullable",
        "column net_amount: role",
        "column net_amount: tags",
        "column net_amount: type",
    ]


def test_an_edited_object_of_pairs_takes_precedence_over_the_list() -> None:
    """People see and edit the object; only this project uses the list with the order."""
    table = table_of(EVERYTHING).with_parameters(custom='{"a":"new"}')

    assert asset_from_table(table).asset.custom == (("a", "new"),)
    assert asset_from_table(table_of(EVERYTHING)).asset.custom == EVERYTHING.custom


def test_the_kind_of_a_table_without_a_kind_follows_from_its_data_type() -> None:
    table = table_of(replace(asset("V"), kind=Kind.REMOTE_TABLE)).with_parameters(kind=None)

    assert asset_from_table(table).asset.kind is Kind.LOCAL_TABLE


def test_a_shortened_table_retains_roles_names_and_types() -> None:
    wide = replace(
        EVERYTHING,
        usage=Usage.CUBE,
        elements=tuple(
            replace(
                everything.AMOUNT,
                name=f"C{n}",
                type=SapType("cds.String", length=n + 1),
                description="long " * 200,
                is_text=False,
                is_currency=False,
                is_unit=False,
                attribute=False,
            )
            for n in range(400)
        ),
    )
    table = table_of(wide)
    assert size(table) <= BUDGET
    assert fit_to_limit(table) == (table, ())

    recovered = asset_from_table(table)

    assert recovered.flaws == ()
    assert [(e.name, e.type) for e in recovered.asset.elements] == [
        (e.name, e.type) for e in wide.elements
    ]
    assert {(e.key, e.measure, e.dimension) for e in recovered.asset.elements} == {(True,) * 3}
    assert recovered.asset.elements[0].description is None
    assert replace(recovered.asset, elements=()) == replace(wide, elements=())
