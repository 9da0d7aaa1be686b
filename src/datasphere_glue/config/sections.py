"""The sections of the mapping configuration document (design 1.7), with their descriptions."""

import re
from collections import Counter
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from datasphere_glue.mapping.bindings import PLACEHOLDERS
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.plan.policy import (
    FieldPolicy,
    RenamePolicy,
    SchemaChange,
    SchemaPolicy,
    UpgradePolicy,
)

_NAME: Final = r"^[a-z_][a-z0-9_]{0,254}$"
_AFFIX: Final = r"^[a-z0-9_]{0,40}$"
_COLUMN_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,254}")
_TYPE: Final = re.compile(
    r"boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp"
    r"|decimal\((?P<precision>[1-9]|[12]\d|3[0-8]),(?P<scale>\d|[1-3]\d)\)"
    r"|varchar\((?P<length>[1-9]\d{0,4})\)"
)
_MAX_LENGTH: Final = 65535
_LOCATION: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")


def _glue_type(name: str) -> str:
    match = _TYPE.fullmatch(name)
    sizes = {
        key: int(value) for key, value in (match.groupdict() if match else {}).items() if value
    }
    scaled = sizes.get("scale", 0) <= sizes.get("precision", 0)
    if not match or not scaled or sizes.get("length", 1) > _MAX_LENGTH:
        raise ValueError("is not a plain type of Athena DDL, such as string or decimal(18,2)")
    return name


def _location(template: str) -> str:
    unknown = sorted(set(_HOLE.findall(template)) - set(PLACEHOLDERS))
    rest = _HOLE.sub("", template)
    if unknown or set(rest) & set("{}"):
        raise ValueError(f"may hold only {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}")
    if not _LOCATION.fullmatch(template):
        raise ValueError("must be s3://bucket/prefix, with placeholders after the bucket")
    return template


def _distinct_values(names: dict[str, str]) -> dict[str, str]:
    if duplicates := sorted(name for name, count in Counter(names.values()).items() if count > 1):
        raise ValueError(f"several spaces share {', '.join(duplicates)}")
    return names


def _host(text: str) -> str:
    """Return the host of a tenant in the form of `datasphere.tenant`, from a host or a URL."""
    host = text.strip().lower().removeprefix("https://").rstrip("/")
    if not _HOST.fullmatch(host):
        raise ValueError("must be the host of a tenant, such as acme.eu10.hcs.cloud.sap")
    return host


def _switch(value: object) -> object:
    """Return `on` or `off` for a boolean, which YAML 1.1 makes of these words."""
    return ("on" if value else "off") if isinstance(value, bool) else value


Switch = Annotated[Literal["on", "off"], BeforeValidator(_switch)]
GlueTypeName = Annotated[str, AfterValidator(_glue_type)]
Glob = Annotated[str, Field(min_length=1, description="Glob over `SPACE.asset`.")]
Text = Annotated[str, Field(min_length=1)]
Host = Annotated[str, Field(min_length=1), AfterValidator(_host)]
Governed = Literal["description", "owner", "steward", "certification", "tags", "terms"]


class Section(BaseModel):
    """Base of all sections: immutable, without unknown keys; errors quote no values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Naming(Section):
    """How databases and tables are named."""

    database_template: (
        Annotated[str, Field(pattern=r"^[^{}]*(\{(space|tenant|environment)\}[^{}]*)+$")] | None
    ) = Field(default=None, description="Instead of GLUE_DATABASE_TEMPLATE; must hold {space}.")
    databases: Annotated[
        dict[str, Annotated[str, Field(pattern=_NAME)]], AfterValidator(_distinct_values)
    ] = Field(default_factory=dict, description="The database of a space, instead of the template.")
    table_prefix: dict[Kind, Annotated[str, Field(pattern=_AFFIX)]] = Field(
        default_factory=dict, description="Goes before the table names of a kind."
    )
    table_suffix: dict[Kind, Annotated[str, Field(pattern=_AFFIX)]] = Field(
        default_factory=dict, description="Goes after the table names of a kind."
    )

    @model_validator(mode="after")
    def _has_space(self) -> Self:
        if self.database_template is not None and "{space}" not in self.database_template:
            raise ValueError("database_template must hold {space}: each space has its own database")
        return self


class Selection(Section):
    """Which objects are read: glob patterns `SPACE` or `SPACE.asset`; `exclude` wins."""

    include: tuple[Text, ...] = Field(
        default=(), description="In addition to SYNC_SPACES: both must match."
    )
    exclude: tuple[Text, ...] = Field(
        default=(), description="In addition to SYNC_EXCLUDE: either is enough."
    )
    unexposed: tuple[Kind, ...] = Field(
        default=(Kind.LOCAL_TABLE, Kind.REMOTE_TABLE),
        description="Kinds of objects that are synced although not exposed for consumption.",
    )


class Definitions(Section):
    """What is kept of the definitions of objects."""

    sql: bool = Field(
        default=True,
        description="Whether the text of SQL views and table functions lands in `datasphere.sql`.",
    )


class Fields(Section):
    """Which texts of SAP become descriptions and comments in Glue."""

    description: tuple[Literal["label", "description", "name", "owner"], ...] = Field(
        default=("label", "description"), description="The description of a table."
    )
    comment: tuple[Literal["label", "description", "name"], ...] = Field(
        default=("label", "description"), description="The comment of a column."
    )


class Context(Section):
    """Governance context of assets or columns; later entries refine earlier ones."""

    asset: Glob
    column: Text | None = Field(
        default=None, description="Glob over column names, of SAP or OData; none: the asset."
    )
    description: Text | None = None
    owner: Text | None = None
    steward: Text | None = None
    certification: Text | None = None
    tags: tuple[Text, ...] = ()
    terms: tuple[Text, ...] = Field(default=(), description="Terms of a business glossary.")
    custom: dict[Text, str] = Field(default_factory=dict, description="Properties of your own.")


class Required(Section):
    """A business rule: attributes that assets and columns must have."""

    asset: Glob
    require: tuple[Literal["label", "usage", Governed], ...] = ()
    require_columns: tuple[Literal["label", Governed], ...] = ()
    otherwise: Literal["warn", "halt"] = Field(
        "warn", description="`halt` writes nothing while an asset lacks what is required."
    )


class Partition(Section):
    """One partition key: the name of an SAP column, or another name with its type."""

    name: Text
    type: GlueTypeName | None = None


def _distinct_names(keys: tuple[Partition, ...]) -> tuple[Partition, ...]:
    names = Counter(key.name.lower() for key in keys)
    if duplicates := sorted(name for name, count in names.items() if count > 1):
        raise ValueError(f"several partition keys are called {', '.join(duplicates)}")
    return keys


class S3(Section):
    """Files that Athena can query."""

    location: Annotated[str, AfterValidator(_location)]
    format: Literal["parquet", "csv", "json"] = "parquet"
    partitions: Annotated[tuple[Partition, ...], AfterValidator(_distinct_names)] = ()
    replication_flow: bool = Field(
        default=False, description="Adds the three columns that replication flows write."
    )
    delimiter: Literal[",", ":", "|", ";", "\t"] = Field(default=",", description="Of CSV files.")
    header: bool = Field(default=True, description="Whether CSV files begin with the column names.")


class Bound(Section):
    """What assets are bound to; the first matching entry applies."""

    asset: Glob
    s3: S3 | None = None
    connection: Text | None = Field(
        default=None, description="Name of a Glue connection, for Glue jobs."
    )

    @model_validator(mode="after")
    def _to_something(self) -> Self:
        if self.s3 is None and self.connection is None:
            raise ValueError("needs `s3` or `connection`")
        return self


class Limits(Section):
    """When a run stops, and how much it rereads."""

    unreadable_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=50, description="Beyond 20 assets, at most this share may be unreadable."
    )
    reread_days: Annotated[int, Field(ge=1, le=90)] = Field(
        default=7,
        description="Assets with dates of change are read again within this many days, changed or"
        " not, a share in each run.",
    )
    reread_assets: Annotated[int, Field(ge=1)] = Field(
        default=1000,
        description="Each run reads again at most this many assets without dates of change.",
    )


class Upgrades(Section):
    """What a new version of datasphere-glue may write on its own: `apply` or `hold`."""

    meaning: UpgradePolicy = Field(
        default=UpgradePolicy.APPLY,
        description="Facts that earlier versions could not read, of sources that did not change."
        " `hold` writes them by an approved plan, or together with another change.",
    )
    form: UpgradePolicy = Field(
        default=UpgradePolicy.HOLD,
        description="The same facts in another form. `hold` writes them together with another"
        " change.",
    )


class MappingConfig(Section):
    """The mapping configuration of datasphere-glue; every section but `version` is optional."""

    version: Literal[1]
    naming: Naming = Field(default_factory=Naming)
    selection: Selection = Field(default_factory=Selection)
    objects: dict[AuxiliaryKind, Switch] = Field(
        default_factory=dict,
        description="Kinds of objects other than tables: `off` leaves a kind out, and what tables"
        " hold of it. Every kind is read unless it is `off`, and none is needed.",
    )
    types: dict[Text, GlueTypeName] = Field(
        default_factory=dict,
        description="Glue type by SAP type: an exact raw type, or a type name whatever its facets.",
    )
    columns: dict[Text, GlueTypeName] = Field(
        default_factory=dict,
        description="Glue type by glob over `SPACE.asset.column`, with the column's name of SAP or"
        " OData; the first match wins.",
    )
    languages: tuple[Text, ...] = Field(
        default=(), description="Preferred languages of labels, where definitions hold several."
    )
    definitions: Definitions = Field(default_factory=Definitions)
    fields: Fields = Field(default_factory=Fields)
    annotations: dict[Text, Governed] = Field(
        default_factory=dict,
        description="Where CSN annotations of your own belong, by glob over terms, in any case.",
    )
    context: tuple[Context, ...] = ()
    context_uri: Text | None = Field(
        default=None,
        description="Location of more `context` entries, in the forms of SYNC_CONFIG_URI.",
    )
    priorities: tuple[Kind, ...] = Field(
        default=(Kind.ANALYTIC_MODEL, Kind.LOCAL_TABLE, Kind.REMOTE_TABLE, Kind.VIEW),
        description="Kinds in the order in which their tables are written.",
    )
    conflicts: dict[Text, FieldPolicy] = Field(
        default_factory=dict,
        description="Who wins where a person edited a field, by glob over field paths such as"
        " `columns.*.comment`; the first match wins.",
    )
    schema_changes: dict[SchemaChange, SchemaPolicy] = Field(
        default_factory=dict, description="What to do about changed columns; `apply` by default."
    )
    renames: RenamePolicy = RenamePolicy.FOLLOW
    adopt: tuple[Text, ...] = Field(
        default=(),
        description="Globs over `SPACE.asset`: tables that are taken over without our marker.",
    )
    gone_spaces: tuple[Text, ...] = Field(
        default=(), description="Exact names of spaces that are confirmed to be gone for good."
    )
    former_tenants: tuple[Host, ...] = Field(
        default=(),
        description="Hosts under which this same tenant was reached before; what was written from"
        " them is carried on. Hosts that are not listed stay foreign.",
    )
    requirements: tuple[Required, ...] = ()
    bindings: tuple[Bound, ...] = ()
    upgrades: Upgrades = Field(default_factory=Upgrades)
    limits: Limits = Field(default_factory=Limits)
