"""A suggestion is an entry that matches; it is never what was written."""

import pytest

from datasphere_glue.mapping.entries import Entry, Form, Names, Role
from datasphere_glue.mapping.near_entries import suggestion

VIEWS = frozenset({"V_00", "V_10"})
NAMES = Names(frozenset({"SALES", "STOCK"}), {"SALES": VIEWS, "STOCK": VIEWS})


@pytest.mark.parametrize(
    ("form", "text", "near"),
    [
        (Form.COLUMN, "SALES.V_00", "SALES.V_00.*"),
        (Form.COLUMN, "SALES.v_00", "SALES.V_00.*"),
        (Form.COLUMN, "V_10.C1", "SALES.V_10.C1"),
        (Form.COLUMN, "*.AMOUNT", None),
        (Form.COLUMN, "SALES.V_*.AMOUNT", None),
        (Form.COLUMN, "sales.*.C1", "SALES.*.C1"),
        (Form.NAME, "SALES.V_10.C1", "SALES.V_10"),
        (Form.NAME, "[SALES.V*]", "SALES.V*"),
        (Form.NAME, '["SALES.v_10"]', "SALES.V_10"),
        (Form.NAME, "SALES.V_[23]", None),
        (Form.SCOPE, "'sales.V_1*'", "SALES.V_1*"),
        (Form.FIELD, "columns.*.comments", "columns.*.comment"),
        (Form.FIELD, "columns.AMOUNT.coment", "columns.AMOUNT.comment"),
        (Form.FIELD, "Description", "description"),
        (Form.SPACE, "SALES", None),
    ],
)
def test_the_suggestion_for_an_entry(form: Form, text: str, near: str | None) -> None:
    assert suggestion(Entry("place", text, Role.RULE, form), NAMES) == near
