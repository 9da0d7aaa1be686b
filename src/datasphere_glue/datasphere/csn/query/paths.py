"""Follows the paths of a query: to a column of a source, or through associations to a target."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

from datasphere_glue.datasphere.csn.query.cells import (
    NOTHING,
    Cell,
    MixinTarget,
    Place,
    Use,
    merged,
)
from datasphere_glue.datasphere.csn.query.nodes import MAGIC, OWN_COLUMNS, Star, Step
from datasphere_glue.datasphere.csn.query.objects import AssociationEnd, Findings, Objects
from datasphere_glue.datasphere.csn.query.rows import ObjectRows, QueryScope, Rows, holder


class Conditions(Protocol):
    """Adds the columns of a condition to the findings."""

    def __call__(self, condition: Any, scope: QueryScope, how: str) -> None:
        """Add the columns of a condition that is read in a scope."""


class Paths:
    """Resolves the paths of one query.

    `condition`: adds the columns of filters inside a path, and of the joins behind it.
    """

    def __init__(self, objects: Objects, findings: Findings, condition: Conditions) -> None:
        self._objects = objects
        self._findings = findings
        self._condition = condition
        self._joined: set[object] = set()

    def cell(self, steps: Sequence[Step], scope: QueryScope) -> Cell:
        """Return the column at the end of a path, no origins for an association."""
        found = self.end(steps, scope)
        return NOTHING if self.is_link(found) else found

    def end(self, steps: Sequence[Step], scope: QueryScope) -> Cell:
        """Return what a path leads to: a column, or an association with its targets."""
        first = steps[0]
        whole_row = first.name in OWN_COLUMNS and len(steps) == 1
        if whole_row or first.name in MAGIC or first.name.startswith(":"):
            return NOTHING
        for step in steps:
            if step.args:
                self._condition(_values(step.args), scope, "filter")
        source = scope.alias(first.name) if len(steps) > 1 else None
        if source is not None:
            return self._walk(source.cell(steps[1].name), steps[1:], scope)
        if first.name in OWN_COLUMNS:
            return self._walk(self._own(steps[1].name, scope), steps[1:], scope)
        return self._walk(self._unqualified(first.name, scope), steps, scope)

    def is_link(self, cell: Cell) -> bool:
        """Return whether a cell is an association, as far as definitions tell."""
        return bool(cell.targets) or (bool(cell.origins) and all(map(self._link, cell.origins)))

    def rows(self, steps: Sequence[Step], scope: QueryScope) -> list[Rows]:
        """Return the rows that a path before `.*` leads to."""
        source = scope.alias(steps[0].name) if len(steps) == 1 else None
        if source is not None:
            return [source]
        targets = self._follow(self.end(steps, scope), steps[-1], scope)
        return [ObjectRows(target, self._objects) for target in targets]

    def from_path(self, steps: Sequence[Step], scope: QueryScope) -> list[Rows]:
        """Return the rows of a path in FROM: an object, or the target of its last association."""
        first, rest = steps[0], steps[1:]
        around = scope.alias(first.name) if rest else None
        rows: list[Rows] = [around or self._object(first.name)]
        for step in (first, *rest):
            if step is not first:
                cells = [one.cell(step.name) for one in rows]
                whole = Cell(merged(cells), targets=tuple(t for c in cells for t in c.targets))
                targets = self._follow(whole, step, scope, "filter")
                rows = [ObjectRows(target, self._objects) for target in targets]
            elif step.where:
                self._condition(step.where, QueryScope([((), rows[0])], outer=scope), "filter")
            if not rows:
                break
        return rows

    def _object(self, written: str) -> ObjectRows:
        name = self._objects.qualify(written)
        self._findings.objects[name] = None
        return ObjectRows(name, self._objects)

    def _own(self, name: str, scope: QueryScope) -> Cell:
        """Return a column of the query itself, or an association that it declares."""
        output = scope.output
        if output is not None and output.computes(name):
            return output.cell(name)
        if name in scope.mixins:
            return self._mixin(name, scope)
        if output is not None:
            return output.cell(name)
        return NOTHING

    def _unqualified(self, name: str, scope: QueryScope) -> Cell:
        around: QueryScope | None = scope
        while around is not None:
            if name in around.mixins:
                return self._mixin(name, around)
            sources = [rows for _, rows in around.sources]
            absent = all(rows.has(name) is False for rows in sources)
            if not absent:
                rows = holder(sources, name, self._findings)
                return NOTHING if rows is None else rows.cell(name)
            around = around.outer
        if scope.output is not None and scope.output.computes(name):
            return scope.output.cell(name)
        self._findings.gap(f"no source has a column {name}")
        return NOTHING

    def _mixin(self, name: str, scope: QueryScope) -> Cell:
        mixin = scope.mixins[name]
        target = mixin.get("target") if isinstance(mixin, Mapping) else None
        if not isinstance(target, str) or not target:
            self._findings.gap(f"the association {name} has no target")
            return NOTHING
        join = partial(self._join_mixin, name, scope)
        return Cell(targets=(MixinTarget(self._objects.qualify(target), join),))

    def _walk(self, cell: Cell, steps: Sequence[Step], scope: QueryScope) -> Cell:
        """Return what the steps after the first one lead to; the first one leads to the cell."""
        for step, following in pairwise(steps):
            targets = self._follow(cell, step, scope)
            if targets:
                rows = [ObjectRows(target, self._objects) for target in targets]
                cell = Cell(merged(one.cell(following.name) for one in rows))
            elif not self._is_structure(cell):
                return NOTHING
        return cell

    def _follow(self, cell: Cell, step: Step, scope: QueryScope, how: str = "join") -> list[str]:
        """Return the objects that an association leads to; its condition is a join.

        `how`: what the filter of the step is.
        """
        targets = [target.name for target in cell.targets]
        for target in cell.targets:
            target.join()
        for place, use in cell.origins.items():
            if use is Use.PLAIN and self._objects.require(place[0]) is not None:
                link = self._link(place)
                if link is not None:
                    self._join(place[0], link)
                    targets.append(link.target)
        if step.where:
            for name in targets:
                inner = QueryScope([((), ObjectRows(name, self._objects))], outer=scope)
                self._condition(step.where, inner, how)
        self._findings.objects |= dict.fromkeys(targets)
        return list(dict.fromkeys(targets))

    def _link(self, place: Place) -> AssociationEnd | None:
        known = self._objects.find(place[0])
        return known.link(place[1]) if known else None

    def _is_structure(self, cell: Cell) -> bool:
        """Return whether a cell is a column with parts; a gap where it is nothing known."""
        for name, column in cell.origins:
            known = self._objects.find(name)
            if known is not None and column not in known.columns:
                self._findings.gap(f"{name} has no association {column}")
            elif known is not None:
                continue
            return False
        return bool(cell.origins)

    def _join(self, source: str, link: AssociationEnd) -> None:
        if (source, link) not in self._joined:
            self._joined.add((source, link))
            for own, other in link.pairs:
                self._findings.uses({(source, own): None, (link.target, other): None}, "join")

    def _join_mixin(self, name: str, scope: QueryScope) -> None:
        if (id(scope), name) not in self._joined:
            self._joined.add((id(scope), name))
            self._condition(scope.mixins[name].get("on"), scope, "join")


def star_rows(star: Star, paths: Paths, scope: QueryScope) -> Sequence[Rows]:
    """Return the rows whose columns a `*` stands for."""
    if star.path:
        return paths.rows(star.path, scope)
    return [rows for _, rows in scope.sources]


def _values(args: Any) -> list[Any]:
    if isinstance(args, Mapping):
        return list(args.values())
    return args if isinstance(args, list) else []
