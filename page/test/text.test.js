// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  distinct,
  durationText,
  factWords,
  number,
  plainWord,
  plural,
  releaseText,
  shortType,
  shortened,
  timeText,
} from "../src/text.js";

test("numbers have separators, and nothing is 0", () => {
  assert.equal(number(1234567), "1,234,567");
  assert.equal(number(null), "0");
});

test("a noun is singular for exactly one", () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => plural(count, "asset")),
    ["0 assets", "1 asset", "2 assets"],
  );
});

test("a time loses its fractions and names UTC", () => {
  assert.equal(timeText("2026-11-23T02:00:00.123456+00:00"), "2026-11-23 02:00:00 UTC");
  assert.equal(timeText("2026-11-23T02:00:00Z"), "2026-11-23 02:00:00 UTC");
  assert.equal(timeText(null), "unknown");
});

test("a duration has the unit that fits, and never 60 seconds", () => {
  assert.equal(durationText(999), "999 ms");
  assert.equal(durationText(1500), "1.5 s");
  assert.equal(durationText(61_500), "1 min 2 s");
  assert.equal(durationText(119_700), "2 min 0 s");
});

test("distinct values are sorted, without empty ones", () => {
  assert.deepEqual(distinct(["view", "", "remote_table", "view"]), [
    ["remote_table", "remote table"],
    ["view", "view"],
  ]);
});

test("a long text is cut to its limit", () => {
  assert.equal(shortened("abcdef", 6), "abcdef");
  assert.equal(shortened("abcdefg", 6), "abcde…");
});

test("an SAP type is short without its facets' names", () => {
  assert.equal(shortType("Edm.Decimal(Precision=17,Scale=2)"), "Decimal(17,2)");
  assert.equal(shortType("cds.String(10)"), "String(10)");
});

test("words of SAP become plain ones", () => {
  assert.equal(plainWord("MAP_TO_VALUE"), "map to value");
  assert.equal(plainWord("RestrictedCrossCalculation"), "restricted cross calculation");
  assert.equal(
    factWords({ isPotentiallyPersonal: "true", role: "Driver" }),
    "is potentially personal, role Driver",
  );
  assert.equal(releaseText({}), "");
});
