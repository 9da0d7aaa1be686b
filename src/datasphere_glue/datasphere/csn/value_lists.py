"""Reads what values an element may have: enumeration, default value and value help."""

from collections.abc import Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations, paths_of, translated_text
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.terms import DESCRIPTIONS, LABELS
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.model.element import EnumValue

_DEFAULT: Final = "default"
_ENUM: Final = "enum"
_VALUE_HELP: Final = "Consumption.valueHelpDefinition"
_SYMBOL: Final = "#"


def read_values(document: Document, annotations: CsnAnnotations) -> tuple[EnumValue, ...]:
    """Return the values of an enumeration, of the element itself or of its type."""
    values = annotations.values.get(_ENUM)
    if not isinstance(values, Mapping):
        return ()
    annotations.used.add(_ENUM)
    return tuple(_enum_value(document, str(name), value) for name, value in values.items())


def _enum_value(document: Document, name: str, written: Any) -> EnumValue:
    """Return one value; a symbol without a value stands for its name (CAP's CSN)."""
    if not isinstance(written, Mapping):
        return EnumValue(name, name if written is None else as_text(written))
    texts = CsnAnnotations(written)
    value = written.get("val")
    if isinstance(value, Mapping):
        value = value.get(_SYMBOL, dict(value))
    return EnumValue(
        name,
        name if value is None else as_text(value),
        translated_text(document, texts, *LABELS),
        translated_text(document, texts, *DESCRIPTIONS) or text_at(written, "doc"),
    )


def read_default(annotations: CsnAnnotations) -> str | None:
    """Return the default value; the symbol of an enumeration stands for its value."""
    written = annotations.values.get(_DEFAULT)
    values = annotations.values.get(_ENUM)
    name = written.get(_SYMBOL) if isinstance(written, Mapping) else None
    if isinstance(name, str) and isinstance(values, Mapping):
        symbol = values.get(name)
        value = symbol.get("val") if isinstance(symbol, Mapping) else symbol
        written = name if value is None else value
    text = default_text(written)
    if text is not None:
        annotations.used.add(_DEFAULT)
    return text


def default_text(written: Any) -> str | None:
    """Return a default value as text: a literal, the name of a function or variable, or JSON."""
    if isinstance(written, Mapping):
        names = written.get("ref")
        if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
            return ".".join(names)
        if isinstance(written.get("func"), str) and not written.get("args"):
            return str(written["func"])
        written = written.get("val", written.get(_SYMBOL, dict(written)))
    return None if written is None else as_text(written)


def read_value_help(annotations: CsnAnnotations) -> tuple[tuple[str, str], ...]:
    """Return the members of a value help by their dotted names, if there is one alone."""
    records = annotations.records(_VALUE_HELP)
    if len(records) != 1:
        annotations.used -= {term for term in annotations.used if term.startswith(_VALUE_HELP)}
        return ()
    return tuple(sorted(_members(records[0])))


def _members(record: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    members = []
    for key, value in record.items():
        names = paths_of(value) if isinstance(value, Mapping) else ()
        if isinstance(value, Mapping) and not names:
            members += _members(value, f"{path}{key}.")
        elif value is not None:
            members.append((path + key, names[0] if names else as_text(value)))
    return members
