"""Reads the lists of both sides, then the spaces one after the other."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.policy import Policy
from datasphere_glue.runs.database_choice import choose_databases
from datasphere_glue.runs.ports import (
    ASSETS,
    SPACES,
    AssetFilter,
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
    """

    listings: tuple[SpaceListing, ...]
    catalog: Catalog
    names: Mapping[str, str]
    contested: Mapping[str, Issue] = field(default_factory=dict)


def survey(source: Source, target: Target, job: Job) -> Survey:
    """Return the lists of both sides, without spaces that are confirmed as gone.

    Raises:
        SyncError: as `Source.survey` and `Target.databases`.

    """
    with job.observer.step("list"):
        spaces = source.survey(job.scope)
    job.observer.expect(SPACES, len(spaces))
    listings = tuple(one for one in spaces if not _confirmed_gone(one, job.policy))
    with job.observer.step("catalog"):
        catalog = Catalog(target.databases())
    chosen = choose_databases([one.space for one in listings], catalog, target, job)
    return Survey(listings, catalog, chosen.names, chosen.issues)


def read_spaces(
    source: Source, wanted: Iterable[tuple[SpaceListing, AssetFilter]], observer: RunObserver
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
    wanted: Iterable[tuple[SpaceListing, AssetFilter]], observer: RunObserver
) -> Iterator[tuple[SpaceListing, AssetFilter]]:
    for listing, chosen in wanted:
        observer.expect(ASSETS, sum(map(chosen, listing.listed)))
        yield listing, chosen


def _confirmed_gone(listing: SpaceListing, policy: Policy) -> bool:
    """Return whether a requested space is not listed and confirmed as gone."""
    reason = listing.incomplete.code if listing.incomplete else None
    return reason is IssueCode.SPACE_NOT_LISTED and listing.space in policy.gone_spaces
