"""Everything can be reached and done without a mouse."""

from pathlib import Path

from selenium.webdriver.common.keys import Keys

from browser.driven import Browser
from browser.pages import ASSETS

COUNT = "#assets [role=status]"


def opened(browser: Browser) -> None:
    browser.until("return !document.querySelector('#asset').hidden")


def test_search_open_and_return_work_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("/")
    browser.until("return document.activeElement.id === 'asset-search'")
    browser.press("sales", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert browser.one(COUNT).text == f"4 of {ASSETS} assets"
    assert "SALES.SALES_AM" in browser.focused
    browser.press(Keys.ENTER)
    opened(browser)
    assert browser.fragment == "#asset=SALES.SALES_AM"
    browser.until("return document.activeElement.id === 'asset-title'")
    browser.press(Keys.ESCAPE)
    browser.until("return document.querySelector('#asset').hidden")
    assert "SALES.SALES_AM" in browser.focused
    browser.press(Keys.ARROW_UP, Keys.ARROW_UP)
    assert browser.focused == "asset-search"


def test_enter_in_the_search_opens_the_first_asset(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("#asset-search").send_keys("dim", Keys.ENTER)
    opened(browser)
    assert browser.fragment == "#asset=SALES.DIM_CUSTOMER"


def test_arrow_keys_continue_on_the_next_page(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#assets li:last-child a').focus()")
    browser.press(Keys.ARROW_DOWN)
    assert browser.run("return document.querySelector('.pager span').textContent") == "Page 2 of 3"
    assert "FINANCE.T_048" in browser.focused
    browser.press(Keys.ARROW_UP)
    assert "FINANCE.T_047" in browser.focused


def test_escape_empties_a_search_before_it_leaves(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("#asset-search").send_keys("sales", Keys.ESCAPE)
    assert browser.one(COUNT).text == f"{ASSETS} of {ASSETS} assets"


def test_slash_focuses_the_search_from_an_asset(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.T_ERP")
    opened(browser)
    browser.press("/")
    browser.until("return document.activeElement.id === 'asset-search'")


def test_the_first_tab_stop_is_the_skip_link(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press(Keys.TAB)
    assert browser.focused == "Skip to the report"


def test_a_change_opens_by_key(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#changes summary').focus()")
    browser.press(Keys.ARROW_DOWN, Keys.ENTER)
    browser.until("return document.querySelector('#change-0').open")
    assert len(browser.all("#change-0 .now")) == 2
