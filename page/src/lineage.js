// @ts-check
// The lineage of an asset as a graph, two steps in each direction.

/** @typedef {import("./asset_index.js").AssetDetails} AssetDetails */
/** @typedef {import("./asset_index.js").AssetIndex} AssetIndex */
/** @typedef {import("./asset_index.js").IndexedAsset} IndexedAsset */

/**
 * An asset that the run evaluated, or the name of another one.
 *
 * @typedef {object} LineageNode
 * @property {string} fullName
 * @property {string} label
 * @property {IndexedAsset | null} asset null: not in this run
 */

/** @typedef {{ from: string, to: string, side: -1 | 1 }} LineageLink */
/** @typedef {{ title: string, side: -1 | 0 | 1, nodes: LineageNode[] }} LineageLayer */

/**
 * @param {IndexedAsset} asset
 * @returns {LineageNode}
 */
const nodeOf = (asset) => ({ fullName: asset.fullName, label: asset.label, asset });

/**
 * Returns the nodes one step further, each once over all steps, and the links to them.
 *
 * @param {readonly LineageNode[]} from
 * @param {Set<string>} seen full names; new ones are added
 * @param {(node: LineageNode) => LineageNode[]} next
 */
function further(from, seen, next) {
  /** @type {LineageNode[]} */
  const nodes = [];
  /** @type {[near: string, far: string][]} */
  const links = [];
  for (const near of from) {
    for (const far of next(near)) {
      if (!seen.has(far.fullName)) {
        seen.add(far.fullName);
        nodes.push(far);
      }
      links.push([near.fullName, far.fullName]);
    }
  }
  return { nodes, links };
}

/**
 * Returns the layers from the farthest source to the farthest consumer, and all links.
 *
 * @param {IndexedAsset} asset
 * @param {AssetDetails | undefined} details
 * @param {AssetIndex} assetIndex
 * @returns {{ layers: LineageLayer[], links: LineageLink[] }}
 */
export function lineageOf(asset, details, assetIndex) {
  const start = nodeOf(asset);
  const foreign = (details?.lineage ?? [])
    .filter((name) => !assetIndex.named(name))
    .map((fullName) => ({ fullName, label: "", asset: null }));
  /** @param {LineageNode} node */
  const up = (node) =>
    node.asset
      ? [...assetIndex.upstream(node.asset).map(nodeOf), ...(node === start ? foreign : [])]
      : [];
  /** @param {LineageNode} node */
  const down = (node) => (node.asset ? assetIndex.downstream(node.asset).map(nodeOf) : []);
  const above = new Set([asset.fullName]),
    sources = further([start], above, up),
    indirectSources = further(sources.nodes, above, up);
  const below = new Set([asset.fullName]),
    consumers = further([start], below, down),
    indirectConsumers = further(consumers.nodes, below, down);
  return {
    layers: [
      { title: "Indirect sources", side: -1, nodes: indirectSources.nodes },
      { title: "Sources", side: -1, nodes: sources.nodes },
      { title: "", side: 0, nodes: [start] },
      { title: "Consumers", side: 1, nodes: consumers.nodes },
      { title: "Indirect consumers", side: 1, nodes: indirectConsumers.nodes },
    ],
    links: [
      ...[...sources.links, ...indirectSources.links].map(
        ([to, from]) => /** @type {LineageLink} */ ({ from, to, side: -1 }),
      ),
      ...[...consumers.links, ...indirectConsumers.links].map(
        ([from, to]) => /** @type {LineageLink} */ ({ from, to, side: 1 }),
      ),
    ],
  };
}
