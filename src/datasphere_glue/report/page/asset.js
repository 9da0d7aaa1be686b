// The page of one asset: what Datasphere says of it, and what of it is in Glue.

function part(id, title, ...children) {
  return children.flat(2).some(Boolean)
    ? el(
        "section",
        { id: `asset-${id}`, "aria-labelledby": `asset-${id}-title` },
        el("h2", { id: `asset-${id}-title` }, title),
        ...children,
      )
    : null;
}

function assetHead(asset, details) {
  const missing = ((report.completeness || {}).worst || []).find((one) => one.asset === asset.full);
  const facts = [
    ["Glue table", details ? `${details.database}.${details.table}` : asset.table],
    ["Kind", words(asset.kind || "")],
    ["Usage", words((details || {}).usage || "")],
    ["Status", words((details || {}).status || "")],
    ["Owner", (details || {}).owner],
    ["Steward", (details || {}).steward],
    ["Certification", (details || {}).certification],
    ["Tags", ((details || {}).tags || []).join(", ")],
    ["Terms", ((details || {}).terms || []).join(", ")],
    [
      "Complete",
      `${asset.score} %${missing ? `, incomplete: ${missing.missing.map(partName).join(", ").toLowerCase()}` : ""}`,
    ],
  ];
  return el(
    "header",
    { class: "plain" },
    el(
      "p",
      { class: "crumbs" },
      el("a", { href: "#assets", id: "asset-back" }, "← All assets"),
      el("span", { class: "soft mono" }, asset.full),
    ),
    el("h1", { tabindex: "-1", id: "asset-title" }, asset.label || asset.name),
    details && details.description
      ? el("p", { class: "lead description" }, details.description)
      : null,
    el(
      "dl",
      { class: "facts" },
      facts
        .filter(([, value]) => value)
        .map(([name, value]) =>
          el(
            "div",
            {},
            el("dt", {}, name),
            el("dd", { class: name === "Glue table" ? "mono" : null }, value),
          ),
        ),
    ),
  );
}

async function assetPage(full, atlas) {
  const asset = atlas.named(full);
  if (!asset) {
    return [
      el("p", { class: "crumbs" }, el("a", { href: "#assets", id: "asset-back" }, "← All assets")),
      el("h1", { tabindex: "-1", id: "asset-title" }, `${full} is not in this report`),
      el(
        "p",
        {},
        "This run did not evaluate an asset of that name: it may be gone, out of scope, or not readable.",
      ),
      changesPart(full),
    ];
  }
  const details = await atlas.details(asset),
    known = details || { columns: [], space: asset.space };
  return [
    assetHead(asset, details),
    details
      ? null
      : el(
          "p",
          { class: "card" },
          `Columns and context of space ${asset.space} are left out to keep this file small. They are told by `,
          el("code", {}, `datasphere-glue show ${full}`),
        ),
    changesPart(full),
    part("columns", "Columns", columnsPart(known.columns)),
    part(
      "hierarchies",
      "Hierarchies",
      (known.hierarchies || []).length
        ? el(
            "div",
            { class: "cards" },
            known.hierarchies.map((one) => hierarchyTree(one, known.columns)),
          )
        : null,
    ),
    part("lineage", "Lineage", lineagePart(asset, details, atlas)),
    part("associations", "Associations", associationsPart(known, atlas)),
    part(
      "variables",
      "Variables",
      (known.variables || []).length
        ? table(
            ["Variable", "Type", "Needed", "Default", "Filters", "Description"],
            known.variables.map(variableRow),
            { label: "Variables" },
          )
        : null,
    ),
    details ? part("athena", "Query in Athena", athenaPart(details)) : null,
  ];
}

function changesPart(full) {
  const changes = report.changes.filter((change) => change.asset && sapName(change) === full);
  const nodes = changes.map((change) => changeNode(change, null, true));
  for (const node of nodes) node.unfold();
  return part("changes", "Changed in this run", nodes.length ? nodes : null);
}
