"""Personal data, semantic keys and sorts of dimensions in OData, as definitions give them."""

import pytest

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata, merge_forms
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.odata.samples import (
    VOCABULARIES,
    about,
    column,
    document,
    entity,
    original,
    read,
)

PERSONAL = "com.sap.vocabularies.PersonalData.v1"
VIEW = entity("V", "A", "_0B")


@pytest.mark.parametrize(
    ("term", "pairs"),
    [
        ('"pd.EntitySemantics" EnumMember="pd.EntitySemanticsType/DataSubject"', "DATA_SUBJECT"),
        ('"pd.EntitySemantics" String="DataSubjectDetails"', "DATA_SUBJECT_DETAILS"),
        (f'"{PERSONAL}.EntitySemantics" String="#DATA_SUBJECT"', "DATA_SUBJECT"),
    ],
)
def test_the_semantics_of_an_entity_have_the_words_of_definitions(term: str, pairs: str) -> None:
    includes = {**VOCABULARIES, "pd": PERSONAL}
    found = parse_metadata(document(VIEW + about("S.V", term), includes=includes), "V")
    assert (found.personal_data, found.custom) == ((("entitySemantics", pairs),), ())


@pytest.mark.parametrize(
    ("term", "pair"),
    [
        ('"pd.IsPotentiallyPersonal"', ("isPotentiallyPersonal", "true")),
        ('"pd.IsPotentiallySensitive" Bool="false"', ("isPotentiallySensitive", "false")),
        (
            '"pd.FieldSemantics" EnumMember="pd.T/DataSubjectID"',
            ("fieldSemantics", "DATA_SUBJECT_ID"),
        ),
        ('"pd.DataSubjectRole" String="Guest"', ("dataSubjectRole", "Guest")),
    ],
)
def test_a_column_says_which_personal_data_it_holds(term: str, pair: tuple[str, str]) -> None:
    includes = {**VOCABULARIES, "pd": PERSONAL}
    found = parse_metadata(document(VIEW + about("S.V/A", term), includes=includes), "V")
    one = column(found, "A")
    assert (one.personal_data, one.custom, one.semantics) == ((pair,), (), ())


def key(*paths: str) -> str:
    inner = "".join(f"<PropertyPath>{path}</PropertyPath>" for path in paths)
    return f'<Annotation Term="Common.SemanticKey"><Collection>{inner}</Collection></Annotation>'


@pytest.mark.parametrize("path", ["_0B", "0B"])
def test_a_semantic_key_has_the_exact_names(path: str) -> None:
    found = read(VIEW + about("S.V", key("A", path)) + original("S.V/_0B", "0B"))
    assert (found.semantic_key, found.custom) == (("A", "0B"), ())


def test_a_semantic_key_with_an_unknown_column_is_kept_as_it_is() -> None:
    found = read(VIEW + about("S.V", key("A", "GONE")))
    assert found.semantic_key == ()
    assert found.custom == (("Common.SemanticKey", '["A","GONE"]'),)


@pytest.mark.parametrize("value", ['String="#TIME"', 'String="TIME"', 'EnumMember="x.y/TIME"'])
def test_the_sort_of_a_dimension_is_one_word(value: str) -> None:
    found = read(VIEW + about("S.V", f'"Analytics.dimensionType" {value}'))
    assert (found.dimension_type, found.custom) == ("TIME", ())


def test_a_heading_has_its_field() -> None:
    found = read(VIEW + about("S.V/A", '"Common.Heading" String="Head"'))
    assert (column(found, "A").heading, column(found, "A").custom) == ("Head", ())


def test_definitions_come_first_and_odata_fills_what_they_lack() -> None:
    text = SapType("Edm.String")
    odata = EntityMetadata(
        elements=(Element("_0B", text, heading="O", personal_data=(("x", "1"),)),),
        dimension_type="TIME",
        semantic_key=("_0B",),
        personal_data=(("entitySemantics", "OTHER"),),
    )
    assert merge_forms(odata, EntityMetadata()) == merge_forms(EntityMetadata(), odata) == odata
    csn = Asset("S", "V", Kind.VIEW, elements=(Element("0B", text),), dimension_type="GEO")
    merged = merge_with_odata(Definition(csn), odata).asset
    provenance = dict(merged.provenance)
    assert (merged.dimension_type, merged.semantic_key) == ("GEO", ("0B",))
    assert merged.personal_data == odata.personal_data
    assert (provenance["semantic_key"], provenance["personal_data"]) == ("odata", "odata")
    assert "dimension_type" not in provenance
    (one,) = merged.elements
    assert (one.heading, one.personal_data) == ("O", (("x", "1"),))
