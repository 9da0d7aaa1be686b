// @ts-check
// Links to the page of an asset.

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
