"""Names of the Glue databases of a tenant, and the rule that recognises them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
"""Placeholder for a space, used to derive the pattern of database names."""

_SUFFIX: Final = "(?:_[0-9a-f]{8,})?"
"""Pattern of the suffix that a colliding name gets."""


def database_candidates(space: str, rules: Rules) -> frozenset[str]:
    """Return the Glue names that the database of a space can have, with and without suffix.

    A template with `{tenant}` gives a name for each host, so that a database keeps its name when
    the address of the tenant changes.
    """
    return frozenset(name for names in _ranked_candidates(space, rules) for name in names)


def database_names(
    spaces: list[str], rules: Rules, catalog: Catalog, decided: Mapping[str, str] | None = None
) -> dict[str, GlueName]:
    """Return the Glue database of each space; an existing database keeps its name.

    Of several databases with the marker of a space, the first one by rule counts. `decided` holds
    the databases of spaces for which more is known.
    """
    claims = _claims(rules, catalog)
    current = {space: GlueName(names[0]) for space, names in claims.items()}
    current |= {space: GlueName(name) for space, name in (decided or {}).items()}
    labels = {space: _label(space, rules) for space in spaces if space not in current}
    uses = Counter(labels.values())
    labels = {s: x if uses[x] == 1 else distinct_label(x, s) for s, x in labels.items()}
    names = glue_names(labels.values(), _PREFIX, taken=current.values())
    return {space: current.get(space) or names[labels[space]] for space in spaces}


def contested_databases(
    spaces: Iterable[str], rules: Rules, catalog: Catalog
) -> dict[str, tuple[str, ...]]:
    """Return the databases that may claim a space with equal right, best first, at least two.

    A database without marker may claim a space as well, through its tables: the caller reads them.
    """
    claims = _claims(rules, catalog)
    unmarked = {db.name for db in catalog.databases if not db.managed and not db.link}
    contested: dict[str, tuple[str, ...]] = {}
    for space in spaces:
        marked = claims.get(space, ())
        best = next(
            (names for names in _ranked_candidates(space, rules) if {*names} & {*marked}), ()
        )
        rivals = tuple(name for name in best if name in marked or name in unmarked)
        if len(rivals) > 1:
            contested[space] = rivals
    return contested


def _claims(rules: Rules, catalog: Catalog) -> dict[str, list[str]]:
    """Return the marked databases of each space whose names a rule gives, best first."""
    marked: defaultdict[str, set[str]] = defaultdict(set)
    for database in catalog.databases:
        if is_marked(database, rules) and database.space is not None and not database.link:
            marked[database.space].add(database.name)
    claims = {
        space: [n for ranked in _ranked_candidates(space, rules) for n in ranked if n in names]
        for space, names in marked.items()
    }
    return {space: names for space, names in claims.items() if names}


def _ranked_candidates(space: str, rules: Rules) -> list[Sequence[str]]:
    """Return the names that each label gives a database, best first, plain before suffixed."""
    ranked: list[Sequence[str]] = []
    seen: set[str] = set()
    for label in dict.fromkeys((_label(space, rules), *_former_labels(space, rules))):
        texts = (label, distinct_label(label, space))
        plain = [glue_name(text, _PREFIX) for text in texts]
        suffixed = [with_suffix(name, text) for name, text in zip(plain, texts, strict=True)]
        names = [n for n in dict.fromkeys((*plain, *suffixed)) if n not in seen]
        seen |= set(names)
        ranked.append(names)
    return ranked


def is_marked(database: Database, rules: Rules) -> bool:
    """Return True for a database with our marker that names this tenant, or an earlier host."""
    return database.written_from(rules.hosts)


class OurDatabases:
    """The rule that recognises the databases which hold tables of a tenant.

    A database that a person created carries no marker. It is recognised by its name, which is that
    of a space in the configuration or matches the template.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._forms = _forms(rules)
        self.listed = all_database_candidates((space for space, _ in rules.databases), rules)

    @property
    def distinct(self) -> bool:
        """True when the template distinguishes our databases from all others by name."""
        return glue_name(_by_template(_ANY_SPACE, self._rules), _PREFIX) != _ANY_SPACE

    def matches_template(self, database: Database) -> bool:
        """Return True for a database without marker whose name matches the template."""
        return not database.managed and self._forms.fullmatch(database.name) is not None

    def __contains__(self, database: Database) -> bool:
        """Return True for a database that can hold tables of the tenant.

        If the template matches any name, this is every database without marker.
        """
        return (
            is_marked(database, self._rules)
            or database.name in self.listed
            or self.matches_template(database)
        )


def template_candidates(space: str, rules: Rules) -> frozenset[str]:
    """Return the names that the template alone gives the database of a space."""
    return database_candidates(space, replace(rules, databases=()))


def all_database_candidates(spaces: Iterable[str], rules: Rules) -> frozenset[str]:
    """Return every Glue name that the databases of these spaces can have."""
    return frozenset[str]().union(*(database_candidates(space, rules) for space in spaces))


def _label(space: str, rules: Rules) -> str:
    return dict(rules.databases).get(space) or _by_template(space, rules)


def _former_labels(space: str, rules: Rules) -> list[str]:
    if space in dict(rules.databases):
        return []
    return [_by_template(space, rules, host) for host in sorted(rules.former_tenants)]


def _by_template(space: str, rules: Rules, host: str | None = None) -> str:
    tenant = (host or rules.tenant).partition(".")[0]
    return rules.database_template.format(space=space, tenant=tenant, environment=rules.environment)


def _forms(rules: Rules) -> re.Pattern[str]:
    """Return the pattern of all database names by template, with and without suffix."""
    labels = {_by_template(_ANY_SPACE, rules, host) for host in rules.hosts}
    names = (
        glue_name(text, _PREFIX)
        for label in sorted(labels)
        for text in (label, distinct_label(label, _ANY_SPACE))
    )
    forms = (_form(name, f"space{index}") for index, name in enumerate(names))
    return re.compile("|".join(f"(?:{_PREFIX})?{form}{_SUFFIX}" for form in forms))


def _form(name: str, group: str) -> str:
    """Return the pattern of a name with any space, the same space at every occurrence."""
    first = name.replace(_ANY_SPACE, f"(?P<{group}>.*)", 1)
    return first.replace(_ANY_SPACE, f"(?P={group})")
