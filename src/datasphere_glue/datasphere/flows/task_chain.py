"""Task chains: what their steps start. The order of steps is no lineage."""

from typing import Final

from datasphere_glue.datasphere.flows.document import FlowDocument, FlowFacts
from datasphere_glue.datasphere.values import object_at, objects_in, text_at
from datasphere_glue.model.auxiliary import AuxiliaryKind, Start

_STARTED: Final = {
    "DATA_FLOW": AuxiliaryKind.DATA_FLOW,
    "REPLICATION_FLOW": AuxiliaryKind.REPLICATION_FLOW,
    "TRANSFORMATION_FLOW": AuxiliaryKind.TRANSFORMATION_FLOW,
    "TASK_CHAIN": AuxiliaryKind.TASK_CHAIN,
}
_LOADED: Final = {"VIEW": "PERSIST", "REMOTE_TABLE": "REPLICATE"}
"""The activity that loads an object by itself, by its application."""


def read_task_chain(document: FlowDocument) -> FlowFacts:
    """Return what the steps of a task chain start; steps of other applications load no table."""
    nodes = document.body.get("nodes")
    if not isinstance(nodes, list):
        return FlowFacts(notes=("its steps cannot be read",))
    starts: dict[Start, None] = {}
    for node in objects_in(nodes):
        task = object_at(node, "taskIdentifier")
        application = (text_at(task, "applicationId") or "").upper().removesuffix("S")
        activity, name = text_at(task, "activity"), text_at(task, "objectId")
        started = document.own(document.qualify(name)) if name else None
        if started is None:
            continue
        if application in _STARTED:
            starts[Start(document.name, (_STARTED[application], started), activity)] = None
        elif application in _LOADED and activity == _LOADED[application]:
            starts[Start(document.name, (None, started), activity)] = None
    return FlowFacts(starts=tuple(starts))
