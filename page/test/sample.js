// @ts-check
// Small documents that the tests share.

/** @typedef {import("../src/report_document.js").Change} Change */
/** @typedef {import("../src/report_document.js").ReportDocument} ReportDocument */

/** @type {import("../src/report_document.js").Counts} */
const NO_COUNTS = {
  created: 0,
  updated: 0,
  restored: 0,
  deprecated: 0,
  deleted: 0,
  unchanged: 0,
  conflicts: 0,
  skipped: 0,
  failed: 0,
};

/**
 * @param {Partial<ReportDocument>} [more]
 * @param {Partial<import("../src/report_document.js").Result>} [result]
 * @returns {ReportDocument}
 */
export const report = (more = {}, result = {}) => ({
  schema: "datasphere-glue/report/1",
  result: {
    run_id: "run-1",
    action: "sync",
    status: "SUCCESS",
    tenant: "acme",
    counts: NO_COUNTS,
    databases: NO_COUNTS,
    spaces: [],
    plan_digest: null,
    calls: {},
    duration_ms: 0,
    report: null,
    errors: [],
    ...result,
  },
  trigger: "schedule",
  cause: null,
  actor: null,
  environment: null,
  config_hash: null,
  started: "2026-11-23T02:00:00+00:00",
  changes: [],
  conflicts: [],
  issues: [],
  notes: [],
  listings: [],
  ...more,
});

/** @param {Partial<typeof NO_COUNTS>} some */
export const counts = (some) => ({ ...NO_COUNTS, ...some });

/**
 * @param {Partial<Change>} [more]
 * @returns {Change}
 */
export const change = (more = {}) => ({
  action: "update",
  kind: "updated",
  space: "SALES",
  asset: "V",
  database: "sales",
  table: "v",
  reason: "differs from Datasphere",
  fields: [],
  outcome: "done",
  verified: true,
  ...more,
});

/** @type {import("../src/asset_document.js").IndexDocument} */
export const INDEX = {
  spaces: ["FINANCE", "SALES"],
  assets: [
    [0, "LEDGER", "ledger_1", "Ledger", "view", 100, [], 3],
    [0, "Ledger", "", "Ledger", "local_table", 60, [], 1],
    [1, "MODEL", "", "Sales analysis", "analytic_model", 75, [3], 9],
    [1, "ORDERS", "", "Orders", "view", 40, [4], 5],
    [1, "T_ERP", "", "", "remote_table", 0, [], 5],
  ],
};
