"""The merge of EDMX and CSN: the precedence and the provenance of each field."""

import pytest

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    Kind,
    SapType,
    Usage,
    Variable,
)

CDS = SapType("cds.String", length=5)
EDM = SapType("Edm.String", length=5)


def merge(csn: Asset, odata: EntityMetadata) -> tuple[Asset, dict[str, str]]:
    merged = merge_with_odata(Definition(csn), odata).asset
    return merged, dict(merged.provenance)


def asset(*elements: Element, **said: object) -> Asset:
    fields = tuple((name, "csn") for name in said)
    return Asset("S", "V", Kind.VIEW, elements=elements, provenance=fields, **said)  # type: ignore[arg-type]


def columns(csn: Element, odata: Element) -> Element:
    found, _ = merge(asset(csn), EntityMetadata(elements=(odata,)))
    (one,) = found.elements
    return one


def test_columns_types_and_order_are_those_that_consumers_query() -> None:
    csn = asset(Element("A", CDS), Element("B", CDS), Element("HIDDEN", CDS))
    odata = EntityMetadata(elements=(Element("B", EDM), Element("A", EDM), Element("NEW", EDM)))
    merged = merge_with_odata(Definition(csn), odata)
    elements, provenance = merged.asset.elements, merged.asset.provenance
    assert [(e.name, e.type, e.modelled_type) for e in elements] == [
        ("B", EDM, CDS),
        ("A", EDM, CDS),
        ("NEW", EDM, None),
    ]
    assert merged.notes == ("columns not exposed: HIDDEN",)
    assert ("elements", "odata+csn") in provenance
    assert ("elements.type", "odata") in provenance


def test_an_asset_that_is_not_exposed_comes_from_csn_alone() -> None:
    csn = asset(Element("A", CDS, key=True))
    merged, provenance = merge(csn, EntityMetadata())
    assert merged.elements == csn.elements
    assert provenance == {"elements": "csn", "elements.type": "csn", "elements.key": "csn"}


@pytest.mark.parametrize("field", ["key", "dimension", "measure", "is_text", "is_unit"])
def test_marks_count_whoever_sets_them(field: str) -> None:
    for one, other in ((True, False), (False, True)):
        found = columns(
            Element("A", CDS, **{field: one}),  # type: ignore[arg-type]
            Element("A", EDM, **{field: other}),  # type: ignore[arg-type]
        )
        assert getattr(found, field) is True


@pytest.mark.parametrize(
    ("field", "first"),
    [
        ("label", "odata"),
        ("description", "csn"),
        ("aggregation", "csn"),
        ("currency", "csn"),
        ("unit", "csn"),
        ("text", "csn"),
        ("association", "csn"),
    ],
)
def test_one_document_is_asked_first_and_the_other_where_it_is_silent(
    field: str, first: str
) -> None:
    def said(csn: str | None, odata: str | None) -> object:
        one, other = {field: csn}, {field: odata}
        found = columns(Element("A", CDS, **one), Element("A", EDM, **other))  # type: ignore[arg-type]
        return getattr(found, field)

    assert said("csn", "odata") == first
    assert said("csn", None) == "csn"
    assert said(None, "odata") == "odata"


def test_nullability_is_that_of_odata_if_present() -> None:
    assert columns(Element("A", CDS, nullable=False), Element("A", EDM, nullable=True)).nullable
    assert columns(Element("A", CDS, nullable=False), Element("A", EDM)).nullable is False


def test_semantics_and_custom_terms_of_both_are_united() -> None:
    found = columns(
        Element("A", CDS, semantics=("IsCalendarDate", "x"), custom=(("t", "csn"), ("u", "1"))),
        Element("A", EDM, semantics=("IsCalendarDate", "y"), custom=(("t", "odata"), ("v", "2"))),
    )
    assert found.semantics == ("IsCalendarDate", "x", "y")
    assert dict(found.custom) == {"t": "csn", "u": "1", "v": "2"}


def test_a_name_that_odata_folded_finds_its_only_partner() -> None:
    found = columns(Element("Sold to party", CDS, text="T"), Element("Sold_to_party", EDM))
    assert (found.name, found.text) == ("Sold to party", "T")


def test_a_folded_name_with_two_partners_finds_none() -> None:
    csn = asset(Element("A.B", CDS, text="T"), Element("A B", CDS, text="U"))
    merged, _ = merge(csn, EntityMetadata(elements=(Element("A_B", EDM),)))
    assert merged.elements == (Element("A_B", EDM),)


def test_an_untyped_column_has_no_modelled_type() -> None:
    assert columns(Element("A", UNTYPED), Element("A", EDM)).modelled_type is None


def test_asset_fields_follow_their_precedence_and_say_whence() -> None:
    csn = asset(
        label="C",
        description="D",
        usage=Usage.FACT,
        associations=(Association("_a", "T"),),
        hierarchies=(Hierarchy("H", "level"),),
        lineage=("S.T",),
        custom=(("k", "csn"),),
    )
    odata = EntityMetadata(
        label="O", description="X", usage=Usage.DIMENSION, custom=(("k", "odata"), ("l", "1"))
    )
    found, provenance = merge(csn, odata)
    assert (found.label, found.description, found.usage) == ("O", "D", Usage.FACT)
    assert found.associations == csn.associations
    assert dict(found.custom) == {"k": "csn", "l": "1"}
    assert provenance == {
        "label": "odata",
        "description": "csn",
        "usage": "csn",
        "associations": "csn",
        "hierarchies": "csn",
        "lineage": "csn",
        "custom": "odata+csn",
    }


def test_a_field_of_odata_alone_has_odata_as_source() -> None:
    odata = EntityMetadata(
        label="O",
        usage=Usage.DIMENSION,
        hierarchies=(Hierarchy("H", "level"),),
        associations=(Association("_a", "T"),),
        variables=(Variable("P", EDM),),
    )
    found, provenance = merge(asset(), odata)
    assert (found.usage, found.hierarchies) == (Usage.DIMENSION, odata.hierarchies)
    assert set(provenance.values()) == {"odata"}


def test_variables_are_joined_by_name() -> None:
    csn = asset(
        variables=(
            Variable("P", CDS, label="C", mandatory=True, column="A"),
            Variable("Q", CDS),
        )
    )
    odata = EntityMetadata(variables=(Variable("P", EDM, mandatory=False, default="1"),))
    found, _ = merge(csn, odata)
    assert found.variables == (
        Variable("P", EDM, label="C", mandatory=False, default="1", column="A"),
        Variable("Q", CDS),
    )
