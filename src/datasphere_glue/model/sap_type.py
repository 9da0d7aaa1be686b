"""The type of a column or parameter, as SAP names it."""

from dataclasses import dataclass

SCALE_WORDS = frozenset({"variable", "floating"})
"""The scales of a decimal that are no numbers."""


@dataclass(frozen=True, slots=True)
class SapType:
    """A type as SAP names it, with its facets.

    `name`: qualified name, such as `Edm.Decimal` or `cds.String`.
    `length`: maximum length in characters or bytes.
    `precision`: digits of a decimal, or digits of fractional seconds.
    `scale`: a number, or one of the words `variable` and `floating`.
        A facet that SAP writes in another form is its text, and counts as odd.
    `srid`: spatial reference system of a geometry.
    `items`: type of the items of a collection, or underlying type of an enumeration.
    `fields`: (name, type) of the fields of a structure.
    `values`: values of an enumeration.
    """

    name: str
    length: int | str | None = None
    precision: int | str | None = None
    scale: int | str | None = None
    srid: str | None = None
    items: "SapType | None" = None
    fields: "tuple[tuple[str, SapType], ...]" = ()
    values: tuple[str, ...] = ()

    @property
    def odd_facets(self) -> dict[str, str]:
        """Return the facets whose text is no number, by name; parts of the type do not count."""
        facets = {"length": self.length, "precision": self.precision, "scale": self.scale}
        return {
            facet: value
            for facet, value in facets.items()
            if isinstance(value, str) and not (facet == "scale" and value in SCALE_WORDS)
        }
