"""The whole story of a run on one screen: read, map, compare, guard, apply, report."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from datasphere_glue.errors import PlanRefused, SyncError
from datasphere_glue.mapping.databases import database_names
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import Completeness, by_space
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.run import Run
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import combined
from datasphere_glue.plan.guard import objections, unreadable
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.replan import replan
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
            outcomes = early.completed(decided.plan, partial(replan, policy=job.policy))
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
    """What reading and comparing came to; assets and unchanged tables are not kept."""

    listings: tuple[SpaceListing, ...]
    databases: Mapping[str, str]
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
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
    listings = []
    with closing(source.assets((one, spaces.wanted(one, due)) for one in surveyed)) as read:
        for listing in read:
            evaluated, part = spaces.evaluated(listing)
            listings.append(evaluated)
            early.apply_now(evaluated, part, partial(replan, policy=job.policy))
    catalog = spaces.outline(databases_to_read(surveyed, known, job))
    plan = combined(spaces.parts, names, catalog, scope=job.scope, policy=job.policy)
    removing = objections(plan, catalog, tenant=job.rules.tenant, limits=job.limits)
    against = (*unreadable(listings, job.limits), *removing)
    return _Decision(
        tuple(listings),
        names,
        plan,
        against,
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
