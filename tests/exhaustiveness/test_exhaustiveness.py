"""A new member of an enum without its cases: mypy names every module that must decide."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "src/datasphere_glue"

NewMember = tuple[str, str, str, frozenset[str]]
"""The file of an enum, a line of it, the lines that replace it, and the modules to be named."""

NEW_MEMBERS: dict[str, NewMember] = {
    "ChangeAction": (
        "plan/actions.py",
        '    DELETE = "delete"\n',
        '    DELETE = "delete"\n    ARCHIVE = "archive"\n',
        frozenset({"plan/actions.py", "glue/change_writer.py", "report/render.py"}),
    ),
    "RunAction": (
        "model/run_action.py",
        '    ROLLBACK = "rollback"\n',
        '    ROLLBACK = "rollback"\n    REPAIR = "repair"\n',
        frozenset({"model/run_action.py", "report/document.py", "report/next_steps.py"}),
    ),
    "Severity": (
        "model/severity.py",
        '    NOTE = "note"\n',
        '    NOTE = "note"\n    ALARM = "alarm"\n',
        frozenset({"model/severity.py", "tools/issue_index.py"}),
    ),
    "Kind": (
        "model/asset.py",
        '    ANALYTIC_MODEL = "analytic_model"\n',
        '    ANALYTIC_MODEL = "analytic_model"\n    TASK_CHAIN = "task_chain"\n',
        frozenset(
            {
                "datasphere/objects.py",
                "datasphere/definitions.py",
                "browse/openlineage.py",
                "mapping/tables.py",
            }
        ),
    ),
}


class Copy:
    """A copy of the source. All checks share one cache, so that only the first one takes long."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for folder in ("src", "tools"):
            shutil.copytree(ROOT / folder, home / folder)
        shutil.copy(ROOT / "pyproject.toml", home)

    def undecided(self) -> set[str]:
        """Return the modules in which mypy finds a member without a case."""
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--cache-dir", "cache", "src", "tools"],
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode < 2, done.stdout + done.stderr
        paths = re.findall(r"^(\S+?):\d+: error: .*assert_never", done.stdout, re.MULTILINE)
        return {path.removeprefix(f"{PACKAGE}/") for path in paths}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.mark.slow
@pytest.mark.parametrize("enum", NEW_MEMBERS)
def test_mypy_names_each_module_that_must_decide_about_a_new_member(enum: str, copy: Copy) -> None:
    file, line, lines, expected = NEW_MEMBERS[enum]
    path = copy.home / PACKAGE / file
    original = path.read_text(encoding="utf-8")
    assert original.count(line) == 1
    path.write_text(original.replace(line, lines), encoding="utf-8")
    try:
        assert copy.undecided() == expected
    finally:
        path.write_text(original, encoding="utf-8")
