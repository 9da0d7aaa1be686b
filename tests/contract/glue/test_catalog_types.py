import pytest

from local.catalog.types import column_type_is_valid


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "bigint",
        "timestamp",
        "decimal",
        "decimal(38,38)",
        "decimal(1,0)",
        "varchar(65535)",
        "char(1)",
        "array<string>",
        "map<string,array<int>>",
        "struct<a:int,b.c:decimal(10,2),d_1:struct<e:string>>",
        "array<struct<a:map<int,varchar(3)>>>",
    ],
)
def test_athena_parses(text: str) -> None:
    assert column_type_is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INT",
        " int",
        "integer",
        "bool",
        "real",
        "time",
        "timestamp(3)",
        "decimal(39,2)",
        "decimal(0,0)",
        "decimal(5,6)",
        "decimal(15, 2)",
        "varchar",
        "varchar(65536)",
        "char(256)",
        "char(0)",
        "array",
        "array<>",
        "array <int>",
        "array<int>x",
        "map<int>",
        "map<array<int>,int>",
        "map<int,int,int>",
        "struct<>",
        "struct<a>",
        "struct<a b:int>",
        "struct<a:int,>",
        "nonsense<",
    ],
)
def test_athena_does_not_parse(text: str) -> None:
    assert not column_type_is_valid(text)
