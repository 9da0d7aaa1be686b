// How much of what the assets could say they do say: by part, by space, over time, and the worst.

const PARTS = {
  label: "Label",
  description: "Description",
  column_label: "Column label",
  column_description: "Column description",
  role: "Role of a column",
  unit: "Unit or currency",
  hierarchy: "Hierarchy",
  owner: "Owner",
  steward: "Steward",
  certification: "Certification",
  tags: "Tags",
  terms: "Glossary terms",
};
const partName = (part) => PARTS[part] || words(part);
const inOrder = (parts) => [
  ...Object.keys(PARTS).filter((part) => parts.has(part)),
  ...[...parts].filter((part) => !(part in PARTS)).sort(),
];
const percentOf = (part) =>
  part.of - part.unavailable ? (100 * part.have) / (part.of - part.unavailable) : null;
const shown = (percent) =>
  percent === 100 || percent === 0
    ? `${percent} %`
    : `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;

function totals(spaces) {
  const found = new Map();
  for (const part of spaces.flatMap((space) => space.parts)) {
    const sum = found.get(part.part) || { part: part.part, have: 0, of: 0, unavailable: 0 };
    for (const key of ["have", "of", "unavailable"]) sum[key] += part[key];
    found.set(part.part, sum);
  }
  return found;
}

// Runs that looked at nearly as many assets: one of a single space says nothing about the others.
function comparable(assets) {
  const until = told.recent.findIndex((run) => run.run_id === result.run_id);
  return told.recent
    .slice(0, until + 1)
    .filter((run) => run.shares && (run.assets || 0) >= 0.8 * assets);
}

function trend(runs, part) {
  const values = runs.map((run) => run.shares[part]).filter((value) => value !== undefined);
  if (values.length < 2) return el("span", { class: "soft" }, "–");
  const low = Math.min(...values),
    high = Math.max(...values),
    span = Math.max(1, high - low),
    step = 88 / (values.length - 1);
  const points = values.map(
    (value, place) =>
      `${(4 + place * step).toFixed(1)},${(low === high ? 10 : 17 - (14 * (value - low)) / span).toFixed(1)}`,
  );
  const delta = values.at(-1) - values.at(-2),
    text = `${delta > 0 ? "+" : delta < 0 ? "−" : "±"}${Math.abs(delta).toFixed(1)}`;
  const [x, y] = points.at(-1).split(",");
  return el(
    "span",
    { class: "trend" },
    drawn(
      "svg",
      { viewBox: "0 0 96 20", width: 96, height: 20, "aria-hidden": "true" },
      drawn("polyline", { points: points.join(" ") }),
      drawn("circle", { cx: x, cy: y, r: 2.5 }),
    ),
    el(
      "span",
      {
        class: delta > 0 ? "good" : delta < 0 ? "bad-text" : "soft",
        title: "against the run before, in percent points",
      },
      text,
    ),
  );
}

function partRow(part, runs) {
  const percent = percentOf(part),
    share = (count) => `width:${(100 * count) / part.of}%`;
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
        el("i", { class: percent === null ? "" : toneOf(percent), style: share(part.have) }),
        el("i", { class: "none", style: share(part.of - part.have - part.unavailable) }),
        el("i", { class: "hatched", style: share(part.unavailable) }),
      ),
    ),
    el(
      "td",
      { class: "n" },
      percent === null ? el("span", { class: "soft" }, "–") : el("b", {}, shown(percent)),
    ),
    el("td", { class: "n" }, number(part.have)),
    el("td", { class: "n" }, number(part.of - part.have - part.unavailable)),
    el(
      "td",
      { class: "n" },
      part.unavailable ? number(part.unavailable) : el("span", { class: "soft" }, "0"),
    ),
    el("td", {}, trend(runs, part.part)),
  );
}

function spaceRow(space, parts) {
  const known = new Map(space.parts.map((part) => [part.part, part]));
  const cell = (name) => {
    const part = known.get(name);
    if (!part) return el("td", { class: "n soft" }, "–");
    const percent = percentOf(part);
    if (percent === null)
      return el("td", { class: "n soft", title: "not available from the source" }, "n/a");
    return el(
      "td",
      { class: "n", title: `${number(part.have)} of ${number(part.of - part.unavailable)}` },
      shown(percent),
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

function worstRow(one) {
  return el(
    "tr",
    {},
    el("td", {}, assetLink(one.asset)),
    el("td", { class: "n score" }, `${one.score} %`),
    el(
      "td",
      {},
      one.missing.map((part) => el("span", { class: "tag plain" }, partName(part))),
    ),
  );
}

function showCompleteness() {
  const spaces = ((report.completeness || {}).spaces || []).filter((space) => space.assets),
    worst = (report.completeness || {}).worst || [];
  if (!spaces.length) return;
  const all = totals(spaces),
    parts = inOrder(new Set(all.keys())),
    assets = spaces.reduce((sum, space) => sum + space.assets, 0);
  const runs = comparable(assets),
    columns = spaces.reduce((sum, space) => sum + space.columns, 0);
  const tellable = parts.filter((part) => percentOf(all.get(part)) !== null);
  section(
    "completeness",
    "Completeness",
    el(
      "p",
      { class: "lead" },
      `What ${plural(assets, "asset")} with ${plural(columns, "column")} tell of the business. `,
      el("span", { class: "key" }, el("i", { class: "none" }), "missing"),
      " can be filled in Datasphere; ",
      el("span", { class: "key" }, el("i", { class: "hatched" }), "not available"),
      " is what no source that was read can tell.",
    ),
    table(
      ["Part", "", ">Share", ">There", ">Missing", ">Not available", "Trend"],
      parts.map((part) => partRow(all.get(part), runs)),
      { label: "Completeness of all spaces", class: "parts" },
    ),
    el("h3", {}, "By space"),
    table(
      ["Space", ">Assets", ">Columns", ...tellable.map((part) => `>${partName(part)}`)],
      spaces.map((space) => spaceRow(space, tellable)),
      { label: "Completeness by space", class: "matrix" },
    ),
    worst.length
      ? [
          el("h3", {}, `The ${worst.length} assets that say least`),
          table(["Asset", ">Score", "Incomplete"], worst.map(worstRow), {
            label: "The least complete assets",
            class: "worst",
          }),
        ]
      : null,
  );
}
