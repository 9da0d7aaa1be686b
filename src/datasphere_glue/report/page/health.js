// How the run went: calls by kind of request and how long they took, the slowest, and the steps.

const SIDES = { datasphere: "Datasphere", glue: "Glue" };
const STEPS = ["list", "catalog", "read", "apply"];

function endpointRow(one) {
  const count = (value) => el("td", { class: value ? "n warn" : "n soft" }, number(value));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, one.endpoint),
    el("td", {}, SIDES[one.side] || one.side),
    el("td", { class: "n" }, number(one.calls)),
    [one.p50_ms, one.p95_ms, one.max_ms].map((ms) => el("td", { class: "n" }, number(ms))),
    [one.retries, one.throttled, one.failed].map(count),
  );
}

function stepRows(steps) {
  const most = Math.max(1, ...steps.map((step) => step.ms));
  const inTime = [...steps].sort((a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step));
  return inTime.map((step) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, words(step.step)),
      el("td", { class: "wide" }, bar((100 * step.ms) / most, "calm")),
      el("td", { class: "n" }, lasted(step.ms)),
    ),
  );
}

function showHealth() {
  const health = report.health || {},
    endpoints = health.endpoints || [],
    slowest = health.slowest || [],
    steps = health.steps || [];
  if (!endpoints.length && !steps.length) return;
  section(
    "health",
    "Run health",
    endpoints.length
      ? table(
          [
            "Request",
            "Side",
            ">Calls",
            ">p50 ms",
            ">p95 ms",
            ">Max ms",
            ">Retries",
            ">Throttled",
            ">Failed",
          ],
          endpoints.map(endpointRow),
          { label: "Calls by kind of request" },
        )
      : null,
    el(
      "div",
      { class: "halves" },
      steps.length
        ? el(
            "div",
            {},
            el("h3", {}, "Where the time went"),
            table(["Step", "", ">Time"], stepRows(steps), { label: "Steps", class: "short" }),
          )
        : null,
      slowest.length
        ? el(
            "div",
            {},
            el("h3", {}, "The slowest requests"),
            table(
              ["Request", "About", ">Time"],
              slowest.map((one) =>
                el(
                  "tr",
                  {},
                  el("th", { scope: "row", class: "whole" }, one.endpoint),
                  el("td", { class: "mono small" }, one.subject),
                  el("td", { class: "n" }, lasted(one.ms)),
                ),
              ),
              { label: "The slowest requests", class: "short" },
            ),
          )
        : null,
    ),
  );
}
