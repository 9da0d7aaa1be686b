"""`make reference`: writes docs/shown/, what commands print when they run on the sample tenant.

The commands run one after another in this process, against the embedded tenant and catalog, and so
do the pieces of Python in the guide on Glue jobs; a label changes on the way. What differs from one
execution to the next (run ids, times, digests, versions) is replaced by something that does not.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner
from rich.console import Console

from datasphere_glue.cli import commands
from local.catalog.embedded import EmbeddedCatalog
from local.demo import Demo
from local.sample import sample_tenant
from local.setting import environment_of
from tools.reference import ROOT

SHOWN: Final = ROOT / "docs" / "shown"
PAGE: Final = ROOT / "docs" / "reference" / "shown.md"
PICTURE: Final = ROOT / "docs" / "images" / "demo.svg"
EXAMPLE: Final = ROOT / "docs" / "configuration.example.yaml"
JOBS: Final = ROOT / "docs" / "guide" / "glue-jobs.md"
RELABELLED: Final = ("SALES", "V_ORDERS", "Orders, renamed in Datasphere")
WIDTH: Final = 110
# The test waits for these runs: none of its time goes into pacing them.
UNPACED: Final = {"DATASPHERE_REQUESTS_PER_MINUTE": "60000"}
BEFORE: Final = (
    ("doctor", "doctor"),
    ("config-check", "config check configuration.example.yaml"),
    ("plan", "plan"),
    ("sync", "sync"),
    ("show", "show datasphere_sales.sales_am"),
    ("search", "search orders"),
    ("trace", "trace SALES.SALES_AM"),
)
AFTER: Final = (
    ("sync-changed", "sync"),
    ("verify", "verify --space SALES"),
    ("history", "history SALES.V_ORDERS"),
    ("report", "report"),
    ("rollback-plan", "rollback RUN_ID --plan"),
    ("rollback", "rollback RUN_ID"),
    ("result", "sync --asset SALES.V_ORDERS --json"),
    ("lineage-export", "lineage export --space SALES --out lineage.jsonl"),
    ("audit-verify", "audit verify"),
    ("audit-export", "audit export --format csv --out audit.csv"),
)
_RUN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{6}")
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b|(?:(?<=--plan )|(?<=--approved ))[0-9a-f]{12}\b")
_FONT: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_NOW: Final = re.compile(r"20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_PLAIN: Final = (
    # All dates of the sample tenant are earlier: what is from 2026 or later is a clock's.
    (re.compile(r"20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d"), "2026-01-05T05:00"),
    (re.compile(r"(2026-01-05T05:00):\d\d(\.\d+)?"), r"\1:00"),
    (re.compile(r"\b\d+(\.\d)? s\b(?! off)"), "1.0 s"),
    (re.compile(r"\d+ s off"), "0 s off"),
    (re.compile(r'"duration_ms": \d+'), '"duration_ms": 1000'),
    (re.compile(r"Python [\d.]+, boto3 [\d.]+"), "Python 3.13, boto3 1.40"),
)


class Still:
    """Replaces values that differ between executions by stable ones."""

    def __init__(self) -> None:
        self._runs: dict[str, str] = {}
        self._digests: dict[str, str] = {}

    def text(self, output: str) -> str:
        """Return the text as any other execution would print it."""
        output = _RUN.sub(lambda match: self._run(match.group()), output)
        output = _DIGEST.sub(lambda match: self._digest(match.group()), output)
        for pattern, text in _PLAIN:
            output = pattern.sub(text, output)
        return "\n".join(line.rstrip() for line in output.strip().splitlines()) + "\n"

    def _run(self, run: str) -> str:
        return self._runs.setdefault(run, f"2026-01-05T050000Z-{len(self._runs) + 1:06x}")

    def _digest(self, digest: str) -> str:
        number = str(len(self._digests)).encode()
        stable = self._digests.setdefault(digest[:12], hashlib.sha256(number).hexdigest())
        return stable[: len(digest)]


def outputs() -> dict[str, str]:
    """Return what each command printed, after its own line, by the name of its file."""
    with (
        sample_tenant() as tenant,
        EmbeddedCatalog() as catalog,
        tempfile.TemporaryDirectory() as folder,
        chdir(folder),
    ):
        shutil.copy(EXAMPLE, EXAMPLE.name)
        environment = environment_of(tenant, catalog) | UNPACED | {"REPORT_URI": "reports"}
        still = Still()
        files = dict(_printed(BEFORE, environment, still))
        files["glue-job.txt"] = _job(environment)
        tenant.spaces.set_label(*RELABELLED)
        return files | dict(_printed(AFTER, environment, still))


def _printed(
    lines: tuple[tuple[str, str], ...], environment: Mapping[str, str], still: Still
) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each line, carried out in turn."""
    runner, run = CliRunner(), "RUN_ID"
    for name, line in lines:
        line = line.replace("RUN_ID", run)  # noqa: PLW2901 - the line as a person would type it
        done = runner.invoke(commands, shlex.split(line), env=environment, standalone_mode=False)
        if done.exception:
            raise RuntimeError(f"{line}: {done.output}") from done.exception
        output = done.output
        if name.startswith("sync"):
            run = _RUN.findall(output)[0]
        if "audit.csv" in line:
            line += "; head -n 3 audit.csv"  # noqa: PLW2901 - so much of the file is shown
            output += "\n".join(Path("audit.csv").read_text("utf-8").splitlines()[:3])
        yield f"{name}.txt", still.text(f"$ datasphere-glue {line}\n{output}")


def _job(environment: Mapping[str, str]) -> str:
    """Return what the pieces of Python that a Glue job may be made of print, one after another.

    Those for Spark are omitted, since Spark is not available.
    """
    text = JOBS.read_text(encoding="utf-8").partition("\n## Spark\n")[0]
    program = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    done = subprocess.run(  # noqa: S603 - our own interpreter runs our own page
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{JOBS.name}: {done.stderr}")
    return f"$ python job.py\n{done.stdout}"


def page(files: Mapping[str, str]) -> str:
    """Return the page that shows every output."""
    head = (
        "# Outputs\n\nRuns on the sample tenant of `make demo-serve` print these outputs. Run"
        " ids, times, digests and\nversions are replaced by fixed values, so the page changes"
        " only with the program.\n"
    )
    return head + "".join(
        f"\n## {name.removesuffix('.txt')}\n\n```text\n{text}```\n" for name, text in files.items()
    )


class Brief(Demo):
    """The demo without its one long part, the table in full, and without the clock's times."""

    def show_table(self, database: str, name: str) -> None:
        """Show nothing."""

    def invoke(self) -> Mapping[str, Any]:
        """Return the result of a run that took one second."""
        return {**super().invoke(), "duration_ms": 1000}


def picture() -> str:
    """Return the demo as a picture of a terminal, the same one from each execution."""
    with (
        sample_tenant() as tenant,
        EmbeddedCatalog() as catalog,
        tempfile.TemporaryDirectory() as folder,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        _process_environment(
            environment_of(tenant, catalog) | UNPACED | {"REPORT_URI": folder},
        ),
    ):
        console = Console(width=WIDTH, record=True, file=nowhere)
        Brief(tenant, catalog, console).play()
        drawing = console.export_svg(title="make demo", unique_id="demo")
        # A page that needs no network names no web font.
        return _NOW.sub("2026-01-05T05:00:00.000Z", _FONT.sub("", drawing))


@contextmanager
def _process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Give the handler, which reads the environment of its process, these variables."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def write() -> None:
    """Write every output, the page that shows them, and the picture."""
    files = outputs()
    shutil.rmtree(SHOWN, ignore_errors=True)
    SHOWN.mkdir()
    for name, text in files.items():
        (SHOWN / name).write_text(text, encoding="utf-8")
    PAGE.write_text(page(files), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    write()
