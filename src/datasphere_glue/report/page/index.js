"use strict";
(() => {
  const runs = JSON.parse(document.getElementById("data").textContent).runs;
  function el(tag, about, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(about || {})) node.setAttribute(key, String(value));
    for (const child of children.flat()) node.append(child);
    return node;
  }
  const moment = (text) => text.replace("T", " ").replace(/(:\d\d)\.\d+/, "$1").replace("+00:00", " UTC");
  document.getElementById("top").append(el("h1", {}, "Runs of datasphere-glue"), el("p", { class: "soft" }, `${runs.length} runs, the latest first.`));
  document.getElementById("sections").remove();
  document.getElementById("main").append(el("section", {}, el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Started", "Status", "Action"].map((name) => el("th", {}, name)), el("th", { class: "n" }, "Changes"), el("th", { class: "n" }, "Took"), el("th", {}, "Report"))),
    el("tbody", {}, runs.map((run) => el("tr", {}, el("td", {}, moment(run.started)), el("td", {}, el("span", { class: `status ${run.status}` }, run.status.replace("_", " "))), el("td", {}, run.action),
      el("td", { class: "n" }, run.changes.toLocaleString("en")), el("td", { class: "n" }, `${(run.duration_ms / 1000).toFixed(1)} s`), el("td", {}, el("a", { href: run.page }, run.run_id)))))))));
})();
