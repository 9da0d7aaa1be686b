"""The whole story of a run on one screen: read, map, compare, guard, apply, report."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from datasphere_glue.errors import GuardRefused, PlanRefused, SyncError
from datasphere_glue.mapping.tables import database_names
from datasphere_glue.model.asset import Issue, SpaceListing
from datasphere_glue.model.completeness import Completeness, by_space
from datasphere_glue.model.table import Catalog, CurrentTable, Table
from datasphere_glue.outcome.run import Run
from datasphere_glue.plan.change import Plan, Replan, TableChange
from datasphere_glue.plan.diff import combined
from datasphere_glue.plan.fields import FINGERPRINT
from datasphere_glue.plan.guard import objections, unreadable
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import plan_table
from datasphere_glue.runs.additive_writes import AdditiveWrites
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.space_planner import SpacePlanner, databases_to_read

SPACE_NOT_LISTED: Final = "SPACE_NOT_LISTED"
"""Code of a listing whose space was asked for and is not in the tenant's list."""


def sync(source: Source, target: Target, job: Job) -> Run:
    """Carry out one run and return all that there is to say about it.

    `doctor` stops once both sides were reached. Only `sync` writes, only when nothing objects, and,
    when a plan was approved, only that plan. New tables of a space are created as soon as nothing
    speaks against them, while other spaces are still read; everything else waits for the whole
    plan.
    """
    early = AdditiveWrites(target, job)
    try:
        decided = _decided(source, target, job, early)
    except SyncError as error:
        return early.run_ended_by(error)
    outcomes, refused = early.outcomes, early.refused
    try:
        if job.action == "sync" and not decided.objections and refused is None:
            _check_approval(job.approved, decided.digest)
            replan = _replan(decided.changing, job.policy)
            outcomes = early.completed(decided.plan, replan)
    except SyncError as error:
        refused = error
    return Run(
        job.action,
        decided.listings,
        decided.databases,
        decided.plan,
        decided.objections,
        outcomes,
        refused,
        digest=decided.digest,
        completeness=decided.completeness,
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What reading and comparing came to; assets and unchanged tables are not kept.

    `changing` holds the desired table of each planned change, by database and name.
    """

    listings: tuple[SpaceListing, ...]
    databases: Mapping[str, str]
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    changing: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    digest: str | None = None
    completeness: tuple[Completeness, ...] = ()


def _decided(source: Source, target: Target, job: Job, early: AdditiveWrites) -> _Decision:
    surveyed = [one for one in source.survey(job.scope) if not confirmed_gone(one, job.policy)]
    known = Catalog(target.databases())
    names = database_names([listing.space for listing in surveyed], job.rules, known)
    spaces = SpacePlanner(target, job, names, known)
    if job.action == "doctor":
        spaces.outline(names.values())
        return _Decision(tuple(surveyed), names)
    due = job.due(tuple(surveyed))
    replan = _replan(spaces.changing, job.policy)
    listings = []
    with closing(source.assets((one, spaces.wanted(one, due)) for one in surveyed)) as read:
        for listing in read:
            evaluated, part = spaces.evaluated(listing)
            listings.append(evaluated)
            early.apply_now(evaluated, part, replan)
    catalog = spaces.outline(databases_to_read(surveyed, known, job))
    plan = combined(spaces.parts, names, catalog, scope=job.scope, policy=job.policy)
    removing = objections(plan, catalog, tenant=job.rules.tenant, limits=job.limits)
    against = (*unreadable(listings, job.limits), *removing)
    return _Decision(
        tuple(listings),
        names,
        plan,
        against,
        spaces.changing,
        plan.digest,
        by_space(spaces.completeness),
    )


def confirmed_gone(listing: SpaceListing, policy: Policy) -> bool:
    """Tell whether a space that was asked for is not listed and confirmed to be gone for good."""
    missing = listing.incomplete is not None and listing.incomplete.code == SPACE_NOT_LISTED
    return missing and listing.space in policy.gone_spaces


def _check_approval(approved: str | None, digest: str | None) -> None:
    if approved is not None and approved != digest:
        raise PlanRefused(
            f"plan {approved[:12]} was approved, but plan {(digest or '')[:12]} would be applied"
            " now: the catalog or the source has changed since"
        )


def _replan(changing: Mapping[tuple[str, str], Table], policy: Policy) -> Replan:
    """Return the function that plans one table again from its fresh state."""

    def replan(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
        table = changing.get((change.database, change.table))
        if table is None:
            return _removed_again(change, fresh, policy)
        if fresh is not None and fresh.table.managed and _read_later(fresh.table, change.before):
            return None
        planned = plan_table(table, fresh, policy)
        if planned.objections:
            refused = planned.objections[0]
            raise GuardRefused(refused.message, remedy=refused.remedy)
        return planned.change

    return replan


def _read_later(fresh: Table, before: Table | None) -> bool:
    """Tell whether another run wrote a table from its own reading meanwhile: the later one counts.

    A person's edit leaves the fingerprint of the source alone.
    """
    then = before.parameter(FINGERPRINT) if before else None
    return fresh.parameter(FINGERPRINT) != then


def _removed_again(
    change: TableChange, fresh: CurrentTable | None, policy: Policy
) -> TableChange | None:
    """Return what an orphan needs in its fresh state, None when that is no longer just that."""
    if fresh is None or change.before is None or not fresh.table.managed:
        return None
    if (fresh.table.tenant, fresh.table.asset) != (change.before.tenant, change.before.asset):
        return None
    again = orphan_change(fresh, policy, change.renamed)
    return again if again and again.action is change.action else None
