"""Hierarchies by the terms of SAP and of OASIS."""

import pytest

from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Hierarchy
from tests.unit.datasphere.odata.samples import about, container, entity, original, read, record

PARENT = (
    '<NavigationProperty Name="_UP" Type="S.V"><ReferentialConstraint Property="BOSS"'
    ' ReferencedProperty="NODE"/></NavigationProperty>'
)
VIEW = entity("V", "NODE", "BOSS", "DEPTH", more=PARENT)
BASE = {
    "NodeProperty": 'PropertyPath="NODE"',
    "ParentNavigationProperty": 'NavigationPropertyPath="_UP"',
}


def recursive(term: str, members: dict[str, str], qualifier: str = "") -> str:
    named = f' Qualifier="{qualifier}"' if qualifier else ""
    return f'<Annotation Term="{term}"{named}>{record(**members)}</Annotation>'


def hierarchies(*annotations: str, content: str = VIEW, target: str = "S.V") -> EntityMetadata:
    return read(content + about(target, *annotations))


@pytest.mark.parametrize("term", ["Aggregation.RecursiveHierarchy", "Hierarchy.RecursiveHierarchy"])
@pytest.mark.parametrize("qualifier", ["Staff", ""])
def test_a_recursive_hierarchy_names_node_and_parent(term: str, qualifier: str) -> None:
    found = hierarchies(recursive(term, BASE, qualifier))
    assert found.hierarchies == (
        Hierarchy(qualifier, "parent_child", parent=("BOSS",), child=("NODE",)),
    )
    assert (found.usage, found.custom) == (Usage.DIMENSION, ())


def test_the_terms_of_one_qualifier_are_one_hierarchy() -> None:
    extra = {"DistanceFromRoot": 'Path="DEPTH"', "MatchCount": 'Int="3"'}
    found = hierarchies(
        recursive("Hierarchy.RecursiveHierarchy", extra, "Staff"),
        recursive("Aggregation.RecursiveHierarchy", BASE, "Staff"),
        recursive("Aggregation.RecursiveHierarchy", BASE, "Other"),
    )
    assert [one.name for one in found.hierarchies] == ["Staff", "Other"]
    assert found.hierarchies[0].custom == (("DistanceFromRoot", "DEPTH"), ("MatchCount", "3"))
    assert found.hierarchies[1].custom == ()


def test_a_parent_that_is_no_column_is_kept_by_its_name() -> None:
    bare = entity("V", "NODE", more='<NavigationProperty Name="_UP" Type="S.V"/>')
    found = hierarchies(recursive("Aggregation.RecursiveHierarchy", BASE, "H"), content=bare)
    assert found.hierarchies == (
        Hierarchy(
            "H", "parent_child", child=("NODE",), custom=(("ParentNavigationProperty", "_UP"),)
        ),
    )


def test_of_a_compound_link_the_column_that_holds_the_node_of_the_parent_counts() -> None:
    link = (
        '<NavigationProperty Name="_UP" Type="S.V">'
        '<ReferentialConstraint Property="AREA" ReferencedProperty="AREA"/>'
        '<ReferentialConstraint Property="BOSS" ReferencedProperty="NODE"/></NavigationProperty>'
    )
    content = entity("V", "NODE", "BOSS", "AREA", more=link)
    found = hierarchies(recursive("Aggregation.RecursiveHierarchy", BASE), content=content)
    assert found.hierarchies[0].parent == ("BOSS",)


def test_the_columns_have_their_exact_names() -> None:
    content = VIEW + original("S.V/NODE", "0NODE") + original("S.V/BOSS", "/BIC/BOSS")
    content += original("S.V/_UP", "0UP")
    found = hierarchies(recursive("Aggregation.RecursiveHierarchy", BASE, "H"), content=content)
    assert found.hierarchies == (
        Hierarchy("H", "parent_child", parent=("/BIC/BOSS",), child=("0NODE",)),
    )


def test_further_information_alone_is_no_hierarchy() -> None:
    extra = {"ExternalKey": 'Path="NODE"'}
    found = hierarchies(recursive("Hierarchy.RecursiveHierarchy", extra, "Staff"))
    assert found.hierarchies == ()
    assert found.custom == (("Hierarchy.RecursiveHierarchy#Staff", '{"ExternalKey":"NODE"}'),)


def test_the_set_may_declare_the_hierarchy() -> None:
    annotation = recursive("Aggregation.RecursiveHierarchy", BASE, "Staff")
    found = hierarchies(annotation, content=VIEW + container("Vs=S.V"), target="S.C/Vs")
    assert [one.name for one in found.hierarchies] == ["Staff"]


def test_a_leveled_hierarchy_of_oasis_is_named_by_its_qualifier() -> None:
    levels = "<Collection><PropertyPath>BOSS</PropertyPath><PropertyPath>NODE</PropertyPath>"
    term = f'<Annotation Term="Aggregation.LeveledHierarchy" Qualifier="H">{levels}</Collection>'
    found = hierarchies(f"{term}</Annotation>")
    assert found.hierarchies == (Hierarchy("H", "level", levels=("BOSS", "NODE")),)


@pytest.mark.parametrize("path", ["_0MONTH", "0MONTH"])
@pytest.mark.parametrize("named", [True, False])
def test_a_level_may_be_named_in_either_form(path: str, *, named: bool) -> None:
    level = record(element=f'Path="{path}"')
    levels = f"<Collection>{level}</Collection>"
    written = record(name='String="H"', levels=levels)
    term = f'<Annotation Term="Hierarchy.leveled">{written}'
    content = entity("V", "_0MONTH") + (original("S.V/_0MONTH", "0MONTH") if named else "")
    found = hierarchies(f"{term}</Annotation>", content=content)
    assert found.hierarchies[0].levels == (("0MONTH",) if named else ("_0MONTH",))
