// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  comparableRuns,
  partName,
  partsInOrder,
  partTotals,
  percentOf,
  percentText,
  shareValues,
} from "../src/completeness_totals.js";

/**
 * @param {string} name
 * @param {number} have
 * @param {number} of
 * @param {number} [unavailable]
 */
const part = (name, have, of, unavailable = 0) => ({ part: name, have, of, unavailable });

/**
 * @param {string} id
 * @param {object} [more]
 */
const run = (id, more = {}) => ({
  ...{ run_id: id, started: "", action: "sync", status: "SUCCESS", changes: 0, duration_ms: 0 },
  page: "",
  paged: true,
  ...more,
});

test("parts are added up over spaces", () => {
  const totals = partTotals([
    { space: "A", assets: 1, columns: 1, parts: [part("label", 1, 3, 1)] },
    { space: "B", assets: 1, columns: 1, parts: [part("label", 2, 2), part("unit", 0, 1)] },
  ]);
  assert.deepEqual([...totals.values()], [part("label", 3, 5, 1), part("unit", 0, 1)]);
});

test("the percentage is of what a source provides", () => {
  assert.equal(percentOf(part("label", 1, 3, 1)), 50);
  assert.equal(percentOf(part("owner", 0, 3, 3)), null);
});

test("only exact values read 0 % and 100 %", () => {
  assert.deepEqual([0, 0.01, 99.96, 100].map(percentText), ["0 %", "0.1 %", "99.9 %", "100 %"]);
});

test("parts of a later version follow the known ones", () => {
  assert.deepEqual(partsInOrder(["zeal", "unit", "label", "mood"]), [
    "label",
    "unit",
    "mood",
    "zeal",
  ]);
  assert.equal(partName("data_class"), "data class");
});

test("runs of far fewer assets, without shares or later than this one are not compared", () => {
  const recent = [
    run("old"),
    run("small", { assets: 7, shares: {} }),
    run("full", { assets: 8, shares: { label: 50 } }),
    run("this", { assets: 10, shares: { label: 60 } }),
    run("later", { assets: 10, shares: {} }),
  ];
  const runs = comparableRuns(recent, "this", 10);
  assert.deepEqual(
    runs.map(({ run_id }) => run_id),
    ["full", "this"],
  );
  assert.deepEqual(shareValues(runs, "label"), [50, 60]);
  assert.deepEqual(shareValues(runs, "unit"), []);
});
