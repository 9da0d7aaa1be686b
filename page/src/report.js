// @ts-check
// The report of a run, from what needs attention to what proves it.

import { AssetIndex, unpacked } from "./asset_index.js";
import { assetsSection, unsupportedAssetsSection } from "./asset_list.js";
import { assetPage } from "./asset_page.js";
import { changesSection } from "./changes.js";
import { completenessSection } from "./completeness.js";
import { coverageSection } from "./coverage.js";
import { byId, el } from "./dom.js";
import { evidenceSection } from "./evidence.js";
import { healthSection } from "./health.js";
import { nextSection, notesSection, otherIssuesSection } from "./issue_list.js";
import { manualEditsSection } from "./manual_edits.js";
import { countsSection, pageHead } from "./overview.js";
import { canOpenAssets, hasAssets, pageData } from "./page_data.js";
import { startRoutes } from "./routes.js";
import { sectionLink } from "./sections.js";

/** @typedef {import("./asset_document.js").IndexDocument} IndexDocument */
/** @typedef {import("./asset_document.js").SpaceDocument} SpaceDocument */
/** @typedef {import("./report_document.js").PageData} PageData */
/** @typedef {import("./sections.js").Section} Section */

/** @param {string} id */
const unpackedElement = (id) => unpacked(byId(id).textContent ?? "");

/** @param {readonly string[]} spaces spaces whose assets are in this file */
async function readAssetIndex(spaces) {
  if (!canOpenAssets()) return null;
  const index = /** @type {IndexDocument} */ (await unpackedElement("asset-index"));
  return new AssetIndex(index, async (space) => {
    const position = spaces.indexOf(space);
    if (position < 0) return null;
    return /** @type {SpaceDocument} */ (await unpackedElement(`asset-space-${position}`));
  });
}

/** @param {readonly (Section | null)[]} sections */
function append(sections) {
  const present = sections.filter((section) => section !== null);
  byId("report").append(...present.map(({ node }) => node));
  byId("sections").append(...present.map(sectionLink));
}

async function show() {
  const data = /** @type {PageData} */ (pageData()),
    { report } = data;
  byId("main").append(el("div", { id: "report" }), el("div", { id: "asset", hidden: true }));
  byId("top").append(...pageHead(data));
  const changes = changesSection(report);
  append([
    nextSection(report),
    countsSection(data),
    changes.section,
    manualEditsSection(report),
    completenessSection(data),
  ]);
  const assetIndex = await readAssetIndex(data.spaces);
  append([
    assetIndex ? assetsSection(assetIndex, report.changes) : null,
    hasAssets() && !assetIndex ? unsupportedAssetsSection() : null,
    coverageSection(report, assetIndex),
    otherIssuesSection(report),
    notesSection(report),
    healthSection(report),
    evidenceSection(report),
  ]);
  const { run_id: runId } = report.result;
  byId("foot").append(
    el("p", {}, `datasphere-glue, run ${runId}. This file loads nothing from the network.`),
  );
  startRoutes({
    assetPage: assetIndex && ((fullName) => assetPage(fullName, assetIndex, report)),
    openChange: changes.openChange,
    runId,
  });
  addEventListener("beforeprint", () => {
    for (const fold of byId("asset").querySelectorAll("details")) fold.open = true;
  });
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

show();
