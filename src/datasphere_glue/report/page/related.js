// What an asset leads to, and what it asks of those who read it.

function associationsPart(details, atlas) {
  const all = details.associations || [],
    counted = all.some((one) => one.cardinality);
  if (!all.length) return null;
  return table(
    ["Association", "Leads to", "Columns", counted ? "Cardinality" : null].filter(Boolean),
    all.map((one) => associationRow(one, details, atlas, counted)),
    { label: "Associations" },
  );
}

function associationRow(one, details, atlas, counted) {
  const target = `${one.space || details.space}.${one.target}`;
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      one.label || one.name,
      one.label ? el("div", { class: "mono soft small" }, one.name) : null,
    ),
    el(
      "td",
      {},
      atlas.named(target)
        ? assetLink(target)
        : one.target
          ? target
          : el("span", { class: "soft" }, "unknown"),
      one.composition ? el("span", { class: "tag plain" }, "composition") : null,
    ),
    el(
      "td",
      {},
      (one.columns || []).map(([from, to]) =>
        el("div", { class: "mono small" }, `${from} = ${to}`),
      ),
    ),
    counted ? el("td", { class: "small soft" }, one.cardinality || "") : null,
  );
}

function variableRow(one) {
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      one.label || one.name,
      one.label ? el("div", { class: "mono soft small" }, one.name) : null,
    ),
    el("td", { class: "mono small" }, shortType(one.type || "")),
    el("td", {}, one.mandatory === undefined ? "" : one.mandatory ? "mandatory" : "optional"),
    el(
      "td",
      { class: "mono small" },
      one.default === undefined ? "" : one.default === "" ? "(empty)" : one.default,
    ),
    el("td", {}, [
      words(one.kind || ""),
      one.column ? el("div", { class: "mono soft small" }, one.column) : null,
    ]),
    el("td", { class: "small" }, one.description || ""),
  );
}
