"""The list of connections of a space: which sort of system stands behind each."""

from typing import Any, Final

from datasphere_glue.datasphere.values import text_at
from datasphere_glue.errors import DocumentError

_NAMES: Final = ("name", "technicalName")
_TYPES: Final = ("typeId", "connectionType", "type")


def read_connections(page: Any) -> dict[str, str | None]:
    """Return the sort of system of each connection of one page, None where it is not given.

    Raises:
        DocumentError: the page is no list, or holds an entry without a name.

    """
    rows = page.get("value") if isinstance(page, dict) else page
    if not isinstance(rows, list):
        raise DocumentError("the list of connections is no array")
    found: dict[str, str | None] = {}
    for row in rows:
        name = _first(row, _NAMES)
        if name is None:
            raise DocumentError("the list of connections holds an entry without a name")
        found[name] = _first(row, _TYPES)
    return found


def _first(row: Any, keys: tuple[str, ...]) -> str | None:
    if not isinstance(row, dict):
        return None
    return next(filter(None, (text_at(row, key) for key in keys)), None)
