// @ts-check
// Shows what the address names: the report, one of its sections or changes, or an asset.

import { byId } from "./dom.js";

/** @typedef {{ view: "asset", fullName: string } | { view: "change", position: number } | { view: "section", id: string }} Route */

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} hash of the address, with `#`
 * @returns {Route}
 */
export function routeOf(hash) {
  const asset = /^#asset=(.+)$/.exec(hash);
  if (asset) return { view: "asset", fullName: decoded(asset[1]) };
  const change = /^#change-(\d+)$/.exec(hash);
  if (change) return { view: "change", position: Number(change[1]) };
  return { view: "section", id: hash.slice(1) };
}

/**
 * @typedef {object} Views
 * @property {((fullName: string) => Promise<Element[]>) | null} assetPage null: no assets here
 * @property {(position: number) => void} openChange
 * @property {string} runId
 */

/** @typedef {{ hash: string, scroll: number, focus: Element | null }} Place */

/** @param {Views} views */
export function startRoutes({ assetPage, openChange, runId }) {
  const reportParts = ["report", "top", "sections"].map(byId),
    assetView = byId("asset"),
    reportTitle = document.title;
  /** @type {Place | null} */
  let leftPlace = null;
  let currentHash = "",
    shownCount = 0;

  /** @param {boolean} onAsset */
  function switchTo(onAsset) {
    for (const node of reportParts) node.hidden = onAsset;
    assetView.hidden = !onAsset;
  }
  /**
   * @param {string} fullName
   * @param {(fullName: string) => Promise<Element[]>} build
   */
  async function showAsset(fullName, build) {
    shownCount += 1;
    const turn = shownCount;
    if (assetView.hidden) {
      leftPlace = { hash: currentHash, scroll: scrollY, focus: document.activeElement };
    }
    const nodes = await build(fullName);
    if (turn !== shownCount) return;
    assetView.replaceChildren(...nodes);
    switchTo(true);
    document.title = `${fullName} · ${runId}`;
    scrollTo(0, 0);
    byId("asset-title").focus({ preventScroll: true });
  }
  /**
   * Restores scroll position and focus when the reader comes back to the place that they left.
   *
   * @param {string} hash
   * @param {Route} route
   */
  function showReport(hash, route) {
    shownCount += 1;
    const place = assetView.hidden ? null : leftPlace;
    assetView.replaceChildren();
    switchTo(false);
    document.title = reportTitle;
    if (place && (hash === place.hash || hash === "#assets")) {
      scrollTo(0, place.scroll);
      if (place.focus instanceof HTMLElement && place.focus.isConnected) {
        place.focus.focus({ preventScroll: true });
      }
    } else if (route.view === "change") openChange(route.position);
    else if (route.view === "section") document.getElementById(route.id)?.scrollIntoView();
  }
  function follow() {
    const { hash } = location,
      route = routeOf(hash);
    if (route.view === "asset" && assetPage) showAsset(route.fullName, assetPage);
    else showReport(hash, route);
    currentHash = hash;
  }
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => handleKey(event, !assetView.hidden));
  follow();
}

/** @param {EventTarget | null} node */
const isField = (node) =>
  node instanceof HTMLInputElement ||
  node instanceof HTMLSelectElement ||
  node instanceof HTMLTextAreaElement;

/**
 * `/` goes to the search field; Escape leaves an asset or a field, but first clears a search.
 *
 * @param {KeyboardEvent} event
 * @param {boolean} onAsset
 */
function handleKey(event, onAsset) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (event.key === "/" && !isField(target)) {
    event.preventDefault();
    if (onAsset) location.hash = "#assets";
    const search =
      document.getElementById("asset-search") ?? document.getElementById("change-search");
    setTimeout(() => search?.focus());
  } else if (event.key === "Escape") {
    if (target instanceof HTMLInputElement && target.type === "search" && target.value) return;
    if (onAsset) location.hash = "#assets";
    else if (isField(target) && target instanceof HTMLElement) target.blur();
  }
}
