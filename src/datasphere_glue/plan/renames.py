"""Detects renamed assets and columns at the source by what the old and the new one share.

A rename is claimed only if the confidence reaches `CONFIDENCE`, no rival is closer than `MARGIN`,
and the pairing is one to one. Otherwise both sides are unrelated. Confidence is the weight of the
facts that both share, divided by the weight of all facts that either has.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Final, Generic, TypeVar

from datasphere_glue.model.applied import applied_digests
from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.table import Column, Table
from datasphere_glue.plan.change import Rename
from datasphere_glue.plan.fields import with_applied
from datasphere_glue.plan.policy import RenamePolicy

CONFIDENCE: Final = 0.9
MARGIN: Final = 0.1
"""Least distance in confidence to the second best match."""

TINY: Final = 3
"""Tables with fewer columns may match by chance: structure alone is no proof."""

_MIN_SHARED: Final = 0.5
"""Share of common columns below which two tables are not compared."""

_DISTINCTIVE: Final = (
    ("label", 1.0),
    ("description", 1.0),
    ("lineage", 1.5),
    ("associations", 1.0),
    ("hierarchies", 1.0),
    ("sources", 1.5),
    ("remote_entity", 3.0),
)
"""Facts that distinguish objects of the same structure, with their weights."""

_SUPPORTING: Final = (
    ("usage", 0.5),
    ("keys", 0.5),
    ("measures", 0.5),
    ("representative_key", 0.5),
    ("remote_connection", 0.5),
    ("variables", 0.5),
)
_MOST_PAIRS: Final = 50_000
"""Most candidate pairs; with more of them no match is certain."""

_COLUMNS_WEIGHT: Final = 4.0
_ORDER_WEIGHT: Final = 0.5
_TEXTS_WEIGHT: Final = 1.5
_COLUMN_DISTINCTIVE: Final = (
    ("label", 3.0),
    ("description", 1.0),
    ("formula", 2.0),
    ("sources", 2.0),
)
_NEIGHBOUR_WEIGHT: Final = 0.5
_CONTEXT_WEIGHT: Final = 1.0

_KIND: Final = table_key("kind")
_NAME: Final = column_key("name")
_LABEL: Final = column_key("label")
_SIGNATURE: Final = tuple(map(column_key, ("type", "role", "label")))

_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class _Score:
    """Similarity of two objects.

    - `points`: weight of what they share.
    - `total`: weight of what either has.
    - `shared`: what they share, as text.
    - `distinctive`: number of shared facts that distinguish objects.
    """

    points: float = 0.0
    total: float = 0.0
    shared: tuple[str, ...] = ()
    distinctive: int = 0

    def plus(
        self, what: str, weight: float, share: float, *, distinctive: bool = False
    ) -> "_Score":
        full = share == 1.0
        return _Score(
            self.points + weight * share,
            self.total + weight,
            (*self.shared, f"same {what}") if full else self.shared,
            self.distinctive + (full and distinctive),
        )

    @property
    def confidence(self) -> float:
        # Rounded down, so that the shown value never exceeds the computed one.
        return int(100 * self.points / self.total + 1e-9) / 100 if self.total else 0.0


@dataclass(frozen=True, slots=True)
class _Match(Generic[_One]):
    old: _One
    new: _One
    score: _Score


def renamed_assets(
    orphans: Iterable[Table], new: Iterable[Table], policy: RenamePolicy = RenamePolicy.FOLLOW
) -> dict[str, tuple[Table, Rename]]:
    """Return the old table and the rename of each renamed table, by the name of the new table.

    - `orphans`: tables whose asset is proven to be gone.
    - `new`: tables that would be created.

    All tables belong to one space; the order of the input is irrelevant.
    """
    pairs = [
        _Match(old, profile, _table_score(old, profile))
        for old, profile in _candidate_pairs(orphans, new)
    ]
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
        for match in _certain_matches(pairs, lambda profile: profile.table.name)
        if len(match.old.columns) >= TINY or match.score.distinctive > 1
    }


def rename_candidates(orphans: Iterable[Table], new: Iterable[Table]) -> frozenset[str]:
    """Return the names of the new tables that `renamed_assets` compares with an orphan."""
    return frozenset(profile.table.name for _, profile in _candidate_pairs(orphans, new))


def renamed_columns(
    current: Table, desired: Table, policy: RenamePolicy = RenamePolicy.FOLLOW
) -> tuple[Rename, ...]:
    """Return the renamed columns of one table, sorted by old name."""
    if {c.name for c in current.columns} == {c.name for c in desired.columns}:
        return ()
    common = {c.name for c in current.columns} & {c.name for c in desired.columns}
    keys = {c.name for c in desired.partition_keys}
    removed = [
        s
        for s in _columns_in_context(current.columns, common)
        if s.column.name not in keys and s.ours
    ]
    added = [s for s in _columns_in_context(desired.columns, common) if s.ours]
    by_signature: dict[tuple[str | None, ...], list[_ColumnContext]] = defaultdict(list)
    for context in added:
        by_signature[context.signature].append(context)
    pairs = [
        _Match(old, context, score)
        for old in removed
        for context in by_signature[old.signature]
        if (score := _column_score(old, context)).distinctive
    ]
    certain = _certain_matches(pairs, lambda context: context.column.name)
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


def rename_columns(table: Table, renames: Iterable[Rename]) -> Table:
    """Return the table with the new names of its columns, also in the applied digests.

    A rename then merges like any other change, so edits and foreign keys are carried over.
    """
    names = {rename.before: rename.after for rename in renames}
    if not names:
        return table
    applied = {_renamed_path(path, names): value for path, value in applied_digests(table).items()}
    columns = tuple(replace(c, name=names.get(c.name, c.name)) for c in table.columns)
    return with_applied(replace(table, columns=columns), applied)


def _renamed_path(path: str, names: Mapping[str, str]) -> str:
    # Glue names contain no dot, so the second part is the column.
    place, _, rest = path.partition(".")
    name, dot, field = rest.partition(".")
    return f"columns.{names[name]}{dot}{field}" if place == "columns" and name in names else path


def _certain_matches(
    pairs: Sequence[_Match[_One]], name: Callable[[_One], str]
) -> list[_Match[_One]]:
    """Return the pairs that reach the confidence and the margin to every rival of either side."""
    if len(pairs) > _MOST_PAIRS:
        return []
    olds: dict[str, list[float]] = defaultdict(list)
    news: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        olds[name(pair.old)].append(pair.score.confidence)
        news[name(pair.new)].append(pair.score.confidence)
    best_old, best_new = (
        {key: nlargest(2, scores) for key, scores in side.items()} for side in (olds, news)
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
class _Profile:
    """What identifies a table apart from its name.

    - `columns`: SAP name and type of each column, in order.
    - `members`: the same as a set.
    - `texts`: SAP name and label of each column with a label.
    - `facts`: table parameters.
    """

    table: Table
    columns: tuple[tuple[str, str], ...]
    members: frozenset[tuple[str, str]]
    texts: frozenset[tuple[str, str]]
    facts: Mapping[str, str]

    @classmethod
    def of(cls, table: Table) -> "_Profile":
        pairs = [(column, dict(column.parameters)) for column in table.columns]
        columns = tuple((facts.get(_NAME, c.name), c.type) for c, facts in pairs)
        texts = frozenset(
            (facts.get(_NAME, c.name), label) for c, facts in pairs if (label := facts.get(_LABEL))
        )
        return cls(table, columns, frozenset(columns), texts, dict(table.parameters))

    def common(self, other: "_Profile") -> float:
        return _share(self.members, other.members)


def _share(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _candidate_pairs(
    orphans: Iterable[Table], new: Iterable[Table]
) -> Iterator[tuple[_Profile, _Profile]]:
    """Yield the pairs of an orphan and a new table of one kind that share enough columns."""
    by_kind: dict[str | None, list[_Profile]] = defaultdict(list)
    for table in sorted(orphans, key=lambda t: t.name):
        by_kind[table.parameter(_KIND)].append(_Profile.of(table))
    if not by_kind:
        return
    for profile in map(_Profile.of, sorted(new, key=lambda t: t.name)):
        for old in by_kind[profile.facts.get(_KIND)]:
            if old.common(profile) >= _MIN_SHARED:
                yield old, profile


def _table_score(old: _Profile, new: _Profile) -> _Score:
    common = old.members & new.members
    count = len(common)
    share = old.common(new)
    what = f"{count} columns and types"
    score = _Score().plus(what, _COLUMNS_WEIGHT, share)
    if share < 1.0:
        score = replace(score, shared=(f"{count} of {len(new.members)} columns and types",))
    orders = ([c for c in profile.columns if c in common] for profile in (old, new))
    score = score.plus("order of columns", _ORDER_WEIGHT, float(next(orders) == next(orders)))
    if old.texts or new.texts:
        score = score.plus("column labels", _TEXTS_WEIGHT, _share(old.texts, new.texts))
    for facts, distinctive in ((_DISTINCTIVE, True), (_SUPPORTING, False)):
        for key, weight in facts:
            full = table_key(key)
            before, after = old.facts.get(full), new.facts.get(full)
            if before or after:
                score = score.plus(
                    _display_name(key), weight, float(before == after), distinctive=distinctive
                )
    return score


@dataclass(frozen=True, slots=True)
class _ColumnContext:
    """A column with its nearest neighbours among the common columns."""

    column: Column
    facts: Mapping[str, str]
    left: str | None
    right: str | None

    @property
    def ours(self) -> bool:
        return _NAME in self.facts

    @property
    def signature(self) -> tuple[str | None, ...]:
        """Return what must be equal before a rename is considered."""
        facts = map(self.facts.get, _SIGNATURE)
        return self.column.type, *facts


def _columns_in_context(columns: Sequence[Column], common: set[str]) -> list[_ColumnContext]:
    lefts = list(_nearest(columns, common))
    rights = list(reversed(list(_nearest(tuple(reversed(columns)), common))))
    return [
        _ColumnContext(column, dict(column.parameters), left, right)
        for column, left, right in zip(columns, lefts, rights, strict=True)
        if column.name not in common
    ]


def _nearest(columns: Sequence[Column], common: set[str]) -> Iterator[str | None]:
    last = None
    for column in columns:
        yield last
        last = column.name if column.name in common else last


def _column_score(old: _ColumnContext, new: _ColumnContext) -> _Score:
    score = _Score(shared=("same type",))
    for key, weight in _COLUMN_DISTINCTIVE:
        full = column_key(key)
        before, after = old.facts.get(full), new.facts.get(full)
        if before or after:
            score = score.plus(_display_name(key), weight, float(before == after), distinctive=True)
    score = score.plus("left neighbour", _NEIGHBOUR_WEIGHT, float(old.left == new.left))
    score = score.plus("right neighbour", _NEIGHBOUR_WEIGHT, float(old.right == new.right))
    compared = {column_key(key) for key, _ in _COLUMN_DISTINCTIVE} | {_NAME}
    others, ours = (
        frozenset(
            (key, value)
            for key, value in context.facts.items()
            if key.startswith(PREFIX) and key not in compared
        )
        for context in (old, new)
    )
    return score.plus("semantics", _CONTEXT_WEIGHT, _share(others, ours))


def _display_name(key: str) -> str:
    return key.replace("_", " ")
