"""The facts of the documents that a tenant serves, as expectations of Glue.

An object has a CSN definition, a relational and an analytical `$metadata` document, or some of
these. Where it is exposed, its columns are those that consumers can query.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from local.tenant.edmx import Form
from local.tenant.store import Entry, SpaceStore
from tools.fidelity.csn.document import Document, World, without_nulls
from tools.fidelity.csn.entities import Entity, read_entity
from tools.fidelity.edmx.document import folded_name
from tools.fidelity.edmx.entities import EntityMetadata, entity_metadata
from tools.fidelity.expectations import (
    ABSENT,
    UNJUDGED,
    Expectation,
    Expected,
    How,
    Place,
    either,
    optional,
    places,
)
from tools.fidelity.inputs import WRONG_FORM, BrokenInputError
from tools.fidelity.kinds import Kind

_Result = TypeVar("_Result")

_SORTS: Final = {
    "views": "view",
    "analyticmodels": "analytic_model",
    "localtables": "local_table",
    "remotetables": "remote_table",
}
_LISTS: Final = {
    Kind.KEY: Kind.KEY_LIST,
    Kind.MEASURE: Kind.MEASURE_LIST,
    Kind.DIMENSION: Kind.DIMENSION_LIST,
}
_CONSUMED: Final = frozenset({Kind.TYPE})
"""Facts of which OData counts first; of the rest, the definition counts."""

_EITHER: Final = frozenset(
    {Kind.LABEL, Kind.NULLABLE, Kind.GLUE_TYPE, Kind.VARIABLE_TYPE, Kind.VARIABLE_LABEL}
)


@dataclass(frozen=True, slots=True)
class Served:
    """The documents of one object."""

    entry: Entry
    document: Document | None
    key: str
    metadata: tuple[EntityMetadata, ...]

    @property
    def asset(self) -> str:
        """Its name as `SPACE.OBJECT`."""
        return f"{self.entry.space}.{self.entry.name}"


def expected_of(store: SpaceStore) -> dict[Place, Expectation]:
    """Return the facts of the documents of all objects; an object without any makes no table.

    Raises:
        BrokenInputError: a part of a document has the wrong form.

    """
    served = [_readable(entry, partial(_served, store, entry)) for entry in store.entries()]
    world = World({one.asset: one.document for one in served if one.document is not None})
    expected: dict[Place, Expectation] = {}
    for one in served:
        if one.document is not None or one.metadata:
            expected |= _readable(one.entry, partial(_facts, world, one))
    return expected


def _readable(entry: Entry, read: Callable[[], _Result]) -> _Result:
    """Return what a reader returns about an object.

    Raises:
        BrokenInputError: a part of its documents has the wrong form.

    """
    try:
        return read()
    except WRONG_FORM as error:
        cause = f"{type(error).__name__}: {error}"
        name = f"{entry.space}.{entry.name}"
        raise BrokenInputError(f"A part of {name} has the wrong form ({cause}).") from error


def _served(store: SpaceStore, entry: Entry) -> Served:
    raw = without_nulls(entry.document() or {})
    definitions: Mapping[str, Any] = raw.get("definitions", {})
    key = next((k for k in (entry.name, f"{entry.space}.{entry.name}") if k in definitions), "")
    document = Document(
        entry.space,
        definitions,
        raw.get("businessLayerDefinitions", {}),
        raw.get("i18n", {}),
    )
    forms = sorted(entry.forms, key=list(Form).index)
    metadata = (entity_metadata(store.metadata(entry, f).decode(), entry.name) for f in forms)
    found = tuple(one for one in metadata if one is not None)
    return Served(entry, document if key else None, key, found)


def _facts(world: World, served: Served) -> dict[Place, Expectation]:
    defined = Entity({}, {})
    if served.document is not None:
        defined = read_entity(world, served.document, served.key)
    table, columns = defined.table, dict(defined.columns)
    exposed = [dict(one.columns()) for one in served.metadata]
    if exposed:
        columns = _consumed(columns, exposed)
    for one in served.metadata:
        table = _merged(table, one.table())
    table[Kind.TABLE, ""] = Expectation()
    table[Kind.SORT, ""] = Expectation((_SORTS[served.entry.segment],))
    table.setdefault((Kind.USAGE, ""), UNJUDGED)
    table[Kind.LABEL, ""] = _table_label(table, served.entry)
    table |= _lists(columns) | _comment(table)
    for expected in columns.values():
        if (Kind.KEY, "") in expected:
            expected[Kind.KEY, "role"] = Expectation()
    table[Kind.ORDER, ""] = _order(defined.columns, columns, exposed)
    result = places(served.asset, "", table)
    for name, expected in columns.items():
        result |= places(served.asset, name, expected | _comment(expected))
    return result


def _comment(expected: Expected) -> Expected:
    """Return the label as Athena shows it: at the beginning of the comment or description."""
    label = expected.get((Kind.LABEL, ""))
    if label is None or not label.required:
        return {}
    return {(Kind.COMMENT, ""): replace(label, how=How.OPENS, terms=())}


def _consumed(
    defined: Mapping[str, Expected], exposed: list[dict[str, Expected]]
) -> dict[str, Expected]:
    """Return the columns of OData, each with the facts of the definition about it."""
    columns: dict[str, Expected] = {}
    for form in exposed:
        for name, expected in form.items():
            exact = _exact(name, defined, form)
            columns[exact] = _merged(columns.get(exact, {}), expected)
    result = {}
    for name, expected in columns.items():
        modelled = dict(defined.get(name, {}))
        for kind in _CONSUMED:
            if (kind, "") in expected:
                modelled.pop((kind, ""), None)
        result[name] = _merged(modelled, expected)
    return result


def _exact(name: str, defined: Collection[str], form: Mapping[str, Expected]) -> str:
    """Return the name in the definition of a property of OData, whose name may be folded."""
    if name in defined:
        return name
    fitting = [one for one in defined if folded_name(one) == name and one not in form]
    return fitting[0] if len(fitting) == 1 else name


def _merged(first: Expected, second: Expected) -> Expected:
    """Return the facts of both; the first one counts, or either where no rule prefers one."""
    merged = dict(first)
    for key, expectation in second.items():
        known = merged.get(key)
        if known is None:
            merged[key] = expectation
        elif key[0] in _EITHER or known.how is How.ANY:
            merged[key] = either(known, expectation) if key[0] in _EITHER else expectation
        elif expectation.required and not known.required:
            merged[key] = either(known, expectation)
    return merged


def _table_label(table: Expected, entry: Entry) -> Expectation:
    """Return the label of an object: that of its documents, or of the tenant's list."""
    listed = optional(Expectation((entry.label,)))
    known = table.get((Kind.LABEL, ""))
    return listed if known is None else either(known, listed)


def _lists(columns: Mapping[str, Expected]) -> Expected:
    """Return the lists of keys, measures and dimensions that the columns make."""
    expected: Expected = {}
    for kind, listed in _LISTS.items():
        marked = [
            name for name, one in columns.items() if one.get((kind, ""), ABSENT) is not ABSENT
        ]
        certain = all(columns[name][kind, ""].required for name in marked)
        if marked and certain:
            expected[listed, ""] = Expectation(tuple(marked), How.SAME_SET)
        elif marked:
            expected[listed, ""] = Expectation((), How.ANY, required=False)
    return expected


def _order(
    defined: Iterable[str], columns: Mapping[str, Expected], exposed: list[dict[str, Expected]]
) -> Expectation:
    """Return the order of the columns: that of one of the documents."""
    orders = list(_orders(defined, columns, exposed))
    return Expectation(tuple(dict.fromkeys(orders)))


def _orders(
    defined: Iterable[str], columns: Mapping[str, Expected], exposed: list[dict[str, Expected]]
) -> Iterator[str]:
    written = list(defined)
    for form in exposed:
        yield _json(_exact(name, written, form) for name in form)
    certain = [n for n in written if n in columns and columns[n][Kind.COLUMN, ""].required]
    possible = [name for name in written if name in columns]
    yield from (_json(names) for names in (certain, possible) if names or not exposed)


def _json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)
