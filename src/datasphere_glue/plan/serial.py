"""Writes a plan as a JSON document (exact, canonical, sealed) and reads it back.

    {"schema": "datasphere-glue/plan/1", "digest": "...", "plan": {...}, "content": "..."}

`digest` is `Plan.digest` (the writes and the state that they replace). `content` is the SHA-256 of
the whole plan with its reasons and conflicts. A document has a member for each field of a
dataclass, except fields that are not compared: they are context of one run. A document may lack a
field that has a default: an older version wrote it. A document with an unknown field is refused.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from hashlib import sha256
from types import GenericAlias
from typing import Any, Final, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from datasphere_glue.errors import PlanRefused, excerpt
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import RUN, Issue
from datasphere_glue.plan.change import Plan

SCHEMA: Final = "datasphere-glue/plan/1"
_MEMBERS: Final = frozenset({"schema", "digest", "plan", "content"})
_SCALARS: Final = ("str", "int", "float", "bool")
_LONGEST_PATH: Final = 80
_ISSUE: Final = ("subject", "code", "message", "remedy")
"""Members of an issue in documents: its subject is one text."""

_REASONS: Final = {
    "dataclass_type": "must be an object",
    "dict_type": "must be an object",
    "extra_forbidden": "is unknown",
    "missing": "is required",
    "too_long": "has too many items",
    "tuple_type": "must be a list",
    "unexpected_keyword_argument": "is unknown",
}
"""Replaces messages of pydantic that refer to Python instead of the document."""

Kind = TypeVar("Kind")


def document_parts(plan: Plan, digest: str) -> Iterator[str]:
    """Yield the document of a plan with this digest, in pieces: one line for each change.

    Equal plans have equal documents. The text is ASCII, so that any tool preserves it.
    """
    yield f'{{"schema":"{SCHEMA}",\n"digest":"{digest}",\n"plan":{{'
    content = sha256()
    for place, (name, items) in enumerate(_sections(plan)):
        yield f'{"," if place else ""}\n"{name}":['
        _seal(content, name)
        for number, item in enumerate(items):
            line = to_text(item, sort_keys=True)
            _seal(content, line)
            yield f"{',' if number else ''}\n{line}"
        yield "]"
    yield f'\n}},\n"content":"{content.hexdigest()}"}}\n'


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the document of a plan as JSON values."""
    document: dict[str, Any] = json.loads("".join(document_parts(plan, plan.digest)))
    return document


def from_json(document: object) -> Plan:
    """Return the plan of a document, exactly as it was written.

    Raises:
        PlanRefused: the document is malformed, of another version, or was altered since.

    """
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise PlanRefused(f"this is no plan document of the schema {SCHEMA}")
    if set(document) != _MEMBERS:
        odd = ", ".join(sorted(_MEMBERS ^ set(map(str, document))))
        raise PlanRefused(f"the plan document has missing or unknown members: {excerpt(odd, 80)}")
    try:
        plan = decode(Plan, document["plan"])
        digest = plan.digest
    except ValueError as err:
        raise PlanRefused(f"the plan document is malformed: {err}") from err
    if document["digest"] != digest:
        raise PlanRefused(
            f"the plan document was altered: it states digest {_short(document['digest'])}, its"
            f" changes have {_short(digest)}"
        )
    if document["content"] != _content(plan):
        raise PlanRefused(
            f"the plan document {_short(digest)} was altered: its content does not fit its seal"
        )
    return plan


def from_text(text: bytes) -> Plan:
    """Return the plan of a stored document (JSON, UTF-8).

    Raises:
        PlanRefused: the text is no JSON, or no valid plan document.

    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise PlanRefused(f"this is no plan document: not JSON ({excerpt(str(err), 80)})") from err
    try:
        return from_json(document)
    except (TypeError, ArithmeticError, RecursionError) as err:
        raise PlanRefused(
            f"this is no plan document: odd values ({excerpt(str(err), 80)})"
        ) from err


def to_text(value: object, *, sort_keys: bool = False) -> str:
    """Return a value of the model as one line of ASCII JSON.

    A dataclass is an object with its fields in order, a tuple a list, an enum its value.
    """
    return json.dumps(value, default=_members, sort_keys=sort_keys, separators=(",", ":"))


def decode(kind: type[Kind], value: object) -> Kind:
    """Return the value of that kind which `to_text` wrote, given as JSON values.

    Raises:
        ValueError: the values do not fit; the message names the first place that is wrong.

    """
    try:
        (decoded,) = _validator(kind).validate_python((value,))
    except ValidationError as err:
        raise ValueError(_reason(kind, err)) from err
    return cast("Kind", decoded)


def _build_validator(kind: type[Any]) -> SchemaValidator:
    # The tuple carries the configuration: a dataclass cannot be given one from outside.
    adapter: TypeAdapter[Any] = TypeAdapter(
        GenericAlias(tuple, (kind,)), config=ConfigDict(extra="forbid")
    )
    return SchemaValidator(_exact(adapter.core_schema))


_validator: Final[Callable[[Any], SchemaValidator]] = cache(_build_validator)
"""Returns the validator of a dataclass; the first build takes about 30 ms."""


def _exact(schema: Any) -> Any:
    """Return a pydantic schema under which a document is read as it is.

    `"yes"` is no bool and `"3"` no int; an issue has its stored form; a field that is not stored
    is unknown. The strict mode of pydantic does not fit: it refuses a list for a tuple, too. Its
    JSON mode refuses lone surrogates, which a SAP name may contain.
    """
    if isinstance(schema, list):
        return [_exact(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("cls") is Issue:
        return _issue_schema(schema.get("ref"))
    inner = {key: _exact(value) for key, value in schema.items()}
    if inner.get("type") == "dataclass":
        stored = _names(inner["cls"])
        for one in inner["schema"]["fields"]:
            one["init"] = one["name"] in stored
    return inner | {"strict": True} if inner.get("type") in _SCALARS else inner


def _issue_schema(ref: str | None) -> CoreSchema:
    text = core_schema.typed_dict_field(core_schema.str_schema(strict=True))
    stored = core_schema.typed_dict_schema(dict.fromkeys(_ISSUE, text), extra_behavior="forbid")
    return core_schema.no_info_after_validator_function(_issue, stored, ref=ref)


def _issue(stored: Mapping[str, str]) -> Issue:
    # The name of a space holds no dot and no lower case; the name of an asset may hold both.
    subject = stored["subject"]
    space, _, asset = ("" if subject == RUN else subject).partition(".")
    code = IssueCode(stored["code"])
    return Issue(code, stored["message"], stored["remedy"], space or None, asset or None)


def _reason(kind: type[Any], err: ValidationError) -> str:
    """Return the path of the first error, such as `tables[1].space`, and the error."""
    first = err.errors(include_url=False, include_input=False)[0]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    place = path.removeprefix("[0]").removeprefix(".") or kind.__name__
    reason = _REASONS.get(first["type"], first["msg"].replace("Input should", "must"))
    return f"{excerpt(place, _LONGEST_PATH)} {reason}"


def _members(value: Any) -> dict[str, Any]:
    names = _ISSUE if isinstance(value, Issue) else _names(type(value))
    return {name: getattr(value, name) for name in names}


def _stored_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.compare)


_names: Final[Callable[[Any], tuple[str, ...]]] = cache(_stored_names)
"""Returns the names of the stored fields of a dataclass."""


def _short(digest: object) -> str:
    return excerpt(str(digest), 12)


def _sections(plan: Plan) -> Iterator[tuple[str, Any]]:
    yield from _members(plan).items()


def _content(plan: Plan) -> str:
    content = sha256()
    for name, items in _sections(plan):
        _seal(content, name)
        for item in items:
            _seal(content, to_text(item, sort_keys=True))
    return content.hexdigest()


def _seal(content: Any, line: str) -> None:
    content.update(line.encode() + b"\n")
