// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { AssetIndex, spaceAssets } from "../src/asset_index.js";
import { lineageOf } from "../src/lineage.js";
import { INDEX } from "./sample.js";

const index = new AssetIndex(INDEX, async () => null);

/**
 * @param {string} name
 * @param {string[]} [lineage]
 */
function layers(name, lineage) {
  const asset = index.named(`SALES.${name}`);
  assert.ok(asset);
  const document = { space: "SALES", database: "d", assets: [{ name, lineage, columns: [] }] };
  const graph = lineageOf(asset, spaceAssets(document).get(name), index);
  return { ...graph, names: graph.layers.map(({ nodes }) => nodes.map((node) => node.fullName)) };
}

test("two steps are followed in each direction", () => {
  assert.deepEqual(layers("MODEL").names, [
    ["SALES.T_ERP"],
    ["SALES.ORDERS"],
    ["SALES.MODEL"],
    [],
    [],
  ]);
  assert.deepEqual(layers("T_ERP").names, [
    [],
    [],
    ["SALES.T_ERP"],
    ["SALES.ORDERS"],
    ["SALES.MODEL"],
  ]);
});

test("links lead from the source to the consumer", () => {
  assert.deepEqual(layers("ORDERS").links, [
    { from: "SALES.T_ERP", to: "SALES.ORDERS", side: -1 },
    { from: "SALES.ORDERS", to: "SALES.MODEL", side: 1 },
  ]);
});

test("a source that is not in this run is a node without an asset", () => {
  const { layers: all } = layers("ORDERS", ["SALES.T_ERP", "OTHER.X"]);
  assert.deepEqual(
    all[1].nodes.map(({ fullName, asset }) => [fullName, asset === null]),
    [
      ["SALES.T_ERP", false],
      ["OTHER.X", true],
    ],
  );
});

test("a circle ends", () => {
  /** @type {import("../src/asset_document.js").IndexDocument} */
  const circle = {
    spaces: ["S"],
    assets: [
      [0, "A", "", "", "view", 0, [1], 0],
      [0, "B", "", "", "view", 0, [0], 0],
    ],
  };
  const round = new AssetIndex(circle, async () => null);
  const graph = lineageOf(round.assets[0], undefined, round);
  assert.deepEqual(
    graph.layers.map(({ nodes }) => nodes.map(({ fullName }) => fullName)),
    [[], ["S.B"], ["S.A"], ["S.B"], []],
  );
});
