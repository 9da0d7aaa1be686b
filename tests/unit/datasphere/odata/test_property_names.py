"""What a reference to a property means: an OData name or an original one, exact first."""

import pytest

from datasphere_glue.datasphere.odata.property_names import PropertyNames
from tests.unit.datasphere.odata.samples import about, column, entity, original, read

NAMED = PropertyNames(
    [("_0CUR", "0CUR"), ("A_B", "A.B"), ("A_B_1", "A_B"), ("_0QTY", "_0QTY"), ("X_Y", "X_Y")]
)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("_0CUR", "0CUR"),
        ("0CUR", "0CUR"),
        ("A_B", "A.B"),
        ("A_B_1", "A_B"),
        ("A.B", "A.B"),
        ("A B", None),
        ("0QTY", "_0QTY"),
        ("X Y", "X_Y"),
        ("GONE", None),
        ("", None),
    ],
)
def test_a_reference_is_looked_for_by_odata_name_then_original_then_form(
    reference: str, name: str | None
) -> None:
    assert NAMED.find(reference) == name


def test_an_original_name_that_two_properties_have_means_neither() -> None:
    assert PropertyNames([("A", "X"), ("B", "X")]).find("X") is None


@pytest.mark.parametrize("path", ["_0CUR", "0CUR"])
@pytest.mark.parametrize("term", ["Measures.ISOCurrency", "Measures.Unit", "Common.Text"])
def test_annotations_refer_to_a_column_in_either_form(term: str, path: str) -> None:
    content = entity("V", "AMT", "_0CUR") + about("S.V/AMT", f'"{term}" Path="{path}"')
    named = column(read(content + original("S.V/_0CUR", "0CUR")), "AMT")
    bare = column(read(content), "AMT")
    assert {named.currency, named.unit, named.text} == {"0CUR", None}
    assert {bare.currency, bare.unit, bare.text} == {"_0CUR", None}
    assert (named.custom, bare.custom) == ((), ())


def test_a_reference_to_no_column_is_kept_and_said() -> None:
    found = read(entity("V", "AMT") + about("S.V/AMT", '"Measures.ISOCurrency" Path="GONE"'))
    assert column(found, "AMT").custom == (("Measures.ISOCurrency", "GONE"),)
    assert found.notes == ("column AMT: Measures.ISOCurrency names no column: GONE",)


def test_a_text_behind_an_association_names_the_association() -> None:
    link = '<NavigationProperty Name="_T" Type="S.T"/>'
    found = read(
        entity("V", "A", more=link)
        + entity("T", "B")
        + about("S.V/A", '"Common.Text" Path="_T/B"')
        + original("S.V/_T", "0T")
    )
    one = column(found, "A")
    assert (one.text, one.text_association) == (None, "0T")
    assert one.custom == (("Common.Text", "_T/B"),)
    assert found.notes == ()
