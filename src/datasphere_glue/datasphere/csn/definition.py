"""A CSN definition in, what SAP says about one asset out. Pure: bytes to value.

Follows CAP's CSN and its interop effective form, and what Datasphere was seen to emit in object
definitions and exports. What is not understood is kept by rule and counted, never dropped.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import MAX_DOCUMENT, Document, opened
from datasphere_glue.datasphere.csn.elements import (
    DESCRIPTIONS,
    LABELS,
    Read,
    read_elements,
    read_parameters,
)
from datasphere_glue.datasphere.csn.lineage import is_computed, lineage
from datasphere_glue.datasphere.csn.links import hierarchies
from datasphere_glue.datasphere.csn.models import Model, model, with_types
from datasphere_glue.datasphere.csn.types import CsnTypes
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Asset, Element, Kind, Usage

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
_PATTERN: Final = "ObjectModel.modelingPattern"
_CAPABILITIES: Final = "ObjectModel.supportedCapabilities"
_INTERNAL: Final = "_DWC_"
_MODEL_EDITOR: Final = "DWCQueryModelEditor"
_DELTA: Final = "DataWarehouse.delta."
_COMPANION: Final = "_Delta"


@dataclass(frozen=True, slots=True)
class Definition:
    """What one CSN document says about its asset.

    `asset` has a kind that is guessed from the definition: the list an object stands in knows
    better. `exposed` tells whether the asset is exposed for consumption, None where it is not
    said. `kept` counts the annotations that were kept without being understood and `ignored` those
    that say nothing about the data, by term. `notes` tell what could not be read in full.
    `translated` tells that labels were chosen by language, which OData cannot offer.
    """

    asset: Asset
    exposed: bool | None = None
    kept: tuple[tuple[str, int], ...] = ()
    ignored: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    translated: bool = False


def parse(  # noqa: PLR0913 - each is a word that only the caller knows
    document: bytes | Mapping[str, Any],
    asset: str,
    *,
    space: str,
    spaces: Collection[str] = (),
    languages: Sequence[str] = (),
    limit: int = MAX_DOCUMENT,
) -> Definition:
    """Return what a CSN document says about an asset of a space.

    `spaces` are the known spaces, which tell `SPACE.OBJECT` from a local name with a dot;
    `languages` are preferred in this order where the document holds translations; `limit` is the
    most bytes that are read.

    Raises:
        DocumentError: the document is no CSN within bounds or does not describe the asset; the
            message holds the path.

    """
    try:
        return _parse(opened(document, space, spaces, languages, limit), asset)
    except RecursionError:
        raise DocumentError("definition is nested too deeply to be read", "$") from None


def names(document: bytes | Mapping[str, Any], *, limit: int = MAX_DOCUMENT) -> tuple[str, ...]:
    """Return the names of all entities that a document defines, in its order; contexts are none.

    Raises:
        DocumentError: the document is no CSN within bounds.

    """
    definitions = opened(document, "", (), (), limit).definitions
    return tuple(
        name
        for name, value in definitions.items()
        if isinstance(value, Mapping) and value.get("kind") in ("entity", "view")
    )


def resolve_types(
    definition: Definition,
    edmx_elements: Iterable[Element],
    source_definitions: Mapping[str, Definition],
) -> Definition:
    """Return a definition in which the columns that left their type to a source have one.

    The analytical EDMX says it first, then the mapped column of the fact, then that of the
    dimension; `source_definitions` are those by `SPACE.object`. A column that stays without a type
    is noted.
    """
    sources = {name: source.asset for name, source in source_definitions.items()}
    asset, unknown = with_types(definition.asset, edmx_elements, sources)
    notes = [f"the type of column {name} is not known" for name in unknown]
    return replace(definition, asset=asset, notes=(*definition.notes, *notes))


def _parse(document: Document, name: str) -> Definition:
    key, entity = document.entity(name)
    layer = document.layer(key)
    built = model(document, key, layer) if layer is not None else None
    read = Read(document, CsnTypes(document), key)
    read_elements(read, entity)
    parameters = read_parameters(read, entity)
    about = CsnAnnotations(entity)
    found, doubts = lineage(document, entity)
    own = f"{document.space}.{document.split(key)[1]}"
    kind = _kind(entity, about, built)
    asset = Asset(
        space=document.space,
        name=name,
        kind=kind,
        label=read.text(about, *LABELS),
        description=read.text(about, *DESCRIPTIONS) or _doc(entity),
        usage=_usage(about),
        representative_key=about.path("ObjectModel.representativeKey"),
        key_sequence=about.paths("DataWarehouse.compoundKeySequence"),
        remote_connection=about.text("DataWarehouse.remote.connection"),
        remote_entity=about.text("DataWarehouse.remote.entity"),
        delta=tuple(sorted(_delta(document, key, about))),
        hidden=about.flag("Analytics.hidden", "UI.hidden", "Internal.Entity.Hidden"),
        hierarchies=(*hierarchies(document, about), *read.hierarchies),
        associations=tuple(read.associations),
        elements=tuple(built.completed(read.elements) if built else read.elements),
        variables=(*parameters, *(built.variables() if built else ())),
        lineage=tuple(x for x in _united(built, found) if x != own),
        model_sources=built.sources if built else (),
    )
    exposed = about.found.get("DataWarehouse.consumption.external")
    about.flag("DataWarehouse.consumption.external")
    read.counted(about)
    custom = {**dict(about.custom()), **dict(built.unlisted(asset.elements) if built else ())}
    unknown = [f"type {name} is not defined in the document" for name in read.types.unknown]
    asset = replace(asset, custom=tuple(sorted(custom.items())))
    return Definition(
        asset=replace(asset, provenance=tuple((field, "csn") for field in _said(asset))),
        exposed=exposed if isinstance(exposed, bool) else None,
        kept=_counts(read.kept),
        ignored=_counts(read.ignored),
        notes=(*read.notes, *doubts, *unknown),
        translated=bool(document.languages and document.texts),
    )


def _counts(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items()))


def _united(built: Model | None, found: list[str]) -> list[str]:
    return list(dict.fromkeys((*(built.lineage if built else ()), *found)))


def _kind(entity: Mapping[str, Any], about: CsnAnnotations, built: Model | None) -> Kind:
    editor = about.words("DataWarehouse.editorType")
    if built is not None or _MODEL_EDITOR in editor:
        return Kind.ANALYTIC_MODEL
    if is_computed(entity):
        return Kind.VIEW
    if any(term.startswith("DataWarehouse.remote.") for term in about.found):
        return Kind.REMOTE_TABLE
    return Kind.LOCAL_TABLE


def _usage(about: CsnAnnotations) -> Usage | None:
    """Return the usage by pattern, else by the first capability that names one.

    Capabilities that repeat the pattern, and those internal to Datasphere, are understood by that.
    """
    pattern = about.words(_PATTERN)
    capabilities = about.words(_CAPABILITIES)
    usage = next((USAGES[w] for w in (*pattern, *capabilities) if w in USAGES), None)
    if usage is not None and pattern and pattern[0] in USAGES and pattern[0] != _DIRECTORY:
        about.used.add(_PATTERN)
    said = {word for word in capabilities if not word.startswith(_INTERNAL)}
    if usage is not None and (said <= set(pattern) or (not pattern and len(said) == 1)):
        about.used.add(_CAPABILITIES)
    return usage


def _doc(entity: Mapping[str, Any]) -> str | None:
    doc = entity.get("doc")
    return doc if isinstance(doc, str) and doc else None


def _delta(document: Document, key: str, about: CsnAnnotations) -> Iterator[tuple[str, str]]:
    said = {
        "type": about.word(_DELTA + "type"),
        "capture": about.word(_DELTA + "changeDataCapture"),
        "date_column": about.path(_DELTA + "dateTimeElement"),
        "mode_column": about.path(_DELTA + "modeElement"),
        "enclosing": about.text("DataWarehouse.enclosingObject"),
        "companion": key + _COMPANION if document.known(key + _COMPANION) else None,
    }
    return ((word, value) for word, value in said.items() if value)


def _said(asset: Asset) -> list[str]:
    """Return the fields about which the definition says something."""
    silent = {"space", "name", "kind", "provenance"}
    return [
        name
        for name in sorted(Asset.__slots__)
        if name not in silent and getattr(asset, name) not in (None, (), False)
    ]
