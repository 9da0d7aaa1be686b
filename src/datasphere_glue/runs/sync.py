"""The story of a sync on one screen: read, map, compare, guard, apply."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from datasphere_glue.errors import SyncError
from datasphere_glue.model.completeness import Completeness, sum_by_space
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import combine_plans
from datasphere_glue.plan.guard import objections, read_objections
from datasphere_glue.plan.removals import Holding, holdings_of
from datasphere_glue.plan.replan import replan
from datasphere_glue.runs.entry_check import check_entries
from datasphere_glue.runs.executor import Executor, Refusal, orders_of
from datasphere_glue.runs.narrow import judged_limits, note_removals
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.proof import with_proven_deletions, without_disagreements
from datasphere_glue.runs.space_planner import SpacePlanner, databases_to_read
from datasphere_glue.runs.survey import read_spaces, survey
from datasphere_glue.runs.upgrade import Due

_REFUSAL: Final = Refusal("the catalog or the source has changed since")


def sync(source: Source, target: Target, job: Job) -> Result:
    """Carry out one run and return its result.

    `doctor` stops after the lists of both sides. Only `sync` writes, only if no guard objects, and,
    if a plan was approved, only that plan. The stages of `plan.stages` decide which changes are
    written while later spaces are read, and which wait for the whole plan.
    """
    orders = orders_of(job, partial(replan, policy=job.policy), _REFUSAL)
    executor = Executor(target, orders)
    try:
        comparison = _compare(source, target, job, executor)
    except SyncError as error:
        return Result(
            job.action,
            plan=executor.started,
            outcomes=executor.outcomes,
            error=error,
            context=job.context,
        )
    if job.action.traits.writes and comparison.digest and not comparison.objections:
        note = partial(note_removals, job=job, number=comparison.judged)
        executor.execute(comparison.plan, comparison.digest, note)
    return Result(
        job.action,
        comparison.listings,
        comparison.databases,
        comparison.plan,
        comparison.objections,
        executor.outcomes,
        executor.error,
        context=job.context,
        digest=comparison.digest,
        completeness=comparison.completeness,
        selection=comparison.selection,
        rule_matches=comparison.rule_matches,
        holdings=comparison.holdings,
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The result of reading and comparing; assets and unchanged tables are dropped.

    `judged`: number of the record of removals that the guard counted.
    """

    listings: tuple[SpaceListing, ...]
    databases: Mapping[str, str]
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    digest: str | None = None
    completeness: tuple[Completeness, ...] = ()
    selection: tuple[Issue, ...] = ()
    rule_matches: RuleMatches | None = None
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    judged: int = 0


def _compare(source: Source, target: Target, job: Job, executor: Executor) -> _Comparison:
    surveyed = survey(source, target, job)
    spaces = SpacePlanner(target, job, surveyed)
    if not job.action.traits.compares:
        catalog = spaces.outline(surveyed.names.values())
        unmatched = check_entries(job, surveyed.space_names, surveyed.listings, catalog, None)
        plan = Plan(notes=unmatched.notes)
        return _Comparison(surveyed.listings, surveyed.names, plan, selection=unmatched.issues)
    due = Due(job.due(surveyed.listings), job.upgrade.again(surveyed.listings))
    listings: list[SpaceListing] = []
    selected = ((one, spaces.wanted(one, due)) for one in surveyed.listings)
    with closing(read_spaces(source, selected, job.observer)) as read:
        for listing in read:
            evaluated, part = spaces.evaluate(listing)
            listings.append(evaluated)
            if job.action.traits.writes:
                executor.execute_part(
                    part, lambda: spaces.objecting or bool(read_objections(listings, job.limits))
                )
    catalog = spaces.outline(databases_to_read(surveyed, job))
    plan = combine_plans(spaces.parts, surveyed.names, catalog, scope=job.scope, policy=job.policy)
    plan = without_disagreements(with_proven_deletions(plan, job), job)
    matches = job.rule_matches or spaces.rule_matches()
    unmatched = check_entries(job, surveyed.space_names, listings, catalog, matches)
    plan = replace(plan, notes=(*plan.notes, *unmatched.notes))
    limits = judged_limits(plan, catalog, target, job)
    plan = replace(plan, skipped=(*plan.skipped, *limits.earlier.issues))
    removing = objections(
        plan,
        catalog,
        tenant=job.policy.tenant,
        limits=limits,
        former_tenants=job.policy.former_tenants,
    )
    return _Comparison(
        tuple(listings),
        surveyed.names,
        plan,
        (*read_objections(listings, job.limits), *removing),
        plan.digest,
        sum_by_space(spaces.completeness),
        unmatched.issues,
        matches,
        holdings_of(catalog, job.policy.hosts),
        limits.earlier.number,
    )
