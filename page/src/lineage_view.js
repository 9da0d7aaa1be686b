// @ts-check
// Lineage as a picture, and the same as a list.

import { assetLink } from "./asset_link.js";
import { el, svg } from "./dom.js";
import { lineageOf } from "./lineage.js";
import { assetHash } from "./names.js";
import { LIST_STEP } from "./sections.js";
import { number, shortened } from "./text.js";

/** @typedef {import("./lineage.js").LineageLayer} LineageLayer */
/** @typedef {import("./lineage.js").LineageLink} LineageLink */
/** @typedef {import("./lineage.js").LineageNode} LineageNode */
/** @typedef {{ x: number, y: number }} Point */

const BOX_WIDTH = 176,
  BOX_HEIGHT = 40,
  COLUMN_GAP = 52,
  ROW_GAP = 12,
  MOST_ROWS = 7,
  /** Rows that the line "and N more" takes. */
  MORE_ROWS = 0.6;

/**
 * @param {LineageNode} node
 * @param {Point} point top left corner
 * @param {boolean} current
 */
function box(node, { x, y }, current) {
  const dot = node.fullName.indexOf("."),
    space = node.fullName.slice(0, dot);
  const shape = svg(
    "g",
    { class: `box ${current ? "here" : ""} ${node.asset ? "" : "foreign"}` },
    svg("title", {}, node.label ? `${node.fullName}: ${node.label}` : node.fullName),
    svg("rect", { x, y, width: BOX_WIDTH, height: BOX_HEIGHT, rx: 7 }),
    svg("text", { x: x + 10, y: y + 17 }, shortened(node.fullName.slice(dot + 1), 21)),
    svg(
      "text",
      { x: x + 10, y: y + 32, class: "sub" },
      shortened(node.asset ? node.label || space : `${space}, not in this run`, 23),
    ),
  );
  return current || !node.asset
    ? shape
    : svg("a", { href: assetHash(node.fullName), tabindex: "-1" }, shape);
}

/** @param {LineageLayer} layer */
const rowsOf = ({ nodes }) =>
  Math.min(nodes.length, MOST_ROWS) + (nodes.length > MOST_ROWS ? MORE_ROWS : 0);

/**
 * @param {Point} from
 * @param {Point} to
 */
function curve(from, to) {
  const x1 = from.x + BOX_WIDTH,
    y1 = from.y + BOX_HEIGHT / 2,
    y2 = to.y + BOX_HEIGHT / 2,
    bend = Math.max(COLUMN_GAP, to.x - x1) / 2;
  return svg("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}` });
}

/**
 * @param {readonly LineageLayer[]} layers without empty ones
 * @param {readonly LineageLink[]} links
 */
function picture(layers, links) {
  const height = Math.max(...layers.map(rowsOf)) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP,
    width = layers.length * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 4;
  /** @type {Map<string, Point>} */
  const points = new Map();
  const boxes = layers.flatMap((layer, column) => {
    const x = 2 + column * (BOX_WIDTH + COLUMN_GAP),
      top = (height - rowsOf(layer) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP) / 2,
      rest = layer.nodes.length - MOST_ROWS;
    const shapes = layer.nodes.slice(0, MOST_ROWS).map((node, row) => {
      const point = { x, y: top + row * (BOX_HEIGHT + ROW_GAP) };
      points.set(`${layer.side}${node.fullName}`, point);
      return box(node, point, layer.side === 0);
    });
    if (rest <= 0) return shapes;
    const y = top + MOST_ROWS * (BOX_HEIGHT + ROW_GAP) + 12;
    return [...shapes, svg("text", { x: x + 10, y, class: "sub" }, `and ${number(rest)} more`)];
  });
  /**
   * @param {string} fullName
   * @param {number} side
   */
  const pointOf = (fullName, side) =>
    points.get(`${side}${fullName}`) ?? points.get(`0${fullName}`);
  const curves = links.flatMap(({ from, to, side }) => {
    const a = pointOf(from, side),
      b = pointOf(to, side);
    return a && b && a.x < b.x ? [curve(a, b)] : [];
  });
  return el(
    "div",
    { class: "scroll picture" },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", class: "lineage" },
      curves,
      boxes,
    ),
  );
}

/** @param {LineageNode} node */
const listItem = (node) =>
  node.asset
    ? el(
        "li",
        {},
        assetLink(node.fullName),
        node.label ? el("span", { class: "soft" }, ` ${node.label}`) : null,
      )
    : el("li", {}, node.fullName, el("span", { class: "soft" }, " (not in this run)"));

/** @param {LineageLayer} layer */
const layerList = ({ title, nodes }) =>
  el(
    "div",
    {},
    el("h4", {}, `${title} (${number(nodes.length)})`),
    el(
      "ul",
      { class: "plain" },
      nodes.slice(0, LIST_STEP).map(listItem),
      nodes.length > LIST_STEP
        ? el("li", { class: "soft" }, `and ${number(nodes.length - LIST_STEP)} more`)
        : null,
    ),
  );

/**
 * @param {import("./asset_index.js").IndexedAsset} asset
 * @param {import("./asset_index.js").AssetDetails | undefined} details
 * @param {import("./asset_index.js").AssetIndex} assetIndex
 */
export function lineagePart(asset, details, assetIndex) {
  const { layers, links } = lineageOf(asset, details, assetIndex);
  if (!links.length) return null;
  const [indirectSources, sources, , consumers, indirectConsumers] = layers;
  return [
    picture(
      layers.filter(({ nodes }) => nodes.length),
      links,
    ),
    el(
      "div",
      { class: "side-by-side" },
      [sources, indirectSources, consumers, indirectConsumers]
        .filter(({ nodes }) => nodes.length)
        .map(layerList),
    ),
  ];
}
