"""Associations and hierarchies of CSN: what an entity is linked to, column by column."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations, at, paths_of, plain
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Association, Hierarchy

_SELF: Final = ("$self", "$projection")
_COMPOSITION: Final = "cds.Composition"
_EXTERNAL: Final = "ObjectModel.hierarchy.association"

Pairs = tuple[tuple[str, str], ...]


def association(
    document: Document,
    name: str,
    element: Mapping[str, Any],
    about: CsnAnnotations,
    path: tuple[str, ...],
) -> tuple[Association, str | None]:
    """Return an association, and a note where its condition says more than pairs of columns.

    Raises:
        DocumentError: it has no target, with the path.

    """
    target = element.get("target")
    if not isinstance(target, str) or not target:
        raise DocumentError("an association has no target", *path, "target")
    space, entity = document.split(target)
    label = _text(document, about, "EndUserText.label", "Common.Label")
    pairs, whole = _pairs(document, name, element, target)
    custom = dict(about.custom())
    if not whole:
        custom["on"] = plain(element.get("on"))
    found = Association(
        name=name,
        target=entity,
        target_space=space,
        label=label,
        pairs=pairs,
        composition=element.get("type") == _COMPOSITION,
        cardinality=_cardinality(element.get("cardinality")),
        custom=tuple(sorted(custom.items())),
    )
    return found, None if whole else f"{name}: the condition says more than pairs of columns"


def _pairs(
    document: Document, name: str, element: Mapping[str, Any], target: str
) -> tuple[Pairs, bool]:
    """Return the pairs of columns, and whether they are all that the association says."""
    condition = element.get("on")
    if condition is None:
        return _managed(document, name, element.get("keys"), target), True
    tokens = list(_tokens(condition))
    clauses: list[list[Any]] = [[]]
    for token in tokens:
        if isinstance(token, str) and token.lower() == "and":
            clauses.append([])
        elif token not in ("(", ")"):
            clauses[-1].append(token)
    pairs = [_pair(name, clause) for clause in clauses]
    if any("or" in [t.lower() for t in clause if isinstance(t, str)] for clause in clauses):
        return (), False
    return tuple(pair for pair in pairs if pair), None not in pairs


def _tokens(condition: Any) -> Iterator[Any]:
    """Yield the tokens of a condition with the brackets of nested expressions taken off."""
    for token in condition if isinstance(condition, list) else [condition]:
        if isinstance(token, Mapping) and isinstance(token.get("xpr"), list):
            yield from _tokens(token["xpr"])
        else:
            yield token


def _pair(name: str, clause: list[Any]) -> tuple[str, str] | None:
    """Return (own column, target column) of an equation, None for any other condition."""
    if len(clause) != len(("left", "=", "right")) or clause[1] != "=":
        return None
    left, right = _ref(clause[0]), _ref(clause[2])
    for own, other in ((left, right), (right, left)):
        if len(other) > 1 and other[0] == name and own and own[0] != name:
            return ".".join(own), ".".join(other[1:])
    return None


def _ref(token: Any) -> tuple[str, ...]:
    ref = token.get("ref") if isinstance(token, Mapping) else None
    if not isinstance(ref, list) or not ref or not all(isinstance(r, str) and r for r in ref):
        return ()
    return tuple(ref[1:] if ref[0] in _SELF else ref)


def _managed(document: Document, name: str, keys: Any, target: str) -> Pairs:
    """Return the pairs of an association by keys; own columns are called `<name>_<key>` (CAP)."""
    if not isinstance(keys, list):
        known = document.known(target)
        elements = known.get("elements") if known else None
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


def hierarchies(document: Document, about: CsnAnnotations) -> Iterator[Hierarchy]:
    """Yield the hierarchies that an entity declares itself."""
    for record in about.records("Hierarchy.leveled"):
        levels = at(record, "levels")
        yield Hierarchy(
            name=_said(record, "name") or "",
            kind="level",
            label=_label(document, record),
            levels=tuple(_level(levels)),
            custom=_rest(record, *(["levels"] if _is_plain_list(levels) else [])),
        )
    for record in about.records("Hierarchy.parentChild"):
        yield Hierarchy(
            name=_said(record, "name") or "",
            kind="parent_child",
            label=_label(document, record),
            parent=paths_of(at(record, "recurse", "parent")),
            child=paths_of(at(record, "recurse", "child")),
            association=_leads(record, "directory"),
            custom=_rest(record, "directory", *_plain_recursion(record)),
        )
    for record in about.records("Hierarchy.external"):
        yield Hierarchy(
            name=_said(record, "name") or "",
            kind="external",
            label=_label(document, record),
            association=_leads(record, "association"),
            custom=_rest(record, "association"),
        )
    for name in about.paths(_EXTERNAL):
        yield Hierarchy(name=name, kind="external", association=name)


def external(column: str, about: CsnAnnotations) -> Iterator[Hierarchy]:
    """Yield the hierarchies in other objects that a column is arranged by."""
    for name in about.paths(_EXTERNAL):
        yield Hierarchy(name=name, kind="external", child=(column,), association=name)


def _level(levels: Any) -> Iterator[str]:
    for level in levels if isinstance(levels, list) else []:
        value = at(level, "element") if isinstance(level, Mapping) else level
        yield from paths_of(value)


def _said(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value else None


def _label(document: Document, record: Mapping[str, Any]) -> str | None:
    label = _said(record, "label")
    return document.translated(label) if label else None


def _leads(record: Mapping[str, Any], key: str) -> str | None:
    names = paths_of(record.get(key))
    return names[0] if names else None


def _rest(record: Mapping[str, Any], *known: str) -> Pairs:
    """Return what a record says beyond the known keys, as text or JSON."""
    said = [key for key in ("name", "label") if isinstance(record.get(key), str)]
    understood = {*said, *known}
    return tuple(
        sorted(
            (key, plain(value))
            for key, value in record.items()
            if key.partition(".")[0] not in understood
        )
    )


def _is_plain_list(levels: Any) -> bool:
    """Return whether the names of the levels are all that the levels say."""
    if not isinstance(levels, list):
        return False
    bare = all(not isinstance(level, Mapping) or set(level) == {"element"} for level in levels)
    return bare and len(tuple(_level(levels))) == len(levels)


def _plain_recursion(record: Mapping[str, Any]) -> list[str]:
    """Return `recurse` where its parent and child columns are all that it says."""
    recurse = record.get("recurse", {"parent": 0, "child": 0})
    known = {"parent", "child", "recurse.parent", "recurse.child"}
    dotted = {key for key in record if key.startswith("recurse.")}
    if not isinstance(recurse, Mapping) or not {*recurse, *dotted} <= known:
        return []
    found = [at(record, "recurse", side) for side in ("parent", "child")]
    return ["recurse"] if all(paths_of(side) for side in found) else []


def _text(document: Document, about: CsnAnnotations, *terms: str) -> str | None:
    text = about.text(*terms)
    return document.translated(text) if text else None
