"""What a later reader found in an asset: which keys, and whether the first reader knew them."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.mapping.new_facts import new_facts, only_new_keys
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import Association, Variable
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.model.sap_type import SapType

TEXT = SapType("cds.String", length=10)
COUNTRY = Element("COUNTRY", TEXT, label="Country", custom=(("@odd", "1"),))
YEAR = Variable("YEAR", TEXT)
BEFORE = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label="Orders",
    elements=(COUNTRY, Element("NET", TEXT)),
    variables=(YEAR,),
    associations=(Association("_C", "T_C", "SALES"),),
    custom=(("@DataWarehouse.sqlEditor.query", "SELECT"),),
    provenance=(("elements", "odata"),),
)


def with_column(**fields: Any) -> Asset:
    return replace(BEFORE, elements=(replace(COUNTRY, **fields), *BEFORE.elements[1:]))


NEW = {
    "a key of the table": (replace(BEFORE, sql="SELECT 1"), ("sql",)),
    "a key of a column": (
        with_column(lineage=(Origin("SALES.T", "C", "direct"),)),
        ("column lineage",),
    ),
    "keys of several columns": (
        replace(BEFORE, elements=tuple(replace(e, default="0") for e in BEFORE.elements)),
        ("column default",),
    ),
    "an annotation that left custom": (
        replace(BEFORE, custom=(), sql="SELECT", provenance=(("elements", "odata+csn"),)),
        ("custom", "provenance", "sql"),
    ),
    "an annotation of a column": (
        with_column(custom=(), values=(EnumValue("DE"),)),
        ("column custom", "column values"),
    ),
    "a member of a variable": (
        replace(BEFORE, variables=(replace(YEAR, hidden=True, usage="FILTER"),)),
        ("variables",),
    ),
}
OTHER = {
    "a label": (replace(BEFORE, label="Sales orders"), ("label",)),
    "a label of a column": (with_column(label="Land"), ("column label",)),
    "a member that was known": (
        replace(BEFORE, variables=(replace(YEAR, mandatory=True),)),
        ("variables",),
    ),
    "another target": (
        replace(BEFORE, associations=(Association("_C", "T_D", "SALES"),)),
        ("associations",),
    ),
    "one variable more": (
        replace(BEFORE, variables=(YEAR, replace(YEAR, name="MONTH"))),
        ("variables",),
    ),
    "one column less": (
        replace(BEFORE, elements=BEFORE.elements[:1]),
        ("column name", "column type"),
    ),
    "another order of columns": (replace(BEFORE, elements=BEFORE.elements[::-1]), ()),
    "a type": (
        with_column(type=SapType("cds.Integer"), default="0"),
        ("column default", "column type"),
    ),
}


@pytest.mark.parametrize("what", NEW)
def test_keys_that_the_first_reader_lacked_are_new(what: str) -> None:
    after, facts = NEW[what]

    assert new_facts(BEFORE, after) == facts
    assert only_new_keys(BEFORE, after)


@pytest.mark.parametrize("what", OTHER)
def test_anything_else_may_be_a_change_of_the_source(what: str) -> None:
    after, facts = OTHER[what]

    assert new_facts(BEFORE, after) == facts
    assert not only_new_keys(BEFORE, after)


def test_equal_assets_have_no_new_facts() -> None:
    assert new_facts(BEFORE, BEFORE) == ()
    assert only_new_keys(BEFORE, BEFORE)
