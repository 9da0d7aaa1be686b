"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const report = data.report, result = report.result;
  const STEP = 200;

  // Every text goes through textContent or an attribute: what people typed stays text.
  function el(tag, about, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(about || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "on") for (const [name, act] of Object.entries(value)) node.addEventListener(name, act);
      else node.setAttribute(key, value === true ? "" : String(value));
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined && child !== "") node.append(child);
    }
    return node;
  }
  const number = (value) => Number(value || 0).toLocaleString("en");
  const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;
  const moment = (text) => (text ? text.replace("T", " ").replace(/(:\d\d)\.\d+/, "$1").replace("+00:00", " UTC").replace(/Z$/, " UTC") : "unknown");
  const lasted = (ms) => (ms < 1000 ? `${ms} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`);
  const table = (change) => (change.table ? `${change.database}.${change.table}` : change.database);

  const sections = [];
  function section(id, title, ...children) {
    const node = el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), ...children);
    document.getElementById("main").append(node);
    sections.push([id, title]);
    return node;
  }

  function sentence() {
    const counts = result.counts, told = [];
    const done = ["created", "updated", "restored", "deprecated", "deleted"].filter((name) => counts[name]);
    const planned = result.status === "PENDING" && report.changes.every((change) => !change.outcome);
    if (done.length) told.push(`${done.map((name) => `${number(counts[name])} ${planned ? "to be " : ""}${name}`).join(", ")}`);
    else told.push("Nothing changed");
    if (counts.unchanged) told.push(`${plural(counts.unchanged, "table")} as before`);
    if (counts.failed) told.push(`${number(counts.failed)} failed`);
    const out = result.spaces.filter((space) => !space.complete).length;
    if (out) told.push(`${plural(out, "space")} could not be read to the end`);
    if (report.reading && report.reading.left) told.push(`${plural(report.reading.left, "asset")} left for the next run`);
    return `${told.join("; ")}.`;
  }

  function top() {
    const facts = [
      ["Tenant", result.tenant], ["Run", result.run_id], ["Started", moment(report.started)],
      ["Took", lasted(result.duration_ms)], ["Trigger", [report.trigger, report.cause].filter(Boolean).join(", ")],
      ["Written as", report.actor], ["Environment", report.environment],
      ["Configuration", report.config_hash && report.config_hash.slice(0, 12)],
    ];
    document.getElementById("top").append(
      el("span", { class: `status ${result.status}` }, result.status.replace("_", " ")),
      el("h1", {}, `${result.action === "sync" ? "" : `${result.action}: `}${sentence()}`),
      el("ul", { class: "facts" }, facts.filter(([, value]) => value).map(([name, value]) => el("li", {}, `${name} `, el("b", {}, String(value))))),
    );
  }

  function grouped(issues) {
    const groups = new Map();
    for (const issue of issues) {
      const key = `${issue.code}\n${issue.remedy}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(issue);
    }
    return [...groups.values()];
  }

  function doNext() {
    if (!report.issues.length) return;
    const cards = grouped(report.issues).map((issues, place) => {
      const first = issues[0];
      const others = issues.length > 1 && el("details", {}, el("summary", {}, plural(issues.length, "case")),
        el("ul", {}, issues.slice(0, STEP).map((issue) => el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`)),
          issues.length > STEP ? el("li", { class: "soft" }, `and ${number(issues.length - STEP)} more in the JSON below`) : null));
      return el("article", { class: `card ${place === 0 && /HALTED|FAILED/.test(result.status) ? "bad" : ""}` },
        el("h3", {}, first.asset === "run" ? "The run" : first.asset, issues.length > 1 ? ` and ${number(issues.length - 1)} more` : ""),
        el("p", {}, first.message), el("p", { class: "do" }, `→ ${first.remedy}`),
        el("p", { class: "soft small" }, el("code", {}, first.code)), others || null);
    });
    section("next", `Do next (${cards.length})`, el("div", { class: "cards" }, cards));
  }

  function since() {
    const counts = result.counts;
    const names = ["created", "updated", "restored", "deprecated", "deleted", "unchanged", "conflicts", "skipped", "failed"];
    const tiles = names.map((name) => el("div", { class: `tile ${counts[name] ? "" : "zero"}` }, el("b", {}, number(counts[name])), name));
    const most = Math.max(1, ...data.recent.map((run) => run.changes));
    const strip = data.recent.length > 1 && el("div", { class: "strip", role: "list", "aria-label": "The last runs" },
      data.recent.map((run) => el("a", {
        role: "listitem", href: run.run_id === result.run_id ? null : run.page, class: `${run.status} ${run.run_id === result.run_id ? "here" : ""}`,
        title: `${moment(run.started)}: ${run.status}, ${plural(run.changes, "change")}`,
        "aria-label": `${moment(run.started)}: ${run.status}, ${plural(run.changes, "change")}`,
      }, run.changes ? el("i", { style: `height:${Math.max(4, Math.round((48 * run.changes) / most))}px` }) : null, el("u", {}))));
    section("counts", "This run", el("div", { class: "tiles" }, tiles), strip || null,
      strip ? el("p", { class: "soft small" }, `The last ${data.recent.length} runs: height is how many changes, colour how they ended.`) : null);
  }

  function fieldRows(change) {
    if (!change.fields.length) return null;
    return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Field"), el("th", {}, "Before and after"))),
      el("tbody", {}, change.fields.map((field) => el("tr", {}, el("td", { class: "mono" }, field.field),
        el("td", {}, field.before === null ? null : el("span", { class: "was" }, field.before), field.after === null ? null : el("span", { class: "now" }, field.after)))))));
  }

  function changeDetails(change) {
    const parts = [el("p", {}, change.reason || "")];
    if (change.renamed) parts.push(el("p", {}, `Renamed from ${change.renamed.from} to ${change.renamed.to}, confidence ${change.renamed.confidence}: ${change.renamed.evidence.join("; ")}`));
    for (const rename of change.columns_renamed || []) parts.push(el("p", {}, `Column ${rename.from} is ${rename.to} now, confidence ${rename.confidence}`));
    for (const column of change.schema || []) {
      parts.push(el("p", {}, el("span", { class: "tag" }, column.kind), ` ${column.column} `, el("code", {}, [column.before, column.after].filter(Boolean).join(" → "))));
    }
    parts.push(fieldRows(change));
    if (change.outcome) parts.push(el("p", { class: "soft small" }, `${change.outcome}${change.verified ? ", read back and found as written" : ""}`));
    return el("div", {}, parts);
  }

  function changes() {
    if (!report.changes.length) return;
    const state = { text: "", kind: "", space: "", shown: STEP };
    const indexed = report.changes.map((change, place) => ({
      change, place, text: [table(change), change.space, change.asset, change.reason, ...change.fields.flatMap((field) => [field.field, field.before, field.after])].join("\n").toLowerCase(),
    }));
    const list = el("div", {}), told = el("p", { class: "soft small", role: "status", "aria-live": "polite" });
    const more = el("button", { type: "button", on: { click: () => { state.shown += STEP; draw(); } } }, "Show more");
    function draw() {
      const fits = indexed.filter(({ change, text }) => (!state.kind || change.kind === state.kind) && (!state.space || change.space === state.space) && text.includes(state.text));
      told.textContent = `${plural(fits.length, "change")} of ${number(indexed.length)}`;
      list.replaceChildren(...fits.slice(0, state.shown).map(({ change, place }) => {
        const node = el("details", { class: "change", id: `change-${place}` }, el("summary", {},
          el("span", { class: `tag ${change.kind}` }, change.kind), el("b", { class: "mono" }, table(change)),
          el("span", { class: "soft" }, change.asset ? `${change.space}.${change.asset}` : `space ${change.space}`),
          change.fields.length ? el("span", { class: "soft" }, plural(change.fields.length, "field")) : null,
          change.outcome && change.outcome !== "done" ? el("span", { class: "tag failed" }, change.outcome) : null));
        node.addEventListener("toggle", () => { if (node.open && node.childElementCount === 1) node.append(changeDetails(change)); });
        return node;
      }));
      more.hidden = fits.length <= state.shown;
    }
    const choice = (label, name, values) => el("label", {}, label, el("select", { on: { change: (event) => { state[name] = event.target.value; state.shown = STEP; draw(); } } },
      el("option", { value: "" }, "all"), [...new Set(values)].sort().map((value) => el("option", { value }, value))));
    const search = el("label", {}, "Search", el("input", { type: "search", placeholder: "table, asset, field, text", on: { input: (event) => { state.text = event.target.value.toLowerCase(); state.shown = STEP; draw(); } } }));
    section("changes", `Changes (${number(report.changes.length)})`,
      el("div", { class: "filters" }, search, choice("Kind", "kind", report.changes.map((change) => change.kind)), choice("Space", "space", report.changes.map((change) => change.space))), told, list, more);
    draw();
    addEventListener("beforeprint", () => { for (const node of list.children) node.open = true; });
    const open = () => {
      const place = /^#change-(\d+)$/.exec(location.hash);
      if (!place) return;
      state.shown = Math.max(state.shown, Number(place[1]) + 1); draw();
      const node = document.getElementById(`change-${place[1]}`);
      if (node) { node.open = true; node.scrollIntoView(); }
    };
    addEventListener("hashchange", open); open();
  }

  function conflicts() {
    if (!report.conflicts.length) return;
    const words = { conflict: "changed on both sides", drift: "edited in Glue, kept", set_back: "edited in Glue, set back" };
    section("conflicts", `Edits of people (${number(report.conflicts.length)})`, el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Where", "What", "In Glue", "In Datasphere"].map((name) => el("th", {}, name)))),
      el("tbody", {}, report.conflicts.slice(0, 5 * STEP).map((one) => el("tr", {}, el("td", { class: "mono" }, `${table(one)} ${one.field}`), el("td", {}, words[one.kind] || one.kind),
        ...[one.catalog, one.source].map((value) => el("td", {}, value === null ? el("span", { class: "soft" }, "nothing") : el("pre", {}, value)))))))));
  }

  function coverage() {
    if (!report.listings.length) return;
    const spaces = new Map(result.spaces.map((space) => [space.space, space]));
    const rows = report.listings.map((one) => {
      const space = spaces.get(one.space) || { counts: {} }, known = one.read + (one.reused || 0), share = one.listed ? Math.round((100 * known) / one.listed) : one.complete ? 100 : 0;
      return el("tr", {}, el("td", {}, el("b", {}, one.space), one.label ? ` ${one.label}` : ""), el("td", { class: "mono" }, space.database || ""),
        el("td", { class: one.complete ? "good" : "warn" }, one.complete ? "proven complete" : space.reason || "incomplete"),
        ...[one.listed, one.read, one.reused || 0, one.unread, one.left || 0].map((count) => el("td", { class: "n" }, number(count))),
        el("td", {}, el("div", { class: "bar", role: "img", "aria-label": `${share} % known` }, el("i", { style: `width:${Math.min(100, share)}%` }))));
    });
    section("coverage", `Coverage (${plural(report.listings.length, "space")})`, el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Space", "Database", "Listing"].map((name) => el("th", {}, name)), ["Listed", "Read", "Unchanged", "Unreadable", "Left"].map((name) => el("th", { class: "n" }, name)), el("th", {}, "Known"))), el("tbody", {}, rows))),
      report.reading && report.reading.oldest ? el("p", { class: "soft small" }, `Every asset was read at least once since ${moment(report.reading.oldest)}.`) : null);
  }

  function notes() {
    if (!report.notes.length) return;
    section("notes", `Notes for the record (${number(report.notes.length)})`, grouped(report.notes).map((issues) => el("details", {}, el("summary", {}, el("code", {}, issues[0].code), ` ${plural(issues.length, "note")}`),
      el("ul", {}, issues.slice(0, STEP).map((issue) => el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`))), el("p", { class: "small" }, `→ ${issues[0].remedy}`))));
  }

  function evidence() {
    const blob = () => {
      const link = el("a", { href: URL.createObjectURL(new Blob([JSON.stringify(report, null, 1)], { type: "application/json" })), download: `${result.run_id}.json` });
      link.click(); URL.revokeObjectURL(link.href);
    };
    const calls = Object.entries(result.calls).map(([name, count]) => `${number(count)} ${name.replace("_", " ")}`).join(", ");
    section("evidence", "Evidence", el("ul", { class: "facts" }, [["Requests", calls], ["Plan", result.plan_digest ? `sha256:${result.plan_digest}` : "none"], ["Configuration", report.config_hash || "none"], ["Schema", report.schema]]
      .map(([name, value]) => el("li", {}, `${name} `, el("b", { class: "mono" }, value)))),
      el("p", {}, el("button", { type: "button", on: { click: blob } }, "Download this report as JSON")));
  }

  top(); doNext(); since(); changes(); conflicts(); coverage(); notes(); evidence();
  document.getElementById("sections").append(...sections.map(([id, title]) => el("a", { href: `#${id}` }, title)));
  document.getElementById("foot").append(el("p", {}, `datasphere-glue, run ${result.run_id}. One file, nothing is loaded from anywhere.`));
})();
