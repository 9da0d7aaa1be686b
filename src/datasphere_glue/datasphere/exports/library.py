"""Finds what exported files say of one object of a space."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from datasphere_glue.datasphere.exports.files import CsnFile, ExportedFile, OrdFile, parts_of
from datasphere_glue.datasphere.exports.ord import Facts, facts_of
from datasphere_glue.datasphere.issues import export_unplaced, export_unreadable
from datasphere_glue.errors import DocumentError, Unavailable
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.issues import Issue

ORD: Final = "ord"
"""The word of `datasphere.provenance` for ORD descriptors."""

_INPUT_PORTS: Final = "ord.inputPorts"
_DIGEST_HEX: Final = 16

_Place = tuple[str, str]
"""A space and the name of an object, both exact."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What files say of one object.

    `key`: name of the object in `document`.
    `shared`: digest of the types and texts that all objects of the document use.
    `facts`: what an ORD descriptor says of it.
    `upstream`: objects that it is derived from by its descriptor, as `SPACE.object`.
    `unknown`: ORD ids of others, whose objects no file names.
    """

    key: str
    document: Mapping[str, Any]
    shared: str
    facts: Facts = field(default_factory=Facts)
    upstream: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return a digest of all of it, which differs after each change that may matter."""
        layers = self.document.get("businessLayerDefinitions")
        layer = layers.get(self.key) if isinstance(layers, Mapping) else None
        entity = self.document["definitions"][self.key]
        return _digest(
            [entity, layer, self.shared, repr((self.facts, self.upstream, self.unknown))]
        )


@dataclass(frozen=True, slots=True)
class Library:
    """What all files say.

    `issues`: the files that could not be used.
    `notes`: the files that name no space.
    """

    objects: Mapping[_Place, Exported] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()

    def find(self, space: str, name: str) -> Exported | None:
        """Return what files say of an object, None if none describes it."""
        return self.objects.get((space, name))


def library_of(files: Iterable[ExportedFile], spaces: Collection[str]) -> Library:
    """Return the library of these files; later files replace earlier ones."""
    csn: list[CsnFile] = []
    descriptors: list[OrdFile] = []
    issues: list[Issue] = []
    unplaced: list[str] = []
    for file in files:
        try:
            for part in parts_of(file, spaces):
                if part.space is None:
                    unplaced.append(file.name)
                elif isinstance(part, CsnFile):
                    csn.append(part)
                else:
                    descriptors.append(part)
        except (DocumentError, Unavailable) as error:
            issues.append(export_unreadable(file.name, error))
    objects: dict[_Place, Exported] = {}
    for one in csn:
        shared = _shared(one.document)
        for name, key in _named(one):
            objects[str(one.space), name] = Exported(key, one.document, shared)
    notes = (export_unplaced(unplaced),) if unplaced else ()
    return Library(_with_facts(objects, csn, descriptors), tuple(issues), notes)


def with_facts(asset: Asset, exported: Exported) -> Asset:
    """Return an asset completed by its ORD descriptor; what the asset has already stays."""
    facts = exported.facts
    custom = dict(asset.custom)
    if exported.unknown:
        custom[_INPUT_PORTS] = json.dumps(list(exported.unknown))
    completed: dict[str, Any] = {
        "label": asset.label or facts.title,
        "description": asset.description or facts.description,
        "owner": asset.owner or facts.responsible,
        "release": asset.release or facts.release,
        "tags": tuple(dict.fromkeys((*asset.tags, *facts.tags))),
        "lineage": tuple(dict.fromkeys((*asset.lineage, *exported.upstream))),
        "custom": tuple(sorted(custom.items())),
    }
    changed = {name: value for name, value in completed.items() if value != getattr(asset, name)}
    before = dict(asset.provenance)
    sources = {name: f"{before[name]}+{ORD}" if name in before else ORD for name in changed}
    provenance = tuple(sorted((before | sources).items()))
    return replace(asset, exported=exported.digest, provenance=provenance, **changed)


def _shared(document: Mapping[str, Any]) -> str:
    definitions = document["definitions"].items()
    types = {key: value for key, value in definitions if not _is_entity(value)}
    return _digest([types, document.get("i18n")])


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def _is_entity(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("kind", "entity") in ("entity", "view")


def _named(file: CsnFile) -> Iterator[tuple[str, str]]:
    """Yield each entity of a document with its key.

    Its name is the key without the space; in CSN Interop it is the part after the namespace, where
    that names one entity only.
    """
    keys = [key for key, value in file.document["definitions"].items() if _is_entity(value)]
    last = [key.rpartition(".")[2] for key in keys]
    for key, name in zip(keys, last, strict=True):
        if name != key and last.count(name) == 1 and name not in keys:
            yield name, key
    for key in keys:
        yield key.removeprefix(f"{file.space}."), key


def _with_facts(
    objects: Mapping[_Place, Exported], csn: list[CsnFile], descriptors: list[OrdFile]
) -> dict[_Place, Exported]:
    """Return the objects with the facts of the API resources whose documents define them."""
    facts = facts_of(one.document for one in descriptors)
    owners = {ord_id: tuple(_places(one, csn, objects)) for ord_id, one in facts.items()}
    completed = dict(objects)
    for ord_id, one in facts.items():
        # The title of a resource names it as a whole, and so names no object where it has several.
        alone = len(_first_names(owners[ord_id], objects)) == 1
        said = one if alone else replace(one, title=None, description=None)
        places = [
            place for up in one.upstream for place in _first_names(owners.get(up, ()), objects)
        ]
        unknown = tuple(up for up in one.upstream if not owners.get(up))
        upstream = tuple(dict.fromkeys(".".join(place) for place in places))
        for place in owners[ord_id]:
            completed[place] = replace(
                completed[place], facts=said, upstream=upstream, unknown=unknown
            )
    return completed


def _first_names(places: Iterable[_Place], objects: Mapping[_Place, Exported]) -> list[_Place]:
    """Return one place of each object; behind a namespace, an object is found by two names."""
    named: dict[tuple[int, str], _Place] = {}
    for place in places:
        one = objects[place]
        named.setdefault((id(one.document), one.key), place)
    return list(named.values())


def _places(
    facts: Facts, csn: list[CsnFile], objects: Mapping[_Place, Exported]
) -> Iterator[_Place]:
    """Yield the objects of the documents that an API resource names, by the end of their path."""
    for url in facts.files:
        path = url.partition("?")[0].rstrip("/")
        for file in csn:
            if f"/{path}".endswith(f"/{file.name.rpartition('/')[2]}"):
                yield from (
                    place for place, one in objects.items() if one.document is file.document
                )
