"""Data access controls: how a control decides which rows a user sees."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.document import open_document

_TERM: Final = "DataWarehouse.dataAccessControl.definition"
_OPERATORS: Final = "restrictionelements"
_DIRECTORY: Final = "directory"
_HIERARCHY: Final = "hierarchy"
_DEPTH: Final = 8


def read_access_control(
    document: bytes | Mapping[str, Any], name: str, *, space: str, spaces: Collection[str] = ()
) -> str | None:
    """Return `single_values`, `operators`, `hierarchy` or `hierarchy_directory`, None if unknown.

    Raises:
        DocumentError: the document is no CSN within bounds, or does not hold the control.

    """
    csn = open_document(document, space, spaces, ())
    definition = csn.find(name) or csn.find(f"{space}.{name}")
    if definition is None and len(csn.definitions) == 1:
        definition = csn.find(next(iter(csn.definitions)))
    terms = CsnAnnotations(definition or {}).values
    values = {term: value for term, value in terms.items() if term.startswith(_TERM)}
    words = {word.lower().replace("_", "") for word in _words(values, _DEPTH)}
    if not values:
        return None
    if any(_OPERATORS in word for word in words):
        return "operators"
    if any(_HIERARCHY in word for word in words):
        directory = any(_DIRECTORY in word for word in words)
        return "hierarchy_directory" if directory else "hierarchy"
    return "single_values"


def _words(value: Any, depth: int) -> Iterator[str]:
    """Yield the keys that hold something, and the enum words, of a nested value."""
    if depth == 0:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "#":
                yield str(item)
            elif item not in (None, "", [], {}, False):
                yield str(key).removeprefix(_TERM)
                yield from _words(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, depth - 1)
