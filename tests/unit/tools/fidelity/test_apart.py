"""The judge reads documents on its own: nothing of the product's readers and writers is in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

JUDGE = Path(__file__).parents[4] / "tools" / "fidelity"
RUN = {
    "datasphere_glue",
    "datasphere_glue.events.request",
    "datasphere_glue.outcome.run",
    "datasphere_glue.runs",
    "datasphere_glue.runs.ports",
}
"""What starts a run of the product."""


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_only_the_run_between_both_sides_is_the_product() -> None:
    used = {
        path.name: {name for name in imports(path) if name.startswith("datasphere_glue")}
        for path in JUDGE.rglob("*.py")
    }
    assert {name: names for name, names in used.items() if names} == {"synced.py": RUN}


def test_the_readers_of_documents_know_neither_tenant_nor_tables() -> None:
    readers = [*(JUDGE / "csn").glob("*.py"), *(JUDGE / "edmx").glob("*.py")]
    assert len(readers) > 8
    for path in readers:
        assert not [name for name in imports(path) if name.startswith("local.")], path.name
