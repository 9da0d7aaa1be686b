"""Reads the flows, task chains, access controls and connections of a space.

None of them is needed. A list that the tenant refuses, or a document that cannot be read, leaves
what the tables hold, and becomes an issue.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from datasphere_glue.datasphere.asset_reader import AssetToRead
from datasphere_glue.datasphere.auxiliary_space import (
    FAILED,
    FLOWS,
    REFUSED,
    AuxiliaryRead,
    SpaceReading,
    connections_of,
)
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.definitions import DefinitionMode, DefinitionReader, SpaceObjects
from datasphere_glue.datasphere.flows.parser import segment_of
from datasphere_glue.datasphere.objects import ObjectApi
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryAccess, AuxiliaryKind, AuxiliaryObjects
from datasphere_glue.model.wanted import AuxiliaryWanted

_OF_TABLES: Final = (*FLOWS, AuxiliaryKind.TASK_CHAIN)
_OF_VIEWS: Final = (
    AuxiliaryKind.REPLICATION_FLOW,
    AuxiliaryKind.TASK_CHAIN,
    AuxiliaryKind.DATA_ACCESS_CONTROL,
)
"""Kinds that say something about local tables, and about everything else."""


class AuxiliaryReader:
    """Reads the auxiliary objects of one tenant; threads may share it."""

    def __init__(self, client: DatasphereClient, definitions: DefinitionReader) -> None:
        self._client = client
        self._api = ObjectApi(client)
        self._definitions = definitions

    @property
    def off(self) -> frozenset[AuxiliaryKind]:
        """Return the kinds that are never read."""
        policy = self._definitions.policy
        read = frozenset() if policy.mode is DefinitionMode.OFF else policy.auxiliary
        return frozenset(AuxiliaryKind) - read

    def access(self, kind: AuxiliaryKind, spaces: Sequence[str]) -> AuxiliaryAccess:
        """Return whether the objects of a kind may be read in each of some spaces."""
        if kind in self.off:
            return AuxiliaryAccess(kind, off=True)
        refused = []
        for space in spaces:
            try:
                if kind is AuxiliaryKind.CONNECTION:
                    connections_of(self._client, space)
                else:
                    self._api.rows(space, segment_of(kind), only_full_pages=False)
            except (*REFUSED, *FAILED) as error:
                refused.append((space, error.message))
        return AuxiliaryAccess(kind, spaces=len(spaces), refused=tuple(refused))

    def read(
        self,
        objects: SpaceObjects,
        wanted: AuxiliaryWanted,
        items: Sequence[AssetToRead],
        place: tuple[str, frozenset[str]],
    ) -> AuxiliaryRead:
        """Return the auxiliary objects of a space, as far as they are wanted.

        `items`: assets of the space that the run reads.
        `place`: the space, and all spaces of the tenant.
        """
        kinds = frozenset(AuxiliaryKind) if items else wanted.kinds
        kinds -= self.off
        if not objects.allowed or not kinds:
            return AuxiliaryRead(AuxiliaryObjects(off=self.off))
        anew = _for_new_tables(items, wanted)
        reading = SpaceReading(self._api, self._definitions, objects, *place, wanted, anew)
        reading.read_all(kinds)
        if AuxiliaryKind.CONNECTION in kinds and reading.needs_systems(items):
            reading.read_systems(self._client)
        return reading.result(self.off)


def _for_new_tables(
    items: Iterable[AssetToRead], wanted: AuxiliaryWanted
) -> frozenset[AuxiliaryKind]:
    """Return the kinds that may say something about an asset without a table."""
    new = {one.listed.kind if one.listed else None for one in items if one.name not in wanted.held}
    kinds = (_OF_TABLES if kind is Kind.LOCAL_TABLE else _OF_VIEWS for kind in new)
    return frozenset(chain.from_iterable(kinds))
