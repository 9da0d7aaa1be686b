// @ts-check
// The associations of an asset, and the parameters that it asks for.

import { assetLink } from "./asset_link.js";
import { table } from "./controls.js";
import { el } from "./dom.js";
import { plainWord, shortType, words } from "./text.js";

/** @typedef {import("./asset_document.js").Association} Association */
/** @typedef {import("./asset_document.js").Variable} Variable */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */

/** @param {{ name: string, label?: string }} object */
const nameCell = ({ name, label }) =>
  el(
    "th",
    { scope: "row" },
    label || name,
    label ? el("div", { class: "mono soft small" }, name) : null,
  );

/**
 * @param {Association} association
 * @param {string} space of the asset
 * @param {AssetIndex} assetIndex
 */
function targetNode(association, space, assetIndex) {
  if (!association.target) return el("span", { class: "soft" }, "unknown");
  const fullName = `${association.space ?? space}.${association.target}`;
  return assetIndex.named(fullName) ? assetLink(fullName) : fullName;
}

/**
 * @param {readonly Association[]} associations
 * @param {string} space of the asset
 * @param {AssetIndex} assetIndex
 */
export function associationsPart(associations, space, assetIndex) {
  if (!associations.length) return null;
  const withCardinality = associations.some(({ cardinality }) => cardinality);
  const rows = associations.map((association) =>
    el(
      "tr",
      {},
      nameCell(association),
      el(
        "td",
        {},
        targetNode(association, space, assetIndex),
        association.composition ? el("span", { class: "tag plain" }, "composition") : null,
      ),
      el(
        "td",
        {},
        (association.columns ?? []).map(([from, to]) =>
          el("div", { class: "mono small" }, `${from} = ${to}`),
        ),
      ),
      withCardinality ? el("td", { class: "small soft" }, association.cardinality) : null,
    ),
  );
  const headings = [
    "Association",
    "Target",
    "Columns",
    ...(withCardinality ? ["Cardinality"] : []),
  ];
  return table(headings, rows, { label: "Associations" });
}

/** @param {Variable} variable */
const variableNotes = ({ kind, usage, selection, multiple, derived_from, derived_column }) =>
  [
    usage && plainWord(usage) !== plainWord(kind ?? "") ? `for ${plainWord(usage)}` : "",
    selection ? plainWord(selection) : "",
    multiple ? "several values" : "",
    derived_from ? `derived from ${[derived_from, derived_column].filter(Boolean).join(".")}` : "",
  ]
    .filter(Boolean)
    .join(", ");

/** @param {Variable} variable */
function variableRow(variable) {
  const { mandatory, default: value, hidden } = variable,
    notes = variableNotes(variable);
  return el(
    "tr",
    {},
    nameCell(variable),
    el("td", { class: "mono small" }, shortType(variable.type ?? "")),
    el(
      "td",
      {},
      mandatory === undefined ? "" : mandatory ? "mandatory" : "optional",
      hidden ? el("span", { class: "tag plain" }, "hidden") : null,
    ),
    el("td", { class: "mono small" }, value === "" ? "(empty)" : value),
    el(
      "td",
      {},
      words(variable.kind ?? ""),
      variable.column ? el("div", { class: "mono soft small" }, variable.column) : null,
      notes ? el("div", { class: "soft small" }, notes) : null,
    ),
    el("td", { class: "small" }, variable.description),
  );
}

/** @param {readonly Variable[]} variables */
export const variablesPart = (variables) =>
  variables.length
    ? table(
        ["Variable", "Type", "Required", "Default", "Use", "Description"],
        variables.map(variableRow),
        { label: "Variables" },
      )
    : null;
