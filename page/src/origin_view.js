// @ts-check
// Where a column comes from: links to the objects, and the expression.

import { objectLink } from "./asset_link.js";
import { el } from "./dom.js";
import { plural, shortened } from "./text.js";

/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./origins.js").OriginGroup} OriginGroup */

const MOST_COLUMNS = 6,
  LONG_FORMULA = 90;

/**
 * An expression; only the beginning of a long one, until it is unfolded.
 *
 * @param {string} formula
 */
export const expression = (formula) =>
  formula.length > LONG_FORMULA
    ? el(
        "details",
        { class: "mono small expression" },
        el("summary", {}, shortened(formula, LONG_FORMULA)),
        formula,
      )
    : el("div", { class: "mono small expression" }, formula);

/**
 * @param {OriginGroup} group
 * @param {string} sap name of the column that is made from them
 * @param {string} asset `SPACE.ASSET` of that column
 * @param {AssetIndex} assetIndex
 */
function groupNode({ object, how, columns }, sap, asset, assetIndex) {
  const listed = columns.slice(0, MOST_COLUMNS).join(", "),
    more = columns.length - MOST_COLUMNS,
    names = more > 0 ? `${listed} and ${plural(more, "more column").replace(/s$/, "")}` : listed;
  return el(
    "div",
    { class: "small" },
    object === asset
      ? el("span", { class: "soft" }, "of ")
      : el("span", { class: how ? "soft" : "soft lead-in" }, `${how} from `.trimStart()),
    object === asset ? null : objectLink(object, asset, assetIndex),
    how || names !== sap
      ? el("span", { class: "mono" }, object === asset ? names : ` ${names}`)
      : null,
  );
}

/**
 * @param {readonly OriginGroup[]} groups
 * @param {{ sap: string, formula: string }} column
 * @param {string} asset `SPACE.ASSET` of the column
 * @param {AssetIndex} assetIndex
 */
export const originNodes = (groups, { sap, formula }, asset, assetIndex) => [
  groups.map((group) => groupNode(group, sap, asset, assetIndex)),
  formula ? expression(formula) : null,
];
