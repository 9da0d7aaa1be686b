// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { spaceAssets } from "../src/asset_index.js";
import { athenaQuery, columnAliases } from "../src/athena_query.js";

/** @param {[name: string, label?: string][]} columns */
function asset(...columns) {
  const document = { name: 'A"B', columns: columns.map(([name, label]) => row(name, label)) };
  const details = spaceAssets({ space: "S", database: "db", assets: [document] }).get('A"B');
  assert.ok(details);
  return details;
}

/**
 * @param {string} name
 * @param {string} [label]
 * @returns {import("../src/asset_document.js").ColumnRow}
 */
const row = (name, label) => ["", name, label];

test("names and labels are quoted", () => {
  assert.equal(
    athenaQuery(asset(["ID", 'The "Id"'], ["NET"])),
    'SELECT\n  "id" AS "The ""Id""",\n  "net"\nFROM "awsdatacatalog"."db"."a""b"\nLIMIT 100;\n',
  );
});

test("a table without columns selects everything", () => {
  assert.ok(athenaQuery(asset()).startsWith("SELECT\n  *\nFROM"));
});

test("a label that adds nothing is no alias, and equal labels differ by column", () => {
  const columns = [
    ["ID", "Id"],
    ["C", "Currency"],
    ["C2", "currency"],
    ["C3", "Net\n value"],
    ["C4", "c"],
  ];
  assert.deepEqual(columnAliases(asset(.../** @type {[string, string][]} */ (columns)).columns), [
    "",
    "Currency",
    "currency (c2)",
    "Net value",
    "c (c4)",
  ]);
});
