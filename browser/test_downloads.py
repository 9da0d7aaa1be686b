"""Downloads equal the displayed report and hold no spreadsheet formulas."""

import csv
import json
from pathlib import Path
from time import monotonic

from browser.driven import Browser
from browser.pages import CODE, FORMULA, report, small_run

_SECONDS = 20


def downloaded(browser: Browser, button: str, name: str) -> bytes:
    """Press a button of the evidence and return what was downloaded."""
    browser.run(
        "[...document.querySelectorAll('#evidence button')]"
        ".find((one) => one.textContent === arguments[0]).click()",
        button,
    )
    path, end = browser.downloads / name, monotonic() + _SECONDS
    while not path.exists() and monotonic() < end:
        browser.run("return 0")
    return path.read_bytes()


def test_the_json_is_the_report(browser: Browser, page: Path) -> None:
    browser.open(page)
    downloaded_report = json.loads(downloaded(browser, "Download report as JSON", "run-0003.json"))
    assert downloaded_report == json.loads(json.dumps(report(small_run())))


def test_the_csv_holds_a_line_for_each_field_and_no_formula(browser: Browser, page: Path) -> None:
    browser.open(page)
    body = downloaded(browser, "Download changes as CSV", "run-0003-changes.csv")
    lines = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    assert [(line["asset"], line["field"]) for line in lines] == [
        *(("V_ORDERS", "label"), ("V_ORDERS", "description")),
        *(("SALES_AM", "label"), ("T_001", "")),
    ]
    assert lines[0]["after"] == CODE
    assert lines[1]["after"] == f"'{FORMULA}"
    assert browser.complaints() == []


def test_the_evidence_shows_its_digests(browser: Browser, page: Path) -> None:
    browser.open(page)
    text = browser.one("#evidence").text
    assert "ab" * 32 in text
    assert "c0ffee" * 10 in text
