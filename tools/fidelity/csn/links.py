"""Associations, hierarchies and access controls of an entity."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.csn.annotations import Annotations, kept_expectation, paths_of
from tools.fidelity.csn.columns import LABELS, leftovers, literal_text, text_expected
from tools.fidelity.csn.document import Document
from tools.fidelity.expectations import Expectation, Expected, How
from tools.fidelity.kinds import Kind

_SELF: Final = frozenset({"$self", "$projection"})
_BRACKETS: Final = frozenset({"(", ")"})
_EQUATION: Final = 3
_UNDERSTOOD: Final = frozenset(
    {"name", "label", "levels", "recurse.parent", "recurse.child", "directory", "association"}
)
"""Members of a hierarchy with kinds of their own."""


def association(document: Document, name: str, element: Mapping[str, Any]) -> Expected:
    """Return the facts of an association: target, pairs of columns, further conditions."""
    annotations = Annotations(*reversed(document.chain(element)), element)
    target = document.object_name(str(element.get("target", "")))
    if not target:
        return {}
    expected: Expected = {
        (Kind.ASSOCIATION, name): Expectation(),
        (Kind.TARGET, name): Expectation((target,)),
    }
    expected |= text_expected(document, annotations, Kind.ASSOCIATION_LABEL, *LABELS, detail=name)
    expected |= leftovers(annotations, name)
    if element.get("type") == "cds.Composition":
        expected[Kind.COMPOSITION, name] = Expectation()
    if isinstance(element.get("cardinality"), Mapping):
        expected[Kind.CARDINALITY, name] = Expectation((_cardinality(element["cardinality"]),))
    if element.get("on") is not None:
        return expected | _condition(name, element["on"])
    if isinstance(element.get("keys"), list):
        return expected | _managed(name, element["keys"])
    return expected


def _cardinality(value: Mapping[str, Any]) -> str:
    return f"{value.get('min', 0)}..{value.get('max', 1)}"


def _managed(name: str, keys: list[Any]) -> Expected:
    """Return the pairs of a managed association, whose own columns the compiler names."""
    expected: Expected = {}
    for key in keys:
        steps = [str(step) for step in key.get("ref", [])]
        own = key.get("as", "_".join(steps))
        expected[Kind.PAIR, f"{name}: {name}_{own} = {'.'.join(steps)}"] = Expectation()
    return expected


def _condition(name: str, condition: Any) -> Expected:
    """Return the pairs of columns; the rest of a condition stays as it is written.

    Alternatives (`or`) and negations are no pairs.
    """
    clauses: list[list[Any]] = [[]]
    for token in _tokens(condition):
        if isinstance(token, str) and token.casefold() == "and":
            clauses.append([])
        elif not (isinstance(token, str) and token in _BRACKETS):
            clauses[-1].append(token)
    words = {t.casefold() for clause in clauses for t in clause if isinstance(t, str)}
    pairs = [_pair(name, clause) for clause in clauses]
    expected: Expected = {}
    if words & {"or", "not"}:
        pairs = [None]
    for pair in filter(None, pairs):
        expected[Kind.PAIR, f"{name}: {pair[0]} = {pair[1]}"] = Expectation()
    if None in pairs:
        expected[Kind.CONDITION, name] = Expectation(tuple(_texts(condition)), How.WITHIN)
    return expected


def _tokens(condition: Any) -> Iterator[Any]:
    for token in condition if isinstance(condition, list) else [condition]:
        if isinstance(token, Mapping) and isinstance(token.get("xpr"), list):
            yield from _tokens(token["xpr"])
        else:
            yield token


def _pair(name: str, clause: list[Any]) -> tuple[str, str] | None:
    if len(clause) != _EQUATION or clause[1] != "=":
        return None
    sides = [side.get("ref") if isinstance(side, Mapping) else None for side in (*clause[::2],)]
    if not all(isinstance(side, list) and side for side in sides):
        return None
    steps = [[str(s) for s in side if s not in _SELF] for side in sides if side]
    theirs = [side for side in steps if side[0] == name and side[1:]]
    own = [side for side in steps if side[0] != name]
    return (".".join(own[0]), ".".join(theirs[0][1:])) if theirs and own else None


def _texts(condition: Any) -> Iterator[str]:
    """Yield the names and literals of a condition."""
    for token in _tokens(condition):
        if isinstance(token, Mapping) and "val" in token:
            yield literal_text(token) or "null"
        elif isinstance(token, Mapping):
            yield from (str(s) for s in token.get("ref", []) if isinstance(s, str))


def hierarchies(document: Document, annotations: Annotations) -> Expected:
    """Return the hierarchies of an entity."""
    expected: Expected = {}
    for record in annotations.records("Hierarchy.leveled"):
        expected |= _hierarchy(document, record, "level")
        levels = [name for one in record.get("levels", []) for name in _level(one)]
        expected |= _columns(record, "levels", levels)
    for record in annotations.records("Hierarchy.parentChild"):
        expected |= _hierarchy(document, record, "parent_child")
        for side in ("parent", "child"):
            expected |= _columns(record, side, paths_of(record.get(f"recurse.{side}")))
        if names := paths_of(record.get("directory") or record.get("association")):
            expected[Kind.DIRECTORY, str(record.get("name", ""))] = Expectation((names[0],))
    found = annotations.paths("ObjectModel.hierarchy.association")
    for name in found[0] if found else []:
        expected |= external_hierarchy(name)
    return expected


def external_hierarchy(association_name: str) -> Expected:
    """Return a hierarchy that another object holds."""
    return {
        (Kind.HIERARCHY, association_name): Expectation(("external",)),
        (Kind.DIRECTORY, association_name): Expectation((association_name,)),
    }


def _hierarchy(document: Document, record: Mapping[str, Any], kind: str) -> Expected:
    name = str(record.get("name", ""))
    expected: Expected = {(Kind.HIERARCHY, name): Expectation((kind,))}
    for member, value in record.items():
        if member not in _UNDERSTOOD and value not in (None, "", [], {}):
            expected[Kind.ANNOTATION, f"{name}: {member}"] = kept_expectation(value)
    if label := record.get("label"):
        expected[Kind.HIERARCHY_LABEL, name] = Expectation(document.translations(str(label)))
    return expected


def _level(level: Any) -> list[str]:
    return paths_of(level.get("element")) if _is_record(level) else paths_of(level)


def _is_record(level: Any) -> bool:
    return isinstance(level, Mapping) and "element" in level


def _columns(record: Mapping[str, Any], side: str, names: list[str]) -> Expected:
    place = f"{record.get('name', '')}: {side}"
    text = json.dumps(names, ensure_ascii=False)
    return {(Kind.HIERARCHY_COLUMNS, place): Expectation((text,))} if names else {}


def access_controls(document: Document, annotations: Annotations) -> Expected:
    """Return the row-level access controls of an entity, with the columns that they compare."""
    expected: Expected = {}
    for record in annotations.records("DataWarehouse.dataAccessControl.usage"):
        name = document.object_name(str((paths_of(record.get("target")) or [""])[0]))
        expected[Kind.ACCESS_CONTROL, name] = Expectation()
        for column in _own_columns(record.get("on")):
            expected[Kind.ACCESS_COLUMNS, f"{name}: {column}"] = Expectation()
    return expected


def _own_columns(condition: Any) -> Iterator[str]:
    """Yield the left side of each equation: a column of the entity itself."""
    tokens = list(_tokens(condition or []))
    for before, mark, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        refs = [one.get("ref") if isinstance(one, Mapping) else None for one in (before, after)]
        if mark == "=" and refs[0]:
            yield [str(s) for s in refs[0] if s not in _SELF][-1]
