"""Measures how much business context the tables of a space hold.

Only definitions provide descriptions, units, hierarchies, and the roles of assets that are not
exposed for analysis. If no definition was read, absent values count as unavailable, not missing.
No SAP interface provides stewards and other governed fields: they count as unavailable unless the
configuration gives them a source.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import DEFINED
from datasphere_glue.model.completeness import Completeness, Score, Share, sum_shares, worst_scores
from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.table import Table

_LABEL: Final = table_key("label")
_DESCRIPTION: Final = table_key("description")
_ROLE: Final = column_key("role")
_UNITS: Final = (column_key("unit"), column_key("currency"))
_HIERARCHIES: Final = table_key("hierarchies")
_USAGE: Final = table_key("usage")

_GOVERNED: Final = ("owner", "steward", "certification", "tags", "terms")
_WITHOUT_ROLES: Final = "relational"
_HIERARCHICAL: Final = frozenset({"dimension", "hierarchy"})

SCORED: Final = frozenset(
    {
        *("label", "description", "column_label", "column_description"),
        *("role", "unit", "owner", "steward"),
    }
)
"""Parts that make up the score of an asset. Other parts can be absent for good reason."""


def measure_completeness(
    space: str, tables: Iterable[Table], rules: Governance
) -> tuple[Completeness, tuple[Score, ...]]:
    """Return the counts of a space, and the score of each table in the order of the tables."""
    assets = columns = 0
    have: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    unavailable: Counter[str] = Counter()
    scores = []
    for table in tables:
        assets += 1
        columns += len(table.columns) + len(table.partition_keys)
        shares = tuple(_shares(table, rules))
        for share in shares:
            have[share.part] += share.have
            possible[share.part] += share.of
            unavailable[share.part] += share.unavailable
        scores.append(_score(table, shares))
    total = sum_shares(
        Share(part, have[part], possible[part], unavailable[part]) for part in possible
    )
    return Completeness(space, assets, columns, total, worst_scores(scores)), tuple(scores)


def _score(table: Table, shares: Iterable[Share]) -> Score:
    """Return the mean percentage of the parts that are scored and available, rounded down."""
    missing, total, parts = [], 0, 0
    for share in shares:
        available = share.of - share.unavailable
        if share.part in SCORED and available:
            total += 100 * share.have // available
            parts += 1
            if share.have < available:
                missing.append(share.part)
    space, name = table.asset
    score = total // parts if parts else 100
    return Score(score, space, name, table.database, table.name, tuple(missing))


def _shares(table: Table, rules: Governance) -> Iterator[Share]:
    """Yield the share of each part that one table could have."""
    context = dict(table.parameters)
    defined = DEFINED in table.sources
    yield _single_share("label", present=_LABEL in context, available=True)
    yield _single_share("description", present=_DESCRIPTION in context, available=defined)
    yield from _column_shares(table, context, defined=defined)
    if context.get(_USAGE) in _HIERARCHICAL or _HIERARCHIES in context:
        yield _single_share("hierarchy", present=_HIERARCHIES in context, available=defined)
    fillable = _fillable_fields(rules, *table.asset)
    for field in _GOVERNED:
        yield _single_share(field, present=table_key(field) in context, available=field in fillable)


def _column_shares(table: Table, context: Mapping[str, str], *, defined: bool) -> Iterator[Share]:
    labels = descriptions = roles = measures = units = 0
    columns = (*table.columns, *table.partition_keys)
    for column in columns:
        column_context = dict(column.parameters)
        labels += _LABEL in column_context
        descriptions += _DESCRIPTION in column_context
        role = column_context.get(_ROLE)
        roles += role is not None
        if role == "measure":
            measures += 1
            units += _UNITS[0] in column_context or _UNITS[1] in column_context
    count = len(columns)
    if count:
        yield Share("column_label", labels, count)
        yield _share_of_columns("column_description", descriptions, count, available=defined)
    usage = context.get(_USAGE)
    # A relational dataset has columns without a role by its nature.
    if count and usage != _WITHOUT_ROLES and (usage or not defined):
        yield _share_of_columns("role", roles, count, available=defined)
    if measures:
        yield _share_of_columns("unit", units, measures, available=defined)


def _single_share(part: str, *, present: bool, available: bool) -> Share:
    return Share(part, int(present), 1, int(not present and not available))


def _share_of_columns(part: str, have: int, of: int, *, available: bool) -> Share:
    return Share(part, have, of, 0 if available else of - have)


def _fillable_fields(rules: Governance, space: str, name: str) -> frozenset[str]:
    """Return the governed fields of an asset that the configuration can fill."""
    fields = {field for _, field in rules.annotations}
    for overlay in rules.overlays_for(space, name) if rules.overlays else ():
        fields |= {
            field for field in _GOVERNED if overlay.column is None and getattr(overlay, field)
        }
    return frozenset(fields)
