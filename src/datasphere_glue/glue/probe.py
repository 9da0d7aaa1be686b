"""Tries which calls of Glue are permitted, without writing anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from datasphere_glue.glue.client import GlueCatalog

_TABLE: Final = "datasphere_glue_doctor"


@dataclass(frozen=True, slots=True)
class GlueProbe:
    """Glue checks permissions first, then that the database exists: the answer gives both."""

    catalog: GlueCatalog

    def database_names(self) -> list[str]:
        """Return the names of all visible databases; raises SyncError."""
        return [str(database["Name"]) for database in self.catalog.get_databases()]

    def read_tables(self, database: str) -> None:
        """Read the tables of a database; raises SyncError."""
        list(self.catalog.get_tables(database))

    def writes(self, database: str) -> Mapping[str, Callable[[], None]]:
        """Return each write by its operation, aimed at a database that must not exist."""
        body = {"Name": _TABLE}
        return {
            "UpdateDatabase": partial(self.catalog.update_database, {"Name": database}),
            "UpdateTable": partial(self.catalog.update_table, database, body, "0"),
            "CreateTable": partial(self.catalog.create_table, database, body),
            "DeleteTable": partial(self.catalog.delete_table, database, _TABLE),
        }
