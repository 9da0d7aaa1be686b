// @ts-check
// The changes as CSV, safe to open in a spreadsheet.

/** @typedef {import("./report_document.js").ReportDocument} ReportDocument */

const COLUMNS = [
  "run_id",
  "started",
  "space",
  "asset",
  "database",
  "table",
  "kind",
  "action",
  "reason",
  "outcome",
  "verified",
  "field",
  "before",
  "after",
];

// Beginnings that spreadsheets read as a formula (OWASP, CSV injection), and their wide forms.
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** @param {unknown} value */
export function csvCell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value),
    safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Returns one line for each changed field; a change without fields is one line, too.
 *
 * @param {ReportDocument} report
 */
export function changesCsv({ changes, result, started }) {
  /** @type {unknown[][]} */
  const lines = [COLUMNS];
  for (const change of changes) {
    for (const field of change.fields.length ? change.fields : [{}]) {
      /** @type {Record<string, unknown>} */
      const row = { ...change, run_id: result.run_id, started, ...field };
      lines.push(COLUMNS.map((name) => row[name]));
    }
  }
  return `\ufeff${lines.map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
