"""SAP metadata: spaces, assets and their semantics, independent of the interface that was read.

All values are immutable and keep the order of SAP, so that equal content compares and hashes
equal. `None` and `()` mean that SAP provides no value: no field holds an assumed default.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from datasphere_glue.model.issues import Issue

_DAY = len("2026-01-31")

SCALE_WORDS = frozenset({"variable", "floating"})
"""The scales of a decimal that are no numbers."""


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
class SapType:
    """A type as SAP names it, with its facets.

    `name`: qualified name, such as `Edm.Decimal` or `cds.String`.
    `length`: maximum length in characters or bytes.
    `precision`: digits of a decimal, or digits of fractional seconds.
    `scale`: a number, or one of the words `variable` and `floating`.
        A facet that SAP writes in another form is its text, and counts as odd.
    `srid`: spatial reference system of a geometry.
    `items`: type of the items of a collection, or underlying type of an enumeration.
    `fields`: (name, type) of the fields of a structure.
    `values`: values of an enumeration.
    """

    name: str
    length: int | str | None = None
    precision: int | str | None = None
    scale: int | str | None = None
    srid: str | None = None
    items: "SapType | None" = None
    fields: "tuple[tuple[str, SapType], ...]" = ()
    values: tuple[str, ...] = ()

    @property
    def odd_facets(self) -> dict[str, str]:
        """Return the facets whose text is no number, by name; parts of the type do not count."""
        facets = {"length": self.length, "precision": self.precision, "scale": self.scale}
        return {
            facet: value
            for facet, value in facets.items()
            if isinstance(value, str) and not (facet == "scale" and value in SCALE_WORDS)
        }


@dataclass(frozen=True, slots=True)
class Element:
    """One column of an asset.

    `name`: exact technical name.
    `type`: type that consumers read.
    `key`, `dimension`, `measure`, `attribute`: roles of the column.
    `nullable`: True when the column can be empty.
    `is_text`, `is_currency`, `is_unit`: True when the column itself holds such content.
    `aggregation`: aggregation of a measure.
    `currency`, `unit`, `text`: name of the column that holds the currency, unit or text.
    `association`: association of this asset that the column is a foreign key of.
    `semantics`: SAP terms, such as `IsCalendarDate`.
    `custom`: (term, value) of annotations that no other field holds.
    `text_association`: association that leads to texts.
    `measure_type`: SAP's word: `BASE`, `RESTRICTION` or `CALCULATION`.
    `formula`: expression of a calculated or restricted measure.
    `hidden`: True when Datasphere hides the column from consumers.
    `sources`: source columns in an analytic model, as (space, object, column).
    `modelled_type`: type that the modeller chose, where it differs from `type`.
    `owner`, `steward`, `certification`, `tags`, `terms`: governance of the column.
    `unread`: what of the column could not be read, in words; None when nothing was left out.
    """

    name: str
    type: SapType
    label: str | None = None
    description: str | None = None
    key: bool = False
    nullable: bool | None = None
    dimension: bool = False
    measure: bool = False
    attribute: bool = False
    is_text: bool = False
    is_currency: bool = False
    is_unit: bool = False
    aggregation: str | None = None
    currency: str | None = None
    unit: str | None = None
    text: str | None = None
    association: str | None = None
    semantics: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    text_association: str | None = None
    measure_type: str | None = None
    formula: str | None = None
    hidden: bool = False
    sources: tuple[tuple[str, str, str], ...] = ()
    modelled_type: SapType | None = None
    owner: str | None = None
    steward: str | None = None
    certification: str | None = None
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    unread: str | None = None


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


@dataclass(frozen=True, slots=True)
class ModelSource:
    """An object that an analytic model is built on.

    `role`: `fact` or `dimension`.
    `name`: alias in the model.
    `target_space`, `target`: space and exact name of the object.
    `associations`: associations that lead to a dimension.
    """

    role: str
    name: str
    target_space: str
    target: str
    label: str | None = None
    associations: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Stamp:
    """Change information about an asset, from the lists of a tenant.

    `exposed`: True when the catalog lists the asset.
    `defined`: True when its definition is to be read.
    Other fields: as in `Asset`; None when no list provides a value.
    """

    exposed: bool
    defined: bool = False
    changed_on: str | None = None
    deployed_on: str | None = None
    changed_by: str | None = None
    object_status: str | None = None

    @property
    def dated(self) -> bool:
        """Return True when the lists date changes more precisely than by the day."""
        dates = [date for date in (self.changed_on, self.deployed_on) if date]
        return bool(dates) and all(len(date) > _DAY for date in dates)


@dataclass(frozen=True, slots=True)
class SpaceListing:
    """The content that was read of one space.

    `label`: label of the space.
    `assets`: assets whose metadata was read or reused.
    `listed`: exact names of all assets that the tenant lists, read or not. Only a name that is
        absent from a complete listing is absent at the source.
    `incomplete`: why the listing was not read to its proven end; None when it was.
    `unread`: one issue for each listed asset whose metadata could not be read.
    `read`: number of assets that were read. A run drops the assets and keeps only the counts.
    `unproven`: kinds of object whose own list was not read to its end, or not at all. The absence
        of a name of such a kind proves nothing, unless the asset was exposed for consumption.
    `undefined`: names of assets whose definition was requested and could not be read, so that
        their metadata is less complete than usual.
    `degraded`: issues about content that was read in part.
    `notes`: issues that change no status.
    `unlisted`: names of assets whose entry may be missing because the list of objects was lost.
    `withheld`: kinds whose list was requested and the tenant refused.
    `stamps`: change information of assets, by name.
    `undated`: number of assets for which no list has a date of change.
    `reused`: number of assets that were taken from the catalog because nothing changed.
    `left`: number of assets that were not read because the time of the run was over.
    `unconsumed`: one issue for each asset that was read without its `$metadata`, which is broken.
    """

    space: str
    label: str | None = None
    assets: tuple[Asset, ...] = ()
    listed: frozenset[str] = frozenset()
    incomplete: Issue | None = None
    unread: tuple[Issue, ...] = ()
    read: int = 0
    unproven: frozenset[Kind] = frozenset()
    undefined: frozenset[str] = frozenset()
    degraded: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()
    unlisted: frozenset[str] = frozenset()
    withheld: frozenset[Kind] = frozenset()
    stamps: tuple[tuple[str, Stamp], ...] = ()
    undated: int = 0
    reused: int = 0
    left: int = 0
    unconsumed: tuple[Issue, ...] = ()

    def without_assets(self) -> "SpaceListing":
        """Return the listing without its assets and stamps; `read` counts the assets read."""
        return replace(self, assets=(), stamps=(), read=len(self.assets) - self.reused)

    @property
    def complete(self) -> bool:
        """Return True when absence from `listed` means absence at the source."""
        return self.incomplete is None
