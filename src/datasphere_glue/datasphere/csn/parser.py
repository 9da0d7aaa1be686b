"""Parses a CSN document into the definition of one asset. Pure: bytes to value.

Follows CAP's CSN and its interop effective form, and what Datasphere was observed to emit in object
definitions and exports. Annotations without an interpretation are kept and counted, never dropped.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import MAX_DOCUMENT, Document, open_document
from datasphere_glue.datasphere.csn.elements import EntityParts, read_elements, read_parameters
from datasphere_glue.datasphere.csn.lineage import find_lineage, is_computed
from datasphere_glue.datasphere.csn.links import read_access_controls, read_hierarchies
from datasphere_glue.datasphere.csn.models import AnalyticModel, ModelRoutes, read_model
from datasphere_glue.datasphere.csn.query.lineage import (
    Query,
    QueryLineage,
    query_of,
    with_lineage,
    without_annotations,
)
from datasphere_glue.datasphere.csn.sql_text import read_sql
from datasphere_glue.datasphere.csn.term_reader import INTERNAL
from datasphere_glue.datasphere.csn.terms import (
    ASSET_TERMS,
    CAPABILITIES,
    DELTA,
    ENCLOSING,
    EXPOSED,
    PATTERN,
)
from datasphere_glue.datasphere.csn.types import CsnTypes
from datasphere_glue.datasphere.csn.variables import join_variables, layer_variables
from datasphere_glue.datasphere.values import text_at
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import CrossCalculation, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs

USAGES: Final[Mapping[str, Usage]] = MappingProxyType(
    {
        "ANALYTICAL_FACT": Usage.FACT,
        "ANALYTICAL_DIMENSION": Usage.DIMENSION,
        "LANGUAGE_DEPENDENT_TEXT": Usage.TEXT,
        "DATA_STRUCTURE": Usage.RELATIONAL,
        "ANALYTICAL_CUBE": Usage.CUBE,
        "ANALYTICAL_PARENT_CHILD_HIERARCHY_NODE": Usage.HIERARCHY,
        "PARENT_CHILD_HIERARCHY_NODE_PROVIDER": Usage.HIERARCHY,
    }
)
"""The usage that each modelling pattern of CDS stands for."""

_DIRECTORY: Final = "PARENT_CHILD_HIERARCHY_NODE_PROVIDER"
_MODEL_EDITOR: Final = "DWCQueryModelEditor"
_COMPANION: Final = "_Delta"


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of one asset in a CSN document.

    `asset`: its kind is a guess; the object list that holds the asset is authoritative.
    `exposed`: True if the asset is exposed for consumption, None where the document is silent.
    `unknown_terms`: annotations without an interpretation, counted by term.
    `ignored_terms`: annotations that do not describe the data, counted by term.
    `notes`: what could not be read in full.
    `translated`: True if labels were chosen by language, which OData cannot do.
    `query`: its query where other definitions may complete its lineage.
    `routes`: how the columns of a model lead to those of its sources.
    `implied`: variables that are mandatory or not only by the lack of a default.
    """

    asset: Asset
    exposed: bool | None = None
    unknown_terms: tuple[tuple[str, int], ...] = ()
    ignored_terms: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    translated: bool = False
    query: Query | None = None
    routes: ModelRoutes = field(default_factory=ModelRoutes)
    implied: frozenset[str] = frozenset()


def parse_definition(  # noqa: PLR0913 - only the caller knows each of these values
    document: bytes | Mapping[str, Any],
    asset: str,
    *,
    space: str,
    spaces: Collection[str] = (),
    languages: Sequence[str] = (),
    named: TermGlobs = NO_GLOBS,
    keeps_sql: bool = True,
    dotted: frozenset[str] = frozenset(),
    limit: int = MAX_DOCUMENT,
) -> Definition:
    """Return the definition of an asset of a space in a CSN document.

    `spaces`: the spaces of the tenant, which distinguish `SPACE.OBJECT` from a local dotted name.
    `languages`: languages of labels, the preferred one first, where the document has translations.
    `named`: terms that rules of the mapping configuration name; they stay in `custom` in any case.
    `keeps_sql`: whether the texts of SQL views and table functions are kept.
    `dotted`: names with dots that the tenant lists for the space.
    `limit`: the most bytes of a document.

    Raises:
        DocumentError: the document is no CSN within bounds or does not define the asset; the
            message holds the path.

    """
    try:
        opened = open_document(document, space, spaces, languages, limit, named=named)
        return _parse(replace(opened, keeps_sql=keeps_sql, dotted=dotted), asset)
    except RecursionError:
        raise DocumentError("definition is nested too deeply to be read", "$") from None


def entity_names(
    document: bytes | Mapping[str, Any], *, limit: int = MAX_DOCUMENT
) -> tuple[str, ...]:
    """Return the names of all entities that a document defines, in its order, without contexts.

    Raises:
        DocumentError: the document is no CSN within bounds.

    """
    definitions = open_document(document, "", (), (), limit).definitions
    return tuple(
        name
        for name, value in definitions.items()
        if isinstance(value, Mapping) and value.get("kind") in ("entity", "view")
    )


def _parse(document: Document, name: str) -> Definition:
    key, entity = document.entity(name)
    parts = EntityParts(document, CsnTypes(document), key, notes=list(document.notes))
    model = _model(document, key, parts.notes)
    parts.modelled = model is not None
    read_elements(parts, entity)
    variables, implied = _variables(parts, entity, model)
    annotations = CsnAnnotations(entity)
    read = find_lineage(document, entity, annotations)
    sql, cut = read_sql(document, annotations)
    own = f"{document.space}.{document.split(key)[1]}"
    kind = _kind(entity, annotations, model)
    usage = _usage(annotations)
    fields = parts.fields(annotations, ASSET_TERMS)
    fields.setdefault("description", text_at(entity, "doc"))
    calculations = _calculations(parts, model)
    asset = Asset(
        space=document.space,
        name=name,
        kind=kind,
        usage=usage,
        **fields,
        access_controls=read_access_controls(document, annotations, parts.columns),
        delta=tuple(sorted(_delta(document, key, annotations))),
        hierarchies=(*read_hierarchies(document, annotations), *parts.hierarchies),
        associations=tuple(parts.associations),
        elements=tuple(_elements(parts, model, calculations)),
        variables=variables,
        cross_calculations=calculations,
        lineage=tuple(x for x in _merge_lineage(model, read.objects) if x != own),
        lineage_complete=read.complete,
        sql=sql,
        model_sources=model.sources if model else (),
        filter=model.conditions if model else (),
    )
    exposed = _exposed(annotations)
    parts.count_terms(annotations)
    unmatched = model.unmatched(asset.elements) if model else ()
    custom = {**dict(annotations.custom(document.named)), **dict(unmatched)}
    unknown = [f"type {name} is not defined in the document" for name in parts.types.unknown]
    notes = (*parts.notes, *(model.notes if model else ()), *read.notes, *cut, *unknown)
    asset = replace(asset, custom=tuple(sorted(custom.items())))
    # Text is read only where the tree names nothing, so its doubts are all that there is.
    query = query_of(document, entity) if model is None and not read.doubts else None
    lineage = with_lineage(asset, query, {}) if query else QueryLineage(asset)
    filled = tuple((field, "csn") for field in _filled_fields(lineage.asset))
    return Definition(
        asset=replace(lineage.asset, provenance=filled),
        exposed=exposed,
        unknown_terms=_counts(parts.unknown_terms),
        ignored_terms=_counts(parts.ignored_terms),
        notes=tuple(dict.fromkeys((*notes, *([lineage.note] if lineage.note else ())))),
        translated=bool(document.languages and document.texts),
        query=without_annotations(query) if query and lineage.needed else None,
        routes=model.routes(asset.elements) if model else ModelRoutes(),
        implied=implied,
    )


def _model(document: Document, key: str, notes: list[str]) -> AnalyticModel | None:
    """Return the analytic model of an asset; None for any other asset, or with a note."""
    try:
        layer = document.layer(key)
    except DocumentError as error:
        notes.append(error.message)
        return None
    return read_model(document, key, layer) if layer is not None else None


def _exposed(annotations: CsnAnnotations) -> bool | None:
    exposed = annotations.values.get(EXPOSED)
    annotations.flag(EXPOSED)
    return exposed if isinstance(exposed, bool) else None


def _variables(
    parts: EntityParts, entity: Mapping[str, Any], model: AnalyticModel | None
) -> tuple[tuple[Variable, ...], frozenset[str]]:
    layer = layer_variables(model.part("variables")) if model else ()
    return join_variables(read_parameters(parts, entity), layer, parts.filters)


def _calculations(parts: EntityParts, model: AnalyticModel | None) -> tuple[CrossCalculation, ...]:
    """Return the members of the structure of a model: those of its layer, then annotated ones."""
    known = {one.name: one for one in (model.calculations if model else ())}
    columns = {element.name: element for element in parts.elements}
    for name in (*known, *parts.members):
        column = columns.get(name)
        if column is not None:
            one = known.get(name, CrossCalculation(name))
            kind, formula = one.kind or column.measure_type, one.formula or column.formula
            label = column.label or one.label
            known[name] = replace(one, label=label, kind=kind, formula=formula)
    return tuple(known.values())


def _elements(
    parts: EntityParts, model: AnalyticModel | None, members: Iterable[CrossCalculation]
) -> Iterator[Element]:
    """Yield the columns, completed by the layer; a member of a structure is no measure."""
    names = {one.name for one in members}
    complete = model.complete(parts.elements, parts.associations) if model else parts.elements
    for element in complete:
        member = element.name in names
        yield replace(element, measure=False, measure_type=None) if member else element


def _counts(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items()))


def _merge_lineage(model: AnalyticModel | None, sources: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*(model.lineage if model else ()), *sources)))


def _kind(
    entity: Mapping[str, Any], annotations: CsnAnnotations, model: AnalyticModel | None
) -> Kind:
    editor = annotations.words("DataWarehouse.editorType")
    if model is not None or _MODEL_EDITOR in editor:
        return Kind.ANALYTIC_MODEL
    if is_computed(entity, annotations):
        return Kind.VIEW
    if any(term.startswith("DataWarehouse.remote.") for term in annotations.values):
        return Kind.REMOTE_TABLE
    return Kind.LOCAL_TABLE


def _usage(annotations: CsnAnnotations) -> Usage | None:
    """Return the usage by the pattern, else by the first capability that names one.

    Mark the capabilities as used where all of them repeat the pattern or are internal.
    """
    pattern = annotations.words(PATTERN)
    capabilities = annotations.words(CAPABILITIES)
    usage = next((USAGES[w] for w in (*pattern, *capabilities) if w in USAGES), None)
    if usage is not None and pattern and pattern[0] in USAGES and pattern[0] != _DIRECTORY:
        annotations.used.add(PATTERN)
    words = {word for word in capabilities if not word.startswith(INTERNAL)}
    if usage is not None and (words <= set(pattern) or (not pattern and len(words) == 1)):
        annotations.used.add(CAPABILITIES)
    return usage


def _delta(document: Document, key: str, annotations: CsnAnnotations) -> Iterator[tuple[str, str]]:
    properties = {
        "type": annotations.word(DELTA + "type"),
        "capture": annotations.word(DELTA + "changeDataCapture"),
        "date_column": annotations.path(DELTA + "dateTimeElement"),
        "mode_column": annotations.path(DELTA + "modeElement"),
        "enclosing": annotations.text(ENCLOSING),
        "companion": _companion(document, key),
    }
    return ((name, value) for name, value in properties.items() if value)


def _companion(document: Document, key: str) -> str | None:
    """Return the table of changes: the one that names its table, else the one of its name."""
    for name, definition in document.definitions.items():
        if isinstance(definition, Mapping) and definition.get(f"@{ENCLOSING}") == key != name:
            return str(name)
    return key + _COMPANION if document.find(key + _COMPANION) else None


def _filled_fields(asset: Asset) -> list[str]:
    """Return the fields that the definition fills, apart from those that every asset has."""
    always = {"space", "name", "kind", "provenance"}
    return [
        name
        for name in sorted(Asset.__slots__)
        if name not in always and getattr(asset, name) not in (None, (), False)
    ]
