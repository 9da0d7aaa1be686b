// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { originsOf } from "../src/origins.js";

/** @type {import("../src/asset_document.js").Origins} */
const ORIGINS = {
  objects: ["SALES.T", "HR.U"],
  columns: [
    0,
    [],
    [
      [0, "X", "computed"],
      [0, "Y", "computed"],
      [1, "Z"],
    ],
  ],
};

test("a position stands for a column of the same name", () => {
  assert.deepEqual(originsOf(ORIGINS, 0, "A"), [{ object: "SALES.T", how: "", columns: ["A"] }]);
});

test("the origins of a column are grouped by object and use", () => {
  assert.deepEqual(originsOf(ORIGINS, 2, "C"), [
    { object: "SALES.T", how: "computed", columns: ["X", "Y"] },
    { object: "HR.U", how: "", columns: ["Z"] },
  ]);
});

test("columns without an origin have none, also beyond the last entry", () => {
  for (const position of [1, 3, 999]) assert.deepEqual(originsOf(ORIGINS, position, "B"), []);
  assert.deepEqual(originsOf(undefined, 0, "A"), []);
});
