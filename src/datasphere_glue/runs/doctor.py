"""The checks of the doctor, in addition to the lists that every run reads.

One failure hides no other check. Permissions to write are tried on a database that cannot exist:
Glue checks the permission first, then finds no database (EntityNotFoundException). So nothing is
written, and the error shows whether the call is allowed.
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
    ConfigError,
    CredentialsRejected,
    Halt,
    PermissionDenied,
    SettingsError,
    SyncError,
    TableMissing,
)
from datasphere_glue.mapping.databases import database_candidates
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.outcome.checks import Check, Level, failed, issues_of
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs.connections import Bootstrap, Clients
from datasphere_glue.runs.job import rules_of
from datasphere_glue.runs.ports import Caller

_CONFIGURATION: Final = "configuration"
_SOON_DAYS: Final = 30
_SKEW_WARNED_S: Final = 60
_SKEW_REFUSED_S: Final = 300
"""AWS refuses requests whose signature is more than five minutes off its own clock."""


def add_checks(
    result: Result,
    settings: Settings,
    caller: Caller,
    bootstrap: Bootstrap,
    clients: Clients | None,
) -> Result:
    """Return the result of a doctor with its checks; nothing is written to the catalog.

    Problems that would halt a sync are objections, so they halt the run of the doctor, too.
    If a check fails unexpectedly, its error becomes that of the run.
    """
    try:
        return _with_checks(result, settings, caller, bootstrap, clients)
    except Exception as error:  # noqa: BLE001 - any failure must end in a status
        return replace(result, error=result.error or error)


def _with_checks(
    result: Result,
    settings: Settings,
    caller: Caller,
    bootstrap: Bootstrap,
    clients: Clients | None,
) -> Result:
    checks, mapping = _configuration(settings, bootstrap)
    try:
        clients = clients or bootstrap.build_clients(settings, caller, mapping, even=False)
    except SyncError as error:
        checks = (*checks, failed("aws", error))
    else:
        actor = clients.actor()
        checks = (
            _versions(clients),
            *checks,
            *_tenant(result, settings, clients),
            *_selection(result),
            *_aws(actor, clients),
            *_catalog(settings, mapping, clients, read_only=_is_read_only(actor)),
            *_reports(settings, bootstrap),
        )
    reported = {result.error.code} if isinstance(result.error, SyncError) else set()
    halting = {PermissionDenied.code, CredentialsRejected.code} - reported
    return replace(
        result,
        checks=tuple(dict.fromkeys(checks)),
        objections=tuple(issue for issue in issues_of(checks) if issue.code in halting),
    )


def _versions(clients: Clients) -> Check:
    python = platform.python_version()
    message = f"datasphere-glue {__version__}, Python {python}, {clients.sdk}"
    return Check("versions", Level.OK, message)


def _configuration(
    settings: Settings, bootstrap: Bootstrap
) -> tuple[tuple[Check, ...], MappingConfig]:
    name = _CONFIGURATION
    if settings.config_uri is None:
        message = "no mapping configuration (SYNC_CONFIG_URI), the defaults hold"
        return (Check(name, Level.OK, message),), config.NONE.mapping
    try:
        chosen = bootstrap.configuration(settings)
    except SyncError as error:
        return (failed(name, error),), config.NONE.mapping
    message = f"{settings.config_uri} is valid, sha256:{(chosen.digest or '')[:12]}"
    return (Check(name, Level.OK, message),), chosen.mapping


def _tenant(result: Result, settings: Settings, clients: Clients) -> Iterator[Check]:
    if not result.listings and isinstance(result.error, SyncError):
        yield failed(_culprit(result.error), result.error)
    elif result.listings or result.error is None:
        yield Check("token", Level.OK, f"the tenant {settings.tenant} knows the OAuth client")
    yield from _spaces(result)
    yield from _definitions(result, settings)
    yield from _auxiliary(settings, clients)
    yield _expiry(clients)
    endpoints = [one for one in clients.costs().call_stats.endpoints if one.side == "datasphere"]
    throttled = sum(one.throttled for one in endpoints)
    message = f"{settings.requests_per_minute} requests a minute at most, {throttled} answered 429"
    remedy = "lower DATASPHERE_REQUESTS_PER_MINUTE, or ask who else uses the tenant's interfaces"
    level = Level.WARNING if throttled else Level.OK
    yield Check("rate", level, message, remedy if throttled else None)


def _culprit(error: SyncError) -> str:
    """Return the check that an error belongs to which kept the run from the tenant."""
    match error:
        case ConfigError():
            return _CONFIGURATION
        case SettingsError():
            return "settings"
        case _:
            return "datasphere"


def _spaces(result: Result) -> Iterator[Check]:
    readable = [listing for listing in result.listings if listing.complete]
    if readable:
        assets = sum(len(listing.listed) for listing in readable)
        message = f"{len(readable)} of {len(result.listings)} readable, {assets} assets"
        yield Check("spaces", Level.OK, message)
    for listing in result.listings:
        if listing.incomplete is not None:
            issue = listing.incomplete
            yield Check("space", Level.WARNING, issue.message, issue.remedy, issue.code)


def _selection(result: Result) -> Iterator[Check]:
    """Yield a check for each entry of selection and rules that matches nothing."""
    name = "selection"
    levels = ((Level.WARNING, result.selection), (Level.INFO, result.plan.notes))
    for level, issues in levels:
        for one in issues:
            yield Check(name, level, one.message, one.remedy, one.code)
    if result.listings and not result.selection:
        yield Check(name, Level.OK, "what is asked for exists")


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
    message = f"refused in {len(refused)} of {len(readable)} readable spaces: {first.message}"
    level = Level.WARNING if settings.definitions == "on" else Level.INFO
    yield Check(name, level, message, first.remedy)


def _auxiliary(settings: Settings, clients: Clients) -> Iterator[Check]:
    """Yield a check for each kind of auxiliary object; none of them is needed."""
    try:
        kinds = clients.auxiliary_access()
    except SyncError as error:
        yield failed("objects", error)
        return
    for one in kinds:
        name = f"{one.kind.replace('_', ' ')}s"
        if one.off:
            yield Check(name, Level.INFO, f"not used (`objects`: {one.kind}: off)")
        elif not one.refused:
            yield Check(name, Level.OK, f"may be read in all {one.spaces} spaces")
        else:
            space, reason = one.refused[0]
            message = (
                f"not available in {len(one.refused)} of {one.spaces} spaces: {space}: {reason}"
            )
            level = Level.WARNING if settings.definitions == "on" else Level.INFO
            yield Check(name, level, message, IssueCode.OBJECTS_REFUSED.remedy)


def _expiry(clients: Clients) -> Check:
    name, ends = "OAuth client", clients.client_expires
    if ends is None:
        message = "unknown when it expires"
        return Check(name, Level.INFO, message, 'add "expires_on": "2027-01-31" to the secret')
    days = (ends - datetime.now(UTC).date()).days
    if days > _SOON_DAYS:
        return Check(name, Level.OK, f"expires on {ends}, in {days} days")
    message = f"expires on {ends}, in {days} days" if days >= 0 else f"expired on {ends}"
    return Check(name, Level.WARNING, message, "make a new secret in App Integration and store it")


def _aws(actor: str | None, clients: Clients) -> Iterator[Check]:
    if actor is None:
        message = "unknown: STS did not answer"
        yield Check("AWS identity", Level.WARNING, message, "check the AWS credentials")
        return
    yield Check("AWS identity", Level.OK, actor)
    aws_time = clients.service_time()
    if aws_time is not None:
        yield clock_check(aws_time, datetime.now(UTC))


def clock_check(aws_time: datetime, own_time: datetime) -> Check:
    """Return the check of the clock of this machine against that of AWS."""
    skew = abs((own_time - aws_time).total_seconds())
    message = f"{skew:.0f} s off that of AWS"
    if skew < _SKEW_WARNED_S:
        return Check("clock", Level.OK, message)
    level = Level.PROBLEM if skew >= _SKEW_REFUSED_S else Level.WARNING
    return Check("clock", level, message, "set the clock of this machine (NTP)")


def _catalog(
    settings: Settings, mapping: MappingConfig, clients: Clients, *, read_only: bool
) -> Iterator[Check]:
    probe, name = clients.probe, _missing_database(settings, mapping)
    try:
        visible = probe.database_names()
    except SyncError as error:
        yield failed("GetDatabases", error)
        visible = []
    else:
        yield Check("GetDatabases", Level.OK, f"allowed, {len(visible)} databases visible")
    yield _permission("GetTables", lambda: probe.read_tables(name))
    if name in visible:
        return
    for operation, call in probe.writes(name).items():
        if operation == "DeleteTable" and settings.orphan_policy != "delete":
            continue
        check = _permission(operation, call)
        yield _expected_denial(check) if read_only else check
    yield Check(
        "CreateDatabase",
        Level.INFO,
        "not tried: no call of it is sure to write nothing; a first plan shows what it would make",
    )


def _missing_database(settings: Settings, mapping: MappingConfig) -> str:
    """Return the name of a database that does not exist, in the form of the databases of a sync."""
    space = f"datasphere_glue_doctor_{secrets.token_hex(8)}"
    try:
        rules = rules_of(settings, mapping)
    except SyncError:
        rules = rules_of(settings, config.NONE.mapping)
    return min(database_candidates(space, rules), key=len)


def _permission(operation: str, call: Callable[[], object]) -> Check:
    """Return whether a call is allowed; an allowed call finds no database and changes nothing."""
    try:
        call()
    except TableMissing:
        return Check(operation, Level.OK, "allowed (tried on what does not exist)")
    except Halt as error:
        # AWS has one error code for IAM and Lake Formation; only the message differs.
        # Lake Formation refuses a missing object with the message for a forbidden one.
        if "lake formation" in error.message.lower():
            return Check(
                operation,
                Level.WARNING,
                f"IAM allows it; Lake Formation decides only once the object exists:"
                f" {error.message}",
                error.remedy,
            )
        return failed(operation, error)
    except SyncError as error:
        return Check(operation, Level.WARNING, error.message, error.remedy)
    return Check(operation, Level.OK, "allowed")


def _is_read_only(actor: str | None) -> bool:
    """Return whether this is the review function, whose role may not write on purpose."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    return "ReviewFunction" in function or "ReviewRole" in (actor or "")


def _expected_denial(check: Check) -> Check:
    if check.code != PermissionDenied.code:
        return check
    message = "not allowed, as it should be: this function only looks"
    return Check(check.name, Level.INFO, message)


def _reports(settings: Settings, bootstrap: Bootstrap) -> Iterator[Check]:
    store = bootstrap.store_of(settings)
    if store is None:
        message = "no REPORT_URI: nothing is kept of runs, and none can be rolled back"
        yield Check("reports", Level.WARNING, message, "set REPORT_URI to s3://bucket/prefix")
        return
    try:
        store.first("runs/")
    except SyncError as error:
        yield failed("reports", error)
    else:
        message = f"{store.location('runs')} can be read; the report of this check proves writing"
        yield Check("reports", Level.OK, message)
