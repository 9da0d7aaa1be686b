import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from botocore.model import Shape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.glue.table_input import (
    database_from_glue,
    database_input,
    table_from_glue,
    table_input,
)
from datasphere_glue.model.table import Column, Database, Table
from tests.effort import examples

MODEL = botocore.session.get_session().get_service_model("glue")
READ_ONLY: dict[str, Any] = {
    "DatabaseName": "sales",
    "VersionId": "7",
    "CatalogId": "123456789012",
    "CreatedBy": "somebody",
    "IsRegisteredWithLakeFormation": True,
    "CreateTime": datetime(2026, 1, 1, tzinfo=UTC),
}

texts = st.text(min_size=1, max_size=8)
maybe_empty_maps = st.dictionaries(texts, st.text(max_size=8), max_size=3)
columns = st.lists(
    st.fixed_dictionaries(
        {"Name": texts},
        optional={"Type": st.text(max_size=5), "Comment": st.text(max_size=5)}
        | {"Parameters": maybe_empty_maps},
    ),
    max_size=3,
)
descriptors = st.fixed_dictionaries(
    {},
    optional={
        "Columns": columns,
        "Location": st.text(max_size=5),
        "AdditionalLocations": st.lists(texts, max_size=2),
        "Compressed": st.booleans(),
        "NumberOfBuckets": st.integers(-1, 9),
        "SerdeInfo": st.fixed_dictionaries(
            {}, optional={"SerializationLibrary": texts, "Parameters": maybe_empty_maps}
        ),
        "SortColumns": st.lists(
            st.fixed_dictionaries({"Column": texts, "SortOrder": st.integers(0, 1)}), max_size=2
        ),
        "Parameters": maybe_empty_maps,
        "SkewedInfo": st.fixed_dictionaries(
            {}, optional={"SkewedColumnValueLocationMaps": maybe_empty_maps}
        ),
    },
)
tables = st.fixed_dictionaries(
    {"Name": texts},
    optional={
        "Description": st.text(max_size=8),
        "Owner": st.text(max_size=8),
        "Retention": st.integers(0, 9),
        "LastAccessTime": st.datetimes(timezones=st.just(UTC)).map(
            lambda t: t.replace(microsecond=0)
        ),
        "StorageDescriptor": descriptors,
        "PartitionKeys": columns,
        "ViewOriginalText": st.text(max_size=8),
        "TableType": st.text(max_size=8),
        "Parameters": maybe_empty_maps,
    },
)


def plain(value: Any, *, keep_empty: bool = False) -> Any:
    """Drop empty values everywhere except in parameter maps."""
    if isinstance(value, dict):
        maps = {"Parameters", "SkewedColumnValueLocationMaps"}
        pairs = {k: plain(v, keep_empty=k in maps) for k, v in value.items()}
        return {k: v for k, v in pairs.items() if keep_empty or v not in (None, "", {}, [])}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


@given(tables)
@examples(25)
def test_the_input_omits_the_read_only_members_of_a_response(body: dict[str, Any]) -> None:
    sent = table_input(table_from_glue(body | READ_ONLY).table)
    assert plain(sent) == plain(body)


@given(tables)
@examples(25)
def test_botocore_accepts_every_input(body: dict[str, Any]) -> None:
    sent = table_input(table_from_glue(body | READ_ONLY).table)
    report = ParamValidator().validate(sent, MODEL.shape_for("TableInput"))
    assert not report.has_errors(), report.generate_report()
    assert isinstance(sent["PartitionKeys"], list)
    assert isinstance(sent["StorageDescriptor"]["Columns"], list)
    assert sent["StorageDescriptor"]["SerdeInfo"]
    json.dumps(sent)


@given(tables)
@examples(25)
def test_the_response_of_glue_is_not_modified(body: dict[str, Any]) -> None:
    raw = body | READ_ONLY
    before = copy.deepcopy(raw)
    table_input(table_from_glue(raw).table)
    assert raw == before


def test_every_field_of_the_model_is_read() -> None:
    current = table_from_glue(
        {
            **READ_ONLY,
            "Name": "orders",
            "Description": "Orders",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"b": "2", "a": "1"},
            "PartitionKeys": [{"Name": "year", "Type": "int"}],
            "StorageDescriptor": {
                "Location": "s3://x",
                "Columns": [
                    {"Name": "id", "Type": "int", "Comment": "Id", "Parameters": {"k": ""}}
                ],
            },
            "Owner": "me",
        }
    )
    assert current.version_id == "7"
    assert current.unwritable is None
    assert current.table == Table(
        database="sales",
        name="orders",
        columns=(Column("id", "int", "Id", (("k", ""),)),),
        partition_keys=(Column("year", "int"),),
        description="Orders",
        table_type="EXTERNAL_TABLE",
        parameters=(("a", "1"), ("b", "2")),
        rest='{"Owner":"me","StorageDescriptor":{"Location":"s3://x"}}',
    )


def test_the_smallest_table_has_partition_keys_columns_and_a_serde() -> None:
    assert table_input(Table("sales", "t", table_type=None)) == {
        "Name": "t",
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": [], "SerdeInfo": {"Parameters": {}}},
    }


def test_a_foreign_serde_is_kept() -> None:
    raw = {"Name": "t", "StorageDescriptor": {"SerdeInfo": {"SerializationLibrary": "x"}}}
    sent = table_input(table_from_glue(raw).table)
    assert sent["StorageDescriptor"]["SerdeInfo"] == {"SerializationLibrary": "x"}


def members(shape: str) -> Mapping[str, Shape]:
    structure = MODEL.shape_for(shape)
    assert isinstance(structure, StructureShape)
    return structure.members


def test_every_writable_member_of_the_model_survives() -> None:
    writable = members("TableInput")
    shared = writable.keys() & members("Table").keys()
    scalars = {"string": "x", "integer": 3, "timestamp": datetime(2026, 1, 2, 3, 4, 5, 6, UTC)}
    raw = {name: scalars[kind] for name in shared if (kind := writable[name].type_name) in scalars}
    sent = table_input(table_from_glue(raw).table)
    assert raw.keys() <= sent.keys()
    assert sent["LastAccessTime"] == "2026-01-02T03:04:05+00:00"


def test_decimals_and_naive_dates_become_json() -> None:
    raw = {"Name": "t", "Retention": Decimal(3), "LastAccessTime": datetime(2026, 1, 1)}  # noqa: DTZ001 - naive on purpose
    assert table_from_glue(raw).table.rest == (
        '{"LastAccessTime":"2026-01-01T00:00:00+00:00","Retention":3}'
    )


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"TargetTable": {"Name": "t"}}, "resource link"),
        ({"FederatedTable": {"Identifier": "t"}}, "federated"),
        ({"ViewDefinition": {"IsProtected": True}}, "view"),
        ({"IsMultiDialectView": True}, "multi-dialect"),
        ({"IsMaterializedView": True}, "materialized"),
        ({"Parameters": {"table_type": "iceberg"}}, "Iceberg"),
        ({"StorageDescriptor": {"Columns": [{"Name": "a", "Masking": "x"}]}}, "Masking"),
    ],
)
def test_an_unwritable_table_names_the_reason(members: dict[str, Any], reason: str) -> None:
    refusal = table_from_glue({"Name": "t"} | members).unwritable
    assert refusal is not None
    assert reason in refusal


def test_a_plain_view_and_false_flags_are_writable() -> None:
    raw = {"Name": "t", "TableType": "VIRTUAL_VIEW", "IsMultiDialectView": False}
    assert table_from_glue(raw).unwritable is None


@pytest.mark.parametrize(
    "members",
    [
        {"AdditionalLocations": []},
        {"SortColumns": [], "BucketColumns": [], "Parameters": {}},
        {"SkewedInfo": {"SkewedColumnNames": [], "SkewedColumnValueLocationMaps": {}}},
        {"SkewedInfo": {}},
        {"SerdeInfo": {"Parameters": {}}, "NumberOfBuckets": 0, "Compressed": False},
        {"Location": ""},
    ],
)
def test_empty_values_of_a_table_go_back_as_they_were(members: dict[str, Any]) -> None:
    sent = table_input(table_from_glue({"Name": "t", "StorageDescriptor": members}).table)

    assert sent["StorageDescriptor"] == {
        "SerdeInfo": {"Parameters": {}},
        "Columns": [],
        **members,
    }


@pytest.mark.parametrize("members", [{"ViewOriginalText": ""}, {"Retention": 0}])
def test_empty_members_of_a_table_itself_go_back_as_well(members: dict[str, Any]) -> None:
    assert members.items() <= table_input(table_from_glue({"Name": "t"} | members).table).items()


def test_an_empty_value_that_a_request_must_not_hold_is_left_out() -> None:
    """Botocore refuses an empty owner, and a schema reference without its required members."""
    raw = {"Name": "t", "Owner": "", "StorageDescriptor": {"SerdeInfo": {"Name": ""}}}
    sent = table_input(table_from_glue(raw).table)

    assert not ParamValidator().validate(sent, MODEL.shape_for("TableInput")).has_errors()
    assert "Owner" not in sent


def test_the_empty_default_permissions_of_a_database_go_back() -> None:
    body = {"Name": "sales", "CreateTableDefaultPermissions": []}

    assert database_input(database_from_glue(body)) == body


def test_a_database_round_trips() -> None:
    body = {
        "Name": "sales",
        "Description": "Sales",
        "LocationUri": "s3://x",
        "Parameters": {"b": "2", "a": ""},
        "CreateTableDefaultPermissions": [{"Permissions": ["ALL"]}],
    }
    raw = body | {"CreateTime": datetime(2026, 1, 1, tzinfo=UTC), "CatalogId": "1"}
    database = database_from_glue(raw)
    assert database.link is None
    assert database.parameters == (("a", ""), ("b", "2"))
    assert database_input(database) == body
    assert database_input(Database("x", description="")) == {"Name": "x"}


@pytest.mark.parametrize(
    ("members", "link"),
    [
        (
            {"TargetDatabase": {"CatalogId": "1", "DatabaseName": "db", "Region": "eu-west-1"}},
            "eu-west-1/1/db",
        ),
        ({"FederatedDatabase": {"Identifier": "hana", "ConnectionName": "c"}}, "c/hana"),
    ],
)
def test_a_linked_database_names_its_target(members: dict[str, Any], link: str) -> None:
    assert database_from_glue({"Name": "x"} | members).link == link
