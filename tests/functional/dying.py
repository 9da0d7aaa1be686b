"""Runs that end in the middle: a bootstrap whose store or catalog ends the process at one point."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from datasphere_glue import bootstrap
from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.runs.ports import Target
from datasphere_glue.storage.store import Body, Store


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing runs after it."""


class RefusedError(ReportUnwritable):
    """The store refuses a file."""

    def __init__(self) -> None:
        super().__init__("access denied")


@dataclass(frozen=True)
class Point:
    """Where a run ends.

    - `writes`: after so many changes of a plan are written.
    - `file`: at a file whose key matches; `stored` after it, otherwise before it.
    - `error`: what ends the run.
    """

    writes: int | None = None
    file: str | None = None
    stored: bool = False
    error: type[BaseException] = KilledError


@dataclass
class DyingStore:
    """A store that ends the run at a file."""

    store: Store
    point: Point

    def put(self, key: str, body: Body) -> str:
        with _at(self.point, key):
            return self.store.put(key, body)

    def create(self, key: str, body: Body) -> bool:
        with _at(self.point, key):
            return self.store.create(key, body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@contextmanager
def _at(point: Point, key: str) -> Iterator[None]:
    """End the run before or after the block if the point is at this file."""
    strikes = point.file is not None and re.search(point.file, key) is not None
    if strikes and not point.stored:
        raise point.error
    yield
    if strikes:
        raise point.error


@dataclass
class DyingTarget:
    """A catalog that ends the run after some writes of a plan."""

    target: Target
    point: Point

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        if self.point.writes is None:
            return self.target.apply(plan, until=until, replan=replan)
        first = replace(plan, tables=plan.tables[: self.point.writes])
        self.target.apply(first, until=until, replan=replan)
        raise self.point.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)


@dataclass
class DyingBootstrap:
    """The real bootstrap, with a store and a catalog that end the run at one point."""

    point: Point

    def build_clients(self, *args: Any, **more: Any) -> Any:
        clients = bootstrap.build_clients(*args, **more)
        return replace(clients, target=DyingTarget(clients.target, self.point))

    def store_of(self, settings: Any) -> Any:
        store = bootstrap.store_of(settings)
        return DyingStore(store, self.point) if store else None

    def report_store(self, settings: Any) -> Any:
        return DyingStore(bootstrap.report_store(settings), self.point)

    def __getattr__(self, name: str) -> Any:
        return getattr(bootstrap, name)
