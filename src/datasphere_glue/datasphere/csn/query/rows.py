"""The sources of a query as rows of columns: an object, a SELECT, a SET, or what is not known."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from datasphere_glue.datasphere.csn.query.cells import NOTHING, Cell, Use, inner_of, merged
from datasphere_glue.datasphere.csn.query.nodes import Item, Star
from datasphere_glue.datasphere.csn.query.objects import Findings, Objects

Names = tuple[tuple[str, ...], ...]
"""For each column in order the names that it may have, the usual one first."""

_NULL: Final = re.compile(r"NULL|CAST\(NULL AS [^)]*\)*")


class _Place(NamedTuple):
    names: tuple[str, ...]
    cell: Callable[[], Cell]


class Rows(Protocol):
    """A source of a query."""

    @property
    def open(self) -> bool:
        """Return whether its columns depend on those of another source."""

    def has(self, name: str) -> bool | None:
        """Return whether there is a column of a name, None where that is not known."""

    def cell(self, name: str) -> Cell:
        """Return a column by its name."""

    def names(self) -> Names | None:
        """Return the columns in order, without associations; None where they are not known."""

    def at(self, place: int) -> Cell:
        """Return a column by its place in `names`."""


@dataclass(slots=True, eq=False)
class QueryScope:
    """What the names in one SELECT can mean.

    `sources`: what it reads, each with the names that stand for it, the alias first.
    `mixins`: associations that the query itself declares.
    `output`: its own columns.
    `outer`: the scope of the query around it, for a query inside an expression.
    """

    sources: list[tuple[tuple[str, ...], Rows]] = field(default_factory=list)
    mixins: Mapping[str, Any] = field(default_factory=dict)
    output: "SelectRows | None" = None
    outer: "QueryScope | None" = None

    def alias(self, name: str) -> Rows | None:
        """Return the source that a name stands for, in this scope or in one around it."""
        for depth in range(max((len(names) for names, _ in self.sources), default=0)):
            for names, rows in self.sources:
                if names[depth : depth + 1] == (name,):
                    return rows
        return self.outer.alias(name) if self.outer else None


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """An object of Datasphere; a column that a query names needs no definition."""

    name: str
    objects: Objects
    open: bool = False

    def has(self, name: str) -> bool | None:
        """Return whether the object has a column or an association of a name."""
        known = self.objects.find(self.name)
        if known is None:
            return None
        return name in known.columns or known.link(name) is not None

    def cell(self, name: str) -> Cell:
        """Return the column of the object itself."""
        return Cell({(self.name, name): Use.PLAIN})

    def names(self) -> Names | None:
        """Return the columns of the object, asking for its definition."""
        known = self.objects.require(self.name)
        return None if known is None else tuple((name,) for name in known.columns)

    def at(self, place: int) -> Cell:
        """Return the column at a place."""
        names = self.names()
        return self.cell(names[place][0]) if names else NOTHING


@dataclass(frozen=True, slots=True)
class UnknownRows:
    """A source that could not be resolved; the findings say why."""

    open: bool = False

    def has(self, name: str) -> bool | None:  # noqa: ARG002 - the protocol passes it
        """Return None."""
        return None

    def cell(self, name: str) -> Cell:  # noqa: ARG002 - the protocol passes it
        """Return a column without origins."""
        return NOTHING

    def names(self) -> Names | None:
        """Return None."""
        return None

    def at(self, place: int) -> Cell:  # noqa: ARG002 - the protocol passes it
        """Return a column without origins."""
        return NOTHING


class SetRows:
    """A UNION or another SET: columns meet by place and have the names of the first branch.

    `operator`: such as `UNION ALL`.
    `hint`: names of the columns where the first branch leaves them open.
    """

    def __init__(
        self,
        branches: Sequence[Rows],
        operator: str,
        findings: Findings,
        hint: Sequence[str] | None = None,
    ) -> None:
        self._branches = branches
        self._operator = operator
        self._findings = findings
        self._hint = hint
        self._names: Names | None = None if hint is None else tuple((name,) for name in hint)
        self._index: dict[str, int] | None = None
        self._cells: dict[int, Cell] = {}

    @property
    def open(self) -> bool:
        """Return whether the columns depend on those of a source."""
        return self._branches[0].open

    def has(self, name: str) -> bool | None:
        """Return whether the first branch has the column."""
        return self._branches[0].has(name)

    def names(self) -> Names | None:
        """Return the columns of the first branch."""
        if self._names is None:
            self._names = self._branches[0].names()
        return self._names

    def cell(self, name: str) -> Cell:
        """Return the column of a name, made from the columns at its place in all branches."""
        if self._index is None:
            self._index = _index(self.names() or ())
        place = self._index.get(name)
        if place is not None:
            return self.at(place)
        self._findings.gap(f"the query has no column {name} at a known place")
        return NOTHING

    def at(self, place: int) -> Cell:
        """Return the column at a place."""
        if place not in self._cells:
            self._cells[place] = self._merged(place)
        return self._cells[place]

    def _merged(self, place: int) -> Cell:
        cells = []
        for number, branch in enumerate(self._branches, start=1):
            if number == 1 and self._hint is not None:
                cells.append(branch.cell(self._hint[place]))
                continue
            names = branch.names()
            if names is not None and place < len(names):
                cells.append(branch.at(place))
            elif names is not None:
                self._findings.gap(f"branch {number} of a {self._operator} has fewer columns")
        origins = merged(cells)
        self._findings.counts(len(origins))
        targets = tuple(target for cell in cells for target in cell.targets)
        return Cell(origins, self._formula(cells), inner_of(cells), targets)

    def _formula(self, cells: Sequence[Cell]) -> str | None:
        """Return the SQL of all branches where one of them computes the column."""
        texts = [cell.formula or _column_text(cell) for cell in cells]
        if all(map(_is_plain, cells)) and any(cell.origins for cell in cells):
            return None
        different = list(dict.fromkeys(text for text in texts if text))
        return f" {self._operator} ".join(different) or None


def _is_plain(cell: Cell) -> bool:
    """Return whether a branch hands a column through, or fills its place with nothing."""
    return cell.formula is None or _NULL.fullmatch(cell.formula) is not None


def _column_text(cell: Cell) -> str:
    return " ".join('"' + column.replace('"', '""') + '"' for _, column in cell.origins)


class SelectRows:
    """The columns of a SELECT.

    `evaluate`: returns the value of a column in its scope.
    `sources`: returns the rows of `*`, or of what a path before it leads to.
    `is_link`: returns whether a column is an association, which has no place of its own.
    """

    def __init__(
        self,
        entries: Sequence[Item | Star],
        findings: Findings,
        *,
        evaluate: Callable[[Item], Cell],
        sources: Callable[[Star], Sequence[Rows]],
        is_link: Callable[[Item], bool],
    ) -> None:
        self._entries = entries
        self._findings = findings
        self._evaluate = evaluate
        self._sources = sources
        self._is_link = is_link
        self._stars = tuple(one for one in entries if isinstance(one, Star))
        self._items = _index([one.names if isinstance(one, Item) else () for one in entries])
        self._star_rows: dict[int, Sequence[Rows]] = {}
        self._cells: dict[int, Cell | None] = {}
        self._places: tuple[_Place, ...] | None = None
        self._names: Names | None = None

    @property
    def open(self) -> bool:
        """Return whether the columns depend on those of a source."""
        return bool(self._stars)

    def computes(self, name: str) -> bool:
        """Return whether the query itself lists a column of a name."""
        return name in self._items

    def has(self, name: str) -> bool | None:
        """Return whether there is a column of a name, None where that is not known."""
        if name in self._items:
            return True
        answers = [rows.has(name) for rows in self._behind_stars(name)]
        return True if True in answers else None if None in answers else False

    def cell(self, name: str) -> Cell:
        """Return a column by its name."""
        place = self._items.get(name)
        if place is not None:
            return self._entry(place)
        rows = holder(self._behind_stars(name), name, self._findings)
        return NOTHING if rows is None else rows.cell(name)

    def names(self) -> Names | None:
        """Return the columns in order; those of `*` need the columns of its sources."""
        if self._names is None:
            places = self._all_places()
            self._names = None if places is None else tuple(place.names for place in places)
        return self._names

    def at(self, place: int) -> Cell:
        """Return a column by its place."""
        places = self._all_places()
        return NOTHING if places is None else places[place].cell()

    def _behind_stars(self, name: str) -> list[Rows]:
        """Return the sources whose columns the query hands through under this name."""
        stars = (at for at, star in enumerate(self._stars) if name not in star.excluding)
        found = {id(rows): rows for at in stars for rows in self._rows_of(at)}
        return list(found.values())

    def _rows_of(self, star: int) -> Sequence[Rows]:
        if star not in self._star_rows:
            self._star_rows[star] = self._sources(self._stars[star])
        return self._star_rows[star]

    def _entry(self, place: int) -> Cell:
        entry = self._entries[place]
        if not isinstance(entry, Item):
            return NOTHING
        if place not in self._cells:
            self._cells[place] = None
            self._cells[place] = self._evaluate(entry)
        cell = self._cells[place]
        if cell is None:
            self._findings.gap(f"column {' '.join(entry.names[:1])} refers to itself")
            return NOTHING
        return cell

    def _all_places(self) -> tuple[_Place, ...] | None:
        if self._places is None:
            self._places = self._placed()
        return self._places

    def _placed(self) -> tuple[_Place, ...] | None:
        """Return the columns in order: one that the query lists takes the place in `*`."""
        placed: dict[int, _Place] = {}
        handed: list[_Place | int] = []
        for number, entry in enumerate(self._entries):
            if isinstance(entry, Item):
                if number not in placed and not self._is_link(entry):
                    placed[number] = _Place(entry.names, partial(self._entry, number))
                    handed.append(number)
                continue
            for rows in self._rows_of(self._stars.index(entry)):
                names = rows.names()
                if names is None:
                    return None
                self._hand_through(entry, rows, names, placed, handed)
        return tuple(placed[one] if isinstance(one, int) else one for one in handed)

    def _hand_through(
        self,
        star: Star,
        rows: Rows,
        names: Names,
        placed: dict[int, _Place],
        handed: list[_Place | int],
    ) -> None:
        for place, candidates in enumerate(names):
            name = candidates[0] if candidates else ""
            if name in star.excluding:
                continue
            listed = self._items.get(name) if candidates else None
            if listed is None:
                cell = partial(rows.cell, name) if candidates else partial(rows.at, place)
                handed.append(_Place(candidates, cell))
            elif listed not in placed:
                entry = self._entries[listed]
                own = entry.names if isinstance(entry, Item) else ()
                placed[listed] = _Place(own, partial(self._entry, listed))
                handed.append(listed)


def holder(sources: Sequence[Rows], name: str, findings: Findings) -> Rows | None:
    """Return the one source that has a column of a name; None with a gap where none is certain.

    A name without its source means one of them only. A source that has the column beats those that
    are not known. The only source that is not known beats those that lack it.
    """
    answers = [(rows, rows.has(name)) for rows in sources]
    having = [rows for rows, has in answers if has]
    unknown = [rows for rows, has in answers if has is None]
    for found in (having, unknown):
        if len(found) == 1:
            return found[0]
        if found:
            break
    if having:
        findings.gap(f"column {name} is in more than one source")
    for rows in unknown if not having else ():
        rows.names()
    return None


def _index(names: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Return the place of each name; the usual name of a column beats another name of one."""
    index: dict[str, int] = {}
    for rank in range(max(map(len, names), default=0)):
        for place, candidates in enumerate(names):
            if rank < len(candidates):
                index.setdefault(candidates[rank], place)
    return index
