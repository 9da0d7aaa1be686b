"""Finding the tables of a tenant in a catalog."""

from collections.abc import Mapping

import pytest

from datasphere_glue.browse.find import find_entries
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.table import CurrentTable, Database
from tests.unit.samples import RULES, TENANT, asset, listing, synced


class FakeCatalog:
    """Holds tables by database; those of a database that is not among them are refused."""

    def __init__(self, names: list[str], tables: Mapping[str, tuple[CurrentTable, ...]]) -> None:
        self._names = names
        self._tables = tables

    def databases(self) -> tuple[Database, ...]:
        return tuple(map(Database, self._names))

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        if database.name not in self._tables:
            raise PermissionDenied(f"{database.name} may not be read")
        return self._tables[database.name]


def written(*names: str) -> tuple[CurrentTable, ...]:
    return synced(listing(*map(asset, names))).tables


def test_entries_come_by_database_and_name_with_their_assets() -> None:
    catalog = FakeCatalog(["datasphere_sales"], {"datasphere_sales": written("B", "A")})

    entries = find_entries(catalog, RULES)

    assert [(entry.place, entry.source) for entry in entries] == [
        ("datasphere_sales.a", "SALES.A"),
        ("datasphere_sales.b", "SALES.B"),
    ]


def test_tables_of_another_tenant_are_left_out() -> None:
    catalog = FakeCatalog(["datasphere_sales"], {"datasphere_sales": written("A")})

    assert find_entries(catalog, Rules("other.eu10.hcs.cloud.sap")) == ()


def test_a_database_that_is_ours_by_name_must_be_readable() -> None:
    with pytest.raises(PermissionDenied):
        find_entries(FakeCatalog(["datasphere_sales"], {}), RULES)


def test_a_foreign_database_is_not_read_unless_any_name_may_be_ours() -> None:
    catalog = FakeCatalog(["datasphere_sales", "lake"], {"datasphere_sales": written("A")})

    assert len(find_entries(catalog, RULES)) == 1
    assert len(find_entries(catalog, Rules(TENANT, "{space}"))) == 1
