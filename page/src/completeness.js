// @ts-check
// Completeness of the metadata: by part, by space, over time, and the least complete assets.

import { assetLink } from "./asset_link.js";
import {
  comparableRuns,
  partName,
  partsInOrder,
  partTotals,
  percentOf,
  percentText,
  shareValues,
} from "./completeness_totals.js";
import { bar, table, toneOf } from "./controls.js";
import { el, svg } from "./dom.js";
import { section } from "./sections.js";
import { number, plural } from "./text.js";

/** @typedef {import("./report_document.js").PartCount} PartCount */
/** @typedef {import("./report_document.js").SpaceCompleteness} SpaceCompleteness */

/** @param {readonly number[]} values percentages, oldest first */
function trend(values) {
  if (values.length < 2) return el("span", { class: "soft" }, "–");
  const low = Math.min(...values),
    high = Math.max(...values),
    span = Math.max(1, high - low),
    step = 88 / (values.length - 1);
  const points = values.map((value, position) => ({
    x: (4 + position * step).toFixed(1),
    y: (low === high ? 10 : 17 - (14 * (value - low)) / span).toFixed(1),
  }));
  const last = points[points.length - 1];
  const delta = values[values.length - 1] - values[values.length - 2];
  const sign = delta > 0 ? "+" : delta < 0 ? "−" : "±";
  return el(
    "span",
    { class: "trend" },
    svg(
      "svg",
      { viewBox: "0 0 96 20", width: 96, height: 20, "aria-hidden": "true" },
      svg("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") }),
      svg("circle", { cx: last.x, cy: last.y, r: 2.5 }),
    ),
    el(
      "span",
      {
        class: delta > 0 ? "good" : delta < 0 ? "bad-text" : "soft",
        title: "change from the previous run, in percentage points",
      },
      `${sign}${Math.abs(delta).toFixed(1)}`,
    ),
  );
}

/**
 * @param {PartCount} part
 * @param {readonly number[]} history
 */
function partRow(part, history) {
  const percent = percentOf(part),
    missing = part.of - part.have - part.unavailable;
  /** @param {number} count */
  const width = (count) => `width:${(100 * count) / part.of}%`;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, partName(part.part)),
    el(
      "td",
      { class: "wide" },
      el(
        "span",
        { class: "stack", "aria-hidden": "true" },
        el("i", { class: percent === null ? "" : toneOf(percent), style: width(part.have) }),
        el("i", { class: "none", style: width(missing) }),
        el("i", { class: "hatched", style: width(part.unavailable) }),
      ),
    ),
    el(
      "td",
      { class: "n" },
      percent === null ? el("span", { class: "soft" }, "–") : el("b", {}, percentText(percent)),
    ),
    el("td", { class: "n" }, number(part.have)),
    el("td", { class: "n" }, number(missing)),
    el(
      "td",
      { class: "n" },
      part.unavailable ? number(part.unavailable) : el("span", { class: "soft" }, "0"),
    ),
    el("td", {}, trend(history)),
  );
}

/**
 * @param {SpaceCompleteness} space
 * @param {readonly string[]} parts
 */
function spaceRow(space, parts) {
  const counts = new Map(space.parts.map((part) => [part.part, part]));
  /** @param {string} name */
  const cell = (name) => {
    const part = counts.get(name);
    if (!part) return el("td", { class: "n soft" }, "–");
    const percent = percentOf(part);
    if (percent === null) {
      return el("td", { class: "n soft", title: "not available from the source" }, "n/a");
    }
    return el(
      "td",
      { class: "n", title: `${number(part.have)} of ${number(part.of - part.unavailable)}` },
      percentText(percent),
      bar(percent, toneOf(percent)),
    );
  };
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, space.space),
    el("td", { class: "n" }, number(space.assets)),
    el("td", { class: "n" }, number(space.columns)),
    parts.map(cell),
  );
}

/** @param {import("./report_document.js").AssetScore} score */
const worstRow = ({ asset, score, missing }) =>
  el(
    "tr",
    {},
    el("td", {}, assetLink(asset)),
    el("td", { class: "n score" }, `${score} %`),
    el(
      "td",
      {},
      missing.map((part) => el("span", { class: "tag plain" }, partName(part))),
    ),
  );

/**
 * @param {number} assets
 * @param {number} columns
 */
const lead = (assets, columns) =>
  el(
    "p",
    { class: "lead" },
    `Business metadata of ${plural(assets, "asset")} with ${plural(columns, "column")}. `,
    el("span", { class: "key" }, el("i", { class: "none" }), "missing"),
    ": can be added in Datasphere; ",
    el("span", { class: "key" }, el("i", { class: "hatched" }), "not available"),
    ": no source of this run provides it.",
  );

/** @param {import("./report_document.js").PageData} data */
export function completenessSection({ report, recent }) {
  const spaces = (report.completeness?.spaces ?? []).filter((space) => space.assets),
    worst = report.completeness?.worst ?? [];
  if (!spaces.length) return null;
  const totals = partTotals(spaces),
    parts = partsInOrder(totals.keys()).flatMap((name) => totals.get(name) ?? []);
  const assets = spaces.reduce((sum, space) => sum + space.assets, 0),
    columns = spaces.reduce((sum, space) => sum + space.columns, 0);
  const runs = comparableRuns(recent, report.result.run_id, assets);
  const available = parts.filter((part) => percentOf(part) !== null).map(({ part }) => part);
  return section(
    "completeness",
    "Completeness",
    lead(assets, columns),
    table(
      ["Part", "", ">Share", ">Present", ">Missing", ">Not available", "Trend"],
      parts.map((part) => partRow(part, shareValues(runs, part.part))),
      { label: "Completeness of all spaces", class: "parts" },
    ),
    el("h3", {}, "By space"),
    table(
      ["Space", ">Assets", ">Columns", ...available.map((part) => `>${partName(part)}`)],
      spaces.map((space) => spaceRow(space, available)),
      { label: "Completeness by space", class: "matrix" },
    ),
    worst.length
      ? [
          el("h3", {}, `The ${plural(worst.length, "least complete asset")}`),
          table(["Asset", ">Score", "Incomplete"], worst.map(worstRow), {
            label: "The least complete assets",
            class: "worst",
          }),
        ]
      : null,
  );
}
