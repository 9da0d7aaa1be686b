// @ts-check
// What a column has beyond its type, in words.

import { factWords, plainWord, releaseText } from "./text.js";

/** @typedef {import("./asset_document.js").ColumnDetails} ColumnDetails */
/** @typedef {import("./asset_document.js").EnumValue} EnumValue */
/** @typedef {import("./asset_index.js").Column} Column */

/** @type {Record<string, string>} */
const MEASURE_TYPES = { RESTRICTION: "restricted", CALCULATION: "calculated" };

/**
 * Returns the formula of a column after a word for its meaning.
 *
 * @param {Partial<ColumnDetails>} details
 */
export const formulaText = ({ formula, measure_type: type }) =>
  formula ? `${type === "RESTRICTION" ? "where" : "="} ${formula}` : "";

/**
 * Returns the unit of a measure, and how it is aggregated and converted.
 *
 * @param {Pick<Column, "unit" | "aggregation">} column
 * @param {Partial<ColumnDetails>} details
 */
export function measureText({ unit, aggregation }, details) {
  const along = details.exception_columns ?? [];
  const exception = details.exception_aggregation
    ? [plainWord(details.exception_aggregation), along.length ? `per ${along.join(", ")}` : ""]
    : [];
  const counted = details.distinct_columns?.join(", ");
  return [
    MEASURE_TYPES[details.measure_type ?? ""] ?? "",
    unit ? `in ${unit}` : "",
    [aggregation ? plainWord(aggregation) : "", counted ? `of ${counted}` : ""]
      .filter(Boolean)
      .join(" "),
    exception.filter(Boolean).join(" "),
    details.conversion ? `converted: ${factWords(details.conversion)}` : "",
    details.non_additive ? "not additive" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * Returns notes on the content of a column.
 *
 * @param {Partial<ColumnDetails>} details
 */
export const contentNotes = (details) =>
  [
    details.default === undefined ? "" : `default ${details.default || "(empty)"}`,
    details.personal_data ? `personal data: ${factWords(details.personal_data)}` : "",
    details.release ? releaseText(details.release) : "",
  ].filter(Boolean);

/** @param {EnumValue} value */
export const valueText = ({ name, value, label }) =>
  [value === undefined || value === name ? name : `${name} = ${value || "(empty)"}`, label ?? ""]
    .filter(Boolean)
    .join(": ");
