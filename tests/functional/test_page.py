"""The page of a run in a real browser: it shows the run and makes no request."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functional.conftest import World

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
LABEL = "</script><script>document.title='spoilt'</script><b>Net</b>"


def rendered(page: Path, profile: Path) -> tuple[str, str]:
    """Return the final document of the browser, and its console output."""
    done = subprocess.run(  # noqa: S603 - a page of ours in the browser that was found
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--enable-logging=stderr", "--dump-dom"),
            "--virtual-time-budget=5000",  # unpacking the assets takes its time
            f"--user-data-dir={profile}",
            page.as_uri() + "#change-0",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(console)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
@pytest.mark.ci_only
def test_a_browser_shows_what_happened(shop: World, tmp_path: Path) -> None:
    shop.sync()
    shop.tenant.spaces.set_label("SHOP", "V_03", LABEL)
    shop.tenant.spaces.forbid("STOCK")
    answer = shop.sync()

    dom, console = rendered(Path(answer["report"]).with_suffix(".html"), tmp_path / "profile")

    assert console == ""
    assert "<h1>1 updated; 9 tables unchanged; 1 space not listed completely.</h1>" in dom
    for section in ("next", "counts", "changes", "completeness", "assets", "coverage", "evidence"):
        assert f'<section id="{section}"' in dom
    assert "&lt;b&gt;Net&lt;/b&gt;" in dom
    assert "<title>DEGRADED" in dom
    assert 'href="#asset=SHOP.V_03"' in dom
