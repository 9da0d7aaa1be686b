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
            near = _near_field(entry.text)
        case _:
            assert_never(entry.form)
    return None if near == entry.text else near


def _near_field(text: str) -> str | None:
    """Return the closest path of a field, with the columns as the text names them."""
    near, written = near_name(text, field_paths(text)), text.split(".")
    parts = near.split(".") if near else []
    if len(parts) <= len(written) and parts[:1] == written[:1] == ["columns"]:
        return ".".join((parts[0], written[1], *parts[2:]))
    return near


def _near_scope(text: str, names: Names) -> str | None:
    """Return the closest `SPACE`, or `SPACE.asset` where the space exists."""
    space, dot, asset = _without_wrapping(text).partition(".")
    spaces = matching(space, names.known_spaces)
    if not dot:
        return near_name(text, names.known_spaces) or _asset_of_any_space(text, names)
    if not spaces:
        near = near_name(space, names.known_spaces)
        return f"{near}.{asset}" if near else None
    owners = {name: one for one in sorted(spaces) for name in names.of(one) or ()}
    if matching(asset, owners.keys()):
        return f"{space}.{asset}"
    head = asset.rpartition(".")[0]  # the rest may be a column
    near = head if head in owners else near_name(asset, owners)
    return f"{owners[near]}.{near}" if near else None


def _without_wrapping(text: str) -> str:
    """Return a text without the brackets and quotes of another notation around it."""
    inner = text.strip("\"'[] ")
    return text if set("[]") & set(inner) else inner


def _asset_of_any_space(text: str, names: Names) -> str | None:
    """Return the asset of that name, which was written without its space."""
    owners = {
        name: space for space in sorted(names.assets, reverse=True) for name in names.assets[space]
    }
    if not is_exact(text):
        return None
    exact = next((name for name in sorted(owners) if name.casefold() == text.casefold()), None)
    return f"{owners[exact]}.{exact}" if exact else None


def _near_column(text: str, names: Names, near_column: str | None) -> str | None:
    asset, _, column = text.rpartition(".")
    if near_column:
        return f"{asset}.{near_column}"
    if "." in asset:
        near = _near_scope(asset, names)
        return f"{near}.{column}" if near else None
    if near := _asset_of_any_space(asset, names):
        return f"{near}.{column}"
    near = _near_scope(text, names)
    return f"{near}.*" if near else None
