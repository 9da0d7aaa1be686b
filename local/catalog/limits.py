"""The validation of Glue before it reads the catalog: every constraint of its API model.

botocore sends whatever has the right Python types; the service checks lengths, patterns, enums and
list sizes and answers ValidationException. The constraints are read from botocore's own copy of
the model, so none is written down here. Lengths are counted in UTF-8 bytes, the strictest reading
of documents that disagree.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import ServiceModel

_SHOWN_CHARACTERS: Final = 400
"""Characters of a refused value that the message repeats."""


class GlueError(Exception):
    """An error answer of Glue: its code, its message and its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@cache
def service_model() -> ServiceModel:
    """Return botocore's model of Glue."""
    return botocore.session.get_session().get_service_model("glue")


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Return if the request is valid by the API model.

    Raises:
        GlueError: ValidationException that names every broken constraint, or
            SerializationException for a value of the wrong JSON type.

    """
    shape = service_model().operation_model(operation).input_shape
    violations = list(_violations(shape, request, ""))
    if violations:
        errors = "error" if len(violations) == 1 else "errors"
        raise GlueError(
            "ValidationException",
            f"{len(violations)} validation {errors} detected: " + "; ".join(violations),
        )


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    _check_type(shape, value, path)
    for constraint in _broken(shape, value):
        yield f"Value '{_excerpt(value)}' at '{path}' failed to satisfy constraint: {constraint}"
    match shape.type_name:
        case "structure":
            yield from _in_structure(shape, value, path)
        case "list":
            for place, item in enumerate(value, start=1):
                yield from _violations(shape.member, item, f"{path}.{place}.member")
        case "map":
            yield from _in_map(shape, value, path)


def _in_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            where = _joined(path, name)
            yield (f"Value null at '{where}' failed to satisfy constraint: Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _violations(member, value[name], _joined(path, name))


def _in_map(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, item in value.items():
        for kind, part, of in (("keys", key, shape.key), ("value", item, shape.value)):
            _check_type(of, part, path)
            if broken := ", ".join(_broken(of, part)):
                yield (
                    f"Value '{_excerpt(part)}' at '{path}' failed to satisfy constraint: "
                    f"Map {kind} must satisfy constraint: [{broken}]"
                )


def _broken(shape: Any, value: Any) -> Iterator[str]:
    limits = shape.metadata
    if shape.type_name in {"integer", "long", "float", "double"}:
        size, noun = value, "value"
    elif shape.type_name == "string":
        size, noun = len(value.encode("utf-8", "surrogatepass")), "length"
    elif shape.type_name in {"list", "map"}:
        size, noun = len(value), "length"
    else:
        return
    if "max" in limits and size > limits["max"]:
        yield f"Member must have {noun} less than or equal to {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield f"Member must have {noun} greater than or equal to {limits['min']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    pattern = limits.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


@cache
def _compiled(java: str) -> re.Pattern[str] | None:
    # In Java the three surrogate items mean everything beyond U+FFFF; Python refuses them.
    pattern = java.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    try:
        return re.compile(pattern)
    except re.error:
        # Classes such as \p{L}, which no member of a catalog request uses.
        return None


_JSON_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def _check_type(shape: Any, value: Any, path: str) -> None:
    expected = _JSON_TYPES.get(shape.type_name)
    if expected is not None and not isinstance(value, expected):
        raise GlueError(
            "SerializationException", f"{path or 'the body'} must be a {shape.type_name}"
        )


def _joined(path: str, name: str) -> str:
    # Glue's messages write 'table.storageDescriptor...' for the member TableInput.
    word = name.removesuffix("Input") if not path else name
    word = word[:1].lower() + word[1:]
    return f"{path}.{word}" if path else word


def _excerpt(value: Any) -> str:
    return str(value)[:_SHOWN_CHARACTERS]
