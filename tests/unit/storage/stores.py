"""A store in memory, for tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.storage.store import Body, StoredKey


@dataclass
class MemoryStore:
    """Holds bodies in memory; each write is a second later. A `full` store refuses writes."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    full: bool = False

    def put(self, key: str, body: Body) -> str:
        if self.full:
            raise ReportUnwritable(f"{key}: no space left")
        self.bodies[key] = body if isinstance(body, bytes) else b"".join(body)
        self.times[key] = float(len(self.times))
        return self.location(key)

    def create(self, key: str, body: Body) -> bool:
        if key in self.bodies and not self.full:
            return False
        self.put(key, body)
        return True

    def location(self, key: str) -> str:
        return f"memory:{key}"

    def get(self, key: str) -> bytes | None:
        return self.bodies.get(key)

    def pieces(self, key: str) -> Iterator[bytes]:
        if key not in self.bodies:
            raise Unavailable(f"memory:{key} could not be read: it is not there")
        yield self.bodies[key]

    def first(self, prefix: str) -> str | None:
        return min((key for key in self.bodies if key.startswith(prefix)), default=None)

    def lines(self, key: str) -> Iterator[bytes]:
        yield from self.bodies[key].splitlines()

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        return tuple(
            StoredKey(key, len(self.bodies[key]), self.times.get(key, 0.0))
            for key in sorted(self.bodies)
            if key.startswith(prefix)
        )
