// All assets of the run: an index that is unpacked at once, and the spaces when they are asked for.

async function unpacked(id) {
  const text = byId(id).textContent,
    packed = atob(text),
    bytes = new Uint8Array(packed.length);
  for (let place = 0; place < packed.length; place += 1) bytes[place] = packed.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const glueOr = (glue, sap) => glue || sap.toLowerCase();

// A column that other assets have too is a number: its row was told before.
function filled(space) {
  const seen = [];
  const row = (told) => (typeof told === "number" ? seen[told] : (seen.push(told), told));
  const column = ([
    glue,
    sap,
    label,
    role,
    type,
    sapType,
    key,
    aggregation,
    unit,
    description,
  ]) => ({
    glue: glueOr(glue, sap || ""),
    sap: sap || "",
    label: label || "",
    role: role || "",
    type: type || "",
    sapType: sapType || "",
    key: Boolean(key),
    aggregation: aggregation || "",
    unit: unit || "",
    description: description || "",
  });
  return new Map(
    space.assets.map((asset) => [
      asset.name,
      {
        ...asset,
        space: space.space,
        database: space.database,
        table: glueOr(asset.table, asset.name),
        columns: asset.columns.map(row).map(column),
      },
    ]),
  );
}

async function readAtlas() {
  if (!browsable) return null;
  const index = await unpacked("atlas-index"),
    spaces = new Map();
  const assets = index.assets.map(
    ([space, name, table, label, kind, score, upstream, columns], place) => ({
      place,
      space: index.spaces[space],
      name,
      table: glueOr(table, name),
      renamed: Boolean(table),
      label,
      kind,
      score,
      upstream,
      columns,
      full: `${index.spaces[space]}.${name}`,
    }),
  );
  const places = new Map(assets.map((asset) => [asset.full, asset]));
  let readers = null;
  return {
    assets,
    spaces: index.spaces,
    leftOut: index.left_out || [],
    named: (full) => places.get(full),
    details: async (asset) => {
      if (!spaces.has(asset.space)) {
        const place = told.spaces.indexOf(asset.space);
        spaces.set(
          asset.space,
          place < 0 ? Promise.resolve(new Map()) : unpacked(`atlas-${place}`).then(filled),
        );
      }
      return (await spaces.get(asset.space)).get(asset.name);
    },
    upstream: (asset) => asset.upstream.map((place) => assets[place]),
    downstream: (asset) => {
      if (!readers) {
        readers = assets.map(() => []);
        for (const one of assets) for (const place of one.upstream) readers[place].push(one);
      }
      return readers[asset.place];
    },
  };
}
