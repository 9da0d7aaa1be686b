// @ts-check
// The list of all runs, latest first.

import { table } from "./controls.js";
import { byId, el } from "./dom.js";
import { pageData } from "./page_data.js";
import { durationText, number, plural, timeText, words } from "./text.js";

/** @typedef {import("./report_document.js").IndexData} IndexData */

/** @param {import("./report_document.js").RecentRun} run */
const startCell = (run) =>
  run.paged ? el("a", { href: run.page }, timeText(run.started)) : timeText(run.started);

/** @param {import("./report_document.js").RecentRun} run */
const runCell = (run) =>
  run.paged ? run.run_id : `${run.run_id} (undo: datasphere-glue rollback ${run.run_id})`;

/** @param {import("./report_document.js").RecentRun} run */
const runRow = (run) =>
  el(
    "tr",
    {},
    el("th", { scope: "row" }, startCell(run)),
    el("td", {}, el("span", { class: `status ${run.status}` }, words(run.status))),
    el("td", {}, run.action),
    el("td", { class: "n" }, number(run.changes)),
    el("td", { class: "n" }, durationText(run.duration_ms)),
    el("td", { class: "mono small soft" }, runCell(run)),
  );

const { runs } = /** @type {IndexData} */ (pageData());
byId("top").append(
  el("h1", {}, "Runs of datasphere-glue"),
  el("p", { class: "soft" }, `${plural(runs.length, "run")}, latest first.`),
);
byId("sections").remove();
byId("main").append(
  el(
    "section",
    { "aria-label": "Runs" },
    table(["Started", "Status", "Action", ">Changes", ">Duration", "Run"], runs.map(runRow), {
      label: "Runs",
    }),
  ),
);
document.documentElement.dataset.ready = "true";
