"""What a run of the end-to-end tests measured, told at its end."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Figures:
    """Lines of a name and what was measured, in the order in which they came."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, name: str, measured: str) -> None:
        """Keep a line to be told at the end."""
        self.lines.append((name, measured))

    def seconds(self, name: str, measured: float) -> None:
        """Keep a time to be told at the end."""
        self.tell(name, f"{measured:.1f} s")

    def told(self) -> Iterator[str]:
        """Yield the lines as they are printed."""
        width = max((len(name) for name, _ in self.lines), default=0)
        for name, measured in self.lines:
            yield f"{name:<{width}}  {measured}"
