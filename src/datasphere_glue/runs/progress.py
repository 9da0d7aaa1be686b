"""Both sides of a run for somebody who watches how far it is."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.runs.ports import AssetFilter, Progress, Source, Target

SPACES = "spaces read"
ASSETS = "assets read"
CHANGES = "changes written"


class WatchedSource:
    """A source that tells of each space that was read, with its assets."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return what the source does; raises as the source does."""
        listings = self._source.survey(scope)
        self._progress.expect(SPACES, len(listings))
        return listings

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        """Yield what the source does; raises as the source does."""
        with closing(self._source.assets(self._counted(wanted))) as read:
            for listing in read:
                self._progress.done(SPACES)
                tried = len(listing.assets) + len(listing.unread) + listing.left
                self._progress.done(ASSETS, tried)
                yield listing

    def _counted(
        self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]
    ) -> Iterator[tuple[SpaceListing, AssetFilter]]:
        for listing, chosen in wanted:
            self._progress.expect(ASSETS, sum(map(chosen, listing.listed)))
            yield listing, chosen


class WatchedTarget:
    """A target that tells of the changes that it is given."""

    def __init__(self, target: Target, progress: Progress) -> None:
        self._target = target
        self._progress = progress

    def databases(self) -> tuple[Database, ...]:
        """Return what the target does; raises as the target does."""
        return self._target.databases()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return what the target does; raises as the target does."""
        return self._target.tables(database)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Return what the target does; raises as the target does."""
        self._progress.expect(CHANGES, len(plan.changes))
        return self._target.apply(plan, until=until, replan=replan)
