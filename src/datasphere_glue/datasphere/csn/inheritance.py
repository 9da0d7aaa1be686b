"""Completes a model by its sources: what it does not say of a column, the exposed column says.

An element of an analytic model has no type, aggregation or semantic link of its own. Its layer maps
it to a column of a fact or dimension, and the annotations of that column hold for it (SAP's editor
of analytic models; its exports). Links name columns of the model, so a link is followed only to a
column that the model shows from the same source. A restricted measure is its base measure under a
condition. A calculated one has a type, but no aggregation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from datasphere_glue.datasphere.csn.column_matching import match_columns
from datasphere_glue.datasphere.csn.formulas import INTEGER, free_names, is_number, result_type
from datasphere_glue.datasphere.csn.measures import is_calculated, is_conversion, is_count
from datasphere_glue.datasphere.csn.models import KEY_MARK
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.errors import first_few
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import Variable
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.sap_type import SapType

_TEXT: Final = SapType("cds.String")
_OF_COLUMNS: Final = (
    *("label", "description", "semantics", "default", "values", "personal_data"),
    *("text_association", "is_text", "is_currency", "is_unit"),
)
"""Fields that a column takes as they are from the column that it exposes."""
_UNKNOWN: Final = "its type is not known; kept as text"
_NO_TYPE: Final = "a member of a structure has no type; kept as text"
_SHOWN: Final = 20
"""Names that a note lists at most."""
_HANDED: Final = frozenset({"direct", "renamed"})
_DEEPEST: Final = 40
"""Models on models, and measures on measures, that are followed at most."""

Place = tuple[str, str, str]
"""Space, object and column."""


@dataclass(slots=True)
class Gaps:
    """What could not be resolved.

    `sources`: objects whose definition was not read.
    `columns`: columns that a source does not have.
    `links`: currencies and units of a source that the model does not show.
    `types`: columns without a known type.
    """

    sources: dict[str, None] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    types: dict[str, None] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """Yield a note for each sort of gap, and one for each column without a type."""
        for names, what in (
            (self.sources, "the definitions of these sources cannot be read"),
            (self.columns, "these columns are not in their source"),
            (self.links, "these currencies and units are not in the model"),
        ):
            if names:
                yield f"{what}: {first_few(list(names), _SHOWN)}"
        yield from (f"the type of column {name} is not known" for name in self.types)


def inherit(
    definition: Definition, odata: Iterable[Element], sources: Mapping[str, Definition]
) -> tuple[Asset, Gaps]:
    """Return an asset with what its columns take from their sources, and what is unresolved.

    A type comes from the same column in the analytical EDMX (`odata`), else from the source.
    `sources` holds those definitions by `SPACE.object`, through any depth.
    """
    published = {element.name: element for element in odata if element.type != UNTYPED}
    links = {link.name for link in definition.asset.associations}
    pairs = match_columns(definition.asset.elements, published.values(), links)
    types = {column.name: published[name].type for name, column in pairs.items()}
    heir = _Heir(definition, types, sources, frozenset())
    return heir.asset(), heir.gaps


def exposed_columns(element: Element) -> tuple[Place, ...]:
    """Return the columns that a column exposes: by its layer, else by a query that types nothing.

    A view states its own columns. One without types is not compiled, so each plain column still is
    the one that it names.
    """
    if element.sources or element.type != UNTYPED or element.unread:
        return element.sources
    if any(one.how not in _HANDED for one in element.lineage):
        return ()
    places = ((one.object.partition("."), one.column) for one in element.lineage)
    return tuple((space, name, column) for (space, _, name), column in places)


class _Origin(NamedTuple):
    """A column that another one exposes; `alias` is None for a column of the model itself."""

    alias: str | None
    space: str
    object: str
    element: Element


class _Heir:
    """One asset while its columns are completed; `inside` names the models built on it."""

    def __init__(
        self,
        definition: Definition,
        types: Mapping[str, SapType],
        sources: Mapping[str, Definition],
        inside: frozenset[str],
    ) -> None:
        self.gaps = Gaps()
        self._asset = definition.asset
        self._aliases = dict(definition.routes.aliases)
        self._operands = dict(definition.routes.operands)
        self._types = types
        self._sources = sources
        self._own = (definition.asset.space, definition.asset.name)
        self._inside = inside | {".".join(self._own)}
        columns = (*definition.asset.elements, *definition.routes.auxiliary)
        self._columns = {element.name: element for element in columns}
        self._members = {one.name for one in definition.asset.cross_calculations}
        self._shown: dict[tuple[str, Place], str] = {}
        for element in definition.asset.elements:
            for alias, place in self._places(element):
                self._shown.setdefault((alias, place), element.name)
        self._completed: dict[str, Element] = {}
        self._open: set[str] = set()
        self._read: dict[str, Mapping[str, Element] | None] = {}

    def asset(self) -> Asset:
        """Return the asset with completed columns and variables."""
        elements = tuple(self._element(element.name) for element in self._asset.elements)
        elements = tuple(self._with_lineage(element) for element in elements)
        types = {element.name: element.type for element in elements}
        variables = tuple(self._variable(variable, types) for variable in self._asset.variables)
        return replace(self._asset, elements=elements, variables=variables)

    def _places(self, element: Element) -> Iterator[tuple[str, Place]]:
        """Yield the columns that a column exposes, with the model's name of each source."""
        places = exposed_columns(element)
        aliases = self._aliases.get(element.name, ())
        if len(aliases) != len(places):
            aliases = tuple(f"{space}.{name}" for space, name, _ in places)
        return zip(aliases, places, strict=True)

    def _element(self, name: str) -> Element:
        element = self._columns[name]
        if name in self._completed or name in self._open or len(self._open) > _DEEPEST:
            return self._completed.get(name, element)
        self._open.add(name)
        origins = [] if name in self._members else list(self._origins(element))
        completed = self._typed(self._inherited(element, origins), origins)
        self._open.remove(name)
        self._completed[name] = completed
        return completed

    def _with_lineage(self, element: Element) -> Element:
        """Return a measure that is made from others with the columns of the sources behind them."""
        counts = is_count(element.measure_kind)
        own = [column for *place, column in element.sources if tuple(place) == self._own]
        used = element.distinct_columns if counts else self._operands.get(element.name, ())
        waiting = own if own or not (counts or is_calculated(element)) else list(used)
        if element.lineage or not element.measure or not waiting:
            return element
        how = "aggregated" if counts else "computed"
        places = dict.fromkeys(self._upstream(waiting))
        return replace(element, lineage=tuple(Origin(name, c, how) for name, c in places))

    def _upstream(self, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield (object, column) of the sources behind columns of the model, through any others."""
        waiting = list(reversed(list(columns)))
        seen: set[str] = set()
        while waiting:
            element = self._columns.get(waiting.pop())
            if element is None or element.name in seen:
                continue
            seen.add(element.name)
            inner = list(self._operands.get(element.name, ())) if is_calculated(element) else []
            for space, name, column in element.sources:
                if (space, name) == self._own:
                    inner.append(column)
                else:
                    yield f"{space}.{name}", column
            waiting += reversed((*inner, *element.distinct_columns))

    def _origins(self, element: Element) -> Iterator[_Origin]:
        if is_calculated(element):
            return
        for alias, (space, name, column) in self._places(element):
            if (space, name) == self._own:
                if column in self._columns:
                    yield _Origin(None, space, name, self._element(column))
                else:
                    self.gaps.columns[f"{space}.{name}.{column}"] = None
                continue
            columns = self._columns_of(f"{space}.{name}")
            if columns is not None and column in columns:
                yield _Origin(alias, space, name, columns[column])
            elif columns is not None:
                self.gaps.columns[f"{space}.{name}.{column}"] = None

    def _columns_of(self, source: str) -> Mapping[str, Element] | None:
        """Return the completed columns of a source, None if its definition was not read."""
        if source not in self._read:
            definition = self._sources.get(source)
            if definition is None:
                self._read[source] = None
                self.gaps.sources[source] = None
            elif source in self._inside or len(self._inside) > _DEEPEST:
                self._read[source] = {e.name: e for e in definition.asset.elements}
            else:
                heir = _Heir(definition, {}, self._sources, self._inside)
                self._read[source] = {e.name: e for e in heir.asset().elements}
                self.gaps.sources |= heir.gaps.sources
        return self._read[source]

    def _inherited(self, element: Element, origins: list[_Origin]) -> Element:
        """Return a column with what it takes from the columns that it exposes."""
        exposed = [origin for origin in origins if origin.alias is not None]
        values: dict[str, Any] = {}
        for name in _OF_COLUMNS:
            values[name] = _first(exposed, name)
        values["text"] = self._link(exposed, "text")
        values["association"] = self._association(element, exposed)
        if element.measure:
            values["aggregation"] = _first(origins, "aggregation")
            values["non_additive"] = _first(origins, "non_additive")
        if element.measure and not element.exception_aggregation:
            values |= self._exception(origins)
        if not is_conversion(element.measure_kind):
            values |= self._amount(element, origins, "currency")
            values |= self._amount(element, origins, "unit")
        new = {
            name: value for name, value in values.items() if value and not getattr(element, name)
        }
        return replace(element, **new) if new else element

    def _amount(self, element: Element, origins: list[_Origin], sort: str) -> dict[str, str | None]:
        """Return the currency or the unit: a column of the model, or the same in all rows."""
        if getattr(element, sort) or getattr(element, f"{sort}_value"):
            return {}
        for origin in origins:
            fixed, column = getattr(origin.element, f"{sort}_value"), getattr(origin.element, sort)
            if fixed or column:
                shown = self._shown_as(origin, column) if column else None
                if column and not shown:
                    self.gaps.links[f"{column} of {element.name}"] = None
                return {sort: shown, f"{sort}_value": fixed}
        return {}

    def _exception(self, origins: list[_Origin]) -> dict[str, Any]:
        for origin in origins:
            if origin.element.exception_aggregation:
                columns = (self._shown_as(origin, c) for c in origin.element.exception_columns)
                return {
                    "exception_aggregation": origin.element.exception_aggregation,
                    "exception_columns": tuple(filter(None, columns)),
                }
        return {}

    def _link(self, origins: list[_Origin], name: str) -> str | None:
        """Return the column of the model behind a link of the first source that has one."""
        for origin in origins:
            column = getattr(origin.element, name)
            if column:
                return self._shown_as(origin, column)
        return None

    def _shown_as(self, origin: _Origin, column: str) -> str | None:
        """Return the name under which the model shows a column of the same source."""
        if origin.alias is None:
            return column if column in self._columns else None
        own = self._shown.get((origin.alias, (origin.space, origin.object, column)))
        return own or self._shown_of_dimension(column)

    def _shown_of_dimension(self, path: str) -> str | None:
        """Return the name of a dimension's column by its path in the fact, None if two share it."""
        shown = set()
        for source in self._asset.model_sources:
            steps = "".join(f"{step}." for step in source.associations)
            if steps and path.startswith(steps):
                place = source.target_space, source.target, path.removeprefix(steps)
                shown.add(self._shown.get((source.name, place)))
        return shown.pop() if len(shown) == 1 else None

    def _association(self, element: Element, origins: list[_Origin]) -> str | None:
        """Return the foreign key of a source, by the name that the model gives it, if any."""
        name = next((o.element.association for o in origins if o.element.association), None)
        if name is None:
            return None
        own = [link.name for link in self._asset.associations]
        renamed = (link for link in own if link.partition(KEY_MARK)[0] == name)
        paired = (
            link.name
            for link in self._asset.associations
            if [column for column, _ in link.pairs] == [element.name]
        )
        return next(iter((*renamed, *paired, name)))

    def _typed(self, element: Element, origins: list[_Origin]) -> Element:
        """Return a column with its type; one that stays without says so."""
        kind = element.type
        if kind == UNTYPED:
            kind = self._types.get(element.name) or self._type_of(element, origins)
        if kind == UNTYPED and element.name in self._members:
            return replace(element, unread=element.unread or _NO_TYPE)
        if kind == UNTYPED:
            self.gaps.types[element.name] = None
            return replace(element, unread=element.unread or _UNKNOWN)
        return element if kind is element.type else replace(element, type=kind)

    def _type_of(self, element: Element, origins: list[_Origin]) -> SapType:
        typed = (o.element.type for o in origins if o.element.type != UNTYPED)
        kind = next(typed, UNTYPED)
        counts = is_count(element.measure_kind) or (element.aggregation or "").startswith("COUNT")
        if counts and element.measure and not is_number(kind):
            return INTEGER
        if kind != UNTYPED or not element.formula or not is_calculated(element):
            return kind
        operands = self._operands.get(element.name, ())
        types = [self._element(name).type for name in operands]
        known = UNTYPED not in types and not free_names(element.formula, operands)
        return result_type(element.formula, filter(is_number, types)) if known else UNTYPED

    def _variable(self, variable: Variable, types: Mapping[str, SapType]) -> Variable:
        """Return a variable with the type of its column, or of the parameter it is given to."""
        if variable.type != UNTYPED:
            return variable
        column = types.get(variable.column or "", UNTYPED)
        bound = (
            parameter.type
            for source in self._asset.model_sources
            for one in source.parameters
            if one.variable == variable.name
            for parameter in self._parameters(f"{source.target_space}.{source.target}")
            if parameter.name == one.name
        )
        known = (kind for kind in (column, *bound) if kind != UNTYPED)
        return replace(variable, type=next(known, _TEXT))

    def _parameters(self, source: str) -> tuple[Variable, ...]:
        definition = self._sources.get(source)
        return () if definition is None else definition.asset.variables


def _first(origins: Iterable[_Origin], name: str) -> Any:
    values = (getattr(origin.element, name) for origin in origins)
    return next((value for value in values if value), None)
