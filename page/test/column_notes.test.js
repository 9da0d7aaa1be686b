// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { contentNotes, formulaText, measureText, valueText } from "../src/column_notes.js";

test("a measure is described by what deviates from a plain sum", () => {
  const net = { unit: "EUR", aggregation: "SUM" };
  const none = { unit: "", aggregation: "" };
  assert.equal(measureText(net, {}), "in EUR, sum");
  assert.equal(measureText(none, {}), "");
  assert.equal(measureText(net, { measure_type: "RESTRICTION" }), "restricted, in EUR, sum");
  assert.equal(
    measureText(net, { exception_aggregation: "LAST", exception_columns: ["DAY", "PLANT"] }),
    "in EUR, sum, last per DAY, PLANT",
  );
  assert.equal(
    measureText({ unit: "", aggregation: "COUNT_DISTINCT" }, { distinct_columns: ["TOUR"] }),
    "count distinct of TOUR",
  );
  assert.equal(
    measureText(net, { conversion: { targetCurrency: "USD" }, non_additive: "true" }),
    "in EUR, sum, converted: target currency USD, not additive",
  );
});

test("the formula of a restricted measure is a condition", () => {
  assert.equal(formulaText({ formula: "A = 1", measure_type: "RESTRICTION" }), "where A = 1");
  assert.equal(formulaText({ formula: "A / B" }), "= A / B");
  assert.equal(formulaText({}), "");
});

test("default, personal data and release of a column are notes", () => {
  assert.deepEqual(contentNotes({}), []);
  assert.deepEqual(
    contentNotes({
      default: "",
      personal_data: { isPotentiallySensitive: "true", fieldSemantics: "NAME" },
      release: { state: "DEPRECATED", successor: "GROSS", decommissioning: "2027-01" },
    }),
    [
      "default (empty)",
      "personal data: is potentially sensitive, field semantics NAME",
      "deprecated, successor GROSS, until 2027-01",
    ],
  );
});

test("a value of an enumeration shows what is stored and what it means", () => {
  assert.equal(valueText({ name: "OPEN" }), "OPEN");
  assert.equal(valueText({ name: "OPEN", value: "OPEN", label: "Open" }), "OPEN: Open");
  assert.equal(valueText({ name: "OPEN", value: "1", label: "Open" }), "OPEN = 1: Open");
  assert.equal(valueText({ name: "NONE", value: "" }), "NONE = (empty)");
});
