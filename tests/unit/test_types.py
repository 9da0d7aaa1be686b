"""The type table, row by row, with what is lost."""

import pytest

from datasphere_glue.mapping.types import glue_type, raw_type
from datasphere_glue.model.asset import SapType

EDM = {
    "Boolean": "boolean",
    "Byte": "smallint",
    "SByte": "tinyint",
    "Int16": "smallint",
    "Int32": "int",
    "Int64": "bigint",
    "Single": "float",
    "Double": "double",
    "String": "string",
    "Guid": "string",
    "Date": "date",
    "TimeOfDay": "string",
    "Duration": "string",
    "DateTimeOffset": "timestamp",
    "Binary": "binary",
    "Stream": "binary",
    "GeographyPoint": "string",
    "GeometryPolygon": "string",
    "Untyped": "string",
}


@pytest.mark.parametrize(("name", "expected"), EDM.items())
def test_every_edm_type_has_its_glue_type(name: str, expected: str) -> None:
    assert glue_type(SapType(f"Edm.{name}")).name == expected


@pytest.mark.parametrize(
    ("precision", "scale", "expected", "loses"),
    [
        (17, 2, "decimal(17,2)", False),
        (3, 0, "decimal(3,0)", False),
        (3, None, "decimal(3,0)", False),
        (2, 5, "decimal(5,5)", False),
        (38, 38, "decimal(38,38)", False),
        (39, 2, "string", True),
        (10, 40, "string", True),
        (None, None, "decimal(34,4)", True),
        (None, "variable", "decimal(34,4)", True),
        (34, "floating", "decimal(34,4)", True),
        (None, 2, "decimal(38,2)", False),
    ],
)
def test_decimals_keep_their_digits_or_say_what_is_lost(
    precision: int | None, scale: int | str | None, expected: str, *, loses: bool
) -> None:
    kind = glue_type(SapType("Edm.Decimal", precision=precision, scale=scale))

    assert (kind.name, kind.loss is not None) == (expected, loses)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (1, "varchar(1)"),
        (65535, "varchar(65535)"),
        (65536, "string"),
        (None, "string"),
        (0, "string"),
    ],
)
def test_strings_keep_their_length_where_athena_can(length: int | None, expected: str) -> None:
    assert glue_type(SapType("Edm.String", length=length)).name == expected


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (SapType("Edm.Byte"), "unsigned"),
        (SapType("Edm.Guid"), "UUID"),
        (SapType("Edm.TimeOfDay"), "time of day"),
        (SapType("Edm.DateTimeOffset", precision=7), "7 digits"),
        (SapType("Edm.GeometryPoint", srid="4326"), "4326"),
        (SapType("Acme.Unknown"), "unknown type Acme.Unknown"),
    ],
)
def test_every_loss_is_told(kind: SapType, told: str) -> None:
    assert told in (glue_type(kind).loss or "")


def test_nested_types_are_named_for_athena() -> None:
    inner = SapType("S.T", fields=(("Ort", SapType("Edm.String", length=3)), ("ORT", INT)))
    kind = glue_type(SapType("Collection", items=inner))

    assert kind.name.startswith("array<struct<ort_")
    assert " " not in kind.name
    assert glue_type(SapType("S.E", items=INT, values=("A", "B"))).name == "int"


INT = SapType("Edm.Int32")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SapType("Edm.String", length=10), "Edm.String(MaxLength=10)"),
        (SapType("Edm.Decimal", precision=17, scale=2), "Edm.Decimal(Precision=17,Scale=2)"),
        (SapType("cds.Decimal", precision=17, scale=2), "cds.Decimal(17,2)"),
        (SapType("Edm.Date"), "Edm.Date"),
        (SapType("Collection", items=INT), "Collection(Edm.Int32)"),
        (SapType("S.E", items=INT, values=("A", "B")), "S.E:Edm.Int32[A, B]"),
    ],
)
def test_the_raw_type_reads_as_people_know_it(kind: SapType, expected: str) -> None:
    assert raw_type(kind) == expected
