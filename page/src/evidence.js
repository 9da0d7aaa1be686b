// @ts-check
// Digests that prove this report, and downloads for other tools.

import { changesCsv } from "./changes_csv.js";
import { button, download, factList } from "./controls.js";
import { el } from "./dom.js";
import { section } from "./sections.js";
import { number, words } from "./text.js";

/** @param {import("./report_document.js").ReportDocument} report */
export function evidenceSection(report) {
  const { result, evidence } = report;
  const calls = Object.entries(result.calls)
    .map(([name, count]) => `${number(count)} ${words(name)}`)
    .join(", ");
  const digest = evidence?.plan_digest || result.plan_digest;
  const json = button("Download report as JSON", () =>
    download(`${result.run_id}.json`, "application/json", JSON.stringify(report, null, 1)),
  );
  const csv = button("Download changes as CSV", () =>
    download(`${result.run_id}-changes.csv`, "text/csv;charset=utf-8", changesCsv(report)),
  );
  return section(
    "evidence",
    "Evidence",
    factList(
      "proof",
      [
        ["Requests", calls],
        ["Audit chain head", evidence?.audit_head],
        ["Plan", digest && `sha256:${digest}`],
        ["Configuration", evidence?.config_hash || report.config_hash || "none"],
        ["Tool", evidence && `datasphere-glue ${evidence.version}`],
        ["Schema", report.schema],
      ],
      () => "mono",
    ),
    evidence?.audit_head
      ? el(
          "p",
          { class: "soft small" },
          "Verify the chain up to this head: ",
          el("code", {}, "datasphere-glue audit verify"),
        )
      : null,
    el("p", { class: "buttons" }, json, report.changes.length ? csv : null),
  );
}
