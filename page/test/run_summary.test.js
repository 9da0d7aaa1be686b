// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { runSummary } from "../src/run_summary.js";
import { change, counts, report } from "./sample.js";

test("a run without changes says so", () => {
  assert.equal(
    runSummary(report({}, { counts: counts({ unchanged: 1200 }) })),
    "Nothing changed; 1,200 tables unchanged.",
  );
});

test("changes are counted by kind, with failures and what is left", () => {
  const reading = { read: 1, reused: 0, left: 7, oldest: null };
  const space = { space: "S", database: null, complete: false, reason: "x", counts: counts({}) };
  assert.equal(
    runSummary(
      report(
        { reading },
        { counts: counts({ created: 2, deleted: 1, failed: 3 }), spaces: [space] },
      ),
    ),
    "2 created, 1 deleted; 3 failed; 1 space not listed completely; 7 assets left for the next run.",
  );
});

test("a plan names changes that are to be made, an interrupted run those that were", () => {
  const pending = { status: "PENDING", counts: counts({ updated: 1 }) };
  assert.equal(
    runSummary(report({ changes: [change({ outcome: null })] }, pending)),
    "1 to be updated.",
  );
  assert.equal(runSummary(report({ changes: [change()] }, pending)), "1 updated.");
});
