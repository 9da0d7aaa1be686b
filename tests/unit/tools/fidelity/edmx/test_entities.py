"""The facts that the judge reads of a `$metadata` document."""

import pytest

from tools.fidelity.edmx.entities import entity_metadata
from tools.fidelity.expectations import Expected
from tools.fidelity.kinds import Kind

HEAD = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:Reference Uri="x"><edmx:Include Alias="C" Namespace="com.sap.vocabularies.Common.v1"/>
<edmx:Include Alias="M" Namespace="Org.OData.Measures.V1"/>
<edmx:Include Alias="va" Namespace="Org.OData.Validation.V1"/>
<edmx:Include Alias="Agg" Namespace="Org.OData.Aggregation.V1"/></edmx:Reference>
<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">"""
TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"


def read(body: str) -> tuple[Expected, dict[str, Expected]]:
    found = entity_metadata(HEAD + body + TAIL, "ROPES")
    assert found is not None
    return found.table(), dict(found.columns())


def column(attributes: str, annotations: str = "") -> Expected:
    body = (
        '<EntityType Name="ROPES"><Property Name="LENGTH" '
        f'{attributes}>{annotations}</Property><Property Name="UNIT" Type="Edm.String"/>'
        "</EntityType>"
    )
    return read(body)[1]["LENGTH"]


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ('Type="Edm.String" MaxLength="7"', "Edm.String(MaxLength=7)"),
        ('Type="Edm.Decimal" Precision="9"', "Edm.Decimal(Precision=9,Scale=0)"),
        ('Type="Edm.Decimal" Scale="variable"', "Edm.Decimal(Scale=variable)"),
        ('Type="Edm.Date" Precision="3"', "Edm.Date"),
        ("", "Edm.String"),
    ],
)
def test_types_have_their_facets(attributes: str, text: str) -> None:
    assert column(attributes)[Kind.TYPE, ""].texts == (text,)


@pytest.mark.parametrize("length", ["max", "long", "-1", "99999999999"])
def test_an_odd_facet_is_not_judged(length: str) -> None:
    assert not column(f'Type="Edm.String" MaxLength="{length}"')[Kind.TYPE, ""].required


@pytest.mark.parametrize(
    ("annotation", "kind", "text"),
    [
        ('Term="M.Unit" Path="UNIT"', Kind.UNIT, "UNIT"),
        ('Term="M.Unit" String="UNIT"', Kind.UNIT, "UNIT"),
        ('Term="M.Unit" String="MTR"', Kind.UNIT_VALUE, "MTR"),
        ('Term="M.ISOCurrency" String="SEK"', Kind.CURRENCY_VALUE, "SEK"),
        ('Term="C.Text" Path="UNIT"', Kind.TEXT, "UNIT"),
        ('Term="C.Text" Path="link/NAME"', Kind.TEXT_ASSOCIATION, "link"),
        ('Term="Agg.default" EnumMember="Agg.Type/SUM"', Kind.AGGREGATION, "SUM"),
        ('Term="Agg.default" String="#MAX"', Kind.AGGREGATION, "MAX"),
        ('Term="C.QuickInfo" String="Long"', Kind.DESCRIPTION, "Long"),
    ],
)
def test_annotations_are_facts(annotation: str, kind: Kind, text: str) -> None:
    found = column('Type="Edm.Int32"', f"<Annotation {annotation}/>")
    assert found[kind, ""].texts == (text,)


@pytest.mark.parametrize("value", ["", 'Bool="true"'])
def test_a_mark_is_true_without_a_value(value: str) -> None:
    found = column('Type="Edm.Int32"', f'<Annotation Term="C.IsCalendarYear" {value}/>')
    assert (Kind.SEMANTICS, "iscalendaryear") in found


@pytest.mark.parametrize("value", ['Bool="false"', "><Null/></Annotation"])
def test_false_and_null_mark_nothing(value: str) -> None:
    closed = value if value.startswith(">") else f"{value}/"
    found = column('Type="Edm.Int32"', f'<Annotation Term="C.IsCalendarYear" {closed}>')
    assert (Kind.SEMANTICS, "iscalendaryear") not in found


def test_a_term_is_named_by_its_vocabulary() -> None:
    found = column('Type="Edm.Int32"', '<Annotation Term="va.Minimum" Int="3"/>')
    assert found[Kind.ANNOTATION, "Validation.Minimum"].texts == ("3",)


def test_types_beside_that_of_the_object_do_not_count() -> None:
    table, columns = read(
        '<EntityType Name="ROPES"><Key><PropertyRef Name="ID"/></Key>'
        '<Property Name="ID" Type="Edm.Int32"/></EntityType>'
        '<EntityType Name="OTHER"><Key><PropertyRef Name="O"/></Key>'
        '<Property Name="O" Type="Edm.Int32"/></EntityType>'
    )
    assert list(columns) == ["ID"]
    assert table == {}


def test_a_type_inherits_properties_keys_and_annotations() -> None:
    _, columns = read(
        '<EntityType Name="BASE" Abstract="true"><Key><PropertyRef Name="ID"/></Key>'
        '<Property Name="ID" Type="Edm.Int32"/></EntityType>'
        '<EntityType Name="ROPES" BaseType="S.BASE"><Property Name="X" Type="Edm.Date"/>'
        '</EntityType><Annotations Target="S.BASE/ID">'
        '<Annotation Term="C.Label" String="Id"/></Annotations>'
    )
    assert list(columns) == ["ID", "X"]
    assert (Kind.KEY, "") in columns["ID"]
    assert columns["ID"][Kind.LABEL, ""].texts == ("Id",)


@pytest.mark.parametrize("name", ["Set", "Results"])
def test_a_type_of_parameters_gives_variables(name: str) -> None:
    table, columns = read(
        '<EntityType Name="ROPESParameters"><Property Name="P" Type="Edm.Date"/>'
        f'<NavigationProperty Name="{name}" Type="Collection(S.ROPES)" ContainsTarget="true"/>'
        '</EntityType><EntityType Name="ROPES"><Property Name="X" Type="Edm.Date"/></EntityType>'
    )
    assert list(columns) == ["X"]
    assert (Kind.VARIABLE, "P") in table
    assert not table[Kind.MANDATORY, "P"].required


@pytest.mark.parametrize(
    ("navigation", "cardinality"),
    [
        ('Type="Collection(S.ROPES)"', "0..*"),
        ('Type="S.ROPES"', "0..1"),
        ('Type="S.ROPES" Nullable="false"', "1..1"),
    ],
)
def test_navigation_has_a_cardinality(navigation: str, cardinality: str) -> None:
    table, _ = read(
        f'<EntityType Name="ROPES"><Property Name="X" Type="Edm.Date"/>'
        f'<NavigationProperty Name="next" {navigation}/></EntityType>'
    )
    assert table[Kind.CARDINALITY, "next"].texts == (cardinality,)
