"""Tables of a space that stand in a former database of it: which of them a run follows.

A space is written into another database once a template, `naming.databases` or an address changes.
What people wrote then goes along, and the former table points to its heir. The home database is the
one that the rules give now.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.plan.change import Rename
from datasphere_glue.plan.fields import MOVED_FROM

_RENAMED_TO: Final = table_key("renamed_to")
_NOWHERE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class FormerTables:
    """The tables in former databases that a run follows.

    - `tables`: at most one for each asset.
    - `proven`: True if our own record shows that we wrote there. Without a record, only what people
      wrote is carried over, and the former tables stay as they are.
    - `database`: the former database, if it carries our marker.
    - `new_names`: the names of their assets that are listed in another case or Unicode form now, by
      the former name.
    - `superseded`: places of tables whose copy at home counts for their asset now.
    """

    tables: tuple[CurrentTable, ...] = ()
    proven: bool = True
    database: Database | None = None
    new_names: Mapping[str, str] = field(default_factory=dict)
    superseded: frozenset[str] = frozenset()

    def by_asset(self) -> Mapping[str, CurrentTable]:
        """Return the tables by the name that their asset has now."""
        named = ((current.table.asset[1], current) for current in self.tables)
        return {self.new_names.get(asset, asset): current for asset, current in named}


NO_FORMER: Final = FormerTables()


def place_of(table: Table) -> str:
    """Return `database.table`."""
    return f"{table.database}.{table.name}"


def pointers_of(table: Table) -> frozenset[str]:
    """Return the places that a table at home points to: where it was, or where it moved to."""
    moved_from, renamed_to = _parameter(table, MOVED_FROM), _parameter(table, _RENAMED_TO)
    if moved_from is None and renamed_to is None:
        return _NOWHERE
    values = (moved_from, renamed_to if table.deprecated else None)
    return frozenset(value for value in values if value and "." in value)


def _parameter(table: Table, key: str) -> str | None:
    """Return a parameter by bisection: every run asks every table, and few have it."""
    at = bisect_left(table.parameters, (key,))
    pair = table.parameters[at] if at < len(table.parameters) else ("", "")
    return pair[1] if pair[0] == key else None


def follows(current: Table, former: Table) -> bool:
    """Return whether a table at home is carried on from a former one of the same asset.

    It is deprecated since its space moved to the former database, and the space moves back now.
    """
    return current.deprecated and place_of(former) in pointers_of(current)


def was_given_up(former: Table, current: Table) -> bool:
    """Return whether a table was to carry on one at home, which is still active.

    The move was cut off before it deprecated that one, and the space stays at home now.
    """
    started = _parameter(former, MOVED_FROM) == place_of(current)
    return started and not former.deprecated and not current.deprecated


def tables_to_follow(
    home: Iterable[Table],
    former: Iterable[CurrentTable],
    *,
    listed: Collection[str],
    read: Collection[str],
    new_names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[CurrentTable, ...]:
    """Return the tables in other databases of a space that the run would follow.

    - `home`: the tables of the space in its home database.
    - `former`: its tables in other databases.
    - `listed`: exact names of all assets of the space; `read`: of those whose content was read.
    - `new_names`: as in `FormerTables`.

    A former table is followed if its asset has no table at home yet, or if the table at home points
    to it. One of an asset that is gone is followed only while the space moves. So is one of a move
    that was given up. All others are left.
    """
    at_home: dict[str, Table] = {}
    pointing: defaultdict[str, list[Table]] = defaultdict(list)
    for table in home:
        at_home[table.asset[1]] = table
        for place in pointers_of(table):
            pointing[place].append(table)
    moving = {place.rpartition(".")[0] for place in pointing}

    def is_followed(table: Table) -> bool:
        asset = new_names.get(table.asset[1], table.asset[1])
        current, points = at_home.get(asset), pointing.get(place_of(table), [])
        if current is None and asset in listed:
            return asset in read
        if table.deprecated:
            return current is not None and follows(current, table) and asset in read
        if current is None and not points:
            return not at_home or table.database in moving
        given_up = current is not None and was_given_up(table, current)
        return bool(points) or (given_up and asset in listed)

    return tuple(current for current in former if is_followed(current.table))


def move_of(former: Table, heir: Table, *, proven: bool = True) -> Rename:
    """Return the move of a table to another database; without proof the former one has no heir."""
    return Rename(
        heir.asset[1],
        heir.asset[1],
        1.0,
        (f"written to {place_of(former)} before",),
        heir=place_of(heir) if proven else None,
    )


def move_note(space: str, former: str, home: str) -> Issue:
    """Return the note about what a move does not carry over."""
    return Issue(
        IssueCode.RENAME_TAGS,
        f"tables of database {former} moved to {home}, with what people added to them; Lake"
        " Formation tags and grants are not read here",
        f"give database {home} and its tables the LF-tags and grants of {former}",
        space=space,
    )
