"""What the doctor looks at beside what every run does; one failure hides no other check.

Permissions to write are tried on a database that cannot exist. Glue checks the permission first,
then finds no database (EntityNotFoundException): nothing can be written, and the answer tells.
"""

import os
import platform
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from datasphere_glue import __version__, config
from datasphere_glue.config import MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import (
    CredentialsRejected,
    Halt,
    PermissionDenied,
    SyncError,
    TableMissing,
)
from datasphere_glue.mapping.databases import database_candidates
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.outcome.checks import Check, Level, against, failed
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs.caller import Caller
from datasphere_glue.runs.connections import Bootstrap, Clients
from datasphere_glue.runs.job import rules_of

_SOON_DAYS: Final = 30
_SKEW_WARNED_S: Final = 60
_SKEW_REFUSED_S: Final = 300
"""AWS refuses requests that were signed more than five minutes off its own clock."""


def examined(
    result: Result,
    settings: Settings,
    caller: Caller,
    bootstrap: Bootstrap,
    clients: Clients | None,
) -> Result:
    """Return the run of a doctor with its checks; nothing is written to the catalog.

    Problems that would halt a sync are objections, so that they halt the doctor's run, too.
    """
    checks, mapping = _configured(settings, bootstrap)
    try:
        clients = clients or bootstrap.build_clients(settings, caller, mapping, even=False)
    except SyncError as error:
        found = (*checks, failed("aws", error))
    else:
        actor = clients.actor()
        found = (
            _versions(clients),
            *checks,
            *_tenant(result, settings, clients),
            *_aws(actor, clients),
            *_catalog(settings, mapping, clients, looking=_only_looks(actor)),
            *_reports(settings, bootstrap),
        )
    told = {result.error.code} if isinstance(result.error, SyncError) else set()
    refused = {PermissionDenied.code, CredentialsRejected.code} - told
    return replace(
        result,
        checks=found,
        objections=tuple(issue for issue in against(found) if issue.code in refused),
    )


def _versions(clients: Clients) -> Check:
    python = platform.python_version()
    told = f"datasphere-glue {__version__}, Python {python}, {clients.sdk}"
    return Check("versions", Level.OK, told)


def _configured(
    settings: Settings, bootstrap: Bootstrap
) -> tuple[tuple[Check, ...], MappingConfig]:
    name = "configuration"
    if settings.config_uri is None:
        none = "no mapping configuration (SYNC_CONFIG_URI), the defaults hold"
        return (Check(name, Level.OK, none),), config.NONE.mapping
    try:
        chosen = bootstrap.configuration(settings)
    except SyncError as error:
        return (failed(name, error),), config.NONE.mapping
    valid = f"{settings.config_uri} is valid, sha256:{(chosen.digest or '')[:12]}"
    return (Check(name, Level.OK, valid),), chosen.mapping


def _tenant(result: Result, settings: Settings, clients: Clients) -> Iterator[Check]:
    if not result.listings and isinstance(result.error, SyncError):
        yield failed("datasphere", result.error)
    elif result.listings or result.error is None:
        yield Check("token", Level.OK, f"the tenant {settings.tenant} knows the OAuth client")
    yield from _spaces(result)
    yield from _definitions(result, settings)
    yield _expiry(clients)
    asked = [one for one in clients.costs().call_stats.endpoints if one.side == "datasphere"]
    throttled = sum(one.throttled for one in asked)
    told = f"{settings.requests_per_minute} requests a minute at most, {throttled} answered 429"
    remedy = "lower DATASPHERE_REQUESTS_PER_MINUTE, or ask who else uses the tenant's interfaces"
    level = Level.WARNING if throttled else Level.OK
    yield Check("rate", level, told, remedy if throttled else None)


def _spaces(result: Result) -> Iterator[Check]:
    readable = [listing for listing in result.listings if listing.complete]
    if readable:
        assets = sum(len(listing.listed) for listing in readable)
        many = f"{len(readable)} of {len(result.listings)} readable, {assets} assets"
        yield Check("spaces", Level.OK, many)
    for listing in result.listings:
        if listing.incomplete is not None:
            wrong = listing.incomplete
            yield Check("space", Level.WARNING, wrong.message, wrong.remedy, wrong.code)


def _definitions(result: Result, settings: Settings) -> Iterator[Check]:
    name = "object API"
    if settings.definitions == "off":
        yield Check(name, Level.INFO, "not used (DATASPHERE_DEFINITIONS=off)")
        return
    readable = [listing for listing in result.listings if listing.complete]
    if not readable:
        return
    refused = [
        note
        for listing in readable
        for note in (*listing.notes, *listing.degraded)
        if note.code is IssueCode.DEFINITIONS_UNAVAILABLE
    ]
    if not refused:
        yield Check(name, Level.OK, f"definitions may be read in all {len(readable)} spaces")
        return
    first = refused[0]
    told = f"refused in {len(refused)} of {len(readable)} readable spaces: {first.message}"
    level = Level.WARNING if settings.definitions == "on" else Level.INFO
    yield Check(name, level, told, first.remedy)


def _expiry(clients: Clients) -> Check:
    name, ends = "OAuth client", clients.client_expires
    if ends is None:
        unknown = "unknown when it expires"
        return Check(name, Level.INFO, unknown, 'add "expires_on": "2027-01-31" to the secret')
    left = (ends - datetime.now(UTC).date()).days
    if left > _SOON_DAYS:
        return Check(name, Level.OK, f"expires on {ends}, in {left} days")
    told = f"expires on {ends}, in {left} days" if left >= 0 else f"expired on {ends}"
    return Check(name, Level.WARNING, told, "make a new secret in App Integration and store it")


def _aws(actor: str | None, clients: Clients) -> Iterator[Check]:
    if actor is None:
        unknown = "unknown: STS did not answer"
        yield Check("AWS identity", Level.WARNING, unknown, "check the AWS credentials")
        return
    yield Check("AWS identity", Level.OK, actor)
    theirs = clients.service_time()
    if theirs is not None:
        yield clock(theirs, datetime.now(UTC))


def clock(theirs: datetime, ours: datetime) -> Check:
    """Return how far two clocks are apart, as a check: AWS refuses what is signed too far off."""
    skew = abs((ours - theirs).total_seconds())
    told = f"{skew:.0f} s off that of AWS"
    if skew < _SKEW_WARNED_S:
        return Check("clock", Level.OK, told)
    level = Level.PROBLEM if skew >= _SKEW_REFUSED_S else Level.WARNING
    return Check("clock", level, told, "set the clock of this machine (NTP)")


def _catalog(
    settings: Settings, mapping: MappingConfig, clients: Clients, *, looking: bool
) -> Iterator[Check]:
    probe, name = clients.probe, _nowhere(settings, mapping)
    try:
        known = probe.database_names()
    except SyncError as error:
        yield failed("GetDatabases", error)
        known = []
    else:
        yield Check("GetDatabases", Level.OK, f"allowed, {len(known)} databases visible")
    yield _tried("GetTables", lambda: probe.read_tables(name))
    if name in known:
        return
    for operation, call in probe.writes(name).items():
        if operation == "DeleteTable" and settings.orphan_policy != "delete":
            continue
        yield _excused(_tried(operation, call)) if looking else _tried(operation, call)
    yield Check(
        "CreateDatabase",
        Level.INFO,
        "not tried: no call of it is sure to write nothing; a first plan shows what it would make",
    )


def _nowhere(settings: Settings, mapping: MappingConfig) -> str:
    """Return the name of a database that nobody has, where the sync would have its own."""
    space = f"datasphere_glue_doctor_{secrets.token_hex(8)}"
    try:
        rules = rules_of(settings, mapping)
    except SyncError:
        rules = rules_of(settings, config.NONE.mapping)
    return min(database_candidates(space, rules), key=len)


def _tried(operation: str, call: Callable[[], object]) -> Check:
    """Return what a call says about its permission: whoever may make it finds nothing there."""
    try:
        call()
    except TableMissing:
        return Check(operation, Level.OK, "allowed (tried on what does not exist)")
    except Halt as error:
        # An answer of AWS: one code for IAM and Lake Formation, which only the words tell apart.
        # Lake Formation refuses what does not exist in the words of what is forbidden.
        if "lake formation" in error.message.lower():
            return Check(
                operation,
                Level.WARNING,
                f"IAM allows it; Lake Formation does not tell before the object exists:"
                f" {error.message}",
                error.remedy,
            )
        return failed(operation, error)
    except SyncError as error:
        return Check(operation, Level.WARNING, error.message, error.remedy)
    return Check(operation, Level.OK, "allowed")


def _only_looks(actor: str | None) -> bool:
    """Tell whether this is the function that only looks: its role may not write, on purpose."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    return "ReviewFunction" in function or "ReviewRole" in (actor or "")


def _excused(check: Check) -> Check:
    if check.code != PermissionDenied.code:
        return check
    told = "not allowed, as it should be: this function only looks"
    return Check(check.name, Level.INFO, told)


def _reports(settings: Settings, bootstrap: Bootstrap) -> Iterator[Check]:
    store = bootstrap.store_of(settings)
    if store is None:
        none = "no REPORT_URI: nothing is kept of runs, and none can be rolled back"
        yield Check("reports", Level.WARNING, none, "set REPORT_URI to s3://bucket/prefix")
        return
    try:
        store.first("runs/")
    except SyncError as error:
        yield failed("reports", error)
    else:
        kept = f"{store.location('runs')} can be read; the report of this check proves writing"
        yield Check("reports", Level.OK, kept)
