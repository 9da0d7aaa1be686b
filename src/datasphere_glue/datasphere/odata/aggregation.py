"""Reads which properties of an entity type are measures, and how they are aggregated by default.

Follows the Aggregation vocabulary of OASIS (Org.OData.Aggregation.V1) and the Analytics vocabulary
of SAP (com.sap.vocabularies.Analytics.v1). Both stand on an entity type, its set or the container.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from datasphere_glue.datasphere.odata.expressions import paths_of, records_of
from datasphere_glue.datasphere.odata.property_names import PropertyNames
from datasphere_glue.datasphere.odata.vocabulary import Annotation, ODataAnnotations
from datasphere_glue.datasphere.values import as_text, text_at

_DEFAULTS: Final = (
    "aggregation.default",
    "analytics.defaultaggregation",
    "analytics.aggregationmethod",
    "analytics.aggregation",
    "aggregation.recommendedaggregationmethod",
    "aggregation.customaggregate",
)
_CUSTOM_AGGREGATE: Final = "aggregation.customaggregate#"
_APPLY: Final = "aggregation.applysupported"
_AGGREGATED: Final = "analytics.aggregatedpropert"
"""The start of `AggregatedProperty` and of its elder form `AggregatedProperties`."""

_CONTEXT: Final = "analytics.analyticalcontext"
_TYPES: Final = ("EDM.", "COLLECTION(")
_COUNTED: Final = "COUNTDISTINCT"
"""The only method that makes no measure of what it counts."""


@dataclass(slots=True)
class Roles:
    """What the annotations of an entity type say about its properties, by exact names.

    `measures`, `dimensions`: properties that are declared to be such.
    `aggregatable`, `groupable`: properties that consumers can use as such.
    `methods`: default aggregation of a property.
    `custom`: (term, value) of further annotations of a measure.
    """

    measures: set[str] = field(default_factory=set)
    dimensions: set[str] = field(default_factory=set)
    aggregatable: set[str] = field(default_factory=set)
    groupable: set[str] = field(default_factory=set)
    methods: dict[str, str] = field(default_factory=dict)
    custom: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def is_measure(self, name: str, annotations: ODataAnnotations) -> bool:
        """Return whether a property is a measure; what the property itself says counts first."""
        own = annotations.flag("analytics.measure")
        if own or "analytics.measure" in annotations.by_term:
            return own
        if name in self.measures or annotations.value("analytics.accumulativemeasure") is True:
            return True
        only_aggregatable = self._can(name, annotations) == (True, False)
        return only_aggregatable and not annotations.flag("analytics.dimension")

    def is_dimension(self, name: str, annotations: ODataAnnotations) -> bool:
        """Return whether a property is a dimension; what the property itself says counts first."""
        own = annotations.flag("analytics.dimension")
        if own or "analytics.dimension" in annotations.by_term:
            return own
        if name in self.dimensions:
            return True
        only_groupable = self._can(name, annotations) == (False, True)
        return only_groupable and not self.is_measure(name, annotations)

    def _can(self, name: str, annotations: ODataAnnotations) -> tuple[bool, bool]:
        """Return whether a property can be aggregated, and whether it can be grouped by."""
        tags = [annotations.flag(f"aggregation.{tag}") for tag in ("aggregatable", "groupable")]
        return tags[0] or name in self.aggregatable, tags[1] or name in self.groupable


def default_aggregation(annotations: ODataAnnotations) -> str | None:
    """Return the aggregation that a property states, as one upper-case word.

    The text of a custom aggregate is normally its type, which is not an aggregation.
    """
    for term in _DEFAULTS:
        method = _method(annotations.value(term))
        if method:
            annotations.used.add(term)
            return method
    return None


def read_roles(
    entity: ODataAnnotations, container: ODataAnnotations, names: PropertyNames
) -> Roles:
    """Return what an entity type and its container say about the properties of these names."""
    roles = Roles()
    for annotations in (entity, container):
        _read_custom_aggregates(roles, annotations, names)
    _read_context(roles, entity, names)
    _read_aggregated(roles, entity, names)
    _read_apply(roles, entity, names)
    return roles


def _read_custom_aggregates(
    roles: Roles, annotations: ODataAnnotations, names: PropertyNames
) -> None:
    """Add the measures that custom aggregates name by their qualifiers.

    A custom aggregate of the name of a property is the default aggregation of that property.
    """
    for term, annotation in annotations.by_term.items():
        name = names.find(_qualifier(annotation)) if term.startswith(_CUSTOM_AGGREGATE) else None
        if name is None:
            continue
        annotations.used.add(term)
        roles.measures.add(name)
        inner = ODataAnnotations(dict(annotation.inner))
        method = default_aggregation(inner) or _method_of(annotation)
        if method:
            roles.methods.setdefault(name, method)
        rest = [(one.term, as_text(one.value)) for one in inner.unused()]
        roles.custom.setdefault(name, []).extend(rest)


def _read_context(roles: Roles, entity: ODataAnnotations, names: PropertyNames) -> None:
    for term, annotation in _with_prefix(entity, _CONTEXT):
        records = records_of(annotation.value)
        columns = [_column(record, "Property", names) for record in records]
        for column, record in zip(columns, records, strict=True):
            if column is not None and record.get("Dimension") is True:
                roles.dimensions.add(column)
            if column is not None and True in (
                record.get("Measure"),
                record.get("AccumulativeMeasure"),
            ):
                roles.measures.add(column)
        if columns and None not in columns:
            entity.used.add(term)


def _read_aggregated(roles: Roles, entity: ODataAnnotations, names: PropertyNames) -> None:
    """Add the properties that are aggregated by one method alone; other aggregates stay custom."""
    methods: dict[str, set[str]] = {}
    columns: dict[str, list[str | None]] = {}
    for term, annotation in _with_prefix(entity, _AGGREGATED):
        for record in records_of(annotation.value):
            column = _column(record, "AggregatableProperty", names)
            columns.setdefault(term, []).append(column)
            if column is not None:
                method = _method(record.get("AggregationMethod"))
                methods.setdefault(column, set()).update([method] if method else [])
    single = {c: one for c, (one, *more) in _nonempty(methods) if not more and one != _COUNTED}
    roles.aggregatable |= {column for column, found in methods.items() if found != {_COUNTED}}
    roles.methods = {**single, **roles.methods}
    entity.used |= {term for term, found in columns.items() if all(c in single for c in found)}


def _nonempty(methods: Mapping[str, set[str]]) -> Iterator[tuple[str, list[str]]]:
    return ((column, sorted(found)) for column, found in methods.items() if found)


def _read_apply(roles: Roles, entity: ODataAnnotations, names: PropertyNames) -> None:
    """Add what a service can aggregate and group by; its other abilities are not kept."""
    for record in entity.records(_APPLY):
        groupable = (names.find(path) for path in paths_of(record.get("GroupableProperties")))
        roles.groupable |= {name for name in groupable if name is not None}
        value = record.get("AggregatableProperties")
        roles.aggregatable |= {n for p in paths_of(value) if (n := names.find(p)) is not None}
        for one in records_of(value):
            _add_aggregatable(roles, one, names)


def _add_aggregatable(roles: Roles, record: Mapping[str, Any], names: PropertyNames) -> None:
    column = _column(record, "Property", names)
    supported = record.get("SupportedAggregationMethods")
    methods = {_method(one) for one in supported} if isinstance(supported, list) else set()
    recommended = _method(record.get("RecommendedAggregationMethod"))
    if column is None or _COUNTED in (recommended, *(methods if len(methods) == 1 else ())):
        return
    roles.aggregatable.add(column)
    method = recommended or (next(iter(methods)) if len(methods) == 1 else None)
    if method:
        roles.methods.setdefault(column, method)


def _with_prefix(annotations: ODataAnnotations, prefix: str) -> Iterator[tuple[str, Annotation]]:
    return ((t, a) for t, a in list(annotations.by_term.items()) if t.startswith(prefix))


def _column(record: Mapping[str, Any], member: str, names: PropertyNames) -> str | None:
    path = text_at(record, member)
    return names.find(path) if path else None


def _qualifier(annotation: Annotation) -> str:
    return annotation.term.partition("#")[2]


def _method_of(annotation: Annotation) -> str | None:
    """Return the method in place of the type of a custom aggregate, which has a namespace."""
    method = _method(annotation.value)
    return None if method is None or "." in method else method


def _method(value: Any) -> str | None:
    """Return a method as one upper-case word; None for a type, or no text."""
    if not isinstance(value, str):
        return None
    word = value.rpartition("/")[2].removeprefix("#").upper()
    return word if word and not word.startswith(_TYPES) else None
