"""A tenant of one space that has an object of each kind beside its tables, all of our invention."""

from typing import Any

from local.tenant.store import Auxiliary, Entry, Space, entry_of

DAY = "2025-05-01T10:00:00.000Z"
STAMPS = {"status": "Deployed", "changedOn": DAY, "deployedOn": DAY}
CONNECTIONS = (
    {"name": "ERP", "businessName": "ERP", "typeId": "ABAP"},
    {"name": "LAKE", "businessName": "Lake", "typeId": "S3"},
)


def table(*columns: str, **more: Any) -> dict[str, Any]:
    """Return the definition of a table with text columns."""
    elements = {name: {"type": "cds.String", "length": 10} for name in columns}
    return {"kind": "entity", "@EndUserText.label": "Table", "elements": elements, **more}


def entry(name: str, definition: dict[str, Any], *, exposed: bool = False) -> Entry:
    """Return an object that was changed once."""
    document = {"definitions": {name: definition}}
    return entry_of("DEPOT", name, document, exposed=exposed, listing=STAMPS)


def view(source: str, **more: Any) -> dict[str, Any]:
    """Return the definition of an exposed view."""
    query = {"SELECT": {"from": {"ref": [source]}, "columns": [{"ref": ["NO"]}]}}
    return {**table("NO"), "query": query, "@DataWarehouse.consumption.external": True, **more}


def process(component: str, **config: Any) -> dict[str, Any]:
    """Return one process of a flow."""
    return {"component": component, "metadata": {"config": config}}


def data_flow(name: str, source: str, target: str, *columns: str) -> Auxiliary:
    """Return a data flow that copies columns."""
    mappings = [{"target": one, "expression": f'"{one}"'} for one in columns]
    contents = {
        "processes": {
            "in": process("com.sap.database.table.consumer", dwcEntity=source),
            "out": process(
                "com.sap.database.table.producer", dwcEntity=target, attributeMappings=mappings
            ),
        },
        "connections": [{"src": {"process": "in"}, "tgt": {"process": "out"}}],
    }
    return auxiliary("dataflows", name, {"kind": "sap.dis.dataflow", "contents": contents})


def transformation_flow(name: str, source: str, target: str) -> Auxiliary:
    """Return a transformation flow of one query."""
    query = {"SELECT": {"from": {"ref": [source]}, "columns": [{"ref": ["NO"]}]}}
    definition = {"kind": "entity", "elements": {"NO": {"type": "cds.String"}}, "query": query}
    mappings = [{"source": "NO", "target": "NO"}]
    contents = {
        "metadata": {"loadType": "INITIAL_AND_DELTA"},
        "processes": {
            "viewtransform1": process("com.sap.dwc.viewtransform", definition=definition),
            "target1": process("com.sap.dwc.target", name=target, attributeMappings=mappings),
        },
        "connections": [{"src": {"process": "viewtransform1"}, "tgt": {"process": "target1"}}],
    }
    body = {"kind": "sap.dis.transformationflow", "contents": contents}
    return auxiliary("transformationflows", name, body)


def replication_flow(name: str, source: str, target: str, *, outbound: bool = False) -> Auxiliary:
    """Return a replication flow from the ERP system, or to the lake."""
    own = {"connectionId": "$DWC", "connectionType": "HANA"}
    erp = {"connectionId": "ERP", "connectionType": "ABAP", "container": "/CDS"}
    lake = {"connectionId": "LAKE", "connectionType": "S3", "container": "/raw"}
    contents = {
        "sourceSystem": [own if outbound else erp],
        "targetSystem": [lake if outbound else own],
        "replicationTasks": [
            {
                "loadType": "REPLICATE",
                "sourceObject": {"name": source},
                "targetObject": {"name": target},
                "transform": {"attributeMappings": [{"target": "NO", "expression": '"Number"'}]},
            }
        ],
    }
    body = {"kind": "sap.dis.replicationflow", "contents": contents}
    return auxiliary("replicationflows", name, body)


def task_chain(name: str, *steps: tuple[str, str, str]) -> Auxiliary:
    """Return a task chain; steps are (application, activity, object)."""
    words = ("applicationId", "activity", "objectId")
    nodes = [
        {"id": at, "type": "TASK", "taskIdentifier": dict(zip(words, step, strict=True))}
        for at, step in enumerate(steps, start=1)
    ]
    body = {"kind": "sap.dwc.taskChain", "nodes": [{"id": 0, "type": "START"}, *nodes]}
    return auxiliary("taskchains", name, body)


def access_control(name: str) -> Auxiliary:
    """Return a data access control of operators."""
    columns = {"restriction": {"=": "R"}, "option": {"=": "O"}, "low": {"=": "L"}}
    definition = {"principalElement": {"=": "USER"}, "restrictionElements": columns}
    body = {"kind": "entity", "@DataWarehouse.dataAccessControl.definition": definition}
    return auxiliary("dataaccesscontrols", name, body)


def auxiliary(segment: str, name: str, body: dict[str, Any], **stamps: str) -> Auxiliary:
    """Return an object that was changed once."""
    return Auxiliary(segment, name, body, name, {**STAMPS, **stamps})


def depot() -> Space:
    """Return the space, with all of it changed long ago."""
    usage = [{"target": "RIGHTS", "on": [{"ref": ["NO"]}, "=", {"ref": ["RIGHTS", "NO"]}]}]
    remote = {"@DataWarehouse.remote.connection": "ERP", "@DataWarehouse.remote.entity": "PARTS"}
    delta = {"@DataWarehouse.delta": {"type": {"#": "UPSERT"}, "modeElement": {"=": "NO"}}}
    view_of = view("T_PARTS", **{"@DataWarehouse.dataAccessControl.usage": usage})
    return Space(
        "DEPOT",
        "Depot",
        (
            entry("T_PARTS", table("NO", "NAME")),
            entry("T_STOCK", table("NO", **delta)),
            entry("T_RAW", table("NO")),
            entry("R_PARTS", table("NO", **remote)),
            entry("V_PARTS", view_of, exposed=True),
        ),
        auxiliary=(
            data_flow("DF_PARTS", "R_PARTS", "T_PARTS", "NO"),
            transformation_flow("TF_STOCK", "T_PARTS", "T_STOCK_Delta"),
            replication_flow("RF_RAW", "I_Raw", "T_RAW"),
            replication_flow("RF_OUT", "V_PARTS", "parts", outbound=True),
            task_chain(
                "TC_NIGHT",
                ("DATA_FLOWS", "EXECUTE", "DF_PARTS"),
                ("VIEWS", "PERSIST", "V_PARTS"),
            ),
            task_chain("TC_WEEK", ("TASK_CHAINS", "RUN_CHAIN", "TC_NIGHT")),
            access_control("RIGHTS"),
        ),
        connections=CONNECTIONS,
    )
