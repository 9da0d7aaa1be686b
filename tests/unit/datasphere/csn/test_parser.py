"""Entities: kind, usage, links, hierarchies, parameters and remote sources."""

from typing import Any

import pytest

from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Kind, Usage
from datasphere_glue.model.asset_parts import Hierarchy, Variable
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.csn.samples import document, entity, link, read

ON = [{"ref": ["K"]}, "=", {"ref": ["_a", "ID"]}]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, Kind.LOCAL_TABLE),
        ({"query": {"SELECT": {"from": {"ref": ["T"]}}}}, Kind.VIEW),
        ({"projection": {"from": {"ref": ["T"]}}}, Kind.VIEW),
        ({"@DataWarehouse.sqlEditor.query": "SELECT 1 FROM DUMMY"}, Kind.VIEW),
        ({"@DataWarehouse.tableFunction.script": "RETURN"}, Kind.VIEW),
        ({"@DataWarehouse.remote.connection": "S4"}, Kind.REMOTE_TABLE),
        ({"@DataWarehouse.remote": {"entity": "X"}}, Kind.REMOTE_TABLE),
        ({"@DataWarehouse.editorType": {"#": "DWCQueryModelEditor"}}, Kind.ANALYTIC_MODEL),
    ],
)
def test_the_kind_follows_from_the_definition(more: dict[str, object], kind: Kind) -> None:
    assert read({"definitions": {"V": entity({}, **more)}}).asset.kind is kind


@pytest.mark.parametrize(
    ("pattern", "usage"),
    [
        ("ANALYTICAL_FACT", Usage.FACT),
        ("ANALYTICAL_DIMENSION", Usage.DIMENSION),
        ("LANGUAGE_DEPENDENT_TEXT", Usage.TEXT),
        ("DATA_STRUCTURE", Usage.RELATIONAL),
        ("ANALYTICAL_CUBE", Usage.CUBE),
        ("ANALYTICAL_PARENT_CHILD_HIERARCHY_NODE", Usage.HIERARCHY),
        ("SOMETHING_NEW", None),
    ],
)
def test_the_usage_follows_from_the_modelling_pattern(pattern: str, usage: Usage | None) -> None:
    annotations = {"@ObjectModel.modelingPattern": {"#": pattern}}
    asset = read({"definitions": {"V": entity({}, **annotations)}}).asset
    assert asset.usage is usage
    assert asset.pattern == (pattern if usage is None else None)
    assert asset.custom == ()


def test_without_a_pattern_capabilities_determine_the_usage_and_have_a_field() -> None:
    words = [{"#": "ANALYTICAL_FACT"}, {"#": "X"}, {"#": "_DWC_EDITOR"}]
    annotations = {"@ObjectModel.supportedCapabilities": words}
    asset = read({"definitions": {"V": entity({}, **annotations)}}).asset
    assert asset.usage is Usage.FACT
    assert (asset.capabilities, asset.custom) == (("ANALYTICAL_FACT", "X"), ())


@pytest.mark.parametrize("more", [[], [{"#": "_DWC_EDITOR"}]])
def test_capabilities_that_repeat_the_pattern_say_nothing_more(more: list[Any]) -> None:
    annotations = {
        "@ObjectModel.modelingPattern": {"#": "DATA_STRUCTURE"},
        "@ObjectModel.supportedCapabilities": [{"#": "DATA_STRUCTURE"}, *more],
    }
    asset = read({"definitions": {"V": entity({}, **annotations)}}).asset
    assert (asset.pattern, asset.capabilities, asset.custom) == (None, (), ())


def test_a_hierarchy_with_directory_is_distinguished() -> None:
    annotations = {
        "@ObjectModel.modelingPattern": {"#": "PARENT_CHILD_HIERARCHY_NODE_PROVIDER"},
        "@Hierarchy.parentChild": [
            {
                "name": "H",
                "recurse": {"parent": [{"=": "P"}, {"=": "Q"}], "child": [{"=": "C"}]},
                "directory": {"=": "_dir"},
                "multipleParents": True,
            }
        ],
    }
    asset = read({"definitions": {"V": entity({}, **annotations)}}).asset
    assert asset.usage is Usage.HIERARCHY
    assert asset.pattern == "PARENT_CHILD_HIERARCHY_NODE_PROVIDER"
    assert asset.hierarchies == (
        Hierarchy(
            name="H",
            kind="parent_child",
            parent=("P", "Q"),
            child=("C",),
            association="_dir",
            custom=(("multipleParents", "true"),),
        ),
    )


def test_levelled_and_external_hierarchies_are_read() -> None:
    annotations = {
        "@Hierarchy.leveled": [
            {
                "name": "YM",
                "label": "By month",
                "levels": [{"element": {"=": "Y"}}, {"element": "M"}],
            }
        ]
    }
    column = {"type": "cds.String", "@ObjectModel.hierarchy.association": {"=": "_hier"}}
    asset = read({"definitions": {"V": entity({"C": column}, **annotations)}}).asset
    assert asset.hierarchies == (
        Hierarchy(name="YM", kind="level", label="By month", levels=("Y", "M")),
        Hierarchy(name="_hier", kind="external", child=("C",), association="_hier"),
    )


def test_a_single_hierarchy_without_an_array_is_read() -> None:
    annotations = {
        "@Hierarchy": {"parentChild": {"name": "H", "recurse": {"parent": "P", "child": "C"}}}
    }
    (hierarchy,) = read({"definitions": {"V": entity({}, **annotations)}}).asset.hierarchies
    assert hierarchy == Hierarchy(name="H", kind="parent_child", parent=("P",), child=("C",))


def test_a_hierarchy_in_an_unknown_form_is_stored_unchanged() -> None:
    asset = read({"definitions": {"V": entity({}, **{"@Hierarchy.leveled": ["x"]})}}).asset
    assert asset.hierarchies == ()
    assert dict(asset.custom) == {"Hierarchy.leveled": '["x"]'}


@pytest.mark.parametrize(
    ("condition", "pairs"),
    [
        (ON, (("K", "ID"),)),
        (list(reversed(ON)), (("K", "ID"),)),
        ([{"ref": ["$self", "K"]}, "=", {"ref": ["$self", "_a", "ID"]}], (("K", "ID"),)),
        ([{"ref": ["$projection", "K"]}, "=", {"ref": ["_a", "ID"]}], (("K", "ID"),)),
        ([*ON, "and", {"ref": ["_a", "L"]}, "=", {"ref": ["M"]}], (("K", "ID"), ("M", "L"))),
        (["(", *ON, ")", "AND", {"xpr": ON}], (("K", "ID"), ("K", "ID"))),
    ],
)
def test_pairs_of_columns_are_read_in_either_order(
    condition: list[object], pairs: tuple[tuple[str, str], ...]
) -> None:
    association = link({"target": "T", "on": condition})
    assert association.pairs == pairs
    assert association.custom == ()


@pytest.mark.parametrize(
    "condition",
    [
        [*ON, "and", {"ref": ["_a", "LANG"]}, "=", {"val": "EN"}],
        [{"ref": ["K"]}, ">", {"ref": ["_a", "ID"]}],
        [*ON, "or", {"ref": ["M"]}, "=", {"ref": ["_a", "N"]}],
        [{"ref": ["_a", "parent"]}, "=", {"ref": ["$self"]}],
        [{"ref": ["_a", "X"]}, "=", {"ref": ["_a", "Y"]}],
        ["x"],
        7,
    ],
)
def test_a_condition_that_is_not_pairs_is_stored_unchanged_and_noted(condition: object) -> None:
    definition = read(document({"_a": {"type": "cds.Association", "target": "T", "on": condition}}))
    (association,) = definition.asset.associations
    assert "on" in dict(association.custom)
    assert definition.notes == ("_a: the condition is more than pairs of columns",)


def test_managed_associations_pair_their_generated_columns() -> None:
    keys = [{"ref": ["ID"]}, {"ref": ["x", "y"], "as": "z"}]
    assert link({"target": "T", "keys": keys}).pairs == (("_a_ID", "ID"), ("_a_z", "x.y"))
    target = entity({"ID": {"type": "cds.String", "key": True}, "N": {"type": "cds.String"}})
    assert link({"target": "T"}, T=target).pairs == (("_a_ID", "ID"),)


def test_compositions_and_cardinality_are_read() -> None:
    csn = document(
        {"_c": {"type": "cds.Composition", "target": "T", "on": [], "cardinality": {"max": "*"}}}
    )
    (association,) = read(csn).asset.associations
    assert (association.composition, association.cardinality) == (True, "0..*")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("CUSTOMERS", (None, "CUSTOMERS")),
        ("FINANCE.CUSTOMERS", ("FINANCE", "CUSTOMERS")),
        ("FINANCE.A.B", ("FINANCE", "A.B")),
        ("SALES.CUSTOMERS", (None, "CUSTOMERS")),
        ("SAP.TIME.VIEW_DIMENSION_DAY", (None, "SAP.TIME.VIEW_DIMENSION_DAY")),
        ("SAP.CURRENCY.VIEW.TCURX", (None, "SAP.CURRENCY.VIEW.TCURX")),
        ("SAP.UNIT.VIEW.T006", (None, "SAP.UNIT.VIEW.T006")),
        ("sap.dataset.view", (None, "sap.dataset.view")),
        ("OLD.NAME", (None, "OLD.NAME")),
        ("HR.KNOWN", ("HR", "KNOWN")),
        ("CTX.KNOWN", ("HR_SPACE", "KNOWN")),
    ],
)
def test_a_target_is_split_into_space_and_object(
    target: str, expected: tuple[str | None, str]
) -> None:
    others = {
        "OLD.NAME": entity({}),
        "HR.KNOWN": entity({}),
        "CTX": {"kind": "context", "@DataWarehouse.space.name": "HR_SPACE"},
    }
    association = link({"target": target, "on": ON}, ("HR",), **others)
    assert (association.target_space, association.target) == expected


def test_input_parameters_have_type_default_and_mandatory_flag() -> None:
    params = {
        "P_DAY": {"type": "cds.Date", "@EndUserText.label": "Key date", "@acme.x": 1},
        "P_LANG": {"type": "cds.String", "length": 2, "default": {"val": "EN"}},
    }
    asset = read({"definitions": {"V": entity({}, params=params)}}).asset
    assert asset.variables == (
        Variable(
            "P_DAY",
            SapType("cds.Date"),
            label="Key date",
            mandatory=True,
            custom=(("acme.x", "1"),),
        ),
        Variable("P_LANG", SapType("cds.String", length=2), mandatory=False, default="EN"),
    )


def test_keys_remote_source_delta_and_exposure_are_read() -> None:
    annotations = {
        "@ObjectModel.representativeKey": {"=": "B"},
        "@DataWarehouse.compoundKeySequence": [{"=": "A"}, {"=": "B"}],
        "@DataWarehouse.remote.connection": "S4",
        "@DataWarehouse.remote.entity": "db\u007fs\u007ft",
        "@DataWarehouse.delta": {
            "type": {"#": "UPSERT"},
            "dateTimeElement": {"=": "Change_Date"},
            "modeElement": {"=": "Change_Type"},
        },
        "@DataWarehouse.consumption.external": False,
        "@Internal.Entity.Hidden": True,
    }
    csn = {"definitions": {"V": entity({}, **annotations), "V_Delta": entity({})}}
    definition = read(csn)
    asset = definition.asset
    assert asset.representative_key == "B"
    assert asset.key_sequence == ("A", "B")
    assert (asset.remote_connection, asset.remote_entity) == ("S4", "db\u007fs\u007ft")
    assert dict(asset.delta) == {
        "companion": "V_Delta",
        "date_column": "Change_Date",
        "mode_column": "Change_Type",
        "type": "UPSERT",
    }
    assert (definition.exposed, asset.hidden, asset.custom) == (False, True, ())


def test_a_table_of_changes_of_another_name_names_its_table() -> None:
    changes = entity({}, **{"@DataWarehouse.enclosingObject": "V"})
    csn = {"definitions": {"V": entity({}), "V_Delta": entity({}), "V$LOG": changes}}
    assert dict(read(csn).asset.delta) == {"companion": "V$LOG"}


def test_labels_and_descriptions_are_read_from_each_annotation() -> None:
    def texts(**more: object) -> tuple[str | None, str | None]:
        asset = read({"definitions": {"V": entity({}, **more)}}).asset
        return asset.label, asset.description

    assert texts(**{"@EndUserText.label": "A", "@EndUserText.quickInfo": "B"}) == ("A", "B")
    assert texts(**{"@Common.Label": "Old"}) == ("Old", None)
    assert texts(doc="Said in a comment") == (None, "Said in a comment")
    assert texts() == (None, None)


def test_an_asset_of_another_space_is_matched_by_its_bare_name() -> None:
    csn = {"definitions": {"SALES.V": entity({"C": {"type": "cds.Date"}})}}
    assert [e.name for e in read(csn).asset.elements] == ["C"]


def test_a_definition_without_elements_is_noted() -> None:
    definition = read({"definitions": {"V": {"kind": "entity"}}})
    assert definition.asset.elements == ()
    assert definition.notes == ("the definition has no elements",)


@pytest.mark.parametrize(
    ("csn", "message"),
    [
        ({}, "expected an object, found nothing at definitions"),
        ({"definitions": []}, "expected an object, found list at definitions"),
        ({"definitions": {"W": entity({})}}, "no definition of V; there are: W"),
        ({"definitions": {"V": 1}}, "expected an object, found int at definitions/V"),
        ({"definitions": {"V": {"kind": "context"}}}, "V is no entity but context"),
    ],
)
def test_the_error_of_a_missing_asset_lists_those_present(
    csn: dict[str, object], message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        read(csn)


@pytest.mark.parametrize(
    ("csn", "note"),
    [
        (
            {"definitions": {"V": entity({})}, "businessLayerDefinitions": {"V": []}},
            "expected an object, found list at businessLayerDefinitions/V",
        ),
        (
            {"definitions": {"V": entity({})}, "businessLayerDefinitions": 7},
            "expected an object, found int at businessLayerDefinitions",
        ),
        ({"definitions": {"V": entity({})}, "i18n": "x"}, "expected an object, found str at i18n"),
        (
            {"definitions": {"V": entity({}, params=[1])}},
            "expected an object, found list at definitions/V/params",
        ),
        (
            {"definitions": {"V": entity({}, params={"P": 1})}},
            "the parameter 'P' has no name or is no object",
        ),
    ],
)
def test_a_part_of_the_wrong_form_costs_a_note(csn: dict[str, object], note: str) -> None:
    assert note in read(csn).notes
