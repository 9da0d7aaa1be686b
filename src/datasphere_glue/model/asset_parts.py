"""Parts of an asset apart from its columns: links, hierarchies, variables and sources."""

from dataclasses import dataclass

from datasphere_glue.model.sap_type import SapType


@dataclass(frozen=True, slots=True)
class Association:
    """A link to another object.

    `target`: exact name of the other object.
    `target_space`: its space; None when it is the space of the asset or unknown.
    `pairs`: (own column, target column) of the join.
    `composition`: True when the target is part of the asset.
    `cardinality`: target cardinality, such as `0..1` or `1..*`.
    `custom`: (term, value) of annotations that no other field holds.
    """

    name: str
    target: str
    target_space: str | None = None
    label: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    composition: bool = False
    cardinality: str | None = None
    custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A hierarchy.

    `kind`: `level`, `parent_child` or `external`.
    `levels`: columns of a level hierarchy, from the top.
    `parent`, `child`: columns of a parent-child hierarchy.
    `association`: association to the directory of a parent-child hierarchy, or to the object that
        holds an external one.
    `custom`: (term, value) of annotations that no other field holds.
    """

    name: str
    kind: str
    label: str | None = None
    levels: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    child: tuple[str, ...] = ()
    association: str | None = None
    custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """An input parameter, or a variable of an analytic model.

    `mandatory`: True when consumers must provide a value.
    `default`: default value; it can be an empty text.
    `kind`: SAP's word for the purpose of the variable, such as `StoryFilter`.
    `column`: name of the column that the variable filters.
    `hidden`: True when consumers never see it.
    `usage`: SAP's word for where its value goes, such as `FILTER` or `FORMULA`.
    `selection`: what may be chosen: `SINGLE`, `INTERVAL`, `RANGE` or `HIERARCHY_NODE`.
    `multiple`: True when several values may be chosen.
    `derived_from`: object that its value is looked up in, as SAP names it.
    `derived_column`: column of that object that holds the value.
    `custom`: (term, value) of annotations that no other field holds.
    """

    name: str
    type: SapType
    label: str | None = None
    mandatory: bool | None = None
    default: str | None = None
    kind: str | None = None
    column: str | None = None
    description: str | None = None
    custom: tuple[tuple[str, str], ...] = ()
    hidden: bool = False
    usage: str | None = None
    selection: str | None = None
    multiple: bool = False
    derived_from: str | None = None
    derived_column: str | None = None


@dataclass(frozen=True, slots=True)
class BoundParameter:
    """The value that an analytic model gives an input parameter of a source.

    `how`: SAP's word, such as `CONSTANT` or `MAP_TO_SOURCE_PARAMETER`.
    `value`: a constant; it can be an empty text.
    `variable`: variable of the model that provides the value.
    """

    name: str
    how: str | None = None
    value: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Affix:
    """The text that the columns of a source get in the model; `type` is `PREFIX` or `SUFFIX`."""

    text: str
    type: str


@dataclass(frozen=True, slots=True)
class CrossCalculation:
    """A member of the structure of an analytic model, which applies to every measure.

    `kind`: SAP's word, such as `RestrictedCrossCalculation`.
    """

    name: str
    label: str | None = None
    kind: str | None = None
    formula: str | None = None


@dataclass(frozen=True, slots=True)
class AccessControl:
    """A row-level access control of an asset.

    `name`: the control, as `SPACE.object`.
    `columns`: columns of the asset that it compares.
    `kind`: `single_values`, `operators`, `hierarchy` or `hierarchy_directory`.
    """

    name: str
    columns: tuple[str, ...] = ()
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """A flow that writes or copies an asset, or a chain that starts one.

    `kind`: `data_flow`, `replication_flow`, `transformation_flow` or `task_chain`.
    `name`: its exact name, as `SPACE.object`.
    `sources`: what it reads: `SPACE.object` in Datasphere, `connection:object` elsewhere.
    `connection`: connection that it reads through.
    `system`: sort of system behind the connection, as SAP names it.
    `mode`: SAP's word for what is loaded, such as `INITIAL_AND_DELTA`.
    `schedule`: how often, as SAP writes it.
    `target`: where the flow copies the asset to outside Datasphere, as `connection:object`. The
        asset itself is the source then.
    `changed_on`: last change of the flow or chain.
    """

    kind: str
    name: str
    sources: tuple[str, ...] = ()
    connection: str | None = None
    system: str | None = None
    mode: str | None = None
    schedule: str | None = None
    target: str | None = None
    changed_on: str | None = None


@dataclass(frozen=True, slots=True)
class ModelSource:
    """An object that an analytic model is built on.

    `role`: `fact` or `dimension`.
    `name`: alias in the model.
    `target_space`, `target`: space and exact name of the object.
    `associations`: associations that lead to a dimension.
    `parameters`: values of its input parameters.
    `affix`: how the model names its columns.
    """

    role: str
    name: str
    target_space: str
    target: str
    label: str | None = None
    associations: tuple[str, ...] = ()
    parameters: tuple[BoundParameter, ...] = ()
    affix: Affix | None = None
