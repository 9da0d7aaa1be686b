"""A plot of runs against what they take at least, as SVG that any browser shows. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH: Final = 760
_LEFT: Final = 250
_RIGHT: Final = 90
_TOP: Final = 64
_ROW: Final = 34
_BAR: Final = 12
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:15px;font-weight:600}"
    ".run{fill:#2f81f7}.bound{fill:#8c959f}"
)


def plot(title: str, runs: Iterable[Mapping[str, Any]]) -> str:
    """Return an SVG with two bars for each run: its seconds, and the fewest that it could take."""
    kinds = list(runs)
    longest = max((max(run["seconds"], run["bound_s"]) for run in kinds), default=1.0) or 1.0
    height = _TOP + _ROW * len(kinds) + 16
    rows = (line for place, run in enumerate(kinds) for line in _row(place, run, longest))
    return "\n".join((*_head(title, height), *rows, "</svg>", ""))


def name_of(run: Mapping[str, Any]) -> str:
    """Return what a run is called in tables and plots."""
    return f"{run['kind']}, {run['assets']:,} assets{', latency' if run['latency'] else ''}"


def _head(title: str, height: int) -> Sequence[str]:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="22">{escape(title)}</text>',
        '<rect class="run" x="8" y="36" width="10" height="10"/>',
        '<text x="24" y="46">seconds of the run</text>',
        '<rect class="bound" x="170" y="36" width="10" height="10"/>',
        '<text x="186" y="46">physical bound, from the same figures</text>',
    )


def _row(place: int, run: Mapping[str, Any], longest: float) -> Iterator[str]:
    top = _TOP + _ROW * place
    scale = (WIDTH - _LEFT - _RIGHT) / longest
    yield f'<text x="8" y="{top + _BAR + 2}">{escape(name_of(run))}</text>'
    for line, (kind, seconds) in enumerate((("run", run["seconds"]), ("bound", run["bound_s"]))):
        y, width = top + line * _BAR, max(1.0, seconds * scale)
        yield f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 2}"/>'
    end = _LEFT + max(run["seconds"], run["bound_s"]) * scale + 8
    label = f"{run['seconds']:.1f} s, {run['ratio']:.2f} times"
    yield f'<text x="{end:.1f}" y="{top + _BAR + 2}">{label}</text>'
