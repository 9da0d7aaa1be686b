"""The type table, row by row, with its losses."""

import pytest

from datasphere_glue.mapping.types import glue_type
from datasphere_glue.model.sap_type import SapType

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


CDS = {
    "Boolean": ("boolean", None),
    "UInt8": ("smallint", "unsigned"),
    "hana.TINYINT": ("smallint", "unsigned"),
    "Int16": ("smallint", None),
    "hana.SMALLINT": ("smallint", None),
    "Int32": ("int", None),
    "Integer": ("int", None),
    "Int64": ("bigint", None),
    "Integer64": ("bigint", None),
    "Double": ("double", None),
    "hana.REAL": ("float", None),
    "Decimal": ("decimal(34,4)", "floating scale"),
    "DecimalFloat": ("decimal(34,4)", "floating scale"),
    "hana.SMALLDECIMAL": ("decimal(34,4)", "floating scale"),
    "String": ("string", None),
    "LargeString": ("string", None),
    "hana.CLOB": ("string", None),
    "UUID": ("string", "UUID"),
    "Date": ("date", None),
    "Time": ("string", "time of day"),
    "DateTime": ("timestamp", None),
    "Timestamp": ("timestamp", "7 digits"),
    "Binary": ("binary", None),
    "LargeBinary": ("binary", None),
    "hana.BINARY": ("binary", None),
    "hana.ST_POINT": ("string", "geometry"),
    "hana.ST_GEOMETRY": ("string", "geometry"),
    "Vector": ("array<float>", None),
    "Map": ("string", "map"),
    "Nonsense": ("string", "unknown type cds.Nonsense"),
}


@pytest.mark.parametrize(("name", "expected"), CDS.items())
def test_every_cds_and_hana_type_has_its_glue_type(
    name: str, expected: tuple[str, str | None]
) -> None:
    kind = glue_type(SapType(f"cds.{name}"))

    assert kind.name == expected[0]
    assert (kind.loss is None) == (expected[1] is None)
    assert (expected[1] or "") in (kind.loss or "")


@pytest.mark.parametrize(
    "name", ["String", "hana.VARCHAR", "hana.NVARCHAR", "hana.CHAR", "hana.NCHAR"]
)
def test_every_text_of_hana_is_a_varchar_never_a_char(name: str) -> None:
    """`char` ends at 255 and pads with blanks."""
    assert glue_type(SapType(f"cds.{name}", length=300)).name == "varchar(300)"


@pytest.mark.parametrize(("name", "expected"), [("Float", "double"), ("Time", "string")])
def test_type_names_of_odata_version_2_are_mapped(name: str, expected: str) -> None:
    assert glue_type(SapType(f"Edm.{name}")).name == expected


@pytest.mark.parametrize(
    ("precision", "loses"), [(None, False), (0, False), (3, False), (4, True), (7, True)]
)
def test_fractional_seconds_beyond_milliseconds_are_reported_as_a_loss(
    precision: int | None, *, loses: bool
) -> None:
    kind = glue_type(SapType("Edm.DateTimeOffset", precision=precision))

    assert (kind.name, kind.loss is not None) == ("timestamp", loses)


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
        (5, -2, "decimal(5,0)", False),
        (0, 0, "decimal(38,0)", False),
    ],
)
def test_decimals_retain_their_digits_or_report_the_loss(
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
        (-1, "string"),
    ],
)
def test_strings_retain_their_length_if_athena_supports_it(
    length: int | None, expected: str
) -> None:
    assert glue_type(SapType("Edm.String", length=length)).name == expected


@pytest.mark.parametrize(
    ("kind", "expected_loss"),
    [
        (SapType("Edm.Byte"), "unsigned"),
        (SapType("Edm.Guid"), "UUID"),
        (SapType("Edm.TimeOfDay"), "time of day"),
        (SapType("Edm.DateTimeOffset", precision=7), "7 digits"),
        (SapType("Edm.GeometryPoint", srid="4326"), "4326"),
        (SapType("Acme.Unknown"), "unknown type Acme.Unknown"),
        (SapType("Edm.String", length="long"), "length 'long' cannot be read"),
        (SapType("Edm.DateTimeOffset", precision="x"), "precision 'x' cannot be read"),
    ],
)
def test_every_loss_is_described(kind: SapType, expected_loss: str) -> None:
    assert expected_loss in (glue_type(kind).loss or "")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SapType("Edm.String", length="1e3"), "string"),
        (SapType("Edm.Decimal", precision="p", scale=0), "string"),
        (SapType("cds.Decimal", precision=8, scale="-1"), "string"),
        (SapType("cds.Timestamp", precision=""), "timestamp"),
        (SapType("Edm.Int32", length="x"), "int"),
        (SapType("Acme.Unknown", length="x"), "string"),
    ],
)
def test_an_odd_facet_costs_the_size_and_never_the_column(kind: SapType, expected: str) -> None:
    assert glue_type(kind).name == expected
    assert "cannot be read" in (glue_type(kind).loss or "")


def test_nested_types_have_names_for_athena() -> None:
    inner = SapType("S.T", fields=(("Ort", SapType("Edm.String", length=3)), ("ORT", INT)))
    kind = glue_type(SapType("Collection", items=inner))

    assert kind.name.startswith("array<struct<ort_")
    assert " " not in kind.name
    assert glue_type(SapType("S.E", items=INT, values=("A", "B"))).name == "int"


def test_a_loss_inside_a_structure_has_its_field() -> None:
    kind = glue_type(
        SapType("S.T", fields=(("Id", SapType("Edm.Guid")), ("At", SapType("Edm.TimeOfDay"))))
    )

    assert kind.name == "struct<id:string,at:string>"
    assert kind.loss == "id: UUID kept as text; at: time of day kept as text"


def test_an_excessively_nested_type_becomes_string() -> None:
    endless = SapType("Edm.Int32")
    for _ in range(20):
        endless = SapType("Collection", items=endless)

    kind = glue_type(endless)

    assert kind.name == "array<" * 8 + "string" + ">" * 8
    assert "nested too deeply" in (kind.loss or "")


INT = SapType("Edm.Int32")
