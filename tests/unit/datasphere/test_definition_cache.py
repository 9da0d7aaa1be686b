"""Definitions that several assets need: read once for all threads, and kept within bounds."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.definition_cache import DefinitionCache
from datasphere_glue.errors import Skippable
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType


def definition(name: str, columns: int = 1) -> Definition:
    elements = tuple(Element(f"C{n}", SapType("cds.Date")) for n in range(columns))
    return Definition(Asset("BAKERY", name, Kind.VIEW, elements=elements))


class Reader:
    """Counts what is read; an object without columns cannot be read."""

    def __init__(self, **columns: int) -> None:
        self.columns = columns
        self.read: list[str] = []

    def __call__(self, name: str) -> Definition:
        self.read.append(name)
        if not self.columns[name]:
            raise Skippable(f"{name} is broken")
        return definition(name, self.columns[name])


def ask(cache: DefinitionCache, reader: Reader, name: str) -> Definition:
    return cache.get(name, lambda: reader(name))


def test_a_definition_is_read_once_by_many_threads() -> None:
    cache, reader, ready = DefinitionCache(), Reader(LOAVES=3), Barrier(4)

    def needed(_: int) -> Definition:
        ready.wait()
        return ask(cache, reader, "LOAVES")

    with ThreadPoolExecutor(4) as pool:
        found = set(map(id, pool.map(needed, range(4))))
    assert len(found) == 1
    assert reader.read == ["LOAVES"]


def test_an_object_that_cannot_be_read_costs_one_attempt() -> None:
    cache, reader = DefinitionCache(), Reader(BROKEN=0)
    for _ in range(3):
        with pytest.raises(Skippable):
            ask(cache, reader, "BROKEN")
    assert reader.read == ["BROKEN"]


def test_the_definition_that_was_needed_longest_ago_is_dropped_first() -> None:
    cache, reader = DefinitionCache(most_columns=10), Reader(A=4, B=4, C=4)
    for name in ("A", "B", "A", "C", "A", "C", "B"):
        ask(cache, reader, name)
    assert reader.read == ["A", "B", "C", "B"]


def test_a_definition_larger_than_the_bound_is_kept_until_the_next() -> None:
    cache, reader = DefinitionCache(most_columns=2), Reader(WIDE=50, A=1)
    for name in ("WIDE", "WIDE", "A", "A", "WIDE"):
        ask(cache, reader, name)
    assert reader.read == ["WIDE", "A", "WIDE"]
