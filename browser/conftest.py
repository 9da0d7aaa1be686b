"""One browser for all tests, and the pages that it looks at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from browser import driven, pages
from browser.driven import Browser

FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = terminalreporter.config.stash[FIGURES]
    if figures:
        terminalreporter.section("figures")
        for line in figures:
            terminalreporter.write_line(line)


@pytest.fixture
def print_figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that adds a line to the end of the session."""
    return request.config.stash[FIGURES].append


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not (driven.CHROMIUM and driven.DRIVER):
        pytest.fail(driven.MISSING)
    with driven.browser(tmp_path_factory.mktemp("browser")) as window:
        yield window


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(pages.small_page())
    return path
