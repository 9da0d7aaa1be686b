"""CSN documents and how they name one another's objects, types and texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Definition = Mapping[str, Any]

_TRANSLATED: Final = re.compile(r"\{i18n>(.+)\}")
_BUILT_IN: Final = "cds."
_STEPS: Final = 40
LINKS: Final = frozenset({"cds.Association", "cds.Composition"})


@dataclass(frozen=True, slots=True)
class Document:
    """One CSN document of a space."""

    space: str
    definitions: Mapping[str, Definition]
    layers: Mapping[str, Definition] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def object_name(self, name: str) -> str:
        """Return `OBJECT` of the own space or `SPACE.OBJECT`, by the contexts of the document."""
        head, dot, rest = name.partition(".")
        if not dot:
            return name
        context = self.definitions.get(head, {})
        space = context.get("@DataWarehouse.space.name") or head
        return rest if space == self.space else f"{space}.{rest}"

    def chain(self, element: Definition) -> list[Definition]:
        """Return the named types of an element, the nearest first."""
        found: list[Definition] = []
        for _ in range(_STEPS):
            definition = self.type_named(element.get("type"))
            if definition is None or definition in found:
                break
            found.append(definition)
            element = definition
        return found

    def type_named(self, named: Any) -> Definition | None:
        """Return the definition of a type, None for one that is built in or not at hand."""
        if isinstance(named, str):
            return None if named.startswith(_BUILT_IN) else self.definitions.get(named)
        steps = named.get("ref", []) if isinstance(named, Mapping) else []
        definition = self.definitions.get(steps[0]) if steps else None
        for step in steps[1:]:
            definition = (definition or {}).get("elements", {}).get(step)
        return definition

    def translations(self, text: str) -> tuple[str, ...]:
        """Return what a text may read: itself, or all translations of its key.

        The text without a language counts before all others.
        """
        key = _TRANSLATED.fullmatch(text)
        if key is None:
            return (text,)
        found = {lang: texts[key[1]] for lang, texts in self.texts.items() if key[1] in texts}
        if "" in found:
            return (found[""],)
        return tuple(dict.fromkeys(found.values())) or (text,)


@dataclass(frozen=True, slots=True)
class World:
    """All documents of all spaces, by `SPACE.OBJECT`."""

    documents: Mapping[str, Document]

    def find(self, document: Document, name: str) -> tuple[Document, str] | None:
        """Return the document that defines an object that another one names, and its key there."""
        plain = document.object_name(name)
        for full in (f"{document.space}.{plain}", plain):
            other = self.documents.get(full)
            if other is not None:
                key = full.removeprefix(other.space + ".")
                return other, key if key in other.definitions else full
        return None

    def definition(self, document: Document, name: str) -> Definition | None:
        """Return the definition of an object that a document names."""
        found = self.find(document, name)
        return found[0].definitions.get(found[1]) if found else document.definitions.get(name)


def elements_of(definition: Definition | None) -> Mapping[str, Definition]:
    """Return the elements of a definition."""
    elements: Mapping[str, Definition] = (definition or {}).get("elements") or {}
    return elements


def columns_of(definition: Definition | None) -> dict[str, Definition]:
    """Return the elements that are columns, so not associations."""
    return {name: one for name, one in elements_of(definition).items() if not is_link(one)}


def is_link(element: Definition) -> bool:
    """Return whether an element is an association or composition."""
    kind = element.get("type")
    return isinstance(kind, str) and kind in LINKS


def without_nulls(value: Any) -> Any:
    """Return a document without the members that are null.

    In annotations null unsets what is inherited, and in literals it is a value.
    """
    if isinstance(value, Mapping):
        return {
            key: inner if key.startswith("@") else without_nulls(inner)
            for key, inner in value.items()
            if inner is not None or key == "val" or key.startswith("@")
        }
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value
