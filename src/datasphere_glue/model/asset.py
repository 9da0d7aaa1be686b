"""SAP metadata: assets and their semantics, independent of the interface that was read.

All values are immutable and keep the order of SAP, so that equal content compares and hashes
equal. `None` and `()` mean that SAP provides no value: no field holds an assumed default.
"""

from dataclasses import dataclass
from enum import StrEnum

from datasphere_glue.model.asset_parts import (
    AccessControl,
    Association,
    CrossCalculation,
    Hierarchy,
    Load,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import Element, Origin


class Kind(StrEnum):
    """The type of an object in Datasphere."""

    LOCAL_TABLE = "local_table"
    REMOTE_TABLE = "remote_table"
    VIEW = "view"
    ANALYTIC_MODEL = "analytic_model"


class Usage(StrEnum):
    """The semantic usage that a modeller gave an asset."""

    FACT = "fact"
    DIMENSION = "dimension"
    TEXT = "text"
    HIERARCHY = "hierarchy"
    RELATIONAL = "relational"
    CUBE = "cube"


@dataclass(frozen=True, slots=True)
class Asset:
    """One table, view or analytic model of a space, with its metadata.

    `space`, `name`: exact technical names.
    `elements`: columns in their order.
    `owner`, `steward`, `certification`, `tags`, `terms`: governance of the asset.
    `custom`: (term, value) of annotations that no other field holds.
    `lineage`: assets that this asset reads, as `SPACE.asset`.
    `changed_on`, `deployed_on`, `changed_by`: last change and deployment.
    `provenance`: (field, source) with sources `odata`, `csn`, `listing` and `overlay`.
    `representative_key`: key column that stands for the asset.
    `key_sequence`: key columns in their order.
    `remote_connection`, `remote_entity`: source of a remote table.
    `delta`: (word, value) of a delta capture, with the words `type`, `date_column`, `mode_column`,
        `companion`, `enclosing` and `capture`.
    `model_sources`: objects that an analytic model is built on.
    `hidden`: True when Datasphere hides the asset from consumers.
    `filter`: conditions of a query in SQL, the inner ones first.
    `sql`: text of a view or table function as it was written.
    `cross_calculations`: members of the structure of an analytic model.
    `lineage_complete`: False when a part of the sources could not be determined.
    `indirect_lineage`: columns that decide which rows there are, such as those of filters.
    `access_controls`: row-level access controls.
    `loads`: flows and chains that write a table.
    `semantic_key`: columns that identify a row for people.
    `personal_data`: (term, value) of SAP's vocabulary of personal data.
    `release`: (word, value) with the words `state`, `successor` and `decommissioning`.
    `relationship`: (term, value) of SAP's vocabulary of entity relationships.
    `origin`: (word, value) of the object in another schema or system that a table stands for.
    `pattern`: SAP's word for the modelling pattern, where `usage` does not hold all of it.
    `capabilities`: SAP's words for all that the asset can be used as.
    `dimension_type`: SAP's word for the sort of a dimension, such as `TIME`.
    `view_type`: SAP's word for the sort of a view in the database, such as `TABLE_FUNCTION`.
    `usage_type`: (word, value) of the expected size and quality of service.
    `storage`: (word, value) of where and how the data are stored.
    `integration`: (word, value) of the part that the asset has in data integration.
    `read_only`: True when the data cannot be written.
    `composition_root`: True when the asset is the root of parts in other objects.
    `hint`: advice for programs that read the asset on behalf of people.
    `exported`: digest of the exported files that describe the asset.
    `object_status`: SAP's word for the state, such as `Deployed` or `ChangesToDeploy`.
    """

    space: str
    name: str
    kind: Kind
    label: str | None = None
    description: str | None = None
    usage: Usage | None = None
    elements: tuple[Element, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    associations: tuple[Association, ...] = ()
    variables: tuple[Variable, ...] = ()
    owner: str | None = None
    steward: str | None = None
    certification: str | None = None
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    lineage: tuple[str, ...] = ()
    changed_on: str | None = None
    deployed_on: str | None = None
    changed_by: str | None = None
    provenance: tuple[tuple[str, str], ...] = ()
    representative_key: str | None = None
    key_sequence: tuple[str, ...] = ()
    remote_connection: str | None = None
    remote_entity: str | None = None
    delta: tuple[tuple[str, str], ...] = ()
    model_sources: tuple[ModelSource, ...] = ()
    hidden: bool = False
    object_status: str | None = None
    exported: str | None = None
    filter: tuple[str, ...] = ()
    sql: str | None = None
    cross_calculations: tuple[CrossCalculation, ...] = ()
    lineage_complete: bool | None = None
    indirect_lineage: tuple[Origin, ...] = ()
    access_controls: tuple[AccessControl, ...] = ()
    loads: tuple[Load, ...] = ()
    semantic_key: tuple[str, ...] = ()
    personal_data: tuple[tuple[str, str], ...] = ()
    release: tuple[tuple[str, str], ...] = ()
    relationship: tuple[tuple[str, str], ...] = ()
    origin: tuple[tuple[str, str], ...] = ()
    pattern: str | None = None
    capabilities: tuple[str, ...] = ()
    dimension_type: str | None = None
    view_type: str | None = None
    usage_type: tuple[tuple[str, str], ...] = ()
    storage: tuple[tuple[str, str], ...] = ()
    integration: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    composition_root: bool = False
    hint: str | None = None
