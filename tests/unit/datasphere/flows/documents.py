"""Documents of flows in the shapes of SAP's own editors, with names of our own."""

import json
from collections.abc import Mapping
from typing import Any

from datasphere_glue.datasphere.flows.document import FlowFacts
from datasphere_glue.datasphere.flows.parser import parse_flow, segment_of
from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.auxiliary import AuxiliaryKind

SPACES = ("DEPOT", "PLANT")
STAMP = "2026-03-04T05:06:07.089Z"


def parse(kind: AuxiliaryKind, name: str, body: Any, **root: Any) -> FlowFacts:
    """Return the facts of an object of the space DEPOT."""
    document = {segment_of(kind): {name: body}, **root}
    return parse_flow(
        json.dumps(document).encode(), kind, name, space="DEPOT", spaces=SPACES, stamp=STAMP
    )


def process(component: str, **config: Any) -> dict[str, Any]:
    """Return one process with its configuration."""
    return {"component": component, "metadata": {"label": "x", "x": 1, "config": config}}


def consumer(entity: str, connection: str | None = "$DWC", **config: Any) -> dict[str, Any]:
    """Return an input of a data flow."""
    place = {"hanaConnection": {"connectionID": connection}} if connection is not None else {}
    names = {"qualifiedName": entity, "dwcEntity": entity}
    return process("com.sap.database.table.consumer", **names, **place, **config)


def producer(entity: str, *pairs: tuple[str, str], **config: Any) -> dict[str, Any]:
    """Return a target of a data flow; pairs are (target column, expression)."""
    mappings = [{"target": target, "expression": text} for target, text in pairs]
    place = {"hanaConnection": {"connectionID": "$DWC"}, "attributeMappings": mappings}
    return process("com.sap.database.table.producer", dwcEntity=entity, **place, **config)


def projection(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Return a projection."""
    mappings = [{"target": target, "expression": text} for target, text in pairs]
    return process("com.sap.dataflow.projection", attributeMappings=mappings)


def links(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return connections from one process to the next."""
    return [
        {
            "metadata": {"points": "1,2 3,4"},
            "src": {"port": "outTable", "process": source},
            "tgt": {"port": "inTable", "process": target},
        }
        for source, target in pairs
    ]


def flow(processes: Mapping[str, Any], *pairs: tuple[str, str], **contents: Any) -> dict[str, Any]:
    """Return the body of a data flow or transformation flow."""
    graph = {"processes": processes, "connections": links(*pairs), "groups": [], **contents}
    return {"kind": "sap.dis.dataflow", "@EndUserText.label": "Flow", "contents": graph}


def load_of(facts: FlowFacts, asset: str) -> Load:
    """Return the only load of an asset."""
    (load,) = (one.load for one in facts.writings if one.asset == asset)
    return load


def origins(facts: FlowFacts, asset: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return the origins of each column of an asset."""
    return {
        column: [(o.object, o.column, o.how) for o in found]
        for one in facts.writings
        if one.asset == asset
        for column, found in one.columns
    }
