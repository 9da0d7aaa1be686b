// The columns of an asset: names, labels and roles, and the types on both sides.

// A type of SAP as short as people write it: Edm.Decimal(Precision=17,Scale=2) is Decimal(17,2).
const shortType = (type) => type.replace(/^(cds|Edm)\./, "").replace(/\b\w+=/g, "");

function columnRow(column) {
  const about = [
    column.unit ? `in ${column.unit}` : "",
    column.aggregation ? words(column.aggregation).toLowerCase() : "",
  ]
    .filter(Boolean)
    .join(", ");
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("span", { class: "mono" }, column.glue),
      column.key ? el("span", { class: "tag key" }, "key") : null,
      column.sap && column.sap.toLowerCase() !== column.glue
        ? el("div", { class: "mono soft small" }, column.sap)
        : null,
    ),
    el(
      "td",
      { class: "about" },
      column.label || el("span", { class: "soft" }, "no label"),
      column.description && column.description !== column.label
        ? el("div", { class: "soft small" }, column.description)
        : null,
    ),
    el(
      "td",
      {},
      column.role && column.role !== "key" ? words(column.role) : "",
      about ? el("div", { class: "soft small" }, about) : null,
    ),
    el(
      "td",
      { class: "mono small types" },
      column.sapType
        ? [
            el("span", { class: "soft" }, shortType(column.sapType)),
            el("span", { class: "soft" }, " → "),
          ]
        : null,
      column.type,
    ),
  );
}

function columnsPart(columns) {
  if (!columns.length) return null;
  const body = columns.map((column) => ({
    row: columnRow(column),
    text: [column.glue, column.sap, column.label, column.description, column.role, column.type]
      .join("\n")
      .toLowerCase(),
  }));
  const count = el(
    "p",
    { class: "soft small", role: "status", "aria-live": "polite" },
    plural(columns.length, "column"),
  );
  const narrow = (event) => {
    const text = event.target.value.toLowerCase();
    let fits = 0;
    for (const { row, text: own } of body) {
      row.hidden = !own.includes(text);
      fits += row.hidden ? 0 : 1;
    }
    count.textContent = `${number(fits)} of ${plural(columns.length, "column")}`;
  };
  return [
    columns.length > 12
      ? el(
          "div",
          { class: "filters" },
          el(
            "label",
            { class: "wide" },
            "Search columns",
            el("input", { type: "search", on: { input: narrow } }),
          ),
        )
      : null,
    count,
    table(
      ["Column", "Label", "Role", "Type in SAP → Glue"],
      body.map(({ row }) => row),
      { label: "Columns", class: "columns" },
    ),
  ];
}
