"""The refusal to write over what belongs to another tenant, with its next step."""

from datasphere_glue.errors import ForeignObject


def foreign_tenant(name: str, host: str | None) -> ForeignObject:
    """Return the error of an object that carries the host of another tenant.

    An address that changed is the most likely cause, so the next step names the setting for it.
    """
    if not host:
        return ForeignObject(f"{name} names no tenant and was not touched")
    return ForeignObject(
        f"{name} belongs to tenant {host} and was not touched",
        remedy=f"{former_tenant_remedy(host)}; else rename or remove the foreign object, or change"
        " GLUE_DATABASE_TEMPLATE",
    )


def former_tenant_remedy(host: str) -> str:
    """Return the next step for a host that may be an earlier address of the tenant."""
    return (
        f"if {host} is an earlier address of this tenant, set `former_tenants: [{host}]` in the"
        " mapping configuration (SYNC_CONFIG_URI)"
    )
