"""A plan as a document: exact, canonical, sealed, and the way back.

    {"schema": "datasphere-glue/plan/1", "digest": "...", "plan": {...}, "content": "..."}

`digest` is that of the plan (what would be written over what), `content` the SHA-256 of the whole
plan with its reasons and conflicts. Values are written by the type hints of their dataclasses, so
that a field that is added later is written, too; a document that lacks a field which has a default
was written before there was one, and a field that is unknown here is refused. Fields that are not
compared are context of one run and are not written.
"""

import json
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeVar

from datasphere_glue.errors import PlanRefused, excerpt
from datasphere_glue.model.issues import RUN, Issue
from datasphere_glue.plan.change import Plan

SCHEMA: Final = "datasphere-glue/plan/1"
_MEMBERS: Final = frozenset({"schema", "digest", "plan", "content"})
_PLAIN: Final = (str, int, float, bool, types.NoneType)
_TOLD: Final = 40

Kind = TypeVar("Kind")

_Encode = Callable[[Any], Any]
_Decode = Callable[[Any], Any]


def parts(plan: Plan, digest: str) -> Iterator[str]:
    """Yield the document of a plan, whose digest is given, piece by piece: a line for each change.

    Equal plans make equal documents. ASCII only, so that any text survives any tool.
    """
    yield f'{{"schema":"{SCHEMA}",\n"digest":"{digest}",\n"plan":{{'
    content = sha256()
    for place, (name, items) in enumerate(_sections(plan)):
        yield f'{"," if place else ""}\n"{name}":['
        _seal(content, name)
        for number, item in enumerate(items):
            line = _text(item)
            _seal(content, line)
            yield f"{',' if number else ''}\n{line}"
        yield "]"
    yield f'\n}},\n"content":"{content.hexdigest()}"}}\n'


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the document of a plan as JSON values."""
    document: dict[str, Any] = json.loads("".join(parts(plan, plan.digest)))
    return document


def from_json(document: object) -> Plan:
    """Return the plan of a document; it is exactly the one that was written.

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
            f"the plan document was altered: it says digest {_short(document['digest'])}, its"
            f" changes have {_short(digest)}"
        )
    if document["content"] != _content(plan):
        raise PlanRefused(
            f"the plan document {_short(digest)} was altered: its content does not fit its seal"
        )
    return plan


def from_text(text: bytes) -> Plan:
    """Return the plan of a document as it is stored.

    Raises:
        PlanRefused: the text is no JSON, or no valid plan document.

    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise PlanRefused(f"this is no plan document: not JSON ({excerpt(str(err), 80)})") from err
    return from_json(document)


def encode(value: Any) -> Any:
    """Return a value of the model as JSON values, where a tuple stands for a list."""
    return _codec(type(value)).encoded(value)


def decode(kind: type[Kind], value: object) -> Kind:
    """Return the value of that kind which `encode` made these JSON values of.

    Raises:
        ValueError: the values do not fit; the message names where.

    """
    try:
        decoded: Kind = _codec(kind).decode(value)
    except _Misfit as err:
        raise ValueError(f"{err.where or kind.__name__} {err.reason}") from err
    return decoded


def _short(digest: object) -> str:
    return excerpt(str(digest), 12)


def _sections(plan: Plan) -> Iterator[tuple[str, Any]]:
    yield from encode(plan).items()


def _content(plan: Plan) -> str:
    content = sha256()
    for name, items in _sections(plan):
        _seal(content, name)
        for item in items:
            _seal(content, _text(item))
    return content.hexdigest()


def _seal(content: Any, line: str) -> None:
    content.update(line.encode() + b"\n")


def _text(item: Any) -> str:
    return json.dumps(item, sort_keys=True, separators=(",", ":"))


class _Misfit(Exception):
    """A value does not fit its kind; `where` is collected on the way out."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where

    def inside(self, place: str) -> "_Misfit":
        dot = "." if self.where and not self.where.startswith("[") else ""
        return _Misfit(self.reason, f"{place}{dot}{self.where}")


@dataclass(frozen=True, slots=True)
class _Codec:
    """`encode` None means that JSON takes the value as it is (a tuple as a list)."""

    decode: _Decode
    encode: _Encode | None = None

    def encoded(self, value: Any) -> Any:
        return value if self.encode is None else self.encode(value)


def _built(kind: Any) -> _Codec:
    if kind in _PLAIN:
        return _plain(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return _optional(arguments)
    if origin is tuple:
        return _list(arguments[0]) if arguments[1:] == (Ellipsis,) else _row(arguments)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if kind is Issue:
        return _issue()
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    raise TypeError(f"there is no way to write values of {kind}")


_codec: Final[Callable[[Any], _Codec]] = cache(_built)
"""How values of a type hint are written and read."""


def _plain(kind: type[Any]) -> _Codec:
    def read(value: Any) -> Any:
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            raise _Misfit(f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    return _Codec(read)


def _optional(arguments: tuple[Any, ...]) -> _Codec:
    kinds = [kind for kind in arguments if kind is not types.NoneType]
    if len(kinds) != 1 or len(arguments) == 1:
        raise TypeError(f"there is no way to tell apart what is one of {arguments}")
    inner = _codec(kinds[0])

    def read(value: Any) -> Any:
        return None if value is None else inner.decode(value)

    if inner.encode is None:
        return _Codec(read)
    return _Codec(read, lambda value: None if value is None else inner.encoded(value))


def _list(kind: Any) -> _Codec:
    inner = _codec(kind)

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Misfit("must be a list")
        items = []
        try:
            for item in value:
                items.append(inner.decode(item))  # noqa: PERF401 - its length tells the place
        except _Misfit as err:
            raise err.inside(f"[{len(items)}]") from None
        return tuple(items)

    if inner.encode is None:
        return _Codec(read)
    return _Codec(read, lambda value: [inner.encoded(item) for item in value])


def _row(kinds: tuple[Any, ...]) -> _Codec:
    if any(kind not in _PLAIN for kind in kinds):
        raise TypeError(f"there is no way to write rows of {kinds}")

    def read(value: Any) -> tuple[Any, ...]:
        # A table has thousands of these, so they are looked at as a whole.
        if not isinstance(value, list) or tuple(map(type, value)) != kinds:
            raise _Misfit(f"must be a list of {', '.join(kind.__name__ for kind in kinds)}")
        return tuple(value)

    return _Codec(read)


@dataclass(frozen=True, slots=True)
class _StoredIssue:
    """An issue as documents hold it: its object as one text."""

    subject: str
    code: str
    message: str
    remedy: str


def _issue() -> _Codec:
    stored = _record(_StoredIssue)

    def read(value: Any) -> Issue:
        one = stored.decode(value)
        # The name of a space holds no dot and no lower case; the name of an asset may hold both.
        space, _, asset = ("" if one.subject == RUN else one.subject).partition(".")
        return Issue(one.code, one.message, one.remedy, space or None, asset or None)

    def write(value: Any) -> Any:
        one = _StoredIssue(value.subject, value.code, value.message, value.remedy)
        return stored.encoded(one)

    return _Codec(read, write)


def _enum(kind: type[Enum]) -> _Codec:
    def read(value: Any) -> Enum:
        try:
            return kind(value)
        except ValueError:
            raise _Misfit(f"must be one of {', '.join(str(one.value) for one in kind)}") from None

    return _Codec(read, lambda value: value.value)


def _record(kind: type[Any]) -> _Codec:
    hints = typing.get_type_hints(kind)
    members = {field.name: _codec(hints[field.name]) for field in fields(kind) if field.compare}
    needed = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def write(value: Any) -> dict[str, Any]:
        return {name: codec.encoded(getattr(value, name)) for name, codec in members.items()}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Misfit(f"must be an object ({kind.__name__})")
        if unknown := sorted(set(value) - set(members)):
            raise _Misfit(f"has members unknown here: {excerpt(', '.join(unknown), _TOLD)}")
        given = {}
        name = ""
        try:
            for name, codec in members.items():
                if name in value:
                    given[name] = codec.decode(value[name])
        except _Misfit as err:
            raise err.inside(name) from None
        if missing := sorted(needed - set(given)):
            raise _Misfit(f"lacks {', '.join(missing)}")
        return kind(**given)

    return _Codec(read, write)
