"""Entries that match nothing, by the names of both sides alone."""

from typing import Any

import pytest

from datasphere_glue.mapping.entries import Entry, Form, Names, Role
from datasphere_glue.mapping.unmatched import Unmatched, requested_at, unmatched_entries
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.scope import Scope

NAMES = Names(
    frozenset({"SALES", "STOCK", "HR"}),
    {"SALES": frozenset({"V_ORDERS", "V_ITEMS"}), "STOCK": frozenset({"T_STOCK"})},
    {"SALES": frozenset({"V_OLD"}), "LEGACY": frozenset()},
    frozenset({"GONE"}),
)
"""HR is listed, and its listing is not complete; LEGACY is a database of the catalog alone."""


def selected(*texts: str) -> list[Entry]:
    return [Entry("SYNC_SPACES", text, Role.SELECTION, Form.SCOPE) for text in texts]


def filtered(*texts: str) -> list[Entry]:
    return [
        Entry(f"selection.include[{number}]", text, Role.FILTER, Form.SCOPE)
        for number, text in enumerate(texts)
    ]


def excluded(*texts: str) -> list[Entry]:
    return [Entry("SYNC_EXCLUDE", text, Role.EXCLUSION, Form.SCOPE) for text in texts]


def rule(text: str, form: Form = Form.NAME, **more: Any) -> Entry:
    return Entry("rule[0]", text, Role.RULE, form, **more)


def judged(entries: list[Entry], matches: RuleMatches | None = None, **scope: Any) -> Unmatched:
    texts = {
        role: tuple(one.text for one in entries if one.role is role)
        for role in (Role.SELECTION, Role.FILTER, Role.EXCLUSION)
    }
    narrowed = Scope(texts[Role.SELECTION], texts[Role.EXCLUSION], texts[Role.FILTER], **scope)
    return unmatched_entries(entries, NAMES, narrowed, matches)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SALSE*", "SALES"),
        ("S?LSE", "SALES"),
        ("sales.*", None),
        ("SAL*.V_ORDER", "SALES.V_ORDERS"),
        ("SALES.v_*", "SALES.V_ITEMS"),
        ("SALES.X_*", None),
        ("STO*.T_STOK", "STOCK.T_STOCK"),
        ("*V_ORDERS*", None),
    ],
)
def test_a_selected_pattern_without_a_match_is_an_issue(text: str, near: str | None) -> None:
    unmatched = judged(selected("STOCK", text))

    reported = text == "sales.*"  # the listing of an exact space reports that it is missing
    assert [one.code for one in unmatched.issues] == ["SELECTION_UNMATCHED"] * (not reported)
    for one in unmatched.issues:
        assert f"SYNC_SPACES {text} matches nothing" in one.message
        assert ("did you mean" in one.message) is bool(near)
        assert not near or f"did you mean {near}?" in one.message


@pytest.mark.parametrize(
    "texts",
    [
        ("SALES",),
        ("S*",),
        ("SALES.*",),
        ("SALES.V_*",),
        ("SALES.V_OLD", "STOCK"),
        ("HR.ANYTHING",),
        ("LEG*", "STOCK"),
        ("GONE",),
        (),
    ],
)
def test_a_selection_that_matches_has_no_issue(texts: tuple[str, ...]) -> None:
    assert judged(selected(*texts)) == Unmatched()


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([*selected("SALES"), *filtered("STOCK")], ["SYNC_SPACES SALES", "selection.include[0]"]),
        ([*selected("SALES"), *excluded("SA*")], ["SYNC_SPACES SALES", "SYNC_EXCLUDE SA*"]),
        ([*selected("SALES.V_*"), *excluded("*.V_*")], ["SYNC_EXCLUDE *.V_*"]),
        (filtered("SALSE"), ["selection.include[0] SALSE", "did you mean SALES?"]),
        (excluded("*"), ["SYNC_EXCLUDE *", "nothing of the 3 spaces"]),
    ],
)
def test_a_selection_that_leaves_nothing_names_its_entries(
    entries: list[Entry], named: list[str]
) -> None:
    issues = judged(entries).issues

    assert issues
    assert {one.code for one in issues} <= {"SELECTION_EMPTY", "SELECTION_UNMATCHED"}
    assert all(name in " ".join(one.message for one in issues) for name in named)


def test_entries_that_exclude_each_other_are_a_note_while_something_is_left() -> None:
    unmatched = judged([*selected("SALES", "STOCK"), *excluded("STOCK"), *filtered("SALES", "X")])

    assert unmatched.issues == ()
    messages = [one.message for one in unmatched.notes]
    assert any("SYNC_SPACES STOCK and SYNC_EXCLUDE STOCK" in one for one in messages)
    assert any("selection.include[1] X matches nothing" in one for one in messages)


def test_a_tenant_without_spaces_is_an_empty_selection_unless_the_catalog_has_some() -> None:
    (issue,) = unmatched_entries([], Names(), Scope()).issues

    assert issue.code == "SELECTION_EMPTY"
    assert "member of the spaces" in issue.remedy
    stored = Names(stored={"SALES": frozenset()})
    assert unmatched_entries([], stored, Scope()) == Unmatched()


ASKED = Entry("assets", "SALES.V_ORDER", Role.REQUEST, Form.ASSET)


@pytest.mark.parametrize(
    ("asset", "filters", "message"),
    [
        ("V_ORDER", [], "assets SALES.V_ORDER matches nothing; did you mean SALES.V_ORDERS?"),
        ("*", [], "assets SALES.* matches nothing"),
        ("V_ORDERS", selected("STOCK"), "assets SALES.V_ORDERS and SYNC_SPACES STOCK exclude"),
        ("V_ORDERS", excluded("*.V_O*"), "assets SALES.V_ORDERS and SYNC_EXCLUDE *.V_O* exclude"),
    ],
)
def test_a_requested_asset_that_is_missing_is_an_issue(
    asset: str, filters: list[Entry], message: str
) -> None:
    asked = Entry("assets", f"SALES.{asset}", Role.REQUEST, Form.ASSET)

    (issue,) = judged([asked, *filters], assets=frozenset({("SALES", asset)})).issues

    assert issue.code == "SELECTION_UNMATCHED"
    assert message in issue.message


@pytest.mark.parametrize("asset", ["V_ORDERS", "V_OLD"])
def test_a_requested_asset_of_either_side_matches(asset: str) -> None:
    asked = Entry("assets", f"SALES.{asset}", Role.REQUEST, Form.ASSET)

    assert judged([asked], assets=frozenset({("SALES", asset)})) == Unmatched()


def test_a_narrow_run_judges_its_request_and_no_rule_of_another_space() -> None:
    entries = [
        Entry("spaces", "STOCK", Role.REQUEST, Form.SPACE),
        *selected("STOCK", "FIN*"),
        rule("HR.SALARIES"),
    ]

    assert judged(entries, spaces=frozenset({"STOCK"})) == Unmatched()


def test_a_change_event_is_judged_only_by_what_the_configuration_leaves() -> None:
    assets = frozenset({("SALES", "V_NEW")})

    assert judged(selected("STOCK"), assets=assets) == Unmatched()
    (issue,) = judged(selected("STOKC*"), assets=assets).issues
    assert issue.code == "SELECTION_EMPTY"


@pytest.mark.parametrize(
    ("entry", "near"),
    [
        (rule("SALES"), "SALES.*"),
        (rule("SALSE.*"), "SALES.*"),
        (rule("SALES.V_ORDER"), "SALES.V_ORDERS"),
        (rule("FINANCE", Form.SPACE), None),
        (rule("Sales", Form.SPACE), "SALES"),
        (rule("GONE", Form.SPACE), None),
        (rule("SALES.V_ORDER.ID", Form.COLUMN), "SALES.V_ORDERS.ID"),
        (rule("SALES.NOTHING", column="ID"), None),
        (excluded("S*.TMP_*")[0], None),
        (excluded("STOK")[0], "STOCK"),
    ],
)
def test_a_rule_or_exclusion_without_a_match_is_a_note(entry: Entry, near: str | None) -> None:
    unmatched = judged([entry])

    assert unmatched.issues == ()
    (note,) = unmatched.notes
    assert note.code == "RULE_UNMATCHED"
    assert str(entry) in note.message
    assert ("did you mean" in note.message) is bool(near)
    assert not near or f"did you mean {near}?" in note.message


@pytest.mark.parametrize(
    "entry",
    [
        rule("SALES.*"),
        rule("*"),
        rule("HR.*"),
        rule("LEGACY", Form.SPACE),
        rule("SALES.V_ORDERS.ANY", Form.COLUMN),
        rule("SALES.V_ORDERS", column="ANY"),
        rule("cds.Any", Form.TYPE),
        rule("@any", Form.TERM),
        excluded("LEGACY")[0],
        excluded("*.TMP_*")[0],
        rule("*.V_ORDERZ"),
    ],
)
def test_a_rule_that_matches_or_cannot_be_judged_has_no_note(entry: Entry) -> None:
    assert judged([entry]) == Unmatched()


@pytest.mark.parametrize(
    ("entry", "near"),
    [
        (rule("SALES.V_ORDERS.AMOUT", Form.COLUMN), "SALES.V_ORDERS.AMOUNT"),
        (rule("SALES.V_ORDERS", column="AMOUT"), "column AMOUNT"),
    ],
)
def test_a_rule_for_columns_is_judged_by_the_assets_that_were_read(entry: Entry, near: str) -> None:
    settled = RuleMatches((str(entry),))
    open_rules = RuleMatches((), ((str(entry), "AMOUNT"),))

    assert judged([entry], settled) == Unmatched()
    (note,) = judged([entry], open_rules).notes
    assert f"did you mean {near}?" in note.message


def test_many_entries_of_one_section_are_summed_up() -> None:
    rules = [Entry(f"context[{n}]", f"SALES.X{n}", Role.RULE, Form.NAME) for n in range(30)]

    notes = judged(rules).notes

    assert len(notes) == 21
    assert notes[-1].message == "context: 10 more entries match nothing"


def test_the_places_that_name_a_space() -> None:
    entries = [*selected("X", "X.V_*", "Y*"), *excluded("X")]

    assert requested_at("X", entries) == "SYNC_SPACES X, SYNC_SPACES X.V_*"
