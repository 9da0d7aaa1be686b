"""Builds the context of a run, before the run connects to anything."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from datasphere_glue.config import Configuration
from datasphere_glue.config.loading import Need
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SyncError
from datasphere_glue.events.request import Request
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.runs.fanout.steps import step_context
from datasphere_glue.runs.ports import Caller

ReadRequest = Callable[[], Request]
"""Reads the request of a run from its event; raises EventError."""


def new_context() -> RunContext:
    """Return the context of a run that starts now, with a new run id."""
    now = datetime.now(UTC)
    run_id = f"{now:%Y-%m-%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
    return RunContext(run_id, started=now.isoformat())


def add_settings(context: RunContext, settings: Settings) -> RunContext:
    """Return the context with the tenant, the environment and the stack of the settings."""
    return replace(
        context,
        tenant=settings.tenant,
        environment=settings.environment or None,
        writer=None if context.rollback_of else settings.stack,
    )


def add_request(context: RunContext, request: Request, caller: Caller) -> RunContext:
    """Return the context with the trigger and the scope of a request, and the place of its step."""
    context = replace(
        context,
        run_id=request.run_id or context.run_id,
        trigger=caller.trigger or str(request.trigger),
        cause=request.cause,
        narrow=bool(request.spaces or request.assets),
        rollback_of=request.rollback_of,
        writer=None if request.rollback_of else context.writer,
    )
    return step_context(request, context)


def add_configuration(context: RunContext, chosen: Configuration) -> RunContext:
    """Return the context with the digest of the configuration and the earlier hosts in it."""
    former = tuple(host for host in chosen.mapping.former_tenants if host != context.tenant)
    return replace(context, config_digest=chosen.digest, former_tenants=former)


def settings_need(read_request: ReadRequest) -> Need:
    """Return which settings a request needs: a rollback reads no tenant."""
    try:
        return Need.CATALOG if read_request().rollback_of else Need.RUN
    except SyncError:
        return Need.RUN


def requested_action(read_request: ReadRequest, caller: Caller) -> RunAction:
    """Return the action of a request, that of the caller if the request is invalid."""
    try:
        return read_request().action
    except SyncError:
        return caller.action
