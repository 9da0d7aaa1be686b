"""The lines of columns: texts, values, origins, and what decides which rows there are."""

from typing import Any

import pytest

from datasphere_glue.browse import column_text
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.model.sap_type import SapType

TEXT = SapType("cds.String", length=10)


def element(name: str, *lineage: tuple[str, str, str], **more: Any) -> Element:
    return Element(name, TEXT, lineage=tuple(Origin(*one) for one in lineage), **more)


def origins(*elements: Element) -> list[str]:
    return list(column_text.origins(Asset("S", "V", Kind.VIEW, elements=elements)))


def test_columns_that_are_handed_through_are_one_line_an_object() -> None:
    assert origins(
        element("A", ("S.T", "A", "direct")),
        element("B", ("S.U", "B, b", "renamed")),
        element("C", ("S.T", "C", "direct")),
        element("D", sources=(("S", "T", "d"),)),
    ) == ["S.T: A, C, D from d", 'S.U: B from "B, b"']


def test_computed_columns_come_last_with_their_expression() -> None:
    rate = element("R", ("S.T", "X", "computed"), ("S.T", "Y", "computed"), formula="X / Y")
    total = element("N", ("S.T", "Z", "aggregated"), measure=True, formula="SUM(Z)")

    assert origins(rate, total, element("A", ("S.T", "A", "direct"))) == [
        "S.T: A",
        "R computed from S.T: X, Y",
        "R = X / Y",
        "N aggregated from S.T: Z",
    ]


def test_the_base_of_a_measure_is_no_origin() -> None:
    restricted = element("N", ("S.T", "X", "computed"), sources=(("S", "V", "Net"),))

    assert origins(restricted) == ["N computed from S.T: X"]


def test_many_columns_are_counted() -> None:
    (line,) = origins(*(element(f"C{n}", ("S.T", f"C{n}", "direct")) for n in range(50)))

    assert line.endswith("C39, ... and 10 more")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"default": "0"}, 'A default "0"'),
        ({"default": ""}, 'A default ""'),
        ({"values": (EnumValue("OPEN", "OPEN", "Open"), EnumValue("DONE"))}, "A OPEN (Open), DONE"),
        ({"values": (EnumValue("OPEN", "1"), EnumValue("N", ""))}, 'A OPEN = "1", N = ""'),
        ({"default": "1", "values": (EnumValue("OPEN", "1"),)}, 'A default "1"; OPEN = "1"'),
    ],
)
def test_a_column_has_its_default_and_its_values(more: dict[str, Any], line: str) -> None:
    assert list(column_text.values([element("B"), element("A", **more)])) == [line]


def test_columns_that_decide_are_one_line_a_use() -> None:
    uses = (("S.T", "A", "filter"), ("S.T", "B", "filter"), ("S.T", "A", "join"))

    assert list(column_text.deciding(Origin(*one) for one in uses)) == [
        "filter S.T: A, B",
        "join S.T: A",
    ]


def test_facts_of_columns_name_the_column() -> None:
    driver = element("DRIVER", personal_data=(("fieldSemantics", "NAME"), ("x", "true")))

    assert list(column_text.facts_of([element("A"), driver], "personal_data")) == [
        "DRIVER: fieldSemantics NAME; x true"
    ]


def test_a_code_has_the_column_or_association_of_its_text() -> None:
    codes = [element("A", text="T"), element("B"), element("C", text_association="_T")]

    assert list(column_text.texts(codes)) == ["A -> T", "C -> _T"]
