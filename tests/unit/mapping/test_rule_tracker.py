"""Rules for columns, types and annotations, followed over the assets of a run."""

import pytest

from datasphere_glue.mapping.entries import Entry, Form, Role
from datasphere_glue.mapping.rule_tracker import RuleTracker
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.sap_type import SapType

AMOUNT = Element("AMOUNT", SapType("cds.Decimal", precision=17, scale=2), custom=(("x.Own", "1"),))
ORDERS = Asset("SALES", "V_ORDERS", Kind.VIEW, elements=(AMOUNT,), custom=(("acme.owner", "Jo"),))


def rule(text: str, form: Form, column: str | None = None) -> Entry:
    return Entry("rule", text, Role.RULE, form, column)


@pytest.mark.parametrize(
    "entry",
    [
        rule("SALES.V_ORDERS.AMOUNT", Form.COLUMN),
        rule("*.AM*", Form.COLUMN),
        rule("SALES.*", Form.NAME, "AM*"),
        rule("cds.Decimal", Form.TYPE),
        rule("cds.Decimal(17,2)", Form.TYPE),
        rule("@ACME.*", Form.TERM),
        rule("x.own", Form.TERM),
    ],
)
def test_a_rule_that_an_asset_matches_is_settled(entry: Entry) -> None:
    tracker = RuleTracker([entry])
    tracker.see([ORDERS], [])

    assert tracker.matches() == RuleMatches((str(entry),))


@pytest.mark.parametrize(
    ("entry", "near"),
    [
        (rule("SALES.V_ORDERS.AMOUT", Form.COLUMN), "AMOUNT"),
        (rule("SALES.V_ORDERS", Form.NAME, "amount"), "AMOUNT"),
        (rule("cds.decimal", Form.TYPE), "cds.Decimal"),
        (rule("acme.ownr", Form.TERM), "acme.owner"),
        (rule("STOCK.T.X", Form.COLUMN), None),
    ],
)
def test_a_rule_without_a_match_keeps_the_nearest_name(entry: Entry, near: str | None) -> None:
    tracker = RuleTracker([entry])
    tracker.see([ORDERS], [])

    assert tracker.matches() == RuleMatches((), ((str(entry), near),) if near else ())


@pytest.mark.parametrize(
    ("entry", "settles"),
    [
        (rule("SALES.V_ITEMS.X", Form.COLUMN), True),
        (rule("SALES.V_I*", Form.NAME, "X"), True),
        (rule("cds.Other", Form.TYPE), True),
        (rule("SALES.V_ORDERS.X", Form.COLUMN), False),
        (rule("SALES.V_ORDERS", Form.NAME, "X"), False),
    ],
)
def test_an_asset_that_was_not_evaluated_may_match(entry: Entry, *, settles: bool) -> None:
    tracker = RuleTracker([entry])
    tracker.see([], [("SALES", "V_ITEMS")])

    assert bool(tracker.matches().settled) is settles


def test_the_parts_of_a_run_are_joined() -> None:
    first = RuleMatches(("a", "b"), (("c", "C"),))
    second = RuleMatches(("b", "d"), (("c", "X"), ("e", "E")))

    assert first | second == RuleMatches(("a", "b", "d"), (("c", "C"), ("e", "E")))


@pytest.mark.parametrize(
    "entry",
    [rule("SALES.V_ORDERS._0MONTH", Form.COLUMN), rule("SALES.V_ORDERS", Form.NAME, "_0MONTH")],
)
def test_a_rule_may_call_a_column_by_its_odata_name(entry: Entry) -> None:
    tracker = RuleTracker([entry])
    month = Element("0MONTH", SapType("cds.Date"))
    tracker.see([Asset("SALES", "V_ORDERS", Kind.VIEW, elements=(month,))], [])
    assert tracker.matches().settled == (str(entry),)
