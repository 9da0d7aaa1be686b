"""Which Glue databases belong to the tenant: their names by rule, and how to recognise one."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from datasphere_glue.mapping.names import (
    GlueName,
    distinct_label,
    glue_name,
    glue_names,
    with_suffix,
)
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.table import Catalog, Database

_PREFIX: Final = "db_"
_ANY_SPACE: Final = "anyspace"
"""Stands for a space when the form of database names is derived."""

_SUFFIX: Final = "(?:_[0-9a-f]{8,})?"
"""The end of a name that would collide without it."""


def database_candidates(space: str, rules: Rules) -> frozenset[str]:
    """Return the Glue names that the database of a space can have, collisions included."""
    label = _label(space, rules)
    return frozenset(
        name
        for own in (label, distinct_label(label, space))
        for name in (glue_name(own, _PREFIX), with_suffix(glue_name(own, _PREFIX), own))
    )


def database_names(spaces: list[str], rules: Rules, catalog: Catalog) -> dict[str, GlueName]:
    """Return the Glue database of each space; one that has a name in the catalog keeps it."""
    held = {
        db.space: GlueName(db.name)
        for db in catalog.databases
        if is_marked(db, rules)
        and db.space is not None
        and db.name in database_candidates(db.space, rules)
    }
    labels = {space: _label(space, rules) for space in spaces if space not in held}
    shared = Counter(labels.values())
    labels = {s: x if shared[x] == 1 else distinct_label(x, s) for s, x in labels.items()}
    names = glue_names(labels.values(), _PREFIX, taken=held.values())
    return {space: held.get(space) or names[labels[space]] for space in spaces}


def is_marked(database: Database, rules: Rules) -> bool:
    """Return True for a database that carries our marker and names this tenant."""
    return database.managed and database.tenant == rules.tenant


class OurDatabases:
    """The rule that recognises the databases which hold tables of a tenant, whoever created them.

    A database that a person created carries no marker. It is recognised by its name: the name of a
    space that the configuration lists, or the form of all names by template.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._forms = _forms(rules)
        self.listed = all_database_candidates((space for space, _ in rules.databases), rules)

    @property
    def distinct(self) -> bool:
        """True when the template distinguishes our databases from all others by name."""
        return glue_name(_by_template(_ANY_SPACE, self._rules), _PREFIX) != _ANY_SPACE

    def has_form(self, database: Database) -> bool:
        """Return True for a database without marker whose name is one by template."""
        return not database.managed and self._forms.fullmatch(database.name) is not None

    def __contains__(self, database: Database) -> bool:
        """Return True for a database that can hold tables of the tenant.

        Where the template fits any name, every database without marker can.
        """
        return (
            is_marked(database, self._rules)
            or database.name in self.listed
            or self.has_form(database)
        )


def all_database_candidates(spaces: Iterable[str], rules: Rules) -> frozenset[str]:
    """Return every name that a database of these spaces can have."""
    return frozenset[str]().union(*(database_candidates(space, rules) for space in spaces))


def _label(space: str, rules: Rules) -> str:
    return dict(rules.databases).get(space) or _by_template(space, rules)


def _by_template(space: str, rules: Rules) -> str:
    tenant = rules.tenant.partition(".")[0]
    return rules.database_template.format(space=space, tenant=tenant, environment=rules.environment)


def _forms(rules: Rules) -> re.Pattern[str]:
    """Return the pattern of all database names by template, those of collisions included."""
    label = _by_template(_ANY_SPACE, rules)
    names = (glue_name(own, _PREFIX) for own in (label, distinct_label(label, _ANY_SPACE)))
    forms = (_form(name, f"space{place}") for place, name in enumerate(names))
    return re.compile("|".join(f"(?:{_PREFIX})?{form}{_SUFFIX}" for form in forms))


def _form(name: str, group: str) -> str:
    """Return the pattern of a name with any space in it, the same one at every place."""
    first = name.replace(_ANY_SPACE, f"(?P<{group}>.*)", 1)
    return first.replace(_ANY_SPACE, f"(?P={group})")
