"""Business context: its sources, their precedence, and the provenance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.governance import Governance, Overlay, apply_governance
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from tests.effort import examples

TEXT = SapType("cds.String", length=10)
ORDERS = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label="Orders",
    owner="ANNA",
    tags=("core",),
    custom=(("acme.dataOwner", '{"#":"TEAM"}'), ("acme.level", "3")),
    elements=(
        Element("NET", TEXT, custom=(("acme.dataOwner", "Controlling"),)),
        Element("E_MAIL", TEXT, description="Address"),
    ),
    provenance=(("label", "odata"), ("owner", "listing"), ("tags", "csn")),
)


def annotated(value: str, field: str, **more: str) -> Asset:
    """Return an asset with one annotation that maps to this field."""
    asset = Asset("SALES", "V", Kind.VIEW, custom=(("acme.x", value), *sorted(more.items())))
    return apply_governance(asset, Governance((("acme.x", field),)))


def test_without_rules_the_asset_is_unchanged() -> None:
    assert apply_governance(ORDERS, Governance()) is ORDERS
    assert (
        apply_governance(ORDERS, Governance(overlays=(Overlay("FINANCE.*", owner="x"),))) is ORDERS
    )


@pytest.mark.parametrize("glob", ["0MONTH", "_0MONTH", "_0*"])
def test_an_overlay_calls_a_column_by_its_exact_or_its_odata_name(glob: str) -> None:
    asset = replace(ORDERS, elements=(Element("0MONTH", TEXT), Element("NET", TEXT)))
    rules = Governance(overlays=(Overlay("SALES.*", column=glob, owner="JO"),))
    assert [one.owner for one in apply_governance(asset, rules).elements] == ["JO", None]


def test_an_overlay_on_a_column_is_not_for_another_one_of_that_odata_name() -> None:
    asset = replace(ORDERS, elements=(Element("0MONTH", TEXT), Element("_0MONTH", TEXT)))
    rules = Governance(overlays=(Overlay("SALES.*", column="_0MONTH", owner="JO"),))
    assert [one.owner for one in apply_governance(asset, rules).elements] == [None, "JO"]


def test_an_annotation_takes_precedence_over_the_object_list() -> None:
    governed = apply_governance(ORDERS, Governance((("acme.dataOwner", "owner"),)))

    assert governed.owner == "TEAM"
    assert dict(governed.provenance)["owner"] == "csn"
    assert governed.custom == (("acme.level", "3"),)
    assert governed.elements[0].owner == "Controlling"
    assert governed.elements[0].custom == ()
    assert dict(governed.provenance)["elements.NET.owner"] == "csn"


def test_a_mapped_annotation_takes_precedence_over_the_definition() -> None:
    asset = replace(ORDERS, description="Short", custom=(("acme.long", "Long"),), provenance=())

    governed = apply_governance(asset, Governance((("acme.long", "description"),)))

    assert governed.description == "Long"
    assert governed.provenance == (("description", "csn"),)


def test_the_overlay_takes_precedence_over_annotations() -> None:
    rules = Governance((("acme.dataOwner", "owner"),), (Overlay("SALES.*", owner="Sales"),))

    governed = apply_governance(ORDERS, rules)

    assert governed.owner == "Sales"
    assert dict(governed.provenance)["owner"] == "overlay"
    assert governed.elements[0].owner == "Controlling"


def test_a_later_entry_refines_an_earlier_one() -> None:
    rules = Governance(
        overlays=(
            Overlay("SALES.*", owner="Sales", steward="Ben", custom=(("a", "1"), ("b", "1"))),
            Overlay("SALES.V_*", owner="Orders", custom=(("b", "2"),)),
            Overlay("SALES.T_*", owner="Tables"),
        )
    )

    governed = apply_governance(ORDERS, rules)

    assert (governed.owner, governed.steward) == ("Orders", "Ben")
    assert {"a": "1", "b": "2"}.items() <= dict(governed.custom).items()
    assert dict(governed.custom)["acme.level"] == "3"


def test_tags_and_terms_are_merged_without_duplicates_and_have_provenance() -> None:
    rules = Governance(
        (("acme.level", "tags"),),
        (
            Overlay("SALES.*", tags=("sales", "core"), terms=("Order",)),
            Overlay("SALES.*", tags=("gold",), terms=("Order", "Revenue")),
        ),
    )

    governed = apply_governance(ORDERS, rules)

    assert governed.tags == ("core", "3", "sales", "gold")
    assert governed.terms == ("Order", "Revenue")
    assert dict(governed.provenance) == {
        "label": "odata",
        "owner": "listing",
        "tags": "csn+overlay",
        "terms": "overlay",
    }


def test_columns_are_matched_by_glob_over_their_exact_names() -> None:
    rules = Governance(
        overlays=(
            Overlay("SALES.V_ORDERS", column="*MAIL*", certification="restricted"),
            Overlay("SALES.V_ORDERS", column="net", owner="nobody"),
        )
    )

    governed = apply_governance(ORDERS, rules)

    assert [element.certification for element in governed.elements] == [None, "restricted"]
    assert [element.owner for element in governed.elements] == [None, None]
    assert governed.certification is None
    assert governed.elements[1].description == "Address"
    assert set(governed.provenance) - set(ORDERS.provenance) == {
        ("elements.E_MAIL.certification", "overlay")
    }


@pytest.mark.parametrize("glob", ["acme.dataowner", "@acme.dataOwner", "ACME.*", "*owner"])
def test_annotation_globs_ignore_case_and_the_at_sign(glob: str) -> None:
    assert apply_governance(ORDERS, Governance(((glob, "steward"),))).steward is not None


def test_asset_globs_are_case_sensitive() -> None:
    assert apply_governance(ORDERS, Governance(overlays=(Overlay("sales.*", owner="x"),))) is ORDERS


def test_the_first_matching_glob_of_an_annotation_applies() -> None:
    rules = Governance((("acme.data*", "steward"), ("acme.*", "certification")))

    governed = apply_governance(ORDERS, rules)

    assert (governed.steward, governed.certification, governed.owner) == ("TEAM", "3", "ANNA")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('{"#":"GOLD"}', ("GOLD",)),
        ('{"=":"WAERS"}', ("WAERS",)),
        ('["a",{"#":"b"},{"=":"c"},null,4,true]', ("a", "b", "c", "4", "True")),
        ("plain text", ("plain text",)),
        ("true", ("true",)),
        ("12.50", ("12.50",)),
        ('{"b":1,"a":"ü"}', ('{"a": "ü", "b": 1}',)),
        ("[broken", ("[broken",)),
    ],
)
def test_every_form_of_an_annotation_value_becomes_a_list_of_texts(
    value: str, words: tuple[str]
) -> None:
    assert annotated(value, "tags").tags == words
    assert annotated(value, "owner").owner == ", ".join(words)


@pytest.mark.parametrize("value", ["", " ", "[]", "[null]"])
def test_an_empty_annotation_remains_custom(value: str) -> None:
    governed = annotated(value, "owner")

    assert (governed.owner, governed.custom, governed.provenance) == (
        None,
        (("acme.x", value),),
        (),
    )


def test_an_annotation_with_an_occupied_field_remains_custom() -> None:
    asset = Asset("SALES", "V", Kind.VIEW, custom=(("acme.a", "A"), ("acme.b", "B")))

    governed = apply_governance(asset, Governance((("acme.*", "owner"),)))

    assert (governed.owner, governed.custom) == ("A", (("acme.b", "B"),))


WORDS = st.sampled_from(["a", "b", "ü"])
SEVERAL = st.lists(WORDS, max_size=2).map(tuple)
OVERLAYS = st.builds(
    Overlay,
    asset=st.sampled_from(["*", "SALES.*", "*.T_*"]),
    column=st.sampled_from([None, "*", "NET"]),
    owner=st.none() | WORDS,
    description=st.none() | WORDS,
    tags=SEVERAL,
    terms=SEVERAL,
    custom=st.lists(st.tuples(st.just("own"), WORDS), max_size=1).map(tuple),
)
RULES = st.builds(
    Governance,
    annotations=st.lists(
        st.tuples(
            st.sampled_from(["acme.level", "acme.data*"]), st.sampled_from(["owner", "tags"])
        ),
        max_size=2,
        unique_by=lambda pair: pair[1],
    ).map(tuple),
    overlays=st.lists(OVERLAYS, max_size=3).map(tuple),
)


@given(RULES)
@examples(40)
def test_applying_the_rules_twice_equals_applying_them_once(rules: Governance) -> None:
    once = apply_governance(ORDERS, rules)
    assert apply_governance(once, rules) == once


@given(RULES)
@examples(25)
def test_no_text_of_the_source_is_lost(rules: Governance) -> None:
    governed = apply_governance(ORDERS, rules)

    assert set(ORDERS.tags) <= set(governed.tags)
    assert [element.name for element in governed.elements] == ["NET", "E_MAIL"]
    placed = dict(ORDERS.custom).keys() - dict(governed.custom).keys()
    assert not placed or rules.annotations


@pytest.mark.parametrize(
    ("provenance", "source"),
    [
        ((("elements", "csn"),), "csn+overlay"),
        ((("elements", "odata"), ("elements.custom", "odata+csn")), "odata+csn+overlay"),
        ((), "overlay"),
    ],
)
def test_merged_values_of_a_column_have_the_provenance_of_each_source(
    provenance: tuple[tuple[str, str], ...], source: str
) -> None:
    asset = replace(ORDERS, provenance=provenance)
    overlay = Overlay("*", column="NET", custom=(("retention", "10 years"),))

    governed = apply_governance(asset, Governance(overlays=(overlay,)))

    assert dict(governed.elements[0].custom).keys() == {"acme.dataOwner", "retention"}
    assert dict(governed.provenance)["elements.NET.custom"] == source
