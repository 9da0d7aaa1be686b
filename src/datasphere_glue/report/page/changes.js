// What changed: grouped by space, with before and after beside each other.

function fieldRows(fields) {
  const value = (text, kind) =>
    text === null || text === undefined
      ? el("span", { class: "soft" }, "nothing")
      : el("span", { class: kind }, text);
  const one = (field) =>
    el(
      "div",
      { class: "field", role: "row" },
      el("div", { class: "name", role: "rowheader" }, field.field),
      el("div", { role: "cell" }, value(field.before, "was")),
      el("div", { role: "cell" }, value(field.after, "now")),
    );
  return el(
    "div",
    { class: "fields", role: "table", "aria-label": "Fields before and after" },
    el(
      "div",
      { class: "field head", role: "row" },
      ["Field", "Before", "After"].map((name) => el("div", { role: "columnheader" }, name)),
    ),
    fields.map(one),
  );
}

function changeDetails(change, onAsset) {
  const parts = [el("p", {}, change.reason || "")];
  const named =
    change.asset && !onAsset && change.kind !== "deleted" ? assetLink(sapName(change)) : null;
  if (change.renamed)
    parts.push(
      el(
        "p",
        {},
        `Renamed from ${change.renamed.from} to ${change.renamed.to}, confidence ${change.renamed.confidence}: ${change.renamed.evidence.join("; ")}`,
      ),
    );
  for (const rename of change.columns_renamed || [])
    parts.push(
      el("p", {}, `Column ${rename.from} is ${rename.to} now, confidence ${rename.confidence}`),
    );
  for (const column of change.schema || []) {
    parts.push(
      el(
        "p",
        {},
        el("span", { class: "tag" }, column.kind),
        ` ${column.column} `,
        el("code", {}, [column.before, column.after].filter(Boolean).join(" → ")),
      ),
    );
  }
  if (change.fields.length) parts.push(fieldRows(change.fields));
  const ended = change.outcome
    ? `${words(change.outcome)}${change.verified ? ", read back and found as written" : ""}`
    : "planned";
  parts.push(el("p", { class: "soft small" }, ended, named ? [" · ", named] : null));
  return el("div", {}, parts);
}

// One change that opens; what is in it is made when it opens first.
function changeNode(change, place, onAsset) {
  const node = el(
    "details",
    { class: "change", id: place === null ? null : `change-${place}` },
    el(
      "summary",
      {},
      el("span", { class: `tag ${change.kind}` }, change.kind),
      el("b", { class: "mono" }, glueName(change)),
      el("span", { class: "soft" }, change.asset ? sapName(change) : `space ${change.space}`),
      change.fields.length
        ? el("span", { class: "soft" }, plural(change.fields.length, "field"))
        : null,
      change.outcome && change.outcome !== "done"
        ? el("span", { class: "tag failed" }, words(change.outcome))
        : null,
    ),
  );
  const fill = () =>
    node.open && node.childElementCount === 1 && node.append(changeDetails(change, onAsset));
  node.addEventListener("toggle", fill);
  node.unfold = () => {
    node.open = true;
    fill();
  };
  return node;
}

const changeText = (change) =>
  [
    glueName(change),
    sapName(change),
    change.reason,
    ...change.fields.flatMap((field) => [field.field, field.before, field.after]),
  ]
    .join("\n")
    .toLowerCase();

function showChanges() {
  if (!report.changes.length) return () => false;
  const state = { text: "", kind: "", space: "", shown: STEP };
  const entries = report.changes
    .map((change, place) => ({ change, place, text: changeText(change) }))
    .sort((a, b) =>
      a.change.space < b.change.space
        ? -1
        : a.change.space > b.change.space
          ? 1
          : a.place - b.place,
    );
  const list = el("div", { class: "list" }),
    count = el("p", { class: "soft small", role: "status", "aria-live": "polite" });
  const more = el(
    "button",
    {
      type: "button",
      on: {
        click: () => {
          state.shown += STEP;
          draw();
        },
      },
    },
    "Show more",
  );
  function draw() {
    const fits = entries.filter(
      ({ change, text }) =>
        (!state.kind || change.kind === state.kind) &&
        (!state.space || change.space === state.space) &&
        text.includes(state.text),
    );
    const nodes = [];
    let last = null;
    for (const { change, place } of fits.slice(0, state.shown)) {
      if (change.space !== last) nodes.push(el("h3", { class: "group" }, change.space));
      last = change.space;
      nodes.push(changeNode(change, place));
    }
    count.textContent = `${number(fits.length)} of ${plural(entries.length, "change")}`;
    list.replaceChildren(...nodes);
    more.hidden = fits.length <= state.shown;
  }
  const set = (name) => (value) => {
    state[name] = value;
    state.shown = STEP;
    draw();
  };
  const kinds = distinct(report.changes.map((change) => change.kind)),
    spaces = distinct(report.changes.map((change) => change.space));
  section(
    "changes",
    `Changes (${number(report.changes.length)})`,
    el(
      "div",
      { class: "filters" },
      el(
        "label",
        { class: "wide" },
        "Search",
        el("input", {
          type: "search",
          id: "change-search",
          placeholder: "Table, asset, field or text",
          on: { input: (event) => set("text")(event.target.value.toLowerCase()) },
        }),
      ),
      choice("Kind", kinds, set("kind")),
      choice("Space", spaces, set("space")),
    ),
    count,
    list,
    more,
  );
  arrows(list, () => {});
  draw();
  addEventListener("beforeprint", () => {
    for (const node of list.querySelectorAll("details")) node.unfold();
  });
  return (place) => {
    state.shown = Math.max(
      state.shown,
      entries.length > place ? entries.findIndex((entry) => entry.place === place) + 1 : 0,
    );
    draw();
    const node = byId(`change-${place}`);
    if (node) {
      node.unfold();
      node.scrollIntoView();
      node.firstChild.focus({ preventScroll: true });
    }
    return Boolean(node);
  };
}
