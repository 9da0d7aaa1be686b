"""What SAP says: spaces, assets and their semantics, free of how they were read.

Everything is an immutable value with tuples, in the order SAP gives, so that equal content is
equal and hashes alike. `None` and `()` mean "not said": nothing here is ever a default dressed
up as a fact.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from datasphere_glue.model.issues import Issue

_DAY = len("2026-01-31")


class Kind(StrEnum):
    """What sort of object an asset is in Datasphere."""

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

    `name` is qualified (`Edm.Decimal`, `cds.String`); `length` counts characters or bytes;
    `scale` is a number or one of the words `variable` and `floating`. A collection has `items`;
    a structure has `fields`; an enumeration has `values` and the underlying type in `items`.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | str | None = None
    srid: str | None = None
    items: "SapType | None" = None
    fields: "tuple[tuple[str, SapType], ...]" = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """One column of an asset, `name` being the exact technical name.

    `currency`, `unit` and `text` name the column that holds the currency, the unit or the text;
    `association` names the association of this asset that the column is a foreign key of.
    `is_text`, `is_currency` and `is_unit` mark a column that itself holds such content.
    `semantics` holds SAP's terms such as `IsCalendarDate`. `text_association` names the association
    that leads to texts. `measure_type` is SAP's word (`BASE`, `RESTRICTION`, `CALCULATION`) and
    `formula` what a calculated or restricted measure computes. `sources` tells where a column of
    an analytic model comes from: (space, object, column). `modelled_type` is the type that the
    modeller chose, where `type` is the one that consumers meet. `owner`, `steward`,
    `certification`, `tags` and `terms` are what people say about the column (governance).
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


@dataclass(frozen=True, slots=True)
class Association:
    """A link to another object; `pairs` are (own column, target column).

    `target_space` is None when the target lives in the asset's own space or is not said.
    `cardinality` reads `0..1` or `1..*`.
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
    """A hierarchy; `kind` is `level`, `parent_child` or `external`.

    A level hierarchy lists its `levels` from the top; a parent-child one names its `parent` and
    `child` columns. `association` leads to the directory of a parent-child hierarchy, or to the
    object that holds an external one.
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
    """An input parameter or analytic model variable.

    `kind` is SAP's word for what a variable does, such as `StoryFilter`; `column` names the column
    that it filters.
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
    """An object that an analytic model is built on; `role` is `fact` or `dimension`."""

    role: str
    name: str
    target_space: str
    target: str
    label: str | None = None
    associations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """One table, view or analytic model of a space, with all that SAP says about it.

    `provenance` pairs a field of this class with the source that gave it (`odata`, `csn`,
    `listing`, `overlay`). `delta` holds the words that describe a delta capture: `type`,
    `date_column`, `mode_column`, `companion`, `enclosing`, `capture`. `object_status` is SAP's
    word for the state of the object, such as `Deployed` or `ChangesToDeploy`.
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
    """What the lists of a tenant say about an asset, from which a change is told.

    `exposed` tells whether the catalog lists it, `defined` whether its definition is to be read;
    the rest is as in `Asset`, None where not said.
    """

    exposed: bool
    defined: bool = False
    changed_on: str | None = None
    deployed_on: str | None = None
    changed_by: str | None = None
    object_status: str | None = None

    @property
    def dated(self) -> bool:
        """True when dates tell of changes, and more exactly than by the day."""
        dates = [date for date in (self.changed_on, self.deployed_on) if date]
        return bool(dates) and all(len(date) > _DAY for date in dates)


@dataclass(frozen=True, slots=True)
class SpaceListing:
    """What was read of one space.

    `listed` holds the exact names of every asset that the tenant lists, read or not: only a name
    missing from the `listed` of a complete listing is missing at the source. `incomplete` says why
    the listing could not be read to its proven end; None means it was. `unread` holds one issue for
    each listed asset whose metadata could not be read. `read` counts the assets that were, which
    outlasts the assets themselves: a run keeps only the counts.

    `unproven` holds the kinds of object whose own list was not read to its end, or not at all: a
    missing name of such a kind proves nothing, unless the asset was exposed for consumption.
    `undefined` holds the names of assets whose definition is wanted and could not be read, so that
    less than usual is known about them. `degraded` says what was read in part only, `notes` what is
    worth knowing and changes no status. `unlisted` holds the names of assets whose entry in the
    list of objects may be missing because that list was lost; `withheld` the kinds whose list the
    tenant refused although it is wanted. `stamps` gives, by name, what the lists say about assets;
    `undated` counts those of which no list tells when they changed. `reused` counts the assets that
    were taken from the catalog because nothing changed, `left` those that were not read because the
    time of the run was over.
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

    def without_assets(self) -> "SpaceListing":
        """Return the listing without its assets and stamps; `read` counts the assets read."""
        return replace(self, assets=(), stamps=(), read=len(self.assets) - self.reused)

    @property
    def complete(self) -> bool:
        """True when absence from `listed` means absence at the source."""
        return self.incomplete is None
