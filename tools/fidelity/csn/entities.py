"""The facts of a CSN document about one object and each of its columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tools.fidelity.csn.annotations import Annotations, leaf_texts, word_of
from tools.fidelity.csn.columns import (
    DESCRIPTIONS,
    LABELS,
    entity_column,
    is_cross_calculation,
    leftovers,
    read_column,
    text_expected,
)
from tools.fidelity.csn.document import (
    Definition,
    Document,
    World,
    columns_of,
    elements_of,
    is_link,
)
from tools.fidelity.csn.governance import governance
from tools.fidelity.csn.links import (
    access_controls,
    association,
    external_hierarchy,
    hierarchies,
)
from tools.fidelity.csn.model_tables import cross_calculations, layer_rest, model_table
from tools.fidelity.csn.models import Model, crossing, model_columns
from tools.fidelity.csn.variables import variables
from tools.fidelity.csn.views import view_columns, view_reading, view_table
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_USAGES: Final = {
    "ANALYTICAL_FACT": "fact",
    "ANALYTICAL_DIMENSION": "dimension",
    "LANGUAGE_DEPENDENT_TEXT": "text",
    "DATA_STRUCTURE": "relational",
    "ANALYTICAL_CUBE": "cube",
    "ANALYTICAL_PARENT_CHILD_HIERARCHY_NODE": "hierarchy",
    "PARENT_CHILD_HIERARCHY_NODE_PROVIDER": "hierarchy",
}
_NAME_LISTS: Final = {
    Kind.SEMANTIC_KEY: "ObjectModel.semanticKey",
    Kind.KEY_SEQUENCE: "DataWarehouse.compoundKeySequence",
}
_CAPABILITIES: Final = "ObjectModel.supportedCapabilities"
_DELTA: Final = "DataWarehouse.delta."
_DELTA_WORDS: Final = {
    "dateTimeElement": "date_column",
    "modeElement": "mode_column",
    "changeDataCapture": "capture",
}
_ORIGINS: Final = ("DataWarehouse.dataSource.", "DataWarehouse.external.")
_REMOTE: Final = {
    "connection": "DataWarehouse.remote.connection",
    "entity": "DataWarehouse.remote.entity",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """The facts about a table and, by name and in their order, about its columns."""

    table: Expected
    columns: Mapping[str, Expected]


def read_entity(world: World, document: Document, key: str) -> Entity:
    """Return the facts of a document about one of its entities."""
    definition = document.definitions[key]
    annotations = Annotations(definition)
    layer = document.layers.get(key)
    reading = view_reading(world, document, definition)
    table = _texts(document, definition, annotations)
    table |= _links(document, definition, annotations)
    table |= variables(document, definition, layer)
    table |= dict(governance(annotations))
    table |= _sources(annotations)
    table |= cross_calculations(document, key)
    table |= view_table(reading, annotations)
    columns = _columns(world, document, key)
    if layer is not None:
        model = Model(world, document, key, layer)
        table = model_table(model) | table | layer_rest(model)
    elif reading is not None or (Kind.SQL, "") in table:
        for name, expected in view_columns(reading, columns).items():
            columns[name] |= expected
    return Entity(table | leftovers(annotations), columns)


def _columns(world: World, document: Document, key: str) -> dict[str, Expected]:
    layer = document.layers.get(key)
    if layer is not None:
        return dict(model_columns(Model(world, document, key, layer)))
    definition = document.definitions[key]
    columns = columns_of(definition)
    return {
        name: crossing(read_column(document, element))
        if is_cross_calculation(element)
        else {**entity_column(document, definition, name), (Kind.COLUMN, ""): Expectation()}
        for name, element in columns.items()
    }


def _texts(document: Document, definition: Definition, annotations: Annotations) -> Expected:
    """Return label, description, usage, marks and lists of columns."""
    expected = text_expected(document, annotations, Kind.LABEL, *LABELS)
    expected |= text_expected(document, annotations, Kind.DESCRIPTION, *DESCRIPTIONS)
    if (Kind.DESCRIPTION, "") not in expected and definition.get("doc"):
        expected[Kind.DESCRIPTION, ""] = Expectation((str(definition["doc"]),))
    if found := annotations.word("ObjectModel.modelingPattern"):
        usage = _USAGES.get(found[0])
        expectation = Expectation((found[0],), How.WITHIN)
        key = (Kind.ANNOTATION, "ObjectModel.modelingPattern")
        expected |= {(Kind.USAGE, ""): Expectation((usage,))} if usage else {key: expectation}
    expected |= _capabilities(annotations, found[0] if found else "")
    if term := annotations.flag("Analytics.hidden", "UI.hidden", "Internal.Entity.Hidden"):
        expected[Kind.HIDDEN, ""] = Expectation(terms=(term,))
    if names := annotations.paths("ObjectModel.representativeKey"):
        expected[Kind.REPRESENTATIVE_KEY, ""] = Expectation((names[0][0],), terms=(names[1],))
    for kind, term in _NAME_LISTS.items():
        if names := annotations.paths(term):
            text = json.dumps(names[0], ensure_ascii=False)
            expected[kind, ""] = Expectation((text,), terms=(term,))
    return expected


def _capabilities(annotations: Annotations, pattern: str) -> Expected:
    """Return the capabilities that neither repeat the pattern nor are for editors."""
    value = annotations.values.get(_CAPABILITIES)
    annotations.used.add(_CAPABILITIES)
    words = [word_of(one) for one in (value if isinstance(value, list) else [value])]
    texts = [word for word in words if word and word != pattern and not word.startswith("_DWC_")]
    key = (Kind.ANNOTATION, _CAPABILITIES)
    return {key: Expectation(tuple(texts), How.WITHIN)} if texts else {}


def _links(document: Document, definition: Definition, annotations: Annotations) -> Expected:
    expected = hierarchies(document, annotations) | access_controls(document, annotations)
    for name, element in elements_of(definition).items():
        if is_link(element):
            expected |= association(document, name, element)
        elif found := Annotations(element).paths("ObjectModel.hierarchy.association"):
            for link in found[0]:
                expected |= external_hierarchy(link)
    return expected


def _sources(annotations: Annotations) -> Expected:
    """Return delta capture, remote source and origin of a table."""
    expected: Expected = {}
    for word, value in annotations.below(_DELTA).items():
        texts = tuple(text.removeprefix("#") for text in leaf_texts(value))
        expected[Kind.DELTA, _DELTA_WORDS.get(word, word)] = Expectation(
            texts, terms=(_DELTA + word,)
        )
    if expected:
        expected[Kind.DELTA, "companion"] = UNJUDGED
    for text, term in annotations.texts("DataWarehouse.enclosingObject"):
        expected[Kind.DELTA, "enclosing"] = Expectation((text,), terms=(term,))
    for detail, term in _REMOTE.items():
        for text, _ in annotations.texts(term):
            expected[Kind.REMOTE, detail] = Expectation((text,), terms=(term,))
    origins: dict[str, Any] = {p + w: v for p in _ORIGINS for w, v in annotations.below(p).items()}
    texts = tuple(text for value in origins.values() for text in leaf_texts(value))
    if texts:
        expected[Kind.ORIGIN, ""] = Expectation(texts, How.WITHIN, terms=tuple(origins))
    return expected
