"""Assets that were read without their `$metadata`: what their tables hold from it stays.

The definition alone decides what changed. A column that only the definition holds may not be
exposed, so it is not added. Dates of changes stay the former ones, so that the next run reads the
asset again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.json_texts import UNTYPED, Pairs
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Table

_EITHER: Final = ("label", "description", "usage", "hierarchies", "associations")
_MARKS: Final = ("key", "dimension", "measure", "attribute", "is_text", "is_currency", "is_unit")
_ELEMENT_EITHER: Final = (
    *("label", "description", "aggregation", "currency", "unit", "text", "association"),
    *_MARKS,
)
_STAMP: Final = ("changed_on", "deployed_on", "changed_by", "object_status")


@dataclass(frozen=True, slots=True)
class Unconsumed:
    """The assets without `$metadata` whose tables hold what an earlier run read there.

    `issues`: why it could not be read, by asset.
    `former`: the asset as its table holds it; absent where the table cannot be read back.
    """

    issues: dict[str, Issue] = field(default_factory=dict)
    former: dict[str, Asset] = field(default_factory=dict)

    @property
    def held(self) -> frozenset[str]:
        """Return the assets whose tables must stay as they are."""
        return frozenset(self.issues.keys() - self.former.keys())

    def completed(self, asset: Asset) -> Asset:
        """Return an asset with what its table holds from the `$metadata`."""
        former = self.former.get(asset.name)
        return asset if former is None else _completed(asset, former)

    def loses(self, asset: Asset) -> bool:
        """Return whether the table of an asset holds more than could be read now.

        A form that was broken from the beginning gave the table nothing.
        """
        held = self.completed(asset)
        bookkeeping = {name: getattr(asset, name) for name in (*_STAMP, "provenance")}
        return replace(held, **bookkeeping) != asset


def unconsumed_assets(listing: SpaceListing, tables: Iterable[Table]) -> Unconsumed:
    """Return the assets of a listing that were read without their `$metadata`, and their tables."""
    issues = {issue.asset: issue for issue in listing.unconsumed if issue.asset}
    affected, former = {}, {}
    for table in tables if issues else ():
        space, name = table.asset
        if space != listing.space or name not in issues or not table.exposed or table.deprecated:
            continue
        affected[name] = issues[name]
        recovered = asset_from_table(table)
        if not recovered.flaws:
            former[name] = recovered.asset
    return Unconsumed(affected, former)


def _completed(asset: Asset, former: Asset) -> Asset:
    named = [one.name for one in asset.variables] == [one.name for one in former.variables]
    return replace(
        asset,
        **{name: getattr(asset, name) or getattr(former, name) for name in _EITHER},
        **{name: getattr(former, name) for name in _STAMP},
        elements=_elements(asset, former) if asset.elements else former.elements,
        variables=former.variables if named else asset.variables,
        custom=_both(asset.custom, former.custom),
        provenance=tuple(sorted((dict(asset.provenance) | dict(former.provenance)).items())),
    )


def _elements(asset: Asset, former: Asset) -> tuple[Element, ...]:
    """Return the columns that consumers saw, without those that left the definition."""
    defined = {element.name: element for element in asset.elements}
    return tuple(
        _merged(defined[one.name], one) if one.name in defined else one
        for one in former.elements
        # A modelled type shows that the definition held the column when it was read last.
        if one.name in defined or one.modelled_type is None
    )


def _merged(element: Element, former: Element) -> Element:
    current = (former.modelled_type, former.type, UNTYPED)
    changed = former.modelled_type is not None and element.type not in current
    return replace(
        element,
        **{name: getattr(element, name) or getattr(former, name) for name in _ELEMENT_EITHER},
        type=element.type if changed else former.type,
        modelled_type=None if changed else former.modelled_type,
        nullable=element.nullable if former.nullable is None else former.nullable,
        semantics=tuple(dict.fromkeys((*element.semantics, *former.semantics))),
        custom=_both(element.custom, former.custom),
        unread=former.unread if element.unread is None else element.unread,
    )


def _both(own: Pairs, former: Pairs) -> Pairs:
    return own if own == former else tuple(sorted((dict(former) | dict(own)).items()))
