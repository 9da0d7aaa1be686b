// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { AssetIndex, spaceAssets, unpacked } from "../src/asset_index.js";
import { renamedAssets } from "../src/asset_names.js";
import { INDEX } from "./sample.js";

/** @type {import("../src/asset_document.js").SpaceDocument} */
const SPACE = {
  space: "SALES",
  database: "sales",
  assets: [
    {
      name: "ORDERS",
      columns: [
        ["", "ID", "Id", "key", "string", "cds.String", 1],
        ["net_1", "NET"],
      ],
    },
    { name: "T_ERP", table: "t_erp_1", columns: [1, 0, ["", "NEW"]] },
  ],
};

test("a packed text is unpacked", async () => {
  const value = { name: "Größe \u2028" };
  const text = gzipSync(JSON.stringify(value)).toString("base64");
  assert.deepEqual(await unpacked(text), value);
});

test("a number stands for a column that occurred before in the space", () => {
  const assets = spaceAssets(SPACE);
  const names = assets.get("T_ERP")?.columns.map(({ glue, sap }) => `${glue} ${sap}`);
  assert.deepEqual(names, ["net_1 NET", "id ID", "new NEW"]);
  assert.equal(assets.get("ORDERS")?.columns[0].key, true);
  assert.equal(assets.get("ORDERS")?.columns[1].key, false);
  assert.equal(assets.get("ORDERS")?.table, "orders");
  assert.equal(assets.get("T_ERP")?.table, "t_erp_1");
});

test("an asset is found by its full name, and its neighbours by position", () => {
  const index = new AssetIndex(INDEX, async () => null);
  const orders = index.named("SALES.ORDERS");
  assert.ok(orders);
  assert.deepEqual(
    [index.upstream(orders), index.downstream(orders)].map((assets) =>
      assets.map(({ name }) => name),
    ),
    [["T_ERP"], ["MODEL"]],
  );
  assert.equal(index.named("SALES.orders"), undefined);
});

test("a space is read once, and one that is not in the file has no details", async () => {
  /** @type {string[]} */
  const reads = [];
  const index = new AssetIndex(INDEX, async (space) => {
    reads.push(space);
    return space === "SALES" ? SPACE : null;
  });
  const [ledger, , , orders, erp] = index.assets;
  assert.equal((await index.details(orders))?.database, "sales");
  assert.equal((await index.details(erp))?.table, "t_erp_1");
  assert.equal(await index.details(ledger), undefined);
  assert.deepEqual(reads, ["SALES", "FINANCE"]);
});

test("of names that differ only in case, all are listed first", () => {
  const { assets } = new AssetIndex(
    { ...INDEX, assets: [[1, "a b", "a_b", "", "view", 0, [], 0], ...INDEX.assets] },
    async () => null,
  );
  assert.deepEqual(
    renamedAssets(assets).map(({ asset, collides }) => [asset.name, collides]),
    [
      ["LEDGER", true],
      ["Ledger", true],
      ["a b", false],
    ],
  );
});
