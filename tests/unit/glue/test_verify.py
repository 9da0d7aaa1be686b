from dataclasses import replace

import pytest

from datasphere_glue.glue.verify import database_differences, differences, first_paths
from datasphere_glue.model.table import Column, Database, Table

TABLE = Table(
    "sales",
    "orders",
    columns=(Column("id", "int", "Id", (("k", "v"),)), Column("day", "date")),
    description="Orders",
    parameters=(("a", "1"),),
    rest='{"Owner":"me"}',
)


def test_a_table_equals_itself() -> None:
    assert differences(TABLE, TABLE) == ()


@pytest.mark.parametrize(
    ("actual", "path"),
    [
        (replace(TABLE, description="Other"), "description"),
        (replace(TABLE, table_type=None), "table_type"),
        (replace(TABLE, parameters=()), "parameters.a"),
        (replace(TABLE, parameters=(("a", "1"), ("b", ""))), "parameters.b"),
        (replace(TABLE, rest="{}"), "rest.Owner"),
        (
            replace(TABLE, rest='{"Owner":"me","StorageDescriptor":{"Location":"s3://x"}}'),
            "rest.StorageDescriptor.Location",
        ),
        (
            replace(TABLE, columns=(replace(TABLE.columns[0], comment="x"), TABLE.columns[1])),
            "columns.id.comment",
        ),
        (
            replace(TABLE, columns=(replace(TABLE.columns[0], type="x"), TABLE.columns[1])),
            "columns.id.type",
        ),
        (
            replace(TABLE, columns=(replace(TABLE.columns[0], parameters=()), TABLE.columns[1])),
            "columns.id.parameters.k",
        ),
        (replace(TABLE, columns=TABLE.columns[::-1]), "columns (names)"),
    ],
)
def test_a_difference_names_the_field(actual: Table, path: str) -> None:
    assert differences(TABLE, actual) == (path,)
    assert differences(actual, TABLE) == (path,)


def test_defaults_of_glue_are_no_difference() -> None:
    filled = (
        '{"Owner":"me","Retention":0,"StorageDescriptor":{"Compressed":false,"NumberOfBuckets":0,'
        '"SerdeInfo":{"Parameters":{}}}}'
    )
    assert differences(TABLE, replace(TABLE, rest=filled)) == ()


def test_the_time_of_the_last_access_is_no_difference() -> None:
    accessed = '{"Owner":"me","LastAccessTime":"2026-01-02T03:04:05+00:00"}'
    assert differences(TABLE, replace(TABLE, rest=accessed)) == ()


def test_a_database_may_have_additional_but_no_missing_values() -> None:
    expected = Database("sales", "Sales", (("a", "1"),), rest='{"LocationUri":"s3://x"}')
    extended = replace(
        expected, rest='{"LocationUri":"s3://x","CreateTableDefaultPermissions":[{}]}'
    )
    assert database_differences(expected, extended) == ()
    assert database_differences(extended, expected) == ("rest.CreateTableDefaultPermissions",)
    assert database_differences(expected, replace(extended, description=None)) == ("description",)
    assert database_differences(expected, replace(extended, parameters=())) == ("parameters.a",)


def test_a_member_that_was_written_empty_is_empty_or_absent() -> None:
    expected = Database("sales", rest='{"CreateTableDefaultPermissions":[]}')
    filled = replace(expected, rest='{"CreateTableDefaultPermissions":[{"Permissions":["ALL"]}]}')

    assert database_differences(expected, expected) == ()
    assert database_differences(expected, Database("sales")) == ()
    assert database_differences(expected, filled) == ("rest.CreateTableDefaultPermissions",)


def test_three_fields_are_named_and_the_rest_counted() -> None:
    assert first_paths(("a", "b")) == "a, b"
    assert first_paths(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
