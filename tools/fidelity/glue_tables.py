"""The facts that Glue tables hold, read from their raw parameters.

Tables are as `GetTables` returns them. This module knows the keys by name alone: it shares no code
with the writer or with the reader of the product.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools.fidelity.expectations import Place
from tools.fidelity.glue_columns import GlueColumn, columns_of, own_parameters
from tools.fidelity.glue_records import plain_name, record_facts
from tools.fidelity.kinds import Kind

_ODATA: Final = "Edm."

Fact = tuple[Place, str]
Table = Mapping[str, Any]

_TABLE_TEXTS: Final[Mapping[str, Kind]] = {
    "kind": Kind.SORT,
    "usage": Kind.USAGE,
    "label": Kind.LABEL,
    "description": Kind.DESCRIPTION,
    "hidden": Kind.HIDDEN,
    "representative_key": Kind.REPRESENTATIVE_KEY,
    "filter": Kind.FILTER,
    "sql": Kind.SQL,
    "origin": Kind.ORIGIN,
    "release": Kind.RELEASE,
}
_NAME_LISTS: Final[Mapping[str, Kind]] = {
    "semantic_key": Kind.SEMANTIC_KEY,
    "key_sequence": Kind.KEY_SEQUENCE,
    "keys": Kind.KEY_LIST,
    "measures": Kind.MEASURE_LIST,
    "dimensions": Kind.DIMENSION_LIST,
}
_COLUMN_TEXTS: Final[Mapping[str, Kind]] = {
    "label": Kind.LABEL,
    "description": Kind.DESCRIPTION,
    "type": Kind.TYPE,
    "key": Kind.KEY,
    "nullable": Kind.NULLABLE,
    "hidden": Kind.HIDDEN,
    "aggregation": Kind.AGGREGATION,
    "measure_type": Kind.MEASURE_TYPE,
    "measure_kind": Kind.MEASURE_KIND,
    "formula": Kind.FORMULA,
    "currency": Kind.CURRENCY,
    "unit": Kind.UNIT,
    "currency_value": Kind.CURRENCY_VALUE,
    "unit_value": Kind.UNIT_VALUE,
    "exception_aggregation": Kind.EXCEPTION_AGGREGATION,
    "non_additive": Kind.NON_ADDITIVE,
    "conversion": Kind.CONVERSION,
    "text": Kind.TEXT,
    "text_association": Kind.TEXT_ASSOCIATION,
    "association": Kind.FOREIGN_KEY,
    "default": Kind.DEFAULT,
    "native_type": Kind.NATIVE_TYPE,
    "release": Kind.RELEASE,
}
_LISTS: Final[Mapping[str, Kind]] = {
    "semantics": Kind.SEMANTICS,
    "exception_columns": Kind.EXCEPTION_COLUMN,
    "distinct_columns": Kind.DISTINCT_COLUMN,
}
_OBJECTS: Final[Mapping[str, Kind]] = {
    "personal_data": Kind.PERSONAL_DATA,
    "relationship": Kind.RELATIONSHIP,
    "delta": Kind.DELTA,
}
_MARKS: Final = ("text", "currency", "unit")


@dataclass(slots=True)
class Stored:
    """The facts of Glue.

    `custom`: annotations without a key of their own, by asset and column.
    `texts`: all parameters of a table or column as one text.
    """

    facts: dict[Place, str] = field(default_factory=dict)
    custom: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)


def read_tables(tables: Iterable[Table]) -> Stored:
    """Return the facts of Glue tables."""
    stored = Stored()
    for table in tables:
        about = own_parameters(table)
        space = about.get("space", "")
        asset = f"{space}.{about.get('name', '')}"
        stored.facts[Place(Kind.TABLE, asset)] = "true"
        stored.facts[Place(Kind.COMMENT, asset)] = table.get("Description", "")
        _collect(stored, asset, "", about, _of_table(about))
        columns = columns_of(table)
        names = json.dumps([column.name for column in columns], ensure_ascii=False)
        stored.facts[Place(Kind.ORDER, asset)] = names
        for column in columns:
            stored.facts[Place(Kind.COLUMN, asset, column.name)] = "true"
            stored.facts[Place(Kind.COMMENT, asset, column.name)] = column.comment
            _collect(stored, asset, column.name, column.about, _of_column(column, space))
    return stored


def _collect(
    stored: Stored,
    asset: str,
    column: str,
    parameters: Mapping[str, str],
    facts: Iterable[tuple[Kind, str, str]],
) -> None:
    """Add the facts of one table or column, and what its keys hold beside."""
    for kind, detail, text in facts:
        stored.facts[Place(kind, asset, column, detail)] = text
    custom = _parsed(parameters, "custom", {})
    stored.custom[asset, column] = dict(custom)
    left_out = {"name", "type", "fingerprint", "applied", "provenance"}
    rest = {key: text for key, text in parameters.items() if key not in left_out}
    stored.texts[asset, column] = json.dumps(rest, ensure_ascii=False)


def _of_table(about: Mapping[str, str]) -> Iterator[tuple[Kind, str, str]]:
    for key, kind in _TABLE_TEXTS.items():
        if key in about:
            yield kind, "", about[key]
    for key, kind in _NAME_LISTS.items():
        if key in about:
            yield kind, "", json.dumps(_parsed(about, key, []), ensure_ascii=False)
    yield from _objects(about)
    for name in _parsed(about, "lineage", []):
        yield Kind.OBJECT_LINEAGE, plain_name(name, about.get("space", "")), "true"
    for origin in _parsed(about, "indirect_lineage", []):
        name = plain_name(origin.get("object", ""), about.get("space", ""))
        place = f"{name}.{origin.get('column', '')}"
        yield Kind.CONDITION_LINEAGE, place, origin.get("how", "")
    remote = [about[key] for key in ("remote_connection", "remote_entity") if key in about]
    for number, text in enumerate(remote):
        yield Kind.REMOTE, ("connection", "entity")[number], text
    yield from record_facts(about)


def _of_column(column: GlueColumn, space: str) -> Iterator[tuple[Kind, str, str]]:
    about = column.about
    unknown = "type" not in about and "loss" in about
    yield Kind.GLUE_TYPE, "", f"not known, {column.type}" if unknown else column.type
    modelled = about.get("modelled_type", about.get("type", _ODATA))
    if not modelled.startswith(_ODATA):
        yield Kind.MODELLED_TYPE, "", modelled
    for key, kind in _COLUMN_TEXTS.items():
        if key in about:
            yield kind, "", about[key]
    for key, kind in _LISTS.items():
        for item in _parsed(about, key, []):
            yield kind, item.casefold() if kind is Kind.SEMANTICS else item, "true"
    yield from _objects(about)
    yield from _roles(about)
    for value in _parsed(about, "values", []):
        yield Kind.ENUM_VALUE, value.get("name", ""), value.get("value", "")
        if "label" in value:
            yield Kind.ENUM_LABEL, value.get("name", ""), value["label"]
    yield from _lineage(about, space)


def _lineage(about: Mapping[str, str], space: str) -> Iterator[tuple[Kind, str, str]]:
    """Yield the columns of origin; those of the own space without its name.

    `sources` of an analytic model corresponds to `lineage` of a view, without how.
    """
    for steps in _parsed(about, "sources", []):
        *names, column = steps
        yield Kind.COLUMN_LINEAGE, f"{plain_name('.'.join(names), space)}.{column}", ""
    for origin in _parsed(about, "lineage", []):
        name = plain_name(origin.get("object", ""), space)
        yield Kind.COLUMN_LINEAGE, f"{name}.{origin.get('column', '')}", origin.get("how", "")


def _objects(about: Mapping[str, str]) -> Iterator[tuple[Kind, str, str]]:
    for key, kind in _OBJECTS.items():
        for word, text in _parsed(about, key, {}).items():
            yield kind, word.casefold() if kind is Kind.PERSONAL_DATA else word, text


def _roles(about: Mapping[str, str]) -> Iterator[tuple[Kind, str, str]]:
    main = [about["role"]] if "role" in about else []
    roles = _parsed(about, "roles", main)
    for role in _MARKS:
        if role in roles:
            yield Kind.ROLE, role, "true"
    if "key" in roles:
        yield Kind.KEY, "role", "true"
    if "measure" in roles:
        yield Kind.MEASURE, "", "true"
    if "dimension" in roles:
        yield Kind.DIMENSION, "", "true"


def _parsed(parameters: Mapping[str, str], key: str, default: Any) -> Any:
    return json.loads(parameters[key]) if key in parameters else default
