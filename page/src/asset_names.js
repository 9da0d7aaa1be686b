// @ts-check
// Assets whose table name is not their name in lower case.

/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */

/**
 * Returns the assets with a different name in Glue. Of names that differ only in case, all are
 * listed, and they come first.
 *
 * @param {readonly IndexedAsset[]} assets
 * @returns {{ asset: IndexedAsset, collides: boolean }[]}
 */
export function renamedAssets(assets) {
  /** @type {Map<string, number>} */
  const sameInLowerCase = new Map();
  for (const { fullName } of assets) {
    const key = fullName.toLowerCase();
    sameInLowerCase.set(key, (sameInLowerCase.get(key) ?? 0) + 1);
  }
  return assets
    .map((asset) => ({
      asset,
      collides: (sameInLowerCase.get(asset.fullName.toLowerCase()) ?? 0) > 1,
    }))
    .filter(({ asset, collides }) => asset.renamed || collides)
    .sort((a, b) => Number(b.collides) - Number(a.collides) || a.asset.position - b.asset.position);
}
