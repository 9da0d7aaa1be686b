// @ts-check
// Which assets were read of those that exist, and which have a different name in Glue.

import { assetLink } from "./asset_link.js";
import { renamedAssets } from "./asset_names.js";
import { bar, table } from "./controls.js";
import { el } from "./dom.js";
import { LIST_STEP, section } from "./sections.js";
import { number, plural, timeText } from "./text.js";

/** @typedef {import("./report_document.js").Listing} Listing */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */

/**
 * @param {Listing} listing
 * @param {import("./report_document.js").SpaceResult | undefined} space
 */
function coverageRow(listing, space) {
  const reused = listing.reused ?? 0,
    current = listing.read + reused;
  const share = listing.listed
    ? Math.round((100 * current) / listing.listed)
    : listing.complete
      ? 100
      : 0;
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      listing.space,
      listing.label && listing.label !== listing.space
        ? el("div", { class: "soft small" }, listing.label)
        : null,
    ),
    el("td", { class: "mono whole" }, space?.database),
    el(
      "td",
      { class: listing.complete ? "good" : "warn" },
      listing.complete ? "complete" : space?.reason || "incomplete",
    ),
    [listing.listed, listing.read, reused, listing.unread, listing.left ?? 0].map((count) =>
      el("td", { class: count ? "n" : "n soft" }, number(count)),
    ),
    el("td", { class: "n" }, `${share} %`, bar(share, listing.complete ? "good" : "warn")),
  );
}

/** @param {AssetIndex} assetIndex */
function namesPart(assetIndex) {
  const renamed = renamedAssets(assetIndex.assets);
  if (!renamed.length) return null;
  const rows = renamed
    .slice(0, LIST_STEP)
    .map(({ asset, collides }) =>
      el(
        "tr",
        {},
        el("td", { class: "mono" }, assetLink(asset.fullName)),
        el("td", { class: "mono" }, asset.table),
        el(
          "td",
          {},
          collides ? el("span", { class: "tag drifted" }, "differs only in case") : null,
        ),
      ),
    );
  return el(
    "details",
    { class: "names" },
    el("summary", {}, `${plural(renamed.length, "asset")} with a different name in Glue`),
    table(["In Datasphere", "In Glue", ""], rows, { label: "Names in Glue" }),
    renamed.length > LIST_STEP
      ? el("p", { class: "soft small" }, `and ${number(renamed.length - LIST_STEP)} more`)
      : null,
  );
}

/**
 * @param {import("./report_document.js").ReportDocument} report
 * @param {AssetIndex | null} assetIndex
 */
export function coverageSection({ listings, result, reading }, assetIndex) {
  if (!listings.length) return null;
  const spaces = new Map(result.spaces.map((space) => [space.space, space]));
  const headings = [
    "Space",
    "Database",
    "Listing",
    ...[">Listed", ">Read", ">Unchanged", ">Unreadable", ">Left", ">Up to date"],
  ];
  return section(
    "coverage",
    `Coverage (${plural(listings.length, "space")})`,
    table(
      headings,
      listings.map((listing) => coverageRow(listing, spaces.get(listing.space))),
      { label: "Coverage by space" },
    ),
    reading?.oldest
      ? el(
          "p",
          { class: "soft small" },
          `Every asset was read at least once since ${timeText(reading.oldest)}.`,
        )
      : null,
    assetIndex ? namesPart(assetIndex) : null,
  );
}
