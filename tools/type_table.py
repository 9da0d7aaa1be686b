"""`make reference`: writes docs/types.md, the type table, from the rules that the mapping uses."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.mapping.types import RULES, glue_type
from datasphere_glue.model.sap_type import SapType

PAGE: Final = Path(__file__).parents[1] / "docs" / "types.md"
HEAD: Final = """# Types

What becomes of each SAP type, written by `make reference` from the rules themselves. The exact SAP
type of a column is in its parameter `datasphere.type`; what the Glue type cannot express is in
`datasphere.loss`. Any row can be overridden in the mapping configuration, per type (`types`) and
per column (`columns`).

| SAP type | Glue type | what is lost |
|---|---|---|
"""
_TEXTS: Final = frozenset(
    {
        "Edm.String",
        "cds.String",
        "cds.hana.VARCHAR",
        "cds.hana.NVARCHAR",
        "cds.hana.CHAR",
        "cds.hana.NCHAR",
    }
)
_DECIMALS: Final = frozenset({"Edm.Decimal", "cds.Decimal"})
_TIMESTAMPS: Final = frozenset({"Edm.DateTimeOffset", "Edm.DateTime"})
_TEXT: Final = SapType("cds.String", length=10)
_BUILT: Final = (
    SapType("Edm.GeographyPoint", srid="4326"),
    SapType("Edm.Geometry"),
    SapType("Collection", items=SapType("Edm.Int32")),
    SapType(
        "Address",
        fields=(("Street", _TEXT), ("Since", SapType("cds.Time"))),
    ),
    SapType("Status", items=SapType("cds.Integer"), values=("open=1", "closed=2")),
    SapType("acme.Unheard"),
)


def examples() -> Iterator[SapType]:
    """Yield every SAP type that has a rule, in each form that the rule distinguishes."""
    for name in RULES:
        plain = SapType(name)
        if name in _TEXTS:
            yield replace(plain, length=10)
            yield replace(plain, length=70_000)
        if name in _DECIMALS:
            yield replace(plain, precision=17, scale=2)
            yield replace(plain, precision=38, scale=10)
            yield replace(plain, precision=42, scale=4)
            yield replace(plain, precision=34, scale="floating")
        if name in _TIMESTAMPS:
            yield replace(plain, precision=3)
            yield replace(plain, precision=7)
        yield plain
    yield from _BUILT


def page() -> str:
    """Return the whole page as Markdown."""
    rows = (
        f"| `{raw_type(sap)}` | `{kind.name}` | {kind.loss or ''} |\n"
        for sap in examples()
        for kind in [glue_type(sap)]
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
