"""The metadata read from CSN is written to Glue parameters, column by column."""

import json
from typing import Any

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, Table
from tests.unit.datasphere.csn.samples import entity, read


def table(definition: dict[str, Any], layer: dict[str, Any] | None = None) -> Table:
    csn = {"definitions": {"V": entity(**definition)}}
    if layer is not None:
        csn["businessLayerDefinitions"] = {"V": layer}
    listing = SpaceListing("SALES", assets=(read(csn).asset,), listed=frozenset({"V"}))
    (desired,) = to_tables([listing], Rules("acme.example"), Catalog())
    (result,) = desired.tables
    return result


def parameter(parameters: tuple[tuple[str, str], ...], key: str) -> str | None:
    return dict(parameters).get(f"datasphere.{key}")


def test_a_table_has_links_keys_remote_source_and_delta() -> None:
    glue_table = table(
        {
            "elements": {
                "A": {"type": "cds.String", "key": True},
                "_a": {
                    "type": "cds.Composition",
                    "target": "HR.T",
                    "on": [{"ref": ["A"]}, "=", {"ref": ["_a", "ID"]}],
                    "cardinality": {"min": 1, "max": "*"},
                },
            },
            "@ObjectModel.representativeKey": {"=": "A"},
            "@DataWarehouse.compoundKeySequence": [{"=": "A"}],
            "@DataWarehouse.remote.connection": "S4",
            "@DataWarehouse.remote.entity": "E",
            "@DataWarehouse.delta": {"type": {"#": "UPSERT"}},
            "@UI.hidden": True,
            "@Hierarchy.parentChild": [
                {"name": "H", "recurse": {"parent": "P", "child": "C"}, "directory": "_a"}
            ],
        }
    ).parameters
    assert json.loads(parameter(glue_table, "associations") or "") == [
        {
            "name": "_a",
            "space": "HR",
            "target": "T",
            "columns": [["A", "ID"]],
            "composition": True,
            "cardinality": "1..*",
        }
    ]
    assert json.loads(parameter(glue_table, "hierarchies") or "") == [
        {"name": "H", "kind": "parent_child", "parent": ["P"], "child": ["C"], "association": "_a"}
    ]
    assert parameter(glue_table, "representative_key") == "A"
    assert parameter(glue_table, "key_sequence") == '["A"]'
    assert parameter(glue_table, "remote_connection") == "S4"
    assert parameter(glue_table, "remote_entity") == "E"
    assert parameter(glue_table, "delta") == '{"type":"UPSERT"}'
    assert parameter(glue_table, "hidden") == "true"


def test_an_analytic_model_has_its_sources_measures_and_variables() -> None:
    layer = {
        "sourceModel": {"factSources": {"0": {"dataEntity": {"key": "FIN.F"}}}},
        "measures": {
            "M": {"measureType": "x.RestrictedMeasure", "key": "N", "formula": "A = 1"},
        },
        "variables": {"W": {"referenceAttribute": "A", "parameterType": "x.StoryFilter"}},
    }
    glue_table = table({"elements": {"M": {}}}, layer)
    assert parameter(glue_table.parameters, "sources") == (
        '[{"name":"0","role":"fact","space":"FIN","target":"F"}]'
    )
    assert parameter(glue_table.parameters, "lineage") == '["FIN.F"]'
    assert (
        parameter(glue_table.parameters, "variables")
        == '[{"column":"A","kind":"StoryFilter","name":"W"}]'
    )
    (column,) = glue_table.columns
    assert parameter(column.parameters, "measure_kind") == "RestrictedMeasure"
    assert parameter(column.parameters, "measure_type") == "RESTRICTION"
    assert parameter(column.parameters, "formula") == "A = 1"
    assert parameter(column.parameters, "sources") == '[["SALES","V","N"]]'


def test_a_column_has_its_links_flags_and_all_roles() -> None:
    glue_table = table(
        {
            "elements": {
                "A": {
                    "type": "cds.String",
                    "key": True,
                    "@Semantics.text": True,
                    "@Analytics.hidden": True,
                    "@ObjectModel.text.association": {"=": "_t"},
                }
            }
        }
    )
    (column,) = glue_table.columns
    assert parameter(column.parameters, "role") == "key"
    assert parameter(column.parameters, "roles") == '["key","text"]'
    assert parameter(column.parameters, "hidden") == "true"
    assert parameter(column.parameters, "text_association") == "_t"
