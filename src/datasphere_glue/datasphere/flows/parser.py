"""Reads the document of one flow or task chain by its kind."""

from collections.abc import Collection
from typing import assert_never

from datasphere_glue.datasphere.flows.document import FlowFacts, open_flow
from datasphere_glue.datasphere.flows.process_flows import read_process_flow
from datasphere_glue.datasphere.flows.replication_flow import read_replication_flow
from datasphere_glue.datasphere.flows.task_chain import read_task_chain
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.auxiliary import AuxiliaryKind


def parse_flow(  # noqa: PLR0913 - only the caller knows each of these values
    document: bytes,
    kind: AuxiliaryKind,
    name: str,
    *,
    space: str,
    spaces: Collection[str] = (),
    stamp: str | None = None,
) -> FlowFacts:
    """Return what a flow or task chain says; a part that cannot be read costs a note.

    `spaces`: the spaces of the tenant, which distinguish `SPACE.OBJECT` from a local dotted name.
    `stamp`: last change of the object, as its list has it.

    Raises:
        DocumentError: it is no JSON within bounds, or does not hold the object.

    """
    flow = open_flow(document, segment_of(kind), name, space=space, spaces=spaces, stamp=stamp)
    match kind:
        case AuxiliaryKind.DATA_FLOW | AuxiliaryKind.TRANSFORMATION_FLOW:
            return read_process_flow(flow, kind)
        case AuxiliaryKind.REPLICATION_FLOW:
            return read_replication_flow(flow)
        case AuxiliaryKind.TASK_CHAIN:
            return read_task_chain(flow)
        case AuxiliaryKind.DATA_ACCESS_CONTROL | AuxiliaryKind.CONNECTION:
            raise DocumentError(f"{name} is no flow")
        case _:
            assert_never(kind)


def segment_of(kind: AuxiliaryKind) -> str:
    """Return the name of the list of a kind in the object API, also the key of its documents."""
    match kind:
        case AuxiliaryKind.DATA_FLOW:
            return "dataflows"
        case AuxiliaryKind.REPLICATION_FLOW:
            return "replicationflows"
        case AuxiliaryKind.TRANSFORMATION_FLOW:
            return "transformationflows"
        case AuxiliaryKind.TASK_CHAIN:
            return "taskchains"
        case AuxiliaryKind.DATA_ACCESS_CONTROL:
            return "dataaccesscontrols"
        case AuxiliaryKind.CONNECTION:
            return "connections"
        case _:
            assert_never(kind)
