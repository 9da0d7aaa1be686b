// All runs, the latest first.

const { runs } = JSON.parse(byId("data").textContent);

function runRow(run) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("a", { href: run.page }, moment(run.started))),
    el("td", {}, el("span", { class: `status ${run.status}` }, words(run.status))),
    el("td", {}, run.action),
    el("td", { class: "n" }, number(run.changes)),
    el("td", { class: "n" }, lasted(run.duration_ms)),
    el("td", { class: "mono small soft" }, run.run_id),
  );
}

byId("top").append(
  el("h1", {}, "Runs of datasphere-glue"),
  el("p", { class: "soft" }, `${plural(runs.length, "run")}, the latest first.`),
);
byId("sections").remove();
byId("main").append(
  el(
    "section",
    { "aria-label": "Runs" },
    table(["Started", "Status", "Action", ">Changes", ">Took", "Run"], runs.map(runRow), {
      label: "Runs",
    }),
  ),
);
document.documentElement.dataset.ready = "true";
