"""Counts the annotations and structures of CSN documents, and finds the keys of structures.

A structure lands in the keys that change once it is removed. `make term-counts` keeps the result in
tools/term_counts.json (see `measure_terms`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.completion import complete_definition
from datasphere_glue.datasphere.csn.parser import Definition, entity_names, parse_definition
from datasphere_glue.datasphere.csn.types import is_link
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.element import Element
from datasphere_glue.model.key import Key
from datasphere_glue.model.table_keys import TABLE_KEYS

STORE: Final = Path(__file__).with_suffix(".json")
SPACE: Final = "EXPORT"
CUSTOM: Final = "datasphere.custom"
DECLARED: Final = ("entity", "column", "type", "parameter")
"""Places whose annotations are read by the tables of `csn/terms.py`."""

_BY_NAME: Final = frozenset(
    {
        *("attributes", "measures", "variables", "crossCalculations", "exposedAssociations"),
        *("factSources", "dimensionSources", "attributeMapping", "measureMapping", "elements"),
        *("parameterMapping", "parameterMappings", "collisionHandling", "mixin"),
    }
)
"""Objects of a business layer or query whose members are names that people chose."""

_APART: Final = frozenset({"kind", "elements", "query", "projection", "params", "enum"})


class Occurrence(NamedTuple):
    """One non-empty value of a document: its kind, such as `column length`, and its place."""

    kind: str
    holder: dict[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What documents hold.

    `documents`, `entities`, `columns`: how many there are.
    `annotations`: non-empty annotations; `custom`: those among them that end in `custom`.
    `kinds`: number of occurrences and keys by kind; no keys where the tables declare them.
    """

    documents: int
    entities: int
    columns: int
    annotations: int
    custom: int
    kinds: Mapping[str, tuple[int, tuple[str, ...]]]

    @property
    def share(self) -> float:
        """The share of annotations that end in `datasphere.custom`, in percent."""
        return 100 * self.custom / self.annotations if self.annotations else 0.0


def is_declared(kind: str) -> bool:
    """Return whether the tables of terms say where a kind lands."""
    place, _, name = kind.partition(" ")
    return name.startswith("@") and place in DECLARED


def occurrences(document: Mapping[str, Any]) -> Iterator[Occurrence]:
    """Yield the annotations and properties of a document that have a value."""
    for definition in document.get("definitions", {}).values():
        place = str(definition.get("kind"))
        yield from _described(place, definition)
        yield from _columns(definition.get("elements"))
        for parameter in (definition.get("params") or {}).values():
            yield from _described("parameter", parameter)
        for clause in ("query", "projection"):
            yield from _query(definition.get(clause))
    for layer in (document.get("businessLayerDefinitions") or {}).values():
        yield from _layer(layer, "")


def _columns(elements: Any) -> Iterator[Occurrence]:
    for element in (elements or {}).values():
        yield from _described("association" if is_link(element) else "column", element)


def _described(place: str, holder: dict[str, Any]) -> Iterator[Occurrence]:
    """Yield the annotations and properties of one object, and the values of its enumeration."""
    for key, value in holder.items():
        if key.startswith("@"):
            for term, inner in CsnAnnotations({key: value}).values.items():
                if inner is False or not _is_empty(inner):
                    yield Occurrence(f"{place} @{term}", holder, key)
        elif key not in _APART and not _is_empty(value):
            yield Occurrence(f"{place} {key}", holder, key)
    for value in (holder.get("enum") or {}).values():
        yield from _described("value", value)


def _query(node: Any) -> Iterator[Occurrence]:
    """Yield the clauses and expressions of a query; its annotations repeat those of elements."""
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict):
            continue
        for key, value in item.items():
            if key.startswith("@") or _is_empty(value):
                continue
            yield Occurrence(f"query {key}", item, key)
            named = key in _BY_NAME and isinstance(value, dict)
            for inner in value.values() if named else [value]:
                yield from _query(inner)


def _layer(node: Any, path: str) -> Iterator[Occurrence]:
    """Yield the leaves of a business layer; `*` stands for a name that people chose."""
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict):
            continue
        named = path.rpartition(".")[2] in _BY_NAME
        for key, value in item.items():
            inner = f"{path}.{'*' if named else key}".removeprefix(".")
            if isinstance(value, dict) or (isinstance(value, list) and _objects_in(value)):
                yield from _layer(value, inner)
            elif not _is_empty(value):
                yield Occurrence(f"layer {inner}", item, key)


def _is_empty(value: Any) -> bool:
    """Return whether a value says nothing, such as false or an object of empty values."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return all(map(_is_empty, inner))
    return value is None or value is False or value == ""


def _objects_in(values: Iterable[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def read_all(document: Mapping[str, Any]) -> dict[str, Definition]:
    """Return the definitions of a document by name, each completed by the others."""
    read = {name: parse_definition(document, name, space=SPACE) for name in entity_names(document)}
    sources = {f"{SPACE}.{name}": one for name, one in read.items()} | read
    return {name: complete_definition(one, (), sources) for name, one in read.items()}


def custom_annotations(definition: Definition) -> int:
    """Return how many annotations of a definition end in `datasphere.custom`."""
    asset = definition.asset
    return sum(
        len(custom)
        for custom in (
            asset.custom,
            *(one.custom for one in asset.elements),
            *(one.custom for one in asset.associations),
            *(one.custom for one in asset.variables),
        )
    )


def keys_of(document: dict[str, Any], kind: str) -> set[str]:
    """Return the keys that change once all occurrences of a kind are removed."""
    bare = deepcopy(document)
    for one in list(occurrences(bare)):
        if one.kind == kind:
            one.holder.pop(one.key, None)
    before, after = read_all(document), read_all(bare)
    return {
        key
        for name in before.keys() & after.keys()
        for key in _changed(before[name].asset, after[name].asset)
    }


def _changed(before: Asset, after: Asset) -> Iterator[str]:
    """Yield the keys in which an asset differs."""
    yield from _differing(before, after, TABLE_KEYS, "")
    columns = {element.name: element for element in after.elements}
    if [*columns] != [element.name for element in before.elements]:
        yield "columns"
    for element in before.elements:
        if element.name in columns:
            yield from _differing(element, columns[element.name], COLUMN_KEYS, "column ")
            if element.attribute is not columns[element.name].attribute:
                yield "column datasphere.role"


def _differing(
    before: Asset | Element, after: Asset | Element, keys: Iterable[Key], place: str
) -> Iterator[str]:
    for key in keys:
        name = key.attribute
        if name and name != "provenance" and getattr(before, name) != getattr(after, name):
            yield place + key.full


def count(documents: Iterable[dict[str, Any]]) -> Counts:
    """Count all documents, without the keys of structures."""
    kinds = Counter[str]()
    totals = Counter[str]()
    for document in documents:
        kinds.update(one.kind for one in occurrences(document))
        definitions = read_all(document).values()
        totals["documents"] += 1
        totals["entities"] += len(definitions)
        totals["columns"] += sum(len(one.asset.elements) for one in definitions)
        totals["custom"] += sum(custom_annotations(one) for one in definitions)
    return Counts(
        documents=totals["documents"],
        entities=totals["entities"],
        columns=totals["columns"],
        annotations=sum(number for kind, number in kinds.items() if " @" in kind),
        custom=totals["custom"],
        kinds={kind: (number, ()) for kind, number in sorted(kinds.items())},
    )


def measure(documents: Sequence[dict[str, Any]]) -> Counts:
    """Count all documents, and find the keys of each kind that no table declares."""
    counts = count(documents)
    keys: dict[str, set[str]] = {}
    for document in documents:
        for kind in {one.kind for one in occurrences(document)}:
            if not is_declared(kind):
                keys.setdefault(kind, set()).update(keys_of(document, kind))
    kinds = {
        kind: (number, tuple(sorted(keys.get(kind, ()))))
        for kind, (number, _) in counts.kinds.items()
    }
    return replace(counts, kinds=kinds)


def exports_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the CSN documents of a file or folder, in the order of their names."""
    for file in [path] if path.is_file() else sorted(path.rglob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(document, dict) and isinstance(document.get("definitions"), dict):
            yield document


def store(counts: Counts) -> None:
    """Keep the counts of a measurement."""
    value = {name: getattr(counts, name) for name in Counts.__slots__}
    STORE.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def stored() -> Counts:
    """Return the counts that the last measurement kept."""
    value = json.loads(STORE.read_text(encoding="utf-8"))
    kinds = {kind: (count, tuple(keys)) for kind, (count, keys) in value.pop("kinds").items()}
    return Counts(**value, kinds=kinds)
