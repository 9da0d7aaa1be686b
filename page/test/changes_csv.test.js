// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changesCsv, csvCell } from "../src/changes_csv.js";
import { change, report } from "./sample.js";

test("a cell is quoted where it must be", () => {
  assert.equal(csvCell(null), "");
  assert.equal(csvCell(false), "false");
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell("a\nb"), '"a\nb"');
});

test("what a spreadsheet would run as a formula becomes text", () => {
  for (const start of ["=1", "+1", "-1", "@x", " =1", "\uff1d1", "\tx", "\rx"]) {
    assert.equal(csvCell(start), `"'${start}"`);
  }
  assert.equal(csvCell("a=1"), "a=1");
});

test("a change is one line for each field, or one without fields", () => {
  const fields = [
    { field: "label", before: null, after: "Orders" },
    { field: "description", before: "a", after: "b" },
  ];
  const lines = changesCsv(report({ changes: [change({ fields }), change({ asset: "W" })] })).split(
    "\r\n",
  );
  assert.equal(lines.length, 5);
  assert.ok(lines[0].startsWith("\ufeffrun_id,started,space,asset"));
  assert.ok(lines[1].endsWith("done,true,label,,Orders"));
  assert.ok(lines[3].endsWith("done,true,,,"));
});
