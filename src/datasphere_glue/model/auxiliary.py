"""Auxiliary objects of a space: flows, task chains, access controls and connections.

They become no tables. They say where the rows of a table come from, what loads it, and who may see
which rows.
"""

from dataclasses import dataclass
from enum import StrEnum

from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.element import Origin


class AuxiliaryKind(StrEnum):
    """The type of an object that becomes no table."""

    CONNECTION = "connection"
    DATA_FLOW = "data_flow"
    REPLICATION_FLOW = "replication_flow"
    TRANSFORMATION_FLOW = "transformation_flow"
    TASK_CHAIN = "task_chain"
    DATA_ACCESS_CONTROL = "data_access_control"


Named = tuple[AuxiliaryKind, str]
"""Kind and exact name of an auxiliary object of a space."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What one flow does to one object of its space.

    `asset`: exact name of the object.
    `load`: the flow as the object's table names it.
    `columns`: columns of the object, each with the columns that it is filled from.
    """

    asset: str
    load: Load
    columns: tuple[tuple[str, tuple[Origin, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """One step of a task chain.

    `chain`: exact name of the chain.
    `started`: kind and exact name of the flow or chain that it starts; the kind is None for a view
        or table that the step loads by itself.
    `activity`: SAP's word for what the step does.
    """

    chain: str
    started: tuple[AuxiliaryKind | None, str]
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class AuxiliaryObjects:
    """What a run read of the auxiliary objects of one space.

    `off`: kinds that the configuration leaves out; tables hold nothing of them.
    `listed`: kinds whose list was read to its end. What tables hold of another kind stays.
    `kept`: listed objects whose documents were not read. What tables hold of them stays.
    `read`: objects whose documents were read, also of kinds whose list is incomplete.
    `writings`: what flows do, in the order of their names.
    `starts`: what task chains start.
    `chains`: task chains that were read, with the stamp of each.
    `controls`: data access controls that were read, with the sort of each.
    `systems`: sort of system behind each connection; None when no list was read.
    """

    off: frozenset[AuxiliaryKind] = frozenset()
    listed: frozenset[AuxiliaryKind] = frozenset()
    kept: frozenset[Named] = frozenset()
    read: frozenset[Named] = frozenset()
    writings: tuple[Writing, ...] = ()
    starts: tuple[Start, ...] = ()
    chains: tuple[tuple[str, str | None], ...] = ()
    controls: tuple[tuple[str, str | None], ...] = ()
    systems: tuple[tuple[str, str], ...] | None = None

    def keeps(self, kind: AuxiliaryKind, name: str) -> bool:
        """Return True when the tables keep what they hold of an object."""
        if kind in self.off or (kind, name) in self.read:
            return False
        return kind not in self.listed or (kind, name) in self.kept


@dataclass(frozen=True, slots=True)
class AuxiliaryAccess:
    """Whether the objects of one kind may be read.

    `off`: True when the configuration leaves the kind out.
    `spaces`: number of spaces that were tried.
    `refused`: (space, reason) of each space that does not offer them.
    """

    kind: AuxiliaryKind
    off: bool = False
    spaces: int = 0
    refused: tuple[tuple[str, str], ...] = ()
