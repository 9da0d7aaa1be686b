// @ts-check
// The list of all assets: searched, filtered and shown page by page.

import { assetSearch, BANDS, NO_FILTER, ORDERS } from "./asset_filter.js";
import {
  arrowKeys,
  bar,
  button,
  choice,
  searchField,
  select,
  statusLine,
  toneOf,
} from "./controls.js";
import { el } from "./dom.js";
import { assetHash, sapName } from "./names.js";
import { section } from "./sections.js";
import { distinct, number, plural, words } from "./text.js";

/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */
/** @typedef {import("./report_document.js").Change} Change */

const PAGE_SIZE = 50;

/**
 * @param {IndexedAsset} asset
 * @param {Change | undefined} change
 */
function assetRow(asset, change) {
  return el(
    "li",
    {},
    el(
      "a",
      { href: assetHash(asset.fullName), class: "asset" },
      el(
        "span",
        { class: "what" },
        el("b", {}, asset.label || asset.name),
        change ? el("span", { class: `tag ${change.kind}` }, change.kind) : null,
        el("span", { class: "mono soft" }, asset.fullName),
      ),
      el("span", { class: "soft kind" }, words(asset.kind || "asset")),
      el("span", { class: "n soft columns" }, plural(asset.columns, "column")),
      el("span", { class: "n score" }, `${asset.score} %`, bar(asset.score, toneOf(asset.score))),
    ),
  );
}

/**
 * A list that shows the matching assets page by page.
 *
 * @param {AssetIndex} assetIndex
 * @param {Map<string, Change>} changes by full name
 */
function pagedList({ assets }, changes) {
  const list = el("ul", { class: "assets", "aria-label": "Assets" }),
    count = statusLine(),
    pageText = el("span", { class: "soft small" });
  const back = button("← Back", () => turn(-1)),
    next = button("Next →", () => turn(1));
  const pager = el(
    "div",
    { class: "pager", role: "group", "aria-label": "Pages of the list" },
    back,
    pageText,
    next,
  );
  /** @type {IndexedAsset[]} */
  let matches = [];
  let page = 0;

  function draw() {
    const from = page * PAGE_SIZE,
      pages = Math.max(1, Math.ceil(matches.length / PAGE_SIZE));
    list.replaceChildren(
      ...matches
        .slice(from, from + PAGE_SIZE)
        .map((asset) => assetRow(asset, changes.get(asset.fullName))),
    );
    pageText.textContent = `Page ${number(page + 1)} of ${number(pages)}`;
    back.disabled = page === 0;
    next.disabled = page + 1 >= pages;
    pager.hidden = pages === 1;
  }
  /**
   * Returns whether there is a page to turn to.
   *
   * @param {number} step
   */
  function turn(step) {
    const target = page + step;
    if (target < 0 || target >= Math.ceil(matches.length / PAGE_SIZE)) return false;
    page = target;
    draw();
    return true;
  }
  return {
    nodes: [count, list, pager],
    list,
    turn,
    first: () => matches[0],
    /** @param {IndexedAsset[]} filtered */
    show(filtered) {
      matches = filtered;
      page = 0;
      count.textContent = `${number(filtered.length)} of ${plural(assets.length, "asset")}`;
      draw();
    },
  };
}

/**
 * Lets the keyboard move between the search field and the list, and through its pages.
 *
 * @param {HTMLInputElement} search
 * @param {ReturnType<typeof pagedList>} paged
 */
function connectKeys(search, { list, turn, first }) {
  /** @param {Element | null} item */
  const focus = (item) => item?.querySelector("a")?.focus();
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.firstElementChild) {
      event.preventDefault();
      focus(list.firstElementChild);
    }
    const match = first();
    if (event.key === "Enter" && match) location.hash = assetHash(match.fullName);
  });
  arrowKeys(list, (step) => {
    if (turn(step)) focus(step > 0 ? list.firstElementChild : list.lastElementChild);
    else if (step < 0) search.focus();
  });
}

/**
 * @param {AssetIndex} assetIndex
 * @param {readonly Change[]} reportChanges
 */
export function assetsSection(assetIndex, reportChanges) {
  const { assets, spaces, leftOut } = assetIndex;
  const changes = new Map(
    reportChanges.filter(({ asset }) => asset).map((change) => [sapName(change), change]),
  );
  const find = assetSearch(assets, changes),
    filter = { ...NO_FILTER },
    paged = pagedList(assetIndex, changes);
  /** @param {keyof typeof filter} name */
  const set = (name) => (/** @type {string} */ value) => {
    filter[name] = value;
    paged.show(find(filter));
  };
  const search = searchField(
    { id: "asset-search", "aria-keyshortcuts": "/", placeholder: "Name, label or table" },
    set("text"),
  );
  connectKeys(search, paged);
  paged.show(find(filter));
  return section(
    "assets",
    `Assets (${number(assets.length)})`,
    el(
      "div",
      { class: "filters" },
      el("label", { class: "wide" }, el("span", {}, "Search ", el("kbd", {}, "/")), search),
      choice("Space", distinct(spaces), set("space")),
      choice("Kind", distinct(assets.map(({ kind }) => kind)), set("kind")),
      choice("Completeness", BANDS, set("band")),
      changes.size ? choice("In this run", [["changed", "changed"]], set("changed")) : null,
      el("label", {}, "Order", select(ORDERS, set("order"))),
    ),
    paged.nodes,
    leftOut.length
      ? el(
          "p",
          { class: "soft small" },
          `Columns and context of these spaces are not included, to keep this file small: ${leftOut.join(", ")}.`,
        )
      : null,
  );
}

/** The section for browsers that cannot decompress the assets. */
export const unsupportedAssetsSection = () =>
  section(
    "assets",
    "Assets",
    el(
      "p",
      {},
      "This browser cannot decompress the assets in this file. Use one from 2023 or later.",
    ),
  );
