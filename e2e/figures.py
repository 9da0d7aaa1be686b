"""The figures that a run of the end-to-end tests prints at its end."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Figures:
    """Lines of a name and what was measured, in order of their addition."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, measured: str) -> None:
        """Add a line for the end of the run."""
        self.lines.append((name, measured))

    def seconds(self, name: str, measured: float) -> None:
        """Add a duration for the end of the run."""
        self.add(name, f"{measured:.1f} s")

    def rows(self) -> Iterator[str]:
        """Yield the lines as they are printed."""
        width = max((len(name) for name, _ in self.lines), default=0)
        for name, measured in self.lines:
            yield f"{name:<{width}}  {measured}"
