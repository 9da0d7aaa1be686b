"""Annotation expressions: constants, paths, structures, and what only a service can compute."""

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.odata.expressions import Path, paths_of, records_of, value_of
from tests.unit.datasphere.odata.samples import EDM


def value(inner: str = "", attributes: str = "") -> Any:
    return value_of(fromstring(f'<Annotation xmlns="{EDM}"{attributes}>{inner}</Annotation>'))


@pytest.mark.parametrize(
    ("inner", "attributes", "expected"),
    [
        ("", "", True),
        ("  ", "", True),
        ('<Annotation Term="Core.Description" String="x"/>', "", True),
        ("<Null/>", "", None),
        ("", ' String="CHF"', "CHF"),
        ("<String>CHF</String>", "", "CHF"),
        ("<String/>", "", ""),
        ("", ' Bool="false"', False),
        ("<Bool>true</Bool>", "", True),
        ("<Int> 20 </Int>", "", 20),
        ("", ' Decimal="1.50"', "1.50"),
        ("", ' UrlRef="http://x"', "http://x"),
        ("", ' Binary="AA"', "AA"),
        ('<Annotation Term="x"/><Collection><Int>1</Int></Collection>', "", [1]),
        ("<Collection><Null/><Path>A</Path></Collection>", "", ["", "A"]),
        ("<Collection><Collection><Int>1</Int></Collection></Collection>", "", [[1]]),
        (
            "<Record><PropertyValue Property='A' Bool='0'/><PropertyValue Property='B'/></Record>",
            "",
            {"A": False, "B": True},
        ),
        (
            "<If><Path>Closed</Path><Bool>true</Bool><Bool>false</Bool></If>",
            "",
            {"$If": ["Closed", True, False]},
        ),
        (
            "<Not><Eq><Path>A</Path><Null/></Eq></Not>",
            "",
            {"$Not": [{"$Eq": ["A", None]}]},
        ),
    ],
)
def test_each_expression_has_its_value(inner: str, attributes: str, expected: object) -> None:
    assert value(inner, attributes) == expected


@pytest.mark.parametrize(
    "kind",
    ["Path", "PropertyPath", "AnnotationPath", "NavigationPropertyPath", "ModelElementPath"],
)
def test_a_path_is_no_plain_text(kind: str) -> None:
    for found in (value("", f' {kind}=" A "'), value(f"<{kind}>A</{kind}>")):
        assert (type(found), found) == (Path, "A")
    assert type(value("", ' String="A"')) is str


def test_records_and_paths_are_taken_alone_or_from_a_list() -> None:
    path, record = Path("A"), {"a": 1}
    assert (paths_of(path), records_of(record)) == ([path], [record])
    assert (paths_of([path, "x", record]), records_of([path, "x", record])) == ([path], [record])
    assert (paths_of("x"), records_of(None)) == ([], [])
