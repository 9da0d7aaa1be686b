"""`make fidelity FILE="..."`: judges whether Glue holds the content of documents.

Each file is a CSN export, a `$metadata` document or a folder of recorded answers. An embedded
tenant serves it, the function syncs it into an embedded catalog that refuses what Glue refuses, and
the tables are read back from there. Exit code 0: nothing is lost. 1: a fact is missing or wrong, or
an object failed. 2: a file cannot be judged.
"""

import os
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Final

from local.catalog.embedded import EmbeddedCatalog
from tools.fidelity.comparison import LOSSES, Finding, Verdict, counts
from tools.fidelity.inputs import BrokenInputError, spaces_of
from tools.fidelity.synced import Judgement, judge

_SHOWN: Final = 40
_USAGE: Final = 'usage: make fidelity FILE="export.json ..."   (or folders of recorded answers)'


def main(paths: Collection[str]) -> int:
    """Print the findings about each path; return the exit code."""
    if not paths:
        print(_USAGE)
        return 2
    codes = []
    with EmbeddedCatalog() as catalog:
        os.environ |= catalog.environment
        for path in map(Path, paths):
            catalog.reset()
            codes.append(_judged(path, catalog))
    return max(codes)


def _judged(path: Path, catalog: EmbeddedCatalog) -> int:
    """Print the findings about one path; return its exit code."""
    try:
        judgement = judge(spaces_of(path), catalog)
    except BrokenInputError as error:
        print(error)
        return 2
    for line in report(path.name, judgement):
        print(line)
    return 0 if is_whole(judgement) else 1


def is_whole(judgement: Judgement) -> bool:
    """Return whether no fact is missing or wrong and no object failed."""
    run = judgement.run["counts"]
    lost = any(finding.verdict in LOSSES for finding in judgement.findings)
    return not lost and run["failed"] == run["skipped"] == 0


def report(name: str, judgement: Judgement) -> list[str]:
    """Return the lines about one file: the run, a table by kind, and what is not equal."""
    run = judgement.run
    counted = ", ".join(
        f"{run['counts'][word]} {word}" for word in ("created", "failed", "skipped")
    )
    lines = [f"{name}: {run['status']}, tables: {counted}"]
    lines += [f"  {error['code']} {error['asset']}: {error['message']}" for error in run["errors"]]
    lines += _table(judgement.findings)
    for verdict in (Verdict.MISSING, Verdict.WRONG, Verdict.CUSTOM):
        found = [finding for finding in judgement.findings if finding.verdict is verdict]
        lines += [f"  {finding.line}" for finding in found[:_SHOWN]]
        if found[_SHOWN:]:
            lines.append(f"  {verdict}: {len(found) - _SHOWN} more")
    return lines


def _table(findings: Collection[Finding]) -> list[str]:
    lines = [f"  {'':34}" + "".join(f"{verdict:>13}" for verdict in Verdict)]
    total: Counter[Verdict] = Counter()
    for kind, row in counts(findings).items():
        lines.append(f"  {kind:34}" + "".join(f"{row[verdict] or '':>13}" for verdict in Verdict))
        total += row
    return [*lines, f"  {'all':34}" + "".join(f"{total[verdict]:>13}" for verdict in Verdict)]
