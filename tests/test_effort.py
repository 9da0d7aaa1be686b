"""A developer's run leaves variants and details to CI, and never a whole functional test."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tests.effort import left_to_ci

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Item:
    nodeid: str
    marker: str | None = None

    def get_closest_marker(self, name: str) -> str | None:
        return self.marker if self.marker == name else None


def left_of(*items: Item) -> set[str]:
    return {item.nodeid for item in left_to_ci(cast("tuple[pytest.Item, ...]", items))}


def test_many_variants_of_a_functional_test_run_first_and_last() -> None:
    many = [Item(f"tests/functional/test_a.py::test_b[{number}]") for number in range(7)]
    few = [Item(f"tests/functional/test_a.py::test_c[{number}]") for number in range(2)]
    unit = [Item(f"tests/unit/test_a.py::test_b[{number}]") for number in range(7)]

    assert left_of(*many, *few, *unit) == {many[place].nodeid for place in range(1, 6)}


def test_a_detail_is_left_to_ci() -> None:
    detail = Item("tests/unit/test_a.py::test_b", "ci_only")
    assert left_of(detail, Item("tests/unit/test_a.py::test_c")) == {detail.nodeid}
