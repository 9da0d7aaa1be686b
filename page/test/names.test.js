// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changeEntries } from "../src/changes.js";
import { assetHash, glueName, sapName } from "../src/names.js";
import { routeOf } from "../src/routes.js";
import { titleParts } from "../src/sections.js";
import { change } from "./sample.js";

test("an object without table or asset is its database or space", () => {
  assert.equal(glueName({ database: "d", table: "t" }), "d.t");
  assert.equal(glueName({ database: "d", table: null }), "d");
  assert.equal(sapName({ space: "S", asset: "A" }), "S.A");
  assert.equal(sapName({ space: "S", asset: null }), "S");
});

test("the address of an asset leads back to its name", () => {
  const fullName = "S.<a> & b?#/%";
  assert.deepEqual(routeOf(assetHash(fullName)), { view: "asset", fullName });
});

test("an address that cannot be decoded names an asset as it is written", () => {
  assert.deepEqual(routeOf("#asset=%E0%A4%A"), { view: "asset", fullName: "%E0%A4%A" });
});

test("other addresses are changes and sections", () => {
  assert.deepEqual(routeOf("#change-12"), { view: "change", position: 12 });
  assert.deepEqual(routeOf("#coverage"), { view: "section", id: "coverage" });
  assert.deepEqual(routeOf(""), { view: "section", id: "" });
});

test("changes are sorted by space and keep their position in the report", () => {
  const entries = changeEntries([change(), change({ space: "HR" }), change({ asset: "W" })]);
  assert.deepEqual(
    entries.map(({ position }) => position),
    [1, 0, 2],
  );
});

test("a title ends with its count", () => {
  assert.deepEqual(titleParts("Assets (1,234)"), { name: "Assets", count: "1,234" });
  assert.deepEqual(titleParts("Coverage (2 spaces)"), { name: "Coverage", count: "2" });
  assert.deepEqual(titleParts("Evidence"), { name: "Evidence", count: "" });
});
