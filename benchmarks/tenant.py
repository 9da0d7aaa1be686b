"""A generated tenant: any number of assets, of every kind in turn, spread evenly over spaces."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from local.tenant.csn import Segment
from local.tenant.edmx import Definition, Form
from local.tenant.store import Document, Entry, Space

_BASE: Final = {"@AnalyticsDetails.measureType": {"#": "BASE"}}
_SHAPES: Final[tuple[Definition, ...]] = (
    {"type": "cds.String", "length": 40, "@Analytics.dimension": True},
    {"type": "cds.Decimal", "precision": 15, "scale": 3, **_BASE},
    {"type": "cds.Date"},
    {"type": "cds.Integer64"},
)
_LISTING: Final = {
    "status": "Deployed",
    "createdOn": "2024-02-05T07:00:00.000Z",
    "changedOn": "2025-05-05T05:05:05.005Z",
    "deployedOn": "2025-05-05T05:06:00.000Z",
    "createdBy": "GENERATOR",
    "changedBy": "GENERATOR",
}
_BOTH: Final = frozenset(Form)
_KINDS: Final[tuple[tuple[str, Segment, frozenset[Form]], ...]] = (
    ("V_", Segment.VIEWS, frozenset({Form.RELATIONAL})),
    ("V_", Segment.VIEWS, frozenset({Form.RELATIONAL})),
    ("T_", Segment.LOCAL_TABLES, frozenset()),
    ("F_", Segment.VIEWS, _BOTH),
    ("V_", Segment.VIEWS, frozenset({Form.RELATIONAL})),
    ("V_", Segment.VIEWS, frozenset({Form.RELATIONAL})),
    ("R_", Segment.REMOTE_TABLES, frozenset()),
    ("M_", Segment.ANALYTIC_MODELS, frozenset({Form.ANALYTICAL})),
)
"""Prefix of the name, list and services: half are views, an eighth is of each other kind."""

_QUERY: Final[Mapping[Segment, Definition]] = {
    Segment.VIEWS: {"query": {"SELECT": {"from": {"ref": ["SOURCE"]}}}},
    Segment.ANALYTIC_MODELS: {
        "@DataWarehouse.editorType": {"#": "DWCQueryModelEditor"},
        "query": {"SELECT": {"from": {"ref": ["SOURCE"]}}},
    },
    Segment.LOCAL_TABLES: {},
    Segment.REMOTE_TABLES: {
        "@DataWarehouse.remote.connection": "ERP",
        "@DataWarehouse.remote.entity": "SAPERP.VBAK",
    },
}


def generated(assets: int, columns: int, spaces: int) -> tuple[Space, ...]:
    """Return the spaces of a tenant; an asset costs nothing until it is read."""
    return tuple(_space(first, range(first, assets, spaces), columns) for first in range(spaces))


def _space(number: int, assets: range, columns: int) -> Space:
    name = f"BENCH_{number:03d}"
    return Space(name, f"Benchmark space {number}", tuple(_entries(name, assets, columns)))


def _entries(space: str, assets: range, columns: int) -> Iterator[Entry]:
    for place, number in enumerate(assets):
        prefix, segment, forms = _KINDS[place % len(_KINDS)]
        name, label = f"{prefix}ASSET_{number:06d}", f"Generated asset {number}"
        yield Entry(
            space,
            name,
            segment,
            label,
            partial(_document, name, label, segment, columns),
            forms=forms,
            listing=_LISTING,
        )


def _document(name: str, label: str, segment: Segment, columns: int) -> Document:
    return {
        "definitions": {
            name: {
                "kind": "entity",
                "@EndUserText.label": label,
                "@EndUserText.quickInfo": f"{label}, generated",
                "@ObjectModel.modelingPattern": {"#": "DATA_STRUCTURE"},
                "@DataWarehouse.consumption.external": True,
                **_QUERY[segment],
                "elements": dict(_columns(columns)),
            }
        }
    }


def _columns(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    key = {"type": "cds.String", "length": 20, "key": True, "notNull": True}
    yield "ID", {**key, "@EndUserText.label": "Identifier"}
    for number in range(1, count):
        label = {"@EndUserText.label": f"Column {number}"}
        yield f"COLUMN_{number:03d}", {**_SHAPES[number % len(_SHAPES)], **label}
