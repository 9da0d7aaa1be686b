"""Columns, associations and input parameters of a CSN entity."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations, paths_of, plain
from datasphere_glue.datasphere.csn.document import MAX_COLUMNS, Document, mapping
from datasphere_glue.datasphere.csn.links import association, external
from datasphere_glue.datasphere.csn.types import CsnTypes, is_link
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Association, Element, Hierarchy, Variable

LABELS: Final = ("EndUserText.label", "Common.Label")
DESCRIPTIONS: Final = ("EndUserText.quickInfo", "Common.QuickInfo", "Core.Description")
CALENDAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "date": "IsCalendarDate",
        "calendar.year": "IsCalendarYear",
        "calendar.halfyear": "IsCalendarHalfyear",
        "calendar.quarter": "IsCalendarQuarter",
        "calendar.month": "IsCalendarMonth",
        "calendar.week": "IsCalendarWeek",
        "calendar.dayOfMonth": "IsDayOfCalendarMonth",
        "calendar.dayOfYear": "IsDayOfCalendarYear",
        "calendar.yearHalfyear": "IsCalendarYearHalfyear",
        "calendar.yearQuarter": "IsCalendarYearQuarter",
        "calendar.yearMonth": "IsCalendarYearMonth",
        "calendar.yearWeek": "IsCalendarYearWeek",
        "fiscal.year": "IsFiscalYear",
        "fiscal.period": "IsFiscalPeriod",
        "fiscal.yearPeriod": "IsFiscalYearPeriod",
        "fiscal.quarter": "IsFiscalQuarter",
        "fiscal.yearQuarter": "IsFiscalYearQuarter",
        "fiscal.week": "IsFiscalWeek",
        "fiscal.yearWeek": "IsFiscalYearWeek",
        "fiscal.dayOfYear": "IsDayOfFiscalYear",
        "fiscal.yearVariant": "IsFiscalYearVariant",
        "language": "IsLanguageIdentifier",
    }
)
"""CDS semantics by the OData term they are published as (SAP Common vocabulary)."""

_NAVIGATED: Final = "Analytics.navigationAttributeRef"
_NO_MEASURE: Final = "NONE"
_PLAIN_PROPERTIES: Final = ("default", "localized", "virtual", "value", "enum")


@dataclass(slots=True)
class Read:
    """What has been read of one entity so far; lives for one call of `parse`."""

    document: Document
    types: CsnTypes
    key: str
    elements: list[Element] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)
    hierarchies: list[Hierarchy] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)

    def counted(self, about: CsnAnnotations) -> None:
        """Count what of these annotations was kept without being understood, or ignored."""
        self.kept.update(about.unknown())
        self.ignored.update(about.ignored())

    def text(self, about: CsnAnnotations, *terms: str) -> str | None:
        """Return the first text, translated where it is a key of translations."""
        text = about.text(*terms)
        return self.document.translated(text) if text else None


def read_elements(read: Read, entity: Mapping[str, Any]) -> None:
    """Read all elements of an entity.

    Raises:
        DocumentError: an element has the wrong form, or there are too many, with the path.

    """
    written = entity.get("elements")
    path = ("definitions", read.key, "elements")
    if written is None:
        read.notes.append("the definition has no elements")
        return
    elements = mapping(written, *path)
    if len(elements) > MAX_COLUMNS:
        raise DocumentError(f"{len(elements)} elements; at most {MAX_COLUMNS} are read", *path)
    for name, value in elements.items():
        where = (*path, name)
        element = mapping(value, *where)
        if not name:
            raise DocumentError("an element has no name", *path)
        about = CsnAnnotations(*reversed(list(read.types.chain(element))), element)
        if is_link(element):
            found, note = association(read.document, name, element, about, where)
            read.associations.append(found)
            read.notes += [note] if note else []
        else:
            read.elements.append(_column(read, name, element, about, where))
        read.counted(about)


def _column(
    read: Read,
    name: str,
    element: Mapping[str, Any],
    about: CsnAnnotations,
    path: tuple[str, ...],
) -> Element:
    read.hierarchies += external(name, about)
    aggregation = about.word("Aggregation.default", "DefaultAggregation")
    measure_type = about.word("AnalyticsDetails.measureType")
    measure = about.flag("Analytics.measure", "Analytics.Measure")
    aggregated = aggregation is not None and aggregation != _NO_MEASURE
    return Element(
        name=name,
        type=read.types.of(element, *path),
        label=read.text(about, *LABELS),
        description=read.text(about, *DESCRIPTIONS) or _doc(element),
        key=element.get("key") is True,
        nullable=_nullable(element),
        dimension=about.flag("Analytics.dimension", "Analytics.Dimension"),
        measure=measure or aggregated or measure_type is not None,
        is_text=about.flag("Semantics.text"),
        is_currency=about.flag("Semantics.currencyCode"),
        is_unit=about.flag("Semantics.unitOfMeasure"),
        aggregation=aggregation,
        currency=about.path("Semantics.amount.currencyCode", "Measures.ISOCurrency"),
        unit=about.path("Semantics.quantity.unitOfMeasure", "Measures.Unit"),
        text=about.path("ObjectModel.text.element", "Common.Text"),
        association=about.path("ObjectModel.foreignKey.association"),
        text_association=about.path("ObjectModel.text.association"),
        measure_type=measure_type,
        hidden=about.flag("Analytics.hidden", "UI.hidden", "UI.Hidden"),
        sources=_navigated(read, element, about),
        # Last, because these are what nothing above has used.
        semantics=tuple(CALENDAR.get(term, term) for term in about.flags("Semantics.")),
        custom=_custom(element, about),
    )


def _nullable(element: Mapping[str, Any]) -> bool | None:
    said = element.get("notNull")
    return not said if isinstance(said, bool) else None


def _doc(element: Mapping[str, Any]) -> str | None:
    doc = element.get("doc")
    return doc if isinstance(doc, str) and doc else None


def _custom(element: Mapping[str, Any], about: CsnAnnotations) -> tuple[tuple[str, str], ...]:
    said = {key: element[key] for key in _PLAIN_PROPERTIES if key in element}
    pairs = {k: plain(v) for k, v in said.items() if v is not None and v is not False}
    return tuple(sorted({**pairs, **dict(about.custom())}.items()))


def _navigated(
    read: Read, element: Mapping[str, Any], about: CsnAnnotations
) -> tuple[tuple[str, str, str], ...]:
    """Return the column behind an association that a column of an analytic model shows."""
    steps = () if "type" in element else paths_of(about.found.get(_NAVIGATED))
    if len(steps) != len(("association", "column")):
        return ()
    entity = read.document.known(read.key) or {}
    link = entity.get("elements", {}).get(steps[0])
    target = link.get("target") if isinstance(link, Mapping) else None
    if not isinstance(target, str):
        return ()
    about.used.add(_NAVIGATED)
    space, name = read.document.split(target)
    return ((space or read.document.space, name, steps[1]),)


def read_parameters(read: Read, entity: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Return the input parameters of an entity.

    Raises:
        DocumentError: a parameter has the wrong form, with the path.

    """
    path = ("definitions", read.key, "params")
    found = []
    for name, value in mapping(entity.get("params") or {}, *path).items():
        parameter = mapping(value, *path, name)
        about = CsnAnnotations(*reversed(list(read.types.chain(parameter))), parameter)
        default = _default(parameter.get("default"))
        found.append(
            Variable(
                name=name,
                type=read.types.of(parameter, *path, name),
                label=read.text(about, *LABELS),
                mandatory=parameter.get("default") is None,
                default=default,
                description=read.text(about, *DESCRIPTIONS),
                custom=about.custom(),
            )
        )
        read.counted(about)
    return tuple(found)


def _default(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("val", dict(value))
    return None if value is None else plain(value)
