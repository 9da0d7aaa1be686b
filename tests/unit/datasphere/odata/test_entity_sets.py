"""Navigation properties and what they lead to, by the entity sets of a document."""

import pytest

from datasphere_glue.model.asset_parts import Association
from tests.unit.datasphere.odata.samples import (
    about,
    container,
    entity,
    original,
    read,
    schema,
)


def navigation(name: str, target: str, inner: str = "", **attributes: str) -> str:
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return (
        f'<NavigationProperty Name="{name}" Type="{target}"{written}>{inner}</NavigationProperty>'
    )


def bound(*pairs: str, name: str = "V", of: str = "S.V") -> str:
    """Return an entity set with bindings, each as `path=target`."""
    bindings = "".join(
        '<NavigationPropertyBinding Path="{0}" Target="{2}"/>'.format(*one.partition("="))
        for one in pairs
    )
    return f'<EntitySet Name="{name}" EntityType="{of}">{bindings}</EntitySet>'


def link(content: str, asset: str = "V", **more: str) -> Association:
    (one,) = read(content, asset, **more).associations
    return one


@pytest.mark.parametrize(
    ("target", "attributes", "cardinality"),
    [
        ("Collection(S.W)", {}, "0..*"),
        ("Collection(self.W)", {"Nullable": "false"}, "0..*"),
        ("S.W", {}, "0..1"),
        ("S.W", {"Nullable": "true"}, "0..1"),
        ("S.W", {"Nullable": "false"}, "1..1"),
        ("self.W", {"Nullable": "0"}, "1..1"),
        ("S.W", {"Nullable": "perhaps"}, "0..1"),
    ],
)
def test_a_navigation_property_tells_how_many_targets_there_are(
    target: str, attributes: dict[str, str], cardinality: str
) -> None:
    content = entity("V", "A", more=navigation("_W", target, **attributes)) + entity("W", "B")
    assert link(content) == Association("_W", "W", cardinality=cardinality)


@pytest.mark.parametrize(
    ("written", "composition"),
    [("true", True), ("TRUE", True), ("1", True), ("false", False), ("", False)],
)
def test_a_contained_target_is_part_of_the_asset(written: str, *, composition: bool) -> None:
    many = navigation("_W", "Collection(S.W)", ContainsTarget=written)
    assert link(entity("V", "A", more=many) + entity("W", "B")).composition is composition


@pytest.mark.parametrize("target", ["BREADS", "S.C/BREADS", "self.C/BREADS", "Far.Away/BREADS"])
@pytest.mark.parametrize("path", ["_W", "S.Sub/_W", "Set/_W"])
def test_a_binding_names_the_object_that_a_navigation_property_leads_to(
    path: str, target: str
) -> None:
    content = entity("V", "A", more=navigation("_W", "S.Row")) + entity("Row", "B")
    content += container("OLD=S.Row", "BREADS=S.Row", more=bound(f"{path}={target}"))
    assert link(content).target == "BREADS"


def test_a_binding_of_another_navigation_property_or_set_is_not_taken() -> None:
    content = entity("V", "A", more=navigation("_W", "S.W")) + entity("W", "B")
    sets = bound("_W/_X=THIRD", "_X=OTHER") + bound("_W=WRONG", name="V2")
    assert link(content + container(more=sets)).target == "W"


def test_the_target_is_called_by_its_original_name_before_that_of_its_set() -> None:
    content = entity("V", "A", more=navigation("_W", "S.W")) + entity("W", "B")
    sets = container("W_1=S.W", more=bound("_W=W_1"))
    assert link(content + sets).target == "W_1"
    assert link(content + sets + original("S.W", "W.1")).target == "W.1"
    assert link(content + sets + original("S.C/W_1", "W 1")).target == "W 1"


def test_without_a_binding_the_only_set_of_a_type_names_the_object() -> None:
    content = entity("V", "A", more=navigation("_W", "S.RowType")) + entity("RowType", "B")
    assert link(content + container("V=S.V", "ROWS=S.RowType")).target == "ROWS"
    assert link(content + container("R1=S.RowType", "R2=S.RowType")).target == "RowType"


def test_a_target_of_another_schema_or_document_is_named_by_its_last_part() -> None:
    content = entity("V", "A", more=navigation("_W", "t.W") + navigation("_X", "Far.Off.X"))
    found = read(content, more=schema("Some.Where", entity("W", "B"), alias="t")).associations
    assert [one.target for one in found] == ["W", "X"]


def test_the_columns_of_a_link_have_their_exact_names_also_inherited_ones() -> None:
    pair = '<ReferentialConstraint Property="_1" ReferencedProperty="_2"/>'
    content = (
        entity("Base", "_1", more=navigation("_W", "S.W", pair))
        + entity("V", "A", BaseType="S.Base")
        + entity("BaseW", "_2")
        + entity("W", "B", BaseType="self.BaseW")
        + original("S.Base/_1", "1")
        + original("S.BaseW/_2", "2")
        + original("S.Base/_W", "/W/")
    )
    assert link(content) == Association("/W/", "W", pairs=(("1", "2"),), cardinality="0..1")


def test_a_target_with_parameters_is_the_object_of_its_set() -> None:
    content = (
        entity("V", "A", more=navigation("_P", "S.PRICESParameters"))
        + '<EntityType Name="PRICESParameters"><Key><PropertyRef Name="P"/></Key>'
        '<Property Name="P" Type="Edm.Date"/>'
        '<NavigationProperty Name="Set" Type="Collection(S.PRICESType)" ContainsTarget="true"/>'
        "</EntityType>" + entity("PRICESType", "B") + container("PRICES=S.PRICESParameters")
    )
    assert link(content).target == "PRICES"


def test_the_annotations_of_a_set_count_for_its_own_type_only() -> None:
    one = about("S.C/V", '"Common.Label" String="The one"')
    two = about("S.C/W", '"Common.Label" String="The other"')
    shared = entity("Row", "A") + container("W=S.Row", "V=S.Row")
    assert read(shared + two + one).label == "The one"
    assert read(shared + two + one, "W").label == "The other"


def test_what_a_type_says_comes_before_what_its_set_says() -> None:
    both = about("S.C/V", '"Common.Label" String="set"') + about(
        "S.Row", '"Common.Label" String="type"'
    )
    assert read(entity("Row", "A") + container("V=S.Row") + both).label == "type"


def test_a_singleton_is_a_set() -> None:
    single = container(more='<Singleton Name="V" Type="self.Row"/>')
    label = about("S.C/V", '"Common.Label" String="Me"')
    found = read(entity("Row", "A") + entity("Other", "B") + single + label)
    assert ([one.name for one in found.elements], found.label) == (["A"], "Me")


def test_annotations_of_a_link_stay_with_it() -> None:
    content = entity("V", "A", more=navigation("_W", "S.W")) + entity("W", "B")
    terms = about("S.V/_W", '"Common.Label" String="L"', '"Acme.Rank" Int="3"', '"Acme.Top"')
    one = link(content + terms)
    assert (one.label, one.custom) == ("L", (("Acme.Rank", "3"), ("Acme.Top", "true")))
