"""The nodes of a query as CAP writes them (CQN): paths, aliases and parts of a SELECT."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from datasphere_glue.datasphere.csn.types import LINKS

OWN_COLUMNS: Final = frozenset({"$self", "$projection"})
"""First steps that lead to the columns of the query itself."""

MAGIC: Final = frozenset({"$user", "$now", "$at", "$valid", "$session", "$tenant", "$parameters"})
"""First steps of values that the database or the consumer provides."""


_FORMS: Final[Mapping[str, type | tuple[type, ...]]] = MappingProxyType(
    {
        "SELECT": Mapping,
        "SET": Mapping,
        "expand": list,
        "func": str,
        "xpr": list,
        "list": list,
        "ref": list,
        "val": object,
        "#": object,
    }
)
"""The members by which the forms of nodes differ (CAP, CQN), in the order in which they count."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; `where` filters what it leads to, `args` are values of parameters."""

    name: str
    where: Any = None
    args: Any = None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the columns of a SELECT.

    `names`: names that the column may have, the usual one first; empty where none is given.
    `node`: its expression.
    """

    names: tuple[str, ...]
    node: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Star:
    """All columns, of all sources or of what a path leads to, without those `excluding` names."""

    path: tuple[Step, ...] = ()
    excluding: frozenset[str] = field(default_factory=frozenset)


def steps_of(ref: Any) -> tuple[Step, ...]:
    """Return the steps of a path, none where one of them has no name."""
    if not isinstance(ref, list | tuple):
        return ()
    steps = [_step(one) for one in ref]
    return tuple(step for step in steps if step is not None) if all(steps) else ()


def _step(one: Any) -> Step | None:
    if isinstance(one, Step):
        return one
    more = one if isinstance(one, Mapping) else {}
    name = more.get("id") if more else one
    return (
        Step(name, more.get("where"), more.get("args")) if isinstance(name, str) and name else None
    )


def alias_of(node: Mapping[str, Any]) -> str | None:
    """Return the alias of a node, None without one."""
    alias = node.get("as")
    return alias if isinstance(alias, str) and alias else None


def form_of(node: Mapping[str, Any]) -> str | None:
    """Return the member that shows the form of a node, None where its form is unknown."""
    form = next((form for form in _FORMS if form in node), None)
    kind = _FORMS.get(form or "", object)
    return form if form is not None and isinstance(node[form], kind) else None


def is_parameter(node: Mapping[str, Any]) -> bool:
    """Return whether a reference names a parameter.

    That is `{ref: [P], param: true}`, in older documents `{ref: [P], scope: "param"}`, or `:P`.
    """
    steps = steps_of(node.get("ref"))
    marked = node.get("param") is True or node.get("scope") == "param"
    return marked or (bool(steps) and steps[0].name.startswith(":"))


def is_link_cast(cast: Any) -> bool:
    """Return whether a cast gives an association another target, and computes nothing."""
    return isinstance(cast, Mapping) and (cast.get("type") in LINKS or "target" in cast)


def body_of(node: Any) -> tuple[str, Mapping[str, Any]] | None:
    """Return the keyword and the body of a query, None for any other node."""
    form = form_of(node) if isinstance(node, Mapping) else None
    return (form, node[form]) if form in {"SELECT", "SET"} else None


def columns_of(select: Mapping[str, Any]) -> Iterator[Item | Star | Any]:
    """Yield the columns of a SELECT; without any it selects all. A node of another form stays."""
    excluding = _names(select.get("excluding"))
    columns = select.get("columns")
    for node in columns if isinstance(columns, list) and columns else ["*"]:
        yield from _entries(node, (), excluding)


def _entries(
    node: Any, prefix: tuple[Step, ...], excluding: frozenset[str]
) -> Iterator[Item | Star | Any]:
    if node == "*":
        yield Star(prefix, excluding)
        return
    if isinstance(node, str):
        node = {"ref": [node]}
    if not isinstance(node, Mapping):
        yield node
        return
    steps = steps_of(node.get("ref"))
    if steps and steps[-1].name == "*":
        yield Star((*prefix, *steps[:-1]), excluding)
    elif isinstance(node.get("inline"), list):
        inner = _names(node.get("excluding"))
        for one in node["inline"]:
            yield from _entries(one, (*prefix, *steps), inner)
    else:
        yield _item(node, prefix, steps)


def _item(node: Mapping[str, Any], prefix: tuple[Step, ...], steps: tuple[Step, ...]) -> Item:
    """Return a column; one inside `inline` is named by its last step or by all steps from there."""
    path = (*prefix, *steps)
    alias = alias_of(node)
    own = alias or (steps[-1].name if steps else None)
    if own is None:
        function = node.get("func")
        own = function if isinstance(function, str) and function else None
    if own is None:
        return Item((), node)
    if not prefix:
        return Item((own,), node)
    flat = "_".join(step.name for step in (*prefix, *(() if alias else steps[:-1])))
    moved = {**node, "ref": list(path)} if steps else node
    return Item((own, f"{flat}_{own}", f"{prefix[-1].name}_{own}"), moved)


def expanded(node: Mapping[str, Any]) -> Iterator[Item | Star | Any]:
    """Yield the columns that a nested projection `{ref, expand}` puts into one."""
    for one in node["expand"] if isinstance(node.get("expand"), list) else ():
        yield from _entries(one, steps_of(node.get("ref")), _names(node.get("excluding")))


def _names(value: Any) -> frozenset[str]:
    names = value if isinstance(value, list) else ()
    return frozenset(name for name in names if isinstance(name, str))


def plain_path(node: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the path of a column that only hands another one through, none for any other."""
    xpr = node.get("xpr")
    if isinstance(xpr, list) and len(xpr) == 1 and isinstance(xpr[0], Mapping):
        return plain_path(xpr[0])
    steps = steps_of(node.get("ref"))
    cast = node.get("cast")
    plain = (
        form_of(node) == "ref"
        and not is_parameter(node)
        and (not isinstance(cast, Mapping) or is_link_cast(cast))
        and not any(step.where or step.args or step.name in MAGIC for step in steps)
    )
    return steps if plain else ()
