"""Parses a YAML or JSON text into a valid configuration, or lists every error with its line."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from io import StringIO
from typing import Any, Final, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from datasphere_glue.config.sections import Context, MappingConfig
from datasphere_glue.errors import ConfigError, excerpt, plain_reason

_UNKNOWN: Final = "extra_forbidden"
_KEY: Final = "[key]"
"""The last part of pydantic's location if the key itself is invalid."""

_CONTEXT: Final = TypeAdapter(tuple[Context, ...])
_EXPECTED: Final = re.compile(r"'([^']+)'")
_WIDTH: Final = 4096
"""Long texts stay on one line, which is easier to read than folded YAML."""

_MOST_VALUES: Final = 2_000_000
"""Most values of a document: a few lines of nested aliases could expand to billions."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A valid document and the SHA-256 of its text; `digest` None means there is no document."""

    mapping: MappingConfig
    digest: str | None = None


NONE: Final = Configuration(MappingConfig(version=1))


def parse(text: bytes) -> Configuration:
    """Return the configuration in a YAML or JSON text.

    Raises:
        ConfigError: lists every problem, each with its line and the path of its field.

    """
    document = _load(text, "mapping configuration")
    if not isinstance(document, dict):
        raise ConfigError("mapping configuration must be an object with `version: 1`")
    try:
        sections = {key: value for key, value in document.items() if value is not None}
        mapping = MappingConfig.model_validate_json(_json(sections))
    except ValidationError as err:
        raise _config_error("mapping configuration", document, err, MappingConfig) from err
    return Configuration(mapping, sha256(text).hexdigest())


def with_context(configuration: Configuration, text: bytes) -> Configuration:
    """Return the configuration with the `context` entries of a second text appended.

    Raises:
        ConfigError: lists every problem, each with its line and the path of its field.

    """
    what = f"context at {configuration.mapping.context_uri}"
    document = _load(text, what)
    if isinstance(document, dict) and set(document) == {"context"}:
        document = document["context"]
    if not isinstance(document, list):
        raise ConfigError(f"{what} must be a list of entries, or an object with `context` alone")
    try:
        more = _CONTEXT.validate_json(_json(document))
    except ValidationError as err:
        raise _config_error(what, document, err, Context) from err
    digest = sha256(f"{configuration.digest}\n{sha256(text).hexdigest()}".encode()).hexdigest()
    context = (*configuration.mapping.context, *more)
    return replace(
        configuration,
        mapping=configuration.mapping.model_copy(update={"context": context}),
        digest=digest,
    )


def effective_document(mapping: MappingConfig) -> dict[str, Any]:
    """Return the document as a run uses it: defaults filled in, all context in `context`."""
    return mapping.model_dump(mode="json", exclude_none=True, exclude={"context_uri"})


def to_yaml(mapping: MappingConfig) -> str:
    """Return the effective_document document as YAML: a valid document with the same meaning."""
    text = StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _WIDTH
    yaml.dump(effective_document(mapping), text)
    return text.getvalue()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    document = MappingConfig.model_json_schema()
    return {"$schema": _DIALECT, **document, "title": "datasphere-glue mapping configuration"}


def _load(text: bytes, what: str) -> Any:
    try:
        return YAML(typ="rt", pure=True).load(text.decode("utf-8-sig"))
    except DuplicateKeyError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else "?"
        problem = str(err.problem).partition(" with value")[0]
        raise ConfigError(f"invalid {what}:\n  line {line}: {problem}") from err
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else "?"
        raise ConfigError(
            f"{what} is neither YAML nor JSON: line {line}: {excerpt(str(err.problem))}"
        ) from err
    except (UnicodeDecodeError, YAMLError, RecursionError) as err:
        raise ConfigError(f"{what} is neither YAML nor JSON: {excerpt(str(err))}") from err


def _json(document: Any) -> str:
    """Return the document as JSON text, which pydantic reads tuples from; dates in ISO format."""

    def plain(value: Any) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    try:
        if _count_values(document, {}) > _MOST_VALUES:
            raise ConfigError(
                f"mapping configuration has more than {_MOST_VALUES:,} values, each YAML alias"
                " counted by what it stands for"
            )
        return json.dumps(document, default=plain)
    except (TypeError, ValueError, RecursionError) as err:
        raise ConfigError(
            f"mapping configuration has a key or value that JSON lacks: {err}"
        ) from err


def _count_values(value: Any, counts: dict[int, int]) -> int:
    """Return how many values a document has with its aliases expanded, without expanding them.

    `counts` holds the results by object id.
    """
    if not isinstance(value, (dict, list)):
        return 1
    key = id(value)
    if key not in counts:
        counts[key] = 0  # ends the recursion for a value that holds itself, which JSON refuses
        items = value.values() if isinstance(value, dict) else value
        counts[key] = 1 + sum(_count_values(item, counts) for item in items)
    return counts[key]


def _config_error(
    what: str, document: Any, err: ValidationError, root: type[BaseModel]
) -> ConfigError:
    problems = sorted(_problem(document, error, root) for error in err.errors(include_input=False))
    lines = "\n  ".join(f"line {line}: {text}" if line else text for line, text in problems)
    return ConfigError(f"invalid {what}:\n  {lines}")


def _problem(document: Any, error: Mapping[str, Any], root: type[BaseModel]) -> tuple[int, str]:
    """Return line (0 without one) and text of one error."""
    location = [part for part in error["loc"] if part != _KEY]
    path = ".".join(str(part) for part in location)
    message = plain_reason(str(error["msg"]))
    if error["type"] == _UNKNOWN:
        message = (
            f"is not a known key{_suggestion(str(location[-1]), _allowed_keys(location, root))}"
        )
    elif error["type"] in {"enum", "literal_error"}:
        value = location[-1] if error["loc"][-1] == _KEY else _value_at(document, location)
        expected = _EXPECTED.findall(message)
        message += _suggestion(str(value), expected) if isinstance(value, str) else ""
    return _line(document, location), f"{path or 'document'}: {message}"


def _suggestion(word: str, candidates: Any) -> str:
    close = difflib.get_close_matches(word, sorted(candidates), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _allowed_keys(location: list[Any], root: type[BaseModel]) -> set[str]:
    """Return the keys that are allowed in the section of the last part of a path."""
    sections = [root]
    for part in location[:-1]:
        if isinstance(part, str):
            fields = [model.model_fields[part] for model in sections if part in model.model_fields]
            sections = [inner for field in fields for inner in _models(field.annotation)]
    return {name for model in sections for name in model.model_fields}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _value_at(document: Any, location: list[Any]) -> Any:
    for part in location:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _line(document: Any, location: list[Any]) -> int:
    """Return the line of the deepest part of a path in the document, 0 without any."""
    line = 0
    for part in location:
        if isinstance(document, CommentedMap) and part in document:
            line = document.lc.key(part)[0] + 1
        elif isinstance(document, CommentedSeq) and isinstance(part, int) and part < len(document):
            line = document.lc.item(part)[0] + 1
        else:
            break
        document = document[part]
    return line
