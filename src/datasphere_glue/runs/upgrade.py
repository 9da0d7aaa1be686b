"""What a run does with tables whose assets an earlier version of the reader read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from datasphere_glue.errors import first_few
from datasphere_glue.mapping.auxiliary import auxiliary_facts
from datasphere_glue.mapping.governance import Governance, apply_governance
from datasphere_glue.mapping.new_facts import new_facts, only_new_keys
from datasphere_glue.mapping.tables import fingerprint
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import MustRead
from datasphere_glue.model.table import Table
from datasphere_glue.storage.read_cursor import place_of

_NAMED: Final = 4


def nothing(_space: str, _asset: str) -> bool:
    """Return False for every asset."""
    return False


def everything(_space: str, _asset: str) -> bool:
    """Return True for every asset."""
    return True


@dataclass(frozen=True, slots=True)
class Upgrade:
    """How a run treats the tables of an earlier reader.

    `again`: decides which of them are read again, from the listings of all spaces.
    `lacks`: True for an asset whose table may lack what the present version reads.
    `held`: True for an asset of which an earlier run held back something.
    `holds`: True if new facts of an unchanged source are not written.
    """

    again: Callable[[tuple[SpaceListing, ...]], MustRead] = lambda _listings: nothing
    lacks: MustRead = nothing
    held: MustRead = nothing
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What a run reads although no list shows a change.

    `dates`: whatever version read it before; `again`: if an earlier version did.
    """

    dates: MustRead
    again: MustRead

    def either(self, space: str, name: str) -> bool:
        """Return whether something is read for one of both reasons."""
        return self.dates(space, name) or self.again(space, name)


def by_day(day: date, days: int) -> MustRead:
    """Return which assets are read again on a day, so that all are within so many days.

    A run without a place for its state cannot know what earlier runs read.
    """
    start = day.toordinal() % days / days
    return lambda space, asset: start <= place_of(space, asset) < start + 1 / days


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Assets of a space that were rebuilt from their tables.

    `reused`: those that are not read, by name.
    `before`: those that an earlier version read, if new facts are held back, by name.
    `held`: names of those of `reused` whose new facts an earlier run held back.
    `upgraded`: True if an earlier version read an asset of the space.
    """

    reused: Mapping[str, Asset]
    before: Mapping[str, Asset] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    upgraded: bool = False


def with_rebuilt(
    listing: SpaceListing, rebuilt: Rebuilt, tables: Iterable[Table], rules: Governance
) -> tuple[SpaceListing, tuple[Issue, ...]]:
    """Return the listing with the assets rebuilt from the catalog, in addition to those read.

    The notes name those whose new facts are held back; these stay as their tables hold them.
    """
    assets = sorted((*listing.assets, *rebuilt.reused.values()), key=lambda asset: asset.name)
    names = frozenset(rebuilt.reused)
    listing = replace(listing, assets=tuple(assets), reused=len(names), rebuilt=names)
    if not rebuilt.before:
        return listing, ()
    completed = auxiliary_facts(listing, tables).completed
    held = _hold_new_facts(listing, rebuilt.before, lambda a: completed(apply_governance(a, rules)))
    still: dict[str, tuple[str, ...]] = dict.fromkeys(rebuilt.held & rebuilt.before.keys(), ())
    facts = dict(sorted({**still, **held}.items()))
    kept = (rebuilt.before[one.name] if one.name in facts else one for one in listing.assets)
    notes = tuple(held_note(listing.space, name, named) for name, named in facts.items())
    return replace(listing, assets=tuple(kept), held_back=frozenset(facts)), notes


def _hold_new_facts(
    listing: SpaceListing, before: Mapping[str, Asset], completed: Callable[[Asset], Asset]
) -> Mapping[str, tuple[str, ...]]:
    """Return the keys in which assets differ from their tables though their source is the same.

    With a precise date of change, the lists show that the source is the same. Without one, only
    keys that the earlier reader did not know show it. `completed` adds to an asset what rules,
    flows and task chains say about it.
    """
    dated = {name for name, stamp in listing.stamps if stamp.dated}
    facts: dict[str, tuple[str, ...]] = {}
    for asset in listing.assets:
        earlier = before.get(asset.name)
        if earlier is None:
            continue
        now = completed(asset)
        same_source = asset.name in dated or only_new_keys(earlier, now)
        if same_source and fingerprint(earlier) != fingerprint(now):
            facts[asset.name] = new_facts(earlier, now)
    return facts


def held_note(space: str, asset: str, facts: Iterable[str] = ()) -> Issue:
    """Return the note that new facts about an asset are held back."""
    named = list(facts)
    which = f": {first_few(named, _NAMED)}" if named else ""
    return Issue(
        IssueCode.UPGRADE_HELD,
        f"{space}.{asset}: this version reads more than its table holds{which}; `upgrades` in the"
        " mapping configuration holds it back",
        space=space,
        asset=asset,
    )


def held_assets(notes: Iterable[Issue]) -> Iterator[tuple[str, str]]:
    """Yield the assets whose new facts a run held back."""
    for note in notes:
        if note.code is IssueCode.UPGRADE_HELD and note.space and note.asset:
            yield note.space, note.asset
