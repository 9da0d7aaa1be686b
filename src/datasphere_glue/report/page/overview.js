// What a glance needs: how the run ended, what a person must do, and how it compares.

function sentence() {
  const counts = result.counts,
    said = [];
  const done = ["created", "updated", "restored", "deprecated", "deleted"].filter(
    (name) => counts[name],
  );
  const planned = result.status === "PENDING" && report.changes.every((change) => !change.outcome);
  if (done.length)
    said.push(
      done.map((name) => `${number(counts[name])} ${planned ? "to be " : ""}${name}`).join(", "),
    );
  else said.push("Nothing changed");
  if (counts.unchanged) said.push(`${plural(counts.unchanged, "table")} as before`);
  if (counts.failed) said.push(`${number(counts.failed)} failed`);
  const out = result.spaces.filter((space) => !space.complete).length;
  if (out) said.push(`${plural(out, "space")} could not be read to the end`);
  if (report.reading && report.reading.left)
    said.push(`${plural(report.reading.left, "asset")} left for the next run`);
  return `${said.join("; ")}.`;
}

function runLinks() {
  const here = told.recent.findIndex((run) => run.run_id === result.run_id);
  const before = here > 0 ? told.recent[here - 1] : null;
  return el(
    "p",
    { class: "runs" },
    before
      ? el(
          "a",
          { href: before.page, title: `${before.status}, ${plural(before.changes, "change")}` },
          `← Previous run, ${moment(before.started)}`,
        )
      : null,
    el("a", { href: "../../index.html" }, "All runs"),
  );
}

function showTop() {
  const facts = [
    ["Tenant", result.tenant],
    ["Environment", report.environment],
    ["Started", moment(report.started)],
    ["Took", lasted(result.duration_ms)],
    ["Trigger", [report.trigger, report.cause].filter(Boolean).join(", ")],
    ["Written as", report.actor],
    ["Configuration", report.config_hash && report.config_hash.slice(0, 12)],
    ["Run", result.run_id],
  ];
  byId("top").append(
    el(
      "div",
      { class: "head" },
      el("span", { class: `status ${result.status}` }, words(result.status)),
      runLinks(),
    ),
    el("h1", {}, `${result.action === "sync" ? "" : `${result.action}: `}${sentence()}`),
    el(
      "dl",
      { class: "facts" },
      facts
        .filter(([, value]) => value)
        .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)))),
    ),
  );
}

function card(issues, place) {
  const first = issues[0],
    urgent = place === 0 && /HALTED|FAILED/.test(result.status);
  const rest =
    issues.length > STEP
      ? el("li", { class: "soft" }, `and ${number(issues.length - STEP)} more in the JSON`)
      : null;
  const others =
    issues.length > 1
      ? el(
          "details",
          {},
          el("summary", {}, plural(issues.length, "case")),
          el(
            "ul",
            {},
            issues
              .slice(0, STEP)
              .map((issue) =>
                el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`),
              ),
            rest,
          ),
        )
      : null;
  return el(
    "article",
    { class: `card ${urgent ? "bad" : ""}` },
    el(
      "h3",
      {},
      first.asset === "run" ? "The run" : first.asset,
      issues.length > 1 ? ` and ${number(issues.length - 1)} more` : "",
    ),
    el("p", { class: "do" }, first.remedy),
    el("p", { class: "soft small" }, first.message),
    others,
    el("p", { class: "code" }, el("code", {}, first.code)),
  );
}

function showNext() {
  if (!report.issues.length) return;
  const cards = grouped(report.issues).map(card);
  section("next", `Do next (${cards.length})`, el("div", { class: "cards" }, cards));
}

function strip() {
  if (told.recent.length < 2) return null;
  const most = Math.max(1, ...told.recent.map((run) => run.changes));
  const one = (run) => {
    const here = run.run_id === result.run_id,
      text = `${moment(run.started)}: ${words(run.status)}, ${plural(run.changes, "change")}`;
    const height = run.changes ? Math.max(4, Math.round((48 * run.changes) / most)) : 0;
    return el(
      "li",
      {},
      el(
        "a",
        {
          href: here ? "#counts" : run.page,
          class: `${run.status} ${here ? "here" : ""}`,
          title: text,
          "aria-label": text,
          "aria-current": here ? "true" : null,
        },
        height ? el("i", { style: `height:${height}px` }) : null,
        el("u", {}),
      ),
    );
  };
  return [
    el("ol", { class: "strip", "aria-label": "The last runs" }, told.recent.map(one)),
    el(
      "p",
      { class: "soft small" },
      `The last ${told.recent.length} runs: the height tells how many changes, the colour how they ended.`,
    ),
  ];
}

function showCounts() {
  const names = [
    "created",
    "updated",
    "restored",
    "deprecated",
    "deleted",
    "unchanged",
    "conflicts",
    "skipped",
    "failed",
  ];
  const tile = (name) =>
    el(
      "div",
      { class: `tile ${name} ${result.counts[name] ? "" : "zero"}` },
      el("dd", {}, number(result.counts[name])),
      el("dt", {}, name),
    );
  section("counts", "This run", el("dl", { class: "tiles" }, names.map(tile)), strip());
}
