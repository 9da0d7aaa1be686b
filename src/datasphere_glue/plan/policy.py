"""How a plan decides what is not plain: every choice that an administrator can make, as values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from datasphere_glue.model.asset import Kind


class OrphanPolicy(StrEnum):
    """What becomes of a table whose asset is gone from a complete listing."""

    KEEP = "keep"
    DEPRECATE = "deprecate"
    DELETE = "delete"


class FieldPolicy(StrEnum):
    """Who wins where a field of a table differs from what we last applied.

    `source` writes what Datasphere says; `catalog` keeps what stands in Glue; `merge` keeps an edit
    as long as the source says what it said when we last wrote, and lists a conflict when both
    changed; `fail` leaves the whole table alone and says so.
    """

    SOURCE = "source"
    CATALOG = "catalog"
    MERGE = "merge"
    FAIL = "fail"


class SchemaChange(StrEnum):
    """What happens to the columns of a table, from harmless to breaking.

    `additive`: a new column. `widening`: a type that holds every former value. `narrowing`: one
    that may not. `type_change`: another sort of type. `removal`: a column is gone.
    """

    ADDITIVE = "additive"
    WIDENING = "widening"
    NARROWING = "narrowing"
    TYPE_CHANGE = "type_change"
    REMOVAL = "removal"


class SchemaPolicy(StrEnum):
    """What to do about a schema change.

    `apply` writes it; `hold` keeps the structure of the table and shows what waits; `halt` objects
    to the whole plan.
    """

    APPLY = "apply"
    HOLD = "hold"
    HALT = "halt"


class RenamePolicy(StrEnum):
    """What to do about an asset or a column that was renamed at the source.

    `follow` carries over what people added; `report` says so and treats both as unrelated; `off`
    does not look for renames.
    """

    FOLLOW = "follow"
    REPORT = "report"
    OFF = "off"


class PlanShare(StrEnum):
    """Which share of a run's changes is planned here.

    `all` of them; or, where several work at one run, `own`: what a table or a database needs by
    itself; and `rest`: what needs the sight of all tables of a space, which is what is gone or
    renamed, once the others are done.
    """

    ALL = "all"
    PER_TABLE = "per_table"
    CROSS_TABLE = "cross_table"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a plan decides; `grace` is in days, `today` dates a deprecation.

    `fields` pairs a glob over field paths (`columns.*.comment`, `parameters.datasphere.owner`) with
    its policy, the first match wins; what matches none has the default of `fields.py`. The set of
    columns, and the keys that tell what a table is, are no such fields. `schema` pairs the kinds
    of schema change with a policy, `apply` where a kind is missing. `adopt` holds globs over
    `SPACE.asset` whose table may be taken over although it lacks our marker; `SPACE` or `SPACE.*`
    takes over the database, too. `gone_spaces` are exact names of spaces confirmed to be gone for
    good. `priorities` orders the kinds whose tables are written first. `duty` is what of all that
    is planned.
    """

    tenant: str
    today: date
    orphans: OrphanPolicy = OrphanPolicy.DEPRECATE
    grace: int = 30
    fields: tuple[tuple[str, FieldPolicy], ...] = ()
    schema: tuple[tuple[SchemaChange, SchemaPolicy], ...] = ()
    renames: RenamePolicy = RenamePolicy.FOLLOW
    adopt: tuple[str, ...] = ()
    gone_spaces: frozenset[str] = frozenset()
    priorities: tuple[Kind, ...] = (
        Kind.ANALYTIC_MODEL,
        Kind.LOCAL_TABLE,
        Kind.REMOTE_TABLE,
        Kind.VIEW,
    )
    duty: PlanShare = PlanShare.ALL
