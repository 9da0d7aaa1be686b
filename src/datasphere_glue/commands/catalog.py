"""The tables of this tenant in the catalog, for the commands that browse it."""

import shlex
from collections.abc import Iterable

import click

from datasphere_glue import bootstrap
from datasphere_glue.aws import documents
from datasphere_glue.browse.describe import Entry
from datasphere_glue.browse.find import find_entries, find_tenants
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SettingsError
from datasphere_glue.runs.job import rules_of
from datasphere_glue.runs.ports import Caller


def managed_entries(settings: Settings) -> tuple[Entry, ...]:
    """Return every table that sync wrote from this tenant, by database and name.

    Raises:
        SyncError: the catalog may not or cannot be read, or the configuration is invalid.

    """
    mapping = documents.configuration(settings).mapping
    rules = rules_of(with_tenant(settings), mapping)
    return find_entries(bootstrap.build_clients(settings, Caller()).target, rules)


def with_tenant(settings: Settings) -> Settings:
    """Return the settings with the only tenant of the catalog, unless they name one.

    Raises:
        SettingsError: the catalog holds tables of several tenants; the message names them.
        SyncError: the catalog may not or cannot be read, or the configuration is invalid.

    """
    if settings.url:
        return settings
    rules = rules_of(settings, documents.configuration(settings).mapping)
    tenants = find_tenants(bootstrap.build_clients(settings, Caller()).target, rules)
    if not tenants:
        return settings
    if len(tenants) > 1:
        raise SettingsError(
            f"the catalog holds tables of {len(tenants)} tenants: {', '.join(tenants)}",
            remedy=f"choose one with DATASPHERE_URL, or --datasphere-url https://{tenants[0]}",
        )
    click.echo(f"tenant: {tenants[0]}, the only one in the catalog", err=True)
    return settings.of_tenant(tenants[0])


def unknown_name(name: str, close: Iterable[str]) -> click.ClickException:
    """Return the error for a name that neither catalog has, with close names if there are any."""
    names = ", ".join(close)
    word = shlex.quote(name.rpartition(".")[2] or name)
    return click.ClickException(
        f"nothing in the catalog is named {name}, neither in Glue nor in Datasphere\n  -> "
        + (f"close to it: {names}; " if names else "")
        + f"`datasphere-glue search {word}` finds names, and a sync writes what is new"
    )
