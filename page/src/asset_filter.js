// @ts-check
// Which assets match a search and its filters, in which order.

/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */

/**
 * Empty values do not restrict.
 *
 * @typedef {object} AssetFilter
 * @property {string} text words that must all occur in name, table or label, in lower case
 * @property {string} space
 * @property {string} kind
 * @property {string} band
 * @property {string} changed
 * @property {string} order
 */

/** @type {AssetFilter} */
export const NO_FILTER = { text: "", space: "", kind: "", band: "", changed: "", order: "name" };

/** @type {[value: string, text: string, fits: (score: number) => boolean][]} */
export const BANDS = [
  ["100", "complete", (score) => score === 100],
  ["75", "75 to 99 %", (score) => score >= 75 && score < 100],
  ["50", "50 to 74 %", (score) => score >= 50 && score < 75],
  ["0", "below 50 %", (score) => score < 50],
];

/** @type {[value: string, text: string, compare: (a: IndexedAsset, b: IndexedAsset) => number][]} */
export const ORDERS = [
  ["name", "name", (a, b) => a.position - b.position],
  ["score", "least complete", (a, b) => a.score - b.score || a.position - b.position],
  ["columns", "most columns", (a, b) => b.columns - a.columns || a.position - b.position],
];

/**
 * Returns a function that gives the assets which match a filter.
 *
 * @param {readonly IndexedAsset[]} assets
 * @param {{ has: (fullName: string) => boolean }} changed assets that this run changed
 */
export function assetSearch(assets, changed) {
  const texts = assets.map(({ fullName, table, label }) =>
    `${fullName}\n${table}\n${label}`.toLowerCase(),
  );
  /** @param {AssetFilter} filter */
  return (filter) => {
    const terms = filter.text.split(/\s+/).filter(Boolean);
    const inBand = BANDS.find(([value]) => value === filter.band)?.[2] ?? (() => true);
    const compare = ORDERS.find(([value]) => value === filter.order)?.[2];
    return assets
      .filter(
        (asset) =>
          (!filter.space || asset.space === filter.space) &&
          (!filter.kind || asset.kind === filter.kind) &&
          inBand(asset.score) &&
          (!filter.changed || changed.has(asset.fullName)) &&
          terms.every((term) => texts[asset.position].includes(term)),
      )
      .sort(compare);
  };
}
