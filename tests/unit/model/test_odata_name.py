"""The OData forms of SAP names, and the way back, which never guesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.model.odata_name import (
    callable_by,
    match_names,
    odata_forms,
    renamed,
    without_number,
)

NAMES = st.text("AB0_./ü ", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("0CALMONTH", "_0CALMONTH"),
        ("4AM_POS.01", "_4AM_POS_01"),
        ("/BIC/ZCUST", "_BIC_ZCUST"),
        ("Net Sales %", "Net_Sales__"),
        ("A-B", "A_B"),
        ("Größe", "Größe"),
        ("Größe", "Gr__e"),
        ("1", "_1"),
        ("§", "_"),
        ("PLAIN_1", "PLAIN_1"),
        ("_X", "_X"),
    ],
)
def test_a_name_has_its_form(name: str, form: str) -> None:
    assert form in odata_forms(name)
    assert match_names([name], [form]).exact == {form: name}


@given(NAMES)
def test_a_form_is_its_own_only_form_where_it_is_an_identifier(name: str) -> None:
    for form in odata_forms(name):
        if form.isascii() and form.isidentifier():
            assert odata_forms(form) == {form}


@pytest.mark.parametrize(
    ("name", "stem"),
    [("A_1", "A"), ("_0DAY_12", "_0DAY"), ("A1", None), ("A_", None), ("_1", None)],
)
def test_a_number_is_what_follows_the_last_underscore(name: str, stem: str | None) -> None:
    assert without_number(name) == stem


@pytest.mark.parametrize(
    ("sap", "odata", "exact"),
    [
        (["A.B", "A_B"], ["A_B"], {"A_B": "A_B"}),
        (["A.B", "A_B"], ["A_B", "A_B_1"], {"A_B": "A_B", "A_B_1": "A.B"}),
        (["0D", "0D_1"], ["_0D", "_0D_1"], {"_0D": "0D", "_0D_1": "0D_1"}),
        (["0D", "0D_1"], ["_0D_1"], {"_0D_1": "0D_1"}),
        (["A.B", "A B"], ["A_B"], {}),
        (["A.B", "A B"], ["A_B", "A_B_1"], {}),
        (["A.B", "A B"], ["A.B", "A_B_1"], {"A.B": "A.B", "A_B_1": "A B"}),
        (["A.B", "A B", "A-B"], ["A.B", "A_B_1", "A_B_2"], {"A.B": "A.B"}),
        (["A.B"], ["A_B_1"], {}),
        (["AMT"], ["AMT_1"], {}),
        (["0D"], ["D"], {}),
        (["_0D"], ["0D"], {}),
        (["A.B"], ["a_b"], {}),
        ([], ["A"], {}),
        (["A"], [], {}),
    ],
)
def test_a_name_is_matched_where_no_other_could_be_meant(
    sap: list[str], odata: list[str], exact: dict[str, str]
) -> None:
    assert match_names(sap, odata).exact == exact
    assert match_names(sap[::-1], odata[::-1]).exact == exact


def test_a_name_that_another_part_has_is_not_the_form_of_a_column() -> None:
    # SAP: the association has `_0CALDAY`, so the field 0CALDAY becomes `_0CALDAY_1`.
    taken = ["_0CALDAY"]
    assert match_names(["0CALDAY"], ["_0CALDAY_1"], taken).exact == {"_0CALDAY_1": "0CALDAY"}
    assert match_names(["0CALDAY"], ["_0CALDAY", "_0CALDAY_1"], taken).exact == {
        "_0CALDAY_1": "0CALDAY"
    }
    assert match_names(["0CALDAY"], ["_0CALDAY"], taken).exact == {}


def test_what_could_be_two_names_is_said() -> None:
    matches = match_names(["A.B", "A B", "C"], ["A_B", "C"])
    assert matches.doubtful == {"A_B": ("A B", "A.B")}
    assert match_names(["0D"], ["_0D_1", "_0D_2"], ["_0D"]).doubtful == {
        "_0D_1": ("0D",),
        "_0D_2": ("0D",),
    }


@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=6), st.sets(NAMES, max_size=3))
def test_matches_are_one_to_one_exact_names_first_and_in_any_order(
    sap: list[str], odata: list[str], taken: set[str]
) -> None:
    matches = match_names(sap, odata, taken)
    assert len(set(matches.exact.values())) == len(matches.exact)
    assert {name: name for name in odata if name in sap}.items() <= matches.exact.items()
    assert set(matches.exact.values()) <= set(sap)
    assert not matches.exact.keys() & matches.doubtful.keys()
    again = match_names(reversed(sap), reversed(odata), taken)
    assert (dict(again.exact), dict(again.doubtful)) == (
        dict(matches.exact),
        dict(matches.doubtful),
    )


@pytest.mark.parametrize(
    ("former", "new", "pairs"),
    [
        (["_0M"], ["0M"], {"_0M": "0M"}),
        (["0M"], ["_0M"], {"0M": "_0M"}),
        (["_0M", "A"], ["0M", "B"], {"_0M": "0M"}),
        (["A_B"], ["A.B", "A B"], {}),
        (["A.B", "A B"], ["A_B"], {}),
        (["_0D_1"], ["0D"], {"_0D_1": "0D"}),
        (["0D"], ["_0D_1"], {"0D": "_0D_1"}),
        (["X"], ["Y"], {}),
        ([], ["0M"], {}),
    ],
)
def test_a_name_changes_with_the_document_that_gives_it(
    former: list[str], new: list[str], pairs: dict[str, str]
) -> None:
    assert renamed(former, new, {"_0D", *new}) == pairs


def test_a_rule_can_call_a_column_by_its_form_unless_another_column_has_it() -> None:
    assert callable_by("0M", {"0M", "X"}) == ("0M", "_0M")
    assert callable_by("0M", {"0M", "_0M"}) == ("0M",)
    assert callable_by("PLAIN", {"PLAIN"}) == ("PLAIN",)
