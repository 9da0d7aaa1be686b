// A hierarchy as a tree: levels below each other, or the parent column above the child column.

function hierarchyTree(hierarchy, columns) {
  const labels = new Map(columns.map((column) => [column.sap, column.label]));
  const named = (name) => [
    el("b", {}, labels.get(name) || name),
    labels.get(name) ? el("code", { class: "soft" }, ` ${name}`) : null,
  ];
  const node = (content, below) => el("ul", {}, el("li", {}, content, below));
  const levels = (hierarchy.levels || []).reduceRight(
    (below, name, place) =>
      node([el("span", { class: "soft small" }, `Level ${place + 1} `), named(name)], below),
    null,
  );
  const list = (names) => names.flatMap((name, place) => [place ? ", " : null, named(name)]);
  const parents = hierarchy.parent
    ? node(
        [el("span", { class: "soft small" }, "Parent "), list(hierarchy.parent)],
        node([el("span", { class: "soft small" }, "Child "), list(hierarchy.child || [])], null),
      )
    : null;
  return el(
    "article",
    { class: "hierarchy" },
    el(
      "h4",
      {},
      hierarchy.label || hierarchy.name,
      el("span", { class: "tag plain" }, words(hierarchy.kind || "")),
    ),
    hierarchy.label ? el("p", { class: "mono soft small" }, hierarchy.name) : null,
    el("div", { class: "tree" }, levels, parents),
    hierarchy.association
      ? el("p", { class: "soft small" }, `Held by the association ${hierarchy.association}`)
      : null,
  );
}
