"""Column lineage of views: plain and renamed columns, expressions, joins, unions, subqueries.

A column that this small reader does not understand is not judged, and neither is one of a source
whose columns are not at hand. Only the next object upstream is named, never an alias.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools.fidelity.csn.document import Definition, Document, World, elements_of, is_link
from tools.fidelity.csn.expressions import Read, infix_filters, reads, steps_of, tokens

_STRENGTH: Final = ("direct", "renamed", "computed", "aggregated")
_SELF: Final = frozenset({"$self", "$projection"})
_OPEN: Final = frozenset({"expand", "inline", "excluding"})

Origins = dict[tuple[str, str], frozenset[str]]
"""Columns of origin by object and name, each with the words that may describe how."""

Columns = dict[str, Origins | None]
"""Origins by column; None stands for a column that is not judged."""


@dataclass(slots=True)
class Source:
    """One source of a query: an object, or a subquery with its columns."""

    name: str = ""
    definition: Definition | None = None
    document: Document | None = None
    columns: Columns | None = None

    def knows(self, column: str) -> bool | None:
        """Return whether the source has a column, None where that is not known."""
        if self.columns is not None:
            return column in self.columns
        return None if self.definition is None else column in elements_of(self.definition)

    def links(self, name: str) -> bool:
        """Return whether an element is an association."""
        return is_link(elements_of(self.definition).get(name, {}))


@dataclass(slots=True)
class Reading:
    """The content of a query.

    `formulas`: tokens by column; an empty list stands for a formula that is not judged.
    `conditions`: columns that filters and joins read.
    `ends`: targets of associations that are named without a column.
    `possible`: objects that only a condition reads.
    `whole`: False where a part of the query was not understood.
    """

    columns: Columns = field(default_factory=dict)
    formulas: dict[str, list[str]] = field(default_factory=dict)
    filters: list[list[str]] = field(default_factory=list)
    objects: dict[str, None] = field(default_factory=dict)
    conditions: dict[tuple[str, str], None] = field(default_factory=dict)
    ends: dict[str, None] = field(default_factory=dict)
    possible: dict[str, None] = field(default_factory=dict)
    whole: bool = True


def query_of(entity: Definition) -> Definition | None:
    """Return the query of a view, None for a table and for SQL text without a query."""
    query = entity.get("query")
    if isinstance(query, Mapping):
        return query
    projection = entity.get("projection")
    return {"SELECT": projection} if isinstance(projection, Mapping) else None


class QueryReader:
    """Reads one query of a document."""

    def __init__(self, world: World, document: Document) -> None:
        self._world = world
        self._document = document

    def read(self, query: Definition) -> Reading:
        """Return the content of a query."""
        reading = Reading()
        reading.columns = self._query(query, reading)
        if "SET" in query:
            # Each branch may have a formula of its own: which one counts is open.
            reading.formulas = {name: [] for name in reading.columns}
        return reading

    def _query(self, query: Definition, reading: Reading) -> Columns:
        if "SET" in query:
            return self._union(query["SET"], reading)
        if "SELECT" in query:
            return self._select(query["SELECT"], reading)
        reading.whole = False
        return {}

    def _union(self, union: Definition, reading: Reading) -> Columns:
        """Return the columns of a union, which meet by place."""
        branches = [self._query(one, reading) for one in union.get("args", [])]
        lengths = {len(branch) for branch in branches}
        if len(lengths) != 1 or union.get("op", "union") != "union" or not reading.whole:
            reading.whole = False
            return dict.fromkeys(branches[0]) if branches else {}
        first, *others = branches
        columns = dict(first)
        for branch in others:
            for name, origins in zip(first, branch.values(), strict=True):
                columns[name] = _joined(columns[name], _renamed(origins, name))
        return {name: _renamed(origins, name) for name, origins in columns.items()}

    def _select(self, select: Definition, reading: Reading) -> Columns:
        scope = self._scope(select, reading)
        result: Columns = {}
        written = select.get("columns", ["*"])
        for column in written:
            if column == "*":
                result |= self._star(scope, select)
            elif isinstance(column, Mapping):
                self._column(column, scope, result, reading)
        for key in ("where", "having"):
            if key in select:
                reading.filters.append(list(tokens(select[key])))
                self._condition(select[key], scope, result, reading)
        for condition in _joins(select.get("from")):
            self._condition(condition, scope, result, reading)
        return result

    def _condition(
        self, condition: Any, scope: Mapping[str, Source], result: Columns, reading: Reading
    ) -> None:
        """Add the columns that a condition reads, and the objects at the ends of its paths."""
        beside = Reading()
        found = reads(condition)
        for read in found or []:
            for place in self._origins(read.steps, scope, result, beside) or ():
                reading.conditions[place] = None
        reading.possible |= beside.objects | beside.ends
        reading.whole &= found is not None and beside.whole

    def _scope(self, select: Definition, reading: Reading) -> dict[str, Source]:
        """Return the sources of a SELECT by alias, and its mixins as associations of no source."""
        scope = dict(self._sources(select.get("from", {}), reading))
        mixin = select.get("mixin", {})
        if mixin:
            scope[""] = Source(definition={"elements": mixin}, document=self._document)
        return scope

    def _sources(self, node: Any, reading: Reading) -> Iterator[tuple[str, Source]]:
        if "args" in node and "join" in node:
            for arg in node["args"]:
                yield from self._sources(arg, reading)
        elif "ref" in node:
            steps = steps_of(node)
            reading.filters += [list(tokens(one)) for one in infix_filters(node)]
            source = self._object(steps, reading)
            yield str(node.get("as") or steps[-1].rpartition(".")[2]), source
        elif {"SELECT", "SET"} & set(node):
            yield str(node.get("as", "")), self._subquery(node, reading)
        else:
            reading.whole = False

    def _subquery(self, node: Definition, reading: Reading) -> Source:
        """Return a subquery as a source: its formulas are none of the query around it."""
        formulas, reading.formulas = reading.formulas, {}
        source = Source(columns=self._query(node, reading))
        reading.formulas = formulas
        return source

    def _object(self, steps: tuple[str, ...], reading: Reading) -> Source:
        """Return the object at the end of a path in FROM."""
        source = self._named(self._document, steps[0])
        for step in steps[1:]:
            followed = self._followed(source, step)
            if followed is None:
                reading.whole = False
                return Source()
            reading.objects[source.name] = None
            source = followed
        reading.objects[source.name] = None
        return source

    def _named(self, document: Document, name: str) -> Source:
        found = self._world.find(document, name)
        definition = found[0].definitions.get(found[1]) if found else None
        return Source(self._local(document, name), definition, found[0] if found else None)

    def _local(self, document: Document, name: str) -> str:
        """Return the name of an object from the point of view of the document that is read."""
        plain = document.object_name(name)
        full = plain if document.space == self._document.space else f"{document.space}.{plain}"
        return full.removeprefix(self._document.space + ".")

    def _followed(self, source: Source, step: str) -> Source | None:
        """Return the target of an association of a source."""
        link = elements_of(source.definition).get(step, {})
        if not is_link(link) or source.document is None:
            return None
        return self._named(source.document, str(link.get("target", "")))

    def _star(self, scope: Mapping[str, Source], select: Definition) -> Columns:
        columns: Columns = {}
        hidden = select.get("excluding") or []
        for alias, source in scope.items():
            if not alias:
                continue
            if source.columns is not None:
                found: Columns = {n: _renamed(o, n) for n, o in source.columns.items()}
            else:
                names = elements_of(source.definition).items()
                found = {
                    name: {(source.name, name): frozenset({"direct"})}
                    for name, element in names
                    if not is_link(element)
                }
            columns |= {name: one for name, one in found.items() if name not in hidden}
        return columns

    def _column(
        self, column: Definition, scope: Mapping[str, Source], result: Columns, reading: Reading
    ) -> None:
        if _OPEN & set(column) or {"SELECT", "SET"} & set(column):
            name = str(column.get("as") or column.get("ref", [""])[-1])
            result[name] = None
            reading.whole = False
            return
        if "ref" in column:
            steps = steps_of(column)
            name = str(column.get("as") or steps[-1])
            origins = {} if column.get("param") else self._origins(steps, scope, result, reading)
            result[name] = _cast(_renamed(origins, name), column)
            words = {word for how in (result[name] or {}).values() for word in how}
            if not words or words - {"direct", "renamed"}:
                reading.formulas[name] = []
            return
        name = str(column.get("as") or column.get("func") or "")
        result[name] = self._computed(column, scope, result, reading)
        computed = "xpr" in column or "func" in column
        reading.formulas[name] = list(tokens(column)) if computed else []

    def _computed(
        self, column: Definition, scope: Mapping[str, Source], result: Columns, reading: Reading
    ) -> Origins | None:
        found = reads(column)
        if found is None:
            reading.whole = False
            return None
        merged: Origins | None = {}
        for read in found:
            origins = self._origins(read.steps, scope, result, reading)
            merged = _joined(merged, _strengthened(origins, read))
        return merged

    def _origins(
        self,
        steps: tuple[str, ...],
        scope: Mapping[str, Source],
        result: Columns,
        reading: Reading,
    ) -> Origins | None:
        """Return the columns that a reference stands for."""
        if steps[0] in _SELF:
            return result.get(steps[1]) if steps[1:] else None
        source, rest = self._start(steps, scope)
        if source is None:
            reading.whole = reading.whole and not steps[1:]
            return None
        for step in rest[:-1]:
            followed = self._followed(source, step)
            if followed is None:
                reading.whole = False
                return None
            reading.objects[followed.name] = None
            source = followed
        if source.columns is not None:
            return source.columns.get(rest[-1])
        if source.links(rest[-1]):
            target = self._followed(source, rest[-1])
            reading.ends |= {target.name: None} if target else {}
            return {}
        return {(source.name, rest[-1]): frozenset({"direct", "renamed"})} if source.name else None

    def _start(
        self, steps: tuple[str, ...], scope: Mapping[str, Source]
    ) -> tuple[Source | None, tuple[str, ...]]:
        """Return the source that a reference begins in, None where that is not certain."""
        by_name = [one for one in scope.values() if one.name == steps[0]]
        named = [scope[steps[0]]] if steps[0] in scope else by_name
        if named and steps[1:]:
            return named[0], steps[1:]
        known = [source for source in scope.values() if source.knows(steps[0])]
        if steps[1:]:
            known = [source for source in known if source.links(steps[0])]
        if len(known) == 1:
            return known[0], steps
        plain = [source for alias, source in scope.items() if alias]
        single = len(plain) == 1 and not known
        return (plain[0] if single and plain[0].knows(steps[0]) is None else None), steps


def _joins(node: Any) -> Iterator[Any]:
    """Yield the conditions of all joins of a FROM clause."""
    if isinstance(node, Mapping) and "join" in node:
        for arg in node.get("args", []):
            yield from _joins(arg)
        if node.get("on"):
            yield node["on"]


def _renamed(origins: Origins | None, name: str) -> Origins | None:
    """Return origins with the word for handing a column through under a name.

    A column that a subquery renames and the query names back is either.
    """
    if origins is None:
        return None
    result = {}
    for place, how in origins.items():
        if how <= {"direct", "renamed"}:
            back = how == {"renamed"} and place[1] == name
            plain = frozenset({"direct" if place[1] == name else "renamed"})
            result[place] = frozenset({"direct", "renamed"}) if back else plain
        else:
            result[place] = how
    return result


def _cast(origins: Origins | None, column: Definition) -> Origins | None:
    """Return origins of a column with a declared type: whether that computes is open."""
    if origins is None or "cast" not in column:
        return origins
    return {place: how | {"computed"} for place, how in origins.items()}


def _strengthened(origins: Origins | None, read: Read) -> Origins | None:
    if origins is None:
        return None
    strength = _STRENGTH.index(read.how)
    return {
        place: frozenset(_STRENGTH[max(strength, _STRENGTH.index(word))] for word in how)
        for place, how in origins.items()
    }


def _joined(one: Origins | None, other: Origins | None) -> Origins | None:
    """Return the origins of both, each with its strongest word."""
    if one is None or other is None:
        return None
    merged = dict(one)
    for place, how in other.items():
        known = merged.get(place)
        merged[place] = how if known is None else _strongest(known, how)
    return merged


def _strongest(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return frozenset({max(a, b, key=_STRENGTH.index) for a in one for b in other})
