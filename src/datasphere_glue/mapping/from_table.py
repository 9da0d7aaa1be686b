"""Rebuilds an asset from its Glue table, the inverse of `context` and `tables`.

Only parameters are read: people may edit comments and descriptions, and Glue types are less exact
than SAP types. The function is total: a value that cannot be decoded is absent from the asset and
becomes a flaw.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from datasphere_glue.mapping.context import PAIRS, POSITION, ROLES, UNTYPED, Pairs
from datasphere_glue.mapping.raw_types import sap_type
from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    Kind,
    ModelSource,
    SapType,
    Usage,
    Variable,
)
from datasphere_glue.model.glue_keys import COLUMN_KEYS, TABLE_KEYS
from datasphere_glue.model.key import JSON, PREFIX, Codec, Key
from datasphere_glue.model.table import Parameters, Table, sap_name

_LISTED_FIELDS: Final = {"keys": "key", "dimensions": "dimension", "measures": "measure"}
"""The field of an element that each list of column names sets."""

_ROLES: Final = frozenset(ROLES)
_IN_JSON: Final = JSON | {Codec.MARK, Codec.FLAG}
"""Codecs whose text is JSON; the texts of flags, `true` and `false`, are JSON as well."""

_TABLE_JSON: Final = frozenset(key.name for key in TABLE_KEYS if key.codec in _IN_JSON)
_COLUMN_JSON: Final = frozenset(key.name for key in COLUMN_KEYS if key.codec in _IN_JSON)
_LINK: Final = 2
_PLACE: Final = 3
_DIGITS: Final = 6
_EXCERPT: Final = 60

_Flaws = dict[str, str]
"""The first characters of each value that cannot be decoded, by its location."""

_Word = TypeVar("_Word", bound=StrEnum)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Recovered:
    """The asset that a table was written from; `flaws` describe values that cannot be decoded."""

    asset: Asset
    flaws: tuple[str, ...] = ()


def asset_from_table(table: Table) -> Recovered:
    """Return the asset that a managed table was written from, complete and in its order.

    Lone surrogates, which Glue texts cannot hold, come back as U+FFFD, and empty texts as None.
    Columns without `datasphere.name` are not from SAP and are left out.
    """
    flaws: _Flaws = {}
    values = _Values(_decode(table.parameters, _TABLE_JSON, "table", flaws), "table", flaws)
    elements = _with_listed_roles(values, _elements(table, flaws))
    asset = Asset(
        space=values.text("space") or "",
        name=values.text("name") or "",
        kind=values.word("kind", Kind) or _likely_kind(table),
        elements=elements,
        **{field: decode(values, key) for key, field, decode in _TABLE_ROWS},
    )
    return Recovered(asset, tuple(f"{at} cannot be used: {value!r}" for at, value in flaws.items()))


class _Values:
    """Typed access to one set of parameters or one JSON object.

    A value of another type than expected counts as absent and becomes a flaw.
    `where` is the prefix of the location of a flaw.
    """

    def __init__(self, values: Mapping[str, Any], where: str, flaws: _Flaws) -> None:
        self._values = values
        self._where = where
        self.flaws = flaws

    def text(self, key: str) -> str | None:
        return self._of(key, str) or None

    def exact(self, key: str) -> str | None:
        """Return a text that can be empty, None when absent."""
        return self._of(key, str)

    def flag(self, key: str) -> bool | None:
        return self._of(key, bool)

    def word(self, key: str, words: type[_Word]) -> _Word | None:
        value = self.text(key)
        if value is None or value in set(words):
            return None if value is None else words(value)
        self.flaw(key, value)
        return None

    def sap(self, key: str) -> SapType | None:
        value = self.text(key)
        try:
            return None if value is None else sap_type(value)
        except ValueError:
            self.flaw(key, value)
            return None

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(self._items(key, str)) if key in self._values else ()

    def tuples(self, key: str, size: int) -> Iterator[tuple[str, ...]]:
        for value in self._items(key, list):
            if len(value) == size and all(isinstance(part, str) for part in value):
                yield tuple(value)
            else:
                self.flaw(key, value)

    def triples(self, key: str) -> tuple[tuple[str, str, str], ...]:
        return tuple((a, b, c) for a, b, c in self.tuples(key, _PLACE))

    def records(self, key: str) -> Iterator["_Values"]:
        for place, value in enumerate(self._items(key, dict)):
            yield _Values(value, f"{self._where}: {key}[{place}]", self.flaws)

    def pairs(self, key: str) -> Pairs:
        """Return pairs that are written as an object, or as a list of lists."""
        if key not in self._values:
            return ()
        if isinstance(self._values.get(key), list):
            return tuple((one, other) for one, other in self.tuples(key, _LINK))
        values = self._of(key, dict) or {}
        texts = {name: text for name, text in values.items() if isinstance(text, str)}
        if len(texts) < len(values):
            self.flaw(key, values)
        return tuple(sorted(texts.items()))

    def ordered(self, key: str) -> Pairs:
        """Return pairs in source order if `pairs` holds it and agrees with the object."""
        plain = self.pairs(key)
        if PAIRS not in self._values:
            return plain
        exact_values = self._of(PAIRS, dict) or {}
        exact = _Values(exact_values, f"{self._where}: {PAIRS}", self.flaws).pairs(key)
        return exact if dict(exact) == dict(plain) else plain

    def flaw(self, key: str, value: Any) -> None:
        self.flaws.setdefault(f"{self._where}: {key}", str(value)[:_EXCERPT])

    def _of(self, key: str, kind: type[_Value]) -> _Value | None:
        value = self._values.get(key)
        if isinstance(value, kind):
            return value
        if value is not None:
            self.flaw(key, value)
        return None

    def _items(self, key: str, kind: type[_Value]) -> Iterator[_Value]:
        for value in self._of(key, list) or ():
            if isinstance(value, kind):
                yield value
            else:
                self.flaw(key, value)


def _decode(pairs: Parameters, coded: Collection[str], where: str, flaws: _Flaws) -> dict[str, Any]:
    """Return our parameters by key without prefix, JSON and flags decoded."""
    decoded: dict[str, Any] = {}
    for full, value in pairs:
        key = full.removeprefix(PREFIX)
        if key == full:
            continue
        if key not in coded:
            decoded[key] = value
            continue
        try:
            decoded[key] = json.loads(value)
        except (ValueError, RecursionError):
            flaws[f"{where}: {key}"] = value[:_EXCERPT]
    return decoded


def _likely_kind(table: Table) -> Kind:
    return Kind.LOCAL_TABLE if table.parameter("typeOfData") == "table" else Kind.VIEW


def _elements(table: Table, flaws: _Flaws) -> list[Element]:
    """Return the elements in the order of the asset, partition keys at their positions."""
    elements: dict[str, Element] = {}
    positions: list[tuple[int, str]] = []
    for column in (*table.columns, *table.partition_keys):
        name = sap_name(column)
        if name is None:
            continue
        if name in elements:
            flaws[f"column {column.name}: name"] = name[:_EXCERPT]
            continue
        where = f"column {column.name}"
        values = _decode(column.parameters, _COLUMN_JSON, where, flaws)
        elements[name] = _element(name, _Values(values, where, flaws))
        place = str(values.get(POSITION, ""))
        if place.isdecimal():
            positions.append((int(place[:_DIGITS]), name))
    positioned = {name for _, name in positions}
    order = [name for name in elements if name not in positioned]
    for index, name in sorted(positions):
        order.insert(index, name)
    return [elements[name] for name in order]


def _element(name: str, values: _Values) -> Element:
    main = values.text("role")
    roles = values.names("roles") or ((main,) if main else ())
    for unknown in sorted(frozenset(roles) - _ROLES):
        values.flaw("role", unknown)
    fields: dict[str, Any] = {field: decode(values, key) for key, field, decode in _COLUMN_ROWS}
    fields |= {field: True for role, field in ROLES.items() if role in roles}
    return Element(**fields | {"name": name, "type": fields["type"] or UNTYPED})


def _with_listed_roles(values: _Values, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Return the elements with the roles that the lists of the table add.

    `size_limit` may have left out the roles of the columns.
    """
    names_by_field = {field: frozenset(values.names(key)) for key, field in _LISTED_FIELDS.items()}
    result = []
    for element in elements:
        roles: dict[str, Any] = {
            field: True for field, names in names_by_field.items() if element.name in names
        }
        lacking = {field for field in roles if not getattr(element, field)}
        result.append(replace(element, **roles) if lacking else element)
    return tuple(result)


def _hierarchy(values: _Values) -> Hierarchy:
    return Hierarchy(
        name=values.text("name") or "",
        kind=values.text("kind") or "",
        label=values.text("label"),
        levels=values.names("levels"),
        parent=values.names("parent"),
        child=values.names("child"),
        association=values.text("association"),
        custom=values.pairs("custom"),
    )


def _association(values: _Values) -> Association:
    return Association(
        name=values.text("name") or "",
        target=values.text("target") or "",
        target_space=values.text("space"),
        label=values.text("label"),
        pairs=tuple((own, target) for own, target in values.tuples("columns", _LINK)),
        composition=values.flag("composition") or False,
        cardinality=values.text("cardinality"),
        custom=values.pairs("custom"),
    )


def _variable(values: _Values) -> Variable:
    return Variable(
        name=values.text("name") or "",
        type=values.sap("type") or UNTYPED,
        label=values.text("label"),
        mandatory=values.flag("mandatory"),
        default=values.exact("default"),
        kind=values.text("kind"),
        column=values.text("column"),
        description=values.text("description"),
        custom=values.pairs("custom"),
    )


def _source(values: _Values) -> ModelSource:
    return ModelSource(
        role=values.text("role") or "",
        name=values.text("name") or "",
        target_space=values.text("space") or "",
        target=values.text("target") or "",
        label=values.text("label"),
        associations=values.names("associations"),
    )


_Decoder = Callable[[_Values, str], Any]

_DECODERS: Final[Mapping[Codec, _Decoder]] = {
    Codec.TEXT: _Values.text,
    Codec.WORD: lambda values, key: values.word(key, Usage),
    Codec.MARK: lambda values, key: values.flag(key) or False,
    Codec.FLAG: _Values.flag,
    Codec.TYPE: _Values.sap,
    Codec.NAMES: _Values.names,
    Codec.TRIPLES: _Values.triples,
    Codec.OBJECT: _Values.ordered,
    Codec.HIERARCHIES: lambda values, key: tuple(map(_hierarchy, values.records(key))),
    Codec.ASSOCIATIONS: lambda values, key: tuple(map(_association, values.records(key))),
    Codec.VARIABLES: lambda values, key: tuple(map(_variable, values.records(key))),
    Codec.SOURCES: lambda values, key: tuple(map(_source, values.records(key))),
}
"""The decoder of a field, by the codec of its key. Derived keys have no field."""


def _rows(keys: Iterable[Key]) -> tuple[tuple[str, str, _Decoder], ...]:
    """Return key, field and decoder of every key that holds one field."""
    return tuple((key.name, key.attribute, _DECODERS[key.codec]) for key in keys if key.attribute)


_TABLE_ROWS: Final = _rows(TABLE_KEYS)
_COLUMN_ROWS: Final = _rows(COLUMN_KEYS)
