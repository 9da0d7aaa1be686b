// Where an asset comes from and who reads it, two steps each way: a picture, and the same as a list.

const WIDE = 176,
  HIGH = 40,
  ACROSS = 52,
  DOWN = 12,
  TALL = 7;

// What one step further is linked, each asset once, with the links that lead there.
function further(from, seen, next) {
  const found = [],
    links = [];
  for (const one of from) {
    for (const other of next(one)) {
      if (!seen.has(other.full)) {
        seen.add(other.full);
        found.push(other);
      }
      links.push([one.full, other.full]);
    }
  }
  return { found, links };
}

function lineageOf(asset, details, atlas) {
  const foreign = ((details && details.lineage) || [])
    .filter((name) => !atlas.named(name))
    .map((full) => ({ full, foreign: true }));
  const up = (one) =>
    one.foreign ? [] : [...atlas.upstream(one), ...(one === asset ? foreign : [])];
  const down = (one) => (one.foreign ? [] : atlas.downstream(one));
  const above = new Set([asset.full]),
    up1 = further([asset], above, up),
    up2 = further(up1.found, above, up);
  const below = new Set([asset.full]),
    down1 = further([asset], below, down),
    down2 = further(down1.found, below, down);
  return {
    layers: [
      ["Sources of the sources", up2.found],
      ["Comes from", up1.found],
      ["", [asset]],
      ["Read by", down1.found],
      ["Read further by", down2.found],
    ],
    links: [...up1.links, ...up2.links]
      .map(([to, from]) => [from, to, -1])
      .concat([...down1.links, ...down2.links].map(([from, to]) => [from, to, 1])),
  };
}

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function box(one, x, y, here) {
  const name = one.full.slice(one.full.indexOf(".") + 1),
    space = one.full.slice(0, one.full.indexOf("."));
  const shape = drawn(
    "g",
    { class: `box ${here ? "here" : ""} ${one.foreign ? "foreign" : ""}` },
    drawn("title", {}, one.label ? `${one.full}: ${one.label}` : one.full),
    drawn("rect", { x, y, width: WIDE, height: HIGH, rx: 7 }),
    drawn("text", { x: x + 10, y: y + 17 }, short(name, 21)),
    drawn(
      "text",
      { x: x + 10, y: y + 32, class: "sub" },
      short(one.foreign ? `${space}, not an asset here` : one.label || space, 23),
    ),
  );
  return here || one.foreign
    ? shape
    : drawn("a", { href: assetHash(one.full), tabindex: "-1" }, shape);
}

function lineagePicture({ layers, links }) {
  const used = layers
    .map(([, found], place) => ({ side: Math.sign(place - 2), found }))
    .filter(({ found }) => found.length);
  const tall = Math.max(
    ...used.map(({ found }) => Math.min(found.length, TALL) + (found.length > TALL ? 0.6 : 0)),
  );
  const height = tall * (HIGH + DOWN) + DOWN,
    width = used.length * (WIDE + ACROSS) - ACROSS + 4;
  const places = new Map(),
    boxes = [];
  used.forEach(({ side, found }, column) => {
    const x = 2 + column * (WIDE + ACROSS),
      drawnOnes = found.slice(0, TALL),
      rest = found.length - drawnOnes.length;
    const top = (height - (drawnOnes.length + (rest ? 0.6 : 0)) * (HIGH + DOWN) + DOWN) / 2;
    drawnOnes.forEach((one, row) => {
      const y = top + row * (HIGH + DOWN);
      places.set(`${side}${one.full}`, { x, y });
      boxes.push(box(one, x, y, side === 0));
    });
    if (rest)
      boxes.push(
        drawn(
          "text",
          { x: x + 10, y: top + TALL * (HIGH + DOWN) + 12, class: "sub" },
          `and ${number(rest)} more`,
        ),
      );
  });
  const at = (full, side) => places.get(`${side}${full}`) || places.get(`0${full}`);
  const lines = links
    .map(([from, to, side]) => [at(from, side), at(to, side)])
    .filter(([a, b]) => a && b && a.x < b.x)
    .map(([a, b]) => {
      const x1 = a.x + WIDE,
        y1 = a.y + HIGH / 2,
        y2 = b.y + HIGH / 2,
        bend = Math.max(ACROSS, b.x - x1) / 2;
      return drawn("path", {
        d: `M${x1} ${y1}C${x1 + bend} ${y1} ${b.x - bend} ${y2} ${b.x} ${y2}`,
      });
    });
  return el(
    "div",
    { class: "scroll picture" },
    drawn(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", class: "lineage" },
      lines,
      boxes,
    ),
  );
}

function lineagePart(asset, details, atlas) {
  const lineage = lineageOf(asset, details, atlas);
  if (lineage.links.length === 0) return null;
  const one = (other) =>
    el(
      "li",
      {},
      other.foreign
        ? el("span", {}, other.full, el("span", { class: "soft" }, " (not an asset of this run)"))
        : [
            assetLink(other.full),
            other.label ? el("span", { class: "soft" }, ` ${other.label}`) : null,
          ],
    );
  const lists = [1, 0, 3, 4]
    .map((place) => lineage.layers[place])
    .filter(([, found]) => found.length)
    .map(([name, found]) =>
      el(
        "div",
        {},
        el("h4", {}, `${name} (${number(found.length)})`),
        el(
          "ul",
          { class: "plain" },
          found.slice(0, STEP).map(one),
          found.length > STEP
            ? el("li", { class: "soft" }, `and ${number(found.length - STEP)} more`)
            : null,
        ),
      ),
    );
  return [lineagePicture(lineage), el("div", { class: "beside" }, lists)];
}
