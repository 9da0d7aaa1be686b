"""Reads a query: what each of its columns is made from, and the columns of its conditions."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from datasphere_glue.datasphere.csn.query.cells import NOTHING, Cell, Use, inner_of, merged
from datasphere_glue.datasphere.csn.query.nodes import (
    Item,
    Star,
    Step,
    alias_of,
    body_of,
    columns_of,
    expanded,
    form_of,
    is_link_cast,
    is_parameter,
    plain_path,
    steps_of,
)
from datasphere_glue.datasphere.csn.query.objects import Findings, Objects
from datasphere_glue.datasphere.csn.query.paths import Paths, star_rows
from datasphere_glue.datasphere.csn.query.render import UNKNOWN, operator, quoted, to_sql
from datasphere_glue.datasphere.csn.query.rows import (
    QueryScope,
    Rows,
    SelectRows,
    SetRows,
    UnknownRows,
)

AGGREGATES: Final = frozenset(
    (
        *("SUM", "COUNT", "MIN", "MAX", "AVG", "MEDIAN", "COUNT_DISTINCT", "COUNTDISTINCT"),
        *("APPROX_COUNT_DISTINCT", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VAR", "VAR_POP"),
        *("VAR_SAMP", "VARIANCE", "STRING_AGG", "LISTAGG", "FIRST_VALUE", "LAST_VALUE"),
        *("NTH_VALUE", "CORR", "CORR_SPEARMAN", "COVAR_POP", "COVAR_SAMP", "PERCENTILE_CONT"),
        *("PERCENTILE_DISC", "SUM_DISTINCT", "AVG_DISTINCT", "AVERAGE", "ANY_VALUE", "MODE"),
    )
)
"""The functions of SAP HANA and CAP that make one value of many rows."""

_FIRST_ONLY: Final = frozenset({"EXCEPT", "MINUS"})
"""The operators whose other branches only remove rows."""

_CONDITIONS: Final = (
    *(("where", "filter"), ("search", "filter"), ("groupBy", "group")),
    *(("having", "filter"), ("orderBy", "sort")),
)
_FILTERS: Final = frozenset({"where", "having"})
_EXISTS: Final = "exists"


class QueryReader:
    """Reads one query; what it finds apart from the columns goes to `findings`."""

    def __init__(self, objects: Objects, findings: Findings) -> None:
        self._objects = objects
        self._findings = findings
        self._paths = Paths(objects, findings, self._condition)

    def rows(
        self,
        node: Any,
        outer: QueryScope | None = None,
        *,
        filters: bool = True,
        hint: Sequence[str] | None = None,
        links: frozenset[str] = frozenset(),
    ) -> Rows:
        """Return the columns of a query.

        `outer`: the scope around a query inside an expression.
        `filters`: whether its conditions are kept as SQL.
        `hint`: names of its columns.
        `links`: names of columns that are associations.
        """
        found = body_of(node)
        if found is None:
            return self._unknown(node)
        keyword, body = found
        if keyword == "SELECT":
            return self._select(body, outer, filters=filters, links=links)
        return self._set(body, outer, filters=filters, hint=hint, links=links)

    def cell(self, node: Any, scope: QueryScope) -> Cell:
        """Return the value of an expression."""
        if isinstance(node, str):
            return NOTHING
        if isinstance(node, list | tuple):
            return self._combined(node, scope)
        if not isinstance(node, Mapping):
            self._unknown(node)
            return NOTHING
        cell = self._expression(node, scope)
        if isinstance(node.get("cast"), Mapping) and not is_link_cast(node["cast"]):
            return self._computed([cell])
        return cell

    def _expression(self, node: Mapping[str, Any], scope: QueryScope) -> Cell:
        match form_of(node):
            case "SELECT" | "SET":
                cell = self._subquery(node, scope)
            case "expand":
                cell = self._nested(node, scope)
            case "func":
                cell = self._function(node, scope)
            case "xpr":
                cell = self._combined(node["xpr"], scope)
            case "list":
                cell = self._computed(self._cells(node["list"], scope))
            case "ref" if not is_parameter(node):
                cell = self._reference(node, scope)
            case "ref" | "val" | "#":
                cell = NOTHING
            case _:
                self._unknown(node)
                cell = NOTHING
        return cell

    def _reference(self, node: Mapping[str, Any], scope: QueryScope) -> Cell:
        """Return the value of a path; a computed column of an inner query keeps its SQL."""
        steps = steps_of(node["ref"])
        if not steps:
            self._unknown(node)
            return NOTHING
        cell = self._paths.cell(steps, scope)
        if cell.formula is None:
            return cell
        inner = {f"{quoted(steps[-1].name)}: {cell.formula}": None, **cell.inner}
        return Cell(cell.origins, inner=inner)

    def _cells(self, nodes: Iterable[Any], scope: QueryScope) -> list[Cell]:
        return [self.cell(node, scope) for node in nodes]

    def _combined(self, nodes: Sequence[Any], scope: QueryScope) -> Cell:
        """Return the value of the tokens of an expression; a single operand stays what it is."""
        if len(nodes) == 1 and not isinstance(nodes[0], str):
            return self.cell(nodes[0], scope)
        cells = []
        for before, node in zip(("", *nodes), nodes, strict=False):
            if isinstance(before, str) and before.lower() == _EXISTS:
                self._exists(node, scope)
            else:
                cells.append(self.cell(node, scope))
        return self._computed(cells)

    def _exists(self, node: Any, scope: QueryScope) -> None:
        """Read what EXISTS tests: its conditions count, its columns do not."""
        steps = steps_of(node.get("ref")) if isinstance(node, Mapping) else ()
        if steps:
            self._paths.rows(steps, scope)
        else:
            self.rows(node, scope, filters=False)

    def _computed(self, cells: Iterable[Cell], least: Use = Use.COMPUTED) -> Cell:
        cells = list(cells)
        origins, inner = merged(cells, least), inner_of(cells)
        self._findings.counts(len(origins) + len(inner))
        return Cell(origins, inner=inner)

    def _function(self, node: Mapping[str, Any], scope: QueryScope) -> Cell:
        args = node.get("args")
        values = list(args.values()) if isinstance(args, Mapping) else args
        if values is not None and not isinstance(values, list):
            self._unknown(values)
        name = node["func"]
        aggregates = isinstance(name, str) and name.upper() in AGGREGATES
        least = Use.AGGREGATED if aggregates else Use.COMPUTED
        inside = self._computed(
            self._cells(values if isinstance(values, list) else (), scope), least
        )
        window = node.get("xpr")
        if isinstance(window, list):
            inside = self._computed([inside, self._computed(self._cells(window, scope))])
        return inside

    def _subquery(self, node: Mapping[str, Any], scope: QueryScope) -> Cell:
        rows = self.rows(node, scope, filters=False)
        names = rows.names()
        return self._computed(rows.at(place) for place in range(len(names or ())))

    def _nested(self, node: Mapping[str, Any], scope: QueryScope) -> Cell:
        """Return all columns that a nested projection puts into one."""
        cells = []
        for entry in expanded(node):
            if isinstance(entry, Star):
                for rows in self._star(scope, entry):
                    names = (names[0] for names in rows.names() or () if names)
                    cells += [rows.cell(name) for name in names if name not in entry.excluding]
            elif isinstance(entry, Item):
                cells.append(self.cell(entry.node, scope))
            else:
                self._unknown(entry)
        return self._computed(cells)

    def _set(
        self,
        body: Mapping[str, Any],
        outer: QueryScope | None,
        *,
        filters: bool,
        hint: Sequence[str] | None,
        links: frozenset[str],
    ) -> Rows:
        args = body.get("args")
        if not isinstance(args, list) or not args:
            return self._unknown(body)
        word = operator(body)
        branches = [
            self.rows(arg, outer, filters=filters, hint=None if at else hint, links=links)
            for at, arg in enumerate(args)
        ]
        if word.partition(" ")[0] in _FIRST_ONLY:
            for branch in branches[1:]:
                for place in range(len(branch.names() or ())):
                    self._findings.uses(branch.at(place).origins, "filter")
            branches = branches[:1]
        first = branches[0]
        rows = SetRows(branches, word, self._findings, hint if first.open else None)
        self._sorted(body.get("orderBy"), QueryScope([((), rows)]))
        return rows

    def _select(
        self,
        body: Mapping[str, Any],
        outer: QueryScope | None,
        *,
        filters: bool,
        links: frozenset[str],
    ) -> Rows:
        mixins = body.get("mixin")
        scope = QueryScope(mixins=mixins if isinstance(mixins, Mapping) else {}, outer=outer)
        self._add_sources(body.get("from"), scope, filters=filters)
        entries = []
        for entry in columns_of(body):
            if isinstance(entry, Item | Star):
                entries.append(entry)
            else:
                self._unknown(entry)
        scope.output = SelectRows(
            entries,
            self._findings,
            evaluate=partial(self._column, scope),
            sources=partial(self._star, scope),
            is_link=partial(self._is_link, scope, links),
        )
        for part, how in _CONDITIONS:
            condition = body.get(part)
            if part == "orderBy":
                self._sorted(condition, scope)
            else:
                self._condition(condition, scope, how)
            if filters and part in _FILTERS and condition:
                self._findings.keep(to_sql(condition))
        return scope.output

    def _add_sources(self, node: Any, scope: QueryScope, *, filters: bool) -> None:
        """Add what FROM names to a scope, and the conditions of its joins to the findings."""
        if node is None:
            return
        if isinstance(node, str):
            node = {"ref": [node]}
        if isinstance(node, list):
            for one in node:
                self._add_sources(one, scope, filters=filters)
            return
        alias = alias_of(node) if isinstance(node, Mapping) else None
        steps = steps_of(node.get("ref")) if isinstance(node, Mapping) else ()
        if body_of(node) is not None:
            names = (alias,) if alias else ()
            scope.sources.append((names, self.rows(node, scope.outer, filters=filters)))
        elif steps:
            self._add_path(steps, alias, scope, filters=filters)
        elif isinstance(node, Mapping) and isinstance(node.get("args"), list):
            for one in node["args"]:
                self._add_sources(one, scope, filters=filters)
            self._condition(node.get("on"), scope, "join")
        else:
            scope.sources.append(((), self._unknown(node)))

    def _add_path(
        self, steps: Sequence[Step], alias: str | None, scope: QueryScope, *, filters: bool
    ) -> None:
        if filters:
            for step in steps:
                self._findings.keep(to_sql(step.where or UNKNOWN))
        last = steps[-1].name
        short = last.rpartition(".")[2]
        names = (alias, last) if alias else (short, last)
        found = self._paths.from_path(steps, scope)
        scope.sources += [(names, rows) for rows in found] or [(names, UnknownRows())]

    def _column(self, scope: QueryScope, item: Item) -> Cell:
        """Return a column of a SELECT, with its SQL where it is computed."""
        steps = plain_path(item.node)
        if steps:
            return self._paths.end(steps, scope)
        cell = self.cell(item.node, scope)
        text = to_sql(item.node)
        return Cell(cell.origins, None if text == UNKNOWN else text, cell.inner)

    def _is_link(self, scope: QueryScope, links: frozenset[str], item: Item) -> bool:
        steps = plain_path(item.node)
        if not steps:
            return False
        declared = not links.isdisjoint(item.names)
        return declared or self._paths.is_link(self._paths.end(steps, scope))

    def _star(self, scope: QueryScope, star: Star) -> Sequence[Rows]:
        return star_rows(star, self._paths, scope)

    def _condition(self, condition: Any, scope: QueryScope, how: str) -> None:
        if condition:
            self._findings.uses(self.cell(condition, scope).origins, how)

    def _sorted(self, terms: Any, scope: QueryScope) -> None:
        """Add the columns of ORDER BY, where a name means a column of the query first."""
        output = scope.output
        for term in terms if isinstance(terms, list) else ():
            steps = steps_of(term.get("ref")) if isinstance(term, Mapping) else ()
            if len(steps) == 1 and output is not None and output.computes(steps[0].name):
                self._findings.uses(output.cell(steps[0].name).origins, "sort")
            else:
                self._condition(term, scope, "sort")

    def _unknown(self, node: Any) -> UnknownRows:
        members = sorted(map(str, node))[:5] if isinstance(node, Mapping) else [type(node).__name__]
        self._findings.gap(f"a part of an unknown form ({', '.join(members)[:60]})")
        return UnknownRows()
