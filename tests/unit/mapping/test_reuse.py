"""Models are read again with a source that changed, and with nothing else."""

from dataclasses import replace

import pytest

from datasphere_glue.mapping.reuse import unchanged_assets
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.listing import Stamp
from tests.unit.samples import RULES, asset, listing, synced

DAY_1 = "2026-05-01T10:00:00.000Z"
DAY_2 = "2026-05-02T11:30:00.000Z"


def dated(name: str, *sources: str, kind: Kind = Kind.ANALYTIC_MODEL) -> Asset:
    lineage = tuple(source if "." in source else f"SALES.{source}" for source in sources)
    return replace(
        asset(name),
        kind=kind if sources else Kind.VIEW,
        lineage=lineage,
        changed_on=DAY_1,
        provenance=(("elements", "odata+csn"),),
    )


def reused(assets: tuple[Asset, ...], changed: str, due: str = "") -> set[str]:
    """Return the names of what is not read if some assets changed or are due."""
    stamps = tuple(
        (one.name, Stamp(exposed=True, changed_on=DAY_2 if one.name in changed else DAY_1))
        for one in assets
    )
    tables = synced(listing(*assets)).tables
    names = {one.name for one in assets if one.name not in due}
    found = unchanged_assets(
        replace(listing(*assets), stamps=stamps), tables, names, RULES.hosts, RULES.governance
    )
    return {one.name for one in found}


@pytest.mark.parametrize(
    ("assets", "changed", "expected"),
    [
        ((dated("F"), dated("M", "F")), "", {"F", "M"}),
        ((dated("F"), dated("M", "F")), "F", set()),
        ((dated("F"), dated("G"), dated("M", "G")), "F", {"G", "M"}),
        ((dated("F"), dated("M", "F"), dated("N", "M"), dated("O", "N")), "F", set()),
        ((dated("F"), dated("M", "F"), dated("N", "M")), "M", {"F"}),
        ((dated("F"), dated("V", "F", kind=Kind.VIEW)), "F", {"V"}),
        ((dated("F"), dated("M", "OTHER.F")), "F", {"M"}),
        ((dated("M", "N"), dated("N", "M")), "M", set()),
    ],
)
def test_a_model_is_read_with_a_source_that_changed(
    assets: tuple[Asset, ...], changed: str, expected: set[str]
) -> None:
    assert reused(assets, changed) == expected


def test_a_source_whose_turn_it_is_has_not_changed() -> None:
    assert reused((dated("F"), dated("M", "F")), "", due="F") == {"M"}
