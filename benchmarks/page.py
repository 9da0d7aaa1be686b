"""The figures as people read them: Markdown for the documentation. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.bounds import Verdict
from benchmarks.plot import name_of

Figures = Mapping[str, Any]

HEADS = (
    *("Run", "Seconds", "Bound", "Ratio", "Datasphere", "Glue reads", "Glue writes"),
    *("CPU ms/asset", "Servers' CPU s", "Peak MB"),
)

_BOUND = (
    "The bound is what no program could go below: the largest of what the rate budget, the latency"
    " of each side by the requests at a time, and the measured CPU of the run make it.\n"
    "What the servers of the benchmark take of the machine is shown, and not in the bound.\n"
    "The parts of a divided run are taken one after the other here; its seconds are those of its"
    " first and last step, and the workers' by how many work at a time."
)


def rows(runs: Iterable[Figures]) -> Iterator[Sequence[str]]:
    """Yield the cells of each run, in the order of HEADS."""
    for run in runs:
        calls = run["calls"]
        yield (
            name_of(run),
            f"{run['seconds']:.1f}",
            f"{run['bound_s']:.1f}",
            f"{run['ratio']:.2f}",
            f"{calls['datasphere']:,}",
            f"{calls['glue_read']:,}",
            f"{calls['glue_write']:,}",
            f"{run['cpu_ms_per_asset']:.1f}",
            f"{run['served_cpu_s']:.1f}",
            f"{run['peak_mb']:.0f}",
        )


def verdict_rows(verdicts: Iterable[Verdict]) -> Iterator[Sequence[str]]:
    """Yield the promise, the measured value, the limit, and the verdict."""
    for one in verdicts:
        verdict = "PASS" if one.fulfilled else "FAIL"
        yield one.promise, f"{one.measured:,.2f}", f"{one.limit:,.2f}", verdict


def page(figures: Figures, verdicts: Iterable[Verdict]) -> str:
    """Return the page of the documentation about speed, with the plot."""
    stages = [(f"{s['assets']:,}", *_stage_cells(s)) for s in figures["stages"]]
    names = list(figures["stages"][0]["stages_ms"]) if stages else []
    return "\n".join(
        (
            "# Performance",
            "",
            _circumstances(figures),
            "",
            _BOUND,
            "",
            "![Seconds of each run and its bound](performance.svg)",
            "",
            *_table(HEADS, rows(figures["runs"])),
            "",
            "## CPU per asset by stage, in milliseconds",
            "",
            *_table(("Assets", *names, "parse + map + diff + serialise"), stages),
            "",
            *_page_of_a_run(figures),
            "## Promises",
            "",
            *_table(("Promise", "Measured", "At most", ""), verdict_rows(verdicts)),
            "",
        )
    )


def _circumstances(figures: Figures) -> str:
    latency = figures["latency_ms"]
    return (
        "Written by `make bench` out of `build/bench.json`. Every run is a process of its own,"
        " tenant and catalog are two others on the same machine"
        f" ({figures['cores']} cores, Python {figures['python']}).\n"
        f"Assets have {figures['columns']} columns and are of every kind, in {figures['spaces']}"
        f" spaces. With latency, Datasphere takes {latency['datasphere']:.0f} ms to answer and"
        f" Glue {latency['glue']:.0f} ms."
    )


def _page_of_a_run(figures: Figures) -> Iterator[str]:
    """Yield the size of the page of a run, if it was measured."""
    if page := figures.get("report"):
        yield (
            f"The page of a run over {page['assets']:,} assets of {page['columns']} columns with"
            f" varied texts has {page['page_mb']:.1f} MB; counting and packing them took"
            f" {page['cpu_ms_per_asset']:.2f} ms of CPU per asset, the page {page['page_s']:.1f} s."
        )
        yield ""


def _stage_cells(stage: Figures) -> tuple[str, ...]:
    return (*(f"{ms:.2f}" for ms in stage["stages_ms"].values()), f"{stage['total_ms']:.2f}")


def _table(heads: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join(' --- ' if not place else ' ---: ' for place in range(len(heads)))}|"
    for row in cells:
        yield f"| {' | '.join(row)} |"
