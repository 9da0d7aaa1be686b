// @ts-check
// Links to the page of an asset.

/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */

import { el } from "./dom.js";
import { assetHash } from "./names.js";
import { canOpenAssets } from "./page_data.js";

/**
 * Returns a link to an asset, or its name alone where its page cannot be opened.
 *
 * @param {string} fullName `SPACE.ASSET`
 */
export const assetLink = (fullName) =>
  canOpenAssets() ? el("a", { href: assetHash(fullName) }, fullName) : el("span", {}, fullName);

/**
 * Returns the name of an object, without the space of the asset that names it; a link if the report
 * has a page of it.
 *
 * @param {string} fullName `SPACE.OBJECT`
 * @param {string} from `SPACE.ASSET`
 * @param {AssetIndex} assetIndex
 */
export function objectLink(fullName, from, assetIndex) {
  const space = from.slice(0, from.indexOf(".") + 1),
    name = space && fullName.startsWith(space) ? fullName.slice(space.length) : fullName;
  return assetIndex.named(fullName) && canOpenAssets()
    ? el("a", { href: assetHash(fullName) }, name)
    : el("span", {}, name);
}
