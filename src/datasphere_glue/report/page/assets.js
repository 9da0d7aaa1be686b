// The list of all assets: searched, filtered and shown a page at a time.

const PAGE = 50;
const BANDS = [
  ["100", "complete", (score) => score === 100],
  ["75", "75 to 99 %", (score) => score >= 75 && score < 100],
  ["50", "50 to 74 %", (score) => score >= 50 && score < 75],
  ["0", "below 50 %", (score) => score < 50],
];
const ORDERS = [
  ["name", "name", (a, b) => a.place - b.place],
  ["score", "least complete", (a, b) => a.score - b.score || a.place - b.place],
  ["columns", "most columns", (a, b) => b.columns - a.columns || a.place - b.place],
];

function assetRow(asset, changed) {
  return el(
    "li",
    {},
    el(
      "a",
      { href: assetHash(asset.full), class: "asset" },
      el(
        "span",
        { class: "what" },
        el("b", {}, asset.label || asset.name),
        changed ? el("span", { class: `tag ${changed.kind}` }, changed.kind) : null,
        el("span", { class: "mono soft" }, asset.full),
      ),
      el("span", { class: "soft kind" }, words(asset.kind || "asset")),
      el("span", { class: "n soft columns" }, plural(asset.columns, "column")),
      el("span", { class: "n score" }, `${asset.score} %`, bar(asset.score, toneOf(asset.score))),
    ),
  );
}

function showAssets(atlas) {
  const state = { words: [], space: "", kind: "", band: "", changed: "", order: "name", page: 0 };
  const changes = new Map(
    report.changes.filter((change) => change.asset).map((change) => [sapName(change), change]),
  );
  const texts = atlas.assets.map((asset) =>
    `${asset.full}\n${asset.table}\n${asset.label}`.toLowerCase(),
  );
  const list = el("ul", { class: "assets", "aria-label": "Assets" }),
    count = el("p", { class: "soft small", role: "status", "aria-live": "polite" });
  const page = el("span", { class: "soft small" });
  const back = el("button", { type: "button", on: { click: () => turn(-1) } }, "← Back"),
    on = el("button", { type: "button", on: { click: () => turn(1) } }, "Next →");
  const pager = el(
    "div",
    { class: "pager", role: "group", "aria-label": "Pages of the list" },
    back,
    page,
    on,
  );
  let fits = [];

  function find() {
    const band = BANDS.find(([value]) => value === state.band);
    fits = atlas.assets.filter(
      (asset) =>
        (!state.space || asset.space === state.space) &&
        (!state.kind || asset.kind === state.kind) &&
        (!band || band[2](asset.score)) &&
        (!state.changed || changes.has(asset.full)) &&
        state.words.every((word) => texts[asset.place].includes(word)),
    );
    if (state.order !== "name") fits.sort(ORDERS.find(([value]) => value === state.order)[2]);
    state.page = 0;
    count.textContent = `${number(fits.length)} of ${plural(atlas.assets.length, "asset")}`;
    draw();
  }
  function draw() {
    const from = state.page * PAGE,
      pages = Math.max(1, Math.ceil(fits.length / PAGE));
    list.replaceChildren(
      ...fits.slice(from, from + PAGE).map((asset) => assetRow(asset, changes.get(asset.full))),
    );
    page.textContent = `Page ${number(state.page + 1)} of ${number(pages)}`;
    back.disabled = state.page === 0;
    on.disabled = state.page + 1 >= pages;
    pager.hidden = pages === 1;
  }
  function turn(step) {
    const pages = Math.ceil(fits.length / PAGE),
      next = state.page + step;
    if (next < 0 || next >= pages) return false;
    state.page = next;
    draw();
    return true;
  }
  const set = (name) => (value) => {
    state[name] = value;
    find();
  };
  const search = el("input", {
    type: "search",
    id: "asset-search",
    "aria-keyshortcuts": "/",
    placeholder: "Name, label or table",
    on: {
      input: (event) => set("words")(event.target.value.toLowerCase().split(/\s+/).filter(Boolean)),
    },
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.firstChild) {
      event.preventDefault();
      list.firstChild.firstChild.focus();
    }
    if (event.key === "Enter" && fits.length) location.hash = assetHash(fits[0].full);
  });
  const order = el(
    "label",
    {},
    "Order",
    el(
      "select",
      { on: { change: (event) => set("order")(event.target.value) } },
      ORDERS.map(([value, name]) => el("option", { value }, name)),
    ),
  );
  arrows(list, (step) => {
    if (step < 0 && state.page === 0) search.focus();
    else if (turn(step)) (step > 0 ? list.firstChild : list.lastChild).firstChild.focus();
  });
  section(
    "assets",
    `Assets (${number(atlas.assets.length)})`,
    el(
      "div",
      { class: "filters" },
      el("label", { class: "wide" }, el("span", {}, "Search ", el("kbd", {}, "/")), search),
      choice("Space", distinct(atlas.spaces), set("space")),
      choice("Kind", distinct(atlas.assets.map((asset) => asset.kind)), set("kind")),
      choice("Completeness", BANDS, set("band")),
      changes.size ? choice("In this run", [["changed", "changed"]], set("changed")) : null,
      order,
    ),
    count,
    list,
    pager,
    atlas.leftOut.length
      ? el(
          "p",
          { class: "soft small" },
          `To keep this file small, columns and context are left out for: ${atlas.leftOut.join(", ")}.`,
        )
      : null,
  );
  find();
}
