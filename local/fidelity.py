"""`make fidelity FILE=...`: counts what a CSN export says against what its Glue tables would hold.

The left column is counted over the raw JSON, knowing nothing of how it is read; the right one over
the parameters of the tables alone. Nothing is called: no tenant, no catalog. Unequal counts end
with exit code 1.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from datasphere_glue.datasphere import csn
from datasphere_glue.mapping.tables import Rules, to_tables
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.table import PREFIX, Catalog, Table

SPACE: Final = "EXPORT"
LABELS: Final = ("@EndUserText.label", "@Common.Label")
LINKS: Final = ("cds.Association", "cds.Composition")


def said(document: Mapping[str, Any]) -> Counter[str]:
    """Return what the entities of an export say, counted over its JSON."""
    counts: Counter[str] = Counter()
    for entity in document["definitions"].values():
        if entity.get("kind") != "entity":
            continue
        counts["tables"] += 1
        counts["table labels"] += any(key in entity for key in LABELS)
        for kind in ("leveled", "parentChild"):
            counts["hierarchies"] += len(entity.get(f"@Hierarchy.{kind}", []))
        for element in entity.get("elements", {}).values():
            counts.update(_of_element(element))
    return counts


def _of_element(element: Mapping[str, Any]) -> Iterator[str]:
    if element.get("type") in LINKS:
        yield "associations"
        yield from ("column pairs" for part in element.get("on", []) if part == "=")
        return
    rules = {
        "columns": True,
        "column labels": any(key in element for key in LABELS),
        "keys": element.get("key") is True,
        "measures": "@AnalyticsDetails.measureType" in element,
        "aggregations": "@Aggregation.default" in element,
        "text links": "@ObjectModel.text.element" in element,
        "text associations": "@ObjectModel.text.association" in element,
        "foreign keys": "@ObjectModel.foreignKey.association" in element,
        "currencies and units": any(
            key in element
            for key in ("@Semantics.amount.currencyCode", "@Semantics.quantity.unitOfMeasure")
        ),
    }
    yield from (name for name, holds in rules.items() if holds)


def held(tables: tuple[Table, ...]) -> Counter[str]:
    """Return what the tables hold, counted over their parameters."""
    counts: Counter[str] = Counter(tables=len(tables))
    for table in tables:
        about = dict(table.parameters)
        counts["table labels"] += PREFIX + "label" in about
        for name, key in (("hierarchies", "hierarchies"), ("associations", "associations")):
            counts[name] += len(json.loads(about.get(PREFIX + key, "[]")))
        links = json.loads(about.get(PREFIX + "associations", "[]"))
        counts["column pairs"] += sum(len(link.get("columns", [])) for link in links)
        for column in table.columns:
            counts.update(_of_column(dict(column.parameters)))
    return counts


def _of_column(about: Mapping[str, str]) -> Iterator[str]:
    rules = {
        "columns": True,
        "column labels": PREFIX + "label" in about,
        "keys": PREFIX + "key" in about,
        "measures": PREFIX + "measure_type" in about,
        "aggregations": PREFIX + "aggregation" in about,
        "text links": PREFIX + "text" in about,
        "text associations": PREFIX + "text_association" in about,
        "foreign keys": PREFIX + "association" in about,
        "currencies and units": PREFIX + "currency" in about or PREFIX + "unit" in about,
    }
    yield from (name for name, holds in rules.items() if holds)


def compared(text: bytes) -> list[tuple[str, int, int]]:
    """Return (what, in the export, in Glue) for one CSN export."""
    document = json.loads(text)
    names = csn.names(document)
    assets = tuple(csn.parse(document, name, space=SPACE).asset for name in names)
    listing = SpaceListing(SPACE, assets=assets, listed=frozenset(names))
    (desired,) = to_tables([listing], Rules("export"), Catalog())
    one, other = said(document), held(desired.tables)
    return [(what, one[what], other[what]) for what in sorted({*one, *other})]


def main(paths: list[str]) -> int:
    """Print both columns for each file; return 1 when any count differs."""
    differs = False
    for path in paths:
        print(f"{Path(path).name}\n  {'':24}{'source':>8}{'Glue':>8}")
        for what, source, glue in compared(Path(path).read_bytes()):
            differs |= source != glue
            print(f"  {what:24}{source:8}{glue:8}{'' if source == glue else '  DIFFERS'}")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
