"""Assets get what was read of flows, chains and controls; what was not read stays."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import AccessControl, Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, AuxiliaryObjects, Start, Writing
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog
from tests.golden.everything import EVERYTHING
from tests.unit.samples import RULES, listing, marked, synced, table_in, with_table

DATA, REPLICATION = AuxiliaryKind.DATA_FLOW, AuxiliaryKind.REPLICATION_FLOW
CHAIN, CONTROL = AuxiliaryKind.TASK_CHAIN, AuxiliaryKind.DATA_ACCESS_CONTROL
TEXT = SapType("cds.String", length=10)
T = Asset("SALES", "T", Kind.LOCAL_TABLE, elements=(Element("A", TEXT), Element("B", TEXT)))
V = Asset("SALES", "V", Kind.VIEW, access_controls=(AccessControl("SALES.DAC", ("A",)),))
R = Asset("SALES", "R", Kind.REMOTE_TABLE, remote_connection="ERP")


def origin(column: str, how: str = "direct", source: str = "SALES.S") -> Origin:
    return Origin(source, column, how)


def load(name: str = "DF", kind: AuxiliaryKind = DATA, **fields: Any) -> Load:
    return Load(str(kind), f"SALES.{name}", **{"sources": ("SALES.S",), **fields})


def writing(one: Load, asset: str = "T", *columns: tuple[str, Origin]) -> Writing:
    return Writing(asset, one, tuple((column, (found,)) for column, found in columns))


DF = writing(load(), "T", ("A", origin("A")))
ALL = AuxiliaryObjects(
    listed=frozenset(AuxiliaryKind),
    read=frozenset({(DATA, "DF"), (CHAIN, "TC"), (CONTROL, "DAC")}),
    writings=(DF,),
    starts=(Start("TC", (DATA, "DF"), "EXECUTE"),),
    chains=(("TC", "2026-01-01T00:00:00Z"),),
    controls=(("DAC", "operators"),),
    systems=(("ERP", "ABAP"),),
)
NOTHING = AuxiliaryObjects()


def read(objects: AuxiliaryObjects, *assets: Asset) -> SpaceListing:
    return replace(listing(*assets), auxiliary=objects)


def reused(objects: AuxiliaryObjects, catalog: Catalog) -> SpaceListing:
    """Return a listing whose assets were all taken from the catalog."""
    assets = [asset_from_table(current.table).asset for current in catalog.tables]
    names = frozenset(asset.name for asset in assets)
    return replace(read(objects, *assets), rebuilt=names, reused=len(names))


def landed(space: SpaceListing, catalog: Catalog | None = None) -> dict[str, Asset]:
    """Return the assets of a space as their tables will hold them."""
    (desired,) = to_tables([space], RULES, catalog or Catalog())
    found = (asset_from_table(table).asset for table in desired.tables)
    return {asset.name: asset for asset in found}


@pytest.fixture
def catalog() -> Catalog:
    """Return the catalog after a run that read everything."""
    return synced(read(ALL, T, V, R))


def test_what_was_read_lands() -> None:
    found = landed(read(ALL, T, V, R))
    names = [one.name for one in found["T"].loads]
    assert names == ["SALES.DF", "SALES.TC"]
    assert found["T"].lineage == ("SALES.S",)
    assert [one.lineage for one in found["T"].elements] == [(origin("A"),), ()]
    assert found["T"].loads[1].changed_on == "2026-01-01T00:00:00Z"
    assert found["V"].access_controls == (AccessControl("SALES.DAC", ("A",), "operators"),)
    assert found["R"].origin == (("system", "ABAP"),)
    assert dict(found["T"].provenance)["loads"] == "csn"


@pytest.mark.parametrize(
    "objects",
    [
        NOTHING,
        AuxiliaryObjects(listed=frozenset({REPLICATION})),
        AuxiliaryObjects(
            listed=frozenset(AuxiliaryKind),
            kept=frozenset({(DATA, "DF"), (CHAIN, "TC"), (CONTROL, "DAC")}),
        ),
    ],
)
def test_what_was_not_read_stays(catalog: Catalog, objects: AuxiliaryObjects) -> None:
    expected = landed(read(ALL, T, V, R))
    assert landed(read(objects, T, V, R), catalog) == expected
    assert landed(reused(objects, catalog), catalog) == expected


def test_reading_again_changes_nothing(catalog: Catalog) -> None:
    expected = landed(read(ALL, T, V, R))
    assert landed(reused(ALL, catalog), catalog) == expected
    assert landed(read(ALL, T, V, R), catalog) == expected


@pytest.mark.parametrize("again", [True, False])
def test_what_the_lists_lack_is_gone(catalog: Catalog, again: bool) -> None:  # noqa: FBT001
    objects = AuxiliaryObjects(listed=frozenset(AuxiliaryKind), systems=())
    space = read(objects, T, V, R) if again else reused(objects, catalog)
    found = landed(space, catalog)
    assert found["T"].loads == ()
    assert found["T"].lineage == ()
    assert all(one.lineage == () for one in found["T"].elements)
    assert found["V"].access_controls[0].kind is None
    assert found["R"].origin == ()
    assert not {"loads", "lineage", "origin"} & {name for name, _ in found["T"].provenance}


@pytest.mark.parametrize("again", [True, False])
def test_a_kind_that_is_off_is_gone(catalog: Catalog, again: bool) -> None:  # noqa: FBT001
    objects = AuxiliaryObjects(off=frozenset(AuxiliaryKind) - {CHAIN})
    space = read(objects, T, V, R) if again else reused(objects, catalog)
    found = landed(space, catalog)
    assert [one.name for one in found["T"].loads] == ["SALES.TC"]
    assert found["T"].lineage == ()
    assert found["V"].access_controls[0].kind is None
    assert found["R"].origin == ()


def test_a_flow_of_an_incomplete_list_replaces_only_itself() -> None:
    changed = writing(load(sources=("SALES.OTHER",)), "T")
    both = synced(read(replace(ALL, writings=(DF, writing(load("DF_2", sources=("SALES.X",))))), T))
    objects = AuxiliaryObjects(read=frozenset({(DATA, "DF")}), writings=(changed,))
    found = landed(read(replace(objects, listed=frozenset({CHAIN})), T), both)["T"]
    assert [one.name for one in found.loads] == ["SALES.DF", "SALES.DF_2"]
    assert found.lineage == ("SALES.OTHER", "SALES.X")


def test_the_lineage_of_a_definition_is_not_that_of_a_flow() -> None:
    view = replace(T, kind=Kind.VIEW, lineage=("SALES.BASE",))
    first = synced(read(ALL, view))
    gone = AuxiliaryObjects(listed=frozenset(AuxiliaryKind))
    assert landed(reused(gone, first), first)["T"].lineage == ("SALES.BASE",)
    assert landed(reused(NOTHING, first), first)["T"].lineage == ("SALES.BASE", "SALES.S")


def test_sources_elsewhere_are_no_lineage_of_objects() -> None:
    outside = writing(load(sources=("ERP:I_Part", "SALES.S", "SALES.T")), "T")
    found = landed(read(replace(ALL, writings=(outside,)), T))["T"]
    assert found.lineage == ("SALES.S",)
    assert found.loads[0].sources == ("ERP:I_Part", "SALES.S", "SALES.T")


def test_one_load_holds_the_sources_of_all_writings_of_a_flow() -> None:
    more = writing(load(sources=("SALES.X",)), "T")
    found = landed(read(replace(ALL, writings=(DF, more)), T))["T"]
    assert found.loads[0].sources == ("SALES.S", "SALES.X")


def test_the_strongest_way_of_two_flows_counts() -> None:
    first = writing(load("DF"), "T", ("A", origin("A")))
    second = writing(load("DF_2"), "T", ("A", origin("A", "computed")))
    for writings in ((first, second), (second, first)):
        found = landed(read(replace(ALL, writings=writings), T))["T"]
        assert found.elements[0].lineage == (origin("A", "computed"),)


def test_a_chain_reaches_through_chains_and_ends() -> None:
    starts = (
        Start("INNER", (DATA, "DF")),
        Start("OUTER", (CHAIN, "INNER")),
        Start("INNER", (CHAIN, "OUTER")),
        Start("OTHER", (DATA, "DF_9")),
    )
    found = landed(read(replace(ALL, starts=starts), T, V))
    assert [one.name for one in found["T"].loads] == ["SALES.DF", "SALES.INNER", "SALES.OUTER"]
    assert found["V"].loads == ()


def test_a_chain_that_persists_a_view_says_so() -> None:
    starts = (Start("TC", (None, "V"), "PERSIST"), Start("TC_2", (CHAIN, "TC"), "RUN_CHAIN"))
    found = landed(read(replace(ALL, starts=starts), V))["V"]
    assert [(one.name, one.mode) for one in found.loads] == [
        ("SALES.TC", "PERSIST"),
        ("SALES.TC_2", None),
    ]


@pytest.mark.parametrize(
    ("systems", "system"), [((("ERP", "ABAP"),), "ABAP"), ((), None), (None, None)]
)
def test_the_list_of_connections_gives_the_system(systems: Any, system: str | None) -> None:
    outside = writing(load(connection="ERP"), "T")
    found = landed(read(replace(ALL, writings=(outside,), systems=systems), T))["T"]
    assert found.loads[0].system == system


def test_a_system_stays_while_the_connections_cannot_be_read() -> None:
    outside = replace(ALL, writings=(writing(load(connection="ERP"), "T"),))
    first = synced(read(outside, T))
    again = landed(read(replace(outside, systems=None), T), first)["T"]
    assert again.loads[0].system == "ABAP"
    moved = replace(outside, systems=None, writings=(writing(load(connection="CRM"), "T"),))
    assert landed(read(moved, T), first)["T"].loads[0].system is None


def test_a_control_of_another_space_is_left_as_it_is() -> None:
    control = AccessControl("HR.DAC", ("A",), "hierarchy")
    view = replace(V, access_controls=(control,))
    assert landed(read(ALL, view))["V"].access_controls == (control,)


def test_an_unreadable_table_is_no_exception(catalog: Catalog) -> None:
    table = table_in(catalog, "t")
    for text in ("{", "[1]", '[{"kind": 1}]', "null", '[{"kind": "new", "name": "SALES.X"}]'):
        odd = with_table(catalog, marked(table, **{"datasphere.loads": text}))
        assert landed(read(ALL, T), odd)["T"].loads[0].name == "SALES.DF"


def test_an_asset_that_holds_loads_of_its_own_stays_as_it_is() -> None:
    assert landed(listing(EVERYTHING))[EVERYTHING.name].loads == EVERYTHING.loads


def test_a_flow_into_a_table_of_changes_loads_the_table_that_names_it() -> None:
    table = replace(T, delta=(("companion", "T$LOG"),))
    into = replace(ALL, writings=(writing(load(), "T$LOG", ("A", origin("A"))),))
    found = landed(read(into, table))["T"]
    assert found.loads[0].name == "SALES.DF"
    assert found.elements[0].lineage == (origin("A"),)
