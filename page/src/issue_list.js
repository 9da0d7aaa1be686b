// @ts-check
// Issues: those that need action as cards, all others as folded groups.

import { el } from "./dom.js";
import { grouped, needsAction } from "./issues.js";
import { LIST_STEP, section } from "./sections.js";
import { number, plural } from "./text.js";

/** @typedef {import("./report_document.js").Issue} Issue */
/** @typedef {import("./report_document.js").ReportDocument} ReportDocument */

/** @param {readonly Issue[]} issues */
const issueItems = (issues) =>
  el(
    "ul",
    {},
    issues
      .slice(0, LIST_STEP)
      .map((issue) => el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`)),
    issues.length > LIST_STEP
      ? el("li", { class: "soft" }, `and ${number(issues.length - LIST_STEP)} more in the JSON`)
      : null,
  );

/**
 * @param {Issue[]} issues
 * @param {boolean} urgent
 */
function card(issues, urgent) {
  const first = issues[0];
  return el(
    "article",
    { class: `card ${urgent ? "bad" : ""}` },
    el(
      "h3",
      {},
      first.asset === "run" ? "The run" : first.asset,
      issues.length > 1 ? ` and ${number(issues.length - 1)} more` : "",
    ),
    el("p", { class: "do" }, first.remedy),
    el("p", { class: "soft small" }, first.message),
    issues.length > 1
      ? el("details", {}, el("summary", {}, plural(issues.length, "case")), issueItems(issues))
      : null,
    el("p", { class: "code" }, el("code", {}, first.code)),
  );
}

/**
 * @param {Issue[]} issues
 * @param {string} noun
 */
const foldedGroup = (issues, noun) =>
  el(
    "details",
    {},
    el("summary", {}, el("code", {}, issues[0].code), ` ${plural(issues.length, noun)}`),
    el("p", { class: "small" }, issues[0].remedy),
    issueItems(issues),
  );

/** @param {ReportDocument} report */
export function nextSection(report) {
  const groups = grouped([...report.issues, ...report.notes].filter(needsAction));
  if (!groups.length) return null;
  const failed = /HALTED|FAILED/.test(report.result.status);
  const cards = groups.map((issues, position) => card(issues, failed && position === 0));
  return section("next", `Do next (${cards.length})`, el("div", { class: "cards" }, cards));
}

/** @param {ReportDocument} report */
export function otherIssuesSection(report) {
  const issues = report.issues.filter((issue) => !needsAction(issue));
  if (!issues.length) return null;
  return section(
    "no-action",
    `No action needed (${number(issues.length)})`,
    grouped(issues).map((group) => foldedGroup(group, "case")),
  );
}

/** @param {ReportDocument} report */
export function notesSection({ notes }) {
  if (!notes.length) return null;
  return section(
    "notes",
    `Notes (${number(notes.length)})`,
    grouped(notes).map((group) => foldedGroup(group, "note")),
  );
}
