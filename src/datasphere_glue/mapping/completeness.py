"""What the tables of a space say of the business, counted.

Definitions alone tell of descriptions, units and hierarchies, and of roles where nothing is exposed
for analysis: where none was read, what is absent is not missing but unavailable. No interface of
SAP tells of stewards and the like: they are unavailable unless the configuration places them.
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
_UNROLED: Final = "relational"
_HIERARCHICAL: Final = frozenset({"dimension", "hierarchy"})

SCORED: Final = frozenset(
    {
        *("label", "description", "column_label", "column_description"),
        *("role", "unit", "owner", "steward"),
    }
)
"""Parts that make up the score of an asset: the others may rightly be absent."""


def measure_completeness(
    space: str, tables: Iterable[Table], rules: Governance
) -> tuple[Completeness, tuple[Score, ...]]:
    """Return what the tables of a space say, counted, and the score of each, in their order."""
    assets = columns = 0
    have: Counter[str] = Counter()
    of: Counter[str] = Counter()
    unavailable: Counter[str] = Counter()
    scores = []
    for table in tables:
        assets += 1
        columns += len(table.columns) + len(table.partition_keys)
        shares = tuple(_shares(table, rules))
        for one in shares:
            have[one.part] += one.have
            of[one.part] += one.of
            unavailable[one.part] += one.unavailable
        scores.append(_score(table, shares))
    total = sum_shares(Share(part, have[part], of[part], unavailable[part]) for part in of)
    return Completeness(space, assets, columns, total, worst_scores(scores)), tuple(scores)


def _score(table: Table, shares: Iterable[Share]) -> Score:
    """Return the mean of what is there of each part that counts and can be known, rounded down."""
    missing, total, parts = [], 0, 0
    for one in shares:
        known = one.of - one.unavailable
        if one.part in SCORED and known:
            total += 100 * one.have // known
            parts += 1
            if one.have < known:
                missing.append(one.part)
    space, name = table.asset
    score = total // parts if parts else 100
    return Score(score, space, name, table.database, table.name, tuple(missing))


def _shares(table: Table, rules: Governance) -> Iterator[Share]:
    """Yield what one table says of each part that it could say."""
    said = dict(table.parameters)
    defined = DEFINED in table.sources
    yield _single("label", present=_LABEL in said, tellable=True)
    yield _single("description", present=_DESCRIPTION in said, tellable=defined)
    yield from _of_columns(table, said, defined=defined)
    if said.get(_USAGE) in _HIERARCHICAL or _HIERARCHIES in said:
        yield _single("hierarchy", present=_HIERARCHIES in said, tellable=defined)
    placed = _placed(rules, *table.asset)
    for field in _GOVERNED:
        yield _single(field, present=table_key(field) in said, tellable=field in placed)


def _of_columns(table: Table, said: Mapping[str, str], *, defined: bool) -> Iterator[Share]:
    labels = descriptions = roles = measures = units = 0
    columns = (*table.columns, *table.partition_keys)
    for column in columns:
        about = dict(column.parameters)
        labels += _LABEL in about
        descriptions += _DESCRIPTION in about
        role = about.get(_ROLE)
        roles += role is not None
        if role == "measure":
            measures += 1
            units += _UNITS[0] in about or _UNITS[1] in about
    count = len(columns)
    if count:
        yield Share("column_label", labels, count)
        yield _several("column_description", descriptions, count, tellable=defined)
    usage = said.get(_USAGE)
    # A relational dataset has columns without a role by its nature.
    if count and usage != _UNROLED and (usage or not defined):
        yield _several("role", roles, count, tellable=defined)
    if measures:
        yield _several("unit", units, measures, tellable=defined)


def _single(part: str, *, present: bool, tellable: bool) -> Share:
    return Share(part, int(present), 1, int(not present and not tellable))


def _several(part: str, have: int, of: int, *, tellable: bool) -> Share:
    return Share(part, have, of, 0 if tellable else of - have)


def _placed(rules: Governance, space: str, name: str) -> frozenset[str]:
    """Return the governed fields of an asset that the configuration can give a value."""
    placed = {field for _, field in rules.annotations}
    for one in rules.overlays_for(space, name) if rules.overlays else ():
        placed |= {field for field in _GOVERNED if one.column is None and getattr(one, field)}
    return frozenset(placed)
