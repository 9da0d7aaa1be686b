"""Changes can be searched, filtered, opened and linked to."""

from pathlib import Path

from browser.driven import Browser
from browser.pages import CODE

TABLES = "#changes .change b"
COUNT = "#changes [role=status]"


def test_changes_are_grouped_by_space(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.texts("#changes h3") == ["FINANCE", "SALES"]
    assert len(browser.all(TABLES)) == 3


def test_filters_narrow_the_changes_and_count_the_rest(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.one(COUNT).text == "3 of 3 changes"
    browser.run("document.getElementById('changes').scrollIntoView()")
    for label, value, count in (("Space", "SALES", 2), ("Kind", "breaking", 1)):
        browser.run("document.querySelector('#assets').hidden = true")
        browser.choose(label, value)
        assert browser.one(COUNT).text == f"{count} of 3 changes"
    assert browser.texts(TABLES) == ["datasphere_sales.sales_am"]


def test_a_search_matches_field_values(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("#change-search").send_keys("HYPERLINK")
    assert browser.texts(TABLES) == ["datasphere_sales.v_orders"]


def test_a_change_shows_before_and_after(browser: Browser, page: Path) -> None:
    browser.open(page, "#change-0")
    assert browser.one("details[open] summary b").text == "datasphere_sales.v_orders"
    assert browser.texts("#change-0 .was") == ["before", "before"]
    assert browser.texts("#change-0 .now")[0] == CODE


def test_manual_edits_are_shown_next_to_datasphere_values(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.texts("#conflicts h3 .tag") == ["Conflict", "Kept"]
    assert browser.texts("#conflicts .edit:first-child h4") == ["In Glue", "In Datasphere"]
