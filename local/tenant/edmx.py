"""OData metadata documents (EDMX) rendered from CSN entities, in the shape that tenants serve.

What recorded documents show is reproduced: annotations stand out of line, names that OData does not
allow become underscores with the true name in `DataIntegration.OriginalName`, the analytical form
has neither keys nor `Nullable`, shuffles the columns, leaves a zero `Scale` out and spells its
terms differently from the relational form. Associations, texts, currencies, aggregations and
descriptions are left out, as tenants do.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Definition = Mapping[str, Any]

ASSOCIATIONS = frozenset({"cds.Association", "cds.Composition"})


class Form(StrEnum):
    """The two consumption services, as their URLs spell them."""

    RELATIONAL = "relational"
    ANALYTICAL = "analytical"


_NAMESPACE = {Form.RELATIONAL: "StandaloneService", Form.ANALYTICAL: "InaApplicationService"}
_OASIS = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/"
_SAP = "https://sap.github.io/odata-vocabularies/vocabularies/"
_VOCABULARIES = {
    "Aggregation": (f"{_OASIS}Org.OData.Aggregation.V1.xml", "Org.OData.Aggregation.V1"),
    "Analytics": (f"{_SAP}Analytics.xml", "com.sap.vocabularies.Analytics.v1"),
    "Capabilities": (f"{_OASIS}Org.OData.Capabilities.V1.xml", "Org.OData.Capabilities.V1"),
    "Common": (f"{_SAP}Common.xml", "com.sap.vocabularies.Common.v1"),
    "Core": (f"{_OASIS}Org.OData.Core.V1.xml", "Org.OData.Core.V1"),
    "DataIntegration": (f"{_SAP}DataIntegration.xml", "com.sap.vocabularies.DataIntegration.v1"),
    "Hierarchy": (f"{_SAP}Hierarchy.xml", "com.sap.vocabularies.Hierarchy.v1"),
}
_SIMPLE_TYPES = {
    "cds.Boolean": "Edm.Boolean",
    "cds.Integer": "Edm.Int32",
    "cds.Int32": "Edm.Int32",
    "cds.Integer64": "Edm.Int64",
    "cds.Int64": "Edm.Int64",
    "cds.Int16": "Edm.Int16",
    "cds.hana.SMALLINT": "Edm.Int16",
    "cds.UInt8": "Edm.Byte",
    "cds.hana.TINYINT": "Edm.Byte",
    "cds.Double": "Edm.Double",
    "cds.hana.REAL": "Edm.Single",
    "cds.Date": "Edm.Date",
    "cds.Time": "Edm.TimeOfDay",
    "cds.DateTime": "Edm.DateTimeOffset",
    "cds.UUID": "Edm.Guid",
    "cds.LargeString": "Edm.String",
    "cds.hana.CLOB": "Edm.String",
    "cds.hana.ST_POINT": "Edm.String",
    "cds.hana.ST_GEOMETRY": "Edm.String",
    "cds.LargeBinary": "Edm.Binary",
}
_SIZED_TYPES = {
    "cds.String": "Edm.String",
    "cds.hana.CHAR": "Edm.String",
    "cds.hana.NCHAR": "Edm.String",
    "cds.hana.VARCHAR": "Edm.String",
    "cds.Binary": "Edm.Binary",
    "cds.hana.BINARY": "Edm.Binary",
}
_UNSIZED_STRING = 5000
_DECIMALS = {
    "cds.Decimal": "variable",
    "cds.DecimalFloat": "floating",
    "cds.hana.SMALLDECIMAL": "floating",
}
_CALENDAR = {
    "@Semantics.date": "Common.IsCalendarDate",
    "@Semantics.calendar.year": "Common.IsCalendarYear",
    "@Semantics.calendar.quarter": "Common.IsCalendarQuarter",
    "@Semantics.calendar.month": "Common.IsCalendarMonth",
    "@Semantics.calendar.week": "Common.IsCalendarWeek",
    "@Semantics.calendar.dayOfYear": "Common.IsDayOfCalendarYear",
    "@Semantics.calendar.yearQuarter": "Common.IsCalendarYearQuarter",
    "@Semantics.calendar.yearMonth": "Common.IsCalendarYearMonth",
    "@Semantics.calendar.yearWeek": "Common.IsCalendarYearWeek",
}
_UNSAFE = re.compile('[\x00-\x1f&<>"\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
    "\r": "&#13;",
    "\t": "&#9;",
}

_Terms = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class _Column:
    """One property: its name in the document, its exact name, and its CSN element."""

    name: str
    original: str
    element: Definition


def render(name: str, definition: Definition, form: Form) -> str:
    """Return the `$metadata` document of the entity `name` in the given form."""
    namespace = _NAMESPACE[form]
    entity = identifier(name)
    columns = _columns(definition, form)
    parameters = _parameters(definition)
    type_name = f"{entity}Type" if parameters else entity
    annotations: list[tuple[str, _Terms]] = [
        (f"{namespace}.{type_name}", _entity_terms(name, definition, form, columns)),
        (f"{namespace}.EntityContainer/{entity}", _restrictions(form)),
    ]
    annotations += [
        (
            f"{namespace}.{entity}Parameters/{p.name}",
            _label_terms(p.element) + _original_name(p.name, p.original),
        )
        for p in parameters
    ]
    annotations += [(f"{namespace}.{type_name}/{c.name}", _column_terms(c, form)) for c in columns]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
        *_references(definition, annotations),
        "  <edmx:DataServices>",
        f'    <Schema Namespace="{namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
        *_container(namespace, entity, with_parameters=bool(parameters)),
        *(_parameter_type(namespace, entity, parameters) if parameters else ()),
        *_entity_type(type_name, columns, form),
    ]
    for target, terms in annotations:
        lines += _annotations(target, terms)
    lines += ["    </Schema>", "  </edmx:DataServices>", "</edmx:Edmx>"]
    return "\n".join(lines)


def relabel(document: str, path: str, label: str) -> str:
    """Return the document with the label of `Entity` or `Entity/Column` replaced.

    Raises:
        KeyError: the document has no label there.

    """
    pattern = (
        rf'(<Annotations Target="[^".]+\.{re.escape(path)}">(?:(?!</Annotations>).)*?'
        r'<Annotation Term="Common\.Label" String=")[^"]*"'
    )
    changed, count = re.subn(
        pattern, lambda m: f'{m[1]}{_escaped(label)}"', document, count=1, flags=re.DOTALL
    )
    if not count:
        raise KeyError(path)
    return changed


def identifier(name: str) -> str:
    """Return the name as OData allows it.

    Whatever is not a word character becomes `_`, and `_` precedes a leading digit.
    """
    if name.isascii() and name.isidentifier():
        return name
    folded = re.sub(r"\W", "_", name)
    return f"_{folded}" if folded[:1].isdigit() else folded


def is_measure(element: Definition) -> bool:
    """Return whether the element is aggregated by its CSN annotations."""
    return "@AnalyticsDetails.measureType" in element or "@Aggregation.default" in element


def label_of(annotated: Definition) -> str | None:
    """Return the business name of an entity or element, in either of the terms in use."""
    label = annotated.get("@EndUserText.label", annotated.get("@Common.Label"))
    return None if label is None else str(label)


def edm_type(element: Definition, form: Form) -> dict[str, str]:
    """Return `Type` and its facets as attributes; unknown types are strings, as tenants do."""
    cds = element.get("type")
    if cds in _DECIMALS or (cds is None and is_measure(element)):
        return {"Type": "Edm.Decimal", **_decimal_facets(element, form)}
    if cds in _SIZED_TYPES:
        length = element.get("length", _UNSIZED_STRING)
        return {"Type": _SIZED_TYPES[cds], "MaxLength": str(length)}
    if cds == "cds.Timestamp":
        return {"Type": "Edm.DateTimeOffset", "Precision": "7"}
    return {"Type": _SIMPLE_TYPES.get(str(cds), "Edm.String")}


def _decimal_facets(element: Definition, form: Form) -> dict[str, str]:
    cds, precision, scale = (element.get(key) for key in ("type", "precision", "scale"))
    if precision is None:
        floating = cds is not None and form is Form.RELATIONAL
        return {"Scale": _DECIMALS[str(cds)]} if floating else {}
    if form is Form.ANALYTICAL and not scale:
        return {"Precision": str(precision)}
    return {"Precision": str(precision), "Scale": str(scale or 0)}


def _columns(definition: Definition, form: Form) -> list[_Column]:
    elements = definition.get("elements", {})
    links = [name for name, element in elements.items() if element.get("type") in ASSOCIATIONS]
    columns = _distinct({n: e for n, e in elements.items() if n not in links}, links)
    if form is Form.ANALYTICAL:
        columns.sort(key=lambda column: zlib.crc32(column.original.encode()))
    return columns


def _parameters(definition: Definition) -> list[_Column]:
    return _distinct(definition.get("params", {}))


def _distinct(elements: Mapping[str, Definition], taken: Iterable[str] = ()) -> list[_Column]:
    """Return the properties; a name that is taken gets a number, a legal name stays."""
    used = {*taken, *(name for name in elements if identifier(name) == name)}
    columns = []
    for original, element in elements.items():
        name = folded = identifier(original)
        number = 1
        while name != original and name in used:
            name = f"{folded}_{number}"
            number += 1
        used.add(name)
        columns.append(_Column(name, original, element))
    return columns


def _label_terms(annotated: Definition) -> list[tuple[str, Any]]:
    label = label_of(annotated)
    return [] if label is None else [("Common.Label", label)]


def _entity_terms(
    name: str, definition: Definition, form: Form, columns: Sequence[_Column]
) -> _Terms:
    terms: list[tuple[str, Any]] = []
    if form is Form.RELATIONAL:
        names = {column.original: column.name for column in columns}
        terms += [
            (f"Hierarchy.{kind}", _renamed(definition[f"@Hierarchy.{kind}"], names))
            for kind in ("leveled", "parentChild")
            if f"@Hierarchy.{kind}" in definition
        ]
        if "@Analytics.dimensionType" in definition:
            terms.append(("Analytics.dimensionType", definition["@Analytics.dimensionType"]))
    return terms + _label_terms(definition) + _original_name(identifier(name), name)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value whose paths have the names of the properties."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: names.get(inner, inner) if key == "=" else _renamed(inner, names)
        for key, inner in value.items()
    }


def _original_name(written: str, name: str) -> list[tuple[str, Any]]:
    return [] if written == name else [("DataIntegration.OriginalName", name)]


def _column_terms(column: _Column, form: Form) -> _Terms:
    element, label = column.element, _label_terms(column.element)
    measure = is_measure(element)
    terms: list[tuple[str, Any]] = []
    if form is Form.ANALYTICAL:
        terms = (
            [*label, ("Analytics.measure", True)] if measure else [("Analytics.Dimension", True)]
        )
        return terms + ([] if measure else label) + _original_name(column.name, column.original)
    if element.get("@Analytics.dimension") is True:
        terms.append(("Analytics.dimension", True))
    terms += label
    terms += [(term, True) for key, term in _CALENDAR.items() if element.get(key) is True]
    if element.get("key") and element.get("notNull"):
        terms.append(("Common.FieldControl", {"#": "Common.FieldControlType/Mandatory"}))
    return terms + _original_name(column.name, column.original)


def _restrictions(form: Form) -> _Terms:
    kinds = [("Delete", "Deletable"), ("Insert", "Insertable"), ("Update", "Updatable")]
    if form is Form.ANALYTICAL:
        kinds.insert(0, ("Count", "Countable"))
    return [
        (
            f"Capabilities.{kind}Restrictions",
            {"$Type": f"Capabilities.{kind}RestrictionsType", word: False},
        )
        for kind, word in kinds
    ]


def _references(definition: Definition, annotations: Sequence[tuple[str, _Terms]]) -> Iterator[str]:
    used = {"Common", "Core"} | {
        term.split(".")[0] for _, terms in annotations for term, _ in terms
    }
    elements = definition.get("elements", {}).values()
    if any("@Aggregation.default" in element for element in elements):
        used.add("Aggregation")
    for alias in sorted(used):
        uri, namespace = _VOCABULARIES[alias]
        yield f'  <edmx:Reference Uri="{uri}">'
        yield f'    <edmx:Include Alias="{alias}" Namespace="{namespace}"/>'
        yield "  </edmx:Reference>"


def _container(namespace: str, entity: str, *, with_parameters: bool) -> list[str]:
    suffix = "Parameters" if with_parameters else ""
    return [
        '      <EntityContainer Name="EntityContainer">',
        f'        <EntitySet Name="{entity}" EntityType="{namespace}.{entity}{suffix}"/>',
        "      </EntityContainer>",
    ]


def _parameter_type(namespace: str, entity: str, parameters: Sequence[_Column]) -> list[str]:
    lines = [f'      <EntityType Name="{entity}Parameters">', "        <Key>"]
    lines += [f'          <PropertyRef Name="{p.name}"/>' for p in parameters]
    lines.append("        </Key>")
    for parameter in parameters:
        facets = _attributes(edm_type(parameter.element, Form.RELATIONAL))
        lines.append(f'        <Property Name="{parameter.name}"{facets} Nullable="false"/>')
    target = f"Collection({namespace}.{entity}Type)"
    lines += [
        f'        <NavigationProperty Name="Set" Type="{target}" ContainsTarget="true"/>',
        "      </EntityType>",
    ]
    return lines


def _entity_type(type_name: str, columns: Sequence[_Column], form: Form) -> list[str]:
    lines = [f'      <EntityType Name="{type_name}">']
    keys = [column for column in columns if column.element.get("key")]
    if keys and form is Form.RELATIONAL:
        lines.append("        <Key>")
        lines += [f'          <PropertyRef Name="{column.name}"/>' for column in keys]
        lines.append("        </Key>")
    for column in columns:
        facets = _attributes(edm_type(column.element, form))
        filled = column.element.get("key") or column.element.get("notNull")
        null = ' Nullable="false"' if filled and form is Form.RELATIONAL else ""
        lines.append(f'        <Property Name="{column.name}"{facets}{null}/>')
    lines.append("      </EntityType>")
    return lines


def _annotations(target: str, terms: _Terms) -> list[str]:
    if not terms:
        return []
    lines = [f'      <Annotations Target="{target}">']
    for term, value in terms:
        lines += _valued(f'Annotation Term="{term}"', "Annotation", value, " " * 8)
    lines.append("      </Annotations>")
    return lines


def _valued(opening: str, tag: str, value: Any, indent: str) -> list[str]:
    constant = _constant(value)
    if constant is not None:
        return [f"{indent}<{opening} {constant}/>"]
    return [f"{indent}<{opening}>", *_nested(value, indent + "  "), f"{indent}</{tag}>"]


def _nested(value: Any, indent: str) -> list[str]:
    if isinstance(value, list):
        items = [line for item in value for line in _item(item, indent + "  ")]
        return [f"{indent}<Collection>", *items, f"{indent}</Collection>"]
    kind = f' Type="{value["$Type"]}"' if "$Type" in value else ""
    lines = [f"{indent}<Record{kind}>"]
    for key, inner in value.items():
        if key != "$Type":
            opening = f'PropertyValue Property="{_escaped(key)}"'
            lines += _valued(opening, "PropertyValue", inner, indent + "  ")
    return [*lines, f"{indent}</Record>"]


def _item(value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping) and "=" in value:
        return [f"{indent}<Path>{identifier(value['='])}</Path>"]
    if isinstance(value, (list, Mapping)):
        return _nested(value, indent)
    return [f"{indent}<String>{_escaped(str(value))}</String>"]


def _constant(value: Any) -> str | None:
    if isinstance(value, str):
        return f'String="{_escaped(value)}"'
    if isinstance(value, bool):
        return f'Bool="{str(value).lower()}"'
    if isinstance(value, Mapping) and "=" in value:
        return f'Path="{identifier(value["="])}"'
    if isinstance(value, Mapping) and "#" in value:
        return f'EnumMember="{_escaped(value["#"])}"'
    return None if isinstance(value, (list, Mapping)) else f'String="{_escaped(str(value))}"'


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in values.items())


def _escaped(text: str) -> str:
    # XML 1.0 has no place at all for the unsafe characters that have no escape
    return _UNSAFE.sub(lambda unsafe: _ESCAPES.get(unsafe[0], ""), text)
