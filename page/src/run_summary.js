// @ts-check
// The result of a run in one sentence.

import { number, plural } from "./text.js";

/** @typedef {import("./report_document.js").ReportDocument} ReportDocument */

/** @type {("created" | "updated" | "restored" | "deprecated" | "deleted")[]} */
const CHANGED = ["created", "updated", "restored", "deprecated", "deleted"];

/**
 * Whether the run planned changes and applied none.
 *
 * @param {ReportDocument} report
 */
const onlyPlanned = ({ result, changes }) =>
  result.status === "PENDING" && changes.every((change) => !change.outcome);

/** @param {ReportDocument} report */
function changedText(report) {
  const { counts } = report.result;
  const prefix = onlyPlanned(report) ? "to be " : "";
  const parts = CHANGED.filter((name) => counts[name]).map(
    (name) => `${number(counts[name])} ${prefix}${name}`,
  );
  return parts.join(", ") || "Nothing changed";
}

/** @param {ReportDocument} report */
export function runSummary(report) {
  const { counts, spaces } = report.result;
  const incomplete = spaces.filter((space) => !space.complete).length;
  const left = report.reading?.left ?? 0;
  const parts = [
    changedText(report),
    counts.unchanged ? `${plural(counts.unchanged, "table")} unchanged` : "",
    counts.failed ? `${number(counts.failed)} failed` : "",
    incomplete ? `${plural(incomplete, "space")} not listed completely` : "",
    left ? `${plural(left, "asset")} left for the next run` : "",
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}
