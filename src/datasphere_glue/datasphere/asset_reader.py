"""Reads one asset of a tenant from its three sources: OData, definition and object list."""

from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.datasphere import catalog, objects
from datasphere_glue.datasphere.answer import LoginPage, NotFound
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.definitions import (
    NOT_ALLOWED,
    DefinitionReader,
    with_listing,
)
from datasphere_glue.datasphere.exports.library import with_facts
from datasphere_glue.datasphere.issues import (
    asset_unread,
    definition_in_part,
    definition_unreadable,
    metadata_in_part,
    metadata_unreadable,
)
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata, merge_forms
from datasphere_glue.errors import (
    AssetUnreadable,
    DocumentError,
    OutOfTime,
    Skippable,
    SpaceForbidden,
    SyncError,
)
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.issues import Issue

_ODATA: Final = "odata"
_BROKEN: Final = (DocumentError, LoginPage)
"""Errors of a `$metadata` that came without usable content; the definition stands in for it."""

_FIELDS: Final = (
    *("label", "description", "usage", "elements"),
    *("hierarchies", "associations", "variables", "custom"),
    *("dimension_type", "semantic_key", "personal_data"),
)
"""The fields that an asset takes from OData as they are."""

_TRY_AGAIN: Final = "nothing to do if the next run reads it; else redeploy it in Datasphere"


@dataclass(frozen=True, slots=True)
class AssetToRead:
    """One asset to be read.

    `exposed`: its entry in the catalog, None for an object that is not exposed for consumption.
    `listed`: its entry in the object API, None without one.
    `read_definition`: whether its definition is read.
    """

    space: str
    name: str
    exposed: catalog.ListedAsset | None = None
    listed: objects.ListedObject | None = None
    read_definition: bool = False

    @property
    def subject(self) -> str:
        """Return the asset as `SPACE.asset`."""
        return f"{self.space}.{self.name}"


@dataclass(frozen=True, slots=True)
class AssetRead:
    """The result of reading one asset.

    `asset`: None if it could not be read.
    `unread`: why it could not be read.
    `out_of_time`: True if the time of the run was over before it was read.
    `refusal`: the tenant's refusal to give its definition; without OData there is no asset then.
    `degraded`: why its definition failed although OData was read.
    `notes`: what could not be read in full.
    `unknown_terms`: annotations without an interpretation, counted by term.
    `exported`: True if its definition is from an exported file.
    `unconsumed`: why its `$metadata`, or a form of it, could not be read although the asset was.
    """

    item: AssetToRead
    asset: Asset | None = None
    unread: Issue | None = None
    out_of_time: bool = False
    refusal: SyncError | None = None
    degraded: Issue | None = None
    notes: tuple[Issue, ...] = ()
    unknown_terms: tuple[tuple[str, int], ...] = ()
    unconsumed: Issue | None = None
    exported: bool = False

    @property
    def undefined(self) -> bool:
        """True when the definition should have been read and is missing."""
        return self.refusal is not None or self.degraded is not None


@dataclass(frozen=True, slots=True)
class _ODataAsset:
    """One asset as OData describes it.

    `broken`: why one of its two forms could not be read.
    """

    kind: Kind
    metadata: EntityMetadata
    broken: SyncError | None = None


class AssetReader:
    """Reads assets one at a time; threads may share it."""

    def __init__(self, client: DatasphereClient, definitions: DefinitionReader) -> None:
        self._client = client
        self._definitions = definitions

    def read(self, item: AssetToRead, spaces: frozenset[str]) -> AssetRead:
        """Return one asset with all that can be read; an error of this asset is in the result.

        Raises:
            CredentialsRejected, SourceUnavailable: the identity is refused for the whole tenant.

        """
        try:
            return self._read(item, spaces)
        except SpaceForbidden as error:
            remedy = f"give the technical user read access to {item.subject}"
            return _unread(item, AssetUnreadable(error.message, remedy=remedy))
        except Unreachable as error:
            return _unread(item, AssetUnreadable(error.message, remedy=_TRY_AGAIN))
        except OutOfTime:
            return AssetRead(item, out_of_time=True)
        except Skippable as error:
            return _unread(item, error)

    def _read(self, item: AssetToRead, spaces: frozenset[str]) -> AssetRead:
        """Return one asset with all that can be read.

        Raises:
            SyncError: neither its metadata nor its definition can be read.

        """
        odata, broken = self._odata_or_error(item)
        definition, result = self._definition(item, odata, spaces)
        if broken is not None:
            if odata is None and definition is None:
                return replace(_unread(item, broken), refusal=result.refusal)
            result = replace(result, unconsumed=asset_unread(item.space, item.name, broken))
        if definition is not None:
            if odata is not None:
                definition = merge_with_odata(definition, odata.metadata)
            elif item.exposed is not None and not definition.translated:
                definition = _labelled(definition, item.exposed.label)
            result = replace(
                result,
                asset=definition.asset,
                notes=_notes(item, definition, broken),
                unknown_terms=definition.unknown_terms,
            )
        elif odata is not None:
            asset = _asset_from_odata(item, odata)
            result = replace(result, asset=asset, notes=_odata_notes(item, odata, broken))
        if result.asset is None:
            return result
        asset = result.asset
        kind = item.listed.kind if item.listed else asset.kind
        found = self._definitions.library.find(item.space, item.name)
        asset = with_facts(asset, found) if found else asset
        return replace(result, asset=with_listing(replace(asset, kind=kind), item.listed))

    def _definition(
        self, item: AssetToRead, odata: _ODataAsset | None, spaces: frozenset[str]
    ) -> tuple[Definition | None, AssetRead]:
        """Return the definition or None, and a result that holds why it is missing.

        Raises:
            SyncError: it cannot be read, and the asset is not exposed in OData either.

        """
        if not item.read_definition:
            return self._exported(item, AssetRead(item), spaces)
        kind = item.listed.kind if item.listed else (odata.kind if odata else Kind.VIEW)
        try:
            definition = self._definitions.read(item.space, item.name, kind, spaces)
            elements = odata.metadata.elements if odata else ()
            return self._definitions.complete(definition, elements, spaces), AssetRead(item)
        except (*NOT_ALLOWED, NotFound) as error:
            return self._exported(item, AssetRead(item, refusal=error), spaces)
        except (Skippable, Unreachable) as error:
            if odata is None and item.exposed is None:
                raise
            issue = definition_unreadable(item.space, item.name, error)
            return None, AssetRead(item, degraded=issue)

    def _exported(
        self, item: AssetToRead, result: AssetRead, spaces: frozenset[str]
    ) -> tuple[Definition | None, AssetRead]:
        """Return the definition in an exported file, and the result that goes with it."""
        try:
            definition = self._definitions.exported(item.space, item.name, spaces)
        except DocumentError as error:
            issue = definition_unreadable(item.space, item.name, error)
            return None, replace(result, degraded=issue)
        if definition is None:
            return None, result
        return definition, replace(result, refusal=None, exported=True)

    def _odata_or_error(self, item: AssetToRead) -> tuple[_ODataAsset | None, SyncError | None]:
        """Return an asset as consumers query it, and why all or one form of it is broken."""
        if item.exposed is None:
            return None, None
        try:
            odata = self._odata(item.exposed)
        except _BROKEN as error:
            return None, error
        return odata, odata.broken

    def _odata(self, listed: catalog.ListedAsset) -> _ODataAsset:
        """Return an asset as consumers query it; its kind follows from its services.

        A relational view has the relational service only, an analytic model the analytical one, a
        legacy analytical dataset (a fact) both (SAP's Power BI connector, README).
        """
        relational, analytical, broken = self._read_forms(listed)
        usage: Usage | None
        if relational and analytical:
            metadata = merge_forms(relational, analytical)
            usage = metadata.usage or Usage.FACT
        else:
            metadata = relational or analytical or EntityMetadata()
            usage = metadata.usage if relational else Usage.CUBE
        return _ODataAsset(
            Kind.VIEW if relational or broken else Kind.ANALYTIC_MODEL,
            replace(
                metadata,
                label=listed.label or metadata.label,
                usage=usage,
                whole=metadata.whole and broken is None,
            ),
            broken,
        )

    def _read_forms(
        self, listed: catalog.ListedAsset
    ) -> tuple[EntityMetadata | None, EntityMetadata | None, SyncError | None]:
        """Return the relational and the analytical form of an asset, at least one of them.

        The third value is the error of a form whose document is broken while the other is whole.
        """
        relational: EntityMetadata | None = None
        broken: SyncError | None = None
        try:
            relational = self._read_form(listed, listed.relational_url)
        except _BROKEN as error:
            if listed.analytical_url is None:
                raise
            broken = error
        except NotFound:
            # A relational URL that was built does not prove that the service exists.
            if not listed.guessed or listed.analytical_url is None:
                raise
        try:
            return relational, self._read_form(listed, listed.analytical_url), broken
        except _BROKEN as error:
            if relational is None:
                raise
            return relational, None, error

    def _read_form(self, listed: catalog.ListedAsset, url: str | None) -> EntityMetadata | None:
        if url is None:
            return None
        named = self._definitions.policy.named
        return parse_metadata(self._client.get_document(url), listed.name, named=named)


def _asset_from_odata(item: AssetToRead, odata: _ODataAsset) -> Asset:
    """Return an asset that only OData describes."""
    values = {name: getattr(odata.metadata, name) for name in _FIELDS}
    provenance = tuple((name, _ODATA) for name in sorted(values) if values[name])
    return Asset(item.space, item.name, odata.kind, provenance=provenance, **values)


def _labelled(definition: Definition, label: str | None) -> Definition:
    """Return a definition with the label of the catalog, which counts as that of OData does."""
    asset = definition.asset
    return replace(definition, asset=replace(asset, label=label or asset.label))


def _notes(
    item: AssetToRead, definition: Definition, broken: SyncError | None
) -> tuple[Issue, ...]:
    """Return the notes of an asset with a definition."""
    notes = definition.notes
    issues = (definition_in_part(item.space, item.name, notes),) if notes else ()
    return (*issues, *_broken(item, broken))


def _odata_notes(
    item: AssetToRead, odata: _ODataAsset, broken: SyncError | None
) -> tuple[Issue, ...]:
    """Return the notes of an asset that only OData describes."""
    notes = odata.metadata.notes
    issues = (metadata_in_part(item.space, item.name, notes),) if notes else ()
    return (*issues, *_broken(item, broken))


def _broken(item: AssetToRead, broken: SyncError | None) -> tuple[Issue, ...]:
    return () if broken is None else (metadata_unreadable(item.space, item.name, broken),)


def _unread(item: AssetToRead, error: SyncError) -> AssetRead:
    return AssetRead(item, unread=asset_unread(item.space, item.name, error))
