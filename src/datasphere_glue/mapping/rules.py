"""The mapping rules of one run, as a value."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from datasphere_glue.mapping.bindings import Binding
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.requirements import Requirement
from datasphere_glue.model.asset import Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that map assets to tables. An existing table keeps its name.

    `tenant`: host of DATASPHERE_URL.
    `database_template`: holds `{space}`, and can hold `{tenant}` (first label of the host) and
        `{environment}`.
    `environment`: value of `{environment}`.
    `databases`: pairs of a space and its database label, instead of the template.
    `types`: pairs of an SAP type (raw type or type name) and its Glue type.
    `columns`: pairs of a glob over `SPACE.asset.column` and the Glue type; they take precedence
        over `types`, and the first match wins.
    `prefixes`, `suffixes`: parts around table names, by kind.
    `description`, `comment`: fields that make up these texts, in their order.
    `governance`: sources of business context.
    `requirements`: fields that assets must have.
    `bindings`: data that tables are bound to; the first match wins.
    `former_tenants`: earlier hosts of the same tenant.
    `watched`: pairs of a glob over field paths in Glue, and whether the configuration protects
        edits there; the first match wins.
    """

    tenant: str
    database_template: str = "datasphere_{space}"
    environment: str = ""
    databases: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    prefixes: tuple[tuple[Kind, str], ...] = ()
    suffixes: tuple[tuple[Kind, str], ...] = ()
    description: tuple[str, ...] = ("label", "description")
    comment: tuple[str, ...] = ("label", "description")
    governance: Governance = field(default_factory=Governance)
    requirements: tuple[Requirement, ...] = ()
    bindings: tuple[Binding, ...] = ()
    former_tenants: frozenset[str] = frozenset()
    watched: tuple[tuple[str, bool], ...] = ()

    def watches(self, path: str) -> bool:
        """Return whether the configuration protects edits of the field at that path."""
        return next((chosen for glob, chosen in self.watched if fnmatchcase(path, glob)), False)

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts whose databases and tables are those of the tenant."""
        return self.former_tenants | {self.tenant}
