"""Tables with data bindings, and the assets that are read back from them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.glue.table_input import table_from_glue, table_input
from datasphere_glue.mapping.bindings import FORMATS, REPLICATION, Binding, Files, apply_bindings
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Column, CurrentTable, Table
from tests.effort import examples
from tests.unit.samples import TENANT, asset, listing

DAY = Element("Load Day", SapType("cds.Date"), label="Day")
ORDERS = Asset(
    "SALES",
    "Orders Ä",
    Kind.LOCAL_TABLE,
    label="Orders",
    elements=(
        Element("ID", SapType("cds.Integer"), key=True),
        Element("RAW", SapType("cds.Binary", length=10)),
        DAY,
        Element("LIST", SapType("Collection", items=SapType("cds.Integer"))),
        Element("REGION", SapType("cds.String", length=3)),
    ),
)


def table_of(*bindings: Binding, one: Asset = ORDERS, catalog: Catalog | None = None) -> Table:
    rules = Rules(TENANT, bindings=bindings)
    (desired,) = to_tables([listing(one)], rules, catalog or Catalog())
    return desired.tables[0]


def lake(**more: Any) -> Binding:
    return Binding("SALES.*", Files("s3://lake/{space}/{asset}/", **more))


def descriptor(table: Table) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(table.rest)["StorageDescriptor"]
    return stored


def types(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def test_parquet_supports_every_type() -> None:
    table = table_of(lake())

    assert descriptor(table) == {
        "Location": "s3://lake/SALES/Orders Ä/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": ("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
            "Parameters": {"serialization.format": "1"},
        },
    }
    assert types(table.columns)["raw"] == "binary"
    assert types(table.columns)["list"] == "array<int>"
    assert table.parameter("classification") == "parquet"
    assert table.parameter("EXTERNAL") == "TRUE"
    assert table.parameter("skip.header.line.count") is None
    assert table.partition_keys == ()


@pytest.mark.parametrize(("header", "skipped"), [(True, "1"), (False, None)])
def test_csv_columns_are_strings_with_header_options(header: bool, skipped: str | None) -> None:  # noqa: FBT001 - a parametrised value
    table = table_of(lake(format="csv", delimiter=";", header=header))

    serde = descriptor(table)["SerdeInfo"]
    assert serde["SerializationLibrary"].endswith("LazySimpleSerDe")
    assert serde["Parameters"] == {"field.delim": ";", "serialization.format": ";"}
    assert table.parameter("skip.header.line.count") == skipped
    assert types(table.columns) | {"raw": "", "list": ""} == types(table_of().columns) | {
        "raw": "",
        "list": "",
    }


@pytest.mark.parametrize(
    ("form", "adapted"), [("csv", {"raw", "list"}), ("json", {"raw"}), ("parquet", set())]
)
def test_a_type_that_a_format_does_not_support_becomes_string_with_a_note(
    form: str, adapted: set[str]
) -> None:
    plain, table = table_of(), table_of(lake(format=form))

    changed = {n for n, kind in types(table.columns).items() if kind != types(plain.columns)[n]}

    assert changed == adapted
    for column in table.columns:
        if column.name in adapted:
            assert column.type == "string"
            assert "read as text" in dict(column.parameters)["datasphere.loss"]


def test_every_format_has_the_descriptor_that_athena_requires() -> None:
    for name, form in FORMATS.items():
        stored = descriptor(table_of(lake(format=name)))
        assert stored["SerdeInfo"]["SerializationLibrary"] == form.library
        assert (stored["InputFormat"], stored["OutputFormat"]) == (form.input, form.output)


def test_a_location_can_contain_sap_and_glue_names() -> None:
    files = Files("s3://lake/{database}/{table}/{space}/{asset}")

    table = table_of(Binding("*", files))

    assert descriptor(table)["Location"] == ("s3://lake/datasphere_sales/orders_ae/SALES/Orders Ä")


def test_partition_keys_are_sap_columns_or_additional_names() -> None:
    table = table_of(
        lake(partitions=(("Load Day", None), ("ID", "string"), ("Hour", "int"), ("zone", None)))
    )

    assert types(table.partition_keys) == {
        "load_day": "date",
        "id": "string",
        "hour": "int",
        "zone": "string",
    }
    assert list(types(table.columns)) == ["raw", "list", "region"]
    day = dict(table.partition_keys[0].parameters)
    assert (day["datasphere.name"], day["datasphere.label"]) == ("Load Day", "Day")
    assert table.partition_keys[2].parameters == ()


def test_a_partition_name_equal_to_a_glue_column_is_that_column() -> None:
    table = table_of(lake(partitions=(("region", "string"), ("load_day", None))))

    names = [dict(key.parameters).get("datasphere.name") for key in table.partition_keys]
    assert names == ["REGION", "Load Day"]
    assert asset_from_table(table).asset == asset_from_table(table_of()).asset


def test_two_names_of_one_column_are_one_partition_key() -> None:
    table = table_of(lake(partitions=(("load_day", None), ("Load Day", None), ("Load-Day", "int"))))

    assert types(table.partition_keys) == {"load_day": "date"}


def test_a_replication_flow_adds_its_columns_after_those_of_sap() -> None:
    table = table_of(lake(replicated=True, partitions=(("ID", None),)))

    assert table.columns[-3:] == REPLICATION
    assert [column.name for column in REPLICATION] == [
        "__operation_type",
        "__sequence_number",
        "__timestamp",
    ]


def test_the_first_matching_binding_applies() -> None:
    bindings = (
        Binding("FINANCE.*", connection="ledger"),
        Binding("SALES.Orders*", connection="first"),
        lake(),
    )

    table = table_of(*bindings)

    assert table.parameter("connectionName") == "first"
    assert table.rest == table_of().rest
    assert table.parameter("classification") == "sap-datasphere"


def test_files_and_a_connection_can_be_combined() -> None:
    both = replace(lake(), connection="sql")

    assert table_of(both).parameter("connectionName") == "sql"
    assert descriptor(table_of(both))["Location"]


def test_a_table_without_a_matching_binding_is_unchanged() -> None:
    table = table_of()
    assert apply_bindings(table, (Binding("sales.*", connection="x"),)) is table


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_bound_table_is_read_back_unchanged(form: str) -> None:
    table = table_of(lake(format=form, replicated=True, partitions=(("ID", None), ("d", "date"))))

    answered = {"DatabaseName": table.database, **table_input(table)}

    assert table_from_glue(answered).table == table


def test_a_partition_key_retains_its_name_in_the_catalog() -> None:
    twins = replace(ORDERS, elements=(DAY, replace(DAY, name="LOAD_DAY")))
    alone = replace(ORDERS, elements=(DAY,))
    binding = lake(partitions=(("Load Day", None),))
    before = table_of(binding, one=alone)

    after = table_of(binding, one=twins, catalog=Catalog(tables=(CurrentTable(before, "1"),)))

    assert [key.name for key in after.partition_keys] == ["load_day"]
    assert [column.name for column in after.columns] != ["load_day"]


NAMES = st.sampled_from(["ID", "Load Day", "REGION", "LIST", "own", "region", "load_day"])


@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(NAMES, max_size=4, unique_by=str.lower),
    st.booleans(),
)
@examples(40)
def test_the_asset_is_read_back_from_a_bound_table_in_its_own_order(
    form: str,
    names: list[str],
    replicated: bool,  # noqa: FBT001 - a generated value
) -> None:
    partitions = tuple((name, None) for name in names)

    table = table_of(lake(format=form, partitions=partitions, replicated=replicated))

    recovered = asset_from_table(table)
    assert recovered == asset_from_table(table_of())
    assert recovered.asset.elements == ORDERS.elements
    column_names = [column.name for column in (*table.columns, *table.partition_keys)]
    assert len(column_names) == len(set(column_names))


def test_a_small_view_is_bound() -> None:
    table = table_of(lake(), one=asset("V"))
    assert asset_from_table(table).asset.elements == asset("V").elements


def test_an_existing_sap_column_is_not_added_again() -> None:
    """A local table may already have the columns of a replication flow."""
    loaded = replace(ORDERS, elements=(Element("__operation_type", SapType("cds.String")), DAY))
    binding = lake(replicated=True, partitions=(("__timestamp", "date"),))

    table = table_of(binding, one=loaded)

    names = [column.name for column in (*table.columns, *table.partition_keys)]
    assert names == ["__operation_type", "load_day", "__sequence_number", "__timestamp"]
    assert asset_from_table(table).asset == loaded


def test_a_partition_key_of_an_unsupported_type_becomes_string() -> None:
    table = table_of(lake(partitions=(("RAW", None), ("LIST", None), ("ID", "bigint"))))

    assert types(table.partition_keys) == {"raw": "string", "list": "string", "id": "bigint"}
    losses = ["datasphere.loss" in dict(key.parameters) for key in table.partition_keys]
    assert losses == [True, True, False]
    assert asset_from_table(table).asset == ORDERS


def test_a_partition_key_that_is_listed_twice_is_added_once() -> None:
    table = table_of(
        lake(partitions=(("REGION", None), ("region", "int"), ("x", None), ("X", None)))
    )

    assert types(table.partition_keys) == {"region": "varchar(3)", "x": "string"}
    assert asset_from_table(table).flaws == ()
