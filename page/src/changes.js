// @ts-check
// The changes of the run, grouped by space, each with its values before and after.

import { assetLink } from "./asset_link.js";
import { arrowKeys, button, choice, searchField, statusLine } from "./controls.js";
import { el } from "./dom.js";
import { glueName, sapName } from "./names.js";
import { LIST_STEP, section } from "./sections.js";
import { distinct, number, plural, words } from "./text.js";

/** @typedef {import("./report_document.js").Change} Change */
/** @typedef {import("./report_document.js").FieldChange} FieldChange */
/** @typedef {import("./report_document.js").ReportDocument} ReportDocument */
/** @typedef {{ change: Change, position: number, text: string }} ChangeEntry */
/** @typedef {{ node: HTMLDetailsElement, unfold: () => void }} ChangeNode */

/** @param {FieldChange[]} fields */
function fieldTable(fields) {
  /**
   * @param {string | null} text
   * @param {string} style
   */
  const value = (text, style) =>
    text === null ? el("span", { class: "soft" }, "not set") : el("span", { class: style }, text);
  return el(
    "div",
    { class: "fields", role: "table", "aria-label": "Fields before and after" },
    el(
      "div",
      { class: "field head", role: "row" },
      ["Field", "Before", "After"].map((name) => el("div", { role: "columnheader" }, name)),
    ),
    fields.map((field) =>
      el(
        "div",
        { class: "field", role: "row" },
        el("div", { class: "name", role: "rowheader" }, field.field),
        el("div", { role: "cell" }, value(field.before, "was")),
        el("div", { role: "cell" }, value(field.after, "now")),
      ),
    ),
  );
}

/** @param {Change} change */
function renameTexts({ renamed, columns_renamed: columns = [] }) {
  const asset = renamed ? [renameText(renamed)] : [];
  return [
    ...asset,
    ...columns.map(
      ({ from, to, confidence }) =>
        `Column renamed from ${from} to ${to}, confidence ${confidence}`,
    ),
  ];
}

/** @param {import("./report_document.js").Rename} rename */
function renameText({ from, to, confidence, evidence, heir }) {
  const why = evidence.join("; ");
  return from === to
    ? `Moved to ${heir}: ${why}`
    : `Renamed from ${from} to ${to}, confidence ${confidence}: ${why}`;
}

/**
 * @param {Change} change
 * @param {boolean} onAssetPage
 */
function changeDetails(change, onAssetPage) {
  const link =
    change.asset && !onAssetPage && change.kind !== "deleted" ? assetLink(sapName(change)) : null;
  const outcome = change.outcome
    ? `${words(change.outcome)}${change.verified ? ", verified by reading back" : ""}`
    : "planned";
  return el(
    "div",
    {},
    el("p", {}, change.reason),
    renameTexts(change).map((text) => el("p", {}, text)),
    (change.schema ?? []).map((column) =>
      el(
        "p",
        {},
        el("span", { class: "tag" }, column.kind),
        ` ${column.column} `,
        el("code", {}, [column.before, column.after].filter(Boolean).join(" → ")),
      ),
    ),
    change.fields.length ? fieldTable(change.fields) : null,
    el("p", { class: "soft small" }, outcome, link ? [" · ", link] : null),
  );
}

/**
 * A change that unfolds; its details are built when it is unfolded for the first time.
 *
 * @param {Change} change
 * @param {{ position?: number, onAssetPage?: boolean }} options
 * @returns {ChangeNode}
 */
export function changeNode(change, { position, onAssetPage = false }) {
  const node = el(
    "details",
    { class: "change", id: position === undefined ? null : `change-${position}` },
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
  const fill = () => {
    if (node.open && node.childElementCount === 1) node.append(changeDetails(change, onAssetPage));
  };
  node.addEventListener("toggle", fill);
  const unfold = () => {
    node.open = true;
    fill();
  };
  return { node, unfold };
}

/** @param {Change} change */
const searchText = (change) =>
  [
    glueName(change),
    sapName(change),
    change.reason,
    ...change.fields.flatMap((field) => [field.field, field.before, field.after]),
  ]
    .join("\n")
    .toLowerCase();

/**
 * Returns the changes by space, those of one space in the order of the report.
 *
 * @param {readonly Change[]} changes
 * @returns {ChangeEntry[]}
 */
export const changeEntries = (changes) =>
  changes
    .map((change, position) => ({ change, position, text: searchText(change) }))
    .sort((a, b) =>
      a.change.space < b.change.space
        ? -1
        : a.change.space > b.change.space
          ? 1
          : a.position - b.position,
    );

/**
 * Returns the section and a function that opens the change at a position of the report.
 *
 * @param {ReportDocument} report
 * @returns {{ section: import("./sections.js").Section | null, openChange: (position: number) => void }}
 */
export function changesSection({ changes }) {
  if (!changes.length) return { section: null, openChange: () => {} };
  const filter = { text: "", kind: "", space: "" };
  const entries = changeEntries(changes);
  const list = el("div", { class: "list" }),
    count = statusLine();
  /** @type {Map<number, ChangeNode>} */
  let shown = new Map();
  let limit = LIST_STEP;
  const more = button("Show more", () => {
    limit += LIST_STEP;
    draw();
  });

  function draw() {
    const matches = entries.filter(
      ({ change, text }) =>
        (!filter.kind || change.kind === filter.kind) &&
        (!filter.space || change.space === filter.space) &&
        text.includes(filter.text),
    );
    const nodes = [];
    let space = null;
    shown = new Map();
    for (const { change, position } of matches.slice(0, limit)) {
      if (change.space !== space) nodes.push(el("h3", { class: "group" }, change.space));
      ({ space } = change);
      const entry = changeNode(change, { position });
      shown.set(position, entry);
      nodes.push(entry.node);
    }
    count.textContent = `${number(matches.length)} of ${plural(entries.length, "change")}`;
    list.replaceChildren(...nodes);
    more.hidden = matches.length <= limit;
  }
  /** @param {keyof typeof filter} name */
  const set = (name) => (/** @type {string} */ value) => {
    filter[name] = value;
    limit = LIST_STEP;
    draw();
  };
  /** @param {number} position */
  function openChange(position) {
    limit = Math.max(limit, entries.findIndex((entry) => entry.position === position) + 1);
    draw();
    const entry = shown.get(position);
    if (!entry) return;
    entry.unfold();
    entry.node.scrollIntoView();
    entry.node.querySelector("summary")?.focus({ preventScroll: true });
  }

  arrowKeys(list, () => {});
  addEventListener("beforeprint", () => {
    for (const { unfold } of shown.values()) unfold();
  });
  draw();
  const search = searchField(
    { id: "change-search", placeholder: "Table, asset, field or text" },
    set("text"),
  );
  return {
    section: section(
      "changes",
      `Changes (${number(changes.length)})`,
      el(
        "div",
        { class: "filters" },
        el("label", { class: "wide" }, "Search", search),
        choice("Kind", distinct(changes.map((change) => change.kind)), set("kind")),
        choice("Space", distinct(changes.map((change) => change.space)), set("space")),
      ),
      count,
      list,
      more,
    ),
    openChange,
  };
}
