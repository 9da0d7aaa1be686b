"""Small pieces of which the tests build tenants, and what they leave out when they compare."""

from typing import Any

from local.sample import sample_spaces
from local.tenant.store import Space, entry_of

SET_BY_GLUE = {"CreateTime", "UpdateTime", "VersionId", "CreatedBy", "CatalogId"}


def view(label: str, columns: int = 3) -> dict[str, Any]:
    """Return the definition of a small exposed view."""
    elements: dict[str, Any] = {
        "ID": {"type": "cds.Integer", "key": True, "notNull": True, "@EndUserText.label": "Id"}
    }
    for number in range(1, columns):
        elements[f"C{number}"] = {
            "type": "cds.String",
            "length": 10,
            "@EndUserText.label": f"Column {number}",
        }
    return {
        "kind": "entity",
        "@EndUserText.label": label,
        "@DataWarehouse.consumption.external": True,
        "elements": elements,
        "query": {"SELECT": {"from": {"ref": ["T"]}}},
    }


def small_space(name: str, views: int) -> Space:
    """Return a space with that many small views, `V_00` and on."""
    entries = []
    for number in range(views):
        view_name = f"V_{number:02}"
        document = {"definitions": {view_name: view(f"View {number}")}}
        entries.append(entry_of(name, view_name, document, exposed=True, listing={}))
    return Space(name, f"Space {name}", tuple(entries))


def some_spaces(*names: str) -> tuple[Space, ...]:
    """Return these spaces of the sample company, each with one of the views that are alike."""
    return tuple(space for space in sample_spaces(alike=1) if space.name in names)
