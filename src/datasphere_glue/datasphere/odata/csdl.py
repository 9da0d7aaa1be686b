"""Parses a `$metadata` document into the metadata of one asset. Pure: bytes to value.

Follows OData CSDL XML 4.01 and what Datasphere was observed to emit: out-of-line annotations; names
with underscores for dots, plus `DataIntegration.OriginalName`; no keys and no `Nullable` in the
analytical form; an omitted scale that means 0.

One part that cannot be read costs that part and a note: no column is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.edmx import read_root
from datasphere_glue.datasphere.odata.entity_reader import EntityReader
from datasphere_glue.datasphere.odata.entity_type import EntityType
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import EDM, AnnotationReader, targets
from datasphere_glue.errors import DocumentError

_PARAMETERS: Final = "Parameters"
_SET: Final = "Set"


def parse_metadata(document: bytes, asset: str) -> EntityMetadata:
    """Return the metadata of an asset in a relational or analytical `$metadata` document.

    Raises:
        DocumentError: it is not a whole EDMX document, declares XML entities or a document type,
            or does not describe the asset; the message holds the path.

    """
    try:
        root, notes = read_root(document)
        return _Document(root).entity(asset, notes)
    except RecursionError:
        raise DocumentError("metadata is nested too deeply to be read") from None


class _Document:
    """One parsed document; lives for one call of `parse_metadata`."""

    def __init__(self, root: Node) -> None:
        self.schemas = list(root.iter(EDM + "Schema"))
        if not self.schemas:
            raise DocumentError("metadata has no schema", "edmx:Edmx")
        self.annotation_reader = AnnotationReader(root)
        self.types = EdmTypes(self.schemas)
        self.entities: dict[str, EntityType] = {}
        for schema in self.schemas:
            self._declare(schema)
        for entity in self.entities.values():
            if entity.base:
                entity.inherit(self._bases(entity), self.annotation_reader)
        self.sets = dict(self._sets())
        for target, node in targets(self.schemas):
            self._annotate(target, node)
        for entity in self.entities.values():
            entity.inherit_annotations()

    def _declare(self, schema: Node) -> None:
        for node in schema.iterfind(EDM + "EntityType"):
            name = node.get("Name", "")
            qualified = f"{schema.get('Namespace', '')}.{name}"
            entity = self.entities.setdefault(qualified, EntityType([], name, qualified))
            if entity.nodes:
                entity.notes.append(f"the entity type {name} is declared twice")
            entity.nodes.append(node)
            self.annotation_reader.collect(node, entity.annotations)
            for tag in ("Property", "NavigationProperty"):
                for prop in node.iterfind(EDM + tag):
                    into = entity.property_annotations(prop.get("Name", ""))
                    self.annotation_reader.collect(prop, into)

    def _bases(self, entity: EntityType) -> list[EntityType]:
        """Return the types that a type inherits from; note where the chain is broken."""
        bases: list[EntityType] = []
        current = entity
        while current.base:
            base = self.entities.get(self.types.qualify(current.base))
            if base is None or base is entity or base in bases:
                cause = "is not defined" if base is None else "inherits from itself"
                entity.notes.append(f"the base type {current.base} {cause}; its columns may lack")
                entity.complete = entity.complete and base is not None
                return bases
            bases.append(base)
            current = base
        return bases

    def _sets(self) -> Iterator[tuple[str, EntityType]]:
        for schema in self.schemas:
            for container in schema.iterfind(EDM + "EntityContainer"):
                prefix = f"{schema.get('Namespace', '')}.{container.get('Name', '')}/"
                for node in container.iterfind(EDM + "EntitySet"):
                    entity = self.entities.get(self.types.qualify(node.get("EntityType", "")))
                    if entity is not None:
                        self.annotation_reader.collect(node, entity.annotations)
                        yield prefix + node.get("Name", ""), entity

    def _annotate(self, target: str, node: Node) -> None:
        name, _, path = self.types.qualify(target).partition("/")
        head, _, rest = path.partition("/")
        entity = self.sets.get(f"{name}/{head}")
        if entity is not None:
            path = rest
        else:
            entity = self.entities.get(name)
        if entity is not None and (not path or path in entity.properties):
            into = entity.property_annotations(path) if path else entity.annotations
            self.annotation_reader.collect(node, into)

    def entity(self, asset: str, notes: tuple[str, ...]) -> EntityMetadata:
        """Return the metadata of an asset, with the notes of its document."""
        entity = self._find(asset)
        if not entity.columns:
            raise DocumentError(f"the entity type {entity.name[:80]} has no property")
        holders = [k for k in self.entities.values() if self._result_of(k) == entity.qualified_name]
        return EntityReader(self.types, self.entities, entity).read(holders, notes)

    def _find(self, asset: str) -> EntityType:
        entities = [k for k in self.entities.values() if self._result_of(k) is None]
        folded = "".join(c if c.isalnum() or c == "_" else "_" for c in asset)
        names = {asset, asset.replace(".", "_"), folded, folded + "Type", asset + "Type"}
        served = self._served(names)
        for fits in (
            lambda entity: entity.original == asset,
            lambda entity: entity.name in {asset, asset.replace(".", "_")},
            lambda entity: entity.name in {folded, folded + "Type", asset + "Type"},
            lambda _: len(entities) == 1,
            lambda entity: entity.qualified_name in served,
            lambda entity: entity.name.casefold() in {name.casefold() for name in names},
        ):
            matching = [entity for entity in entities if fits(entity)]
            if len(matching) == 1:
                return matching[0]
        first = ", ".join(entity.name[:80] for entity in entities[:5]) or "none"
        raise DocumentError(f"no entity type for {asset}; there are: {first}", "edmx:DataServices")

    def _served(self, names: set[str]) -> frozenset[str]:
        """Return the types of the entity sets with one of these names, else of the only set."""
        served: Mapping[str, EntityType] = {
            path: entity
            for path, entity in self.sets.items()
            if path.rpartition("/")[2] in names or len(self.sets) == 1
        }
        types = (self._result_of(entity) or entity.qualified_name for entity in served.values())
        return frozenset(types)

    def _result_of(self, entity: EntityType) -> str | None:
        """Return the result type of a parameters entity type, None for any other type."""
        for navigation in entity.navigation:
            if navigation.get("Name") == _SET and entity.name.endswith(_PARAMETERS):
                return self.types.target_of(navigation)
        return None
