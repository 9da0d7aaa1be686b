// @ts-check
// All assets of the run: the index is unpacked at once, a space when one of its assets is opened.

/** @typedef {import("./asset_document.js").AssetDocument} AssetDocument */
/** @typedef {import("./asset_document.js").ColumnRow} ColumnRow */
/** @typedef {import("./asset_document.js").IndexDocument} IndexDocument */
/** @typedef {import("./asset_document.js").SpaceDocument} SpaceDocument */

/**
 * @typedef {object} IndexedAsset
 * @property {number} position in the index
 * @property {string} space
 * @property {string} name
 * @property {string} fullName `SPACE.ASSET`
 * @property {string} table
 * @property {boolean} renamed whether the table is not the name in lower case
 * @property {string} label
 * @property {string} kind
 * @property {number} score percent complete
 * @property {number[]} upstream positions
 * @property {number} columns
 */

/**
 * @typedef {object} Column
 * @property {string} glue
 * @property {string} sap
 * @property {string} label
 * @property {string} role
 * @property {string} type
 * @property {string} sapType
 * @property {boolean} key
 * @property {string} aggregation
 * @property {string} unit
 * @property {string} description
 */

/** @typedef {Omit<AssetDocument, "columns"> & { space: string, database: string, table: string, columns: Column[] }} AssetDetails */

/**
 * Returns the JSON value that a text holds as base64 of gzip.
 *
 * @param {string} text
 * @returns {Promise<unknown>}
 */
export async function unpacked(text) {
  const packed = atob(text),
    bytes = new Uint8Array(packed.length);
  for (let position = 0; position < packed.length; position += 1) {
    bytes[position] = packed.charCodeAt(position);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * @param {string | undefined} glue
 * @param {string} sap
 */
const glueOrLower = (glue, sap) => glue || sap.toLowerCase();

/**
 * @param {ColumnRow} row
 * @returns {Column}
 */
function columnOf([glue, sap, label, role, type, sapType, key, aggregation, unit, description]) {
  return {
    glue: glueOrLower(glue, sap ?? ""),
    sap: sap ?? "",
    label: label ?? "",
    role: role ?? "",
    type: type ?? "",
    sapType: sapType ?? "",
    key: Boolean(key),
    aggregation: aggregation ?? "",
    unit: unit ?? "",
    description: description ?? "",
  };
}

/**
 * Returns the assets of a space by name. A column that occurred before is given by its number.
 *
 * @param {SpaceDocument} space
 * @returns {Map<string, AssetDetails>}
 */
export function spaceAssets({ space, database, assets }) {
  /** @type {Column[]} */
  const seen = [];
  /** @param {number | ColumnRow} entry */
  const column = (entry) => {
    if (typeof entry === "number") return seen[entry];
    const first = columnOf(entry);
    seen.push(first);
    return first;
  };
  return new Map(
    assets.map((asset) => [
      asset.name,
      {
        ...asset,
        space,
        database,
        table: glueOrLower(asset.table, asset.name),
        columns: asset.columns.map(column),
      },
    ]),
  );
}

/** @param {IndexDocument} index */
function indexedAssets({ spaces, assets }) {
  return assets.map(([space, name, table, label, kind, score, upstream, columns], position) => ({
    position,
    space: spaces[space],
    name,
    fullName: `${spaces[space]}.${name}`,
    table: glueOrLower(table, name),
    renamed: Boolean(table),
    label,
    kind,
    score,
    upstream,
    columns,
  }));
}

export class AssetIndex {
  /** @type {Map<string, IndexedAsset>} */
  #byName;
  /** @type {Map<string, Promise<Map<string, AssetDetails>>>} */
  #spaceAssets = new Map();
  /** @type {IndexedAsset[][] | null} */
  #downstream = null;
  /** @type {(space: string) => Promise<SpaceDocument | null>} */
  #readSpace;

  /**
   * @param {IndexDocument} index
   * @param {(space: string) => Promise<SpaceDocument | null>} readSpace null: not in this file
   */
  constructor(index, readSpace) {
    /** @type {readonly IndexedAsset[]} */
    this.assets = indexedAssets(index);
    /** @type {readonly string[]} */
    this.spaces = index.spaces;
    /** Spaces whose details are not in this file. */
    this.leftOut = index.left_out ?? [];
    this.#byName = new Map(this.assets.map((asset) => [asset.fullName, asset]));
    this.#readSpace = readSpace;
  }

  /** @param {string} fullName `SPACE.ASSET` */
  named(fullName) {
    return this.#byName.get(fullName);
  }

  /**
   * Returns the details of an asset, undefined where they are not in this file.
   *
   * @param {IndexedAsset} asset
   */
  async details({ space, name }) {
    let assets = this.#spaceAssets.get(space);
    if (!assets) {
      assets = this.#readSpace(space).then((document) =>
        document ? spaceAssets(document) : new Map(),
      );
      this.#spaceAssets.set(space, assets);
    }
    return (await assets).get(name);
  }

  /** @param {IndexedAsset} asset */
  upstream(asset) {
    return asset.upstream.map((position) => this.assets[position]);
  }

  /** @param {IndexedAsset} asset */
  downstream(asset) {
    if (!this.#downstream) {
      /** @type {IndexedAsset[][]} */
      const readers = this.assets.map(() => []);
      for (const reader of this.assets) {
        for (const position of reader.upstream) readers[position].push(reader);
      }
      this.#downstream = readers;
    }
    return this.#downstream[asset.position];
  }
}
