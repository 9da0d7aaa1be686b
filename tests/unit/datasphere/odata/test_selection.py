"""Which of several entity types an asset is, whatever its name looks like in OData."""

import pytest

from datasphere_glue.errors import DocumentError
from tests.unit.datasphere.odata.samples import container, entity, original, read, schema

OTHER = entity("Other", "NO")


@pytest.mark.parametrize(
    ("asset", "content"),
    [
        ("V", entity("V", "YES")),
        ("3M_LOAVES", entity("_3M_LOAVES", "YES")),
        ("3M LOAVES", entity("_3M_LOAVESType", "YES")),
        ("0.1", entity("_0_1", "YES")),
        ("/BIC/AZ", entity("_BIC_AZ", "YES")),
        ("Größe", entity("Größe", "YES")),
        ("Größe", entity("Gr__e", "YES")),
        ("A.B", entity("A_B_1", "YES")),
        ("A.B", entity("A_B", "NO") + original("S.A_B", "A B") + entity("A_B_1", "YES")),
        ("A.B", entity("Zz", "YES") + original("S.Zz", "A.B")),
        ("A.B", entity("Zz", "YES") + container("X=S.Zz") + original("S.C/X", "A.B")),
        ("OVENS", entity("Row", "YES") + container("OVENS=S.Row", "X=S.Other")),
        ("OVENS", entity("OVENS", "NO") + entity("Row", "YES") + container("OVENS=self.Row")),
        ("3M", entity("Row", "YES") + container("_3M=S.Row")),
        ("ovens", entity("OVENS", "YES")),
    ],
)
def test_the_entity_type_of_an_asset_is_found(asset: str, content: str) -> None:
    assert [one.name for one in read(OTHER + content, asset).elements] == ["YES"]


def test_of_types_of_one_name_in_two_schemas_the_served_one_is_the_asset() -> None:
    more = schema("T", entity("V", "YES") + container("V=T.V"))
    assert [one.name for one in read(entity("V", "NO"), more=more).elements] == ["YES"]


def test_a_base_type_is_not_taken_for_the_asset() -> None:
    content = entity("Base", "ID") + entity("Row", "A", BaseType="S.Base") + container("V=S.Row")
    assert [one.name for one in read(content).elements] == ["ID", "A"]


@pytest.mark.parametrize(
    ("asset", "content"),
    [
        ("A.B", entity("X", "A") + entity("Y", "B")),
        ("A.B", entity("A_B_1", "A") + entity("A_B_2", "B")),
        ("A.B", entity("A_B", "A") + original("S.A_B", "A B") + OTHER),
    ],
)
def test_what_could_be_two_assets_is_an_error(asset: str, content: str) -> None:
    with pytest.raises(DocumentError, match="no entity type"):
        read(content, asset)
