"""The columns of a definition that OData names mean."""

from datasphere_glue.datasphere.csn.column_matching import match_columns
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

TEXT = SapType("cds.String")


def elements(*names: str) -> list[Element]:
    return [Element(name, TEXT) for name in names]


def test_the_columns_of_the_definition_are_given_by_their_odata_names() -> None:
    csn = elements("0MONTH", "/BIC/X", "PLAIN", "A.B", "A B")
    found = match_columns(csn, elements("_0MONTH", "_BIC_X", "PLAIN", "A_B", "NEW"))
    assert {name: one.name for name, one in found.items()} == {
        "_0MONTH": "0MONTH",
        "_BIC_X": "/BIC/X",
        "PLAIN": "PLAIN",
    }


def test_an_association_may_have_taken_the_name_of_a_column() -> None:
    csn, odata = elements("0DAY"), elements("_0DAY_1")
    assert match_columns(csn, odata) == {}
    assert match_columns(csn, odata, {"_0DAY"}) == {"_0DAY_1": csn[0]}
