"""Assets and columns that have a new name at the source: recognised by what they have in common.

A rename is claimed only when the confidence reaches `CONFIDENCE`, nothing else comes near
(`MARGIN`), and the pairing is one to one; else both sides are unrelated. Confidence is the share of
what the two say alike in all that either says, by weight.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Final, Generic, TypeVar

from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.table import Column, Table
from datasphere_glue.plan.change import Rename
from datasphere_glue.plan.fields import applied_digests, with_applied
from datasphere_glue.plan.policy import RenamePolicy

CONFIDENCE: Final = 0.9
MARGIN: Final = 0.1
"""How far behind the second best must be."""

TINY: Final = 3
"""Tables with fewer columns are alike by chance: structure alone proves nothing."""

_ALIKE: Final = 0.5
"""Share of common columns below which two tables are not even compared."""

_TELLING: Final = (
    ("label", 1.0),
    ("description", 1.0),
    ("lineage", 1.5),
    ("associations", 1.0),
    ("hierarchies", 1.0),
    ("sources", 1.5),
    ("remote_entity", 3.0),
)
"""What tells one object from another of the same build, with its weight."""

_SUPPORTING: Final = (
    ("usage", 0.5),
    ("keys", 0.5),
    ("measures", 0.5),
    ("representative_key", 0.5),
    ("remote_connection", 0.5),
    ("variables", 0.5),
)
_MOST_PAIRS: Final = 50_000
"""Pairs that look alike at first sight; where there are more, nothing is certain."""

_COLUMNS_WEIGHT: Final = 4.0
_ORDER_WEIGHT: Final = 0.5
_TEXTS_WEIGHT: Final = 1.5
_COLUMN_TELLING: Final = (("label", 3.0), ("description", 1.0), ("formula", 2.0), ("sources", 2.0))
_NEIGHBOUR_WEIGHT: Final = 0.5
_CONTEXT_WEIGHT: Final = 1.0

_KIND: Final = table_key("kind")
_NAME: Final = column_key("name")
_LABEL: Final = column_key("label")
_BUILD: Final = tuple(map(column_key, ("type", "role", "label")))

_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class _Score:
    """How alike two things are: by weight, with words for what they share.

    `telling` counts the shared facts that tell one thing from another.
    """

    got: float = 0.0
    of: float = 0.0
    shared: tuple[str, ...] = ()
    telling: int = 0

    def plus(self, what: str, weight: float, share: float, *, telling: bool = False) -> "_Score":
        full = share == 1.0
        return _Score(
            self.got + weight * share,
            self.of + weight,
            (*self.shared, f"same {what}") if full else self.shared,
            self.telling + (full and telling),
        )

    @property
    def confidence(self) -> float:
        # Rounded down, so that what is shown never exceeds what was found.
        return int(100 * self.got / self.of + 1e-9) / 100 if self.of else 0.0


@dataclass(frozen=True, slots=True)
class _Match(Generic[_One]):
    old: _One
    new: _One
    score: _Score


def renamed_assets(
    gone: Iterable[Table], new: Iterable[Table], policy: RenamePolicy = RenamePolicy.FOLLOW
) -> dict[str, tuple[Table, Rename]]:
    """Return for each new table the one it was before, by the name of the new table.

    `gone` are tables whose asset is proven to be gone, `new` those that would be created, all of
    one space; the order of the input is irrelevant.
    """
    pairs = [_Match(old, looks, _table_score(old, looks)) for old, looks in _alike(gone, new)]
    return {
        match.new.table.name: (
            match.old.table,
            Rename(
                match.old.table.asset[1],
                match.new.table.asset[1],
                match.score.confidence,
                match.score.shared,
                followed=policy is RenamePolicy.FOLLOW,
                heir=f"{match.new.table.database}.{match.new.table.name}",
            ),
        )
        for match in _certain(pairs, lambda looks: looks.table.name)
        if len(match.old.columns) >= TINY or match.score.telling > 1
    }


def resembling(gone: Iterable[Table], new: Iterable[Table]) -> frozenset[str]:
    """Return the names of the new tables that `renamed_assets` would compare with any other."""
    return frozenset(looks.table.name for _, looks in _alike(gone, new))


def renamed_columns(
    current: Table, desired: Table, policy: RenamePolicy = RenamePolicy.FOLLOW
) -> tuple[Rename, ...]:
    """Return the columns of one table that have a new name at the source, by their old name."""
    if {c.name for c in current.columns} == {c.name for c in desired.columns}:
        return ()
    kept = {c.name for c in current.columns} & {c.name for c in desired.columns}
    keys = {c.name for c in desired.partition_keys}
    gone = [s for s in _seats(current.columns, kept) if s.column.name not in keys and s.ours]
    new = [s for s in _seats(desired.columns, kept) if s.ours]
    by_build: dict[tuple[str | None, ...], list[_Seat]] = defaultdict(list)
    for seat in new:
        by_build[seat.build].append(seat)
    pairs = [
        _Match(old, seat, score)
        for old in gone
        for seat in by_build[old.build]
        if (score := _column_score(old, seat)).telling
    ]
    certain = _certain(pairs, lambda seat: seat.column.name)
    renames = (
        Rename(
            m.old.column.name,
            m.new.column.name,
            m.score.confidence,
            m.score.shared,
            followed=policy is RenamePolicy.FOLLOW,
        )
        for m in certain
    )
    return tuple(sorted(renames, key=lambda rename: rename.before))


def relabelled(table: Table, renames: Iterable[Rename]) -> Table:
    """Return the table as if its columns had always had their new names, in what was applied too.

    A rename then merges like any other change, which is how edits and foreign keys come along.
    """
    names = {rename.before: rename.after for rename in renames}
    if not names:
        return table
    applied = {_moved(path, names): was for path, was in applied_digests(table).items()}
    columns = tuple(replace(c, name=names.get(c.name, c.name)) for c in table.columns)
    return with_applied(replace(table, columns=columns), applied)


def _moved(path: str, names: Mapping[str, str]) -> str:
    # Glue names hold no dot, so the second part is the column.
    place, _, rest = path.partition(".")
    name, dot, field = rest.partition(".")
    return f"columns.{names[name]}{dot}{field}" if place == "columns" and name in names else path


def _certain(pairs: Sequence[_Match[_One]], name: Callable[[_One], str]) -> list[_Match[_One]]:
    """Return the pairs that are sure enough and far ahead of every rival of either side."""
    if len(pairs) > _MOST_PAIRS:
        return []
    olds: dict[str, list[float]] = defaultdict(list)
    news: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        olds[name(pair.old)].append(pair.score.confidence)
        news[name(pair.new)].append(pair.score.confidence)
    best_old, best_new = (
        {key: nlargest(2, found) for key, found in side.items()} for side in (olds, news)
    )
    return [
        pair
        for pair in pairs
        if pair.score.confidence >= CONFIDENCE
        and _ahead(pair.score.confidence, best_old[name(pair.old)])
        and _ahead(pair.score.confidence, best_new[name(pair.new)])
    ]


def _ahead(confidence: float, best: list[float]) -> bool:
    return confidence == best[0] and (len(best) == 1 or best[1] <= confidence - MARGIN)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What a table is recognised by: SAP names and types of its columns in order, and its facts."""

    table: Table
    columns: tuple[tuple[str, str], ...]
    members: frozenset[tuple[str, str]]
    texts: frozenset[tuple[str, str]]
    facts: Mapping[str, str]

    @classmethod
    def of(cls, table: Table) -> "_Looks":
        facts = [(column, dict(column.parameters)) for column in table.columns]
        columns = tuple((said.get(_NAME, c.name), c.type) for c, said in facts)
        texts = frozenset(
            (said.get(_NAME, c.name), label) for c, said in facts if (label := said.get(_LABEL))
        )
        return cls(table, columns, frozenset(columns), texts, dict(table.parameters))

    def common(self, other: "_Looks") -> float:
        return _share(self.members, other.members)


def _share(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _alike(gone: Iterable[Table], new: Iterable[Table]) -> Iterator[tuple[_Looks, _Looks]]:
    """Yield the pairs of an old and a new table of one kind that share enough columns."""
    by_kind: dict[str | None, list[_Looks]] = defaultdict(list)
    for table in sorted(gone, key=lambda t: t.name):
        by_kind[table.parameter(_KIND)].append(_Looks.of(table))
    if not by_kind:
        return
    for looks in map(_Looks.of, sorted(new, key=lambda t: t.name)):
        for old in by_kind[looks.facts.get(_KIND)]:
            if old.common(looks) >= _ALIKE:
                yield old, looks


def _table_score(old: _Looks, new: _Looks) -> _Score:
    common = old.members & new.members
    count = len(common)
    alike = old.common(new)
    what = f"{count} columns and types"
    score = _Score().plus(what, _COLUMNS_WEIGHT, alike)
    if alike < 1.0:
        score = replace(score, shared=(f"{count} of {len(new.members)} columns and types",))
    orders = ([c for c in looks.columns if c in common] for looks in (old, new))
    score = score.plus("order of columns", _ORDER_WEIGHT, float(next(orders) == next(orders)))
    if old.texts or new.texts:
        score = score.plus("column labels", _TEXTS_WEIGHT, _share(old.texts, new.texts))
    for facts, telling in ((_TELLING, True), (_SUPPORTING, False)):
        for key, weight in facts:
            full = table_key(key)
            was, now = old.facts.get(full), new.facts.get(full)
            if was or now:
                score = score.plus(_words(key), weight, float(was == now), telling=telling)
    return score


@dataclass(frozen=True, slots=True)
class _Seat:
    """A column with its nearest neighbours that both sides have."""

    column: Column
    facts: Mapping[str, str]
    left: str | None
    right: str | None

    @property
    def ours(self) -> bool:
        return _NAME in self.facts

    @property
    def build(self) -> tuple[str | None, ...]:
        """What must be equal for a rename to be thinkable at all."""
        facts = map(self.facts.get, _BUILD)
        return self.column.type, *facts


def _seats(columns: Sequence[Column], kept: set[str]) -> list[_Seat]:
    lefts = list(_nearest(columns, kept))
    rights = list(reversed(list(_nearest(tuple(reversed(columns)), kept))))
    return [
        _Seat(column, dict(column.parameters), left, right)
        for column, left, right in zip(columns, lefts, rights, strict=True)
        if column.name not in kept
    ]


def _nearest(columns: Sequence[Column], kept: set[str]) -> Iterator[str | None]:
    last = None
    for column in columns:
        yield last
        last = column.name if column.name in kept else last


def _column_score(old: _Seat, new: _Seat) -> _Score:
    score = _Score(shared=("same type",))
    for key, weight in _COLUMN_TELLING:
        full = column_key(key)
        was, now = old.facts.get(full), new.facts.get(full)
        if was or now:
            score = score.plus(_words(key), weight, float(was == now), telling=True)
    score = score.plus("left neighbour", _NEIGHBOUR_WEIGHT, float(old.left == new.left))
    score = score.plus("right neighbour", _NEIGHBOUR_WEIGHT, float(old.right == new.right))
    named = {column_key(key) for key, _ in _COLUMN_TELLING} | {_NAME}
    others, ours = (
        frozenset(
            (key, value)
            for key, value in seat.facts.items()
            if key.startswith(PREFIX) and key not in named
        )
        for seat in (old, new)
    )
    return score.plus("semantics", _CONTEXT_WEIGHT, _share(others, ours))


def _words(key: str) -> str:
    return key.replace("_", " ")
