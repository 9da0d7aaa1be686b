"""Entity types of input parameters are never taken for the asset, and their rows are."""

import pytest

from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset_parts import Variable
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.odata.samples import about, container, entity, original, read, schema

BACK = '<NavigationProperty Name="Parameters" Type="S.{}"/>'


def parameters(
    name: str, rows: str, link: str = "Set", *, contained: bool = True, namespace: str = "S"
) -> str:
    """Return an entity type with the parameter `P_DAY`, which leads to rows."""
    held = ' ContainsTarget="true"' if contained else ""
    target = f"Collection({namespace}.{rows})"
    navigation = f'<NavigationProperty Name="{link}" Type="{target}"{held}/>' if link else ""
    return (
        f'<EntityType Name="{name}"><Key><PropertyRef Name="P_DAY"/></Key>'
        f'<Property Name="P_DAY" Type="Edm.Date" Nullable="false"/>{navigation}</EntityType>'
    )


def facts(metadata: EntityMetadata) -> tuple[list[str], list[str], list[str]]:
    return (
        [one.name for one in metadata.elements],
        [one.name for one in metadata.variables],
        [one.name for one in metadata.associations],
    )


@pytest.mark.parametrize(
    "content",
    [
        parameters("VParameters", "VType") + entity("VType", "A"),
        entity("VType", "A") + parameters("VParameters", "VType", contained=False),
        parameters("VParameters", "V") + entity("V", "A"),
        parameters("VParameters", "VType") + entity("VType", "A", more=BACK.format("VParameters")),
        parameters("VParameters", "VType", "Results") + entity("VType", "A"),
        parameters("V", "VRows") + entity("VRows", "A") + container("V=S.V"),
        parameters("VParameters", "VType", "")
        + entity("VType", "A")[:-13]
        + BACK.format("VParameters")
        + "</EntityType>",
        parameters("VParameters", "VType") + entity("VType", "A") + entity("Other", "B"),
        parameters("VParameters", "VType")
        + entity("VType", "A")
        + parameters("WParameters", "WType")
        + entity("WType", "B"),
    ],
)
def test_the_rows_are_the_asset_and_the_parameters_its_variables(content: str) -> None:
    assert facts(read(content)) == (["A"], ["P_DAY"], [])


def test_rows_and_parameters_may_stand_in_different_schemas() -> None:
    more = schema("Rows.v1", entity("VType", "A"), alias="rows")
    content = parameters("VParameters", "VType", namespace="rows") + container("V=S.VParameters")
    assert facts(read(content, more=more)) == (["A"], ["P_DAY"], [])


def test_a_type_that_only_has_the_name_is_an_asset() -> None:
    assert facts(read(entity("VParameters", "A"), "VParameters")) == (["A"], [], [])


def test_a_link_called_set_makes_no_parameters_of_rows() -> None:
    content = entity("V", "A", more='<NavigationProperty Name="Set" Type="Collection(S.W)"/>')
    assert facts(read(content + entity("W", "B"))) == (["A"], [], ["Set"])


def test_parameters_have_their_exact_names_labels_and_descriptions() -> None:
    content = (
        parameters("VParameters", "VType")
        + entity("VType", "A")
        + original("S.VParameters/P_DAY", "P.DAY")
        + about(
            "S.VParameters/P_DAY",
            '"Common.Label" String="Day"',
            '"Common.QuickInfo" String="?"',
            '"Acme.Rank" Int="3"',
        )
    )
    assert read(content).variables == (
        Variable(
            "P.DAY",
            SapType("Edm.Date"),
            "Day",
            mandatory=True,
            description="?",
            custom=(("Acme.Rank", "3"),),
        ),
    )


@pytest.mark.parametrize("target", ["S.C/V", "S.VType", "S.VParameters"])
def test_a_label_of_the_set_is_that_of_the_rows(target: str) -> None:
    content = parameters("VParameters", "VType") + entity("VType", "A")
    label = about(target, '"Common.Label" String="Prices"')
    found = read(content + container("V=S.VParameters") + label)
    assert found.label == (None if target == "S.VParameters" else "Prices")


def test_a_parameter_may_be_annotated_by_the_path_of_the_set() -> None:
    content = parameters("VParameters", "VType") + entity("VType", "A")
    label = about("S.C/V/P_DAY", '"Common.Label" String="Day"')
    found = read(content + container("V=S.VParameters") + label)
    assert [one.label for one in found.variables] == ["Day"]
