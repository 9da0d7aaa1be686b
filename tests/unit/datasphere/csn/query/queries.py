"""Queries of a small shop, as CQN: builders, the objects they read, and what comes out of them."""

from collections.abc import Mapping
from typing import Any

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element
from tests.unit.datasphere.csn.samples import entity, read

TEXT = {"type": "cds.String"}

Edges = set[tuple[str, str, str]]


def ref(*steps: Any, alias: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a path."""
    return named({"ref": list(steps), **more}, alias)


def func(name: str, *args: Any, alias: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a call of a function."""
    return named({"func": name, "args": list(args), **more}, alias)


def xpr(*tokens: Any, alias: str | None = None) -> dict[str, Any]:
    """Return an expression of tokens."""
    return named({"xpr": list(tokens)}, alias)


def val(value: Any, alias: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a literal."""
    return named({"val": value, **more}, alias)


def named(node: Mapping[str, Any], alias: str | None) -> dict[str, Any]:
    """Return a node with an alias."""
    return {**node, "as": alias} if alias else dict(node)


def select(source: Any, *columns: Any, alias: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a SELECT; without columns it selects all."""
    body = {"from": source, **({"columns": list(columns)} if columns else {}), **more}
    return named({"SELECT": body}, alias)


def union(*branches: Any, op: str = "union", alias: str | None = None, **more: Any) -> Any:
    """Return a SET."""
    return named({"SET": {"op": op, "args": list(branches), **more}}, alias)


def join(left: Any, right: Any, *on: Any, kind: str = "inner") -> dict[str, Any]:
    """Return a join."""
    return {"join": kind, "args": [left, right], **({"on": list(on)} if on else {})}


def link(target: str, own: str, other: str, name: str) -> dict[str, Any]:
    """Return an association by one pair of columns."""
    condition = [ref(own), "=", ref(name, other)]
    return {"type": "cds.Association", "target": target, "on": condition}


SHOP: Mapping[str, Any] = {
    "SALE": entity(
        {"NO": TEXT, "ITEM": TEXT, "PRICE": TEXT, "_ITEM": link("ITEM", "ITEM", "ID", "_ITEM")}
    ),
    "ITEM": entity(
        {"ID": TEXT, "NAME": TEXT, "MAKER": TEXT, "_BY": link("HR.MAKER", "MAKER", "CODE", "_BY")}
    ),
    "HR.MAKER": entity({"CODE": TEXT, "TOWN": TEXT}),
}
"""Sales of items that someone makes; the makers are in another space."""


def definition(query: Any, *columns: str, **objects: Any) -> Definition:
    """Return the definition of the view `V` with a query; other objects are in its document."""
    view = entity(dict.fromkeys(columns, TEXT), query=query)
    return read({"definitions": {**objects, "V": view}}, spaces=("HR",))


def view(query: Any, *columns: str, **objects: Any) -> Asset:
    """Return the asset of the view `V` with a query, in a document with the whole shop."""
    return definition(query, *columns, **{**SHOP, **objects}).asset


def column(query: Any, name: str = "C", **objects: Any) -> Element:
    """Return the only column of the view `V` with a query."""
    (element,) = view(query, name, **objects).elements
    return element


def edges(element: Element) -> Edges:
    """Return the lineage of a column."""
    found = {(one.object, one.column, one.how) for one in element.lineage}
    assert len(found) == len(element.lineage)
    return found


def indirect(asset: Asset) -> Edges:
    """Return the columns of the conditions of a view."""
    return {(one.object, one.column, one.how) for one in asset.indirect_lineage}
