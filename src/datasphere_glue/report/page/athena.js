// A query for Athena with the labels as names of the result; in its SQL, a quote in a name is doubled.

const sqlName = (text) => `"${text.replaceAll('"', '""')}"`;

// A label that says nothing new is left out; of two equal ones, the second tells its column, too.
function aliases(columns) {
  const taken = new Set(columns.map((column) => column.glue.toLowerCase()));
  return columns.map((column) => {
    let label = column.label.replace(/\s+/g, " ").trim();
    if (!label || label.toLowerCase() === column.glue.toLowerCase()) return "";
    if (taken.has(label.toLowerCase())) label = `${label} (${column.glue})`;
    if (taken.has(label.toLowerCase())) return "";
    taken.add(label.toLowerCase());
    return label;
  });
}

function athenaQuery(asset) {
  const labels = aliases(asset.columns);
  const columns = asset.columns.map(
    (column, place) =>
      `  ${sqlName(column.glue)}${labels[place] ? ` AS ${sqlName(labels[place])}` : ""}`,
  );
  return `SELECT\n${columns.join(",\n") || "  *"}\nFROM "awsdatacatalog".${sqlName(asset.database)}.${sqlName(asset.table)}\nLIMIT 100;\n`;
}

async function copied(text, node, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the right to the clipboard, the selection is what the old command copies.
    getSelection().selectAllChildren(node);
    document.execCommand("copy");
  }
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2000);
}

function athenaPart(asset) {
  const query = athenaQuery(asset),
    code = el("pre", { class: "sql", tabindex: "0", "aria-label": "Query for Athena" }, query);
  const button = el("button", { type: "button", "aria-live": "polite" }, "Copy");
  button.addEventListener("click", () => copied(query, code, button));
  return el(
    "div",
    { class: "snippet" },
    button,
    code,
    el(
      "p",
      { class: "soft small" },
      "It finds rows where data stands behind the table; a table that only describes an asset of Datasphere has none.",
    ),
  );
}
