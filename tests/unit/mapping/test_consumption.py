"""Without its `$metadata`, an asset keeps what its table holds from there and goes on otherwise."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Desired, Table
from tests.golden.everything import EVERYTHING
from tests.unit.samples import RULES, issue, listing, marked, synced, table_in, with_table

CDS = SapType("cds.String", length=10)
EDM = SapType("Edm.String", length=10)
BOTH = Asset(
    "SALES",
    "V",
    Kind.VIEW,
    label="Both",
    elements=(
        Element("ID", EDM, modelled_type=CDS, key=True, nullable=False),
        Element("TEXT", EDM, modelled_type=CDS, label="Text", dimension=True),
        Element("ONLY_ODATA", EDM),
    ),
    provenance=(("elements", "odata+csn"), ("label", "odata")),
)
DEFINED = replace(
    BOTH,
    elements=(Element("ID", CDS, key=True), Element("TEXT", CDS, label="Text")),
    provenance=(("elements", "csn"), ("label", "csn")),
)


def desired(asset: Asset, table: Table | None = None, written: Asset = BOTH) -> Desired:
    """Return what Glue shall hold after the definition alone was read, with OData's table there."""
    catalog = synced(listing(written))
    if table is not None:
        catalog = with_table(catalog, table)
    broken = replace(listing(asset), unconsumed=(issue(f"SALES.{asset.name}"),))
    (one,) = to_tables([broken], RULES, catalog)
    return one


def first(written: Asset = BOTH) -> Table:
    (current,) = synced(listing(written)).tables
    return current.table


def test_without_a_change_the_table_stays_and_the_cause_is_an_issue() -> None:
    one = desired(DEFINED)
    (table,) = one.tables

    assert (table.columns, dict(table.parameters)) == (first().columns, _own(first()))
    assert [held.asset for held in one.held] == ["V"]


def test_any_field_that_only_odata_gives_stays() -> None:
    written = replace(EVERYTHING, provenance=(("elements", "odata+csn"),))
    one = desired(written, written=written)

    assert dict(one.tables[0].parameters) == _own(table_in(synced(listing(written)), "am_orders"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"label": "New"}, {"datasphere.label": "New"}),
        ({"description": "Text"}, {"datasphere.description": "Text"}),
        ({"lineage": ("SALES.T",)}, {"datasphere.lineage": '["SALES.T"]'}),
        ({"changed_on": "2030-01-01T00:00:00Z"}, {}),
    ],
)
def test_what_the_definition_changes_arrives(
    change: dict[str, Any], expected: dict[str, str]
) -> None:
    (table,) = desired(replace(DEFINED, **change)).tables

    assert expected.items() <= dict(table.parameters).items()
    assert "datasphere.changed_on" not in dict(table.parameters)


def test_columns_follow_the_definition_as_far_as_it_knows_them() -> None:
    longer = replace(CDS, length=20)
    elements = (Element("TEXT", longer, label="Longer"), Element("NOT_EXPOSED", CDS))
    (table,) = desired(replace(DEFINED, elements=elements)).tables

    assert [(c.name, c.type, c.comment) for c in table.columns] == [
        ("text", "varchar(20)", "Longer"),
        ("only_odata", "varchar(10)", None),
    ]


def test_a_table_that_cannot_be_read_back_stays_as_it_is() -> None:
    one = desired(DEFINED, marked(first(), **{"datasphere.keys": "["}))

    assert one.tables == ()
    assert [held.asset for held in one.held] == ["V"]


def _own(table: Table) -> dict[str, str]:
    return {key: value for key, value in table.parameters if key != "datasphere.applied"}
