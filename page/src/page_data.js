// @ts-check
// Reads the data that report/html.py puts into the page.

import { byId } from "./dom.js";

/**
 * Returns the JSON document of the page.
 *
 * @returns {unknown}
 */
export const pageData = () => JSON.parse(byId("data").textContent ?? "");

/** Whether the page has assets, which it lacks when the run evaluated none. */
export const hasAssets = () => document.getElementById("asset-index") !== null;

/** Whether links to assets work: the page has assets and the browser can decompress them. */
export const canOpenAssets = () => hasAssets() && "DecompressionStream" in window;
