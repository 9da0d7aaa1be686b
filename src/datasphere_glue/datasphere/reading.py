"""One asset of a tenant, out of everything that tells about it: OData, definition and list."""

from dataclasses import dataclass, fields, replace
from typing import Final

from datasphere_glue.datasphere import catalog, objects
from datasphere_glue.datasphere.answer import NotFound
from datasphere_glue.datasphere.client import DatasphereClient, Unreachable
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.definitions import (
    NOT_ALLOWED,
    Definitions,
    unreadable,
    with_listing,
)
from datasphere_glue.datasphere.merge import merge_with_odata
from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata, merge_forms
from datasphere_glue.errors import (
    AssetUnreadable,
    OutOfTime,
    Skippable,
    SpaceForbidden,
    SyncError,
)
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue

_ODATA: Final = "odata"
_TRY_AGAIN: Final = "nothing to do if the next run reads it; else redeploy it in Datasphere"


@dataclass(frozen=True, slots=True)
class AssetToRead:
    """One asset to be read.

    `exposed` is how the catalog lists it, None for an object that is not exposed for consumption;
    `listed` is how the object API does; `defined` tells whether its definition is to be read.
    """

    space: str
    name: str
    exposed: catalog.ListedAsset | None = None
    listed: objects.ListedObject | None = None
    defined: bool = False

    @property
    def subject(self) -> str:
        """Return the asset as issues name it."""
        return f"{self.space}.{self.name}"


@dataclass(frozen=True, slots=True)
class AssetRead:
    """What reading one asset came to.

    `unread` says why there is no asset, `out_of_time` that it was not asked for any more; `refused`
    that the tenant does not give its definition (without OData there is no asset then, either);
    `degraded` why its definition failed. `kept` counts the annotations that nobody understands, by
    term.
    """

    item: AssetToRead
    asset: Asset | None = None
    unread: Issue | None = None
    out_of_time: bool = False
    refused: SyncError | None = None
    degraded: Issue | None = None
    notes: tuple[Issue, ...] = ()
    kept: tuple[tuple[str, int], ...] = ()

    @property
    def undefined(self) -> bool:
        """True when the definition was wanted and is missing."""
        return self.refused is not None or self.degraded is not None


@dataclass(frozen=True, slots=True)
class _Consumed:
    """What OData tells about one asset."""

    kind: Kind
    metadata: EntityMetadata


class Reader:
    """Reads assets one at a time; safe to share between threads."""

    def __init__(self, client: DatasphereClient, definitions: Definitions) -> None:
        self._client = client
        self._definitions = definitions

    def read(self, item: AssetToRead, spaces: frozenset[str]) -> AssetRead:
        """Return everything that can be read about one asset; never raises for what it lacks.

        Raises:
            CredentialsRejected, SourceUnavailable: the identity is refused for the whole tenant.

        """
        try:
            odata = None if item.exposed is None else self._odata(item.exposed)
            definition, reading = self._definition(item, odata, spaces)
        except SpaceForbidden as error:
            remedy = f"give the technical user read access to {item.subject}"
            return _unread(item, AssetUnreadable(error.message, remedy=remedy))
        except Unreachable as error:
            return _unread(item, AssetUnreadable(error.message, remedy=_TRY_AGAIN))
        except OutOfTime:
            return AssetRead(item, out_of_time=True)
        except Skippable as error:
            return _unread(item, error)
        if definition is not None:
            if odata is not None:
                definition = merge_with_odata(definition, odata.metadata)
            asset, notes, kept = (
                definition.asset,
                _notes(item, definition),
                definition.unknown_terms,
            )
            reading = replace(reading, asset=asset, notes=notes, kept=kept)
        elif odata is not None:
            reading = replace(reading, asset=_alone(item, odata))
        if reading.asset is None:
            return reading
        kind = item.listed.kind if item.listed else reading.asset.kind
        return replace(reading, asset=with_listing(replace(reading.asset, kind=kind), item.listed))

    def _definition(
        self, item: AssetToRead, odata: _Consumed | None, spaces: frozenset[str]
    ) -> tuple[Definition | None, AssetRead]:
        """Return the definition, None with what is to be said where there is none.

        Raises:
            SyncError: it cannot be read, and without OData there is nothing else to go by.

        """
        if not item.defined:
            return None, AssetRead(item)
        kind = item.listed.kind if item.listed else (odata.kind if odata else Kind.VIEW)
        try:
            found = self._definitions.read(item.space, item.name, kind, spaces)
            elements = odata.metadata.elements if odata else ()
            return self._definitions.typed(found, elements, spaces), AssetRead(item)
        except (*NOT_ALLOWED, NotFound) as error:
            return None, AssetRead(item, refused=error)
        except (Skippable, Unreachable) as error:
            if odata is None:
                raise
            return None, AssetRead(item, degraded=unreadable(item.space, item.name, error))

    def _odata(self, listed: catalog.ListedAsset) -> _Consumed:
        """Return what consumers meet; the kind of an asset follows from its services.

        A relational view has the relational service only, an analytic model the analytical one, a
        legacy analytical dataset (a fact) both (SAP's Power BI connector, README).
        """
        relational, analytical = self._forms(listed)
        usage: Usage | None
        if relational and analytical:
            said = merge_forms(relational, analytical)
            usage = said.usage or Usage.FACT
        else:
            said = relational or analytical or EntityMetadata()
            usage = said.usage if relational else Usage.CUBE
        return _Consumed(
            Kind.VIEW if relational else Kind.ANALYTIC_MODEL,
            replace(said, label=listed.label or said.label, usage=usage),
        )

    def _forms(
        self, listed: catalog.ListedAsset
    ) -> tuple[EntityMetadata | None, EntityMetadata | None]:
        """Return the relational and the analytical form of an asset, at least one of them."""
        relational: EntityMetadata | None = None
        try:
            relational = self._form(listed, listed.relational_url)
        except NotFound:
            # A relational URL that nobody gave is no proof that there is such a service.
            if not listed.guessed or listed.analytical_url is None:
                raise
        return relational, self._form(listed, listed.analytical_url)

    def _form(self, listed: catalog.ListedAsset, url: str | None) -> EntityMetadata | None:
        return None if url is None else parse_metadata(self._client.get_document(url), listed.name)


def _alone(item: AssetToRead, odata: _Consumed) -> Asset:
    """Return an asset of which nothing but OData tells."""
    said = {field.name: getattr(odata.metadata, field.name) for field in fields(EntityMetadata)}
    provenance = tuple((name, _ODATA) for name in sorted(said) if said[name])
    return Asset(item.space, item.name, odata.kind, provenance=provenance, **said)


def _notes(item: AssetToRead, definition: Definition) -> tuple[Issue, ...]:
    if not definition.notes:
        return ()
    told = "; ".join(dict.fromkeys(definition.notes))
    return (
        Issue(
            IssueCode.DEFINITION_IN_PART,
            f"{item.subject}: {told}",
            space=item.space,
            asset=item.name,
        ),
    )


def _unread(item: AssetToRead, error: SyncError) -> AssetRead:
    message = f"{item.subject}: {error.message}"
    return AssetRead(
        item, unread=Issue(error.code, message, error.remedy, space=item.space, asset=item.name)
    )
