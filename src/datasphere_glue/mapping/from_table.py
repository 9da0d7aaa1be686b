"""A Glue table in, the asset out: the way back of `context` and `tables`.

Parameters alone are read. Comments and descriptions are for people to edit, and Glue's types say
less than SAP's. Whatever the parameters hold, an asset comes out: what cannot be understood is
absent from it and named among the flaws.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from datasphere_glue.mapping.context import (
    COLUMN_LISTS,
    COLUMN_TEXTS,
    PAIRS,
    POSITION,
    ROLES,
    TABLE_LISTS,
    TABLE_TEXTS,
    UNTYPED,
    Pairs,
)
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
from datasphere_glue.model.table import PREFIX, Column, Parameters, Table

_NAMED: Final = {"keys": "key", "dimensions": "dimension", "measures": "measure"}
"""The field of an element that each list of column names tells."""

_FLAGS: Final = frozenset({"key", "hidden", "nullable"})
_LISTS_OF_TABLES: Final = frozenset(TABLE_LISTS)
_LISTS_OF_COLUMNS: Final = frozenset(COLUMN_LISTS)
_ROLES: Final = frozenset(ROLES)
_LINK: Final = 2
_PLACE: Final = 3
_DIGITS: Final = 6
_EXCERPT: Final = 60

_Flaws = dict[str, str]
"""What cannot be understood, by its place: the beginning of it."""

_Word = TypeVar("_Word", bound=StrEnum)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Recovered:
    """The asset that a table was written from; `flaws` name what the table no longer tells."""

    asset: Asset
    flaws: tuple[str, ...] = ()


def asset_from_table(table: Table) -> Recovered:
    """Return the asset that a table of ours was written from, in full and in its own order.

    Lone surrogates, which no Glue text can hold, are U+FFFD, and empty texts None. Columns without
    `datasphere.name` are not SAP's and are left out.
    """
    flaws: _Flaws = {}
    said = _Said(_decoded(table.parameters, _LISTS_OF_TABLES, "table", flaws), "table", flaws)
    elements = _marked(said, _elements(table, flaws))
    texts: dict[str, Any] = {key: said.text(key) for key in TABLE_TEXTS if key != "usage"}
    asset = Asset(
        space=said.text("space") or "",
        name=said.text("name") or "",
        kind=said.word("kind", Kind) or _likely_kind(table),
        usage=said.word("usage", Usage),
        elements=elements,
        hierarchies=tuple(map(_hierarchy, said.records("hierarchies"))),
        associations=tuple(map(_association, said.records("associations"))),
        variables=tuple(map(_variable, said.records("variables"))),
        model_sources=tuple(map(_source, said.records("sources"))),
        tags=said.names("tags"),
        terms=said.names("terms"),
        lineage=said.names("lineage"),
        key_sequence=said.names("key_sequence"),
        custom=said.ordered("custom"),
        provenance=said.ordered("provenance"),
        delta=said.ordered("delta"),
        hidden=said.flag("hidden") or False,
        **texts,
    )
    return Recovered(asset, tuple(f"{at} cannot be used: {value!r}" for at, value in flaws.items()))


def _sap_name(column: Column) -> str | None:
    """Return the exact SAP name of a column, None of a column that is not SAP's."""
    return dict(column.parameters).get(PREFIX + "name")


class _Said:
    """What one set of parameters or one JSON object says, read with the type that is expected.

    Values of another type are absent and become flaws; `where` begins the text of a flaw.
    """

    def __init__(self, values: Mapping[str, Any], where: str, flaws: _Flaws) -> None:
        self._values = values
        self._where = where
        self.flaws = flaws

    def text(self, key: str) -> str | None:
        return self._of(key, str) or None

    def exact(self, key: str) -> str | None:
        """Return a text that may be empty."""
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

    def records(self, key: str) -> Iterator["_Said"]:
        for place, value in enumerate(self._items(key, dict)):
            yield _Said(value, f"{self._where}: {key}[{place}]", self.flaws)

    def pairs(self, key: str) -> Pairs:
        """Return pairs that stand as an object, or as a list where that says more."""
        if key not in self._values:
            return ()
        if isinstance(self._values.get(key), list):
            return tuple((one, other) for one, other in self.tuples(key, _LINK))
        found = self._of(key, dict) or {}
        told = {name: text for name, text in found.items() if isinstance(text, str)}
        if len(told) < len(found):
            self.flaw(key, found)
        return tuple(sorted(told.items()))

    def ordered(self, key: str) -> Pairs:
        """Return pairs in their own order, if that is kept and the object beside it agrees."""
        plain = self.pairs(key)
        if PAIRS not in self._values:
            return plain
        kept = self._of(PAIRS, dict) or {}
        exact = _Said(kept, f"{self._where}: {PAIRS}", self.flaws).pairs(key)
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


def _decoded(
    pairs: Parameters, lists: Collection[str], where: str, flaws: _Flaws
) -> dict[str, Any]:
    """Return our parameters by the last part of their key, JSON and flags decoded."""
    found: dict[str, Any] = {}
    for full, value in pairs:
        key = full.removeprefix(PREFIX)
        if key == full:
            continue
        if key not in lists and key not in _FLAGS:
            found[key] = value
            continue
        try:
            # Of a flag, "true" and "false" are JSON, too; what else it holds is no flag.
            found[key] = json.loads(value)
        except (ValueError, RecursionError):
            flaws[f"{where}: {key}"] = value[:_EXCERPT]
    return found


def _likely_kind(table: Table) -> Kind:
    return Kind.LOCAL_TABLE if table.parameter("typeOfData") == "table" else Kind.VIEW


def _elements(table: Table, flaws: _Flaws) -> list[Element]:
    """Return the elements in the asset's order: partition keys go back to where they stood."""
    found: dict[str, Element] = {}
    moved: list[tuple[int, str]] = []
    for column in (*table.columns, *table.partition_keys):
        name = _sap_name(column)
        if name is None:
            continue
        if name in found:
            flaws[f"column {column.name}: name"] = name[:_EXCERPT]
            continue
        where = f"column {column.name}"
        values = _decoded(column.parameters, _LISTS_OF_COLUMNS, where, flaws)
        found[name] = _element(name, _Said(values, where, flaws))
        place = str(values.get(POSITION, ""))
        if place.isdecimal():
            moved.append((int(place[:_DIGITS]), name))
    away = {name for _, name in moved}
    order = [name for name in found if name not in away]
    for index, name in sorted(moved):
        order.insert(index, name)
    return [found[name] for name in order]


def _element(name: str, said: _Said) -> Element:
    main = said.text("role")
    roles = said.names("roles") or ((main,) if main else ())
    for unknown in sorted(frozenset(roles) - _ROLES):
        said.flaw("role", unknown)
    flags: dict[str, Any] = {field: role in roles for role, field in ROLES.items()}
    flags["key"] |= said.flag("key") or False
    texts: dict[str, Any] = {key: said.text(key) for key in COLUMN_TEXTS}
    return Element(
        name=name,
        type=said.sap("type") or UNTYPED,
        modelled_type=said.sap("modelled_type"),
        nullable=said.flag("nullable"),
        hidden=said.flag("hidden") or False,
        semantics=said.names("semantics"),
        tags=said.names("tags"),
        terms=said.names("terms"),
        custom=said.ordered("custom"),
        sources=tuple((a, b, c) for a, b, c in said.tuples("sources", _PLACE)),
        **flags,
        **texts,
    )


def _marked(said: _Said, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Return the elements with the roles that the lists of the table tell, too.

    The roles of the columns may have been left out to keep the table small.
    """
    told = {field: frozenset(said.names(key)) for key, field in _NAMED.items()}
    marked = []
    for element in elements:
        marks: dict[str, Any] = {
            field: True for field, names in told.items() if element.name in names
        }
        lacking = {field for field in marks if not getattr(element, field)}
        marked.append(replace(element, **marks) if lacking else element)
    return tuple(marked)


def _hierarchy(said: _Said) -> Hierarchy:
    return Hierarchy(
        name=said.text("name") or "",
        kind=said.text("kind") or "",
        label=said.text("label"),
        levels=said.names("levels"),
        parent=said.names("parent"),
        child=said.names("child"),
        association=said.text("association"),
        custom=said.pairs("custom"),
    )


def _association(said: _Said) -> Association:
    return Association(
        name=said.text("name") or "",
        target=said.text("target") or "",
        target_space=said.text("space"),
        label=said.text("label"),
        pairs=tuple((own, target) for own, target in said.tuples("columns", _LINK)),
        composition=said.flag("composition") or False,
        cardinality=said.text("cardinality"),
        custom=said.pairs("custom"),
    )


def _variable(said: _Said) -> Variable:
    return Variable(
        name=said.text("name") or "",
        type=said.sap("type") or UNTYPED,
        label=said.text("label"),
        mandatory=said.flag("mandatory"),
        default=said.exact("default"),
        kind=said.text("kind"),
        column=said.text("column"),
        description=said.text("description"),
        custom=said.pairs("custom"),
    )


def _source(said: _Said) -> ModelSource:
    return ModelSource(
        role=said.text("role") or "",
        name=said.text("name") or "",
        target_space=said.text("space") or "",
        target=said.text("target") or "",
        label=said.text("label"),
        associations=said.names("associations"),
    )
