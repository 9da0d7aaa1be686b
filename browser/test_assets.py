"""The list of assets, its search and filters, and the page of each asset."""

from pathlib import Path

from browser.driven import Browser
from browser.pages import ASSETS

ROWS = "#assets a.asset"
COUNT = "#assets [role=status]"


def sections(browser: Browser) -> list[str]:
    browser.until("return document.querySelector('#asset h1')")
    return browser.texts("#asset h2")


def test_all_assets_are_listed_a_page_at_a_time(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.one(COUNT).text == f"{ASSETS} of {ASSETS} assets"
    assert len(browser.run(f"return document.querySelectorAll('{ROWS}')")) == 50
    browser.run("document.querySelector('.pager button:last-child').click()")
    assert browser.run("return document.querySelector('.pager span').textContent") == "Page 2 of 3"


def test_search_looks_for_every_word_in_names_labels_and_tables(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    browser.one("#asset-search").send_keys("sales analysis")
    assert browser.one(COUNT).text == f"1 of {ASSETS} assets"
    assert browser.one(f"{ROWS} .mono").text == "SALES.SALES_AM"


def test_filters_of_the_assets_work_together(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#changes').hidden = true")
    browser.choose("Space", "SALES")
    assert browser.one(COUNT).text == f"4 of {ASSETS} assets"
    browser.choose("Kind", "view")
    assert browser.one(COUNT).text == f"2 of {ASSETS} assets"
    browser.choose("Completeness", "complete")
    assert browser.texts(f"{ROWS} .mono") == ["SALES.DIM_CUSTOMER", "SALES.V_ORDERS"]
    browser.choose("In this run", "changed")
    assert browser.texts(f"{ROWS} .mono") == ["SALES.V_ORDERS"]
    browser.choose("Space", "FINANCE")
    assert browser.one(COUNT).text == f"0 of {ASSETS} assets"


def test_the_least_complete_come_first_on_demand(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.choose("Order", "least complete")
    assert browser.texts(f"{ROWS} .mono")[0] == "SALES.T_ERP"


def test_a_page_shows_every_field_of_an_asset(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.V_ORDERS")
    assert sections(browser) == [
        *("Changes in this run", "Columns", "Lineage", "Rows", "Associations", "Query in Athena"),
    ]
    (row,) = (text for text in browser.texts(".columns tbody tr") if text.startswith("net"))
    lines = row.split("\n")
    assert lines[:3] == ["net Net value measure", "in C, sum", "computed from T_ERP VBELN"]
    assert lines[-1] == "Decimal(17,2) → decimal(17,2)"


def test_a_column_leads_to_the_object_that_it_comes_from(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.SALES_AM")
    assert {"Cross calculations", "Built on"} <= set(sections(browser))
    assert browser.one(".from").text == "V_ORDERS"
    assert browser.texts("#asset-sources td .mono")[0] == "IP_DAY = variable P_DAY"
    browser.run("document.querySelector('.from a').click()")
    browser.until("return document.querySelector('#asset h1').textContent.startsWith('Orders')")
    assert "Not all sources could be determined" in browser.one("#asset-lineage").text
    assert browser.texts("#asset-rows h4") == [
        *("Conditions", "Columns that decide", "Access controls"),
    ]


def test_a_long_expression_unfolds_on_demand_and_on_paper(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.V_ORDERS")
    sections(browser)
    folded = "return document.querySelector('.from details').open"
    assert browser.run(folded) is False
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(folded) is True


def test_a_table_shows_what_loads_it(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.T_ERP")
    assert "Loaded by" in sections(browser)
    assert browser.texts("#asset-loads .mono") == ["0 2 * * *"]
    assert browser.all(".from") == []


def test_lineage_goes_two_steps_each_way_and_is_linked(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.T_ERP")
    sections(browser)
    assert browser.texts("#asset-lineage h4") == ["Consumers (1)", "Indirect consumers (1)"]
    assert browser.texts("#asset-lineage li a") == ["SALES.V_ORDERS", "SALES.SALES_AM"]
    assert len(browser.all("#asset-lineage svg rect")) == 3
    browser.run("document.querySelectorAll('#asset-lineage li a')[1].click()")
    browser.until("return document.querySelector('#asset h1').textContent === 'Sales analysis'")
    assert browser.texts("#asset-lineage h4") == ["Sources (1)", "Indirect sources (1)"]


def test_hierarchies_are_trees(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.DIM_CUSTOMER")
    assert "Hierarchies" in sections(browser)
    first, second = browser.texts(".tree")
    assert first.split("\n")[:2] == ["Level 1 Country COUNTRY", "Level 2 Region REGION"]
    assert second.split("\n") == ["Parent Parent PARENT", "Child Customer ID"]


def test_an_association_leads_to_its_target(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.V_ORDERS")
    sections(browser)
    browser.run("document.querySelector('#asset-associations a').click()")
    browser.until("return document.querySelector('#asset h1').textContent === 'Customers'")


def test_the_query_quotes_names_and_distinguishes_equal_labels(
    browser: Browser, page: Path
) -> None:
    browser.open(page, "#asset=SALES.V_ORDERS")
    sections(browser)
    query = browser.one(".sql").text
    assert '"order_id" AS "Order"' in query
    assert '"customer" AS "Customer ""<script>' in query
    assert '"net" AS "Net value"' in query
    assert '"c" AS "Currency"' in query
    assert '"c2" AS "Currency (c2)"' in query
    assert 'FROM "awsdatacatalog"."datasphere_sales"."v_orders"' in query
    browser.run("document.querySelector('.snippet button').click()")
    browser.until("return document.querySelector('.snippet button').textContent === 'Copied'")


def test_going_back_shows_the_list_as_it_was(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("#asset-search").send_keys("table 11")
    browser.run(f"document.querySelectorAll('{ROWS}')[3].focus()")
    scrolled = browser.run("return scrollY")
    browser.run("document.activeElement.click()")
    sections(browser)
    assert browser.fragment == "#asset=FINANCE.T_112"
    browser.back()
    browser.until("return document.querySelector('#asset').hidden")
    assert browser.one(COUNT).text == f"11 of {ASSETS} assets"
    assert browser.run("return scrollY") == scrolled
    assert "FINANCE.T_112" in browser.focused


def test_an_unknown_asset_shows_a_message(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.GONE")
    browser.until("return document.querySelector('#asset h1')")
    assert browser.one("h1").text == "SALES.GONE is not in this report"


def test_names_that_differ_only_in_case_show_a_message(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#coverage .names').open = true")
    assert len(browser.all("#coverage .names .tag")) == 2


def test_completeness_distinguishes_missing_from_unavailable(browser: Browser, page: Path) -> None:
    browser.open(page)
    rows = {text.split("\n")[0]: text for text in browser.texts(".parts tbody tr")}
    label = next(text for name, text in rows.items() if name.startswith("Label"))
    assert label.replace("\n", " ").startswith("Label 99.2 % 125 1 0")
    steward = next(text for name, text in rows.items() if name.startswith("Steward"))
    assert steward.split()[2:5] == ["0", "0", str(ASSETS)]
    assert browser.texts(".worst a")[0] == "SALES.T_ERP"
    assert len(browser.all(".trend svg")) == 2
