"""The facts of the query of a view about its table and its columns."""

from collections.abc import Iterable
from typing import Final

from tools.fidelity.csn.annotations import Annotations
from tools.fidelity.csn.document import Definition, Document, World
from tools.fidelity.csn.query import QueryReader, Reading, query_of
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_CONDITIONS: Final = ("filter", "join", "group", "sort")
_TEXTS: Final = ("DataWarehouse.sqlEditor.query", "DataWarehouse.tableFunction.script")


def view_reading(world: World, document: Document, entity: Definition) -> Reading | None:
    """Return the content of the query of an entity, None where there is no query."""
    query = query_of(entity)
    return None if query is None else QueryReader(world, document).read(query)


def view_table(reading: Reading | None, annotations: Annotations) -> Expected:
    """Return objects, filters and SQL text of a view."""
    expected: Expected = {}
    written = annotations.texts(*_TEXTS)
    for text, term in written[:1]:
        expected[Kind.SQL, ""] = Expectation((text,), terms=(term,))
    if reading is None:
        # What SQL text reads is not judged: that takes a parser.
        return expected | ({(Kind.OBJECT_LINEAGE, ""): UNJUDGED} if written else {})
    expected |= {
        (Kind.OBJECT_LINEAGE, name): Expectation(required=False) for name in reading.possible
    }
    for name in filter(None, reading.objects):
        expected[Kind.OBJECT_LINEAGE, name] = Expectation()
    for origin, column in reading.conditions:
        expected[Kind.CONDITION_LINEAGE, f"{origin}.{column}"] = Expectation(_CONDITIONS)
    if not reading.whole:
        expected[Kind.OBJECT_LINEAGE, ""] = UNJUDGED
    parts = [text for tokens in reading.filters for text in tokens]
    if parts:
        expected[Kind.FILTER, ""] = Expectation(tuple(parts), How.IN_ORDER)
    return expected


def view_columns(reading: Reading | None, names: Iterable[str]) -> dict[str, Expected]:
    """Return lineage and formula of each column of a view."""
    if reading is None:
        unjudged: Expected = {(Kind.COLUMN_LINEAGE, ""): UNJUDGED, (Kind.FORMULA, ""): UNJUDGED}
        return dict.fromkeys(names, unjudged)
    return {name: _column(reading, name) for name in names}


def _column(reading: Reading, name: str) -> Expected:
    expected: Expected = {}
    origins = reading.columns.get(name)
    if name not in reading.columns or origins is None:
        expected[Kind.COLUMN_LINEAGE, ""] = UNJUDGED
        expected[Kind.FORMULA, ""] = UNJUDGED
    for (origin, column), how in (origins or {}).items():
        expected[Kind.COLUMN_LINEAGE, f"{origin}.{column}"] = Expectation(tuple(sorted(how)))
    if name in reading.formulas:
        parts = tuple(reading.formulas[name])
        expected[Kind.FORMULA, ""] = Expectation(parts, How.IN_ORDER) if parts else UNJUDGED
    return expected
