// @ts-check
// The page of one asset: its metadata in Datasphere and its table in Glue.

import { associationsPart, variablesPart } from "./associations.js";
import { athenaPart } from "./athena.js";
import { changeNode } from "./changes.js";
import { columnsPart } from "./columns.js";
import { partName } from "./completeness_totals.js";
import { factList } from "./controls.js";
import { el } from "./dom.js";
import { hierarchyTree } from "./hierarchy.js";
import { lineagePart } from "./lineage_view.js";
import { glueName, sapName } from "./names.js";
import { calculationsPart, loadsPart, rowsPart, sourcesPart } from "./sources.js";
import { factWords, releaseText, words } from "./text.js";

/** @typedef {import("./asset_index.js").AssetDetails} AssetDetails */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */
/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./report_document.js").ReportDocument} ReportDocument */

/**
 * @param {string} id
 * @param {string} title
 * @param {Child} content null: there is no such part
 */
const part = (id, title, content) =>
  content === null
    ? null
    : el(
        "section",
        { id: `asset-${id}`, "aria-labelledby": `asset-${id}-title` },
        el("h2", { id: `asset-${id}-title` }, title),
        content,
      );

/** @param {string} title */
const heading = (title) => el("h1", { tabindex: "-1", id: "asset-title" }, title);
const backLink = () => el("a", { href: "#assets", id: "asset-back" }, "← All assets");

/**
 * @param {IndexedAsset} asset
 * @param {ReportDocument} report
 */
function completenessText({ fullName, score }, report) {
  const worst = (report.completeness?.worst ?? []).find((entry) => entry.asset === fullName);
  return worst
    ? `${score} %, incomplete: ${worst.missing.map(partName).join(", ").toLowerCase()}`
    : `${score} %`;
}

/**
 * @param {IndexedAsset} asset
 * @param {AssetDetails | undefined} details
 * @param {ReportDocument} report
 */
function assetHead(asset, details, report) {
  return el(
    "header",
    { class: "plain" },
    el("p", { class: "crumbs" }, backLink(), el("span", { class: "soft mono" }, asset.fullName)),
    heading(asset.label || asset.name),
    details?.description ? el("p", { class: "lead description" }, details.description) : null,
    factList(
      "facts",
      [
        ["Glue table", details ? glueName(details) : asset.table],
        ["Kind", words(asset.kind)],
        ["Usage", words(details?.usage ?? "")],
        ["Status", words(details?.status ?? "")],
        ["Owner", details?.owner],
        ["Steward", details?.steward],
        ["Certification", details?.certification],
        ["Tags", details?.tags?.join(", ")],
        ["Terms", details?.terms?.join(", ")],
        ["Release", releaseText(details?.release ?? {})],
        ["Personal data", factWords(details?.personal_data ?? {})],
        ["Complete", completenessText(asset, report)],
      ],
      (name) => (name === "Glue table" ? "mono" : null),
    ),
  );
}

/**
 * @param {string} fullName
 * @param {ReportDocument} report
 */
function changesPart(fullName, report) {
  const nodes = report.changes
    .filter((change) => change.asset && sapName(change) === fullName)
    .map((change) => {
      const { node, unfold } = changeNode(change, { onAssetPage: true });
      unfold();
      return node;
    });
  return part("changes", "Changes in this run", nodes.length ? nodes : null);
}

/**
 * @param {string} fullName
 * @param {ReportDocument} report
 */
const unknownAsset = (fullName, report) => [
  el("p", { class: "crumbs" }, backLink()),
  heading(`${fullName} is not in this report`),
  el(
    "p",
    {},
    "This run did not evaluate an asset with this name. It may be deleted, out of scope or unreadable.",
  ),
  changesPart(fullName, report),
];

/** @param {IndexedAsset} asset */
const leftOutNote = ({ space, fullName }) =>
  el(
    "p",
    { class: "card" },
    `Columns and context of space ${space} are not included, to keep this file small. To see them: `,
    el("code", {}, `datasphere-glue show ${fullName}`),
  );

/** @param {AssetDetails} details */
const hierarchiesPart = ({ hierarchies = [], columns }) =>
  hierarchies.length
    ? el(
        "div",
        { class: "cards" },
        hierarchies.map((hierarchy) => hierarchyTree(hierarchy, columns)),
      )
    : null;

/**
 * @param {IndexedAsset} asset
 * @param {AssetDetails | undefined} details
 * @param {AssetIndex} assetIndex
 */
function lineageParts(asset, details, assetIndex) {
  const drawn = lineagePart(asset, details, assetIndex);
  const gap =
    details?.lineage_complete === "false"
      ? el("p", { class: "soft" }, "Not all sources could be determined. The rest is not guessed.")
      : null;
  return drawn || gap ? [gap, drawn] : null;
}

/**
 * @param {string} fullName
 * @param {AssetIndex} assetIndex
 * @param {ReportDocument} report
 * @returns {Promise<Element[]>}
 */
export async function assetPage(fullName, assetIndex, report) {
  const asset = assetIndex.named(fullName);
  if (!asset) return unknownAsset(fullName, report).filter((node) => node !== null);
  const details = await assetIndex.details(asset);
  const lineage = part("lineage", "Lineage", lineageParts(asset, details, assetIndex));
  const head = [assetHead(asset, details, report), changesPart(fullName, report)];
  const nodes = details
    ? [
        ...head,
        part("columns", "Columns", columnsPart(details, asset, assetIndex)),
        part(
          "calculations",
          "Cross calculations",
          calculationsPart(details.cross_calculations ?? []),
        ),
        part("hierarchies", "Hierarchies", hierarchiesPart(details)),
        lineage,
        part("sources", "Built on", sourcesPart(details.sources ?? [], asset, assetIndex)),
        part("loads", "Loaded by", loadsPart(details.loads ?? [], asset, assetIndex)),
        part("rows", "Rows", rowsPart(details, asset, assetIndex)),
        part(
          "associations",
          "Associations",
          associationsPart(details.associations ?? [], details.space, assetIndex),
        ),
        part("variables", "Variables", variablesPart(details.variables ?? [])),
        part("athena", "Query in Athena", athenaPart(details)),
      ]
    : [head[0], leftOutNote(asset), head[1], lineage];
  return nodes.filter((node) => node !== null);
}
