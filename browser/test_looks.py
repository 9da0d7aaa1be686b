"""The page supports small screens, the dark scheme, print and assistive technology."""

from pathlib import Path

import pytest

from browser.driven import Browser

PLACES = (
    *("", "#change-0", "#asset=SALES.V_ORDERS", "#asset=SALES.DIM_CUSTOMER"),
    *("#asset=SALES.SALES_AM", "#asset=SALES.T_ERP"),
)

# Contrast of each visible text with the nearest ground behind it (WCAG 2.1, 1.4.3).
CONTRAST = """
const channel = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const ground = (node) => {
  for (let one = node; one; one = one.parentElement) {
    const found = parse(getComputedStyle(one).backgroundColor);
    if (found.length < 4 || found[3] > 0.5) return found;
  }
  return [255, 255, 255];
};
const weak = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  if (!own || !node.offsetParent || node.disabled || node.closest(".skip")) continue;
  const a = light(parse(getComputedStyle(node).color)), b = light(ground(node));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) weak.push(`${node.className} ${node.textContent.slice(0, 30)} ${ratio}`);
}
return weak;
"""
TOO_WIDE = """
return [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => `${one.tagName} ${one.className}`.slice(0, 80));
"""
UNNAMED = """
return [...document.querySelectorAll("a, button, input, select, summary, table")]
  .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label")
    || (one.labels && one.labels.length)))
  .map((one) => one.outerHTML.slice(0, 80));
"""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [360, 768])
def test_nothing_is_wider_than_a_small_screen(
    browser: Browser, page: Path, place: str, width: int
) -> None:
    with browser.seen(width=width, height=740):
        browser.open(page, place)
        assert browser.run("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(
    browser: Browser, page: Path, place: str, scheme: str
) -> None:
    with browser.seen(prefers_color_scheme=scheme):
        browser.open(page, place)
        assert browser.run(CONTRAST) == []


def test_the_dark_scheme_is_dark(browser: Browser, page: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        with browser.seen(prefers_color_scheme=scheme):
            browser.open(page)
            color = browser.run("return getComputedStyle(document.body).backgroundColor")
            grounds.append(sum(int(part) for part in color[4:-1].split(",")))
    assert grounds[0] - grounds[1] > 500


def test_print_shows_the_summary_and_open_changes(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    with browser.printed():
        assert browser.one("h1").text
        assert len(browser.all("#changes .now")) == 3
        assert browser.all("#assets") == []
        assert browser.all("nav") == []


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_cut_off_on_paper(browser: Browser, page: Path, place: str) -> None:
    with browser.seen(width=794, height=1123):
        browser.open(page, place)
        browser.run("dispatchEvent(new Event('beforeprint'))")
        with browser.printed():
            assert browser.run(TOO_WIDE) == []


def test_every_control_has_an_accessible_name(browser: Browser, page: Path) -> None:
    for place in PLACES:
        browser.open(page, place)
        assert browser.run(UNNAMED) == []


def test_there_are_landmarks_and_one_main_heading(browser: Browser, page: Path) -> None:
    for place in PLACES:
        browser.open(page, place)
        assert len(browser.all("main")) == 1
        assert len(browser.all("h1")) == 1
