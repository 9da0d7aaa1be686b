"""An asset index as the page reads it: unpacked and with every abbreviation expanded."""

import gzip
import json
from typing import Any

from datasphere_glue.outcome.asset_index import AssetIndex

COLUMN = (
    *("column", "name", "label", "role", "type", "sap_type", "key", "aggregation"),
    *("unit", "description"),
)


def index_of(index: AssetIndex) -> dict[str, Any]:
    unpacked: dict[str, Any] = json.loads(gzip.decompress(index.index))
    return unpacked


def assets_of(index: AssetIndex) -> dict[str, dict[str, Any]]:
    """Return all assets by `SPACE.asset`, their columns as objects by SAP name."""
    return {
        f"{space}.{asset['name']}": asset
        for space, body in index.spaces
        for asset in _unpacked(body)
    }


def _unpacked(body: bytes) -> list[dict[str, Any]]:
    assets: list[dict[str, Any]] = json.loads(gzip.decompress(body))["assets"]
    rows: list[list[Any]] = []
    for asset in assets:
        asset.setdefault("table", asset["name"].lower())
        columns = []
        for column in asset["columns"]:
            if isinstance(column, list):
                rows.append(column)
            columns.append(rows[column] if isinstance(column, int) else column)
        asset["columns"] = {row[1]: _column(row) for row in columns}
    return assets


def _column(row: list[Any]) -> dict[str, Any]:
    named = dict(zip(COLUMN, (*row, *[""] * (len(COLUMN) - len(row))), strict=True))
    return {**named, "column": named["column"] or named["name"].lower(), "key": named["key"] or 0}
