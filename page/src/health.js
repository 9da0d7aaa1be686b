// @ts-check
// Requests by kind and their duration, the slowest requests, and the steps of the run.

import { bar, table } from "./controls.js";
import { el } from "./dom.js";
import { section } from "./sections.js";
import { durationText, number, words } from "./text.js";

/** @type {Record<string, string>} */
const SIDES = { datasphere: "Datasphere", glue: "Glue" };
const STEPS = ["list", "catalog", "read", "apply"];

/** @param {import("./report_document.js").EndpointStats} stats */
function endpointRow(stats) {
  /** @param {number} value */
  const warning = (value) => el("td", { class: value ? "n warn" : "n soft" }, number(value));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, stats.endpoint),
    el("td", {}, SIDES[stats.side] ?? stats.side),
    el("td", { class: "n" }, number(stats.calls)),
    [stats.p50_ms, stats.p95_ms, stats.max_ms].map((ms) => el("td", { class: "n" }, number(ms))),
    [stats.retries, stats.throttled, stats.failed].map(warning),
  );
}

/** @param {readonly import("./report_document.js").Step[]} steps */
function stepRows(steps) {
  const longest = Math.max(1, ...steps.map((step) => step.ms));
  return [...steps]
    .sort((a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step))
    .map(({ step, ms }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, words(step)),
        el("td", { class: "wide" }, bar((100 * ms) / longest, "calm")),
        el("td", { class: "n" }, durationText(ms)),
      ),
    );
}

/** @param {import("./report_document.js").SlowRequest} request */
const slowRow = ({ endpoint, subject, ms }) =>
  el(
    "tr",
    {},
    el("th", { scope: "row", class: "whole" }, endpoint),
    el("td", { class: "mono small" }, subject),
    el("td", { class: "n" }, durationText(ms)),
  );

/**
 * @param {string} title
 * @param {HTMLElement} content
 */
const half = (title, content) => el("div", {}, el("h3", {}, title), content);

/** @param {import("./report_document.js").ReportDocument} report */
export function healthSection({ health }) {
  if (!health || (!health.endpoints.length && !health.steps.length)) return null;
  const { endpoints, slowest, steps } = health;
  const headings = [
    "Request",
    "Side",
    ...[">Calls", ">p50 ms", ">p95 ms", ">Max ms", ">Retries", ">Throttled", ">Failed"],
  ];
  return section(
    "health",
    "Run health",
    endpoints.length
      ? table(headings, endpoints.map(endpointRow), { label: "Requests by kind" })
      : null,
    el(
      "div",
      { class: "halves" },
      steps.length
        ? half(
            "Time by step",
            table(["Step", "", ">Time"], stepRows(steps), { label: "Steps", class: "short" }),
          )
        : null,
      slowest.length
        ? half(
            "The slowest requests",
            table(["Request", "Object", ">Time"], slowest.map(slowRow), {
              label: "The slowest requests",
              class: "short",
            }),
          )
        : null,
    ),
  );
}
