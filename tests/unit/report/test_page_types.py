"""The types in the scripts of the page match the fields of report and asset index."""

import gzip
import json
import re
from base64 import b64decode
from collections import defaultdict
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.completeness import Completeness, Score, Share
from datasphere_glue.model.element import Element
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import AssetIndex, AssetIndexBuilder
from datasphere_glue.outcome.call_stats import CallRecorder
from datasphere_glue.outcome.checks import Check, Level
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import ColumnChange, Conflict, Plan, Rename
from datasphere_glue.plan.policy import SchemaChange
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from tests.golden.everything import EVERYTHING
from tests.unit.samples import (
    RULES,
    database_change,
    issue,
    listing,
    nightly,
    outcome,
    table_change,
)

SOURCES = Path(__file__).parents[3] / "page" / "src"
ABSENT_YET: Final = {("Issue", "severity")}
"""Fields that the page reads if present, but that this version may not write."""

OPTIONAL_VALUES = {
    ("IndexDocument", "left_out"),
}
"""Fields of a page with omitted spaces."""

_PROPERTY = re.compile(r"^ \* @property \{(.+)\} (\[?)(\w+)\]?", re.MULTILINE)
_PRIMITIVES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
}


def comments(file: str) -> list[str]:
    return re.findall(r"/\*\*.*?\*/", (SOURCES / file).read_text(), re.DOTALL)


def objects(file: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """Return the fields of each object type: JSDoc type, and whether the field is optional."""
    types = {}
    for comment in comments(file):
        if named := re.search(r"@typedef \{object\} (\w+)", comment):
            fields = _PROPERTY.findall(comment)
            types[named[1]] = {name: (kind, bool(opt)) for kind, opt, name in fields}
    return types


def tuple_names(file: str, name: str) -> list[str]:
    """Return the names of the values of a tuple type."""
    (names,) = (
        match[1]
        for c in comments(file)
        if (match := re.search(rf"@typedef \{{\[(.*)\]\}} {name}", c))
    )
    return re.findall(r"(\w+)\??:", names)


class TypeChecker:
    """Compares values with the types of a file, and records which fields occurred."""

    def __init__(self, file: str) -> None:
        self._types = objects(file)
        self.seen: dict[str, set[str]] = defaultdict(set)

    def check(self, value: Any, kind: str) -> None:
        """Assert that a value matches a JSDoc type; other kinds of types are not checked."""
        kinds = kind.split(" | ")
        if value is None:
            assert "null" in kinds, kind
            return
        (kind, *_) = kinds
        if kind.endswith("[]") and not kind.startswith(("(", "[")):
            assert isinstance(value, list), kind
            for one in value:
                self.check(one, kind[:-2])
        elif kind in self._types:
            self._check_object(value, kind)
        elif kind in _PRIMITIVES:
            assert isinstance(value, _PRIMITIVES[kind]), f"{value!r} is not a {kind}"
        elif kind.startswith('"'):
            assert f'"{value}"' in kinds

    def _check_object(self, value: dict[str, Any], name: str) -> None:
        fields = self._types[name]
        needed = {field for field, (_, optional) in fields.items() if not optional}
        assert needed <= value.keys() <= fields.keys(), f"{name}: {value.keys() ^ fields.keys()}"
        self.seen[name] |= value.keys()
        for field, inner in value.items():
            self.check(inner, fields[field][0])

    def never_written(self) -> set[tuple[str, str]]:
        """Return the fields of the types that no value had."""
        return {
            (name, field)
            for name, fields in self._types.items()
            for field in fields
            if field not in self.seen[name]
        }


def page_data(body: bytes) -> Any:
    (text,) = re.findall(rb'<script type="application/json" id="data">(.*?)</script>', body)
    return json.loads(text)


def full_run() -> Result:
    rename = Rename("V_OLD", "V_NEW", 0.95, ("same label",), heir="datasphere_sales.v_new")
    narrowed = ColumnChange("amount", SchemaChange.NARROWING, "bigint", "int")
    edit = Conflict("d", "v", "SALES", "V", "description", "mine", "theirs", both=True)
    changed = replace(table_change(), schema=(narrowed,), columns_renamed=(rename,))
    created = replace(table_change(ChangeAction.CREATE, "w"), renamed=rename)
    score = Score(0, "SALES", "V", "db", "v", ("label",))
    return Result(
        RunAction.SYNC,
        (SpaceListing("SALES", "Sales", read=1, unread=(issue(),)),),
        plan=Plan((database_change(),), (changed, created), (edit,), notes=(issue(),)),
        outcomes=(outcome(changed),),
        completeness=(Completeness("SALES", 2, 4, (Share("label", 1, 2, 1),), (score,)),),
        checks=(Check("glue", Level.PROBLEM, "m", "r", IssueCode.PERMISSION_DENIED),),
    )


def test_the_types_of_the_report_match_its_fields() -> None:
    recorder = CallRecorder()
    recorder.called("glue", "GetTable", "db.t", 0.05)
    recorder.spent("read", 1.5)
    report = document(nightly(full_run(), call_stats=recorder.stats()))
    runs = [html.run_entry(report)]
    checker = TypeChecker("report_document.js")

    checker.check(page_data(html.page(report, runs)), "PageData")
    checker.check(page_data(html.index(runs)), "IndexData")

    assert checker.never_written() <= ABSENT_YET
    assert {"page", *asdict(runs[0])} == checker.seen["RecentRun"]


ORDERS = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label="Orders",
    description="All orders",
    usage=Usage.FACT,
    object_status="deployed",
    elements=(
        Element(
            "Größe",
            SapType("cds.Decimal", precision=17, scale=2),
            label="Net",
            description="Without tax",
            measure=True,
            aggregation="SUM",
            unit="Unit",
        ),
    ),
    hierarchies=(
        Hierarchy("H", "level", label="L", levels=("Y",), association="_A"),
        Hierarchy("P", "parent_child", parent=("A",), child=("B",)),
    ),
    associations=(
        Association(
            "_A",
            "CUSTOMERS",
            target_space="HR",
            label="L",
            pairs=(("ID", "ORDER"),),
            composition=True,
            cardinality="1..n",
        ),
    ),
    variables=(
        Variable(
            "P",
            SapType("cds.Date"),
            label="L",
            mandatory=True,
            kind="filter",
            column="C",
            description="D",
            default="",
        ),
    ),
    owner="Ada",
    steward="Bob",
    certification="gold",
    tags=("gold",),
    terms=("order",),
    lineage=("SALES.T_1", "ERP.VBAK"),
)


SOURCE = Asset("SALES", "T 1", Kind.VIEW, elements=ORDERS.elements)


def asset_index(*assets: Asset) -> AssetIndex:
    builder = AssetIndexBuilder()
    for desired in to_tables((listing(*assets),), RULES, Catalog()):
        _, scores = measure_completeness(desired.space, desired.tables, Governance())
        builder("SALES", desired.database.name, zip(desired.tables, scores, strict=True))
    index = builder.build()
    assert index is not None
    return index


def test_the_types_of_the_assets_match_their_fields() -> None:
    body = html.page(document(nightly(full_run())), [], asset_index(ORDERS, EVERYTHING))
    texts = re.findall(rb'<script type="text/plain" id="asset-[\w-]+">(.*?)</script>', body)
    index, space = (json.loads(gzip.decompress(b64decode(text))) for text in texts)
    checker = TypeChecker("asset_document.js")

    checker.check(index, "IndexDocument")
    checker.check(space, "SpaceDocument")

    assert checker.never_written() <= OPTIONAL_VALUES


def test_the_rows_of_the_index_match_their_tuple_type() -> None:
    index = json.loads(gzip.decompress(asset_index(ORDERS, SOURCE).index))
    renamed, orders = (
        dict(zip(tuple_names("asset_document.js", "AssetRow"), row, strict=True))
        for row in index["assets"]
    )
    assert {key: orders[key] for key in ("space", "name", "table", "label", "kind", "columns")} == {
        "space": 0,
        "name": "V_ORDERS",
        "table": "",
        "label": "Orders",
        "kind": "view",
        "columns": 1,
    }
    assert orders["score"] > renamed["score"]
    assert orders["upstream"] == []
    assert (renamed["name"], renamed["table"]) == ("T 1", "t_1")


def test_the_row_of_a_column_matches_its_tuple_type() -> None:
    (_, body), *_ = asset_index(ORDERS, SOURCE).spaces
    row = json.loads(gzip.decompress(body))["assets"][0]["columns"][0]
    values = dict(zip(tuple_names("asset_document.js", "ColumnRow"), row, strict=True))
    glue = values.pop("glue")
    assert glue
    assert values == {
        "sap": "Größe",
        "label": "Net",
        "role": "measure",
        "type": "decimal(17,2)",
        "sapType": "cds.Decimal(17,2)",
        "key": 0,
        "aggregation": "SUM",
        "unit": "Unit",
        "description": "Without tax",
    }
