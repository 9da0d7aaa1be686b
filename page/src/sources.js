// @ts-check
// What an asset is built on and loaded by, and what decides which rows it has.

import { objectLink } from "./asset_link.js";
import { table } from "./controls.js";
import { el } from "./dom.js";
import { expression } from "./origin_view.js";
import { plainWord, words } from "./text.js";

/** @typedef {import("./asset_document.js").AccessControl} AccessControl */
/** @typedef {import("./asset_document.js").BoundParameter} BoundParameter */
/** @typedef {import("./asset_document.js").CrossCalculation} CrossCalculation */
/** @typedef {import("./asset_document.js").Load} Load */
/** @typedef {import("./asset_document.js").ModelSource} ModelSource */
/** @typedef {import("./asset_index.js").AssetDetails} AssetDetails */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */

/** @param {BoundParameter} parameter */
function parameterText({ name, how, value, variable }) {
  if (variable) return `${name} = variable ${variable}`;
  if (value !== undefined) return `${name} = ${value || "(empty)"}`;
  return how ? `${name}: ${plainWord(how)}` : name;
}

/**
 * @param {ModelSource} source
 * @param {string} asset `SPACE.ASSET` of the model
 * @param {AssetIndex} assetIndex
 */
const sourceRow = ({ role, space, target, label, parameters = [], affix }, asset, assetIndex) =>
  el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      objectLink(`${space}.${target}`, asset, assetIndex),
      label && label !== target ? el("div", { class: "soft small" }, label) : null,
    ),
    el("td", {}, words(role)),
    el(
      "td",
      { class: "small" },
      parameters.map((parameter) => el("div", { class: "mono" }, parameterText(parameter))),
      affix ? el("div", {}, `${plainWord(affix.type)} `, el("code", {}, affix.text)) : null,
    ),
  );

/**
 * @param {readonly ModelSource[]} sources
 * @param {IndexedAsset} asset
 * @param {AssetIndex} assetIndex
 */
export const sourcesPart = (sources, asset, assetIndex) =>
  sources.length
    ? table(
        ["Source", "Role", "Parameters and names"],
        sources.map((source) => sourceRow(source, asset.fullName, assetIndex)),
        { label: "Built on", class: "short" },
      )
    : null;

/**
 * @param {Load} load
 * @param {string} asset `SPACE.ASSET` of the table
 * @param {AssetIndex} assetIndex
 */
const loadRow = (load, asset, assetIndex) =>
  el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      objectLink(load.name, asset, assetIndex),
      el("div", { class: "soft small" }, words(load.kind)),
    ),
    el(
      "td",
      { class: "small" },
      (load.sources ?? []).map((source) => el("div", {}, objectLink(source, asset, assetIndex))),
      load.target ? el("div", {}, "to ", load.target) : null,
      el(
        "div",
        { class: "soft" },
        [load.connection ? `connection ${load.connection}` : "", load.system ?? ""]
          .filter(Boolean)
          .join(", "),
      ),
    ),
    el(
      "td",
      { class: "small" },
      load.mode ? el("div", {}, plainWord(load.mode)) : null,
      load.schedule ? el("div", { class: "mono" }, load.schedule) : null,
    ),
  );

/**
 * @param {readonly Load[]} loads
 * @param {IndexedAsset} asset
 * @param {AssetIndex} assetIndex
 */
export const loadsPart = (loads, asset, assetIndex) =>
  loads.length
    ? table(
        ["Flow or chain", "From", "What and when"],
        loads.map((load) => loadRow(load, asset.fullName, assetIndex)),
        { label: "Loaded by", class: "short" },
      )
    : null;

/** @param {AccessControl} control */
const controlItem = ({ name, columns = [], kind }) =>
  el(
    "li",
    {},
    name,
    el(
      "span",
      { class: "soft" },
      [columns.length ? ` on ${columns.join(", ")}` : "", kind ? ` (${words(kind)})` : ""].join(""),
    ),
  );

/**
 * @param {string} title
 * @param {readonly Element[]} items
 */
const list = (title, items) =>
  items.length ? el("div", {}, el("h4", {}, title), el("ul", { class: "plain" }, items)) : null;

/**
 * Returns the conditions of a query, the columns that it filters, joins, groups or sorts by, and
 * row-level access controls.
 *
 * @param {AssetDetails} details
 * @param {IndexedAsset} asset
 * @param {AssetIndex} assetIndex
 */
export function rowsPart(details, asset, assetIndex) {
  const parts = [
    list(
      "Conditions",
      (details.filter ?? []).map((condition) => el("li", {}, expression(condition))),
    ),
    list(
      "Columns that decide",
      (details.indirect_lineage ?? []).flatMap(([object, columns]) =>
        columns.map(([column, ...how]) =>
          el(
            "li",
            {},
            objectLink(object, asset.fullName, assetIndex),
            el("span", { class: "mono small" }, ` ${column}`),
            el("span", { class: "soft" }, ` ${how.join(", ")}`),
          ),
        ),
      ),
    ),
    list("Access controls", (details.access_controls ?? []).map(controlItem)),
  ].filter((part) => part !== null);
  return parts.length ? el("div", { class: "side-by-side" }, parts) : null;
}

/** @param {CrossCalculation} calculation */
const calculationRow = ({ name, label, kind, formula }) =>
  el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      label || name,
      label && label !== name ? el("div", { class: "mono soft small" }, name) : null,
    ),
    el("td", {}, plainWord(kind ?? "")),
    el("td", {}, formula ? expression(formula) : null),
  );

/** @param {readonly CrossCalculation[]} calculations */
export const calculationsPart = (calculations) =>
  calculations.length
    ? table(["Calculation", "Kind", "Formula"], calculations.map(calculationRow), {
        label: "Cross calculations",
        class: "short",
      })
    : null;
