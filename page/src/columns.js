// @ts-check
// The columns of an asset: names, labels and roles, origins, and the types on both sides.

import { contentNotes, formulaText, measureText, valueText } from "./column_notes.js";
import { searchField, statusLine, table } from "./controls.js";
import { el } from "./dom.js";
import { originNodes } from "./origin_view.js";
import { originsOf } from "./origins.js";
import { number, plural, shortType, words } from "./text.js";

/** @typedef {import("./asset_document.js").ColumnDetails} ColumnDetails */
/** @typedef {import("./asset_index.js").AssetDetails} AssetDetails */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./asset_index.js").Column} Column */
/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */

/** Columns from which on the table has a search field. */
const SEARCHABLE = 13;

/** @param {Column} column */
const nameCell = (column) =>
  el(
    "th",
    { scope: "row" },
    el("span", { class: "mono" }, column.glue),
    column.key ? el("span", { class: "tag key" }, "key") : null,
    column.sap && column.sap.toLowerCase() !== column.glue
      ? el("div", { class: "mono soft small" }, column.sap)
      : null,
  );

/**
 * @param {Column} column
 * @param {Partial<ColumnDetails>} details
 */
function labelCell(column, details) {
  const values = details.values ?? [];
  return el(
    "td",
    { class: "about" },
    column.label || el("span", { class: "soft" }, "no label"),
    column.description && column.description !== column.label
      ? el("div", { class: "soft small" }, column.description)
      : null,
    contentNotes(details).map((note) => el("div", { class: "soft small" }, note)),
    values.length
      ? el(
          "details",
          { class: "small" },
          el("summary", {}, plural(values.length, "value")),
          values.map((value) => el("div", {}, valueText(value))),
        )
      : null,
  );
}

/**
 * @param {Column} column
 * @param {Partial<ColumnDetails>} details
 * @param {Element | null} from
 * @param {boolean} isCalculation whether it is a cross calculation
 */
function columnRow(column, details, from, isCalculation) {
  const measure = measureText(column, details),
    role = isCalculation
      ? "cross calculation"
      : column.role && column.role !== "key"
        ? words(column.role)
        : "";
  return el(
    "tr",
    {},
    nameCell(column),
    labelCell(column, details),
    el("td", {}, role, measure ? el("div", { class: "soft small" }, measure) : null),
    from,
    el(
      "td",
      { class: "mono small types" },
      column.sapType
        ? [
            el("span", { class: "soft" }, shortType(column.sapType)),
            el("span", { class: "soft" }, " → "),
          ]
        : null,
      column.type,
    ),
  );
}

/**
 * Returns each column with its row and with the text that a search looks in.
 *
 * @param {AssetDetails} asset
 * @param {IndexedAsset} indexed
 * @param {AssetIndex} assetIndex
 */
function rowsOf(asset, { fullName }, assetIndex) {
  const { columns } = asset,
    details = new Map((asset.details ?? []).map((one) => [one.at, one])),
    calculations = new Set((asset.cross_calculations ?? []).map(({ name }) => name)),
    traced = asset.origins !== undefined || [...details.values()].some(({ formula }) => formula);
  const rows = columns.map((column, position) => {
    /** @type {Partial<ColumnDetails>} */
    const more = details.get(position) ?? {};
    const made = { sap: column.sap, formula: formulaText(more) },
      groups = originsOf(asset.origins, position, column.sap);
    const from = traced
      ? el("td", { class: "from" }, originNodes(groups, made, fullName, assetIndex))
      : null;
    return {
      node: columnRow(column, more, from, calculations.has(column.sap)),
      text: [
        ...[column.glue, column.sap, column.label, column.description, column.role, column.type],
        ...groups.flatMap(({ object, columns: names }) => [object, ...names]),
        more.formula ?? "",
      ]
        .join("\n")
        .toLowerCase(),
    };
  });
  return { rows, traced };
}

/**
 * @param {AssetDetails} asset
 * @param {IndexedAsset} indexed
 * @param {AssetIndex} assetIndex
 */
export function columnsPart(asset, indexed, assetIndex) {
  const { columns } = asset;
  if (!columns.length) return null;
  const { rows, traced } = rowsOf(asset, indexed, assetIndex);
  const count = statusLine();
  count.textContent = plural(columns.length, "column");
  const search = searchField({}, (text) => {
    for (const row of rows) row.node.hidden = !row.text.includes(text);
    const matches = rows.filter((row) => !row.node.hidden).length;
    count.textContent = `${number(matches)} of ${plural(columns.length, "column")}`;
  });
  return [
    columns.length >= SEARCHABLE
      ? el("div", { class: "filters" }, el("label", { class: "wide" }, "Search columns", search))
      : null,
    count,
    table(
      ["Column", "Label", "Role", ...(traced ? ["Comes from"] : []), "Type in SAP → Glue"],
      rows.map(({ node }) => node),
      { label: "Columns", class: "columns" },
    ),
  ];
}
