"""A realistic tenant: assets with the words, columns and links that real models have.

Everything follows from the size and the numbers of assets, so that two runs make the same tenant.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType

_AREAS: Final = (
    *("SALES", "FINANCE", "CONTROLLING", "LOGISTICS", "PROCUREMENT", "PRODUCTION", "QUALITY"),
    *("SERVICE", "PLANT_MAINTENANCE", "HR", "TREASURY", "REAL_ESTATE", "PROJECTS", "ASSETS"),
    *("WAREHOUSE", "TRANSPORT", "PLANNING", "CUSTOMER", "SUPPLIER", "MASTER_DATA"),
)
_WORDS: Final = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split()
_SENTENCES: Final = (
    "as posted in the source system, without reversals",
    "converted to group currency at the rate of the posting date",
    "maintained by the responsible team in the master data process",
    "taken from the document header, not from its items",
    "empty where the process step has not been reached yet",
    "derived in the view below from the two fields named like it",
    "used for reporting to the authorities, do not change its meaning",
    "according to the definition that controlling agreed on",
)
_TYPES: Final = (
    *(SapType("cds.String", length=length) for length in (1, 2, 3, 4, 8, 10, 12, 18, 20, 40)),
    *(SapType("cds.String", length=length) for length in (60, 80, 255)),
    SapType("cds.Date"),
    SapType("cds.Timestamp"),
    SapType("cds.Integer"),
    SapType("cds.Boolean"),
)
_AMOUNTS: Final = (
    SapType("cds.Decimal", precision=15, scale=2),
    SapType("cds.Decimal", precision=17, scale=3),
    SapType("cds.Decimal", precision=31, scale=6),
    SapType("cds.Integer64"),
)
_USAGES: Final = (Usage.FACT, Usage.DIMENSION, Usage.RELATIONAL, Usage.CUBE, Usage.TEXT)
_QUERIES: Final = frozenset({Kind.VIEW, Kind.ANALYTIC_MODEL})
_SHARED: Final = 300
"""Elements that many assets have in common, such as a company code."""


def business(assets: int, columns: int, spaces: int) -> Iterator[SpaceListing]:
    """Yield the spaces of a tenant with all their assets, one space at a time."""
    names = [_space_name(place) for place in range(spaces)]
    common = [_element(Random(place), place) for place in range(_SHARED)]  # noqa: S311 - no secret
    for place, space in enumerate(names):
        numbers = range(place, assets, spaces)
        space_assets = tuple(_asset(space, number, columns, common, names) for number in numbers)
        yield SpaceListing(
            space,
            space.replace("_", " ").title(),
            assets=space_assets,
            listed=frozenset(asset.name for asset in space_assets),
        )


def _space_name(place: int) -> str:
    area, round_ = _AREAS[place % len(_AREAS)], place // len(_AREAS)
    return f"{area}_{round_ + 1}" if round_ else area


def _asset(
    space: str, number: int, columns: int, common: list[Element], spaces: list[str]
) -> Asset:
    chance = Random(number)  # noqa: S311 - the same tenant each time
    words = _some(chance, 2, 4)
    usage = chance.choice(_USAGES)
    elements = tuple(_elements(chance, columns, common))
    upstream = tuple(_upstream(chance, number, spaces))
    kind = Kind.ANALYTIC_MODEL if usage is Usage.CUBE else chance.choice(tuple(Kind)[:3])
    if upstream and kind in _QUERIES:
        elements = tuple(_made_from(chance, element, upstream, common) for element in elements)
    return Asset(
        space,
        _asset_name(number),
        kind,
        label=" ".join(words).title() if _often(chance, 96) else None,
        description=_sentence(chance, words) if _often(chance, 70) else None,
        usage=usage,
        elements=elements,
        hierarchies=tuple(_hierarchies(elements)) if usage is Usage.DIMENSION else (),
        associations=tuple(
            Association(
                f"_{elements[n].name}", target.partition(".")[2], pairs=((elements[n].name, "ID"),)
            )
            for n, target in enumerate(upstream)
            if n < len(elements)
        ),
        variables=(Variable("P_KEY_DATE", SapType("cds.Date"), label="Key date", mandatory=True),)
        if usage is Usage.CUBE
        else (),
        owner=f"{words[0]}.{words[-1]}@example.com" if _often(chance, 80) else None,
        tags=tuple(_some(chance, 0, 3)),
        lineage=upstream,
        changed_on=f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00.000Z",
        provenance=(("elements", "odata+csn"), ("label", "odata"), ("lineage", "csn")),
    )


def _asset_name(number: int) -> str:
    chance = Random(number + 1_000_000)  # noqa: S311 - the same tenant each time
    return f"{chance.choice('VTRD')}_{'_'.join(_some(chance, 1, 3))}_{number}".upper()


def _upstream(chance: Random, number: int, spaces: list[str]) -> Iterator[str]:
    for other in sorted({chance.randrange(number) for _ in range(3)} if number else ()):
        yield f"{spaces[other % len(spaces)]}.{_asset_name(other)}"


def _elements(chance: Random, columns: int, common: list[Element]) -> Iterator[Element]:
    seen: set[str] = set()
    yield Element("ID", SapType("cds.String", length=20), label="Identifier", key=True)
    while len(seen) < columns - 1:
        shared = _often(chance, 50)
        one = chance.choice(common) if shared else _element(chance, chance.randrange(10**6))
        if one.name not in seen:
            seen.add(one.name)
            yield one


def _element(chance: Random, number: int) -> Element:
    words = _some(chance, 2, 4)
    name = "_".join(word[:6] for word in words).upper() + (f"_{number % 97}" if number % 3 else "")
    measure = _often(chance, 25)
    return Element(
        name,
        chance.choice(_AMOUNTS if measure else _TYPES),
        label=" ".join(words).capitalize() if _often(chance, 93) else None,
        description=_sentence(chance, words) if _often(chance, 30) else None,
        nullable=True,
        measure=measure,
        dimension=not measure,
        aggregation="SUM" if measure else None,
        currency="CURRENCY" if measure and _often(chance, 70) else None,
    )


def _made_from(
    chance: Random, element: Element, sources: tuple[str, ...], common: list[Element]
) -> Element:
    """Return the element with its origins: most are handed through, one in ten is computed."""
    source = sources[0] if _often(chance, 80) else chance.choice(sources)
    if _often(chance, 70):
        return replace(element, lineage=(Origin(source, element.name, "direct"),))
    one, other = (chance.choice(common).name for _ in range(2))
    if _often(chance, 67):
        return replace(element, lineage=(Origin(source, one, "renamed"),))
    return replace(
        element,
        formula=f'CASE WHEN "{one}" > {chance.randrange(100)} THEN "{other}" ELSE NULL END',
        lineage=(Origin(source, one, "computed"), Origin(source, other, "computed")),
    )


def _hierarchies(elements: tuple[Element, ...]) -> Iterator[Hierarchy]:
    levels = tuple(element.name for element in elements[1:5])
    yield Hierarchy("H_LEVELS", "level", label="By level", levels=levels)
    yield Hierarchy("H_PARENT", "parent_child", parent=("PARENT",), child=("ID",))


def _some(chance: Random, least: int, most: int) -> list[str]:
    return chance.sample(_WORDS, chance.randint(least, most))


def _often(chance: Random, percent: int) -> bool:
    return chance.randrange(100) < percent


def _sentence(chance: Random, words: list[str]) -> str:
    one, other = _some(chance, 2, 2)
    about = " ".join(words).capitalize()
    return f"{about} of the {one} {other}, {chance.choice(_SENTENCES)}"
