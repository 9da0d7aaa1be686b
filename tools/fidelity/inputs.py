"""The files that can be judged: CSN exports, `$metadata` documents and folders of recorded answers.

A file that is none of these is refused with a sentence.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from defusedxml.common import DefusedXmlException

from local.tenant.csn import Segment
from local.tenant.edmx import Form
from local.tenant.files import load_recorded, load_space_from_csn
from local.tenant.store import Entry, Space
from tools.fidelity.edmx.document import Metadata

SPACE: Final = "EXPORT"

WRONG_FORM: Final = (AttributeError, TypeError, LookupError, ValueError, RecursionError)
"""What a reader raises where a part of a document is not what it must be."""

_ENTITY_KINDS: Final = frozenset({"entity", "view"})


class BrokenInputError(Exception):
    """A file that cannot be judged; the message is a sentence."""


def spaces_of(path: Path) -> tuple[Space, ...]:
    """Return what a tenant holds that serves a file or folder.

    Raises:
        BrokenInputError: there is nothing to judge.

    """
    if path.is_dir():
        return _recorded(path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BrokenInputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BrokenInputError(f"{path} is no text in UTF-8.") from None
    if content.lstrip().startswith("<"):
        return (_metadata(path, content),)
    _check(path, content)
    try:
        return (load_space_from_csn(path, SPACE),)
    except WRONG_FORM as error:
        raise BrokenInputError(f"{path}: a part has the wrong form ({_line(error)}).") from None


def _recorded(folder: Path) -> tuple[Space, ...]:
    try:
        spaces = load_recorded(folder)
    except (OSError, *WRONG_FORM) as error:
        cause = _line(error)
        raise BrokenInputError(f"{folder} is no folder of recorded answers: {cause}.") from None
    if not any(space.entries for space in spaces):
        raise BrokenInputError(f"{folder} holds no object.")
    return spaces


def _metadata(path: Path, content: str) -> Space:
    """Return a space with the object that a `$metadata` document describes."""
    try:
        metadata = Metadata(content)
    except (ValueError, SyntaxError, DefusedXmlException) as error:
        raise BrokenInputError(f"{path} is no $metadata document: {_line(error)}.") from None
    found = [one for one in metadata.types.values() if not metadata.parameters_for(one)]
    if not found:
        raise BrokenInputError(f"{path} has no entity type.")
    served = next(iter(metadata.sets), None)
    named = [one for one in found if served is not None and metadata.serves(one, served)]
    name = (named or found)[0].asset
    if named and served and name == named[0].name:
        name = served
    form = Form.ANALYTICAL if metadata.analytical else Form.RELATIONAL
    segment = Segment.ANALYTIC_MODELS if metadata.analytical else Segment.VIEWS
    entry = Entry(
        SPACE, name, segment, name, lambda: None, forms=frozenset({form}), raw={form: content}
    )
    return Space(SPACE, path.stem, (entry,))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _check(path: Path, content: str) -> None:
    """Raise BrokenInputError unless a text is a CSN document with an entity."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise BrokenInputError(f"{path} is no JSON: {error}.") from None
    definitions = document.get("definitions") if isinstance(document, Mapping) else None
    if not isinstance(definitions, Mapping):
        raise BrokenInputError(f"{path} is no CSN document: it has no object `definitions`.")
    for name, definition in definitions.items():
        _check_definition(path, name, definition)
    if _ENTITY_KINDS.isdisjoint(one["kind"] for one in definitions.values() if "kind" in one):
        raise BrokenInputError(f"{path} defines no entity.")


def _check_definition(path: Path, name: str, definition: Any) -> None:
    if not isinstance(definition, Mapping):
        raise BrokenInputError(f"{path}: the definition {name} is no object.")
    if not isinstance(definition.get("kind", ""), str):
        raise BrokenInputError(f"{path}: the kind of {name} is no text.")
    elements = definition.get("elements")
    if elements is None:
        return
    if not isinstance(elements, Mapping):
        raise BrokenInputError(f"{path}: the elements of {name} are no object.")
    for element, content in elements.items():
        if not isinstance(content, Mapping):
            raise BrokenInputError(f"{path}: the element {name}.{element} is no object.")
