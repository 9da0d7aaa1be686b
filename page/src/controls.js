// @ts-check
// Tables, bars, buttons and fields that several sections use.

import { el } from "./dom.js";

/**
 * A table. A leading ">" in a heading aligns the column as numbers.
 *
 * @param {string[]} headings
 * @param {import("./dom.js").Child[]} rows
 * @param {{ label: string, class?: string }} options
 */
export function table(headings, rows, options) {
  /** @param {string} heading */
  const cell = (heading) =>
    heading.startsWith(">")
      ? el("th", { class: "n", scope: "col" }, heading.slice(1))
      : el("th", { scope: "col" }, heading);
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: options.class, "aria-label": options.label },
      el("thead", {}, el("tr", {}, headings.map(cell))),
      el("tbody", {}, rows),
    ),
  );
}

/**
 * Names with values as a list; pairs without a value are left out.
 *
 * @param {string} style
 * @param {[name: string, value: string | null | undefined][]} facts
 * @param {(name: string) => string | null} [valueStyle]
 */
export const factList = (style, facts, valueStyle = () => null) =>
  el(
    "dl",
    { class: style },
    facts
      .filter(([, value]) => value)
      .map(([name, value]) =>
        el("div", {}, el("dt", {}, name), el("dd", { class: valueStyle(name) }, value)),
      ),
  );

/**
 * @param {number} percent
 * @param {string} tone
 */
export const bar = (percent, tone) =>
  el(
    "span",
    { class: `bar ${tone}`, "aria-hidden": "true" },
    el("i", { style: `width:${Math.max(0, Math.min(100, percent))}%` }),
  );

/** @param {number} percent */
export const toneOf = (percent) => (percent >= 90 ? "good" : percent >= 50 ? "warn" : "bad");

/**
 * @param {string} text
 * @param {() => void} act
 */
export function button(text, act) {
  const node = el("button", { type: "button" }, text);
  node.addEventListener("click", act);
  return node;
}

/**
 * @param {readonly (readonly [value: string, text: string, ...unknown[]])[]} values
 * @param {(value: string) => void} act
 */
export function select(values, act) {
  const node = el(
    "select",
    {},
    values.map(([value, text]) => el("option", { value }, text)),
  );
  node.addEventListener("change", () => act(node.value));
  return node;
}

/**
 * A labelled list with an entry for no restriction, whose value is "".
 *
 * @param {string} label
 * @param {readonly (readonly [value: string, text: string, ...unknown[]])[]} values
 * @param {(value: string) => void} act
 */
export const choice = (label, values, act) =>
  el("label", {}, label, select([["", "all"], ...values], act));

/**
 * @param {import("./dom.js").Attributes} attributes
 * @param {(text: string) => void} act receives the text in lower case
 */
export function searchField(attributes, act) {
  const node = el("input", { type: "search", ...attributes });
  node.addEventListener("input", () => act(node.value.toLowerCase()));
  return node;
}

/** A line that screen readers announce when its text changes. */
export const statusLine = () =>
  el("p", { class: "soft small", role: "status", "aria-live": "polite" });

/**
 * Saves a text as a file.
 *
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
export function download(name, type, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * Moves the focus through the links of a list with the arrow keys.
 *
 * @param {HTMLElement} list
 * @param {(step: number) => void} beyond called at either end of the list
 */
export function arrowKeys(list, beyond) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    /** @type {HTMLElement[]} */
    const links = [...list.querySelectorAll("a, summary")].filter(
      (node) => node instanceof HTMLElement,
    );
    const position = links.findIndex((link) => link === document.activeElement);
    if (!step || position < 0) return;
    event.preventDefault();
    const next = links[position + step];
    if (next) next.focus();
    else beyond(step);
  });
}
