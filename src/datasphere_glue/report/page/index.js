// Generated from page/src by `make page`. Do not edit.
"use strict";
(() => {
  // src/dom.js
  function filled(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === void 0 || value === false) continue;
      node.setAttribute(key, value === true ? "" : String(value));
    }
    append(node, children);
    return node;
  }
  function append(node, children) {
    for (const child of children) {
      if (Array.isArray(child)) append(node, child);
      else if (child instanceof Node) node.append(child);
      else if (typeof child === "number" || typeof child === "string" && child) {
        node.append(String(child));
      }
    }
  }
  var el = (tag, attributes, ...children) => filled(document.createElement(tag), attributes, children);
  function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error(`the page has no element #${id}`);
    return node;
  }

  // src/controls.js
  function table(headings, rows, options) {
    const cell = (heading) => heading.startsWith(">") ? el("th", { class: "n", scope: "col" }, heading.slice(1)) : el("th", { scope: "col" }, heading);
    return el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { class: options.class, "aria-label": options.label },
        el("thead", {}, el("tr", {}, headings.map(cell))),
        el("tbody", {}, rows)
      )
    );
  }

  // src/page_data.js
  var pageData = () => JSON.parse(byId("data").textContent ?? "");

  // src/text.js
  var number = (value) => Number(value || 0).toLocaleString("en");
  var plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
  var words = (name) => name.replaceAll("_", " ");
  function timeText(time) {
    if (!time) return "unknown";
    return time.replace("T", " ").replace(/(:\d\d)\.\d+/, "$1").replace(/(\+00:00|Z)$/, " UTC");
  }
  function durationText(ms) {
    if (ms < 1e3) return `${number(ms)} ms`;
    if (ms < 6e4) return `${(ms / 1e3).toFixed(1)} s`;
    const seconds = Math.round(ms / 1e3);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }

  // src/index.js
  var startCell = (run) => run.paged ? el("a", { href: run.page }, timeText(run.started)) : timeText(run.started);
  var runCell = (run) => run.paged ? run.run_id : `${run.run_id} (undo: datasphere-glue rollback ${run.run_id})`;
  var runRow = (run) => el(
    "tr",
    {},
    el("th", { scope: "row" }, startCell(run)),
    el("td", {}, el("span", { class: `status ${run.status}` }, words(run.status))),
    el("td", {}, run.action),
    el("td", { class: "n" }, number(run.changes)),
    el("td", { class: "n" }, durationText(run.duration_ms)),
    el("td", { class: "mono small soft" }, runCell(run))
  );
  var { runs } = (
    /** @type {IndexData} */
    pageData()
  );
  byId("top").append(
    el("h1", {}, "Runs of datasphere-glue"),
    el("p", { class: "soft" }, `${plural(runs.length, "run")}, latest first.`)
  );
  byId("sections").remove();
  byId("main").append(
    el(
      "section",
      { "aria-label": "Runs" },
      table(["Started", "Status", "Action", ">Changes", ">Duration", "Run"], runs.map(runRow), {
        label: "Runs"
      })
    )
  );
  document.documentElement.dataset.ready = "true";
})();
