"""The only room that builds sessions, clients, clocks and identities, and connects the others."""

from datasphere_glue.wiring.documents import configuration, configuration_at
from datasphere_glue.wiring.door import Door
from datasphere_glue.wiring.edges import build, table
from datasphere_glue.wiring.exporting import lineage_events
from datasphere_glue.wiring.performing import ReadRequest, perform
from datasphere_glue.wiring.stores import report_store, store_at

__all__ = [
    "Door",
    "ReadRequest",
    "build",
    "configuration",
    "configuration_at",
    "lineage_events",
    "perform",
    "report_store",
    "store_at",
    "table",
]
