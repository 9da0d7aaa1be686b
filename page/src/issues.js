// @ts-check
// Sorts issues by what they ask for, and groups those with one cause.

/** @typedef {import("./report_document.js").Issue} Issue */

/**
 * Whether a person has to act; reports of earlier versions have no severity.
 *
 * @param {Issue} issue
 */
export const needsAction = (issue) => (issue.severity ?? "act") === "act";

/**
 * Returns the issues with the same code and remedy together, in the order of their first one.
 *
 * @param {readonly Issue[]} issues
 */
export function grouped(issues) {
  /** @type {Map<string, Issue[]>} */
  const groups = new Map();
  for (const issue of issues) {
    const key = `${issue.code}\n${issue.remedy}`;
    const group = groups.get(key);
    if (group) group.push(issue);
    else groups.set(key, [issue]);
  }
  return [...groups.values()];
}
