// @ts-check
// A query for Athena that names the columns by their labels.

/** @typedef {import("./asset_index.js").AssetDetails} AssetDetails */
/** @typedef {import("./asset_index.js").Column} Column */

/** @param {string} name */
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/**
 * Returns an alias for each column, empty where its label adds nothing. Of two equal labels, the
 * second one includes the name of its column.
 *
 * @param {readonly Column[]} columns
 */
export function columnAliases(columns) {
  const taken = new Set(columns.map((column) => column.glue.toLowerCase()));
  return columns.map((column) => {
    const label = column.label.replace(/\s+/g, " ").trim();
    if (!label || label.toLowerCase() === column.glue.toLowerCase()) return "";
    const alias = taken.has(label.toLowerCase()) ? `${label} (${column.glue})` : label;
    if (taken.has(alias.toLowerCase())) return "";
    taken.add(alias.toLowerCase());
    return alias;
  });
}

/** @param {AssetDetails} asset */
export function athenaQuery({ database, table, columns }) {
  const aliases = columnAliases(columns);
  const lines = columns.map(
    (column, position) =>
      `  ${quoted(column.glue)}${aliases[position] ? ` AS ${quoted(aliases[position])}` : ""}`,
  );
  const source = `"awsdatacatalog".${quoted(database)}.${quoted(table)}`;
  return `SELECT\n${lines.join(",\n") || "  *"}\nFROM ${source}\nLIMIT 100;\n`;
}
