// @ts-check
// The columns of an asset: names, labels and roles, and the types on both sides.

import { searchField, statusLine, table } from "./controls.js";
import { el } from "./dom.js";
import { number, plural, shortType, words } from "./text.js";

/** @typedef {import("./asset_index.js").Column} Column */

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

/** @param {Column} column */
function columnRow(column) {
  const measure = [
    column.unit ? `in ${column.unit}` : "",
    column.aggregation ? words(column.aggregation).toLowerCase() : "",
  ]
    .filter(Boolean)
    .join(", ");
  return el(
    "tr",
    {},
    nameCell(column),
    el(
      "td",
      { class: "about" },
      column.label || el("span", { class: "soft" }, "no label"),
      column.description && column.description !== column.label
        ? el("div", { class: "soft small" }, column.description)
        : null,
    ),
    el(
      "td",
      {},
      column.role && column.role !== "key" ? words(column.role) : "",
      measure ? el("div", { class: "soft small" }, measure) : null,
    ),
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

/** @param {readonly Column[]} columns */
export function columnsPart(columns) {
  if (!columns.length) return null;
  const rows = columns.map((column) => ({
    node: columnRow(column),
    text: [column.glue, column.sap, column.label, column.description, column.role, column.type]
      .join("\n")
      .toLowerCase(),
  }));
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
      ["Column", "Label", "Role", "Type in SAP → Glue"],
      rows.map(({ node }) => node),
      { label: "Columns", class: "columns" },
    ),
  ];
}
