"""Raw types: their text, and texts that are not types."""

import pytest

from datasphere_glue.mapping.raw_types import MOST_NESTED, raw_type, sap_type
from datasphere_glue.model.sap_type import SapType

INT = SapType("Edm.Int32")

SPELLINGS = [
    (SapType("Edm.String", length=10), "Edm.String(MaxLength=10)"),
    (SapType("Edm.Decimal", precision=17, scale=2), "Edm.Decimal(Precision=17,Scale=2)"),
    (SapType("Edm.Decimal", scale="variable"), "Edm.Decimal(Scale=variable)"),
    (SapType("Edm.GeometryPoint", srid="4326"), "Edm.GeometryPoint(SRID=4326)"),
    (SapType("Edm.Date"), "Edm.Date"),
    (SapType("cds.Decimal", precision=17, scale=2), "cds.Decimal(17,2)"),
    (SapType("cds.Decimal", precision=34, scale="floating"), "cds.Decimal(34,floating)"),
    (SapType("cds.Decimal", precision=17), "cds.Decimal(17)"),
    (SapType("cds.Decimal", scale=2), "cds.Decimal(scale=2)"),
    (SapType("cds.String", length=10), "cds.String(10)"),
    (SapType("cds.Timestamp", precision=7), "cds.Timestamp(precision=7)"),
    (SapType("cds.hana.ST_POINT", srid="4326"), "cds.hana.ST_POINT(srid=4326)"),
    (SapType("cds.String", length=5, precision=3), "cds.String(length=5,precision=3)"),
    (SapType("S.T", fields=(("Ort", INT), ("a b", INT))), 'S.T{Ort: Edm.Int32, "a b": Edm.Int32}'),
    (SapType("Collection", items=INT), "Collection(Edm.Int32)"),
    (SapType("Collection", length=5), '"Collection"(5)'),
    (SapType("S.E", items=INT, values=("A", "B")), "S.E:Edm.Int32[A, B]"),
    (SapType("S.E", items=INT, values=("offen, alt",)), 'S.E:Edm.Int32["offen, alt"]'),
    (SapType("S.U", items=SapType("S.E", items=INT, values=("A",))), "S.U:<S.E:Edm.Int32[A]>"),
    (SapType("Größe"), '"Größe"'),
    (SapType("Edm.String", length="long"), 'Edm.String(MaxLength="long")'),
    (SapType("cds.String", length="-1"), 'cds.String("-1")'),
    (SapType("cds.Decimal", precision='a"b', scale="1,5"), 'cds.Decimal("a\\"b","1,5")'),
    (SapType("Edm.Decimal", scale="wide"), 'Edm.Decimal(Scale="wide")'),
    (SapType(""), '""'),
]


@pytest.mark.parametrize(("sap", "text"), SPELLINGS)
def test_a_raw_type_has_its_usual_text_and_is_read_back(sap: SapType, text: str) -> None:
    assert raw_type(sap) == text
    assert sap_type(text) == sap


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cds.Decimal(17,2",
        "cds.Decimal(17, 2)",
        "cds.Decimal(17,2,3)",
        "cds.Decimal()",
        "cds.Decimal(precision=17,scale=2)",
        "cds.Decimal(x)",
        "cds.Decimal(scale=wide)",
        "cds.String(010)",
        "cds.String(length=)",
        "Edm.String(10)",
        "Edm.String(length=10)",
        "Edm.String(Colour=10)",
        "Edm.Decimal(Scale=2,Precision=17)",
        "S.T{}",
        "S.T{a:Edm.Date}",
        "S.E[]",
        "S.E:[A]",
        "S.E:<Edm.Int32>[A]",
        "Collection(",
        "Collection(Edm.Date))",
        '"cds.String"',
        '"half',
        "a b",
        "cds.String ",
        "{}",
        f"cds.String({'9' * 5000})",
    ],
)
def test_a_text_that_is_not_a_raw_type_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|no SAP type|no facet|JSON|string|digits"):
        sap_type(text)


def nested(levels: int) -> SapType:
    collection = INT
    for _ in range(levels):
        collection = SapType("Collection", items=collection)
    return collection


def test_excessive_nesting_is_an_error() -> None:
    deepest = nested(MOST_NESTED)

    assert sap_type(raw_type(deepest)) == deepest
    assert raw_type(nested(MOST_NESTED + 1)).count("Collection(") == MOST_NESTED + 1
    assert '("…")' in raw_type(nested(3 * MOST_NESTED))
    for text in ("Collection(" * 100_000, "a{a: " * 100_000, "a:<" * 100_000):
        with pytest.raises(ValueError, match="nested deeper"):
            sap_type(text)
