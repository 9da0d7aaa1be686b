"""The tables of Glue that hold all of the port, written by hand from the rules."""

import json
from collections.abc import Mapping
from typing import Any

Table = dict[str, Any]


def tables() -> list[Table]:
    """Return a fresh copy of all tables."""
    return [
        _table("BERTHS", BERTHS, BERTH_COLUMNS),
        _table("SHIPS", SHIPS, SHIP_COLUMNS),
        _table("ARRIVALS", ARRIVALS, ARRIVAL_COLUMNS),
        _table("TRAFFIC", TRAFFIC, TRAFFIC_COLUMNS),
        _table("TIDES", TIDES, TIDE_COLUMNS),
        _table("QUEUES", QUEUES, QUEUE_COLUMNS),
    ]


def _table(name: str, about: Mapping[str, Any], columns: Mapping[str, tuple[str, Any]]) -> Table:
    described = [
        {
            "Name": column.lower(),
            "Type": glue,
            "Comment": keys.get("label", ""),
            "Parameters": _parameters(name=column, **keys),
        }
        for column, (glue, keys) in columns.items()
    ]
    return {
        "Name": name.lower(),
        "Description": about.get("label", ""),
        "Parameters": _parameters(space="PORT", name=name, **about),
        "StorageDescriptor": {"Columns": described},
    }


def _parameters(**keys: Any) -> dict[str, str]:
    return {
        f"datasphere.{key}": value
        if isinstance(value, str)
        else json.dumps(value, sort_keys=True, separators=(",", ":"))
        for key, value in keys.items()
    }


def _origin(name: str, column: str, how: str) -> dict[str, str]:
    return {"object": f"PORT.{name}", "column": column, "how": how}


BERTHS = {
    "kind": "local_table",
    "label": "Berths",
    "description": "Places where ships lie",
    "usage": "dimension",
    "hidden": "true",
    "representative_key": "ID",
    "semantic_key": ["QUAY", "NAME"],
    "key_sequence": ["QUAY", "ID"],
    "keys": ["ID", "QUAY"],
    "measures": ["FEE", "LOAD"],
    "dimensions": ["ID"],
    "delta": {"type": "UPSERT", "date_column": "SEEN", "mode_column": "MODE"},
    "origin": {"schema": "HARBOUR_DB", "entity": "T_BERTH"},
    "access_controls": [{"name": "PORT.PILOTS_ONLY", "columns": ["QUAY"]}],
    "personal_data": {"entitySemantics": "DATA_SUBJECT_DETAILS"},
    "relationship": {"entityType": "port:Berth"},
    "release": {"state": "DEPRECATED"},
    "custom": {"harbour.master": "Ada"},
    "dimension_type": "GEO",
    "composition_root": "true",
    "capabilities": ["EXTRACTION_DATA_SOURCE"],
    "usage_type": {"sizeCategory": "XXL"},
    "storage": {"hdlf.tableFormat": "DELTA_LAKE"},
    "integration": {"dataUnavailable": "true"},
    "hint": "Ask for the quay",
    "read_only": "true",
    "hierarchies": [
        {"name": "H_QUAY", "kind": "level", "label": "By quay", "levels": ["QUAY", "ID"]},
        {
            "name": "H_TREE",
            "kind": "parent_child",
            "label": "Tree",
            "parent": ["QUAY"],
            "child": ["ID"],
            "association": "_TEXTS",
        },
    ],
    "associations": [
        {
            "name": "_TEXTS",
            "label": "Texts of the berth",
            "target": "BERTH_TEXTS",
            "columns": [["ID", "ID"]],
            "composition": True,
            "cardinality": "0..*",
            "custom": {
                "harbour.loaded": "nightly",
                "on": "ID = _TEXTS.ID and _TEXTS.LANGU = 'NO'",
            },
        },
        {"name": "_QUAY", "space": "CITY", "target": "QUAYS", "columns": [["QUAY", "CODE"]]},
    ],
}
BERTH_COLUMNS = {
    "ID": (
        "varchar(10)",
        {
            "type": "cds.String(10)",
            "label": "Berth",
            "description": "Painted on the quay",
            "roles": ["key", "dimension"],
            "key": "true",
            "nullable": "false",
            "text": "NAME",
            "further_texts": ["MODE"],
            "heading": "Place",
            "value_help": {"entity.name": "QUAYS"},
            "text_association": "_TEXTS",
            "relationship": {"propertyType": "port:BerthId"},
        },
    ),
    "QUAY": (
        "varchar(4)",
        {"type": "cds.String(4)", "role": "key", "key": "true", "association": "_QUAY"},
    ),
    "NAME": (
        "varchar(80)",
        {
            "type": "cds.String(80)",
            "role": "text",
            "native_type": "VARCHAR2(80)",
            "personal_data": {"fieldSemantics": "USER_ID"},
        },
    ),
    "STATE": (
        "varchar(1)",
        {
            "type": "port.State:cds.String(1)[FREE, TAKEN]",
            "label": "State of the berth",
            "default": "F",
            "values": [
                {"name": "FREE", "value": "F", "label": "Nobody there"},
                {"name": "TAKEN", "value": "T"},
            ],
        },
    ),
    "SEEN": ("date", {"type": "cds.Date", "semantics": ["IsCalendarYearMonth"]}),
    "MODE": (
        "varchar(1)",
        {"type": "cds.String(1)", "hidden": "true", "release": {"successor": "STATE"}},
    ),
    "FEE": (
        "decimal(15,2)",
        {
            "type": "cds.Decimal(15,2)",
            "role": "measure",
            "aggregation": "SUM",
            "measure_type": "BASE",
            "currency": "CURR",
            "exception_aggregation": "LAST",
            "exception_columns": ["SEEN"],
        },
    ),
    "CURR": ("varchar(5)", {"type": "cds.String(5)", "role": "currency"}),
    "LOAD": (
        "decimal(15,2)",
        {"type": "cds.Decimal(15,2)", "role": "measure", "aggregation": "MAX", "unit": "UNIT"},
    ),
    "UNIT": ("varchar(3)", {"type": "cds.String(3)", "role": "unit"}),
    "SPOT": (
        "string",
        {"type": "cds.hana.ST_POINT", "spatial": {"resultOnError": "NULL"}},
    ),
    "LEVEL": (
        "int",
        {
            "type": "cds.Integer",
            "value_range": {"maximum": "99"},
            "integration": {"technical": "true"},
            "hint": "Above the sea",
        },
    ),
    "TOLL": ("decimal(15,2)", {"type": "cds.Decimal(15,2)", "currency_value": "NOK"}),
    "DRAFT": (
        "decimal(15,2)",
        {"type": "cds.Decimal(15,2)", "unit_value": "MTR", "custom": {"harbour.depth": "low"}},
    ),
}
SHIPS = {
    "kind": "remote_table",
    "remote_connection": "SHIP_DB",
    "remote_entity": '"SEA"."SHIPS"',
}
SHIP_COLUMNS = {
    "IMO": ("bigint", {"type": "cds.Integer64"}),
    "SHIP": ("varchar(40)", {"type": "cds.String(40)"}),
}
ARRIVALS = {
    "kind": "view",
    "label": "Arrivals",
    "usage": "fact",
    "measures": ["PAID"],
    "lineage": ["PORT.BERTHS", "PORT.SHIPS"],
    "filter": ["STATE = 'T'"],
    "indirect_lineage": [
        _origin("BERTHS", "STATE", "filter"),
        _origin("BERTHS", "NAME", "join"),
        _origin("SHIPS", "SHIP", "join"),
    ],
    "sql": 'SELECT "ID" FROM "BERTHS"',
    "variables": [
        {
            "name": "P_QUAY",
            "label": "Quay",
            "type": "cds.String(4)",
            "mandatory": False,
            "default": "N",
        },
        {"name": "P_DAY", "label": "Day", "type": "cds.Date", "mandatory": True},
    ],
}
ARRIVAL_COLUMNS = {
    "ID": (
        "varchar(10)",
        {"type": "cds.String(10)", "lineage": [_origin("BERTHS", "ID", "direct")]},
    ),
    "SHIP_NAME": (
        "varchar(40)",
        {"type": "cds.String(40)", "lineage": [_origin("SHIPS", "SHIP", "renamed")]},
    ),
    "PAID": (
        "decimal(15,2)",
        {
            "type": "cds.Decimal(15,2)",
            "role": "measure",
            "aggregation": "SUM",
            "measure_type": "BASE",
            "formula": 'SUM("b"."FEE")',
            "lineage": [_origin("BERTHS", "FEE", "aggregated")],
        },
    ),
    "SIZE": (
        "varchar(5)",
        {
            "type": "cds.String(5)",
            "formula": "CASE WHEN b.DRAFT > 9 THEN 'deep' ELSE b.STATE END",
            "lineage": [
                _origin("BERTHS", "DRAFT", "computed"),
                _origin("BERTHS", "STATE", "computed"),
            ],
        },
    ),
}
TRAFFIC = {
    "kind": "analytic_model",
    "label": "Traffic",
    "measures": ["PAID", "PAID_NORTH", "MEAN", "SHIPS", "PAID_EUR", "LATE"],
    "lineage": ["PORT.ARRIVALS", "PORT.BERTHS"],
    "sources": [
        {
            "role": "fact",
            "name": "F",
            "space": "PORT",
            "target": "ARRIVALS",
            "label": "The arrivals",
            "parameters": [
                {"name": "P_QUAY", "value": "S"},
                {"name": "P_DAY", "variable": "V_DAY"},
            ],
        },
        {
            "role": "dimension",
            "name": "_BERTH",
            "space": "PORT",
            "target": "BERTHS",
            "label": "The berths",
            "associations": ["_BERTH"],
            "affix": {"text": "_b", "type": "SUFFIX"},
        },
    ],
    "cross_calculations": [
        {
            "name": "LAST",
            "label": "Last year",
            "kind": "RestrictedCrossCalculation",
            "formula": "SEEN = '2030'",
        }
    ],
    "variables": [
        {
            "name": "V_BEST",
            "label": "Best ship",
            "mandatory": False,
            "hidden": True,
            "usage": "FORMULA",
            "derived_from": "BEST.BEST_SHIP",
        },
        {"name": "V_DAY", "label": "Key day", "mandatory": False, "default": "2031-05-17"},
        {
            "name": "V_SHIP",
            "label": "Ships",
            "mandatory": True,
            "column": "SHIP_NAME",
            "selection": "RANGE",
            "multiple": True,
            "custom": {"prompt": "Which ships?"},
        },
    ],
}
TRAFFIC_COLUMNS = {
    "SHIP_NAME": (
        "varchar(40)",
        {
            "type": "cds.String(40)",
            "label": "Name of the ship",
            "sources": [["PORT", "ARRIVALS", "SHIP_NAME"]],
        },
    ),
    "SEEN_b": (
        "date",
        {
            "type": "cds.Date",
            "label": "Seen on",
            "semantics": ["IsCalendarYearMonth"],
            "sources": [["PORT", "BERTHS", "SEEN"]],
        },
    ),
    "PAID": (
        "decimal(15,2)",
        {
            "type": "cds.Decimal(15,2)",
            "role": "measure",
            "aggregation": "SUM",
            "measure_type": "BASE",
            "measure_kind": "FactSourceMeasure",
            "sources": [["PORT", "ARRIVALS", "PAID"]],
        },
    ),
    "PAID_NORTH": (
        "decimal(15,2)",
        {
            "type": "cds.Decimal(15,2)",
            "role": "measure",
            "aggregation": "SUM",
            "measure_type": "RESTRICTION",
            "measure_kind": "RestrictedMeasure",
            "formula": "QUAY = 'N'",
            "custom": {"model.constantSelectionType": "X.All"},
        },
    ),
    "MEAN": (
        "double",
        {
            "role": "measure",
            "measure_type": "CALCULATION",
            "measure_kind": "CalculatedMeasure",
            "formula": "PAID / SHIPS",
        },
    ),
    "SHIPS": (
        "bigint",
        {"role": "measure", "measure_kind": "CountDistinct", "distinct_columns": ["SHIP_NAME"]},
    ),
    "PAID_EUR": (
        "decimal(15,2)",
        {
            "role": "measure",
            "measure_kind": "CurrencyConversionMeasure",
            "conversion": {"target": "EUR"},
        },
    ),
    "LATE": (
        "double",
        {
            "role": "measure",
            "measure_kind": "CalculatedMeasure",
            "formula": "PAID",
            "non_additive": "true",
        },
    ),
}
QUEUES = {
    "kind": "view",
    "label": "Queues",
    "lineage": ["PORT.QUEUE"],
    "view_type": "TABLE_FUNCTION",
}
QUEUE_COLUMNS = {
    "NUMBER": (
        "bigint",
        {
            "type": "Edm.Int64",
            "modelled_type": "cds.Integer64",
            "lineage": [_origin("QUEUE", "NUMBER", "direct")],
        },
    )
}
TIDES = {
    "kind": "view",
    "label": "Tides",
    "keys": ["0DAY"],
    "measures": ["HIGH"],
    "dimensions": ["0DAY"],
    "associations": [
        {
            "name": "gauge",
            "target": "GAUGE",
            "columns": [["0DAY", "DAY"]],
            "composition": True,
            "cardinality": "1..1",
        }
    ],
    "variables": [{"name": "P_PORT", "type": "Edm.String(MaxLength=4)"}],
}
TIDE_COLUMNS = {
    "0DAY": (
        "date",
        {
            "type": "Edm.Date",
            "label": "Day",
            "roles": ["key", "dimension"],
            "key": "true",
            "nullable": "false",
            "semantics": ["IsCalendarDate"],
        },
    ),
    "HIGH": (
        "decimal(5,1)",
        {
            "type": "Edm.Decimal(Precision=5,Scale=1)",
            "role": "measure",
            "default": "2.5",
            "aggregation": "MAX",
            "unit_value": "MTR",
            "custom": {"Validation.Minimum": "7"},
        },
    ),
    "PRICE": (
        "decimal(9,2)",
        {"type": "Edm.Decimal(Precision=9,Scale=2)", "currency": "0DAY"},
    ),
}
