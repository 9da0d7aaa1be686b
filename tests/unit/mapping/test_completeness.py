"""Completeness of assets: present, missing and unavailable metadata."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Hierarchy
from datasphere_glue.model.completeness import (
    WORST,
    Completeness,
    Score,
    Share,
    sum_by_space,
    sum_shares,
    worst_scores,
)
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Table
from tests.unit.samples import RULES, listing

TEXT = SapType("cds.String", length=10)
DEFINED = (("elements", "csn+odata"),)
EXPOSED = (("elements", "odata"),)
BARE = Asset("SALES", "V_BARE", Kind.VIEW, provenance=DEFINED)


def tables(*assets: Asset, rules: Governance | None = None) -> tuple[Table, ...]:
    applied_rules = replace(RULES, governance=rules or Governance())
    return to_tables([listing(*assets)], applied_rules, Catalog())[0].tables


def counted(*assets: Asset, rules: Governance | None = None) -> Completeness:
    return measure_completeness("SALES", tables(*assets, rules=rules), rules or Governance())[0]


def shares(*assets: Asset, rules: Governance | None = None) -> dict[str, tuple[int, int, int]]:
    counts = counted(*assets, rules=rules).shares
    return {one.part: (one.have, one.of, one.unavailable) for one in counts}


def score(one: Asset, rules: Governance | None = None) -> Score:
    (counts,) = measure_completeness("SALES", tables(one, rules=rules), rules or Governance())[1]
    return counts


def measure(name: str = "AMOUNT", **more: Any) -> Element:
    return Element(name, TEXT, measure=True, **more)


def test_the_fields_of_an_asset_are_counted() -> None:
    full = replace(BARE, name="V_FULL", label="Orders", description="All orders")

    result = shares(full, BARE)

    assert result["label"] == (1, 2, 0)
    assert result["description"] == (1, 2, 0)


def test_columns_are_counted_individually() -> None:
    elements = (Element("A", TEXT, label="A label", description="More"), Element("B", TEXT))

    counts = counted(replace(BARE, elements=elements))

    assert (counts.assets, counts.columns) == (1, 2)
    assert shares(replace(BARE, elements=elements))["column_label"] == (1, 2, 0)
    assert shares(replace(BARE, elements=elements))["column_description"] == (1, 2, 0)


def test_only_measures_can_have_a_unit() -> None:
    elements = (
        Element("A", TEXT, dimension=True),
        measure("B"),
        measure("C", unit="UOM"),
        measure("D", currency="CUR"),
    )

    assert shares(replace(BARE, usage=Usage.FACT, elements=elements))["unit"] == (2, 3, 0)


def test_a_relational_dataset_does_not_require_roles() -> None:
    elements = (Element("A", TEXT), Element("B", TEXT, key=True))
    plain = replace(BARE, usage=Usage.RELATIONAL, elements=elements)

    assert "role" not in shares(plain)
    assert shares(replace(plain, usage=Usage.DIMENSION))["role"] == (1, 2, 0)


def test_a_hierarchy_is_expected_of_dimensions_and_does_not_affect_the_score() -> None:
    dimension = replace(BARE, usage=Usage.DIMENSION, label="L", description="D")
    levels = (Hierarchy("H", "level", levels=("A",)),)

    assert "hierarchy" not in shares(BARE)
    assert shares(dimension, replace(dimension, name="B", hierarchies=levels))["hierarchy"] == (
        *(1, 2),
        0,
    )
    assert score(dimension).score == 100


def test_without_a_definition_its_fields_are_unavailable_and_not_missing() -> None:
    elements = (measure("A", label="A"), Element("B", TEXT))
    exposed = Asset("SALES", "V", Kind.VIEW, label="V", elements=elements, provenance=EXPOSED)
    result = shares(exposed)

    assert result["description"] == (0, 1, 1)
    assert result["column_description"] == (0, 2, 2)
    assert result["unit"] == (0, 1, 1)
    assert result["role"] == (1, 2, 1)
    assert result["column_label"] == (1, 2, 0)
    assert score(exposed).missing == ("column_label",)


def test_a_field_that_is_present_without_a_definition_is_counted() -> None:
    exposed = Asset("SALES", "V", Kind.VIEW, description="By an overlay", provenance=EXPOSED)

    assert shares(exposed)["description"] == (1, 1, 0)


def test_stewards_are_unavailable_until_the_configuration_has_one() -> None:
    named = Governance(overlays=(Overlay("SALES.V_*", steward="Ada"),))
    elsewhere = Governance(overlays=(Overlay("HR.*", steward="Ada"),))
    of_columns = Governance(overlays=(Overlay("SALES.*", column="*", steward="Ada"),))
    annotated = Governance(annotations=(("custom.steward", "steward"),))

    assert shares(BARE)["steward"] == (0, 1, 1)
    assert shares(BARE, rules=elsewhere)["steward"] == (0, 1, 1)
    assert shares(BARE, rules=of_columns)["steward"] == (0, 1, 1)
    assert shares(BARE, rules=named)["steward"] == (1, 1, 0)
    assert shares(BARE, rules=annotated)["steward"] == (0, 1, 0)
    assert "steward" in score(BARE, annotated).missing


def test_a_complete_asset_scores_100_and_is_not_among_the_worst() -> None:
    elements = (measure("A", label="A", description="a", currency="CUR"),)
    full = replace(BARE, label="L", description="D", usage=Usage.CUBE, elements=elements)

    assert score(full) == Score(100, "SALES", "V_BARE", "datasphere_sales", "v_bare")
    assert counted(full).worst == ()


def test_a_score_is_the_mean_of_its_parts_and_lists_missing_fields() -> None:
    elements = (Element("A", TEXT, label="A", dimension=True), Element("B", TEXT, dimension=True))
    half = replace(BARE, label="L", usage=Usage.FACT, elements=elements)

    result = score(half)

    # label 100, description 0, column labels 50, column descriptions 0, roles 100
    assert result.score == 50
    assert result.missing == ("description", "column_label", "column_description")


def test_the_score_of_an_asset_without_columns_uses_its_own_fields() -> None:
    assert score(BARE).score == 0
    assert set(shares(BARE)) == {
        *("label", "description", "owner", "steward", "certification", "tags", "terms"),
    }


def numbered(*scores: int, space: str = "SALES") -> tuple[Score, ...]:
    return tuple(
        Score(one, space, f"V_{place:03}", "db", f"v_{place:03}", ("label",))
        for place, one in enumerate(scores)
    )


def test_the_number_of_worst_assets_is_limited() -> None:
    counts = worst_scores(numbered(*range(90, 0, -1)))

    assert len(counts) == WORST
    assert [one.score for one in counts] == list(range(1, WORST + 1))


def test_equal_scores_are_sorted_by_name() -> None:
    first, second = numbered(5, 5)

    assert worst_scores((second, first)) == (first, second)


def test_counts_are_added_for_each_space_separately() -> None:
    one = Completeness("SALES", 1, 2, (Share("label", 1, 1),), numbered(3))
    other = Completeness("SALES", 2, 3, (Share("label", 0, 2, 1), Share("unit", 1, 1)))
    apart = Completeness("HR", 1)

    assert sum_by_space((one, apart, other)) == (
        apart,
        Completeness("SALES", 3, 5, (Share("label", 1, 3, 1), Share("unit", 1, 1)), numbered(3)),
    )


@pytest.mark.parametrize(
    ("share", "percent"),
    [
        (Share("label", 3, 4), 75.0),
        (Share("unit", 1, 4, 2), 50.0),
        (Share("unit", 0, 2, 2), None),
        (Share("unit"), None),
    ],
)
def test_a_percentage_excludes_unavailable_fields(share: Share, percent: float | None) -> None:
    assert share.percent == percent


def test_shares_are_sorted_by_part() -> None:
    def parts(shares: Iterable[Share]) -> list[str]:
        return [one.part for one in sum_shares(shares)]

    assert parts((Share("unit"), Share("label"), Share("unit"))) == ["label", "unit"]
