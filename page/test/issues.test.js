// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { grouped, needsAction } from "../src/issues.js";

/** @param {Partial<import("../src/report_document.js").Issue>} more */
const issue = (more) => ({ asset: "S.A", code: "C", message: "m", remedy: "r", ...more });

test("only the severity decides whether an issue needs action", () => {
  assert.equal(needsAction(issue({ severity: "act", remedy: "nothing to do" })), true);
  assert.equal(needsAction(issue({ severity: "wait" })), false);
  assert.equal(needsAction(issue({ severity: "note" })), false);
});

test("an issue of an earlier version needs action", () => {
  assert.equal(needsAction(issue({})), true);
});

test("issues with one code and one remedy are a group", () => {
  const issues = [issue({}), issue({ code: "D" }), issue({ asset: "S.B" }), issue({ remedy: "x" })];
  assert.deepEqual(
    grouped(issues).map((group) => group.length),
    [2, 1, 1],
  );
});
