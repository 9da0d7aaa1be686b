"""Text that people type stays text, and the page makes no request."""

from pathlib import Path

import pytest

from browser.driven import Browser
from browser.pages import CODE, old_page, recent
from datasphere_glue.report import html

PLACES = (
    *("", "#change-0", "#asset=SALES.V_ORDERS", "#asset=SALES.SALES_AM"),
    *("#asset=SALES.DIM_CUSTOMER", "#asset=SALES.T_ERP", "#asset=NO.SUCH", "#asset=%E0%A4%A"),
    *("#no-such-place", "#asset=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"),
)


@pytest.mark.parametrize("place", PLACES)
def test_the_page_makes_no_request_and_logs_no_error(
    browser: Browser, page: Path, place: str
) -> None:
    browser.open(page, place)
    browser.until("return document.querySelector('h1')")
    assert browser.complaints() == []
    assert {request.partition("#")[0] for request in browser.requests()} == {page.as_uri()}


@pytest.mark.parametrize("place", PLACES)
def test_injected_code_stays_text(browser: Browser, page: Path, place: str) -> None:
    browser.open(page, place)
    assert browser.run("return document.querySelectorAll('img, main script').length") == 0
    assert "spoilt" not in browser.title


def test_the_label_of_an_asset_is_shown_literally(browser: Browser, page: Path) -> None:
    browser.open(page, "#asset=SALES.V_ORDERS")
    assert browser.until("return document.querySelector('#asset h1').textContent") == (
        f"Orders {CODE}"
    )
    text = browser.run("return document.querySelector('#asset').textContent")
    assert text.count(CODE) > 5


def test_the_scripts_define_no_global_names(browser: Browser, page: Path) -> None:
    browser.open(page)
    own = (
        "const frame = document.body.appendChild(document.createElement('iframe'));"
        "const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));"
        "frame.remove();"
        "return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name)"
        " && !/^[0-9]+$/.test(name) && !/^cdc_|^ret_nodes/.test(name))"
    )
    assert browser.run(own) == []


def test_a_report_of_an_earlier_version_is_shown(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "old.html"
    path.write_bytes(old_page())
    browser.open(path)
    assert browser.complaints() == []
    sections = browser.run("return [...document.querySelectorAll('section')].map((s) => s.id)")
    assert sections == ["next", "counts", "changes", "conflicts", "coverage", "notes", "evidence"]
    assert browser.run("return document.querySelectorAll('a[href^=\"#asset=\"]').length") == 0


def test_a_browser_that_cannot_unpack_shows_the_rest(browser: Browser, page: Path) -> None:
    with browser.without("DecompressionStream"):
        browser.open(page, "#asset=SALES.V_ORDERS")
    assert browser.complaints() == []
    assert "cannot decompress" in browser.one("#assets").text
    assert browser.all("#evidence")
    assert browser.run("return document.querySelectorAll('a[href^=\"#asset=\"]').length") == 0


def test_the_index_leads_to_each_run(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_bytes(html.index(recent()))
    browser.open(path)
    assert browser.complaints() == []
    targets = browser.run(
        "return [...document.querySelectorAll('tbody a')].map((a) => a.getAttribute('href'))"
    )
    assert targets == [f"runs/run-000{n}/report.html" for n in (3, 2, 1)]
