// What was read of what is there, which names Glue has of its own, and what is noted for the record.

function coverageRow(one, spaces) {
  const space = spaces.get(one.space) || {},
    known = one.read + (one.reused || 0);
  const share = one.listed ? Math.round((100 * known) / one.listed) : one.complete ? 100 : 0;
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      one.space,
      one.label && one.label !== one.space ? el("div", { class: "soft small" }, one.label) : null,
    ),
    el("td", { class: "mono whole" }, space.database || ""),
    el(
      "td",
      { class: one.complete ? "good" : "warn" },
      one.complete ? "proven complete" : space.reason || "incomplete",
    ),
    [one.listed, one.read, one.reused || 0, one.unread, one.left || 0].map((count) =>
      el("td", { class: count ? "n" : "n soft" }, number(count)),
    ),
    el("td", { class: "n" }, `${share} %`, bar(share, one.complete ? "good" : "warn")),
  );
}

function showCoverage() {
  if (!report.listings.length) return;
  const spaces = new Map(result.spaces.map((space) => [space.space, space]));
  section(
    "coverage",
    `Coverage (${plural(report.listings.length, "space")})`,
    table(
      [
        "Space",
        "Database",
        "Listing",
        ">Listed",
        ">Read",
        ">Unchanged",
        ">Unreadable",
        ">Left",
        ">Known",
      ],
      report.listings.map((one) => coverageRow(one, spaces)),
      { label: "Coverage by space" },
    ),
    report.reading && report.reading.oldest
      ? el(
          "p",
          { class: "soft small" },
          `Every asset was read at least once since ${moment(report.reading.oldest)}.`,
        )
      : null,
  );
}

// Names that Glue could not take in lower case as they are; of names that differ in case alone, all.
function showNames(atlas) {
  const twins = new Map();
  for (const asset of atlas.assets) {
    const key = asset.full.toLowerCase();
    twins.set(key, (twins.get(key) || 0) + 1);
  }
  const collides = (asset) => twins.get(asset.full.toLowerCase()) > 1;
  const others = atlas.assets
    .filter((asset) => asset.renamed || collides(asset))
    .sort((a, b) => collides(b) - collides(a) || a.place - b.place);
  if (!others.length) return;
  const row = (asset) =>
    el(
      "tr",
      {},
      el("td", { class: "mono" }, assetLink(asset.full)),
      el("td", { class: "mono" }, asset.table),
      el(
        "td",
        {},
        collides(asset) ? el("span", { class: "tag drifted" }, "same but for case") : null,
      ),
    );
  byId("coverage").append(
    el(
      "details",
      { class: "names" },
      el("summary", {}, `${plural(others.length, "asset")} with another name in Glue`),
      table(["In Datasphere", "In Glue", ""], others.slice(0, STEP).map(row), {
        label: "Names in Glue",
      }),
      others.length > STEP
        ? el("p", { class: "soft small" }, `and ${number(others.length - STEP)} more`)
        : null,
    ),
  );
}

function showNotes() {
  if (!report.notes.length) return;
  section(
    "notes",
    `Notes (${number(report.notes.length)})`,
    grouped(report.notes).map((issues) =>
      el(
        "details",
        {},
        el("summary", {}, el("code", {}, issues[0].code), ` ${plural(issues.length, "note")}`),
        el("p", { class: "small" }, issues[0].remedy),
        el(
          "ul",
          {},
          issues
            .slice(0, STEP)
            .map((issue) =>
              el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`),
            ),
          issues.length > STEP
            ? el("li", { class: "soft" }, `and ${number(issues.length - STEP)} more in the JSON`)
            : null,
        ),
      ),
    ),
  );
}
