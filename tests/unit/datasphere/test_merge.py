"""The merge of EDMX and CSN: the precedence and the provenance of each field."""

from dataclasses import replace

import pytest

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import (
    Association,
    CrossCalculation,
    Hierarchy,
    Variable,
)
from datasphere_glue.model.element import Element, EnumValue
from datasphere_glue.model.sap_type import SapType

CDS = SapType("cds.String", length=5)
EDM = SapType("Edm.String", length=5)


def merge(csn: Asset, odata: EntityMetadata) -> tuple[Asset, dict[str, str]]:
    merged = merge_with_odata(Definition(csn), odata).asset
    return merged, dict(merged.provenance)


def asset(*elements: Element, **fields: object) -> Asset:
    provenance = tuple((name, "csn") for name in fields)
    return Asset("S", "V", Kind.VIEW, elements=elements, provenance=provenance, **fields)  # type: ignore[arg-type]


def columns(csn: Element, odata: Element) -> Element:
    merged, _ = merge(asset(csn), EntityMetadata(elements=(odata,)))
    (one,) = merged.elements
    return one


def test_columns_types_and_order_are_those_of_odata() -> None:
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


def test_an_asset_that_is_not_exposed_is_read_from_csn_alone() -> None:
    csn = asset(Element("A", CDS, key=True))
    merged, provenance = merge(csn, EntityMetadata())
    assert merged.elements == csn.elements
    assert provenance == {"elements": "csn", "elements.type": "csn", "elements.key": "csn"}


@pytest.mark.parametrize("field", ["key", "dimension", "measure", "is_text", "is_unit"])
def test_a_flag_of_either_document_is_set(field: str) -> None:
    for one, other in ((True, False), (False, True)):
        merged = columns(
            Element("A", CDS, **{field: one}),  # type: ignore[arg-type]
            Element("A", EDM, **{field: other}),  # type: ignore[arg-type]
        )
        assert getattr(merged, field) is True


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
def test_one_document_takes_precedence_and_the_other_fills_gaps(field: str, first: str) -> None:
    def merged_value(csn: str | None, odata: str | None) -> object:
        one, other = {field: csn}, {field: odata}
        merged = columns(Element("A", CDS, **one), Element("A", EDM, **other))  # type: ignore[arg-type]
        return getattr(merged, field)

    assert merged_value("csn", "odata") == first
    assert merged_value("csn", None) == "csn"
    assert merged_value(None, "odata") == "odata"


def test_nullability_of_odata_takes_precedence() -> None:
    assert columns(Element("A", CDS, nullable=False), Element("A", EDM, nullable=True)).nullable
    assert columns(Element("A", CDS, nullable=False), Element("A", EDM)).nullable is False


def test_semantics_and_custom_terms_of_both_are_united() -> None:
    merged = columns(
        Element("A", CDS, semantics=("IsCalendarDate", "x"), custom=(("t", "csn"), ("u", "1"))),
        Element("A", EDM, semantics=("IsCalendarDate", "y"), custom=(("t", "odata"), ("v", "2"))),
    )
    assert merged.semantics == ("IsCalendarDate", "x", "y")
    assert dict(merged.custom) == {"t": "csn", "u": "1", "v": "2"}


def test_a_name_that_odata_folded_matches_its_only_counterpart() -> None:
    merged = columns(Element("Sold to party", CDS, text="T"), Element("Sold_to_party", EDM))
    assert (merged.name, merged.text) == ("Sold to party", "T")


def test_a_folded_name_with_two_counterparts_matches_neither() -> None:
    csn = asset(Element("A.B", CDS, text="T"), Element("A B", CDS, text="U"))
    merged, _ = merge(csn, EntityMetadata(elements=(Element("A_B", EDM),)))
    assert merged.elements == (Element("A_B", EDM),)


def test_what_may_be_two_columns_is_said_and_neither_counts_as_not_exposed() -> None:
    csn = asset(Element("A.B", CDS), Element("A B", CDS), Element("C", CDS))
    merged = merge_with_odata(Definition(csn), EntityMetadata(elements=(Element("A_B", EDM),)))
    assert merged.notes == (
        "columns not exposed: C",
        "column A_B of OData is one of A B, A.B, but it is not known which",
    )


@pytest.mark.parametrize(
    ("exact", "written"),
    [("0MONTH", "_0MONTH"), ("/BIC/X", "_BIC_X"), ("1 %", "_1__"), ("A-B", "A_B")],
)
def test_a_name_that_odata_cannot_hold_is_exact_wherever_odata_has_it(
    exact: str, written: str
) -> None:
    csn = asset(Element(exact, CDS, key=True), Element("V", CDS), variables=(Variable(exact, CDS),))
    odata = EntityMetadata(
        elements=(
            Element("V", EDM, measure=True, currency=written, unit=written, text=written),
            Element(written, EDM, label="L"),
            Element("NEW", EDM, currency=written),
        ),
        hierarchies=(
            Hierarchy("H", "parent_child", levels=(written,), parent=(written,), child=(written,)),
        ),
        associations=(Association("_t", "T", pairs=((written, "K"),)),),
        variables=(Variable(written, EDM, label="P"),),
    )
    merged, _ = merge(csn, odata)
    amount, key, new = merged.elements
    assert (amount.currency, amount.unit, amount.text) == (exact, exact, exact)
    assert (key.name, key.key, key.label) == (exact, True, "L")
    assert new.currency == exact
    (hierarchy,) = merged.hierarchies
    assert hierarchy.levels == hierarchy.parent == hierarchy.child == (exact,)
    assert merged.associations == (Association("_t", "T", pairs=((exact, "K"),)),)
    assert merged.variables == (Variable(exact, EDM, label="P"),)


def test_the_name_of_an_association_is_not_that_of_a_column() -> None:
    csn = asset(Element("0CALDAY", CDS, text="T"), associations=(Association("_0CALDAY", "D"),))
    merged, _ = merge(csn, EntityMetadata(elements=(Element("_0CALDAY_1", EDM),)))
    assert [(one.name, one.text) for one in merged.elements] == [("0CALDAY", "T")]


def test_associations_of_the_definition_are_completed_by_odata() -> None:
    csn = asset(
        Element("0ID", CDS),
        associations=(
            Association("0T", "T", target_space="X"),
            Association("_u", "U", label="C", pairs=(("a", "b"),), cardinality="1..1"),
            Association("_w", "W"),
        ),
    )
    odata = EntityMetadata(
        elements=(Element("_0ID", EDM),),
        associations=(
            Association(
                "_0T",
                "T_1",
                label="O",
                pairs=(("_0ID", "K"),),
                composition=True,
                cardinality="0..*",
            ),
            Association("_u", "U", label="O", pairs=(("c", "d"),), cardinality="0..1"),
            Association("_extra", "E"),
        ),
    )
    merged, provenance = merge(csn, odata)
    assert merged.associations == (
        Association("0T", "T", "X", "O", (("0ID", "K"),), composition=True, cardinality="0..*"),
        Association("_u", "U", label="C", pairs=(("a", "b"),), cardinality="1..1"),
        Association("_w", "W"),
    )
    assert provenance["associations"] == "odata+csn"


@pytest.mark.parametrize(
    ("csn", "odata", "expected"),
    [
        ({}, {"currency_value": "CHF"}, (None, "CHF")),
        ({"currency": "W"}, {"currency_value": "CHF"}, ("W", None)),
        ({"currency_value": "EUR"}, {"currency": "W"}, (None, "EUR")),
        ({"currency_value": "EUR"}, {"currency_value": "CHF"}, (None, "EUR")),
        ({"unit": "U"}, {"currency": "W"}, ("W", None)),
    ],
)
def test_a_currency_is_a_column_or_a_literal_of_one_document(
    csn: dict[str, str], odata: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    merged = columns(Element("A", CDS, **csn), Element("A", EDM, **odata))  # type: ignore[arg-type]
    assert (merged.currency, merged.currency_value) == expected


def test_values_of_an_enumeration_are_those_of_csn_else_of_odata() -> None:
    csn, odata = (EnumValue("NEW", "N"),), (EnumValue("NEW", "0"),)
    assert columns(Element("A", CDS), Element("A", EDM, values=odata)).values == odata
    assert columns(Element("A", CDS, values=csn), Element("A", EDM, values=odata)).values == csn


def test_a_default_of_odata_fills_a_gap_and_may_be_empty() -> None:
    assert columns(Element("A", CDS), Element("A", EDM, default="")).default == ""
    assert columns(Element("A", CDS, default=""), Element("A", EDM, default="x")).default == ""


def test_fields_that_odata_had_not_before_name_their_source_only_where_odata_has_them() -> None:
    csn = asset(Element("A", CDS, hidden=True, text_association="_t"))
    merged, provenance = merge(csn, EntityMetadata(elements=(Element("A", EDM),)))
    assert (merged.elements[0].hidden, merged.elements[0].text_association) == (True, "_t")
    assert set(provenance) == {"elements", "elements.type"}
    _, provenance = merge(csn, EntityMetadata(elements=(Element("A", EDM, hidden=True),)))
    assert provenance["elements.hidden"] == "odata+csn"


def test_an_untyped_column_has_no_modelled_type() -> None:
    assert columns(Element("A", UNTYPED), Element("A", EDM)).modelled_type is None


def test_asset_fields_follow_their_precedence_with_provenance() -> None:
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
    merged, provenance = merge(csn, odata)
    assert (merged.label, merged.description, merged.usage) == ("O", "D", Usage.FACT)
    assert merged.associations == csn.associations
    assert dict(merged.custom) == {"k": "csn", "l": "1"}
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
    merged, provenance = merge(asset(), odata)
    assert (merged.usage, merged.hierarchies) == (Usage.DIMENSION, odata.hierarchies)
    assert set(provenance.values()) == {"odata"}


def test_variables_are_joined_by_name() -> None:
    csn = asset(variables=(Variable("Q", CDS), Variable("P", CDS, label="C", column="A")))
    odata = EntityMetadata(variables=(Variable("P", EDM, mandatory=False, default="1"),))
    merged, _ = merge(csn, odata)
    assert merged.variables == (
        Variable("P", EDM, label="C", mandatory=False, default="1", column="A"),
        Variable("Q", CDS),
    )


@pytest.mark.parametrize(
    ("csn", "implied", "expected"),
    [
        (Variable("P", CDS, mandatory=False), False, (False, None)),
        (Variable("P", CDS, mandatory=False, default="1"), True, (False, "1")),
        (Variable("P", CDS, mandatory=True, default="1"), False, (True, "1")),
        (Variable("P", CDS, mandatory=True), True, (True, None)),
        (Variable("P", CDS), False, (True, None)),
        (Variable("P", CDS, mandatory=False, derived_from="L"), True, (False, None)),
    ],
)
def test_a_key_property_of_odata_makes_no_parameter_mandatory(
    csn: Variable,
    implied: bool,  # noqa: FBT001
    expected: tuple[bool, str | None],
) -> None:
    odata = EntityMetadata(variables=(Variable("P", EDM, mandatory=True),))
    definition = Definition(asset(variables=(csn,)), implied=frozenset({"P"} if implied else ()))
    (merged,) = merge_with_odata(definition, odata).asset.variables
    assert (merged.mandatory, merged.default, merged.type) == (*expected, EDM)


def test_a_default_of_odata_makes_a_parameter_optional_unless_csn_says_more() -> None:
    odata = EntityMetadata(variables=(Variable("P", EDM, mandatory=False, default="1"),))
    for implied, mandatory in ((frozenset({"P"}), False), (frozenset[str](), True)):
        csn = asset(variables=(Variable("P", CDS, mandatory=True),))
        (merged,) = merge_with_odata(Definition(csn, implied=implied), odata).asset.variables
        assert (merged.mandatory, merged.default) == (mandatory, "1")


def test_variables_of_a_model_keep_the_order_of_their_prompts() -> None:
    csn = asset(variables=(Variable("B", CDS), Variable("A", CDS)))
    odata = EntityMetadata(variables=tuple(Variable(name, EDM) for name in "ABC"))
    for kind, expected in ((Kind.VIEW, "ABC"), (Kind.ANALYTIC_MODEL, "BAC")):
        merged = merge_with_odata(Definition(replace(csn, kind=kind)), odata).asset.variables
        assert "".join(one.name for one in merged) == expected


def test_a_member_of_a_structure_is_no_measure_whatever_odata_says() -> None:
    csn = asset(
        Element("M", CDS, measure=True),
        Element("X", CDS),
        Element("Y", CDS),
        cross_calculations=(CrossCalculation("X"), CrossCalculation("Y")),
    )
    odata = EntityMetadata(elements=tuple(Element(name, EDM, measure=True) for name in "MX"))
    definition = merge_with_odata(Definition(csn), odata)
    assert [(e.name, e.measure) for e in definition.asset.elements] == [("M", True), ("X", False)]
    assert definition.notes == ()
