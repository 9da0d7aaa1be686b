"""Completes a definition by the definitions of its sources. Pure: values to value."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from datasphere_glue.datasphere.csn.inheritance import exposed_columns, inherit
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.query.lineage import is_lineage_note, with_lineage
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element

_BY_QUERY: Final = ("lineage", "filter", "indirect_lineage")


def needed_sources(definition: Definition) -> tuple[tuple[str, str], ...]:
    """Return the (space, name) of each definition that completes this one, the nearest first.

    The sources of a source count for the same definition: a model may be built on models.
    """
    asset = definition.asset
    facts = {s.name: (s.target_space, s.target) for s in asset.model_sources if s.parameters}
    columns = ((space, name) for e in asset.elements for space, name, _ in exposed_columns(e))
    return tuple(dict.fromkeys((*facts.values(), *columns)))


def complete_definition(
    definition: Definition,
    odata: Iterable[Element],
    sources: Mapping[str, Definition],
) -> Definition:
    """Return a definition with what its columns take from the columns that they expose.

    A type comes from the analytical EDMX (`odata`), else from a source. `sources` holds the
    definitions by `SPACE.object`. What stays unresolved gets a note.
    """
    asset, gaps = inherit(definition, odata, sources)
    return replace(definition, asset=asset, notes=(*definition.notes, *gaps.notes()))


def lineage_sources(
    definition: Definition, known: Mapping[str, Definition | None]
) -> tuple[tuple[str, str], ...]:
    """Return the (space, name) of each definition that the lineage of a query still needs.

    A path through an association needs the definition of the object before each step. `known`
    holds what was read so far by `SPACE.object`, None for what cannot be read.
    """
    if definition.query is None:
        return ()
    lineage = with_lineage(definition.asset, definition.query, _assets(known))
    places = (name.partition(".") for name in lineage.needed)
    return tuple((space, name) for space, _, name in places)


def resolve_lineage(definition: Definition, known: Mapping[str, Definition | None]) -> Definition:
    """Return a definition with the lineage that the definitions of other objects complete."""
    if definition.query is None:
        return definition
    lineage = with_lineage(definition.asset, definition.query, _assets(known))
    asset = lineage.asset
    filled = {field: "csn" for field in _BY_QUERY if getattr(asset, field)}
    notes = [note for note in definition.notes if not is_lineage_note(note)]
    return replace(
        definition,
        asset=replace(
            asset, provenance=tuple(sorted({**dict(asset.provenance), **filled}.items()))
        ),
        notes=(*notes, *([lineage.note] if lineage.note else ())),
        query=None,
    )


def _assets(known: Mapping[str, Definition | None]) -> dict[str, Asset | None]:
    return {name: one.asset if one else None for name, one in known.items()}
