"""Parses a `$metadata` document into the metadata of one asset. Pure: bytes to value.

Follows OData CSDL XML 4.01 and what Datasphere was observed to emit: out-of-line annotations; names
with underscores for dots, plus `DataIntegration.OriginalName`; no keys and no `Nullable` in the
analytical form; an omitted scale that means 0.

One part that cannot be read costs that part and a note: no column is left out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.defined_types import DefinedTypes
from datasphere_glue.datasphere.odata.edmx import read_root
from datasphere_glue.datasphere.odata.entity_reader import EntityReader, Surroundings, Target
from datasphere_glue.datasphere.odata.entity_sets import named_sets, read_sets
from datasphere_glue.datasphere.odata.entity_type import EntitySet, EntityType
from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.datasphere.odata.parameters import row_types
from datasphere_glue.datasphere.odata.selection import asset_names, select_entity
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import AnnotationReader, ODataAnnotations, targets
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs


def parse_metadata(document: bytes, asset: str, *, named: TermGlobs = NO_GLOBS) -> EntityMetadata:
    """Return the metadata of an asset in a relational or analytical `$metadata` document.

    `named`: terms that rules of the mapping configuration name; they stay in `custom` in any case.

    Raises:
        DocumentError: it is not a whole EDMX document, declares XML entities or a document type,
            or does not describe the asset; the message holds the path.

    """
    try:
        root, notes = read_root(document)
        return _Document(root).entity(asset, notes, named)
    except RecursionError:
        raise DocumentError("metadata is nested too deeply to be read") from None


class _Document:
    """One parsed document; lives for one call of `parse_metadata`."""

    def __init__(self, root: Node) -> None:
        self.schemas = list(root.iter(EDM + "Schema"))
        if not self.schemas:
            raise DocumentError("metadata has no schema", "edmx:Edmx")
        self.annotation_reader = AnnotationReader(root)
        self.types = EdmTypes(self.schemas, self.annotation_reader.namespaces)
        self.defined = DefinedTypes(self.schemas, self.types, self.annotation_reader)
        self.entities: dict[str, EntityType] = {}
        for schema in self.schemas:
            self._declare(schema)
        for entity in self.entities.values():
            entity.parent = self.entities.get(self.types.qualify(entity.base))
        self.row_types = row_types(self.entities, self.types)
        self.containers: dict[str, ODataAnnotations] = {}
        self.sets: dict[str, EntitySet] = {}
        for schema in self.schemas:
            self._declare_sets(schema)
        for target, node in targets(self.schemas):
            into = self._targeted(target)
            if into is not None:
                self.annotation_reader.collect(node, into)

    def _declare(self, schema: Node) -> None:
        for node in schema.iterfind(EDM + "EntityType"):
            name = node.get("Name", "")
            qualified = f"{schema.get('Namespace', '')}.{name}"
            fresh = EntityType(name=name, qualified_name=qualified)
            entity = self.entities.setdefault(qualified, fresh)
            if entity.nodes:
                entity.notes.append(f"the entity type {name} is declared twice")
            entity.nodes.append(node)
            self.annotation_reader.collect(node, entity.annotations)
            for tag in ("Property", "NavigationProperty"):
                for prop in node.iterfind(EDM + tag):
                    into = entity.of_property(prop.get("Name", ""))
                    self.annotation_reader.collect(prop, into)

    def _declare_sets(self, schema: Node) -> None:
        for container in schema.iterfind(EDM + "EntityContainer"):
            name = f"{schema.get('Namespace', '')}.{container.get('Name', '')}"
            into = self.containers.setdefault(name, ODataAnnotations())
            self.annotation_reader.collect(container, into)
            for one in read_sets(
                container, self.entities, self.row_types, self.types, self.annotation_reader
            ):
                self.sets[f"{name}/{one.name}"] = one

    def _targeted(self, target: str) -> ODataAnnotations | None:
        """Return the annotations at a target, None where the document has no such part."""
        name, _, path = self.types.qualify(target).partition("/")
        head, _, rest = path.partition("/")
        entity_set = self.sets.get(f"{name}/{head}")
        if entity_set is not None:
            return entity_set.at(rest)
        entity = self.entities.get(name)
        if entity is not None:
            return entity.at(path)
        container = None if path else self.containers.get(name)
        return container or self.defined.at(name, path)

    def entity(self, asset: str, notes: tuple[str, ...], named: TermGlobs) -> EntityMetadata:
        """Return the metadata of an asset, with the notes of its document."""
        rows = [one for name, one in self.entities.items() if name not in self.row_types]
        entity = select_entity(asset, rows, self.sets.values())
        if not entity.columns:
            raise DocumentError(f"the entity type {entity.name[:80]} has no property")
        names = asset_names(asset)
        self._add_annotations_of_sets(names)
        holders = [
            self.entities[name]
            for name, rows_of in self.row_types.items()
            if rows_of == entity.qualified_name and name in self.entities
        ]
        for one in (entity, *holders):
            one.inherit()
            for node in one.columns:
                self._add_annotations_of_type(one, node)
        container = ODataAnnotations()
        for annotations in self.containers.values():
            container.add_missing(annotations)
        surroundings = Surroundings(
            types=self.types,
            defined=self.defined,
            targets=dict(self._targets(entity, names)),
            inner=frozenset(self._inner(entity)),
            holders=holders,
            container=container,
            named=named,
        )
        return EntityReader(entity, surroundings).read(notes)

    def _add_annotations_of_type(self, entity: EntityType, node: Node) -> None:
        annotations = self.defined.annotations(node)
        if annotations is not None:
            entity.of_property(node.get("Name", "")).add_missing(annotations)

    @cached_property
    def _sets_of(self) -> Mapping[str, list[EntitySet]]:
        """The sets with rows of each entity type, by its qualified name."""
        sets: defaultdict[str, list[EntitySet]] = defaultdict(list)
        for one in self.sets.values():
            sets[one.result.qualified_name].append(one)
        return sets

    @cached_property
    def _set_by_name(self) -> Mapping[str, EntitySet]:
        return {path.rpartition("/")[2]: one for path, one in reversed(self.sets.items())}

    def _add_annotations_of_sets(self, names: Collection[str]) -> None:
        """Give each entity type what its sets say; of several, those with one of these names."""
        for name, sets in self._sets_of.items():
            entity = self.entities[name]
            for one in named_sets(sets, names):
                entity.add_missing(one)
                if one.entity is not entity:
                    one.entity.add_missing_of_properties(one)

    def _inner(self, entity: EntityType) -> Iterator[str]:
        """Yield the navigation properties that lead back to the input parameters."""
        for node in entity.navigation:
            if self.row_types.get(self.types.target_of(node)) == entity.qualified_name:
                yield node.get("Name", "")

    def _targets(self, entity: EntityType, names: Collection[str]) -> Iterator[tuple[str, Target]]:
        """Yield the object behind each navigation property."""
        bindings: dict[str, str] = {}
        for one in named_sets(self._sets_of.get(entity.qualified_name, ()), names):
            bindings = {**one.bindings, **bindings}
        for node in entity.navigation:
            name, target = node.get("Name", ""), self.types.target_of(node)
            bound = self._bound(bindings.get(name, ""))
            if target:
                behind = self.entities.get(self.row_types.get(target, target))
                yield name, Target(self._object_name(target, behind, bound), behind)

    def _bound(self, target: str) -> EntitySet | str:
        """Return the entity set of a binding, or its name where another document has it."""
        if "/" in target:
            return self.sets.get(target) or target.rpartition("/")[2]
        return self._set_by_name.get(target, target)

    def _object_name(self, target: str, behind: EntityType | None, bound: EntitySet | str) -> str:
        """Return the exact name of an object: its original name, else that of its entity set."""
        if isinstance(bound, EntitySet):
            return bound.original or bound.result.original or bound.name
        if behind is None or (bound and not behind.original):
            return bound or target.rpartition(".")[2]
        sets = self._sets_of.get(behind.qualified_name, [])
        only = sets[0].name if len(sets) == 1 else behind.name
        return behind.original or only
