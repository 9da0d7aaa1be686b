// What people edited in Glue, beside what Datasphere says, and what became of it.

const EDITS = {
  conflict: ["Conflict", "changed on both sides since the last run, the edit is kept"],
  drift: ["Kept", "edited in Glue alone, the edit is kept"],
  set_back: ["Set back", "edited in Glue, Datasphere owns this field"],
};

function editNode(one) {
  const [name, meaning] = EDITS[one.kind] || [words(one.kind), ""];
  const side = (title, text) =>
    el(
      "div",
      {},
      el("h4", {}, title),
      text === null ? el("p", { class: "soft" }, "nothing") : el("pre", {}, text),
    );
  return el(
    "article",
    { class: `edit ${one.kind}` },
    el(
      "h3",
      {},
      el("span", { class: `tag ${one.kind}` }, name),
      " ",
      el("span", { class: "mono" }, glueName(one)),
      " ",
      el("span", { class: "mono soft" }, one.field),
    ),
    el("p", { class: "soft small" }, meaning, one.asset ? [" · ", assetLink(sapName(one))] : null),
    el("div", { class: "sides" }, side("In Glue", one.catalog), side("In Datasphere", one.source)),
  );
}

function showEdits() {
  const edits = report.conflicts;
  if (!edits.length) return;
  const order = Object.keys(EDITS),
    list = el("div", {});
  const more = el(
    "button",
    { type: "button", on: { click: () => draw(list.childElementCount + STEP) } },
    "Show more",
  );
  const sorted = [...edits].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  function draw(count) {
    list.append(...sorted.slice(list.childElementCount, count).map(editNode));
    more.hidden = count >= sorted.length;
  }
  section("conflicts", `Edits of people (${number(edits.length)})`, list, more);
  draw(STEP);
}
