"""The tenants that ship with the project: a mid-size company, and any number of alike assets.

The JSON files here hold the distinctive objects of the company; code generates the repetitive
ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from local.tenant.csn import Segment
from local.tenant.edmx import Definition, Form
from local.tenant.embedded import Behaviour, EmbeddedTenant
from local.tenant.files import load_space
from local.tenant.store import Document, Entry, Space, entry_of

SAMPLE_FOLDER = Path(__file__).parent

_REGIONS = ("Nord", "Süd", "Ost", "West", "Österreich", "Schweiz", "Benelux", "Norden", "Übersee")
_YEARS = range(2016, 2026)
_PLANTS = (1000, 1010, 1100, 1200, 1300, 2000, 2100, 2200, 3000, 3100)
_PROVIDERS = ("SD_O02", "SD_O03", "FI_O01", "FI_O02", "MM_O01", "PP_O01", "QM_O01", "PM_O01")
_LISTING = {
    "status": "Deployed",
    "createdOn": "2024-02-05T07:00:00.000Z",
    "changedOn": "2025-05-05T05:05:05.005Z",
    "deployedOn": "2025-05-05T05:06:00.000Z",
    "createdBy": "GENERATOR",
    "changedBy": "GENERATOR",
}
_MEASURE = {"@AnalyticsDetails.measureType": {"#": "BASE"}, "@Aggregation.default": {"#": "SUM"}}
_PARAGRAPH = (
    'Dieser View führt Texte aus fünf Vorsystemen & ergänzt sie um <Kennzeichen>. "Hinweis":\n'
    "Bitte keine Auswertung ohne Filter auf das Geschäftsjahr! 🚚📦 \u05e9\u05dc\u05d5\u05dd, "
    "\u0645\u0631\u062d\u0628\u0627 \u2013 日本語も。\t"
)


def sample_tenant(behaviour: Behaviour | None = None, port: int = 0) -> EmbeddedTenant:
    """Return the company's tenant: five spaces, one of them forbidden, and assets of every kind."""
    return EmbeddedTenant(sample_spaces(), behaviour=behaviour, port=port)


def sample_spaces(alike: int | None = None) -> tuple[Space, ...]:
    """Return the company's spaces, read from their files, with the generated objects added.

    Of the views that differ only in their name (one per region, year, plant or provider), each
    space holds at most `alike`; all of them unless a number is given.
    """
    repeated: dict[str, Callable[[], Iterator[tuple[str, Definition]]]] = {
        "SALES": _regional_orders,
        "FINANCE": _journals,
        "LOGISTICS": _stocks,
        "SAP_CONTENT": _providers,
    }
    single = {"SAP_CONTENT": _content}
    spaces = []
    for path in sorted(SAMPLE_FOLDER.glob("*.json")):
        space = load_space(path)
        definitions = (
            *islice(repeated.get(space.name, _nothing)(), alike),
            *single.get(space.name, _nothing)(),
        )
        entries = tuple(_entry(space.name, name, definition) for name, definition in definitions)
        spaces.append(replace(space, entries=space.entries + entries))
    return tuple(spaces)


def generated_tenant(
    assets: int, columns: int = 40, spaces: int = 20, behaviour: Behaviour | None = None
) -> EmbeddedTenant:
    """Return a tenant with this many views, spread evenly; each is made when it is first read."""
    held_spaces = [
        Space(
            f"BENCH_{number:03d}",
            f"Benchmark space {number}",
            tuple(
                _lazy(f"BENCH_{number:03d}", at, columns) for at in range(number, assets, spaces)
            ),
        )
        for number in range(spaces)
    ]
    return EmbeddedTenant(held_spaces, behaviour=behaviour)


def _entry(space: str, name: str, definition: Definition) -> Entry:
    document = {"definitions": {name: definition}}
    return entry_of(space, name, document, exposed=True, listing=_LISTING)


def _lazy(space: str, number: int, columns: int) -> Entry:
    name, label = f"V_ASSET_{number:06d}", f"Generated asset {number}"
    return Entry(
        space,
        name,
        Segment.VIEWS,
        label,
        partial(_alike, name, label, columns),
        forms=frozenset({Form.RELATIONAL}),
        listing=_LISTING,
    )


def _alike(name: str, label: str, columns: int) -> Document:
    return {"definitions": {name: _view(label, "SOURCE", _many_columns(columns))}}


def _view(label: str, source: str, elements: Definition, **annotations: Any) -> Definition:
    return {
        "kind": "entity",
        "@EndUserText.label": label,
        "@ObjectModel.modelingPattern": {"#": "DATA_STRUCTURE"},
        "@DataWarehouse.consumption.external": True,
        **annotations,
        "elements": elements,
        "query": {
            "SELECT": {
                "from": {"ref": [source]},
                "columns": [{"ref": [column]} for column in elements],
            }
        },
    }


def _text(label: str, length: int = 10, **more: Any) -> Definition:
    return {"type": "cds.String", "length": length, "@EndUserText.label": label, **more}


def _key(label: str, length: int = 10) -> Definition:
    return _text(label, length, key=True, notNull=True)


def _amount(label: str, currency: str) -> Definition:
    return {
        "type": "cds.Decimal",
        "precision": 17,
        "scale": 2,
        "@EndUserText.label": label,
        **_MEASURE,
        "@Semantics.amount.currencyCode": {"=": currency},
    }


def _currency(label: str) -> Definition:
    return _text(label, 5, **{"@Semantics.currencyCode": True})


def _many_columns(count: int) -> dict[str, Definition]:
    """Return `count` columns: a key, then texts, decimals, dates and numbers in turn."""
    shapes: tuple[Definition, ...] = (
        {"type": "cds.String", "length": 40, "@Analytics.dimension": True},
        {"type": "cds.Decimal", "precision": 15, "scale": 3, **_MEASURE},
        {"type": "cds.Date"},
        {"type": "cds.Integer64"},
    )
    columns: dict[str, Definition] = {"ID": _key("Identifier", 20)} if count else {}
    for number in range(1, count):
        label = {"@EndUserText.label": f"Column {number}"}
        columns[f"COLUMN_{number:03d}"] = {**shapes[number % len(shapes)], **label}
    return columns


def _nothing() -> Iterator[tuple[str, Definition]]:
    return iter(())


def _regional_orders() -> Iterator[tuple[str, Definition]]:
    for region in _REGIONS:
        columns = {
            "AUFTRAG": _key("Auftragsnummer"),
            "KUNDE": _text("Kunde"),
            "NETTOWERT": _amount("Nettowert", "WAEHRUNG"),
            "WAEHRUNG": _currency("Währung"),
            "ERFASST_AM": {"type": "cds.Timestamp", "@EndUserText.label": "Erfasst am"},
        }
        yield f"V_AUFTRÄGE_{region}", _view(f"Aufträge Region {region}", "ERP_VBAK", columns)


def _journals() -> Iterator[tuple[str, Definition]]:
    for year in _YEARS:
        columns = {
            "BUCHUNGSKREIS": _key("Buchungskreis", 4),
            "BELEG": _key("Belegnummer"),
            "BUCHUNGSDATUM": {"type": "cds.Date", "@EndUserText.label": "Buchungsdatum"},
            "SOLL": _amount("Soll", "WAEHRUNG"),
            "HABEN": _amount("Haben", "WAEHRUNG"),
            "WAEHRUNG": _currency("Hauswährung"),
        }
        yield f"V_JOURNAL_{year}", _view(f"Buchungsjournal {year}", "T_ACDOCA", columns)


def _stocks() -> Iterator[tuple[str, Definition]]:
    for plant in _PLANTS:
        quantity = {
            "type": "cds.Decimal",
            "precision": 13,
            "scale": 3,
            "@EndUserText.label": "Stock on hand",
            **_MEASURE,
            "@Semantics.quantity.unitOfMeasure": {"=": "UOM"},
        }
        columns = {
            "MATERIAL": _key("Material", 18),
            "STORAGE_LOCATION": _key("Storage location", 4),
            "QUANTITY": quantity,
            "UOM": _text("Unit of measure", 3, **{"@Semantics.unitOfMeasure": True}),
            "COUNTED_ON": {"type": "cds.Date", "@EndUserText.label": "Last counted on"},
        }
        yield f"V_STOCK_{plant}", _view(f"Stock in plant {plant}", "BEWEGUNGEN", columns)


def _providers() -> Iterator[tuple[str, Definition]]:
    for provider in _PROVIDERS:
        columns = {
            "/BIC/ZOBJEKT": _key("BW object"),
            "0FISCPER": _text("Fiscal year / period", 7),
            f"/BIC/Z{provider}": _amount(f"Key figure {provider}", "0CURRENCY"),
            "0CURRENCY": _currency("Currency key"),
        }
        yield f"/BIC/AZ{provider}2", _view(f"BW provider {provider}", "BW_AZSD_O012", columns)


def _content() -> Iterator[tuple[str, Definition]]:
    yield "V_BREIT", _view("Sehr breiter View", "T_BREIT", _many_columns(300))
    table = _view("Sehr breite Tabelle", "", _many_columns(300))
    yield "T_BREIT", {key: part for key, part in table.items() if key != "query"}
    yield "V_LANGE_TEXTE", _long_texts()


def _long_texts() -> Definition:
    columns = {
        "ID": _key("Schlüssel"),
        "NOTIZ": _text(_repeated(5000), 5000, **{"@EndUserText.quickInfo": _repeated(3000)}),
        "EMOJI_😀": _text("😀" * 200, 40),
        "ZEILEN": _text("erste Zeile\nzweite Zeile\r\ndritte Zeile", 40),
        "OHNE_TEXT": {"type": "cds.Integer"},
        "LEER": _text("", 1),
    }
    description = {"@EndUserText.quickInfo": _repeated(3000)}
    return _view(_repeated(5000), "T_BREIT", columns, **description)


def _repeated(length: int) -> str:
    return (_PARAGRAPH * (length // len(_PARAGRAPH) + 1))[:length]
