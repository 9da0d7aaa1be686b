"""Selects the entity type that describes an asset, by what names the document has."""

from collections.abc import Collection, Iterable, Sequence

from datasphere_glue.datasphere.odata.entity_type import EntitySet, EntityType
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.odata_name import odata_forms, without_number


def asset_names(asset: str) -> frozenset[str]:
    """Return the names that OData can give to an asset."""
    return frozenset({asset, asset.replace(".", "_"), *odata_forms(asset)})


def select_entity(
    asset: str, entities: Sequence[EntityType], sets: Iterable[EntitySet]
) -> EntityType:
    """Return the entity type of an asset; `entities` are those of rows.

    Raises:
        DocumentError: none of them is certain.

    """
    sets = list(sets)
    names = asset_names(asset)
    types = names | {f"{name}Type" for name in names}
    named = dict.fromkeys(one for one in entities if one.original in (None, asset))
    for matching in (
        [one for one in entities if one.original == asset],
        _results(one for one in sets if one.original == asset),
        _results(one for one in sets if one.name in names and one.result in named),
        _named(named, {asset, asset.replace(".", "_")}),
        _named(named, names),
        _named(named, types),
        list(entities),
        _results(sets) if len(sets) == 1 else [],
        [one for one in named if without_number(one.name) in names],
        [one for one in named if one.name.casefold() in {name.casefold() for name in types}],
    ):
        if len(matching) == 1:
            return matching[0]
    first = ", ".join(entity.name[:80] for entity in entities[:5]) or "none"
    raise DocumentError(f"no entity type for {asset}; there are: {first}", "edmx:DataServices")


def _results(sets: Iterable[EntitySet]) -> list[EntityType]:
    return list(dict.fromkeys(one.result for one in sets))


def _named(entities: Iterable[EntityType], names: Collection[str]) -> list[EntityType]:
    return [one for one in entities if one.name in names]
