// @ts-check
// The columns that the columns of an asset are made from.

/** @typedef {import("./asset_document.js").Origins} Origins */
/** @typedef {import("./asset_document.js").PackedOrigin} PackedOrigin */

/**
 * @typedef {object} OriginGroup
 * @property {string} object `SPACE.OBJECT`
 * @property {string} how empty: the value is handed through
 * @property {string[]} columns
 */

/**
 * Returns the origins of a column, grouped by object and use.
 *
 * @param {Origins | undefined} origins of all columns of an asset
 * @param {number} position of the column
 * @param {string} name of the column in SAP
 */
export function originsOf(origins, position, name) {
  if (!origins) return [];
  const entry = origins.columns[position] ?? [];
  /** @type {OriginGroup[]} */
  const groups = [];
  /** @type {PackedOrigin[]} */
  const packed = typeof entry === "number" ? [[entry, name]] : entry;
  for (const [at, column, how = ""] of packed) {
    const object = origins.objects[at];
    const group = groups.find((other) => other.object === object && other.how === how);
    if (group) group.columns.push(column);
    else groups.push({ object, how, columns: [column] });
  }
  return groups;
}
