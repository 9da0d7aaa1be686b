"""Which Glue name each column of an asset holds already, by its marker as far as that is believed.

People and programs can edit `datasphere.name` of a column. A marker counts where the Glue name
follows from the SAP name in it by rule. Where it does not, `columnMapping` of the table, which is
written together with the markers, must agree, and the name must not be that of another column.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from datasphere_glue.mapping.names import glue_name, with_suffix
from datasphere_glue.mapping.text import storable
from datasphere_glue.model.odata_name import odata_forms
from datasphere_glue.model.table import Column, Table, sap_name

PREFIX: Final = "c_"
MAPPING: Final = "columnMapping"
_SUFFIXES: Final = (8, 16, 32, 64)
"""Lengths of the suffix that tells colliding names apart."""


@dataclass(frozen=True, slots=True)
class ColumnClaims:
    """The Glue names that the columns of a table hold.

    `held`: Glue name by exact SAP name.
    `forged`: Glue names of the columns whose marker is not believed.
    """

    held: dict[str, str] = field(default_factory=dict)
    forged: tuple[str, ...] = ()


def column_claims(table: Table | None, names: Collection[str]) -> ColumnClaims:
    """Return the Glue names that the columns of an asset hold in its current table.

    `names`: exact names of the columns that the asset has now.
    """
    if table is None:
        return ColumnClaims()
    mapped = _mapping(table)
    held: dict[str, str] = {}
    forged = []
    # A copy of a column carries its marker as well: the name by rule comes first.
    for column, marker in sorted(_marked(table), key=lambda one: _rank(one[0].name, one[1])):
        name = _believed(column.name, marker, mapped.get(column.name), names)
        if name != marker or name in held:
            forged.append(column.name)
        if name is not None:
            held.setdefault(name, column.name)
    return ColumnClaims(held, tuple(sorted(forged)))


def _marked(table: Table) -> Iterator[tuple[Column, str]]:
    for column in (*table.columns, *table.partition_keys):
        marker = sap_name(column)
        if marker is not None:
            yield column, marker


def _mapping(table: Table) -> Mapping[str, str]:
    """Return the SAP name of each Glue name in `columnMapping`, empty without it."""
    pairs = (pair.partition("=") for pair in (table.parameter(MAPPING) or "").split(","))
    return {glue: sap for glue, equals, sap in pairs if equals}


def _believed(glue: str, marker: str, mapped: str | None, names: Collection[str]) -> str | None:
    """Return the SAP name of a column, None where nothing about it is believed."""
    if _by_rule(glue, marker):
        # Of two names that both give this Glue name, the mapping knows the one that has it.
        other = mapped is not None and mapped != storable(marker) and _by_rule(glue, mapped)
        return mapped if other else marker
    if mapped is not None and mapped != storable(marker):
        return mapped
    taken = any(_from_name(glue, name) for name in names if name != marker)
    return None if taken else marker


def _by_rule(glue: str, name: str) -> bool:
    """Return whether the rule can give a column of this SAP name that Glue name.

    A column that was first read from OData alone has a name from its OData form.
    """
    return _from_name(glue, name) or any(
        _from_name(glue, form) for form in odata_forms(name) if form != name
    )


def _rank(glue: str, name: str) -> int:
    """Return 0 for a Glue name from the name of a column, 1 for one from its OData form."""
    return 0 if _from_name(glue, name) else 2 - _by_rule(glue, name)


def _from_name(glue: str, name: str) -> bool:
    plain = glue_name(name, PREFIX)
    if glue == plain:
        return True
    if "_" not in glue:
        return False
    return any(glue == with_suffix(plain, name, length) for length in _SUFFIXES)
