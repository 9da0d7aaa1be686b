"""How SAP words become Glue words: the choices of one run, as a value."""

from dataclasses import dataclass, field

from datasphere_glue.mapping.bindings import Binding
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.requirements import Requirement
from datasphere_glue.model.asset import Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """How SAP words become Glue words.

    `tenant` is the host of DATASPHERE_URL; `database_template` holds `{space}` and may hold
    `{tenant}` (first label of the host) and `{environment}`; `databases` names the database of a
    space instead. `types` gives the Glue type for an SAP type, by raw type or by type name;
    `columns` gives it for a glob over `SPACE.asset.column` and is stronger, the first match wins.
    `prefixes` and `suffixes` go around table names by kind. `description` and `comment` name the
    fields that make up those texts. A table that has a name in the catalog keeps it.
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
