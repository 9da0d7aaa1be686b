// @ts-check
// A hierarchy as a tree: one level below the other, or the child columns below the parent columns.

import { el } from "./dom.js";
import { words } from "./text.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @param {import("./asset_document.js").Hierarchy} hierarchy
 * @param {readonly import("./asset_index.js").Column[]} columns
 */
export function hierarchyTree(hierarchy, columns) {
  const labels = new Map(columns.map((column) => [column.sap, column.label]));
  /** @param {string} name */
  const named = (name) => [
    el("b", {}, labels.get(name) || name),
    labels.get(name) ? el("code", { class: "soft" }, ` ${name}`) : null,
  ];
  /** @param {readonly string[]} names */
  const list = (names) => names.flatMap((name, position) => [position ? ", " : "", named(name)]);
  /**
   * @param {string} title
   * @param {Child} content
   * @param {Child} below
   */
  const node = (title, content, below) =>
    el("ul", {}, el("li", {}, el("span", { class: "soft small" }, `${title} `), content, below));
  const levels = (hierarchy.levels ?? []).reduceRight(
    (/** @type {Child} */ below, name, position) =>
      node(`Level ${position + 1}`, named(name), below),
    null,
  );
  const parents = hierarchy.parent
    ? node("Parent", list(hierarchy.parent), node("Child", list(hierarchy.child ?? []), null))
    : null;
  return el(
    "article",
    { class: "hierarchy" },
    el(
      "h4",
      {},
      hierarchy.label || hierarchy.name,
      el("span", { class: "tag plain" }, words(hierarchy.kind ?? "")),
    ),
    hierarchy.label ? el("p", { class: "mono soft small" }, hierarchy.name) : null,
    el("div", { class: "tree" }, levels, parents),
    hierarchy.association
      ? el("p", { class: "soft small" }, `Association: ${hierarchy.association}`)
      : null,
  );
}
