"""A CSN document as a value: parsed within bounds, with look-ups of names and texts.

Follows CAP's CSN (Core Schema Notation) and what Datasphere was observed to emit. Objects of the
own space have bare names. Objects of other spaces are `SPACE.OBJECT`, with a context that names
the space. `SAP.TIME.*` is local although it has dots, and so are other objects of SAP's and those
that the tenant lists for the own space.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from datasphere_glue.datasphere.csn.json_text import parse_json_text
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs

MAX_DOCUMENT: Final = 50 * 1024 * 1024
MAX_VALUES: Final = 2_000_000
"""Small values take forty times their text in memory; no observed export had half as many."""
MAX_DEPTH: Final = 200
MAX_COLUMNS: Final = 64_000
"""The most columns of a column table in SAP HANA."""

_ENTITY_KINDS: Final = ("entity", "view")
_SPACE: Final = re.compile(r"[A-Z0-9_]{1,20}")
_LOCAL: Final = ("SAP.TIME.", "SAP.CURRENCY.", "SAP.UNIT.")
_TRANSLATED: Final = re.compile(r"\{i18n>(.+)\}")
_FEW: Final = 5
_LONG_KEY: Final = 80
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a CSN document that describe assets.

    `space`: the space that the document was read from.
    `definitions`, `layers`, `texts`: the CSN properties `definitions`,
        `businessLayerDefinitions` and `i18n`.
    `spaces`: names of spaces of the tenant.
    `dotted`: names with dots that the tenant lists for the space.
    `languages`: languages of texts, the preferred one first.
    `notes`: what of the document could not be read.
    `effective`: True for CSN Interop Effective, whose names have a namespace.
    `named`: terms that rules name, which keep their raw values.
    `keeps_sql`: whether the texts of queries are kept.
    """

    space: str
    definitions: Mapping[str, Any]
    layers: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    spaces: frozenset[str] = frozenset()
    dotted: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    named: TermGlobs = NO_GLOBS
    effective: bool = False
    keeps_sql: bool = True

    def entity(self, asset: str) -> tuple[str, Mapping[str, Any]]:
        """Return the key and the definition of an asset.

        Raises:
            DocumentError: it is missing, not an entity, or nested too deeply.

        """
        for key in (asset, f"{self.space}.{asset}", *self._behind_namespace(asset)):
            if key in self.definitions:
                entity = require_object(self.definitions[key], "definitions", key)
                if entity.get("kind", "entity") not in _ENTITY_KINDS:
                    kind = str(entity.get("kind"))[:_LONG_KEY]
                    raise DocumentError(f"{asset} is no entity but {kind}", "definitions", key)
                _check_depth(entity, "definitions", key)
                return key, entity
        first = ", ".join(str(name)[:_LONG_KEY] for name in list(self.definitions)[:_FEW]) or "none"
        raise DocumentError(f"no definition of {asset}; there are: {first}", "definitions")

    def _behind_namespace(self, asset: str) -> list[str]:
        """Return the only definition whose name is a namespace and the asset, if there is one."""
        ending = f".{asset}"
        keys = [key for key in self.definitions if self.effective and key.endswith(ending)]
        return keys if len(keys) == 1 else []

    def layer(self, key: str) -> Mapping[str, Any] | None:
        """Return the business layer part of an analytic model, None for any other asset.

        Raises:
            DocumentError: it is no object, or nested too deeply, with the path.

        """
        if key not in self.layers:
            return None
        layer = require_object(self.layers[key], "businessLayerDefinitions", key)
        _check_depth(layer, "businessLayerDefinitions", key)
        return layer

    def find(self, name: str) -> Mapping[str, Any] | None:
        """Return the definition of a name, None where the document does not hold one."""
        definition = self.definitions.get(name)
        return definition if isinstance(definition, Mapping) else None

    def split(self, name: str) -> tuple[str | None, str]:
        """Return the space and the object of a name; None stands for the own space."""
        head, dot, rest = name.partition(".")
        if not dot or not rest or name.startswith(_LOCAL):
            return None, name
        if head == self.space:
            return None, rest
        context = self.find(head)
        space = context.get("@DataWarehouse.space.name") if context else None
        if isinstance(space, str) and space:
            return (None if space == self.space else space), rest
        known = head in self.spaces
        may_be_space = known or (name not in self.definitions and _SPACE.fullmatch(head))
        return (None, name) if name in self.dotted or not may_be_space else (head, rest)

    def qualify(self, name: str) -> str:
        """Return `SPACE.object` for a name as the document writes it."""
        space, rest = self.split(name)
        return f"{space or self.space}.{rest}"

    def translate(self, text: str) -> str:
        """Return a text, or its first translation by `languages` where it is a translation key."""
        match = _TRANSLATED.fullmatch(text)
        if match is None:
            return text
        for language in (*self.languages, "", *sorted(map(str, self.texts))):
            texts = self.texts.get(language)
            translation = texts.get(match[1]) if isinstance(texts, Mapping) else None
            if isinstance(translation, str) and translation:
                return translation
        return text


def open_document(  # noqa: PLR0913 - only the caller knows each of these values
    document: bytes | Mapping[str, Any],
    space: str,
    spaces: Collection[str],
    languages: Sequence[str],
    limit: int = MAX_DOCUMENT,
    *,
    named: TermGlobs = NO_GLOBS,
) -> Document:
    """Return a document, parsed where it is bytes.

    Raises:
        DocumentError: it is larger than `limit` bytes, holds too many values, is no JSON, or one
            of its parts has the wrong type.

    """
    root, notes = parse_bounded(document, limit) if isinstance(document, bytes) else (document, ())
    root = require_object(root)
    gaps: list[str] = list(notes)
    return Document(
        space=space,
        definitions=require_object(root.get("definitions"), "definitions"),
        layers=object_or_note(root, "businessLayerDefinitions", gaps),
        texts=object_or_note(root, "i18n", gaps),
        spaces=frozenset(spaces),
        languages=tuple(languages),
        notes=tuple(gaps),
        named=named,
        effective="csnInteropEffective" in root,
    )


def object_or_note(
    holder: Mapping[str, Any], key: str, notes: list[str], *path: str
) -> Mapping[str, Any]:
    """Return the object at a key, empty where there is none; anything else costs a note."""
    value = holder.get(key)
    if value is None or value is False:
        return {}
    try:
        return require_object(value, *path, key)
    except DocumentError as error:
        notes.append(error.message)
        return {}


def require_object(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the value if it is an object.

    Raises:
        DocumentError: it is not an object, with the path.

    """
    if isinstance(value, Mapping):
        return value
    actual = "nothing" if value is None else type(value).__name__
    raise DocumentError(f"expected an object, found {actual}", *(path or ("$",)))


def parse_bounded(document: bytes, limit: int = MAX_DOCUMENT) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON document, and notes of what was repaired.

    Raises:
        DocumentError: it is larger than `limit` bytes, holds too many values, or is no JSON.

    """
    if len(document) > limit:
        raise DocumentError(f"definition of {len(document)} bytes; at most {limit} are read")
    values = sum(document.count(mark) for mark in (b",", b"[", b"{"))
    if values > MAX_VALUES:
        raise DocumentError(f"definition of {values} values; at most {MAX_VALUES} are read")
    return parse_json_text(document)


def _check_depth(value: Any, *path: str) -> None:
    """Raise DocumentError for a value that is nested deeper than `MAX_DEPTH` levels."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for node in level for item in _children(node) if type(item) not in _SCALARS]
        if not level:
            return
    _raise_too_deep(value, *path)


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict | Mapping):
        return node.values()
    return node if isinstance(node, list | tuple) else ()


def _raise_too_deep(value: Any, *path: str) -> None:
    """Raise DocumentError with the path to the part that is nested too deeply."""
    waiting: list[tuple[Any, tuple[str, ...], int]] = [(value, path, 0)]
    while waiting:
        node, where, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", *where)
        if isinstance(node, Mapping):
            items = list(node.items())
        elif isinstance(node, list | tuple):
            items = list(enumerate(node))
        else:
            continue
        path_grows = len(where) < len(path) + _FEW
        waiting += [
            (item, (*where, str(key)[:_LONG_KEY]) if path_grows else where, depth + 1)
            for key, item in items
            if isinstance(item, Mapping | list | tuple)
        ]
