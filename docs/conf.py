"""The documentation site: `make docs` builds it into build/docs, readable without a network."""
# ruff: noqa: INP001 - Sphinx reads this file from its folder; nobody imports it

import posixpath
from typing import Any

project = "datasphere-glue"
extensions = ["myst_parser"]
exclude_patterns = ["shown/*"]
html_theme = "furo"
html_title = "datasphere-glue"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
# A summary is fetched from the page it is of, which browsers refuse to a page from a file.
html_show_search_summary = False
myst_heading_anchors = 4
# What terminals print is shown as it is; a lexer that stumbles over it is no fault of a page.
suppress_warnings = ["misc.highlighting_failure"]


def without_outside(app: Any, doctree: Any) -> None:
    """Leave only the text of links that lead out of docs/, where a code host finds a file."""
    folder = posixpath.dirname(app.env.docname)
    for link in list(doctree.findall()):
        target = link.get("reftarget") or link.get("refuri") if hasattr(link, "get") else None
        # A Markdown file outside is named by its absolute path.
        if target and posixpath.normpath(posixpath.join(folder, target)).startswith(("..", "/")):
            link.replace_self(link.children)


def setup(app: Any) -> dict[str, Any]:
    """Register what happens to each page."""
    app.connect("doctree-read", without_outside)
    return {"parallel_read_safe": True}
