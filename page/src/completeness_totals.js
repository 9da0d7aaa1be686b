// @ts-check
// Adds up the completeness of spaces.

import { words } from "./text.js";

/** @typedef {import("./report_document.js").PartCount} PartCount */
/** @typedef {import("./report_document.js").RecentRun} RecentRun */

/** @type {Record<string, string>} */
const PARTS = {
  label: "Label",
  description: "Description",
  column_label: "Column label",
  column_description: "Column description",
  role: "Column role",
  unit: "Unit or currency",
  hierarchy: "Hierarchy",
  owner: "Owner",
  steward: "Steward",
  certification: "Certification",
  tags: "Tags",
  terms: "Glossary terms",
};

/** @param {string} part */
export const partName = (part) => PARTS[part] ?? words(part);

/**
 * Returns the parts in the order of the page; parts that it does not know follow, sorted.
 *
 * @param {Iterable<string>} parts
 */
export function partsInOrder(parts) {
  const present = new Set(parts);
  return [
    ...Object.keys(PARTS).filter((part) => present.has(part)),
    ...[...present].filter((part) => !(part in PARTS)).sort(),
  ];
}

/**
 * Returns the percent that is present of what a source can provide; null if none provides it.
 *
 * @param {PartCount} part
 */
export function percentOf({ have, of, unavailable }) {
  const available = of - unavailable;
  return available ? (100 * have) / available : null;
}

/**
 * Returns a percentage to one decimal; only exact values read 0 % and 100 %.
 *
 * @param {number} percent
 */
export const percentText = (percent) =>
  percent === 100 || percent === 0
    ? `${percent} %`
    : `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;

/**
 * Returns the sum of each part over all spaces.
 *
 * @param {readonly import("./report_document.js").SpaceCompleteness[]} spaces
 */
export function partTotals(spaces) {
  /** @type {Map<string, PartCount>} */
  const totals = new Map();
  for (const { part, have, of, unavailable } of spaces.flatMap((space) => space.parts)) {
    const sum = totals.get(part) ?? { part, have: 0, of: 0, unavailable: 0 };
    totals.set(part, {
      part,
      have: sum.have + have,
      of: sum.of + of,
      unavailable: sum.unavailable + unavailable,
    });
  }
  return totals;
}

/**
 * Returns the runs up to this one that evaluated at least 80 % as many assets. A run of a single
 * space has no meaning for the others.
 *
 * @param {readonly RecentRun[]} recent
 * @param {string} runId
 * @param {number} assets
 */
export function comparableRuns(recent, runId, assets) {
  const position = recent.findIndex((run) => run.run_id === runId);
  return recent
    .slice(0, position + 1)
    .filter((run) => run.shares && (run.assets ?? 0) >= 0.8 * assets);
}

/**
 * Returns the percentages of a part in those runs that have one.
 *
 * @param {readonly RecentRun[]} runs
 * @param {string} part
 * @returns {number[]}
 */
export const shareValues = (runs, part) =>
  runs.map((run) => run.shares?.[part]).filter((value) => value !== undefined);
