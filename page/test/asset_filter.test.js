// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { assetSearch, NO_FILTER } from "../src/asset_filter.js";
import { AssetIndex } from "../src/asset_index.js";
import { INDEX } from "./sample.js";

const { assets } = new AssetIndex(INDEX, async () => null);
const search = assetSearch(assets, new Set(["SALES.ORDERS"]));

/** @param {Partial<import("../src/asset_filter.js").AssetFilter>} filter */
const names = (filter) => search({ ...NO_FILTER, ...filter }).map(({ name }) => name);

test("without a filter, all assets are listed by name", () => {
  assert.deepEqual(names({}), ["LEDGER", "Ledger", "MODEL", "ORDERS", "T_ERP"]);
});

test("every word must occur in name, table or label", () => {
  assert.deepEqual(names({ text: "sales analysis" }), ["MODEL"]);
  assert.deepEqual(names({ text: "ledger_1" }), ["LEDGER"]);
  assert.deepEqual(names({ text: "sales ledger" }), []);
});

test("filters restrict together", () => {
  assert.deepEqual(names({ space: "FINANCE", kind: "view" }), ["LEDGER"]);
  assert.deepEqual(names({ changed: "changed" }), ["ORDERS"]);
  assert.deepEqual(names({ space: "FINANCE", changed: "changed" }), []);
});

test("each asset is in exactly one band", () => {
  const bands = ["100", "75", "50", "0"].map((band) => names({ band }));
  assert.deepEqual(bands, [["LEDGER"], ["MODEL"], ["Ledger"], ["ORDERS", "T_ERP"]]);
});

test("the order can be by completeness or columns", () => {
  assert.equal(names({ order: "score" })[0], "T_ERP");
  assert.deepEqual(names({ order: "columns" }).slice(0, 3), ["MODEL", "ORDERS", "T_ERP"]);
});
