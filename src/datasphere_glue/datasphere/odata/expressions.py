"""Annotation expressions of CSDL XML as JSON-like values: text, bool, number, list or object."""

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.values import as_flag

EDM: Final = "{http://docs.oasis-open.org/odata/ns/edm}"
ANNOTATION: Final = EDM + "Annotation"
TOO_DEEP: Final = "…"
"""The value of an annotation that is nested too deeply to be read."""

_VALUES: Final = (
    "String", "Bool", "Int", "Decimal", "Float", "Date", "DateTimeOffset", "Duration", "Guid",
    "TimeOfDay", "Binary", "EnumMember", "UrlRef", "Path", "PropertyPath", "AnnotationPath",
    "ModelElementPath", "NavigationPropertyPath",
)  # fmt: skip
_PATHS: Final = frozenset(
    {"Path", "PropertyPath", "AnnotationPath", "ModelElementPath", "NavigationPropertyPath"}
)
_INT: Final = re.compile(r"[+-]?[0-9]{1,19}")
_DEPTH: Final = 60


class Path(str):
    """The value of a path expression: the name of a property, as opposed to plain text."""

    __slots__ = ()


def value_of(node: Node, depth: int = _DEPTH) -> Any:
    """Return the value of an annotation or of a property of a record.

    A tagging annotation without any value is true (OData CSDL XML 4.01, 14.2). Values that are
    nested deeper than `depth` levels are left out.
    """
    for kind in _VALUES:
        written = node.get(kind)
        if written is not None:
            return _scalar(kind, written)
    for child in node:
        if child.tag != ANNOTATION:
            return _expression(child, depth)
    return True


def _expression(node: Node, depth: int) -> Any:
    """Return the value of an element expression.

    One that only the service can compute, such as `If`, is an object of its operands, named as in
    CSDL JSON (`$If`).
    """
    tag = node.tag.removeprefix(EDM)
    if tag in _VALUES:
        return _scalar(tag, node.text or "")
    if tag == "Null":
        return None
    if not depth:
        return TOO_DEEP
    if tag == "Record":
        return {
            value.get("Property", ""): value_of(value, depth - 1)
            for value in node.iterfind(EDM + "PropertyValue")
        }
    operands = [_expression(child, depth - 1) for child in node if child.tag != ANNOTATION]
    if tag == "Collection":
        return ["" if operand is None else operand for operand in operands]
    return {f"${tag}": operands}


def _scalar(kind: str, written: str) -> Any:
    if kind == "Bool":
        flag = as_flag(written)
        return written if flag is None else flag
    if kind == "Int" and _INT.fullmatch(written.strip()):
        return int(written)
    return Path(written.strip()) if kind in _PATHS else written


def records_of(value: Any) -> list[Mapping[str, Any]]:
    """Return a value that is a record, or the records in a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def paths_of(value: Any) -> list[Path]:
    """Return a value that is a path, or the paths in a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Path)]
