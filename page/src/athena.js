// @ts-check
// The query for Athena with a button that copies it.

import { athenaQuery } from "./athena_query.js";
import { button } from "./controls.js";
import { el } from "./dom.js";

const MESSAGE_MS = 2000;

/**
 * @param {string} text
 * @param {HTMLElement} node shows the text
 */
async function copy(text, node) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without access to the clipboard, the older command copies the selection.
    getSelection()?.selectAllChildren(node);
    document.execCommand("copy");
  }
}

/** @param {import("./asset_index.js").AssetDetails} asset */
export function athenaPart(asset) {
  const query = athenaQuery(asset),
    code = el("pre", { class: "sql", tabindex: "0", "aria-label": "Query for Athena" }, query);
  const copyButton = button("Copy", async () => {
    await copy(query, code);
    copyButton.textContent = "Copied";
    setTimeout(() => {
      copyButton.textContent = "Copy";
    }, MESSAGE_MS);
  });
  copyButton.setAttribute("aria-live", "polite");
  return el(
    "div",
    { class: "snippet" },
    copyButton,
    code,
    el(
      "p",
      { class: "soft small" },
      "The query returns rows only if the table has data. A table that only describes a Datasphere asset has none.",
    ),
  );
}
