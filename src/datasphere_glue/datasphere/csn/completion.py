"""Completes a definition by the definitions of its sources. Pure: values to value."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from datasphere_glue.datasphere.csn.models import fill_types
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.model.element import Element


def needed_sources(definition: Definition) -> tuple[tuple[str, str], ...]:
    """Return the (space, name) of each definition that completes this one, the nearest first.

    The sources of a source count for the same definition: a model may be built on models.
    """
    columns = definition.asset.elements
    return tuple({(space, name): None for e in columns for space, name, _ in e.sources})


def complete_definition(
    definition: Definition,
    odata: Iterable[Element],
    sources: Mapping[str, Definition],
) -> Definition:
    """Return a definition with what its columns take from the columns that they expose.

    A type comes from the analytical EDMX (`odata`), else from a source. `sources` holds the
    definitions by `SPACE.object`. A column that stays without a type gets a note.
    """
    assets = {name: source.asset for name, source in sources.items()}
    asset, unknown = fill_types(definition.asset, odata, assets)
    notes = [f"the type of column {name} is not known" for name in unknown]
    return replace(definition, asset=asset, notes=(*definition.notes, *notes))
