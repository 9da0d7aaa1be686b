"""The JSON form of each part of an asset that a key lists, in both directions.

`MEMBERS` is the only place that names the members: `context` writes by it, `from_table` reads by
it, and the reference in the docs lists it.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from datasphere_glue.mapping.json_texts import UNTYPED, object_or_list, type_text
from datasphere_glue.mapping.stored_values import StoredValues
from datasphere_glue.model.asset_parts import (
    AccessControl,
    Affix,
    Association,
    BoundParameter,
    CrossCalculation,
    Hierarchy,
    Load,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import EnumValue, Origin
from datasphere_glue.model.key import Codec

_Record = TypeVar("_Record")


class _Form(StrEnum):
    """How a member is written."""

    TEXT = "text"
    NAME = "text, empty when absent"
    EXACT = "text that can be empty"
    FLAG = "`true` or `false`"
    MARK = "`true`, absent for false"
    TYPE = "SAP type"
    NAMES = "list of texts"
    LINKS = "list of pairs"
    PAIRS = "object of texts"
    RECORD = "object"
    RECORDS = "list of objects"


class _Member(NamedTuple):
    """One member of a record: its name in JSON, and its field where that has another name."""

    name: str
    form: _Form = _Form.TEXT
    field: str = ""
    of: type | None = None

    @property
    def attribute(self) -> str:
        return self.field or self.name


_CUSTOM: Final = _Member("custom", _Form.PAIRS)
_LABEL: Final = _Member("label")
_NAME: Final = _Member("name", _Form.NAME)
_KIND: Final = _Member("kind")

MEMBERS: Final[Mapping[type, tuple[_Member, ...]]] = {
    Hierarchy: (
        _NAME,
        _Member("kind", _Form.NAME),
        _LABEL,
        _Member("levels", _Form.NAMES),
        _Member("parent", _Form.NAMES),
        _Member("child", _Form.NAMES),
        _Member("association"),
        _CUSTOM,
    ),
    Association: (
        _NAME,
        _LABEL,
        _Member("space", field="target_space"),
        _Member("target", _Form.NAME),
        _Member("columns", _Form.LINKS, "pairs"),
        _Member("composition", _Form.MARK),
        _Member("cardinality"),
        _CUSTOM,
    ),
    Variable: (
        _NAME,
        _LABEL,
        _Member("type", _Form.TYPE),
        _Member("mandatory", _Form.FLAG),
        _Member("default", _Form.EXACT),
        _KIND,
        _Member("column"),
        _Member("description"),
        _Member("hidden", _Form.MARK),
        _Member("usage"),
        _Member("selection"),
        _Member("multiple", _Form.MARK),
        _Member("derived_from"),
        _Member("derived_column"),
        _CUSTOM,
    ),
    BoundParameter: (_NAME, _Member("how"), _Member("value", _Form.EXACT), _Member("variable")),
    Affix: (_Member("text", _Form.NAME), _Member("type", _Form.NAME)),
    ModelSource: (
        _Member("role", _Form.NAME),
        _NAME,
        _Member("space", _Form.NAME, "target_space"),
        _Member("target", _Form.NAME),
        _LABEL,
        _Member("associations", _Form.NAMES),
        _Member("parameters", _Form.RECORDS, of=BoundParameter),
        _Member("affix", _Form.RECORD, of=Affix),
    ),
    CrossCalculation: (_NAME, _LABEL, _KIND, _Member("formula")),
    AccessControl: (_NAME, _Member("columns", _Form.NAMES), _KIND),
    Load: (
        _Member("kind", _Form.NAME),
        _NAME,
        _Member("sources", _Form.NAMES),
        _Member("connection"),
        _Member("system"),
        _Member("mode"),
        _Member("schedule"),
        _Member("target"),
        _Member("changed_on"),
    ),
    Origin: (
        _Member("object", _Form.NAME),
        _Member("column", _Form.NAME),
        _Member("how", _Form.NAME),
    ),
    EnumValue: (_NAME, _Member("value", _Form.EXACT), _LABEL, _Member("description")),
}
"""The members of each record, in the order in which people read them."""

RECORDS: Final[Mapping[Codec, type]] = {
    Codec.HIERARCHIES: Hierarchy,
    Codec.ASSOCIATIONS: Association,
    Codec.VARIABLES: Variable,
    Codec.SOURCES: ModelSource,
    Codec.CROSS_CALCULATIONS: CrossCalculation,
    Codec.ACCESS_CONTROLS: AccessControl,
    Codec.LOADS: Load,
    Codec.ORIGINS: Origin,
    Codec.VALUES: EnumValue,
}
"""The record that each codec lists."""


def record_value(record: Any) -> dict[str, Any]:
    """Return a record as the object that its key lists, without absent members."""
    value = {}
    for member in MEMBERS[type(record)]:
        item = _WRITE[member.form](getattr(record, member.attribute))
        if item is not None and (member.form is _Form.EXACT or item not in ("", [], {}, ())):
            value[member.name] = item
    return value


def read_record(values: StoredValues, kind: type[_Record]) -> _Record:
    """Return the record that an object was written from."""
    fields = {one.attribute: _READ[one.form](values, one) for one in MEMBERS[kind]}
    return kind(**fields)


_WRITE: Final[Mapping[_Form, Callable[[Any], Any]]] = {
    _Form.TEXT: lambda value: value,
    _Form.NAME: lambda value: value,
    _Form.EXACT: lambda value: value,
    _Form.FLAG: lambda value: value,
    _Form.MARK: lambda value: value or None,
    _Form.TYPE: type_text,
    _Form.NAMES: list,
    _Form.LINKS: lambda pairs: [list(pair) for pair in pairs],
    _Form.PAIRS: object_or_list,
    _Form.RECORD: lambda value: None if value is None else record_value(value),
    _Form.RECORDS: lambda values: [record_value(value) for value in values],
}


def _read_one(values: StoredValues, member: _Member) -> Any:
    inner = values.record(member.name)
    return None if inner is None or member.of is None else read_record(inner, member.of)


def _read_several(values: StoredValues, member: _Member) -> tuple[Any, ...]:
    kind = member.of
    return () if kind is None else tuple(read_record(v, kind) for v in values.records(member.name))


_READ: Final[Mapping[_Form, Callable[[StoredValues, _Member], Any]]] = {
    _Form.TEXT: lambda values, member: values.text(member.name),
    _Form.NAME: lambda values, member: values.text(member.name) or "",
    _Form.EXACT: lambda values, member: values.exact(member.name),
    _Form.FLAG: lambda values, member: values.flag(member.name),
    _Form.MARK: lambda values, member: values.flag(member.name) or False,
    _Form.TYPE: lambda values, member: values.sap(member.name) or UNTYPED,
    _Form.NAMES: lambda values, member: values.names(member.name),
    _Form.LINKS: lambda values, member: values.links(member.name),
    _Form.PAIRS: lambda values, member: values.pairs(member.name),
    _Form.RECORD: _read_one,
    _Form.RECORDS: _read_several,
}
