"""The facts of SAP documents and of Glue tables, in comparable form.

A fact is (what, asset, detail...). The facts of documents come from raw JSON and XML, those of
Glue from parameters alone: this module is independent of the reader and of the writer.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from defusedxml.ElementTree import fromstring

PREFIX: Final = "datasphere."
LABELS: Final = ("@EndUserText.label", "@Common.Label")
LINKS: Final = ("cds.Association", "cds.Composition")
EDM: Final = "{http://docs.oasis-open.org/odata/ns/edm}"

Fact = tuple[str, ...]

_REFERENCES: Final = {
    "text links": ("@ObjectModel.text.element", "text"),
    "text associations": ("@ObjectModel.text.association", "text_association"),
    "foreign keys": ("@ObjectModel.foreignKey.association", "association"),
    "currencies": ("@Semantics.amount.currencyCode", "currency"),
    "units": ("@Semantics.quantity.unitOfMeasure", "unit"),
}
"""What refers to another element: the annotation of CSN, and the key in Glue."""


def of_csn(document: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield the facts of the entities of a CSN document."""
    layers = document.get("businessLayerDefinitions", {})
    for name, entity in document["definitions"].items():
        if entity.get("kind") != "entity":
            continue
        yield "tables", name
        if any(entity.get(key) for key in LABELS):
            yield "table labels", name
        for kind in ("leveled", "parentChild"):
            for number, _ in enumerate(entity.get(f"@Hierarchy.{kind}", [])):
                yield "hierarchies", name, kind, str(number)
        for parameter in entity.get("params", {}):
            yield "variables", name, parameter
        for variable in layers.get(name, {}).get("variables", {}):
            yield "variables", name, variable
        for element, content in entity.get("elements", {}).items():
            yield from _of_element(name, element, content, layers.get(name, {}))


def _of_element(
    asset: str, name: str, element: Mapping[str, Any], layer: Mapping[str, Any]
) -> Iterator[Fact]:
    if element.get("type") in LINKS:
        yield "associations", asset, name
        condition = element.get("on", [])
        for place in range(0, len(condition), 4):
            one, other = condition[place]["ref"], condition[place + 2]["ref"]
            own, theirs = (one, other) if other[0] == name else (other, one)
            yield "column pairs", asset, name, own[-1], theirs[-1]
        return
    holds_by_kind = {
        "columns": True,
        "column labels": any(element.get(key) for key in LABELS),
        "keys": element.get("key") is True,
        # Services of an analytic model mark every attribute as a dimension.
        "dimension columns": element.get("@Analytics.dimension") is True
        or name in layer.get("attributes", {}),
        "measures": "@AnalyticsDetails.measureType" in element or name in layer.get("measures", {}),
    }
    yield from ((what, asset, name) for what, holds in holds_by_kind.items() if holds)
    word = element.get("@Aggregation.default", {}).get("#")
    if word and word != "NONE":
        yield "aggregations", asset, name, word
    for key in (key for key, value in element.items() if value is True):
        calendar = key.partition("@Semantics.calendar.")[2] or key.partition("@Semantics.")[2]
        if calendar == "date" or ("calendar" in key and not calendar.startswith("day")):
            yield "calendar marks", asset, name, f"iscalendar{calendar}".lower()
    for what, (term, _) in _REFERENCES.items():
        target = element.get(term)
        first = target[0] if isinstance(target, list) and target else target
        if isinstance(first, Mapping):
            yield what, asset, name, first["="]


def of_edmx(path: Path, asset: str) -> Iterator[Fact]:
    """Yield the facts that a metadata document holds about its asset."""
    root = fromstring(path.read_bytes())
    yield "tables", asset
    for reference in root.iter(EDM + "PropertyRef"):
        yield "keys", asset, reference.get("Name", "")
    for node in root.iter(EDM + "Property"):
        yield "columns", asset, node.get("Name", "")
    for node in root.iter(EDM + "Annotations"):
        column = node.get("Target", "").partition("/")[2]
        for annotation in node:
            yield from _of_annotation(asset, column, annotation)


def _of_annotation(asset: str, column: str, annotation: Any) -> Iterator[Fact]:
    term = annotation.get("Term", "").lower()
    true = annotation.get("Bool") == "true"
    if term == "common.label" and annotation.get("String"):
        yield ("column labels", asset, column) if column else ("table labels", asset)
    if term == "hierarchy.leveled":
        records = annotation.findall(f"{EDM}Collection/{EDM}Record")
        yield from (("hierarchies", asset, "leveled", str(place)) for place in range(len(records)))
    if not column or not true:
        return
    if term == "analytics.dimension":
        yield "dimension columns", asset, column
    if term == "analytics.measure":
        yield "measures", asset, column
    if term.startswith("common.iscalendar"):
        yield "calendar marks", asset, column, term.removeprefix("common.")


def of_folder(folder: Path) -> Iterator[Fact]:
    """Yield the facts of a folder of recorded answers, definitions and metadata of an asset merged.

    The metadata define what can be queried, so columns of the definition alone do not count.
    """
    documents: dict[str, set[Fact]] = {}
    for path in sorted((folder / "edmx").glob("*.xml")):
        asset = path.stem.removeprefix("relational_").removeprefix("analytical_")
        documents.setdefault(asset, set()).update(of_edmx(path, asset))
    exposed = {a: {f[2] for f in facts if f[0] == "columns"} for a, facts in documents.items()}
    for segment in ("views", "analyticmodels", "localtables", "remotetables"):
        for path in sorted((folder / segment).glob("*.json")):
            for fact in of_csn(json.loads(path.read_text(encoding="utf-8"))):
                if fact[1] == path.stem and _reachable(fact, exposed.get(path.stem)):
                    documents.setdefault(path.stem, set()).add(fact)
    for facts in documents.values():
        yield from facts


def _reachable(fact: Fact, columns: set[str] | None) -> bool:
    whole = {"tables", "table labels", "hierarchies", "variables", "associations", "column pairs"}
    return columns is None or fact[0] in whole or fact[2] in columns


def of_glue(tables: Iterable[Mapping[str, Any]]) -> Iterator[Fact]:
    """Yield the facts of Glue tables, as `GetTables` returns them."""
    for table in tables:
        about = table["Parameters"]
        asset = about[PREFIX + "name"]
        yield "tables", asset
        if about.get(PREFIX + "label"):
            yield "table labels", asset
        yield from _of_lists(asset, about)
        for column in table["StorageDescriptor"]["Columns"]:
            yield from _of_column(asset, column["Parameters"])


def _of_lists(asset: str, about: Mapping[str, str]) -> Iterator[Fact]:
    numbers = {"leveled": 0, "parentChild": 0}
    for hierarchy in json.loads(about.get(PREFIX + "hierarchies", "[]")):
        kind = "leveled" if hierarchy["kind"] == "level" else "parentChild"
        yield "hierarchies", asset, kind, str(numbers[kind])
        numbers[kind] += 1
    for link in json.loads(about.get(PREFIX + "associations", "[]")):
        yield "associations", asset, link["name"]
        for own, theirs in link.get("columns", []):
            yield "column pairs", asset, link["name"], own, theirs
    for variable in json.loads(about.get(PREFIX + "variables", "[]")):
        yield "variables", asset, variable["name"]


def _of_column(asset: str, about: Mapping[str, str]) -> Iterator[Fact]:
    name = about[PREFIX + "name"]
    main = [about[PREFIX + "role"]] if PREFIX + "role" in about else []
    roles = json.loads(about.get(PREFIX + "roles", json.dumps(main)))
    holds_by_kind = {
        "columns": True,
        "column labels": bool(about.get(PREFIX + "label")),
        "keys": about.get(PREFIX + "key") == "true",
        "dimension columns": "dimension" in roles,
        "measures": "measure" in roles,
    }
    yield from ((what, asset, name) for what, holds in holds_by_kind.items() if holds)
    if PREFIX + "aggregation" in about:
        yield "aggregations", asset, name, about[PREFIX + "aggregation"]
    for what, (_, key) in _REFERENCES.items():
        if PREFIX + key in about:
            yield what, asset, name, about[PREFIX + key]
    for term in json.loads(about.get(PREFIX + "semantics", "[]")):
        if term.startswith("IsCalendar"):
            yield "calendar marks", asset, name, term.lower()
