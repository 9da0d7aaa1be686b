// What the page was given: the report of one run, and the runs before it.

const told = JSON.parse(byId("data").textContent);
const report = told.report;
const result = report.result;
const STEP = 200;

const glueName = (one) => (one.table ? `${one.database}.${one.table}` : one.database);
const sapName = (one) => (one.asset ? `${one.space}.${one.asset}` : one.space);
const assetHash = (name) => `#asset=${encodeURIComponent(name)}`;

// Without the assets, or a browser that unpacks them, there are no pages that a link could open.
const packedAssets = Boolean(byId("atlas-index"));
const browsable = packedAssets && "DecompressionStream" in window;
const assetLink = (name) =>
  browsable ? el("a", { href: assetHash(name) }, name) : el("span", {}, name);

// Issues of one cause and one remedy belong together.
function grouped(issues) {
  const groups = new Map();
  for (const issue of issues) {
    const key = `${issue.code}\n${issue.remedy}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(issue);
  }
  return [...groups.values()];
}
