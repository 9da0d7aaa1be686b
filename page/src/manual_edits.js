// @ts-check
// Manual edits in Glue, next to the values in Datasphere.

import { assetLink } from "./asset_link.js";
import { button } from "./controls.js";
import { el } from "./dom.js";
import { glueName, sapName } from "./names.js";
import { LIST_STEP, section } from "./sections.js";
import { number, words } from "./text.js";

/** @typedef {import("./report_document.js").Conflict} Conflict */

/** @type {Record<string, [name: string, meaning: string]>} */
const KINDS = {
  conflict: ["Conflict", "changed on both sides since the last run, the edit is kept"],
  drift: ["Kept", "edited in Glue only, the edit is kept"],
  set_back: ["Set back", "edited in Glue, Datasphere owns this field"],
};

/** @param {Conflict} edit */
function editNode(edit) {
  const [name, meaning] = KINDS[edit.kind] ?? [words(edit.kind), ""];
  /**
   * @param {string} title
   * @param {string | null} text
   */
  const side = (title, text) =>
    el(
      "div",
      {},
      el("h4", {}, title),
      text === null ? el("p", { class: "soft" }, "not set") : el("pre", {}, text),
    );
  return el(
    "article",
    { class: `edit ${edit.kind}` },
    el(
      "h3",
      {},
      el("span", { class: `tag ${edit.kind}` }, name),
      " ",
      el("span", { class: "mono" }, glueName(edit)),
      " ",
      el("span", { class: "mono soft" }, edit.field),
    ),
    el(
      "p",
      { class: "soft small" },
      meaning,
      edit.asset ? [" · ", assetLink(sapName(edit))] : null,
    ),
    el(
      "div",
      { class: "sides" },
      side("In Glue", edit.catalog),
      side("In Datasphere", edit.source),
    ),
  );
}

/** @param {import("./report_document.js").ReportDocument} report */
export function manualEditsSection({ conflicts }) {
  if (!conflicts.length) return null;
  const order = Object.keys(KINDS),
    list = el("div", {});
  const sorted = [...conflicts].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const more = button("Show more", () => draw(list.childElementCount + LIST_STEP));
  /** @param {number} count */
  function draw(count) {
    list.append(...sorted.slice(list.childElementCount, count).map(editNode));
    more.hidden = count >= sorted.length;
  }
  draw(LIST_STEP);
  return section("conflicts", `Manual edits (${number(conflicts.length)})`, list, more);
}
