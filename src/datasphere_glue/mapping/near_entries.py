"""Suggests what a mistyped entry of a selection or a rule most likely stands for."""

from typing import assert_never

from datasphere_glue.mapping.entries import Entry, Form, Names, is_exact, matching
from datasphere_glue.mapping.field_paths import field_paths
from datasphere_glue.mapping.types import RULES
from datasphere_glue.model.near_names import near_name


def suggestion(entry: Entry, names: Names, near_column: str | None = None) -> str | None:
    """Return the entry as it may have been meant, None without a close name.

    `near_column`: the closest column, type or term that the assets have.
    """
    match entry.form:
        case Form.SPACE:
            near = near_name(entry.text, names.known_spaces - {entry.text})
        case Form.ASSET | Form.SCOPE:
            near = _near_scope(entry.text, names)
        case Form.NAME:
            near = f"column {near_column}" if near_column else _near_scope(entry.text, names)
            near = f"{near}.*" if near and not near_column and "." not in near else near
        case Form.COLUMN:
            near = _near_column(entry.text, names, near_column)
        case Form.TYPE:
            near = near_column or near_name(entry.text, RULES)
        case Form.TERM:
            near = near_column
        case Form.FIELD:
            near = near_name(entry.text, field_paths(entry.text))
        case _:
            assert_never(entry.form)
    return near


def _near_scope(text: str, names: Names) -> str | None:
    """Return the closest `SPACE`, or `SPACE.asset` where the space exists."""
    space, dot, asset = text.partition(".")
    spaces = matching(space, names.known_spaces)
    if not dot:
        return near_name(text, names.known_spaces) or _asset_of_any_space(text, names)
    if not spaces:
        near = near_name(space, names.known_spaces)
        return f"{near}.{asset}" if near else None
    owners = {name: one for one in sorted(spaces) for name in names.of(one) or ()}
    near = near_name(asset, owners)
    return f"{owners[near]}.{near}" if near else None


def _asset_of_any_space(text: str, names: Names) -> str | None:
    """Return the asset of that name, which was written without its space."""
    owners = {name: space for space in sorted(names.assets) for name in names.assets[space]}
    if not is_exact(text):
        return None
    exact = next((name for name in sorted(owners) if name.casefold() == text.casefold()), None)
    return f"{owners[exact]}.{exact}" if exact else None


def _near_column(text: str, names: Names, near_column: str | None) -> str | None:
    asset, _, column = text.rpartition(".")
    if near_column:
        return f"{asset}.{near_column}"
    near = _near_scope(asset, names) if asset else None
    return f"{near}.{column}" if near else None
