"""A store that is a dictionary."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.report.store import Body, Kept


@dataclass
class MemoryStore:
    """Keeps bodies in memory, each a second later than the one before; refuses when `full`."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    full: bool = False

    def put(self, key: str, body: Body) -> str:
        if self.full:
            raise ReportUnwritable(f"{key}: no space left")
        self.bodies[key] = body if isinstance(body, bytes) else b"".join(body)
        self.times[key] = float(len(self.times))
        return self.location(key)

    def location(self, key: str) -> str:
        return f"memory:{key}"

    def get(self, key: str) -> bytes | None:
        return self.bodies.get(key)

    def lines(self, key: str) -> Iterator[bytes]:
        yield from self.bodies[key].splitlines()

    def find(self, prefix: str) -> tuple[Kept, ...]:
        return tuple(
            Kept(key, len(self.bodies[key]), self.times[key])
            for key in sorted(self.bodies)
            if key.startswith(prefix)
        )
