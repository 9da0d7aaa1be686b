"""The story of a rollback: read the evidence of a run, plan the reverse changes, apply them.

A rollback takes the same way as a sync (plan, apply, verify, report). It stores before-images of
its own, so it can be rolled back itself. It reads the catalog and the evidence of the run, never
Datasphere.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from datasphere_glue.config import NONE, Configuration
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import EventError, SyncError
from datasphere_glue.evidence.before_images import read_changes
from datasphere_glue.evidence.run_evidence import evidence_of
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.near_names import near_name
from datasphere_glue.model.scope import Scope
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Change, ChangeKey, TableChange
from datasphere_glue.plan.reverse import UNPROVEN, Origin, replan_revert, reverse
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.runs.current_catalog import current_catalog
from datasphere_glue.runs.executor import Executor, Refusal, orders_of
from datasphere_glue.runs.ports import Job, Target
from datasphere_glue.storage.store import Store

NEXT_SYNC: Final = Issue(
    IssueCode.ROLLED_BACK,
    "Datasphere and the configuration still say what was rolled back: the next sync writes it"
    " again",
)


_SHOWN: Final = 3
"""Requested names without a change that an error lists."""


def configuration_of_rollback(settings: Settings, bootstrap: Bootstrap) -> Configuration:
    """Return the configuration of a rollback: none but the earlier hosts of the tenant.

    A configuration that is broken or cannot be read names none, and the rollback goes on.
    """
    try:
        former = bootstrap.configuration(settings).mapping.former_tenants
    except SyncError:
        return NONE
    return replace(NONE, mapping=NONE.mapping.model_copy(update={"former_tenants": former}))


def with_recorded_tenant(settings: Settings, run_id: str, bootstrap: Bootstrap) -> Settings:
    """Return the settings with the tenant that the evidence of a run names, unless they name one.

    Raises:
        EventError: no before-image of the run is stored, or none names a tenant.
        SettingsError: there is no report place.
        Unavailable: the evidence cannot be read.

    """
    if settings.url:
        return settings
    changes = read_changes(bootstrap.report_store(settings), run_id).changes
    states = (state for one in changes for state in (one.after, one.before))
    tenants = dict.fromkeys(state.tenant for state in states if state and state.managed)
    tenant = next(filter(None, tenants), None)
    if tenant is None:
        raise EventError(
            f"run {run_id} names no tenant",
            remedy="set DATASPHERE_URL to the address of the tenant that the run read",
        )
    return settings.of_tenant(tenant)


def roll_back_run(run_id: str, target: Target, job: Job, store: Store) -> Result:
    """Roll back a run whose evidence is in the store.

    The spaces and assets of the request narrow the rollback; settings and configuration do
    not. Tables of earlier hosts of the tenant are ours.

    Raises:
        SyncError: as `evidence_of`.

    """
    changes, proven = evidence_of(store, run_id)
    origin = Origin(
        run_id,
        job.context.tenant,
        proven=proven,
        former_tenants=job.policy.former_tenants,
    )
    scope = Scope(spaces=job.scope.spaces, assets=job.scope.assets)
    return roll_back(target, changes, origin, replace(job, scope=scope))


def roll_back(target: Target, changes: Iterable[Change], origin: Origin, job: Job) -> Result:
    """Reverse the changes of a run in scope, and return the result.

    A table that somebody changed since stays as it is, with a note. Only the action `rollback`
    writes, and, if a plan was approved, only that plan.
    """
    try:
        every = tuple(changes)
        chosen = _in_scope(every, origin, job.scope)
        with job.observer.step("catalog"):
            catalog = current_catalog(target, {name for name, _ in chosen})
    except SyncError as error:
        return Result(job.action, error=error, context=job.context)
    plan = reverse(chosen.values(), catalog, origin)
    if not origin.proven:
        plan = replace(plan, notes=(*plan.notes, _unproven(origin)))
    if not plan.empty:
        plan = replace(plan, notes=(*plan.notes, NEXT_SYNC))
    digest = plan.digest
    orders = orders_of(job, partial(replan_revert, origin=origin), _refusal(origin))
    executor = Executor(target, orders)
    if job.action.traits.writes:
        executor.execute(plan, digest)
    return Result(
        job.action,
        plan=plan,
        outcomes=executor.outcomes,
        error=executor.error,
        context=job.context,
        digest=digest,
        selection=tuple(_unmatched(every, origin, job.scope)),
    )


def _refusal(origin: Origin) -> Refusal:
    return Refusal(
        "the catalog has changed since",
        f"run `datasphere-glue rollback {origin.run_id} --plan` again, review it, and apply the new"
        " digest",
    )


def _unproven(origin: Origin) -> Issue:
    return replace(UNPROVEN, remedy=UNPROVEN.code.remedy.replace("RUN_ID", origin.run_id))


def _in_scope(
    every: Collection[Change], origin: Origin, scope: Scope
) -> Mapping[ChangeKey, Change]:
    """Return the changes in scope by key; raises EventError if the scope excludes all of them."""
    chosen = {change.key: change for change in every if _concerns(change, scope)}
    if every and not chosen:
        details = [issue.message for issue in _unmatched(every, origin, scope)]
        message = f"spaces, assets: run {origin.run_id} wrote nothing of what they name"
        raise EventError(
            "; ".join((message, *details[:_SHOWN])),
            remedy="correct the names, or leave them out to roll back the whole run",
        )
    return chosen


def _unmatched(every: Iterable[Change], origin: Origin, scope: Scope) -> Iterator[Issue]:
    """Yield an issue for each requested space or asset of which the run wrote nothing."""
    tables = {(c.space, c.asset) for c in every if isinstance(c, TableChange)}
    spaces = {change.space for change in every}
    requested = [("spaces", space) for space in sorted(scope.spaces - spaces)]
    requested += [("assets", ".".join(one)) for one in sorted(scope.assets - tables)]
    names = spaces | {f"{space}.{asset}" for space, asset in tables}
    for place, text in requested:
        near = near_name(text, (name for name in names if ("." in name) == (place == "assets")))
        hint = f"; did you mean {near}?" if near else ""
        message = f"{place} {text}: nothing of it is in run {origin.run_id}{hint}"
        yield Issue(IssueCode.SELECTION_UNMATCHED, message)


def _concerns(change: Change, scope: Scope) -> bool:
    if isinstance(change, TableChange):
        return scope.covers_asset(change.space, change.asset)
    # A request for single assets does not concern what all tables of the space share.
    return scope.covers_space(change.space) and (not scope.assets or change.space in scope.spaces)
