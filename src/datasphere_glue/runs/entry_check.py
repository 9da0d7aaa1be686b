"""Compares the entries of a run's selection and rules with the names on both sides."""

from collections.abc import Iterable

from datasphere_glue.mapping.databases import is_marked
from datasphere_glue.mapping.entries import Names
from datasphere_glue.mapping.unmatched import Unmatched, unmatched_entries
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.runs.ports import Job


def check_entries(
    job: Job,
    spaces: frozenset[str],
    listings: Iterable[SpaceListing],
    catalog: Catalog,
    matches: RuleMatches | None,
) -> Unmatched:
    """Return the entries that match nothing; a worker of a divided run judges none.

    `spaces`: every space that the tenant lists.
    `catalog`: what the run read of the catalog; an outline is enough.
    `matches`: what the assets show about rules for columns, None if they were not read.
    """
    if job.policy.share is PlanShare.PER_TABLE:
        return Unmatched()
    complete = {one.space: one.listed for one in listings if one.complete}
    names = Names(spaces, complete, _stored(catalog, job), job.policy.gone_spaces)
    return unmatched_entries(job.entries, names, job.scope, matches)


def _stored(catalog: Catalog, job: Job) -> dict[str, frozenset[str]]:
    """Return the assets of the tenant's tables by space, with the spaces of its databases."""
    marked = (one.space for one in catalog.databases if is_marked(one, job.rules))
    assets: dict[str, set[str]] = {space: set() for space in marked if space}
    for current in catalog.tables:
        if current.table.written_from(job.rules.hosts):
            space, name = current.table.asset
            assets.setdefault(space, set()).add(name)
    return {space: frozenset(names) for space, names in assets.items()}
