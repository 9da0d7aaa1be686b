"""Reads the lists of both sides, then the spaces one after the other."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

from datasphere_glue.mapping.unmatched import requested_at
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.plan.policy import Policy
from datasphere_glue.runs.database_choice import choose_databases
from datasphere_glue.runs.ports import (
    ASSETS,
    SPACES,
    Job,
    RunObserver,
    Source,
    Target,
)


@dataclass(frozen=True, slots=True)
class Survey:
    """The lists of both sides: spaces without their assets, databases without their tables.

    `names`: name of the database of each space.
    `contested`: issues of spaces that two databases claim, by space.
    `space_names`: every space that the tenant lists, also out of scope.
    """

    listings: tuple[SpaceListing, ...]
    catalog: Catalog
    names: Mapping[str, str]
    contested: Mapping[str, Issue] = field(default_factory=dict)
    space_names: frozenset[str] = frozenset()


def survey(source: Source, target: Target, job: Job) -> Survey:
    """Return the lists of both sides, without spaces that are confirmed as gone.

    Raises:
        SyncError: as `Source.survey` and `Target.databases`.

    """
    with job.observer.step("list"):
        spaces = source.survey(job.scope)
    job.observer.expect(SPACES, len(spaces))
    listings = tuple(_with_place(o, job) for o in spaces if not _confirmed_gone(o, job.policy))
    with job.observer.step("catalog"):
        catalog = Catalog(target.databases())
    chosen = choose_databases([one.space for one in listings], catalog, target, job)
    return Survey(listings, catalog, chosen.names, chosen.issues, source.space_names())


def read_spaces(
    source: Source, wanted: Iterable[tuple[SpaceListing, SpaceWanted]], observer: RunObserver
) -> Generator[SpaceListing]:
    """Yield each listing with its selected assets, in the given order.

    Raises:
        SyncError: as `Source.assets`.

    """
    with closing(source.assets(_expected(wanted, observer))) as read:
        while True:
            with observer.step("read"):
                listing = next(read, None)
            if listing is None:
                return
            observer.done(SPACES)
            observer.done(ASSETS, len(listing.assets) + len(listing.unread) + listing.left)
            yield listing


def _expected(
    wanted: Iterable[tuple[SpaceListing, SpaceWanted]], observer: RunObserver
) -> Iterator[tuple[SpaceListing, SpaceWanted]]:
    for listing, chosen in wanted:
        observer.expect(ASSETS, sum(map(chosen, listing.listed)))
        yield listing, chosen


def _confirmed_gone(listing: SpaceListing, policy: Policy) -> bool:
    """Return whether a requested space is not listed and confirmed as gone."""
    return _is_unlisted(listing) and listing.space in policy.gone_spaces


def _is_unlisted(listing: SpaceListing) -> bool:
    reason = listing.incomplete.code if listing.incomplete else None
    return reason is IssueCode.SPACE_NOT_LISTED


def _with_place(listing: SpaceListing, job: Job) -> SpaceListing:
    """Return the listing; the issue of an unlisted space names the entries that ask for it."""
    issue, places = listing.incomplete, requested_at(listing.space, job.entries)
    if issue is None or not places or not _is_unlisted(listing):
        return listing
    return replace(listing, incomplete=replace(issue, message=f"{places}: {issue.message}"))
