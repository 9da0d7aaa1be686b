"""The page docs/reference/terms.md: where each annotation and structure of CSN lands.

The keys of annotations come from the tables of `csn/terms.py`, by which the reader reads. The
numbers, and the keys of structures, come from tools/term_counts.json (see `measure_terms`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from datasphere_glue.datasphere.csn.terms import (
    ASSET_TERMS,
    ELEMENT_TERMS,
    IGNORED,
    KNOWN,
    VARIABLE_TERMS,
    Form,
    Term,
    TermTable,
)
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.table_keys import TABLE_KEYS
from tools.term_counts import CUSTOM, Counts, is_declared, stored

MANY: Final = 20
"""A kind with more occurrences than this must land somewhere."""

_ROUTE: Final = "repeats where the association of a dimension begins"
APART: Final[Mapping[str, str]] = {
    "context _meta": "folder of the repository",
    "context @EndUserText.label": "label of a space, which its database has",
    "context @DataWarehouse.space.schema": "name of a space, which is part of every name",
    "entity _meta": "folder of the repository",
    "query distinct": "whether equal rows are one row",
    "query join": "how rows are joined, whose columns are the indirect lineage",
    "query mixin": "repeats the association of the object",
    "query cardinality": "repeats the association of the object",
    "query key": "repeats the key of the column",
    "query max": "repeats the association of the object",
    "query min": "repeats the association of the object",
    "query target": "repeats the association of the object",
    "query type": "repeats the association of the object",
    "layer attributes.*.attributeType": "whether a fact or a dimension has the column",
    "layer attributes.*.duplicated": "mark of the editor",
    "layer attributes.*.key": "repeats where the column comes from",
    "layer attributes.*.sourceKey": "repeats where the column comes from",
    "layer attributes.*.usedForDimensionSourceKey": "repeats the foreign key of the column",
    "layer attributes.*.text": "repeats the label of the column",
    "layer identifier.key": "repeats the name of the model",
    "layer measures.*.text": "repeats the label of the measure",
    "layer sourceModel.dimensionSources.*.associationContexts.sourceKey": _ROUTE,
    "layer sourceModel.dimensionSources.*.associationContexts.sourceType": _ROUTE,
    "layer text": "repeats the label of the model",
    "layer version": "version of the format",
}
"""Structures without a key of their own, with the reason."""

_TABLES: Final = {
    "entity": (ASSET_TERMS,),
    "column": (ELEMENT_TERMS, VARIABLE_TERMS),
    "type": (ELEMENT_TERMS,),
    "parameter": (VARIABLE_TERMS,),
}
"""The tables of each place; a column of a model can declare a variable."""

_TABLE_FIELDS: Final = {key.attribute: key.full for key in TABLE_KEYS if key.attribute}
_COLUMN_FIELDS: Final = {key.attribute: key.full for key in COLUMN_KEYS if key.attribute}
_ROLE: Final = "datasphere.role"
_VARIABLES: Final = "datasphere.variables"
_HEAD: Final = """\
# Annotations and structures of CSN

The parts of a definition of SAP Datasphere, and the key of Glue that holds each.
`make reference` writes this page from the tables by which the reader reads. The numbers are of
{documents} exports and recorded answers with {entities} entities and {columns:,} columns. They hold
{annotations:,} annotations with a value; {share:.1f} % of these end in `datasphere.custom`.
`make term-counts FILE=...` counts your own exports.

A term that ends in `.*` stands for every term with this beginning. Any other annotation is kept in
`datasphere.custom`, unless it is left out below. A rule of `annotations` in the
[mapping configuration](configuration.md) works on all of them.
"""


def terms_page() -> str:
    """Return the page, from the tables of terms and the kept counts."""
    counts = stored()
    head = _HEAD.format(
        documents=counts.documents,
        entities=counts.entities,
        columns=counts.columns,
        annotations=counts.annotations,
        share=counts.share,
    )
    return "".join(
        (
            head,
            _section("Annotations of an object", _terms(ASSET_TERMS, ("entity",), counts)),
            _section("Annotations of a column", _terms(ELEMENT_TERMS, ("column", "type"), counts)),
            _section(
                "Annotations of a parameter or variable",
                _terms(VARIABLE_TERMS, ("parameter", "column"), counts),
            ),
            _section("Structures", _structures(counts)),
            _section("Kept in `datasphere.custom`", _custom(counts)),
            _section("Left out", _left_out(counts), last="why"),
        )
    )


def nowhere(counts: Counts) -> list[str]:
    """Return the kinds of more than `MANY` occurrences that have no key and no reason."""
    return [
        kind
        for kind, (count, keys) in counts.kinds.items()
        if count > MANY and not _has_place(kind, keys)
    ]


def _has_place(kind: str, keys: tuple[str, ...]) -> bool:
    if is_declared(kind):
        place, _, term = kind.partition(" @")
        return _is_read(place, term) or _reason(term) is not None
    return kind in APART or set(keys) - {CUSTOM, f"column {CUSTOM}"} != set()


def _is_read(place: str, term: str) -> bool:
    return any(table.rows_for(term) for table in _TABLES[place])


def _reason(term: str) -> str | None:
    return next((one.reason for one in IGNORED if term.startswith(one.prefix)), None)


def _section(title: str, rows: Iterable[tuple[str, str, str]], last: str = "key") -> str:
    table = "".join(f"| {first} | {seen} | {text} |\n" for first, seen, text in rows)
    if not table:
        return f"\n## {title}\n\nNothing that was seen.\n"
    return f"\n## {title}\n\n| SAP | seen | {last} |\n|---|---|---|\n{table}"


def _terms(
    table: TermTable, places: tuple[str, ...], counts: Counts
) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of one table of terms."""
    for terms, rows in _joined(table).items():
        seen = sum(
            count
            for kind, (count, _) in counts.kinds.items()
            for place in places
            if kind.startswith(f"{place} @") and _counts_for(place, table, kind, terms)
        )
        names = ", ".join(f"`@{term}*`" if term.endswith(".") else f"`@{term}`" for term in terms)
        keys = ", ".join(dict.fromkeys(key for row in rows for key in _keys(table, row)))
        yield names, f"{seen:,}" if seen else "", keys


def _joined(table: TermTable) -> dict[tuple[str, ...], list[Term]]:
    """Return the rows by their terms, with those of equal terms together."""
    joined: dict[tuple[str, ...], list[Term]] = {}
    for row in table.rows:
        joined.setdefault(row.terms, []).append(row)
    return joined


def _counts_for(place: str, table: TermTable, kind: str, terms: tuple[str, ...]) -> bool:
    """Return whether a term counts for the row with these terms: the first that reads it."""
    term = kind.partition("@")[2]
    first = next((one for one in _TABLES[place] if one.rows_for(term)), None)
    return first is table and table.rows_for(term)[0].terms == terms


def _keys(table: TermTable, row: Term) -> Iterator[str]:
    """Yield the keys that a row fills, with the member of an object."""
    if not row.field:
        yield "decides whether the object is exposed"
    for name in filter(None, (row.field, row.literal)):
        if table is VARIABLE_TERMS:
            yield f"`{_VARIABLES}` (`{name}`)"
        elif table is ASSET_TERMS or name in _COLUMN_FIELDS:
            key = (_TABLE_FIELDS if table is ASSET_TERMS else _COLUMN_FIELDS)[name]
            member = f" (`{row.word}`)" if row.form is Form.PAIR and row.word else ""
            yield f"`{key}`{member}"
        elif name in _TABLE_FIELDS:
            yield f"`{_TABLE_FIELDS[name]}` of the table"
        else:
            yield f"`{_ROLE}`"


def _structures(counts: Counts) -> Iterator[tuple[str, str, str]]:
    for kind, (count, keys) in counts.kinds.items():
        places = [key for key in keys if CUSTOM not in key and kind not in APART]
        if not is_declared(kind) and places:
            yield f"`{kind}`", f"{count:,}", ", ".join(f"`{key}`" for key in places)


def _custom(counts: Counts) -> Iterator[tuple[str, str, str]]:
    for prefix, meaning in KNOWN.items():
        yield f"`@{prefix}*`" if prefix.endswith(".") else f"`@{prefix}`", "", meaning
    for kind, (count, keys) in counts.kinds.items():
        place, _, term = kind.partition(" @")
        if is_declared(kind):
            is_custom = not _is_read(place, term) and not _reason(term)
        else:
            is_custom = kind not in APART and bool(keys) and all(CUSTOM in key for key in keys)
        if is_custom:
            yield f"`{kind}`", f"{count:,}", ", ".join(f"`{key}`" for key in keys)


def _left_out(counts: Counts) -> Iterator[tuple[str, str, str]]:
    for one in IGNORED:
        seen = sum(
            count
            for kind, (count, _) in counts.kinds.items()
            if is_declared(kind) and kind.partition("@")[2].startswith(one.prefix)
        )
        name = f"`@{one.prefix}*`" if one.prefix.endswith(".") else f"`@{one.prefix}`"
        yield name, f"{seen:,}" if seen else "", one.reason
    for kind, (count, keys) in counts.kinds.items():
        landed = kind not in APART and keys
        if not is_declared(kind) and not landed:
            yield f"`{kind}`", f"{count:,}", APART.get(kind, "not read")
