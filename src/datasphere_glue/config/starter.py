"""The mapping configuration of a new user: every section, each as a comment."""

from typing import Final

STARTER: Final = """\
# Mapping configuration of datasphere-glue. Everything but `version` is optional: take the
# "# " away from what you need. `datasphere-glue config check FILE` lists every error at once,
# `datasphere-glue config schema` prints the JSON Schema for your editor.
version: 1

# How databases and tables are named.
# naming:
#   database_template: "datasphere_{space}"
#   databases: {SALES: sales}
#   table_prefix: {view: v_}
#   table_suffix: {analytic_model: _am}

# Which objects are read: glob patterns SPACE or SPACE.asset; exclude wins.
# selection:
#   include: ["SALES", "FIN_*"]
#   exclude: ["*.TMP_*"]
#   unexposed: [local_table, remote_table]

# Objects other than tables: where rows come from, and who sees them. off leaves a kind out.
# objects:
#   connection: on
#   data_flow: on
#   replication_flow: on
#   transformation_flow: on
#   task_chain: on
#   data_access_control: on

# Glue types by SAP type, and by column (SPACE.asset.column; the first match wins).
# types: {cds.Boolean: string}
# columns: {"SALES.*.AMOUNT": "decimal(31,6)"}

# Preferred languages of labels.
# languages: [en, de]

# What is kept of definitions: the text of SQL views and table functions.
# definitions:
#   sql: true

# Which texts make up the description of a table and the comment of a column.
# fields:
#   description: [label, description]
#   comment: [label, description]

# Fields for your own CSN annotations.
# annotations: {"@acme.steward": steward}

# Governance context of assets and columns; later entries refine earlier ones.
# context:
#   - asset: "SALES.*"
#     owner: jane@example.com
#     steward: joe@example.com
#     certification: released
#     tags: [sales]
#     terms: [Net Sales]
#     custom: {cost_center: "4711"}
#   - asset: "SALES.ORDERS"
#     column: AMOUNT
#     description: Net amount in the currency of the company

# More context entries, in a separate document.
# context_uri: context.yaml

# Kinds in the order in which their tables are written and reported.
# priorities: [analytic_model, local_table, remote_table, view]

# Who wins where a person edited a field in Glue: source, catalog, merge or fail.
# conflicts: {description: catalog, "columns.*.comment": merge}

# What to do about changed columns: apply, hold or halt.
# schema_changes: {narrowing: hold, removal: hold}

# What to do about renamed assets and columns.
# renames: follow

# Tables that are taken over although they carry no marker of ours.
# adopt: ["SALES.ORDERS"]

# Exact names of spaces that are confirmed to be gone for good.
# gone_spaces: [OLD_SALES]

# Earlier hosts of this same tenant: what was written from them is carried on.
# former_tenants: [acme-old.eu10.hcs.cloud.sap]

# Business rules: attributes that assets and columns must have.
# requirements:
#   - asset: "SALES.*"
#     require: [label, owner]
#     require_columns: [label]
#     otherwise: warn

# What assets are bound to, so that Athena or Glue jobs can read their data.
# bindings:
#   - asset: "SALES.ORDERS"
#     s3:
#       location: "s3://acme-lake/{space}/{asset}"
#       format: parquet
#       replication_flow: true
#   - asset: "FIN.*"
#     connection: acme-datasphere

# What a new version of datasphere-glue may write on its own: apply or hold.
# upgrades: {meaning: apply, form: hold}

# When a run stops, and how much it rereads.
# limits:
#   unreadable_percent: 50
#   reread_days: 7
#   reread_assets: 1000
"""
