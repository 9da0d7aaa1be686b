"""The search for the tables of a tenant in a catalog."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from datasphere_glue.browse.find import find_entries
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.table import CurrentTable, Database
from tests.unit.samples import RULES, TENANT, asset, listing, synced


class FakeCatalog:
    """Contains tables by database; denies access to the tables of any other database."""

    def __init__(self, names: list[str], tables: Mapping[str, tuple[CurrentTable, ...]]) -> None:
        self._names = names
        self._tables = tables

    def databases(self) -> tuple[Database, ...]:
        return tuple(map(Database, self._names))

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        if database.name not in self._tables:
            raise PermissionDenied(f"{database.name} may not be read")
        return self._tables[database.name]


def stored_tables(*names: str) -> tuple[CurrentTable, ...]:
    return synced(listing(*map(asset, names))).tables


def test_entries_are_sorted_by_database_and_name_and_contain_their_assets() -> None:
    catalog = FakeCatalog(["datasphere_sales"], {"datasphere_sales": stored_tables("B", "A")})

    entries = find_entries(catalog, RULES)

    assert [(entry.place, entry.source) for entry in entries] == [
        ("datasphere_sales.a", "SALES.A"),
        ("datasphere_sales.b", "SALES.B"),
    ]


def test_tables_of_another_tenant_are_excluded() -> None:
    catalog = FakeCatalog(["datasphere_sales"], {"datasphere_sales": stored_tables("A")})

    assert find_entries(catalog, Rules("other.eu10.hcs.cloud.sap")) == ()


def test_an_unreadable_database_of_the_tenant_is_an_error() -> None:
    with pytest.raises(PermissionDenied):
        find_entries(FakeCatalog(["datasphere_sales"], {}), RULES)


def test_a_foreign_database_is_read_only_if_the_template_matches_any_name() -> None:
    catalog = FakeCatalog(["datasphere_sales", "lake"], {"datasphere_sales": stored_tables("A")})

    assert len(find_entries(catalog, RULES)) == 1
    assert len(find_entries(catalog, Rules(TENANT, "{space}"))) == 1


def test_copies_of_tables_are_left_out() -> None:
    (table,) = stored_tables("A")
    places = ("datasphere_sales", "a_backup"), ("datasphere_backup", "a"), ("datasphere_sales", "a")
    copies = [
        replace(table, table=replace(table.table, database=database, name=name))
        for database, name in places
    ]
    catalog = FakeCatalog(
        ["datasphere_backup", "datasphere_sales"],
        {"datasphere_backup": (copies[1],), "datasphere_sales": (copies[0], copies[2])},
    )

    assert [entry.place for entry in find_entries(catalog, RULES)] == ["datasphere_sales.a"]


def test_the_only_table_of_an_asset_counts_in_any_database_of_the_tenant() -> None:
    (table,) = stored_tables("A")
    moved = replace(table, table=replace(table.table, database="datasphere_former"))
    catalog = FakeCatalog(["datasphere_former"], {"datasphere_former": (moved,)})

    assert [entry.place for entry in find_entries(catalog, RULES)] == ["datasphere_former.a"]
