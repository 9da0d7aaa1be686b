"""Databases that nobody marked: read where their name may be one of ours."""

from typing import Any

from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.glue.target import GlueTarget
from local.catalog import EmbeddedCatalog

TENANT = "acme.eu10.hcs.cloud.sap"
THEIRS = {"datasphere.managed_by": "datasphere-glue", "datasphere.tenant": "other"}


def test_a_glob_reads_unmarked_databases_and_no_others(
    glue: Any, edge: GlueCatalog, catalog: EmbeddedCatalog
) -> None:
    marks = {"datasphere_hand": {}, "datasphere_other": THEIRS, "lake": {}}
    for name, parameters in marks.items():
        glue.create_database(DatabaseInput={"Name": name, "Parameters": parameters})
        glue.create_table(DatabaseName=name, TableInput={"Name": "t"})
    catalog.calls.clear()

    found = GlueTarget(edge).read(frozenset({"datasphere_*", "datasphere_sales"}), TENANT)

    assert [database.name for database in found.databases] == ["datasphere_hand"]
    assert [current.table.database for current in found.tables] == ["datasphere_hand"]
