"""The objects that a query reads: their columns and associations, where definitions give them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.links import read_association
from datasphere_glue.datasphere.csn.query.cells import Place
from datasphere_glue.datasphere.csn.query.render import UNKNOWN
from datasphere_glue.datasphere.csn.types import is_link
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Asset

MOST_ORIGINS: Final = 500_000
"""Bounds the work on one query: small documents can describe an enormous number of columns."""


class TooLargeError(Exception):
    """A query combines more columns than `MOST_ORIGINS`."""


@dataclass(frozen=True, slots=True)
class AssociationEnd:
    """Where an association of an object leads; `pairs` are its own columns and those of the target.

    `target`: the object as `SPACE.object`.
    """

    target: str
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The columns of an object in their order, and its associations."""

    columns: Mapping[str, None]
    link: Callable[[str], AssociationEnd | None]


@dataclass(slots=True)
class Findings:
    """What the reading of one query finds, apart from its columns.

    `needed`: objects whose definition is missing.
    `gaps`: what could not be resolved, in words.
    `objects`: objects that it reads, also through associations.
    `indirect`: columns of conditions, each with `filter`, `join`, `group` or `sort`.
    `filters`: conditions as SQL, the inner ones first.
    """

    needed: dict[str, None] = field(default_factory=dict)
    gaps: dict[str, None] = field(default_factory=dict)
    objects: dict[str, None] = field(default_factory=dict)
    indirect: dict[tuple[str, str, str], None] = field(default_factory=dict)
    filters: dict[str, None] = field(default_factory=dict)
    origins: int = 0

    def gap(self, reason: str) -> None:
        """Add what could not be resolved."""
        self.gaps[reason] = None

    def keep(self, condition: str) -> None:
        """Keep a condition that is known."""
        if condition != UNKNOWN:
            self.filters[condition] = None

    def uses(self, places: Mapping[Place, Any], how: str) -> None:
        """Add columns of a condition."""
        for space_object, column in places:
            self.indirect[space_object, column, how] = None

    def counts(self, origins: int) -> None:
        """Count combined origins.

        Raises:
            TooLargeError: there are more than `MOST_ORIGINS`.

        """
        self.origins += origins
        if self.origins > MOST_ORIGINS:
            raise TooLargeError


class Objects:
    """Finds the objects that a query names: in its own document, else in other definitions.

    `known`: definitions of other objects by `SPACE.object`, None for one that cannot be read.
    """

    def __init__(
        self, document: Document, known: Mapping[str, Asset | None], findings: Findings
    ) -> None:
        self._document = document
        self._known = known
        self._findings = findings
        self._found: dict[str, Known | None] = {}
        self._written: dict[str, str] = {}

    def qualify(self, name: str) -> str:
        """Return the `SPACE.object` of a name as the document writes it."""
        qualified = self._document.qualify(name)
        self._written.setdefault(qualified, name)
        return qualified

    def find(self, qualified: str) -> Known | None:
        """Return what is known of an object, None where its definition is not at hand."""
        if qualified not in self._found:
            self._found[qualified] = self._in_document(qualified) or self._elsewhere(qualified)
        return self._found[qualified]

    def require(self, qualified: str) -> Known | None:
        """Return what is known of an object; ask for its definition where nothing is."""
        found = self.find(qualified)
        if found is None:
            if qualified not in self._known:
                self._findings.needed[qualified] = None
            self._findings.gap(f"the definition of {qualified} was not read")
        return found

    def _elsewhere(self, qualified: str) -> Known | None:
        asset = self._known.get(qualified)
        if asset is None or not (asset.elements or asset.associations):
            return None
        links = {
            one.name: AssociationEnd(f"{one.target_space or asset.space}.{one.target}", one.pairs)
            for one in asset.associations
        }
        return Known({element.name: None for element in asset.elements}, links.get)

    def _in_document(self, qualified: str) -> Known | None:
        document = self._document
        own = qualified.removeprefix(f"{document.space}.")
        for name in (self._written.get(qualified), own, qualified):
            entity = document.find(name) if name else None
            elements = entity.get("elements") if entity else None
            if isinstance(elements, Mapping) and elements:
                columns = {
                    str(key): None
                    for key, value in elements.items()
                    if not (isinstance(value, Mapping) and is_link(value))
                }
                return Known(columns, partial(self._link, elements))
        return None

    def _link(self, elements: Mapping[str, Any], name: str) -> AssociationEnd | None:
        element = elements.get(name)
        if not isinstance(element, Mapping) or not is_link(element):
            return None
        try:
            found, _ = read_association(self._document, name, element, CsnAnnotations(), ())
        except DocumentError:
            return None
        return AssociationEnd(self.qualify(str(element["target"])), found.pairs)
