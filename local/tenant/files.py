"""Spaces from files: our own sample files, CSN exports, and folders of recorded answers."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from local.tenant.csn import Segment, usage_of
from local.tenant.edmx import Form
from local.tenant.objects import AUXILIARY
from local.tenant.store import Auxiliary, Document, Entry, Space, entry_of

_EXPORTED = MappingProxyType(
    {
        "status": "Deployed",
        "createdOn": "2024-01-15T08:00:00.000Z",
        "changedOn": "2024-06-03T09:30:00.000Z",
        "deployedOn": "2024-06-03T09:31:00.000Z",
        "createdBy": "MODELER",
        "changedBy": "MODELER",
    }
)

_SHARED = frozenset({"type", "aspect"})
"""Kinds of definitions that come along with each object, like the contexts that name a space."""
_ENTITIES = frozenset({"entity", "view"})
_SPACE = "@DataWarehouse.space.name"
_ROOT = ("csnInteropEffective", "meta", "i18n")


def load_space(path: Path) -> Space:
    """Return the space of one of our own files.

    Such a file is a CSN document with a header `space`: `name`, `label`, `forbidden`, the list
    `unreadable`, the rows `connections`, and `listing`, which gives the object list's further
    fields under `*` for all and under a name for one object. Flows, task chains and data access
    controls stand under the names of their lists. A view is exposed by
    `@DataWarehouse.consumption.external`, an analytic model always, and neither before it was
    deployed.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    header = content["space"]
    listing = header.get("listing", {})
    unreadable = frozenset(header.get("unreadable", ()))

    def entry(name: str) -> Entry:
        stamps = {**listing.get("*", {}), **listing.get(name, {})}
        stamps = {key: text for key, text in stamps.items() if text is not None}
        exposed = "deployedOn" in stamps and _external(content, name)
        document = _document_of(content, name)
        generated = entry_of(header["name"], name, document, exposed=exposed, listing=stamps)
        return replace(generated, unreadable=name in unreadable)

    def auxiliary(segment: str, name: str) -> Auxiliary:
        body = content[segment][name]
        stamps = {**listing.get("*", {}), **listing.get(name, {})}
        return Auxiliary(segment, name, body, body.get("@EndUserText.label", name), stamps)

    return Space(
        header["name"],
        header["label"],
        tuple(entry(name) for name in _entities(content)),
        bool(header.get("forbidden")),
        tuple(auxiliary(key, name) for key in AUXILIARY for name in content.get(key, {})),
        tuple(header.get("connections", ())),
    )


def load_space_from_csn(path: Path, space: str) -> Space:
    """Return a space with the entities of any CSN export: its views exposed, its tables not."""
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    entries = tuple(
        entry_of(space, name, _document_of(content, name), exposed=True, listing=_EXPORTED)
        for name in _entities(content)
    )
    return Space(space, path.stem.replace("_", " "), entries)


def load_recorded(folder: Path) -> tuple[Space, ...]:
    """Return the spaces of a folder of recorded answers.

    The folder holds `catalog_spaces.json`, `catalog_assets.json`, and in `edmx/` a document per
    asset, where `relational_X.xml` and `analytical_X.xml` make X an asset with both services even
    if the catalog page does not list it. `views/`, `analyticmodels/` and `localtables/` hold object
    definitions, `localtables.json` further names. An object without a space belongs to
    the first one.
    """
    spaces = _read(folder / "catalog_spaces.json")["value"]
    home = spaces[0]["name"]
    entries: dict[str, Entry] = {}
    for entry in _recorded_objects(folder, home):
        entries[entry.name] = entry
    for row in _read(folder / "catalog_assets.json")["value"]:
        entries[row["name"]] = _recorded_asset(folder, row, entries.get(row["name"]))
    for path in sorted((folder / "edmx").glob("relational_*.xml")):
        name = path.stem.removeprefix("relational_")
        bare = entries.get(name) or _bare(home, name, Segment.VIEWS)
        entries[name] = replace(bare, forms=frozenset(Form), raw=_raw(folder, name, list(Form)))
    return tuple(
        Space(
            space["name"],
            space["label"],
            tuple(entry for entry in entries.values() if entry.space == space["name"]),
        )
        for space in spaces
    )


def _recorded_objects(folder: Path, space: str) -> Iterator[Entry]:
    listed = folder / "localtables.json"
    for row in _read(listed) if listed.exists() else ():
        yield _bare(space, row["technicalName"], Segment.LOCAL_TABLES)
    for segment in Segment:
        for path in sorted((folder / segment).glob("*.json")):
            document = _read(path)
            definition = document["definitions"][path.stem]
            yield replace(
                entry_of(space, path.stem, document, exposed=False, listing=_EXPORTED),
                segment=segment,
                usage=usage_of(definition),
            )


def _recorded_asset(folder: Path, row: Mapping[str, Any], listed: Entry | None) -> Entry:
    forms = frozenset(form for form in Form if row[f"asset{form.capitalize()}MetadataUrl"])
    segment = Segment.VIEWS if Form.RELATIONAL in forms else Segment.ANALYTIC_MODELS
    return replace(
        listed or _bare(row["spaceName"], row["name"], segment),
        space=row["spaceName"],
        label=row["label"],
        forms=forms,
        raw=_raw(folder, row["name"], forms),
        has_parameters=bool(row.get("hasParameters")),
    )


def _raw(folder: Path, name: str, forms: Collection[Form]) -> Mapping[Form, str]:
    """Return the recorded documents of an asset; without one, its form is rendered from CSN."""
    documents = {}
    for form in forms:
        paths = [folder / "edmx" / f"{form}_{name}.xml"]
        if len(forms) == 1:
            paths.append(folder / "edmx" / f"{name}.xml")
        for path in filter(Path.exists, paths):
            documents[form] = path.read_text(encoding="utf-8")
    return documents


def _bare(space: str, name: str, segment: Segment) -> Entry:
    return Entry(space, name, segment, name, lambda: None, listing=_EXPORTED)


def _entities(content: Document) -> list[str]:
    return [
        name
        for name, definition in content["definitions"].items()
        if definition.get("kind") in _ENTITIES
    ]


def _document_of(content: Document, name: str) -> Document:
    """Return what the object API would give for one object of a larger document."""
    definitions: dict[str, Any] = {name: content["definitions"][name]}
    definitions |= {
        other: definition
        for other, definition in content["definitions"].items()
        if definition.get("kind") in _SHARED or _SPACE in definition
    }
    layer = (content.get("businessLayerDefinitions") or {}).get(name)
    return {
        **{key: content[key] for key in _ROOT if key in content},
        "definitions": definitions,
        **({} if layer is None else {"businessLayerDefinitions": {name: layer}}),
    }


def _external(content: Document, name: str) -> bool:
    modelled = name in (content.get("businessLayerDefinitions") or {})
    external = content["definitions"][name].get("@DataWarehouse.consumption.external")
    return modelled or external is True


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
