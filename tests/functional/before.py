"""What happens before the eve (`eve`): a tenant, people at work in Glue, the tenant's changes."""

from typing import Any

from local.tenant.store import Auxiliary, Entry, Space, SpaceStore, entry_of
from tests.functional.depot import data_flow
from tests.functional.samples import view

_STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-02T10:00:00Z",
    "createdBy": "ANNA",
    "changedBy": "BEN",
}
_TABLE: dict[str, Any] = {
    "kind": "entity",
    "@EndUserText.label": "Raw",
    "elements": {
        "ID": {"type": "cds.Integer", "key": True, "@EndUserText.label": "Id"},
        "NET": {"type": "cds.Double", "@EndUserText.label": "Net"},
    },
}
_MEMBERS = ("Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")


def first_spaces() -> tuple[Space, ...]:
    """Return what the tenant holds at first, one space of it."""
    views = (_view("SALES", name) for name in ("V_EDITED", "V_GONE", "V_OLD"))
    tables = (*views, _raw("SALES", "T_RATES"))
    return (Space("SALES", "Sales", tables, auxiliary=(_flow("V_EDITED"),)),)


def change(store: SpaceStore) -> None:
    """Change the tenant as `eve` describes."""
    store.set_column_label("SALES", "V_EDITED", "C2", "Renamed")
    store.set_label("SALES", "T_RATES", "Rates, raw")
    store.add("SALES", "V_NEW", view("New"))
    store.remove("SALES", "V_GONE")
    store.put_auxiliary("SALES", _flow("V_OLD"))
    flows = tuple(store.auxiliary("SALES", "dataflows"))
    tables = tuple(store.entries("SALES"))
    store.add_space(Space("SALES", "Sales and rates", tables, auxiliary=flows))
    stock = (_view("STOCK", "V_BINS"), _raw("STOCK", "T_BINS"))
    store.add_space(Space("STOCK", "Stock and bins", stock))


def work_in_glue(glue: Any) -> None:
    """Do what people do in a catalog: objects of their own, and words on ours."""
    glue.create_database(DatabaseInput={"Name": "analytics", "Description": "by hand"})
    for database, name in (("analytics", "clicks"), ("datasphere_sales", "handmade")):
        body = {"Name": name, "Parameters": {"owner": "web team"}, "Retention": 7}
        glue.create_table(DatabaseName=database, TableInput=body)
    sales = glue.get_database(Name="datasphere_sales")["Database"]
    words = {"LocationUri": "s3://lake/sales", "Parameters": sales["Parameters"] | {"team": "ops"}}
    preserved = {"Name": sales["Name"], "Description": sales["Description"]}
    glue.update_database(Name="datasphere_sales", DatabaseInput=preserved | words)
    table = _writable(glue, "datasphere_sales", "v_edited")
    table |= {"Description": "What analysts call it", "Retention": 30}
    table["Parameters"]["team"] = "sales ops"
    column = table["StorageDescriptor"]["Columns"][0]
    column["Comment"] = "Explained by a person"
    column["Parameters"]["pii"] = "no"
    glue.update_table(DatabaseName="datasphere_sales", TableInput=table)
    backup = table | {"Name": "a_backup_of_v_edited"}
    glue.create_table(DatabaseName="datasphere_sales", TableInput=backup)


def age(glue: Any) -> None:
    """Let the grace of the table that is gone for long be over."""
    table = _writable(glue, "datasphere_sales", "v_old")
    table["Parameters"]["datasphere.deprecated_on"] = "2020-01-01"
    glue.update_table(DatabaseName="datasphere_sales", TableInput=table)


def _flow(source: str) -> Auxiliary:
    """Return the data flow that loads the rates."""
    return data_flow("DF_RATES", source, "T_RATES", "ID")


def _view(space: str, name: str) -> Entry:
    document = {"definitions": {name: view(name.title())}}
    return entry_of(space, name, document, exposed=True, listing=_STAMPS)


def _raw(space: str, name: str) -> Entry:
    document = {"definitions": {name: _TABLE}}
    return entry_of(space, name, document, exposed=False, listing=_STAMPS)


def _writable(glue: Any, database: str, name: str) -> dict[str, Any]:
    current = glue.get_table(DatabaseName=database, Name=name)["Table"]
    return {key: current[key] for key in _MEMBERS if key in current}
