// What proves this report, and its content for other tools.

const CELLS = [
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

// Beginnings that spreadsheets take for a formula (OWASP, CSV injection), and their wide forms.
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function csvCell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value),
    safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// One line for each field that changed; a change without fields is one line as well.
function changesAsCsv() {
  const lines = [CELLS];
  for (const change of report.changes) {
    const about = { ...change, run_id: result.run_id, started: report.started };
    for (const field of change.fields.length ? change.fields : [{}])
      lines.push(CELLS.map((name) => ({ ...about, ...field })[name]));
  }
  return `\ufeff${lines.map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
}

function showEvidence() {
  const proof = report.evidence || {};
  const calls = Object.entries(result.calls)
    .map(([name, count]) => `${number(count)} ${words(name)}`)
    .join(", ");
  const digest = proof.plan_digest || result.plan_digest;
  const facts = [
    ["Requests", calls],
    ["Audit chain head", proof.audit_head],
    ["Plan", digest && `sha256:${digest}`],
    ["Configuration", proof.config_hash || report.config_hash || "none"],
    ["Tool", proof.version && `datasphere-glue ${proof.version}`],
    ["Schema", report.schema],
  ];
  const button = (name, act) => el("button", { type: "button", on: { click: act } }, name);
  section(
    "evidence",
    "Evidence",
    el(
      "dl",
      { class: "proof" },
      facts
        .filter(([, value]) => value)
        .map(([name, value]) =>
          el("div", {}, el("dt", {}, name), el("dd", { class: "mono" }, value)),
        ),
    ),
    proof.audit_head
      ? el(
          "p",
          { class: "soft small" },
          el("code", {}, "datasphere-glue audit verify"),
          " follows the chain to this head.",
        )
      : null,
    el(
      "p",
      { class: "buttons" },
      button("Download report as JSON", () =>
        download(`${result.run_id}.json`, "application/json", JSON.stringify(report, null, 1)),
      ),
      report.changes.length
        ? button("Download changes as CSV", () =>
            download(`${result.run_id}-changes.csv`, "text/csv;charset=utf-8", changesAsCsv()),
          )
        : null,
    ),
  );
}
