"""A CSN document as a value: read from bytes within bounds, and asked for names and texts.

Follows CAP's CSN (Core Schema Notation) and what Datasphere was seen to emit: objects of the own
space by their bare name, those of other spaces as `SPACE.OBJECT` beside a context that names the
space, `SAP.TIME.*` with dots and yet local.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from datasphere_glue.errors import DocumentError

MAX_DOCUMENT: Final = 50 * 1024 * 1024
MAX_VALUES: Final = 2_000_000
"""Small values take forty times their text in memory; no export was seen with half as many."""
MAX_DEPTH: Final = 200
MAX_COLUMNS: Final = 64_000
"""What a column table of SAP HANA holds at most."""

_ENTITY_KINDS: Final = ("entity", "view")
_SPACE: Final = re.compile(r"[A-Z0-9_]{1,20}")
_LOCAL: Final = ("SAP.TIME.",)
_TRANSLATED: Final = re.compile(r"\{i18n>(.+)\}")
_FEW: Final = 5
_LONG_KEY: Final = 80
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a CSN document that tell about assets; `space` is where it was read."""

    space: str
    definitions: Mapping[str, Any]
    layers: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    spaces: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()

    def entity(self, asset: str) -> tuple[str, Mapping[str, Any]]:
        """Return the key and the definition of an asset.

        Raises:
            DocumentError: it is not there, is no entity, or is nested too deeply.

        """
        for key in (asset, f"{self.space}.{asset}"):
            if key in self.definitions:
                found = mapping(self.definitions[key], "definitions", key)
                if found.get("kind", "entity") not in _ENTITY_KINDS:
                    kind = str(found.get("kind"))[:_LONG_KEY]
                    raise DocumentError(f"{asset} is no entity but {kind}", "definitions", key)
                _shallow(found, "definitions", key)
                return key, found
        told = ", ".join(str(name)[:_LONG_KEY] for name in list(self.definitions)[:_FEW]) or "none"
        raise DocumentError(f"no definition of {asset}; there are: {told}", "definitions")

    def layer(self, key: str) -> Mapping[str, Any] | None:
        """Return the business layer part of an analytic model, None for any other asset."""
        if key not in self.layers:
            return None
        found = mapping(self.layers[key], "businessLayerDefinitions", key)
        _shallow(found, "businessLayerDefinitions", key)
        return found

    def known(self, name: str) -> Mapping[str, Any] | None:
        """Return the definition of a name, None where the document does not hold one."""
        found = self.definitions.get(name)
        return found if isinstance(found, Mapping) else None

    def split(self, name: str) -> tuple[str | None, str]:
        """Return the space and the object that a name means; None stands for the own space."""
        head, dot, rest = name.partition(".")
        if not dot or not rest or name.startswith(_LOCAL):
            return None, name
        if head == self.space:
            return None, rest
        context = self.known(head)
        told = context.get("@DataWarehouse.space.name") if context else None
        if isinstance(told, str) and told:
            return (None if told == self.space else told), rest
        if head in self.spaces:
            return head, rest
        if name in self.definitions or not _SPACE.fullmatch(head):
            return None, name
        return head, rest

    def qualified(self, name: str) -> str:
        """Return `SPACE.object` for a name as the document writes it."""
        space, rest = self.split(name)
        return f"{space or self.space}.{rest}"

    def translated(self, text: str) -> str:
        """Return a text in the first language that has it, where it is a key of translations."""
        match = _TRANSLATED.fullmatch(text)
        if match is None:
            return text
        for language in (*self.languages, "", *sorted(map(str, self.texts))):
            texts = self.texts.get(language)
            found = texts.get(match[1]) if isinstance(texts, Mapping) else None
            if isinstance(found, str) and found:
                return found
        return text


def opened(
    document: bytes | Mapping[str, Any],
    space: str,
    spaces: Collection[str],
    languages: Sequence[str],
    limit: int = MAX_DOCUMENT,
) -> Document:
    """Return a document, read if it is bytes.

    Raises:
        DocumentError: it is larger than `limit` bytes, holds too many values, is no JSON, or its
            parts have the wrong types.

    """
    root = _loaded(document, limit) if isinstance(document, bytes) else document
    root = mapping(root)
    return Document(
        space=space,
        definitions=mapping(root.get("definitions"), "definitions"),
        layers=mapping(root.get("businessLayerDefinitions", {}), "businessLayerDefinitions"),
        texts=mapping(root.get("i18n", {}), "i18n"),
        spaces=frozenset(spaces),
        languages=tuple(languages),
    )


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the value, which must be an object.

    Raises:
        DocumentError: it is not, with the path.

    """
    if isinstance(value, Mapping):
        return value
    found = "nothing" if value is None else type(value).__name__
    raise DocumentError(f"expected an object, found {found}", *(path or ("$",)))


def _loaded(document: bytes, limit: int) -> Any:
    if len(document) > limit:
        raise DocumentError(f"definition of {len(document)} bytes; at most {limit} are read")
    values = sum(document.count(mark) for mark in (b",", b"[", b"{"))
    if values > MAX_VALUES:
        raise DocumentError(f"definition of {values} values; at most {MAX_VALUES} are read")
    try:
        return json.loads(document, parse_constant=_refuse)
    except RecursionError:
        raise DocumentError("definition is nested too deeply to be read", "$") from None
    except ValueError as err:
        raise DocumentError(f"definition is no JSON ({err})", "$") from err


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _shallow(value: Any, *path: str) -> None:
    """Raise where a value is nested deeper than anything that reads it would follow."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for node in level for item in _inside(node) if type(item) not in _SCALARS]
        if not level:
            return
    _refuse_depth(value, *path)


def _inside(node: Any) -> Iterable[Any]:
    if isinstance(node, dict | Mapping):
        return node.values()
    return node if isinstance(node, list | tuple) else ()


def _refuse_depth(value: Any, *path: str) -> None:
    """Raise for a value that is nested too deeply, with the path to where it is."""
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
        near = len(where) < len(path) + _FEW
        waiting += [
            (item, (*where, str(key)[:_LONG_KEY]) if near else where, depth + 1)
            for key, item in items
            if isinstance(item, Mapping | list | tuple)
        ]
