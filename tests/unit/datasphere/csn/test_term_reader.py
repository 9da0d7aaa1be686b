"""Personal data, release state, relationships, origin and access controls of CSN."""

from typing import Any

import pytest

from datasphere_glue.datasphere.values import upper_snake
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import AccessControl
from tests.unit.datasphere.csn.samples import column, entity, read


def asset(**annotations: Any) -> Asset:
    """Return an entity with these annotations, whose dots are written as `__`."""
    columns = {name: {"type": "cds.String"} for name in ("TOWN", "YEAR")}
    terms = {f"@{key.replace('__', '.')}": value for key, value in annotations.items()}
    return read({"definitions": {"V": entity(columns, **terms)}}).asset


@pytest.mark.parametrize(
    "value",
    [{"#": "DATA_SUBJECT"}, {"#": "DataSubject"}, "DataSubject", "DATA_SUBJECT", "#DataSubject"],
)
@pytest.mark.parametrize("name", ["entitySemantics", "EntitySemantics"])
def test_personal_data_of_an_entity_in_each_notation(name: str, value: Any) -> None:
    one = asset(**{f"PersonalData__{name}": value}, PersonalData__dataSubjectRole="Customer")
    assert one.personal_data == (
        ("dataSubjectRole", "Customer"),
        ("entitySemantics", "DATA_SUBJECT"),
    )
    assert one.custom == ()


@pytest.mark.parametrize(
    ("word", "snake"),
    [
        ("DataSubjectID", "DATA_SUBJECT_ID"),
        ("DataSubjectIDType", "DATA_SUBJECT_ID_TYPE"),
        ("dataSubjectDetails", "DATA_SUBJECT_DETAILS"),
        ("ConsentID", "CONSENT_ID"),
        ("EndOfBusinessDate", "END_OF_BUSINESS_DATE"),
        ("Other", "OTHER"),
        ("END_OF_RETENTION_DATE", "END_OF_RETENTION_DATE"),
        ("#BlockingDate", "BLOCKING_DATE"),
        ("data subject-id", "DATA_SUBJECT_ID"),
    ],
)
def test_words_of_both_notations_are_one(word: str, snake: str) -> None:
    assert upper_snake(word) == snake
    element = column({"@PersonalData.fieldSemantics": {"#": word}})
    assert element.personal_data == (("fieldSemantics", snake),)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), ("true", "true"), (0, "false")]
)
def test_what_is_potentially_personal_is_true_or_false(value: Any, text: str) -> None:
    nested = {"@PersonalData": {"isPotentiallyPersonal": value, "IsPotentiallySensitive": True}}
    assert column(nested).personal_data == (
        ("isPotentiallyPersonal", text),
        ("isPotentiallySensitive", "true"),
    )


def test_a_column_inherits_personal_data_of_its_type_and_can_unset_them() -> None:
    mail = {"kind": "type", "type": "cds.String", "@PersonalData.isPotentiallyPersonal": True}
    assert column({"type": "Mail"}, Mail=mail).personal_data == (("isPotentiallyPersonal", "true"),)
    unset = {"type": "Mail", "@PersonalData.isPotentiallyPersonal": None}
    assert column(unset, Mail=mail).personal_data == ()


@pytest.mark.parametrize("holder", ["API__entity", "API", "ObjectModel__lifecycle"])
def test_the_release_of_an_entity(holder: str) -> None:
    one = asset(
        **{
            f"{holder}__releaseState": {"#": "DEPRECATED"},
            f"{holder}__successor": "V_NEXT",
            f"{holder}__decommissioningPlannedForYearMonth": "2027-01",
        }
    )
    assert dict(one.release) == {
        "state": "DEPRECATED",
        "successor": "V_NEXT",
        "decommissioning": "2027-01",
    }
    assert one.custom == ()


def test_the_release_of_a_column_as_an_object() -> None:
    element = column(
        {
            "@API.element": {
                "releaseState": {"#": "DECOMMISSIONED"},
                "successor": {"=": "NEW"},
                "decommissioningPlannedForYearMonth": "202701",
            }
        }
    )
    assert dict(element.release) == {
        "state": "DECOMMISSIONED",
        "successor": "NEW",
        "decommissioning": "2027-01",
    }


@pytest.mark.parametrize("state", ["ACTIVE", "active", "#Active", {"#": "Active"}])
def test_the_state_of_a_release_is_one_word(state: Any) -> None:
    assert asset(API__state=state).release == (("state", "ACTIVE"),)


def test_states_that_differ_are_both_kept() -> None:
    one = asset(API__entity__releaseState="RELEASED", VDM__lifecycle__status="DEPRECATED")
    assert one.release == (("state", "RELEASED"),)
    assert one.custom == (("VDM.lifecycle.status", "DEPRECATED"),)


def test_relationships_of_an_entity_keep_their_terms() -> None:
    temporal = {
        "propertyTypes": ["acme:Id"],
        "temporalIntervalType": {"#": "CLOSED_OPEN"},
        "temporalType": "Date",
        "temporalIntervalStartProperty": {"=": "FROM"},
    }
    one = asset(
        EntityRelationship__entityType="acme:Customer",
        EntityRelationship__entityIds=[{"propertyTypes": ["acme:Id"]}],
        EntityRelationship__temporalIds=[temporal],
        ODM__entityName="Customer",
        ORD__ordIds=["acme:apiResource:X:v1"],
    )
    assert dict(one.relationship) == {
        "entityType": "acme:Customer",
        "entityIds": '[{"propertyTypes":["acme:Id"]}]',
        "temporalIds": '[{"propertyTypes":["acme:Id"],"temporalIntervalStartProperty":"FROM",'
        '"temporalIntervalType":"CLOSED_OPEN","temporalType":"DATE"}]',
        "ODM.entityName": "Customer",
        "ORD.ordIds": '["acme:apiResource:X:v1"]',
    }
    element = column({"@EntityRelationship.propertyType": "acme:CustomerId"})
    assert element.relationship == (("propertyType", "acme:CustomerId"),)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ([{"=": "TOWN"}, {"=": "YEAR"}], ("TOWN", "YEAR")),
        (["YEAR", "TOWN"], ("YEAR", "TOWN")),
        ({"=": "TOWN"}, ("TOWN",)),
        ("TOWN", ("TOWN",)),
        ([], ()),
    ],
)
def test_the_semantic_key_keeps_its_order(value: Any, names: tuple[str, ...]) -> None:
    assert asset(ObjectModel__semanticKey=value).semantic_key == names


@pytest.mark.parametrize("source", ["dataSource", "external"])
def test_the_origin_of_a_table_in_another_schema(source: str) -> None:
    one = asset(
        **{f"DataWarehouse__{source}": {"schema": "TEAM#LOADER", "entity": "conf_view"}},
        readonly=True,
    )
    assert one.origin == (("entity", "conf_view"), ("schema", "TEAM#LOADER"))
    assert (one.read_only, one.custom) == (True, ())


def test_what_else_a_remote_table_says_of_its_source() -> None:
    one = asset(
        DataWarehouse__remote={"connection": "S4", "entity": "VBAK", "schema": "SAPHANADB"},
        remote__source="LAKE",
    )
    assert (one.remote_connection, one.remote_entity) == ("S4", "VBAK")
    assert one.origin == (("schema", "SAPHANADB"), ("source", "LAKE"))


def test_two_origins_that_differ_are_both_kept() -> None:
    one = asset(DataWarehouse__external__schema="A", DataWarehouse__dataSource__schema="B")
    assert one.origin == (("schema", "A"),)
    assert one.custom == (("DataWarehouse.dataSource.schema", "B"),)


def test_storage_of_a_table() -> None:
    one = asset(
        DataWarehouse__pinToMemory=True,
        DataWarehouse__persistence__hdlf__tableFormat={"#": "DELTA_LAKE"},
        DataWarehouse__persistence__hdlf__enableDeletionVectors=False,
    )
    assert dict(one.storage) == {
        "pinToMemory": "true",
        "hdlf.tableFormat": "DELTA_LAKE",
        "hdlf.enableDeletionVectors": "false",
    }


def test_the_native_type_and_what_a_source_can_filter() -> None:
    element = column(
        {
            "type": "cds.String",
            "@DataWarehouse.native.dataType": "NVARCHAR",
            "@DataWarehouse.capabilities.filter.allowedExpressions": [{"#": "EQUAL"}],
            "@DataWarehouse.capabilities.filter.enabled": False,
        }
    )
    assert (element.native_type, element.custom) == ("NVARCHAR", ())


def equation(*sides: list[str]) -> list[Any]:
    return [{"ref": sides[0]}, "=", {"ref": sides[1]}]


@pytest.mark.parametrize(
    ("on", "columns"),
    [
        (equation(["TOWN"], ["DAC", "Place"]), ("TOWN",)),
        (equation(["DAC", "Place"], ["TOWN"]), ("TOWN",)),
        (equation(["$self", "TOWN"], ["DAC", "Place"]), ("TOWN",)),
        (equation(["$projection", "YEAR"], ["DAC", "YEAR"]), ("YEAR",)),
        (equation(["Place"], ["YEAR"]), ("YEAR",)),
        (
            [*equation(["YEAR"], ["DAC", "Y"]), "and", *equation(["TOWN"], ["DAC", "T"])],
            ("YEAR", "TOWN"),
        ),
        ([{"xpr": equation(["TOWN"], ["DAC", "T"])}], ("TOWN",)),
        ([], ()),
        (None, ()),
    ],
)
def test_an_access_control_has_the_columns_it_compares(on: Any, columns: tuple[str, ...]) -> None:
    usage = [{"target": "DAC", "on": on}]
    one = asset(DataWarehouse__dataAccessControl__usage=usage)
    assert one.access_controls == (AccessControl("SALES.DAC", columns),)
    assert one.custom == ()


def test_access_controls_of_other_spaces_and_several_of_them() -> None:
    usage = [
        {"target": "SECURITY.DAC", "on": equation(["TOWN"], ["SECURITY.DAC", "T"])},
        {"target": {"=": "OWN"}, "on": equation(["YEAR"], ["OWN", "Y"])},
        {"target": "OWN", "on": equation(["YEAR"], ["OWN", "Y"])},
    ]
    one = asset(DataWarehouse__dataAccessControl__usage=usage)
    assert one.access_controls == (
        AccessControl("SECURITY.DAC", ("TOWN",)),
        AccessControl("SALES.OWN", ("YEAR",)),
    )


def test_a_single_access_control_without_an_array() -> None:
    usage = {"target": "DAC", "on": equation(["TOWN"], ["DAC", "T"])}
    one = asset(DataWarehouse__dataAccessControl__usage=usage)
    assert one.access_controls == (AccessControl("SALES.DAC", ("TOWN",)),)
    assert one.custom == ()


@pytest.mark.parametrize(
    "usage",
    [
        [{"target": "DAC", "on": [{"ref": ["TOWN"]}, ">", {"ref": ["DAC", "T"]}]}],
        [{"target": "DAC", "on": [*equation(["TOWN"], ["DAC", "T"]), "or", {"val": 1}]}],
        [{"target": 7, "on": equation(["TOWN"], ["DAC", "T"])}],
        ["DAC"],
        "DAC",
    ],
)
def test_a_usage_that_is_read_in_part_stays_custom(usage: Any) -> None:
    one = asset(DataWarehouse__dataAccessControl__usage=usage)
    assert [term for term, _ in one.custom] == ["DataWarehouse.dataAccessControl.usage"]
