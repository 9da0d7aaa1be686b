"""Reads associations, access controls and hierarchies of CSN, with the columns that they compare.

Conditions are those of CAP (CSN, `on` and managed associations): tokens of an expression.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import (
    CsnAnnotations,
    paths_of,
    translated_text,
    value_at,
)
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.query.nodes import OWN_COLUMNS
from datasphere_glue.datasphere.csn.terms import ACCESS_USAGE, HIERARCHY_ASSOCIATION, LABELS
from datasphere_glue.datasphere.values import Pairs, as_text, text_at
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset_parts import AccessControl, Association, Hierarchy

_COMPOSITION: Final = "cds.Composition"


def read_association(
    document: Document,
    name: str,
    element: Mapping[str, Any],
    annotations: CsnAnnotations,
    path: tuple[str, ...],
) -> tuple[Association, str | None]:
    """Return an association, and a note where its condition is more than pairs of columns.

    Raises:
        DocumentError: the association has no target, with the path.

    """
    target = element.get("target")
    if not isinstance(target, str) or not target:
        raise DocumentError("an association has no target", *path, "target")
    space, entity = document.split(target)
    label = translated_text(document, annotations, *LABELS)
    pairs, whole = _pairs(document, name, element, target)
    custom = dict(annotations.custom())
    if not whole:
        custom["on"] = as_text(element.get("on"))
    link = Association(
        name=name,
        target=entity,
        target_space=space,
        label=label,
        pairs=pairs,
        composition=element.get("type") == _COMPOSITION,
        cardinality=_cardinality(element.get("cardinality")),
        custom=tuple(sorted(custom.items())),
    )
    return link, None if whole else f"{name}: the condition is more than pairs of columns"


def _pairs(
    document: Document, name: str, element: Mapping[str, Any], target: str
) -> tuple[Pairs, bool]:
    """Return the pairs of columns, and whether they are the whole condition."""
    condition = element.get("on")
    if condition is None:
        return _managed(document, name, element.get("keys"), target), True
    clauses = _clauses(condition)
    pairs = [_pair(name, clause) for clause in clauses]
    if any("or" in [t.lower() for t in clause if isinstance(t, str)] for clause in clauses):
        return (), False
    return tuple(pair for pair in pairs if pair), None not in pairs


def _clauses(condition: Any) -> list[list[Any]]:
    """Return the parts of a condition that `and` joins, without brackets."""
    clauses: list[list[Any]] = [[]]
    for token in _tokens(condition):
        if isinstance(token, str) and token.lower() == "and":
            clauses.append([])
        elif token not in ("(", ")"):
            clauses[-1].append(token)
    return clauses


def _tokens(condition: Any) -> Iterator[Any]:
    """Yield the tokens of a condition, nested expressions without their brackets."""
    for token in condition if isinstance(condition, list) else [condition]:
        if isinstance(token, Mapping) and isinstance(token.get("xpr"), list):
            yield from _tokens(token["xpr"])
        else:
            yield token


def _pair(name: str, clause: list[Any]) -> tuple[str, str] | None:
    """Return (own column, target column) of an equation, None for any other condition."""
    left, right = _sides(clause)
    for own, other in ((left, right), (right, left)):
        if len(other) > 1 and other[0] == name and own and own[0] != name:
            return ".".join(own), ".".join(other[1:])
    return None


def _sides(clause: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths on both sides of an equation, empty for any other condition."""
    match clause:
        case [left, "=", right]:
            return _ref(left), _ref(right)
        case _:
            return (), ()


def _ref(token: Any) -> tuple[str, ...]:
    ref = token.get("ref") if isinstance(token, Mapping) else None
    if not isinstance(ref, list) or not ref or not all(isinstance(r, str) and r for r in ref):
        return ()
    return tuple(ref[1:] if ref[0] in OWN_COLUMNS else ref)


def _managed(document: Document, name: str, keys: Any, target: str) -> Pairs:
    """Return the pairs of a managed association; CAP names own columns `<name>_<key>`."""
    if not isinstance(keys, list):
        target_entity = document.find(target)
        elements = target_entity.get("elements") if target_entity else None
        items = elements.items() if isinstance(elements, Mapping) else ()
        names = [key for key, e in items if isinstance(e, Mapping) and e.get("key") is True]
        return tuple((f"{name}_{key}", key) for key in names)
    pairs = []
    for key in keys:
        ref = _ref(key)
        if ref:
            alias = key.get("as")
            pairs.append((f"{name}_{alias if isinstance(alias, str) else '_'.join(ref)}", ref))
    return tuple((own, ".".join(ref)) for own, ref in pairs)


def _cardinality(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    most = value.get("max", 1)
    least = value.get("min", 0)
    if not isinstance(most, int | str) or not isinstance(least, int | str):
        return None
    return f"{least}..{most}"


def read_access_controls(
    document: Document, annotations: CsnAnnotations, columns: Collection[str]
) -> tuple[AccessControl, ...]:
    """Return the row-level access controls that an entity uses, with the columns they compare.

    The annotation stays in custom where a part of it cannot be read.
    """
    records = annotations.records(ACCESS_USAGE)
    controls, whole = [], True
    for record in records:
        target = _target(record.get("target"))
        condition = record.get("on")
        compared = [_compared(clause, target, columns) for clause in _clauses(condition or [])]
        compared = compared if condition else []
        whole = whole and bool(target) and None not in compared
        if target:
            names = tuple(dict.fromkeys(name for name in compared if name))
            controls.append(AccessControl(document.qualify(target), names))
    if not whole:
        annotations.used -= {t for t in annotations.used if t.startswith(ACCESS_USAGE)}
    return tuple(dict.fromkeys(controls))


def _target(written: Any) -> str:
    """Return the name of an access control, empty where there is none."""
    names = paths_of(written) or _ref(written)
    return ".".join(names)


def _compared(clause: list[Any], target: str, columns: Collection[str]) -> str | None:
    """Return the column that an equation compares with a criterion of the access control."""
    sides = _sides(clause)
    if not all(sides):
        return None
    names = [".".join(side) for side in sides if side[0] != target]
    return next((name for name in names if name in columns), names[0] if names else None)


def read_hierarchies(document: Document, annotations: CsnAnnotations) -> Iterator[Hierarchy]:
    """Yield the hierarchies that the annotations of an entity declare."""
    for record in annotations.records("Hierarchy.leveled"):
        levels = value_at(record, "levels")
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="level",
            label=_label(document, record),
            levels=tuple(_level(levels)),
            custom=_custom(record, *(["levels"] if _is_plain_list(levels) else [])),
        )
    for record in annotations.records("Hierarchy.parentChild"):
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="parent_child",
            label=_label(document, record),
            parent=paths_of(value_at(record, "recurse", "parent")),
            child=paths_of(value_at(record, "recurse", "child")),
            association=_first_path(record, "directory"),
            custom=_custom(record, "directory", *_plain_recursion(record)),
        )
    for record in annotations.records("Hierarchy.external"):
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="external",
            label=_label(document, record),
            association=_first_path(record, "association"),
            custom=_custom(record, "association"),
        )
    for name in annotations.paths(HIERARCHY_ASSOCIATION):
        yield Hierarchy(name=name, kind="external", association=name)


def external_hierarchies(column: str, annotations: CsnAnnotations) -> Iterator[Hierarchy]:
    """Yield the hierarchies in other objects that arrange the values of a column."""
    for name in annotations.paths(HIERARCHY_ASSOCIATION):
        yield Hierarchy(name=name, kind="external", child=(column,), association=name)


def _level(levels: Any) -> Iterator[str]:
    for level in levels if isinstance(levels, list) else []:
        value = value_at(level, "element") if isinstance(level, Mapping) else level
        yield from paths_of(value)


def _label(document: Document, record: Mapping[str, Any]) -> str | None:
    label = text_at(record, "label")
    return document.translate(label) if label else None


def _first_path(record: Mapping[str, Any], key: str) -> str | None:
    names = paths_of(record.get(key))
    return names[0] if names else None


def _custom(record: Mapping[str, Any], *used: str) -> Pairs:
    """Return the properties of a record that no field of a hierarchy holds, as text or JSON."""
    labels = [key for key in ("name", "label") if isinstance(record.get(key), str)]
    understood = {*labels, *used}
    return tuple(
        sorted(
            (key, as_text(value))
            for key, value in record.items()
            if key.partition(".")[0] not in understood
        )
    )


def _is_plain_list(levels: Any) -> bool:
    """Return whether the levels hold nothing but their names."""
    if not isinstance(levels, list):
        return False
    bare = all(not isinstance(level, Mapping) or set(level) == {"element"} for level in levels)
    return bare and len(tuple(_level(levels))) == len(levels)


def _plain_recursion(record: Mapping[str, Any]) -> list[str]:
    """Return `recurse` where it holds nothing but its parent and child columns."""
    recurse = record.get("recurse", {"parent": 0, "child": 0})
    sides = {"parent", "child", "recurse.parent", "recurse.child"}
    dotted = {key for key in record if key.startswith("recurse.")}
    if not isinstance(recurse, Mapping) or not {*recurse, *dotted} <= sides:
        return []
    columns = [value_at(record, "recurse", side) for side in ("parent", "child")]
    return ["recurse"] if all(paths_of(column) for column in columns) else []
