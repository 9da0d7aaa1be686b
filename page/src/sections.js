// @ts-check
// Sections of the report and the links to them.

import { el } from "./dom.js";

/** @typedef {{ id: string, title: string, node: HTMLElement }} Section */

/** Entries that a long list shows at first. */
export const LIST_STEP = 200;

/**
 * @param {string} id
 * @param {string} title may end with a count in brackets
 * @param {import("./dom.js").Child[]} children
 * @returns {Section}
 */
export function section(id, title, ...children) {
  const node = el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
    ...children,
  );
  return { id, title, node };
}

/**
 * Splits a title into its name and its count, which is empty without one.
 *
 * @param {string} title
 */
export function titleParts(title) {
  const [, name, count] = /^(.*?)(?: \(([\d,]+).*\))?$/.exec(title) ?? ["", title];
  return { name, count: count ?? "" };
}

/** @param {Section} section */
export function sectionLink({ id, title }) {
  const { name, count } = titleParts(title);
  return el(
    "a",
    { href: `#${id}` },
    name,
    count ? el("span", { class: "count" }, ` ${count}`) : null,
  );
}
