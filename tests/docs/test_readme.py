"""The README is a front page: short, true, and a way to everything else."""

import re
from pathlib import Path
from typing import Final

from datasphere_glue import config

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
LARGEST: Final = 12_000


def links(text: str) -> set[str]:
    """Return the relative links of a page, without anchors."""
    return {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s:]+)\)", text)}


def test_the_readme_is_a_front_page() -> None:
    assert len(README.encode()) <= LARGEST


def test_the_readme_links_to_the_pages_with_details() -> None:
    assert links(README) >= {
        "CONTRIBUTING.md",
        "docs/errors/index.md",
        "docs/guide/architecture.md",
        "docs/guide/configuration.md",
        "docs/guide/events.md",
        "docs/guide/large-tenants.md",
        "docs/guide/safety.md",
        "docs/guide/what-lands-in-glue.md",
        "docs/not-proven.md",
        "docs/reference/settings.md",
    }


def test_every_page_is_in_the_contents_of_the_site() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z/-]+)$", index, re.MULTILINE))
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md")}
    assert {page for page in pages if not page.startswith("errors/")} - {"index"} <= listed


def test_the_configuration_in_the_guide_is_valid() -> None:
    guide = (DOCS / "guide" / "configuration.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert config.parse(text.encode()).mapping.context
