"""The facts in the lists of objects that a Glue table holds."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tools.fidelity.kinds import Kind

Record = Mapping[str, Any]
Facts = Iterator[tuple[Kind, str, str]]


def record_facts(about: Mapping[str, str]) -> Facts:
    """Yield kind, detail and text of each member of each record.

    A second record of the same name gets a number, so that it is found to be one too many.
    """
    space = about.get("space", "")
    for key, read in _READERS.items():
        seen: dict[str, int] = {}
        for record in json.loads(about.get(key, "[]")):
            name = " ".join(str(record[m]) for m in ("role", "name") if record.get(m))
            seen[name] = seen.get(name, 0) + 1
            detail = name if seen[name] == 1 else f"{name} ({seen[name]})"
            yield from read(detail, record, space)


def plain_name(full: str, space: str) -> str:
    """Return a name without its own space; one that should name a space and has none is odd."""
    own = full.startswith(space + ".")
    return full.removeprefix(space + ".") if own or "." in full else f"?.{full}"


def text_of(value: Any) -> str:
    """Return a text as it is, and any other value as JSON."""
    return (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    )


def _joined(record: Record, *members: str) -> str:
    return ".".join(str(record[member]) for member in members if record.get(member))


def _texts(detail: str, record: Record, kinds: Mapping[str, Kind]) -> Facts:
    for member, kind in kinds.items():
        if member in record:
            yield kind, detail, text_of(record[member])


def _association(detail: str, record: Record, space: str) -> Facts:
    target = f"{record.get('space') or space}.{record.get('target', '')}"
    yield Kind.ASSOCIATION, detail, "true"
    yield Kind.TARGET, detail, target.removeprefix(space + ".")
    for pair in record.get("columns", []):
        yield Kind.PAIR, f"{detail}: {' = '.join(pair)}", "true"
    if record.get("custom"):
        yield Kind.CONDITION, detail, text_of(record["custom"])
    kinds = {
        "label": Kind.ASSOCIATION_LABEL,
        "cardinality": Kind.CARDINALITY,
        "composition": Kind.COMPOSITION,
    }
    yield from _texts(detail, record, kinds)


def _hierarchy(detail: str, record: Record, _space: str) -> Facts:
    yield Kind.HIERARCHY, detail, str(record.get("kind", ""))
    for member in ("levels", "parent", "child"):
        if record.get(member):
            yield Kind.HIERARCHY_COLUMNS, f"{detail}: {member}", text_of(record[member])
    kinds = {"label": Kind.HIERARCHY_LABEL, "association": Kind.DIRECTORY}
    yield from _texts(detail, record, kinds)


def _variable(detail: str, record: Record, _space: str) -> Facts:
    yield Kind.VARIABLE, detail, "true"
    kinds = {
        "label": Kind.VARIABLE_LABEL,
        "type": Kind.VARIABLE_TYPE,
        "mandatory": Kind.MANDATORY,
        "default": Kind.VARIABLE_DEFAULT,
        "hidden": Kind.VARIABLE_HIDDEN,
        "usage": Kind.VARIABLE_USAGE,
        "column": Kind.VARIABLE_COLUMN,
        "selection": Kind.VARIABLE_SELECTION,
        "multiple": Kind.VARIABLE_MULTIPLE,
    }
    yield from _texts(detail, record, kinds)
    if "derived_from" in record:
        yield Kind.DERIVATION, detail, text_of(record)


def _cross_calculation(detail: str, record: Record, _space: str) -> Facts:
    yield Kind.CROSS_CALCULATION, detail, "true"
    kinds = {"label": Kind.CROSS_LABEL, "kind": Kind.CROSS_KIND, "formula": Kind.CROSS_FORMULA}
    yield from _texts(detail, record, kinds)


def _source(detail: str, record: Record, space: str) -> Facts:
    yield Kind.SOURCE, detail, plain_name(_joined(record, "space", "target"), space)
    for step in record.get("associations", []):
        yield Kind.SOURCE_PATH, f"{detail}: {step}", "true"
    for parameter in record.get("parameters", []):
        bound = parameter.get("value", parameter.get("variable", ""))
        yield Kind.SOURCE_PARAMETER, f"{detail}: {parameter.get('name', '')}", bound
    if affix := record.get("affix"):
        yield Kind.SOURCE_AFFIX, detail, f"{affix.get('type', '')} {affix.get('text', '')}"
    yield from _texts(detail, record, {"label": Kind.SOURCE_LABEL})


def _access_control(_detail: str, record: Record, space: str) -> Facts:
    name = plain_name(str(record.get("name", "")), space)
    yield Kind.ACCESS_CONTROL, name, "true"
    for column in record.get("columns", []):
        yield Kind.ACCESS_COLUMNS, f"{name}: {column}", "true"


_READERS: Final[Mapping[str, Callable[[str, Record, str], Facts]]] = {
    "associations": _association,
    "hierarchies": _hierarchy,
    "variables": _variable,
    "cross_calculations": _cross_calculation,
    "sources": _source,
    "access_controls": _access_control,
}
