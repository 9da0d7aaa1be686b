// @ts-check
// The head of the report, the counts of the run, and the runs before it.

import { factList } from "./controls.js";
import { el } from "./dom.js";
import { runSummary } from "./run_summary.js";
import { section } from "./sections.js";
import { durationText, number, plural, timeText, words } from "./text.js";

/** @typedef {import("./report_document.js").PageData} PageData */
/** @typedef {import("./report_document.js").RecentRun} RecentRun */

/** @type {(keyof import("./report_document.js").Counts)[]} */
const COUNTS = [
  "created",
  "updated",
  "restored",
  "deprecated",
  "deleted",
  "unchanged",
  "conflicts",
  "skipped",
  "failed",
];
const HIGHEST_BAR = 48;

/** @param {PageData} data */
function runLinks({ recent, report }) {
  const position = recent.findIndex((run) => run.run_id === report.result.run_id);
  const previous = position > 0 ? recent[position - 1] : null;
  return el(
    "p",
    { class: "runs" },
    previous
      ? el(
          "a",
          {
            href: previous.page,
            title: `${previous.status}, ${plural(previous.changes, "change")}`,
          },
          `← Previous run, ${timeText(previous.started)}`,
        )
      : null,
    el("a", { href: "../../index.html" }, "All runs"),
  );
}

/** @param {PageData} data */
export function pageHead(data) {
  const { report } = data;
  const { result } = report;
  return [
    el(
      "div",
      { class: "head" },
      el("span", { class: `status ${result.status}` }, words(result.status)),
      runLinks(data),
    ),
    el("h1", {}, `${result.action === "sync" ? "" : `${result.action}: `}${runSummary(report)}`),
    factList("facts", [
      ["Tenant", result.tenant],
      ["Environment", report.environment],
      ["Started", timeText(report.started)],
      ["Duration", durationText(result.duration_ms)],
      ["Trigger", [report.trigger, report.cause].filter(Boolean).join(", ")],
      ["Written by", report.actor],
      ["Configuration", report.config_hash?.slice(0, 12)],
      ["Run", result.run_id],
    ]),
  ];
}

/**
 * @param {RecentRun} run
 * @param {boolean} current
 * @param {number} mostChanges
 */
function runBar(run, current, mostChanges) {
  const text = `${timeText(run.started)}: ${words(run.status)}, ${plural(run.changes, "change")}`;
  const height = run.changes
    ? Math.max(4, Math.round((HIGHEST_BAR * run.changes) / mostChanges))
    : 0;
  return el(
    "li",
    {},
    el(
      "a",
      {
        href: current ? "#counts" : run.page,
        class: `${run.status} ${current ? "here" : ""}`,
        title: text,
        "aria-label": text,
        "aria-current": current ? "true" : null,
      },
      height ? el("i", { style: `height:${height}px` }) : null,
      el("u", {}),
    ),
  );
}

/** @param {PageData} data */
function recentRuns({ recent, report }) {
  if (recent.length < 2) return null;
  const mostChanges = Math.max(1, ...recent.map((run) => run.changes));
  return [
    el(
      "ol",
      { class: "strip", "aria-label": "Recent runs" },
      recent.map((run) => runBar(run, run.run_id === report.result.run_id, mostChanges)),
    ),
    el(
      "p",
      { class: "soft small" },
      `The last ${recent.length} runs. Height: number of changes. Colour: status.`,
    ),
  ];
}

/** @param {PageData} data */
export function countsSection(data) {
  const { counts } = data.report.result;
  const tiles = COUNTS.map((name) =>
    el(
      "div",
      { class: `tile ${name} ${counts[name] ? "" : "zero"}` },
      el("dd", {}, number(counts[name])),
      el("dt", {}, name),
    ),
  );
  return section("counts", "This run", el("dl", { class: "tiles" }, tiles), recentRuns(data));
}
