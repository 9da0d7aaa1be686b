"""Policies of a plan: every choice that an administrator can make, as values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from datasphere_glue.model.asset import Kind


class OrphanPolicy(StrEnum):
    """What to do with a table whose asset is missing from a complete listing."""

    KEEP = "keep"
    DEPRECATE = "deprecate"
    DELETE = "delete"


class FieldPolicy(StrEnum):
    """Which side wins when a field of a table differs from the last applied value.

    - `source`: writes the value of Datasphere.
    - `catalog`: keeps the value in Glue.
    - `merge`: keeps an edit while the source is unchanged since our last write; reports a conflict
      when both sides changed.
    - `fail`: leaves the whole table unchanged and reports an issue.
    """

    SOURCE = "source"
    CATALOG = "catalog"
    MERGE = "merge"
    FAIL = "fail"


class SchemaChange(StrEnum):
    """How a column of a table changes, from harmless to breaking.

    - `additive`: the column is new.
    - `widening`: the new type holds every value of the old one.
    - `narrowing`: the new type may not hold every value.
    - `type_change`: the new type belongs to another family.
    - `removal`: the column is removed.
    """

    ADDITIVE = "additive"
    WIDENING = "widening"
    NARROWING = "narrowing"
    TYPE_CHANGE = "type_change"
    REMOVAL = "removal"


class SchemaPolicy(StrEnum):
    """What to do with a schema change.

    - `apply`: writes it.
    - `hold`: keeps the structure of the table and reports the pending changes.
    - `halt`: objects to the whole plan.
    """

    APPLY = "apply"
    HOLD = "hold"
    HALT = "halt"


class RenamePolicy(StrEnum):
    """What to do with an asset or a column that was renamed at the source.

    - `follow`: carries over what people added.
    - `report`: reports the rename and treats both names as unrelated.
    - `off`: does not look for renames.
    """

    FOLLOW = "follow"
    REPORT = "report"
    OFF = "off"


class UpgradePolicy(StrEnum):
    """What to do with a table that differs only because this program has a new version.

    - `apply`: writes it.
    - `hold`: writes it only by an approved plan, or together with another change.
    """

    APPLY = "apply"
    HOLD = "hold"


class PlanShare(StrEnum):
    """Which share of a run's changes is planned here; a run may be divided among workers.

    - `all`: every change.
    - `per_table`: changes that depend on one table or database alone.
    - `cross_table`: changes that depend on all tables of a space: removals and renames. They are
      planned after the others.
    """

    ALL = "all"
    PER_TABLE = "per_table"
    CROSS_TABLE = "cross_table"


@dataclass(frozen=True, slots=True)
class Policy:
    """All policies of a plan.

    - `tenant`: host of the tenant whose tables may be written.
    - `former_tenants`: earlier hosts of the same tenant; their tables may be written, too.
    - `today`: date of a new deprecation.
    - `orphans`: policy for tables whose asset is gone.
    - `grace`: days between deprecation and deletion.
    - `fields`: pairs of a glob over field paths and a policy, such as `columns.*.comment`. The
      first match wins; without a match the default of `fields.py` applies. The set of columns and
      the keys that identify a table are not subject to it.
    - `schema`: pairs of a kind of schema change and a policy; `apply` where a kind is missing.
    - `renames`: policy for renamed assets and columns.
    - `adopt`: globs over `SPACE.asset` of tables that may be adopted without our marker. `SPACE`
      or `SPACE.*` adopts the database, too.
    - `gone_spaces`: exact names of spaces that are confirmed to be gone for good.
    - `priorities`: kinds of assets in the order in which their tables are written.
    - `share`: the share of the changes that is planned.
    - `form`: what to do with the same facts in another form.
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
    share: PlanShare = PlanShare.ALL
    former_tenants: frozenset[str] = frozenset()
    form: UpgradePolicy = UpgradePolicy.HOLD

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts whose databases and tables may be written."""
        return self.former_tenants | {self.tenant}
