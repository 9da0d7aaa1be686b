"""One space as its lists describe it, and its listing completed by the assets that were read."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from datasphere_glue.datasphere.answer import NotFound
from datasphere_glue.datasphere.asset_reader import AssetRead, AssetToRead
from datasphere_glue.datasphere.auxiliary_space import AuxiliaryRead
from datasphere_glue.datasphere.catalog import ListedAsset, Space, TenantCatalog
from datasphere_glue.datasphere.client import Unreachable
from datasphere_glue.datasphere.definitions import (
    DefinitionMode,
    DefinitionPolicy,
    DefinitionReader,
    SpaceObjects,
    is_deployed,
    stamp_of,
)
from datasphere_glue.datasphere.issues import (
    annotations_kept,
    definitions_forbidden,
    definitions_missing,
    not_deployed,
    space_forbidden,
    space_incomplete,
)
from datasphere_glue.errors import ListingIncomplete, OutOfTime, Skippable, SpaceForbidden
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing, Stamp


@dataclass(frozen=True, slots=True)
class SpaceSurvey:
    """The lists of one space.

    `listing`: the listing without assets.
    `exposed`: the assets in the catalog.
    `objects`: the objects in the object API.
    """

    listing: SpaceListing
    exposed: tuple[ListedAsset, ...] = ()
    objects: SpaceObjects = field(default_factory=SpaceObjects)

    def to_read(
        self, policy: DefinitionPolicy, wanted: Callable[[str], bool]
    ) -> Iterator[AssetToRead]:
        """Yield the wanted assets that are deployed, sorted by name."""
        exposed = {asset.name: asset for asset in self.exposed}
        others = self.objects.unexposed(policy, exposed)
        for name in sorted({*exposed, *others}):
            listed = self.objects.by_name.get(name)
            deployed = name in exposed or (listed is not None and is_deployed(listed))
            if deployed and wanted(name):
                yield AssetToRead(
                    self.listing.space,
                    name,
                    exposed.get(name),
                    listed,
                    read_definition=self.objects.allowed,
                )

    def completed(
        self,
        policy: DefinitionPolicy,
        reads: list[AssetRead],
        auxiliary: AuxiliaryRead | None = None,
    ) -> SpaceListing:
        """Return the listing with what was read, and the issues of reading it."""
        others = auxiliary or AuxiliaryRead()
        listing = replace(
            self.listing,
            assets=tuple(read.asset for read in reads if read.asset),
            unread=tuple(read.unread for read in reads if read.unread),
            left=sum(read.out_of_time for read in reads),
            undefined=self._undefined(policy, reads),
            unlisted=self._unlisted(reads),
            withheld=self.objects.withheld,
            unconsumed=tuple(read.unconsumed for read in reads if read.unconsumed and read.asset),
            degraded=(
                *self.listing.degraded,
                *self.objects.incomplete,
                *(r.degraded for r in reads if r.degraded),
                *others.failed,
            ),
            notes=(*self.listing.notes, *self._notes(policy, reads), *others.notes),
            auxiliary=others.objects,
        )
        refused = (
            *self.objects.refused,
            *_refusals(self.listing.space, reads),
            *others.refused,
        )
        if policy.mode is DefinitionMode.ON:
            return replace(listing, degraded=(*refused, *listing.degraded))
        return replace(listing, notes=(*refused, *listing.notes))

    def _undefined(self, policy: DefinitionPolicy, reads: list[AssetRead]) -> frozenset[str]:
        """Return the assets that lack the definition they should have."""
        all_undefined = policy.mode is not DefinitionMode.OFF and not self.objects.allowed
        return frozenset(
            read.item.name
            for read in reads
            if not read.exported and (all_undefined or read.undefined)
        )

    def _unlisted(self, reads: list[AssetRead]) -> frozenset[str]:
        """Return the assets whose entry may be in a list that was incomplete or refused."""
        if not self.objects.incomplete and not self.objects.refused:
            return frozenset()
        return frozenset(read.item.name for read in reads if read.item.listed is None)

    def _notes(self, policy: DefinitionPolicy, reads: list[AssetRead]) -> Iterator[Issue]:
        space, exposed = self.listing.space, {asset.name for asset in self.exposed}
        others = self.objects.unexposed(policy, exposed).values()
        undeployed = [one.name for one in others if not is_deployed(one)]
        if undeployed:
            yield not_deployed(space, undeployed)
        unknown_terms: Counter[str] = Counter()
        for read in reads:
            unknown_terms.update(dict(read.unknown_terms))
            yield from read.notes
        if unknown_terms:
            yield annotations_kept(space, unknown_terms)


def survey_space(
    space: Space, catalog: TenantCatalog, definitions: DefinitionReader
) -> SpaceSurvey:
    """Return the lists of a space; a list that cannot be read makes the listing incomplete.

    Raises:
        CredentialsRejected, SourceUnavailable: the tenant refuses the identity, or gives no token.

    """
    listing = SpaceListing(space=space.name, label=space.label)
    try:
        assets, cause = catalog.assets(space.name)
    except SpaceForbidden as error:
        return SpaceSurvey(replace(listing, incomplete=space_forbidden(space.name, error)))
    except (Skippable, Unreachable) as error:
        lost = ListingIncomplete(error.message)
        return SpaceSurvey(replace(listing, incomplete=space_incomplete(space.name, lost)))
    except OutOfTime as error:
        return SpaceSurvey(replace(listing, incomplete=space_incomplete(space.name, error)))
    objects = definitions.list_objects(space.name)
    names = {asset.name for asset in assets}
    listed = frozenset(names | set(objects.unexposed(definitions.policy, names)))
    stamps = tuple(
        (name, _stamp(space.name, name, objects, definitions, exposed=name in names))
        for name in sorted(listed)
    )
    listing = replace(
        listing,
        listed=listed,
        incomplete=space_incomplete(space.name, cause) if cause else None,
        unproven=objects.unproven,
        stamps=stamps,
        undated=sum(not stamp.dated for _, stamp in stamps),
    )
    return SpaceSurvey(listing, assets, objects)


def _stamp(
    space: str, name: str, objects: SpaceObjects, definitions: DefinitionReader, *, exposed: bool
) -> Stamp:
    found = definitions.library.find(space, name)
    return stamp_of(
        objects.by_name.get(name),
        exposed=exposed,
        defined=objects.allowed or found is not None,
        exported=found.digest if found else None,
    )


def _refusals(space: str, reads: list[AssetRead]) -> Iterator[Issue]:
    """Yield an issue for missing definitions, and one for forbidden definitions."""
    refused = [(read.item.name, read.refusal) for read in reads if read.refusal is not None]
    missing = [name for name, error in refused if isinstance(error, NotFound)]
    forbidden = [(name, error) for name, error in refused if not isinstance(error, NotFound)]
    if missing:
        yield definitions_missing(space, missing)
    if forbidden:
        names = [name for name, _ in forbidden]
        yield definitions_forbidden(space, names, forbidden[0][1].message)
