"""Which table of a database counts for which asset; every other table with our marker is a copy.

The parameters of a table, its marker included, can be copied. A table therefore counts only where
the naming rules put it, or where our own record shows that we wrote it. At most one table counts
for each asset. Copies are neither counted nor changed, deprecated or deleted.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.mapping.names import distinct_label, glue_name, with_suffix
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.spelling import respelled, same_spelling
from datasphere_glue.model.table import CurrentTable, Table

Place = tuple[str, str]
"""Glue names of a table: its database and its name."""

Record = Callable[[Collection[Place]], Mapping[Place, tuple[str, str]]]
"""Returns the asset that we last wrote at each of these places, by our own record of runs.

Reading the record is slow, so it is only asked about places where the catalog leaves the decision
open.
"""

_KIND: Final = table_key("kind")
_PREFIX: Final = "t_"
_LENGTHS: Final = (8, 16, 32, 64)
"""Lengths of the suffix of a colliding name."""

_OFF_RULE: Final = 99


def no_record(_places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
    """Return nothing: without a report place there is no record."""
    return {}


@dataclass(frozen=True, slots=True)
class Claims:
    """Which tables of one database count for the assets of one space.

    `holders`: Glue name of the table of each asset, by the exact name that the tenant lists; an
        asset that it no longer lists has the name in its table.
    `respelled`: former names of assets that the tenant lists in another case or Unicode form.
    `copies`: names of the other tables with our marker.
    `issues`: assets that two tables claim whose names the same rule can give.
    """

    holders: Mapping[str, str]
    respelled: frozenset[str] = frozenset()
    copies: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()


def mark_copies(tables: Iterable[CurrentTable], copies: Collection[str]) -> Iterator[CurrentTable]:
    """Yield the tables of a database; those of these names are marked as copies."""
    for current in tables:
        yield replace(current, copy=True) if current.table.name in copies else current


def claims_of(
    listing: SpaceListing,
    database: str,
    tables: Iterable[CurrentTable],
    rules: Rules,
    record: Record = no_record,
) -> Claims:
    """Return which tables of a database count for the assets of a space.

    The name by rule wins. Where it leaves the choice open, our record decides. Without a record, a
    listed asset keeps the only table that claims it, because names of an earlier configuration
    stay; the table of an asset that is not listed any more counts only by rule.
    """
    hosts = rules.hosts
    marked = [one.table for one in tables if one.table.written_from(hosts)]
    claimants = _claimants(listing.space, database, marked)
    new_names = new_names_of(listing, claimants)
    plain = {
        asset: own[0].name
        for asset, own in claimants.items()
        if len(own) == 1 and _is_plain(own[0].name, asset)
    }
    claims = {
        asset: _Claim(
            own,
            rules,
            present=not listing.complete or asset in listing.listed or asset in new_names,
        )
        for asset, own in claimants.items()
        if asset not in plain
    }
    written = _written(claims.values(), record)
    holders = {new_names.get(asset, asset): name for asset, name in plain.items()}
    issues: list[Issue] = []
    for asset, claim in claims.items():
        holder, rival = claim.decide(written)
        if holder is not None:
            holders[new_names.get(asset, asset)] = holder.name
        if holder is not None and rival is not None:
            issues.append(_claimed_twice(holder, rival))
    copies = {table.name for own in claimants.values() for table in own} - set(holders.values())
    return Claims(
        holders,
        frozenset(new_names),
        frozenset(copies),
        tuple(sorted(issues, key=lambda issue: issue.asset or "")),
    )


def _claimants(space: str, database: str, tables: Iterable[Table]) -> dict[str, list[Table]]:
    claimants: defaultdict[str, list[Table]] = defaultdict(list)
    for table in tables:
        owner, asset = table.asset
        if owner == space and table.database == database:
            claimants[asset].append(table)
    return claimants


def _written(claims: Collection["_Claim"], record: Record) -> Mapping[Place, tuple[str, str]]:
    """Return what our record shows about the claims, asked for as little as possible."""
    doubtful = frozenset(place for claim in claims for place in claim.doubtful)
    written = record(doubtful) if doubtful else {}
    others = frozenset(place for claim in claims for place in claim.elsewhere(written))
    return {**written, **record(others)} if others else written


class _Claim:
    """The tables that claim one asset; `present` is True if it may still exist at the source."""

    def __init__(self, tables: Iterable[Table], rules: Rules, *, present: bool) -> None:
        ranked = sorted(
            ((*_rank(table, rules), table) for table in tables),
            key=lambda one: (one[0], one[1], one[2].deprecated, one[2].name),
        )
        best, suffixed, first = ranked[0]
        self._equal = [table for rank, _, table in ranked if rank == best]
        self._plain = best == 0 and not suffixed
        self._off_rule = best == _OFF_RULE
        self._kept = present or not self._off_rule
        self._others = {
            (first.database, name)
            for label in ([] if self._plain else _labels(first.asset[1], _kind(first), rules))
            for name in (glue_name(label, _PREFIX), with_suffix(glue_name(label, _PREFIX), label))
        }

    @property
    def doubtful(self) -> frozenset[Place]:
        """Return the places about which only our record can decide."""
        if len(self._equal) == 1 and self._plain:
            return frozenset()
        return frozenset((table.database, table.name) for table in self._equal)

    def elsewhere(self, written: Mapping[Place, tuple[str, str]]) -> frozenset[Place]:
        """Return the places by rule that matter if we wrote none of the doubtful ones."""
        decided = not self.doubtful or any(self._wrote(place, written) for place in self.doubtful)
        return frozenset() if decided else frozenset(self._others)

    def _wrote(self, place: Place, written: Mapping[Place, tuple[str, str]]) -> bool:
        """Return whether our record shows the asset at a place, in whatever spelling."""
        space, asset = self._equal[0].asset
        recorded = written.get(place)
        return recorded is not None and recorded[0] == space and same_spelling(recorded[1], asset)

    def decide(self, written: Mapping[Place, tuple[str, str]]) -> tuple[Table | None, Table | None]:
        """Return the table that counts, and another one that the rule could have named as well.

        A name that we wrote counts. Another one is a copy if we wrote the asset elsewhere by rule.
        """
        recorded = [t for t in self._equal if self._wrote((t.database, t.name), written)]
        elsewhere = any(self._wrote(place, written) for place in self._others)
        if not recorded and (elsewhere or not self._kept):
            return None, None
        holder = (recorded or self._equal)[0]
        # Names that no rule gives are plain copies once our record has decided.
        rivals = recorded if recorded and self._off_rule else self._equal
        return holder, next((table for table in rivals if table is not holder), None)


def _is_plain(name: str, asset: str) -> bool:
    """Return True for a name that obviously follows the rule, which most do; spares the rest."""
    letters = name.replace("_", "")
    return (
        name == asset.lower() and letters.isascii() and letters.isalnum() and not name[0].isdigit()
    )


def _rank(table: Table, rules: Rules) -> tuple[int, bool]:
    """Return the place of the rule that gives the table its name, and whether with a suffix."""
    asset = table.asset[1]
    for rank, label in enumerate(_labels(asset, _kind(table), rules)):
        if table.name == glue_name(label, _PREFIX):
            return rank, False
        if table.name in _forms(label, asset):
            return rank, True
    return _OFF_RULE, False


def _forms(label: str, asset: str) -> frozenset[str]:
    plain = glue_name(label, _PREFIX)
    texts = (label, distinct_label(label, asset))
    return frozenset({plain, *(with_suffix(plain, t, n) for t in texts for n in _LENGTHS)})


def _labels(asset: str, kind: str | None, rules: Rules) -> Iterator[str]:
    prefixes, suffixes = dict(rules.prefixes), dict(rules.suffixes)
    own = [one for one in Kind if one == kind]
    labels = [prefixes.get(one, "") + asset + suffixes.get(one, "") for one in (*own, *Kind)]
    yield from dict.fromkeys((*labels[: len(own)], asset, *labels[len(own) :]))


def _kind(table: Table) -> str | None:
    return table.parameter(_KIND)


def new_names_of(
    listing: SpaceListing, claimants: Mapping[str, Collection[Table]]
) -> dict[str, str]:
    """Return the new name of each asset that is listed in another case or Unicode form.

    Two assets that really differ in their spelling alone are both listed, or both have a table.
    """
    if not listing.complete:
        return {}
    gone = (
        name
        for name, tables in claimants.items()
        if name not in listing.listed and not any(_unproven(table, listing) for table in tables)
    )
    return respelled(gone, listing.listed - claimants.keys())


def _unproven(table: Table, listing: SpaceListing) -> bool:
    """Return True when a list that would prove the absence of the asset was not read."""
    kind = _kind(table)
    unproven = kind in listing.unproven or (kind is None and bool(listing.unproven))
    return unproven and not table.exposed


def _claimed_twice(holder: Table, rival: Table) -> Issue:
    space, asset = holder.asset
    return Issue(
        IssueCode.CLAIMED_TWICE,
        f"tables {holder.name} and {rival.name} of database {holder.database} both carry the marker"
        f" of {space}.{asset}; {holder.name} is written, {rival.name} was not touched",
        space=space,
        asset=asset,
    )
