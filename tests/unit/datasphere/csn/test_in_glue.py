"""What the reader of CSN finds is expressed in Glue parameters, column by column."""

import json
from typing import Any

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.table import Catalog, Table
from tests.unit.datasphere.csn.samples import entity, read


def table(definition: dict[str, Any], layer: dict[str, Any] | None = None) -> Table:
    csn = {"definitions": {"V": entity(**definition)}}
    if layer is not None:
        csn["businessLayerDefinitions"] = {"V": layer}
    listing = SpaceListing("SALES", assets=(read(csn).asset,), listed=frozenset({"V"}))
    (desired,) = to_tables([listing], Rules("acme.example"), Catalog())
    (found,) = desired.tables
    return found


def said(parameters: tuple[tuple[str, str], ...], key: str) -> str | None:
    return dict(parameters).get(f"datasphere.{key}")


def test_a_table_holds_links_keys_remote_source_and_delta() -> None:
    found = table(
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
    assert json.loads(said(found, "associations") or "") == [
        {
            "name": "_a",
            "space": "HR",
            "target": "T",
            "columns": [["A", "ID"]],
            "composition": True,
            "cardinality": "1..*",
        }
    ]
    assert json.loads(said(found, "hierarchies") or "") == [
        {"name": "H", "kind": "parent_child", "parent": ["P"], "child": ["C"], "association": "_a"}
    ]
    assert said(found, "representative_key") == "A"
    assert said(found, "key_sequence") == '["A"]'
    assert said(found, "remote_connection") == "S4"
    assert said(found, "remote_entity") == "E"
    assert said(found, "delta") == '{"type":"UPSERT"}'
    assert said(found, "hidden") == "true"


def test_an_analytic_model_holds_its_sources_measures_and_variables() -> None:
    layer = {
        "sourceModel": {"factSources": {"0": {"dataEntity": {"key": "FIN.F"}}}},
        "measures": {
            "M": {"measureType": "x.RestrictedMeasure", "key": "N", "formula": "A = 1"},
        },
        "variables": {"W": {"referenceAttribute": "A", "parameterType": "x.StoryFilter"}},
    }
    found = table({"elements": {"M": {}}}, layer)
    assert said(found.parameters, "sources") == (
        '[{"name":"0","role":"fact","space":"FIN","target":"F"}]'
    )
    assert said(found.parameters, "lineage") == '["FIN.F"]'
    assert said(found.parameters, "variables") == '[{"column":"A","kind":"StoryFilter","name":"W"}]'
    (column,) = found.columns
    assert said(column.parameters, "measure_type") == "RestrictedMeasure"
    assert said(column.parameters, "formula") == "A = 1"
    assert said(column.parameters, "sources") == '[["SALES","V","N"]]'


def test_a_column_holds_its_links_marks_and_every_role() -> None:
    found = table(
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
    (column,) = found.columns
    assert said(column.parameters, "role") == "key"
    assert said(column.parameters, "roles") == '["key","text"]'
    assert said(column.parameters, "hidden") == "true"
    assert said(column.parameters, "text_association") == "_t"
