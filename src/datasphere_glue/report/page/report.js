// Generated from page/src by `make page`. Do not edit.
"use strict";
(() => {
  // src/asset_index.js
  async function unpacked(text) {
    const packed = atob(text), bytes = new Uint8Array(packed.length);
    for (let position = 0; position < packed.length; position += 1) {
      bytes[position] = packed.charCodeAt(position);
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  var glueOrLower = (glue, sap) => glue || sap.toLowerCase();
  function columnOf([glue, sap, label, role, type, sapType, key, aggregation, unit, description]) {
    return {
      glue: glueOrLower(glue, sap ?? ""),
      sap: sap ?? "",
      label: label ?? "",
      role: role ?? "",
      type: type ?? "",
      sapType: sapType ?? "",
      key: Boolean(key),
      aggregation: aggregation ?? "",
      unit: unit ?? "",
      description: description ?? ""
    };
  }
  function spaceAssets({ space, database, assets }) {
    const seen = [];
    const column = (entry) => {
      if (typeof entry === "number") return seen[entry];
      const first = columnOf(entry);
      seen.push(first);
      return first;
    };
    return new Map(
      assets.map((asset) => [
        asset.name,
        {
          ...asset,
          space,
          database,
          table: glueOrLower(asset.table, asset.name),
          columns: asset.columns.map(column)
        }
      ])
    );
  }
  function indexedAssets({ spaces, assets }) {
    return assets.map(([space, name, table2, label, kind, score, upstream, columns], position) => ({
      position,
      space: spaces[space],
      name,
      fullName: `${spaces[space]}.${name}`,
      table: glueOrLower(table2, name),
      renamed: Boolean(table2),
      label,
      kind,
      score,
      upstream,
      columns
    }));
  }
  var AssetIndex = class {
    /** @type {Map<string, IndexedAsset>} */
    #byName;
    /** @type {Map<string, Promise<Map<string, AssetDetails>>>} */
    #spaceAssets = /* @__PURE__ */ new Map();
    /** @type {IndexedAsset[][] | null} */
    #downstream = null;
    /** @type {(space: string) => Promise<SpaceDocument | null>} */
    #readSpace;
    /**
     * @param {IndexDocument} index
     * @param {(space: string) => Promise<SpaceDocument | null>} readSpace null: not in this file
     */
    constructor(index, readSpace) {
      this.assets = indexedAssets(index);
      this.spaces = index.spaces;
      this.leftOut = index.left_out ?? [];
      this.#byName = new Map(this.assets.map((asset) => [asset.fullName, asset]));
      this.#readSpace = readSpace;
    }
    /** @param {string} fullName `SPACE.ASSET` */
    named(fullName) {
      return this.#byName.get(fullName);
    }
    /**
     * Returns the details of an asset, undefined where they are not in this file.
     *
     * @param {IndexedAsset} asset
     */
    async details({ space, name }) {
      let assets = this.#spaceAssets.get(space);
      if (!assets) {
        assets = this.#readSpace(space).then(
          (document2) => document2 ? spaceAssets(document2) : /* @__PURE__ */ new Map()
        );
        this.#spaceAssets.set(space, assets);
      }
      return (await assets).get(name);
    }
    /** @param {IndexedAsset} asset */
    upstream(asset) {
      return asset.upstream.map((position) => this.assets[position]);
    }
    /** @param {IndexedAsset} asset */
    downstream(asset) {
      if (!this.#downstream) {
        const readers = this.assets.map(() => []);
        for (const reader of this.assets) {
          for (const position of reader.upstream) readers[position].push(reader);
        }
        this.#downstream = readers;
      }
      return this.#downstream[asset.position];
    }
  };

  // src/asset_filter.js
  var NO_FILTER = { text: "", space: "", kind: "", band: "", changed: "", order: "name" };
  var BANDS = [
    ["100", "complete", (score) => score === 100],
    ["75", "75 to 99 %", (score) => score >= 75 && score < 100],
    ["50", "50 to 74 %", (score) => score >= 50 && score < 75],
    ["0", "below 50 %", (score) => score < 50]
  ];
  var ORDERS = [
    ["name", "name", (a, b) => a.position - b.position],
    ["score", "least complete", (a, b) => a.score - b.score || a.position - b.position],
    ["columns", "most columns", (a, b) => b.columns - a.columns || a.position - b.position]
  ];
  function assetSearch(assets, changed) {
    const texts = assets.map(
      ({ fullName, table: table2, label }) => `${fullName}
${table2}
${label}`.toLowerCase()
    );
    return (filter) => {
      const terms = filter.text.split(/\s+/).filter(Boolean);
      const inBand = BANDS.find(([value]) => value === filter.band)?.[2] ?? (() => true);
      const compare = ORDERS.find(([value]) => value === filter.order)?.[2];
      return assets.filter(
        (asset) => (!filter.space || asset.space === filter.space) && (!filter.kind || asset.kind === filter.kind) && inBand(asset.score) && (!filter.changed || changed.has(asset.fullName)) && terms.every((term) => texts[asset.position].includes(term))
      ).sort(compare);
    };
  }

  // src/dom.js
  var SVG = "http://www.w3.org/2000/svg";
  function filled(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === void 0 || value === false) continue;
      node.setAttribute(key, value === true ? "" : String(value));
    }
    append(node, children);
    return node;
  }
  function append(node, children) {
    for (const child of children) {
      if (Array.isArray(child)) append(node, child);
      else if (child instanceof Node) node.append(child);
      else if (typeof child === "number" || typeof child === "string" && child) {
        node.append(String(child));
      }
    }
  }
  var el = (tag, attributes, ...children) => filled(document.createElement(tag), attributes, children);
  var svg = (tag, attributes, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);
  function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error(`the page has no element #${id}`);
    return node;
  }

  // src/controls.js
  function table(headings, rows, options) {
    const cell = (heading2) => heading2.startsWith(">") ? el("th", { class: "n", scope: "col" }, heading2.slice(1)) : el("th", { scope: "col" }, heading2);
    return el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { class: options.class, "aria-label": options.label },
        el("thead", {}, el("tr", {}, headings.map(cell))),
        el("tbody", {}, rows)
      )
    );
  }
  var factList = (style, facts, valueStyle = () => null) => el(
    "dl",
    { class: style },
    facts.filter(([, value]) => value).map(
      ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: valueStyle(name) }, value))
    )
  );
  var bar = (percent, tone) => el(
    "span",
    { class: `bar ${tone}`, "aria-hidden": "true" },
    el("i", { style: `width:${Math.max(0, Math.min(100, percent))}%` })
  );
  var toneOf = (percent) => percent >= 90 ? "good" : percent >= 50 ? "warn" : "bad";
  function button(text, act) {
    const node = el("button", { type: "button" }, text);
    node.addEventListener("click", act);
    return node;
  }
  function select(values, act) {
    const node = el(
      "select",
      {},
      values.map(([value, text]) => el("option", { value }, text))
    );
    node.addEventListener("change", () => act(node.value));
    return node;
  }
  var choice = (label, values, act) => el("label", {}, label, select([["", "all"], ...values], act));
  function searchField(attributes, act) {
    const node = el("input", { type: "search", ...attributes });
    node.addEventListener("input", () => act(node.value.toLowerCase()));
    return node;
  }
  var statusLine = () => el("p", { class: "soft small", role: "status", "aria-live": "polite" });
  function download(name, type, text) {
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1e3);
  }
  function arrowKeys(list2, beyond) {
    list2.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const links = [...list2.querySelectorAll("a, summary")].filter(
        (node) => node instanceof HTMLElement
      );
      const position = links.findIndex((link) => link === document.activeElement);
      if (!step || position < 0) return;
      event.preventDefault();
      const next = links[position + step];
      if (next) next.focus();
      else beyond(step);
    });
  }

  // src/names.js
  var glueName = ({ database, table: table2 }) => table2 ? `${database}.${table2}` : database;
  var sapName = ({ space, asset }) => asset ? `${space}.${asset}` : space;
  var assetHash = (fullName) => `#asset=${encodeURIComponent(fullName)}`;

  // src/sections.js
  var LIST_STEP = 200;
  function section(id, title, ...children) {
    const node = el(
      "section",
      { id, "aria-labelledby": `${id}-title` },
      el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
      ...children
    );
    return { id, title, node };
  }
  function titleParts(title) {
    const [, name, count] = /^(.*?)(?: \(([\d,]+).*\))?$/.exec(title) ?? ["", title];
    return { name, count: count ?? "" };
  }
  function sectionLink({ id, title }) {
    const { name, count } = titleParts(title);
    return el(
      "a",
      { href: `#${id}` },
      name,
      count ? el("span", { class: "count" }, ` ${count}`) : null
    );
  }

  // src/text.js
  var number = (value) => Number(value || 0).toLocaleString("en");
  var plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
  var words = (name) => name.replaceAll("_", " ");
  var plainWord = (word) => word.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  var factWords = (facts) => Object.entries(facts).map(([name, value]) => value === "true" ? plainWord(name) : `${plainWord(name)} ${value}`).join(", ");
  var releaseText = ({ state, successor, decommissioning }) => [
    state ? plainWord(state) : "",
    successor ? `successor ${successor}` : "",
    decommissioning ? `until ${decommissioning}` : ""
  ].filter(Boolean).join(", ");
  function timeText(time) {
    if (!time) return "unknown";
    return time.replace("T", " ").replace(/(:\d\d)\.\d+/, "$1").replace(/(\+00:00|Z)$/, " UTC");
  }
  function durationText(ms) {
    if (ms < 1e3) return `${number(ms)} ms`;
    if (ms < 6e4) return `${(ms / 1e3).toFixed(1)} s`;
    const seconds = Math.round(ms / 1e3);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  var distinct = (values) => [...new Set(values)].filter(Boolean).sort().map((value) => [value, words(value)]);
  var shortened = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;
  var shortType = (type) => type.replace(/^(cds|Edm)\./, "").replace(/\b\w+=/g, "");

  // src/asset_list.js
  var PAGE_SIZE = 50;
  function assetRow(asset, change) {
    return el(
      "li",
      {},
      el(
        "a",
        { href: assetHash(asset.fullName), class: "asset" },
        el(
          "span",
          { class: "what" },
          el("b", {}, asset.label || asset.name),
          change ? el("span", { class: `tag ${change.kind}` }, change.kind) : null,
          el("span", { class: "mono soft" }, asset.fullName)
        ),
        el("span", { class: "soft kind" }, words(asset.kind || "asset")),
        el("span", { class: "n soft columns" }, plural(asset.columns, "column")),
        el("span", { class: "n score" }, `${asset.score} %`, bar(asset.score, toneOf(asset.score)))
      )
    );
  }
  function pagedList({ assets }, changes) {
    const list2 = el("ul", { class: "assets", "aria-label": "Assets" }), count = statusLine(), pageText = el("span", { class: "soft small" });
    const back = button("← Back", () => turn(-1)), next = button("Next →", () => turn(1));
    const pager = el(
      "div",
      { class: "pager", role: "group", "aria-label": "Pages of the list" },
      back,
      pageText,
      next
    );
    let matches = [];
    let page = 0;
    function draw() {
      const from = page * PAGE_SIZE, pages = Math.max(1, Math.ceil(matches.length / PAGE_SIZE));
      list2.replaceChildren(
        ...matches.slice(from, from + PAGE_SIZE).map((asset) => assetRow(asset, changes.get(asset.fullName)))
      );
      pageText.textContent = `Page ${number(page + 1)} of ${number(pages)}`;
      back.disabled = page === 0;
      next.disabled = page + 1 >= pages;
      pager.hidden = pages === 1;
    }
    function turn(step) {
      const target = page + step;
      if (target < 0 || target >= Math.ceil(matches.length / PAGE_SIZE)) return false;
      page = target;
      draw();
      return true;
    }
    return {
      nodes: [count, list2, pager],
      list: list2,
      turn,
      first: () => matches[0],
      /** @param {IndexedAsset[]} filtered */
      show(filtered) {
        matches = filtered;
        page = 0;
        count.textContent = `${number(filtered.length)} of ${plural(assets.length, "asset")}`;
        draw();
      }
    };
  }
  function connectKeys(search, { list: list2, turn, first }) {
    const focus = (item) => item?.querySelector("a")?.focus();
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list2.firstElementChild) {
        event.preventDefault();
        focus(list2.firstElementChild);
      }
      const match = first();
      if (event.key === "Enter" && match) location.hash = assetHash(match.fullName);
    });
    arrowKeys(list2, (step) => {
      if (turn(step)) focus(step > 0 ? list2.firstElementChild : list2.lastElementChild);
      else if (step < 0) search.focus();
    });
  }
  function assetsSection(assetIndex, reportChanges) {
    const { assets, spaces, leftOut } = assetIndex;
    const changes = new Map(
      reportChanges.filter(({ asset }) => asset).map((change) => [sapName(change), change])
    );
    const find = assetSearch(assets, changes), filter = { ...NO_FILTER }, paged = pagedList(assetIndex, changes);
    const set = (name) => (value) => {
      filter[name] = value;
      paged.show(find(filter));
    };
    const search = searchField(
      { id: "asset-search", "aria-keyshortcuts": "/", placeholder: "Name, label or table" },
      set("text")
    );
    connectKeys(search, paged);
    paged.show(find(filter));
    return section(
      "assets",
      `Assets (${number(assets.length)})`,
      el(
        "div",
        { class: "filters" },
        el("label", { class: "wide" }, el("span", {}, "Search ", el("kbd", {}, "/")), search),
        choice("Space", distinct(spaces), set("space")),
        choice("Kind", distinct(assets.map(({ kind }) => kind)), set("kind")),
        choice("Completeness", BANDS, set("band")),
        changes.size ? choice("In this run", [["changed", "changed"]], set("changed")) : null,
        el("label", {}, "Order", select(ORDERS, set("order")))
      ),
      paged.nodes,
      leftOut.length ? el(
        "p",
        { class: "soft small" },
        `Columns and context of these spaces are not included, to keep this file small: ${leftOut.join(", ")}.`
      ) : null
    );
  }
  var unsupportedAssetsSection = () => section(
    "assets",
    "Assets",
    el(
      "p",
      {},
      "This browser cannot decompress the assets in this file. Use one from 2023 or later."
    )
  );

  // src/page_data.js
  var pageData = () => JSON.parse(byId("data").textContent ?? "");
  var hasAssets = () => document.getElementById("asset-index") !== null;
  var canOpenAssets = () => hasAssets() && "DecompressionStream" in window;

  // src/asset_link.js
  var assetLink = (fullName) => canOpenAssets() ? el("a", { href: assetHash(fullName) }, fullName) : el("span", {}, fullName);
  function objectLink(fullName, from, assetIndex) {
    const space = from.slice(0, from.indexOf(".") + 1), name = space && fullName.startsWith(space) ? fullName.slice(space.length) : fullName;
    return assetIndex.named(fullName) && canOpenAssets() ? el("a", { href: assetHash(fullName) }, name) : el("span", {}, name);
  }

  // src/associations.js
  var nameCell = ({ name, label }) => el(
    "th",
    { scope: "row" },
    label || name,
    label ? el("div", { class: "mono soft small" }, name) : null
  );
  function targetNode(association, space, assetIndex) {
    if (!association.target) return el("span", { class: "soft" }, "unknown");
    const fullName = `${association.space ?? space}.${association.target}`;
    return assetIndex.named(fullName) ? assetLink(fullName) : fullName;
  }
  function associationsPart(associations, space, assetIndex) {
    if (!associations.length) return null;
    const withCardinality = associations.some(({ cardinality }) => cardinality);
    const rows = associations.map(
      (association) => el(
        "tr",
        {},
        nameCell(association),
        el(
          "td",
          {},
          targetNode(association, space, assetIndex),
          association.composition ? el("span", { class: "tag plain" }, "composition") : null
        ),
        el(
          "td",
          {},
          (association.columns ?? []).map(
            ([from, to]) => el("div", { class: "mono small" }, `${from} = ${to}`)
          )
        ),
        withCardinality ? el("td", { class: "small soft" }, association.cardinality) : null
      )
    );
    const headings = [
      "Association",
      "Target",
      "Columns",
      ...withCardinality ? ["Cardinality"] : []
    ];
    return table(headings, rows, { label: "Associations" });
  }
  var variableNotes = ({ kind, usage, selection, multiple, derived_from, derived_column }) => [
    usage && plainWord(usage) !== plainWord(kind ?? "") ? `for ${plainWord(usage)}` : "",
    selection ? plainWord(selection) : "",
    multiple ? "several values" : "",
    derived_from ? `derived from ${[derived_from, derived_column].filter(Boolean).join(".")}` : ""
  ].filter(Boolean).join(", ");
  function variableRow(variable) {
    const { mandatory, default: value, hidden } = variable, notes = variableNotes(variable);
    return el(
      "tr",
      {},
      nameCell(variable),
      el("td", { class: "mono small" }, shortType(variable.type ?? "")),
      el(
        "td",
        {},
        mandatory === void 0 ? "" : mandatory ? "mandatory" : "optional",
        hidden ? el("span", { class: "tag plain" }, "hidden") : null
      ),
      el("td", { class: "mono small" }, value === "" ? "(empty)" : value),
      el(
        "td",
        {},
        words(variable.kind ?? ""),
        variable.column ? el("div", { class: "mono soft small" }, variable.column) : null,
        notes ? el("div", { class: "soft small" }, notes) : null
      ),
      el("td", { class: "small" }, variable.description)
    );
  }
  var variablesPart = (variables) => variables.length ? table(
    ["Variable", "Type", "Required", "Default", "Use", "Description"],
    variables.map(variableRow),
    { label: "Variables" }
  ) : null;

  // src/athena_query.js
  var quoted = (name) => `"${name.replaceAll('"', '""')}"`;
  function columnAliases(columns) {
    const taken = new Set(columns.map((column) => column.glue.toLowerCase()));
    return columns.map((column) => {
      const label = column.label.replace(/\s+/g, " ").trim();
      if (!label || label.toLowerCase() === column.glue.toLowerCase()) return "";
      const alias = taken.has(label.toLowerCase()) ? `${label} (${column.glue})` : label;
      if (taken.has(alias.toLowerCase())) return "";
      taken.add(alias.toLowerCase());
      return alias;
    });
  }
  function athenaQuery({ database, table: table2, columns }) {
    const aliases = columnAliases(columns);
    const lines = columns.map(
      (column, position) => `  ${quoted(column.glue)}${aliases[position] ? ` AS ${quoted(aliases[position])}` : ""}`
    );
    const source = `"awsdatacatalog".${quoted(database)}.${quoted(table2)}`;
    return `SELECT
${lines.join(",\n") || "  *"}
FROM ${source}
LIMIT 100;
`;
  }

  // src/athena.js
  var MESSAGE_MS = 2e3;
  async function copy(text, node) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection()?.selectAllChildren(node);
      document.execCommand("copy");
    }
  }
  function athenaPart(asset) {
    const query = athenaQuery(asset), code = el("pre", { class: "sql", tabindex: "0", "aria-label": "Query for Athena" }, query);
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
        "The query returns rows only if the table has data. A table that only describes a Datasphere asset has none."
      )
    );
  }

  // src/changes.js
  function fieldTable(fields) {
    const value = (text, style) => text === null ? el("span", { class: "soft" }, "not set") : el("span", { class: style }, text);
    return el(
      "div",
      { class: "fields", role: "table", "aria-label": "Fields before and after" },
      el(
        "div",
        { class: "field head", role: "row" },
        ["Field", "Before", "After"].map((name) => el("div", { role: "columnheader" }, name))
      ),
      fields.map(
        (field) => el(
          "div",
          { class: "field", role: "row" },
          el("div", { class: "name", role: "rowheader" }, field.field),
          el("div", { role: "cell" }, value(field.before, "was")),
          el("div", { role: "cell" }, value(field.after, "now"))
        )
      )
    );
  }
  function renameTexts({ renamed, columns_renamed: columns = [] }) {
    const asset = renamed ? [renameText(renamed)] : [];
    return [
      ...asset,
      ...columns.map(
        ({ from, to, confidence }) => `Column renamed from ${from} to ${to}, confidence ${confidence}`
      )
    ];
  }
  function renameText({ from, to, confidence, evidence, heir }) {
    const why = evidence.join("; ");
    return from === to ? `Moved to ${heir}: ${why}` : `Renamed from ${from} to ${to}, confidence ${confidence}: ${why}`;
  }
  function changeDetails(change, onAssetPage) {
    const link = change.asset && !onAssetPage && change.kind !== "deleted" ? assetLink(sapName(change)) : null;
    const outcome = change.outcome ? `${words(change.outcome)}${change.verified ? ", verified by reading back" : ""}` : "planned";
    return el(
      "div",
      {},
      el("p", {}, change.reason),
      renameTexts(change).map((text) => el("p", {}, text)),
      (change.schema ?? []).map(
        (column) => el(
          "p",
          {},
          el("span", { class: "tag" }, column.kind),
          ` ${column.column} `,
          el("code", {}, [column.before, column.after].filter(Boolean).join(" → "))
        )
      ),
      change.fields.length ? fieldTable(change.fields) : null,
      el("p", { class: "soft small" }, outcome, link ? [" · ", link] : null)
    );
  }
  function changeNode(change, { position, onAssetPage = false }) {
    const node = el(
      "details",
      { class: "change", id: position === void 0 ? null : `change-${position}` },
      el(
        "summary",
        {},
        el("span", { class: `tag ${change.kind}` }, change.kind),
        el("b", { class: "mono" }, glueName(change)),
        el("span", { class: "soft" }, change.asset ? sapName(change) : `space ${change.space}`),
        change.fields.length ? el("span", { class: "soft" }, plural(change.fields.length, "field")) : null,
        change.outcome && change.outcome !== "done" ? el("span", { class: "tag failed" }, words(change.outcome)) : null
      )
    );
    const fill = () => {
      if (node.open && node.childElementCount === 1) node.append(changeDetails(change, onAssetPage));
    };
    node.addEventListener("toggle", fill);
    const unfold = () => {
      node.open = true;
      fill();
    };
    return { node, unfold };
  }
  var searchText = (change) => [
    glueName(change),
    sapName(change),
    change.reason,
    ...change.fields.flatMap((field) => [field.field, field.before, field.after])
  ].join("\n").toLowerCase();
  var changeEntries = (changes) => changes.map((change, position) => ({ change, position, text: searchText(change) })).sort(
    (a, b) => a.change.space < b.change.space ? -1 : a.change.space > b.change.space ? 1 : a.position - b.position
  );
  function changesSection({ changes }) {
    if (!changes.length) return { section: null, openChange: () => {
    } };
    const filter = { text: "", kind: "", space: "" };
    const entries = changeEntries(changes);
    const list2 = el("div", { class: "list" }), count = statusLine();
    let shown = /* @__PURE__ */ new Map();
    let limit = LIST_STEP;
    const more = button("Show more", () => {
      limit += LIST_STEP;
      draw();
    });
    function draw() {
      const matches = entries.filter(
        ({ change, text }) => (!filter.kind || change.kind === filter.kind) && (!filter.space || change.space === filter.space) && text.includes(filter.text)
      );
      const nodes = [];
      let space = null;
      shown = /* @__PURE__ */ new Map();
      for (const { change, position } of matches.slice(0, limit)) {
        if (change.space !== space) nodes.push(el("h3", { class: "group" }, change.space));
        ({ space } = change);
        const entry = changeNode(change, { position });
        shown.set(position, entry);
        nodes.push(entry.node);
      }
      count.textContent = `${number(matches.length)} of ${plural(entries.length, "change")}`;
      list2.replaceChildren(...nodes);
      more.hidden = matches.length <= limit;
    }
    const set = (name) => (value) => {
      filter[name] = value;
      limit = LIST_STEP;
      draw();
    };
    function openChange(position) {
      limit = Math.max(limit, entries.findIndex((entry2) => entry2.position === position) + 1);
      draw();
      const entry = shown.get(position);
      if (!entry) return;
      entry.unfold();
      entry.node.scrollIntoView();
      entry.node.querySelector("summary")?.focus({ preventScroll: true });
    }
    arrowKeys(list2, () => {
    });
    addEventListener("beforeprint", () => {
      for (const { unfold } of shown.values()) unfold();
    });
    draw();
    const search = searchField(
      { id: "change-search", placeholder: "Table, asset, field or text" },
      set("text")
    );
    return {
      section: section(
        "changes",
        `Changes (${number(changes.length)})`,
        el(
          "div",
          { class: "filters" },
          el("label", { class: "wide" }, "Search", search),
          choice("Kind", distinct(changes.map((change) => change.kind)), set("kind")),
          choice("Space", distinct(changes.map((change) => change.space)), set("space"))
        ),
        count,
        list2,
        more
      ),
      openChange
    };
  }

  // src/column_notes.js
  var MEASURE_TYPES = { RESTRICTION: "restricted", CALCULATION: "calculated" };
  var formulaText = ({ formula, measure_type: type }) => formula ? `${type === "RESTRICTION" ? "where" : "="} ${formula}` : "";
  function measureText({ unit, aggregation }, details) {
    const along = details.exception_columns ?? [];
    const exception = details.exception_aggregation ? [plainWord(details.exception_aggregation), along.length ? `per ${along.join(", ")}` : ""] : [];
    const counted = details.distinct_columns?.join(", ");
    return [
      MEASURE_TYPES[details.measure_type ?? ""] ?? "",
      unit ? `in ${unit}` : "",
      [aggregation ? plainWord(aggregation) : "", counted ? `of ${counted}` : ""].filter(Boolean).join(" "),
      exception.filter(Boolean).join(" "),
      details.conversion ? `converted: ${factWords(details.conversion)}` : "",
      details.non_additive ? "not additive" : ""
    ].filter(Boolean).join(", ");
  }
  var contentNotes = (details) => [
    details.default === void 0 ? "" : `default ${details.default || "(empty)"}`,
    details.personal_data ? `personal data: ${factWords(details.personal_data)}` : "",
    details.release ? releaseText(details.release) : ""
  ].filter(Boolean);
  var valueText = ({ name, value, label }) => [value === void 0 || value === name ? name : `${name} = ${value || "(empty)"}`, label ?? ""].filter(Boolean).join(": ");

  // src/origin_view.js
  var MOST_COLUMNS = 6;
  var LONG_FORMULA = 90;
  var expression = (formula) => formula.length > LONG_FORMULA ? el(
    "details",
    { class: "mono small expression" },
    el("summary", {}, shortened(formula, LONG_FORMULA)),
    formula
  ) : el("div", { class: "mono small expression" }, formula);
  function groupNode({ object, how, columns }, sap, asset, assetIndex) {
    const listed = columns.slice(0, MOST_COLUMNS).join(", "), more = columns.length - MOST_COLUMNS, names = more > 0 ? `${listed} and ${plural(more, "more column").replace(/s$/, "")}` : listed;
    return el(
      "div",
      { class: "small" },
      object === asset ? el("span", { class: "soft" }, "of ") : el("span", { class: how ? "soft" : "soft lead-in" }, `${how} from `.trimStart()),
      object === asset ? null : objectLink(object, asset, assetIndex),
      how || names !== sap ? el("span", { class: "mono" }, object === asset ? names : ` ${names}`) : null
    );
  }
  var originNodes = (groups, { sap, formula }, asset, assetIndex) => [
    groups.map((group) => groupNode(group, sap, asset, assetIndex)),
    formula ? expression(formula) : null
  ];

  // src/origins.js
  function originsOf(origins, position, name) {
    if (!origins) return [];
    const entry = origins.columns[position] ?? [];
    const groups = [];
    const packed = typeof entry === "number" ? [[entry, name]] : entry;
    for (const [at, column, how = ""] of packed) {
      const object = origins.objects[at];
      const group = groups.find((other) => other.object === object && other.how === how);
      if (group) group.columns.push(column);
      else groups.push({ object, how, columns: [column] });
    }
    return groups;
  }

  // src/columns.js
  var SEARCHABLE = 13;
  var nameCell2 = (column) => el(
    "th",
    { scope: "row" },
    el("span", { class: "mono" }, column.glue),
    column.key ? el("span", { class: "tag key" }, "key") : null,
    column.sap && column.sap.toLowerCase() !== column.glue ? el("div", { class: "mono soft small" }, column.sap) : null
  );
  function labelCell(column, details) {
    const values = details.values ?? [];
    return el(
      "td",
      { class: "about" },
      column.label || el("span", { class: "soft" }, "no label"),
      column.description && column.description !== column.label ? el("div", { class: "soft small" }, column.description) : null,
      contentNotes(details).map((note) => el("div", { class: "soft small" }, note)),
      values.length ? el(
        "details",
        { class: "small" },
        el("summary", {}, plural(values.length, "value")),
        values.map((value) => el("div", {}, valueText(value)))
      ) : null
    );
  }
  function columnRow(column, details, from, isCalculation) {
    const measure = measureText(column, details), role = isCalculation ? "cross calculation" : column.role && column.role !== "key" ? words(column.role) : "";
    return el(
      "tr",
      {},
      nameCell2(column),
      labelCell(column, details),
      el("td", {}, role, measure ? el("div", { class: "soft small" }, measure) : null),
      from,
      el(
        "td",
        { class: "mono small types" },
        column.sapType ? [
          el("span", { class: "soft" }, shortType(column.sapType)),
          el("span", { class: "soft" }, " → ")
        ] : null,
        column.type
      )
    );
  }
  function rowsOf(asset, { fullName }, assetIndex) {
    const { columns } = asset, details = new Map((asset.details ?? []).map((one) => [one.at, one])), calculations = new Set((asset.cross_calculations ?? []).map(({ name }) => name)), traced = asset.origins !== void 0 || [...details.values()].some(({ formula }) => formula);
    const rows = columns.map((column, position) => {
      const more = details.get(position) ?? {};
      const made = { sap: column.sap, formula: formulaText(more) }, groups = originsOf(asset.origins, position, column.sap);
      const from = traced ? el("td", { class: "from" }, originNodes(groups, made, fullName, assetIndex)) : null;
      return {
        node: columnRow(column, more, from, calculations.has(column.sap)),
        text: [
          ...[column.glue, column.sap, column.label, column.description, column.role, column.type],
          ...groups.flatMap(({ object, columns: names }) => [object, ...names]),
          more.formula ?? ""
        ].join("\n").toLowerCase()
      };
    });
    return { rows, traced };
  }
  function columnsPart(asset, indexed, assetIndex) {
    const { columns } = asset;
    if (!columns.length) return null;
    const { rows, traced } = rowsOf(asset, indexed, assetIndex);
    const count = statusLine();
    count.textContent = plural(columns.length, "column");
    const search = searchField({}, (text) => {
      for (const row of rows) row.node.hidden = !row.text.includes(text);
      const matches = rows.filter((row) => !row.node.hidden).length;
      count.textContent = `${number(matches)} of ${plural(columns.length, "column")}`;
    });
    return [
      columns.length >= SEARCHABLE ? el("div", { class: "filters" }, el("label", { class: "wide" }, "Search columns", search)) : null,
      count,
      table(
        ["Column", "Label", "Role", ...traced ? ["Comes from"] : [], "Type in SAP → Glue"],
        rows.map(({ node }) => node),
        { label: "Columns", class: "columns" }
      )
    ];
  }

  // src/completeness_totals.js
  var PARTS = {
    label: "Label",
    description: "Description",
    column_label: "Column label",
    column_description: "Column description",
    role: "Column role",
    unit: "Unit or currency",
    hierarchy: "Hierarchy",
    owner: "Owner",
    steward: "Steward",
    certification: "Certification",
    tags: "Tags",
    terms: "Glossary terms"
  };
  var partName = (part2) => PARTS[part2] ?? words(part2);
  function partsInOrder(parts) {
    const present = new Set(parts);
    return [
      ...Object.keys(PARTS).filter((part2) => present.has(part2)),
      ...[...present].filter((part2) => !(part2 in PARTS)).sort()
    ];
  }
  function percentOf({ have, of, unavailable }) {
    const available = of - unavailable;
    return available ? 100 * have / available : null;
  }
  var percentText = (percent) => percent === 100 || percent === 0 ? `${percent} %` : `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;
  function partTotals(spaces) {
    const totals = /* @__PURE__ */ new Map();
    for (const { part: part2, have, of, unavailable } of spaces.flatMap((space) => space.parts)) {
      const sum = totals.get(part2) ?? { part: part2, have: 0, of: 0, unavailable: 0 };
      totals.set(part2, {
        part: part2,
        have: sum.have + have,
        of: sum.of + of,
        unavailable: sum.unavailable + unavailable
      });
    }
    return totals;
  }
  function comparableRuns(recent, runId, assets) {
    const position = recent.findIndex((run) => run.run_id === runId);
    return recent.slice(0, position + 1).filter((run) => run.shares && (run.assets ?? 0) >= 0.8 * assets);
  }
  var shareValues = (runs, part2) => runs.map((run) => run.shares?.[part2]).filter((value) => value !== void 0);

  // src/hierarchy.js
  function hierarchyTree(hierarchy, columns) {
    const labels = new Map(columns.map((column) => [column.sap, column.label]));
    const named = (name) => [
      el("b", {}, labels.get(name) || name),
      labels.get(name) ? el("code", { class: "soft" }, ` ${name}`) : null
    ];
    const list2 = (names) => names.flatMap((name, position) => [position ? ", " : "", named(name)]);
    const node = (title, content, below) => el("ul", {}, el("li", {}, el("span", { class: "soft small" }, `${title} `), content, below));
    const levels = (hierarchy.levels ?? []).reduceRight(
      (below, name, position) => node(`Level ${position + 1}`, named(name), below),
      null
    );
    const parents = hierarchy.parent ? node("Parent", list2(hierarchy.parent), node("Child", list2(hierarchy.child ?? []), null)) : null;
    return el(
      "article",
      { class: "hierarchy" },
      el(
        "h4",
        {},
        hierarchy.label || hierarchy.name,
        el("span", { class: "tag plain" }, words(hierarchy.kind ?? ""))
      ),
      hierarchy.label ? el("p", { class: "mono soft small" }, hierarchy.name) : null,
      el("div", { class: "tree" }, levels, parents),
      hierarchy.association ? el("p", { class: "soft small" }, `Association: ${hierarchy.association}`) : null
    );
  }

  // src/lineage.js
  var nodeOf = (asset) => ({ fullName: asset.fullName, label: asset.label, asset });
  function further(from, seen, next) {
    const nodes = [];
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
  function lineageOf(asset, details, assetIndex) {
    const start = nodeOf(asset);
    const foreign = (details?.lineage ?? []).filter((name) => !assetIndex.named(name)).map((fullName) => ({ fullName, label: "", asset: null }));
    const up = (node) => node.asset ? [...assetIndex.upstream(node.asset).map(nodeOf), ...node === start ? foreign : []] : [];
    const down = (node) => node.asset ? assetIndex.downstream(node.asset).map(nodeOf) : [];
    const above = /* @__PURE__ */ new Set([asset.fullName]), sources = further([start], above, up), indirectSources = further(sources.nodes, above, up);
    const below = /* @__PURE__ */ new Set([asset.fullName]), consumers = further([start], below, down), indirectConsumers = further(consumers.nodes, below, down);
    return {
      layers: [
        { title: "Indirect sources", side: -1, nodes: indirectSources.nodes },
        { title: "Sources", side: -1, nodes: sources.nodes },
        { title: "", side: 0, nodes: [start] },
        { title: "Consumers", side: 1, nodes: consumers.nodes },
        { title: "Indirect consumers", side: 1, nodes: indirectConsumers.nodes }
      ],
      links: [
        ...[...sources.links, ...indirectSources.links].map(
          ([to, from]) => (
            /** @type {LineageLink} */
            { from, to, side: -1 }
          )
        ),
        ...[...consumers.links, ...indirectConsumers.links].map(
          ([from, to]) => (
            /** @type {LineageLink} */
            { from, to, side: 1 }
          )
        )
      ]
    };
  }

  // src/lineage_view.js
  var BOX_WIDTH = 176;
  var BOX_HEIGHT = 40;
  var COLUMN_GAP = 52;
  var ROW_GAP = 12;
  var MOST_ROWS = 7;
  var MORE_ROWS = 0.6;
  function box(node, { x, y }, current) {
    const dot = node.fullName.indexOf("."), space = node.fullName.slice(0, dot);
    const shape = svg(
      "g",
      { class: `box ${current ? "here" : ""} ${node.asset ? "" : "foreign"}` },
      svg("title", {}, node.label ? `${node.fullName}: ${node.label}` : node.fullName),
      svg("rect", { x, y, width: BOX_WIDTH, height: BOX_HEIGHT, rx: 7 }),
      svg("text", { x: x + 10, y: y + 17 }, shortened(node.fullName.slice(dot + 1), 21)),
      svg(
        "text",
        { x: x + 10, y: y + 32, class: "sub" },
        shortened(node.asset ? node.label || space : `${space}, not in this run`, 23)
      )
    );
    return current || !node.asset ? shape : svg("a", { href: assetHash(node.fullName), tabindex: "-1" }, shape);
  }
  var rowsOf2 = ({ nodes }) => Math.min(nodes.length, MOST_ROWS) + (nodes.length > MOST_ROWS ? MORE_ROWS : 0);
  function curve(from, to) {
    const x1 = from.x + BOX_WIDTH, y1 = from.y + BOX_HEIGHT / 2, y2 = to.y + BOX_HEIGHT / 2, bend = Math.max(COLUMN_GAP, to.x - x1) / 2;
    return svg("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}` });
  }
  function picture(layers, links) {
    const height = Math.max(...layers.map(rowsOf2)) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP, width = layers.length * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 4;
    const points = /* @__PURE__ */ new Map();
    const boxes = layers.flatMap((layer, column) => {
      const x = 2 + column * (BOX_WIDTH + COLUMN_GAP), top = (height - rowsOf2(layer) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP) / 2, rest = layer.nodes.length - MOST_ROWS;
      const shapes = layer.nodes.slice(0, MOST_ROWS).map((node, row) => {
        const point = { x, y: top + row * (BOX_HEIGHT + ROW_GAP) };
        points.set(`${layer.side}${node.fullName}`, point);
        return box(node, point, layer.side === 0);
      });
      if (rest <= 0) return shapes;
      const y = top + MOST_ROWS * (BOX_HEIGHT + ROW_GAP) + 12;
      return [...shapes, svg("text", { x: x + 10, y, class: "sub" }, `and ${number(rest)} more`)];
    });
    const pointOf = (fullName, side) => points.get(`${side}${fullName}`) ?? points.get(`0${fullName}`);
    const curves = links.flatMap(({ from, to, side }) => {
      const a = pointOf(from, side), b = pointOf(to, side);
      return a && b && a.x < b.x ? [curve(a, b)] : [];
    });
    return el(
      "div",
      { class: "scroll picture" },
      svg(
        "svg",
        { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", class: "lineage" },
        curves,
        boxes
      )
    );
  }
  var listItem = (node) => node.asset ? el(
    "li",
    {},
    assetLink(node.fullName),
    node.label ? el("span", { class: "soft" }, ` ${node.label}`) : null
  ) : el("li", {}, node.fullName, el("span", { class: "soft" }, " (not in this run)"));
  var layerList = ({ title, nodes }) => el(
    "div",
    {},
    el("h4", {}, `${title} (${number(nodes.length)})`),
    el(
      "ul",
      { class: "plain" },
      nodes.slice(0, LIST_STEP).map(listItem),
      nodes.length > LIST_STEP ? el("li", { class: "soft" }, `and ${number(nodes.length - LIST_STEP)} more`) : null
    )
  );
  function lineagePart(asset, details, assetIndex) {
    const { layers, links } = lineageOf(asset, details, assetIndex);
    if (!links.length) return null;
    const [indirectSources, sources, , consumers, indirectConsumers] = layers;
    return [
      picture(
        layers.filter(({ nodes }) => nodes.length),
        links
      ),
      el(
        "div",
        { class: "side-by-side" },
        [sources, indirectSources, consumers, indirectConsumers].filter(({ nodes }) => nodes.length).map(layerList)
      )
    ];
  }

  // src/sources.js
  function parameterText({ name, how, value, variable }) {
    if (variable) return `${name} = variable ${variable}`;
    if (value !== void 0) return `${name} = ${value || "(empty)"}`;
    return how ? `${name}: ${plainWord(how)}` : name;
  }
  var sourceRow = ({ role, space, target, label, parameters = [], affix }, asset, assetIndex) => el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      objectLink(`${space}.${target}`, asset, assetIndex),
      label && label !== target ? el("div", { class: "soft small" }, label) : null
    ),
    el("td", {}, words(role)),
    el(
      "td",
      { class: "small" },
      parameters.map((parameter) => el("div", { class: "mono" }, parameterText(parameter))),
      affix ? el("div", {}, `${plainWord(affix.type)} `, el("code", {}, affix.text)) : null
    )
  );
  var sourcesPart = (sources, asset, assetIndex) => sources.length ? table(
    ["Source", "Role", "Parameters and names"],
    sources.map((source) => sourceRow(source, asset.fullName, assetIndex)),
    { label: "Built on", class: "short" }
  ) : null;
  var loadRow = (load, asset, assetIndex) => el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      objectLink(load.name, asset, assetIndex),
      el("div", { class: "soft small" }, words(load.kind))
    ),
    el(
      "td",
      { class: "small" },
      (load.sources ?? []).map((source) => el("div", {}, objectLink(source, asset, assetIndex))),
      load.target ? el("div", {}, "to ", load.target) : null,
      el(
        "div",
        { class: "soft" },
        [load.connection ? `connection ${load.connection}` : "", load.system ?? ""].filter(Boolean).join(", ")
      )
    ),
    el(
      "td",
      { class: "small" },
      load.mode ? el("div", {}, plainWord(load.mode)) : null,
      load.schedule ? el("div", { class: "mono" }, load.schedule) : null
    )
  );
  var loadsPart = (loads, asset, assetIndex) => loads.length ? table(
    ["Flow or chain", "From", "What and when"],
    loads.map((load) => loadRow(load, asset.fullName, assetIndex)),
    { label: "Loaded by", class: "short" }
  ) : null;
  var controlItem = ({ name, columns = [], kind }) => el(
    "li",
    {},
    name,
    el(
      "span",
      { class: "soft" },
      [columns.length ? ` on ${columns.join(", ")}` : "", kind ? ` (${words(kind)})` : ""].join("")
    )
  );
  var list = (title, items) => items.length ? el("div", {}, el("h4", {}, title), el("ul", { class: "plain" }, items)) : null;
  function rowsPart(details, asset, assetIndex) {
    const parts = [
      list(
        "Conditions",
        (details.filter ?? []).map((condition) => el("li", {}, expression(condition)))
      ),
      list(
        "Columns that decide",
        (details.indirect_lineage ?? []).flatMap(
          ([object, columns]) => columns.map(
            ([column, ...how]) => el(
              "li",
              {},
              objectLink(object, asset.fullName, assetIndex),
              el("span", { class: "mono small" }, ` ${column}`),
              el("span", { class: "soft" }, ` ${how.join(", ")}`)
            )
          )
        )
      ),
      list("Access controls", (details.access_controls ?? []).map(controlItem))
    ].filter((part2) => part2 !== null);
    return parts.length ? el("div", { class: "side-by-side" }, parts) : null;
  }
  var calculationRow = ({ name, label, kind, formula }) => el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      label || name,
      label && label !== name ? el("div", { class: "mono soft small" }, name) : null
    ),
    el("td", {}, plainWord(kind ?? "")),
    el("td", {}, formula ? expression(formula) : null)
  );
  var calculationsPart = (calculations) => calculations.length ? table(["Calculation", "Kind", "Formula"], calculations.map(calculationRow), {
    label: "Cross calculations",
    class: "short"
  }) : null;

  // src/asset_page.js
  var part = (id, title, content) => content === null ? null : el(
    "section",
    { id: `asset-${id}`, "aria-labelledby": `asset-${id}-title` },
    el("h2", { id: `asset-${id}-title` }, title),
    content
  );
  var heading = (title) => el("h1", { tabindex: "-1", id: "asset-title" }, title);
  var backLink = () => el("a", { href: "#assets", id: "asset-back" }, "← All assets");
  function completenessText({ fullName, score }, report) {
    const worst = (report.completeness?.worst ?? []).find((entry) => entry.asset === fullName);
    return worst ? `${score} %, incomplete: ${worst.missing.map(partName).join(", ").toLowerCase()}` : `${score} %`;
  }
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
          ["Complete", completenessText(asset, report)]
        ],
        (name) => name === "Glue table" ? "mono" : null
      )
    );
  }
  function changesPart(fullName, report) {
    const nodes = report.changes.filter((change) => change.asset && sapName(change) === fullName).map((change) => {
      const { node, unfold } = changeNode(change, { onAssetPage: true });
      unfold();
      return node;
    });
    return part("changes", "Changes in this run", nodes.length ? nodes : null);
  }
  var unknownAsset = (fullName, report) => [
    el("p", { class: "crumbs" }, backLink()),
    heading(`${fullName} is not in this report`),
    el(
      "p",
      {},
      "This run did not evaluate an asset with this name. It may be deleted, out of scope or unreadable."
    ),
    changesPart(fullName, report)
  ];
  var leftOutNote = ({ space, fullName }) => el(
    "p",
    { class: "card" },
    `Columns and context of space ${space} are not included, to keep this file small. To see them: `,
    el("code", {}, `datasphere-glue show ${fullName}`)
  );
  var hierarchiesPart = ({ hierarchies = [], columns }) => hierarchies.length ? el(
    "div",
    { class: "cards" },
    hierarchies.map((hierarchy) => hierarchyTree(hierarchy, columns))
  ) : null;
  function lineageParts(asset, details, assetIndex) {
    const drawn = lineagePart(asset, details, assetIndex);
    const gap = details?.lineage_complete === "false" ? el("p", { class: "soft" }, "Not all sources could be determined. The rest is not guessed.") : null;
    return drawn || gap ? [gap, drawn] : null;
  }
  async function assetPage(fullName, assetIndex, report) {
    const asset = assetIndex.named(fullName);
    if (!asset) return unknownAsset(fullName, report).filter((node) => node !== null);
    const details = await assetIndex.details(asset);
    const lineage = part("lineage", "Lineage", lineageParts(asset, details, assetIndex));
    const head = [assetHead(asset, details, report), changesPart(fullName, report)];
    const nodes = details ? [
      ...head,
      part("columns", "Columns", columnsPart(details, asset, assetIndex)),
      part(
        "calculations",
        "Cross calculations",
        calculationsPart(details.cross_calculations ?? [])
      ),
      part("hierarchies", "Hierarchies", hierarchiesPart(details)),
      lineage,
      part("sources", "Built on", sourcesPart(details.sources ?? [], asset, assetIndex)),
      part("loads", "Loaded by", loadsPart(details.loads ?? [], asset, assetIndex)),
      part("rows", "Rows", rowsPart(details, asset, assetIndex)),
      part(
        "associations",
        "Associations",
        associationsPart(details.associations ?? [], details.space, assetIndex)
      ),
      part("variables", "Variables", variablesPart(details.variables ?? [])),
      part("athena", "Query in Athena", athenaPart(details))
    ] : [head[0], leftOutNote(asset), head[1], lineage];
    return nodes.filter((node) => node !== null);
  }

  // src/completeness.js
  function trend(values) {
    if (values.length < 2) return el("span", { class: "soft" }, "–");
    const low = Math.min(...values), high = Math.max(...values), span = Math.max(1, high - low), step = 88 / (values.length - 1);
    const points = values.map((value, position) => ({
      x: (4 + position * step).toFixed(1),
      y: (low === high ? 10 : 17 - 14 * (value - low) / span).toFixed(1)
    }));
    const last = points[points.length - 1];
    const delta = values[values.length - 1] - values[values.length - 2];
    const sign = delta > 0 ? "+" : delta < 0 ? "−" : "±";
    return el(
      "span",
      { class: "trend" },
      svg(
        "svg",
        { viewBox: "0 0 96 20", width: 96, height: 20, "aria-hidden": "true" },
        svg("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") }),
        svg("circle", { cx: last.x, cy: last.y, r: 2.5 })
      ),
      el(
        "span",
        {
          class: delta > 0 ? "good" : delta < 0 ? "bad-text" : "soft",
          title: "change from the previous run, in percentage points"
        },
        `${sign}${Math.abs(delta).toFixed(1)}`
      )
    );
  }
  function partRow(part2, history) {
    const percent = percentOf(part2), missing = part2.of - part2.have - part2.unavailable;
    const width = (count) => `width:${100 * count / part2.of}%`;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, partName(part2.part)),
      el(
        "td",
        { class: "wide" },
        el(
          "span",
          { class: "stack", "aria-hidden": "true" },
          el("i", { class: percent === null ? "" : toneOf(percent), style: width(part2.have) }),
          el("i", { class: "none", style: width(missing) }),
          el("i", { class: "hatched", style: width(part2.unavailable) })
        )
      ),
      el(
        "td",
        { class: "n" },
        percent === null ? el("span", { class: "soft" }, "–") : el("b", {}, percentText(percent))
      ),
      el("td", { class: "n" }, number(part2.have)),
      el("td", { class: "n" }, number(missing)),
      el(
        "td",
        { class: "n" },
        part2.unavailable ? number(part2.unavailable) : el("span", { class: "soft" }, "0")
      ),
      el("td", {}, trend(history))
    );
  }
  function spaceRow(space, parts) {
    const counts = new Map(space.parts.map((part2) => [part2.part, part2]));
    const cell = (name) => {
      const part2 = counts.get(name);
      if (!part2) return el("td", { class: "n soft" }, "–");
      const percent = percentOf(part2);
      if (percent === null) {
        return el("td", { class: "n soft", title: "not available from the source" }, "n/a");
      }
      return el(
        "td",
        { class: "n", title: `${number(part2.have)} of ${number(part2.of - part2.unavailable)}` },
        percentText(percent),
        bar(percent, toneOf(percent))
      );
    };
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, space.space),
      el("td", { class: "n" }, number(space.assets)),
      el("td", { class: "n" }, number(space.columns)),
      parts.map(cell)
    );
  }
  var worstRow = ({ asset, score, missing }) => el(
    "tr",
    {},
    el("td", {}, assetLink(asset)),
    el("td", { class: "n score" }, `${score} %`),
    el(
      "td",
      {},
      missing.map((part2) => el("span", { class: "tag plain" }, partName(part2)))
    )
  );
  var lead = (assets, columns) => el(
    "p",
    { class: "lead" },
    `Business metadata of ${plural(assets, "asset")} with ${plural(columns, "column")}. `,
    el("span", { class: "key" }, el("i", { class: "none" }), "missing"),
    ": can be added in Datasphere; ",
    el("span", { class: "key" }, el("i", { class: "hatched" }), "not available"),
    ": no source of this run provides it."
  );
  function completenessSection({ report, recent }) {
    const spaces = (report.completeness?.spaces ?? []).filter((space) => space.assets), worst = report.completeness?.worst ?? [];
    if (!spaces.length) return null;
    const totals = partTotals(spaces), parts = partsInOrder(totals.keys()).flatMap((name) => totals.get(name) ?? []);
    const assets = spaces.reduce((sum, space) => sum + space.assets, 0), columns = spaces.reduce((sum, space) => sum + space.columns, 0);
    const runs = comparableRuns(recent, report.result.run_id, assets);
    const available = parts.filter((part2) => percentOf(part2) !== null).map(({ part: part2 }) => part2);
    return section(
      "completeness",
      "Completeness",
      lead(assets, columns),
      table(
        ["Part", "", ">Share", ">Present", ">Missing", ">Not available", "Trend"],
        parts.map((part2) => partRow(part2, shareValues(runs, part2.part))),
        { label: "Completeness of all spaces", class: "parts" }
      ),
      el("h3", {}, "By space"),
      table(
        ["Space", ">Assets", ">Columns", ...available.map((part2) => `>${partName(part2)}`)],
        spaces.map((space) => spaceRow(space, available)),
        { label: "Completeness by space", class: "matrix" }
      ),
      worst.length ? [
        el("h3", {}, `The ${plural(worst.length, "least complete asset")}`),
        table(["Asset", ">Score", "Incomplete"], worst.map(worstRow), {
          label: "The least complete assets",
          class: "worst"
        })
      ] : null
    );
  }

  // src/asset_names.js
  function renamedAssets(assets) {
    const sameInLowerCase = /* @__PURE__ */ new Map();
    for (const { fullName } of assets) {
      const key = fullName.toLowerCase();
      sameInLowerCase.set(key, (sameInLowerCase.get(key) ?? 0) + 1);
    }
    return assets.map((asset) => ({
      asset,
      collides: (sameInLowerCase.get(asset.fullName.toLowerCase()) ?? 0) > 1
    })).filter(({ asset, collides }) => asset.renamed || collides).sort((a, b) => Number(b.collides) - Number(a.collides) || a.asset.position - b.asset.position);
  }

  // src/coverage.js
  function coverageRow(listing, space) {
    const reused = listing.reused ?? 0, current = listing.read + reused;
    const share = listing.listed ? Math.round(100 * current / listing.listed) : listing.complete ? 100 : 0;
    return el(
      "tr",
      {},
      el(
        "th",
        { scope: "row" },
        listing.space,
        listing.label && listing.label !== listing.space ? el("div", { class: "soft small" }, listing.label) : null
      ),
      el("td", { class: "mono whole" }, space?.database),
      el(
        "td",
        { class: listing.complete ? "good" : "warn" },
        listing.complete ? "complete" : space?.reason || "incomplete"
      ),
      [listing.listed, listing.read, reused, listing.unread, listing.left ?? 0].map(
        (count) => el("td", { class: count ? "n" : "n soft" }, number(count))
      ),
      el("td", { class: "n" }, `${share} %`, bar(share, listing.complete ? "good" : "warn"))
    );
  }
  function namesPart(assetIndex) {
    const renamed = renamedAssets(assetIndex.assets);
    if (!renamed.length) return null;
    const rows = renamed.slice(0, LIST_STEP).map(
      ({ asset, collides }) => el(
        "tr",
        {},
        el("td", { class: "mono" }, assetLink(asset.fullName)),
        el("td", { class: "mono" }, asset.table),
        el(
          "td",
          {},
          collides ? el("span", { class: "tag drifted" }, "differs only in case") : null
        )
      )
    );
    return el(
      "details",
      { class: "names" },
      el("summary", {}, `${plural(renamed.length, "asset")} with a different name in Glue`),
      table(["In Datasphere", "In Glue", ""], rows, { label: "Names in Glue" }),
      renamed.length > LIST_STEP ? el("p", { class: "soft small" }, `and ${number(renamed.length - LIST_STEP)} more`) : null
    );
  }
  function coverageSection({ listings, result, reading }, assetIndex) {
    if (!listings.length) return null;
    const spaces = new Map(result.spaces.map((space) => [space.space, space]));
    const headings = [
      "Space",
      "Database",
      "Listing",
      ...[">Listed", ">Read", ">Unchanged", ">Unreadable", ">Left", ">Up to date"]
    ];
    return section(
      "coverage",
      `Coverage (${plural(listings.length, "space")})`,
      table(
        headings,
        listings.map((listing) => coverageRow(listing, spaces.get(listing.space))),
        { label: "Coverage by space" }
      ),
      reading?.oldest ? el(
        "p",
        { class: "soft small" },
        `Every asset was read at least once since ${timeText(reading.oldest)}.`
      ) : null,
      assetIndex ? namesPart(assetIndex) : null
    );
  }

  // src/changes_csv.js
  var COLUMNS = [
    "run_id",
    "started",
    "space",
    "asset",
    "database",
    "table",
    "kind",
    "action",
    "reason",
    "outcome",
    "verified",
    "field",
    "before",
    "after"
  ];
  var FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
  function csvCell(value) {
    if (value === null || value === void 0) return "";
    const text = String(value), safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  function changesCsv({ changes, result, started }) {
    const lines = [COLUMNS];
    for (const change of changes) {
      for (const field of change.fields.length ? change.fields : [{}]) {
        const row = { ...change, run_id: result.run_id, started, ...field };
        lines.push(COLUMNS.map((name) => row[name]));
      }
    }
    return `\uFEFF${lines.map((line) => line.map(csvCell).join(",")).join("\r\n")}\r
`;
  }

  // src/evidence.js
  function evidenceSection(report) {
    const { result, evidence } = report;
    const calls = Object.entries(result.calls).map(([name, count]) => `${number(count)} ${words(name)}`).join(", ");
    const digest = evidence?.plan_digest || result.plan_digest;
    const json = button(
      "Download report as JSON",
      () => download(`${result.run_id}.json`, "application/json", JSON.stringify(report, null, 1))
    );
    const csv = button(
      "Download changes as CSV",
      () => download(`${result.run_id}-changes.csv`, "text/csv;charset=utf-8", changesCsv(report))
    );
    return section(
      "evidence",
      "Evidence",
      factList(
        "proof",
        [
          ["Requests", calls],
          ["Audit chain head", evidence?.audit_head],
          ["Plan", digest && `sha256:${digest}`],
          ["Configuration", evidence?.config_hash || report.config_hash || "none"],
          ["Tool", evidence && `datasphere-glue ${evidence.version}`],
          ["Schema", report.schema]
        ],
        () => "mono"
      ),
      evidence?.audit_head ? el(
        "p",
        { class: "soft small" },
        "Verify the chain up to this head: ",
        el("code", {}, "datasphere-glue audit verify")
      ) : null,
      el("p", { class: "buttons" }, json, report.changes.length ? csv : null)
    );
  }

  // src/health.js
  var SIDES = { datasphere: "Datasphere", glue: "Glue" };
  var STEPS = ["list", "catalog", "read", "apply"];
  function endpointRow(stats) {
    const warning = (value) => el("td", { class: value ? "n warn" : "n soft" }, number(value));
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, stats.endpoint),
      el("td", {}, SIDES[stats.side] ?? stats.side),
      el("td", { class: "n" }, number(stats.calls)),
      [stats.p50_ms, stats.p95_ms, stats.max_ms].map((ms) => el("td", { class: "n" }, number(ms))),
      [stats.retries, stats.throttled, stats.failed].map(warning)
    );
  }
  function stepRows(steps) {
    const longest = Math.max(1, ...steps.map((step) => step.ms));
    return [...steps].sort((a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step)).map(
      ({ step, ms }) => el(
        "tr",
        {},
        el("th", { scope: "row" }, words(step)),
        el("td", { class: "wide" }, bar(100 * ms / longest, "calm")),
        el("td", { class: "n" }, durationText(ms))
      )
    );
  }
  var slowRow = ({ endpoint, subject, ms }) => el(
    "tr",
    {},
    el("th", { scope: "row", class: "whole" }, endpoint),
    el("td", { class: "mono small" }, subject),
    el("td", { class: "n" }, durationText(ms))
  );
  var half = (title, content) => el("div", {}, el("h3", {}, title), content);
  function healthSection({ health }) {
    if (!health || !health.endpoints.length && !health.steps.length) return null;
    const { endpoints, slowest, steps } = health;
    const headings = [
      "Request",
      "Side",
      ...[">Calls", ">p50 ms", ">p95 ms", ">Max ms", ">Retries", ">Throttled", ">Failed"]
    ];
    return section(
      "health",
      "Run health",
      endpoints.length ? table(headings, endpoints.map(endpointRow), { label: "Requests by kind" }) : null,
      el(
        "div",
        { class: "halves" },
        steps.length ? half(
          "Time by step",
          table(["Step", "", ">Time"], stepRows(steps), { label: "Steps", class: "short" })
        ) : null,
        slowest.length ? half(
          "The slowest requests",
          table(["Request", "Object", ">Time"], slowest.map(slowRow), {
            label: "The slowest requests",
            class: "short"
          })
        ) : null
      )
    );
  }

  // src/issues.js
  var needsAction = (issue) => (issue.severity ?? "act") === "act";
  function grouped(issues) {
    const groups = /* @__PURE__ */ new Map();
    for (const issue of issues) {
      const key = `${issue.code}
${issue.remedy}`;
      const group = groups.get(key);
      if (group) group.push(issue);
      else groups.set(key, [issue]);
    }
    return [...groups.values()];
  }

  // src/issue_list.js
  var issueItems = (issues) => el(
    "ul",
    {},
    issues.slice(0, LIST_STEP).map((issue) => el("li", { class: "small" }, el("b", {}, issue.asset), ` ${issue.message}`)),
    issues.length > LIST_STEP ? el("li", { class: "soft" }, `and ${number(issues.length - LIST_STEP)} more in the JSON`) : null
  );
  function card(issues, urgent) {
    const first = issues[0];
    return el(
      "article",
      { class: `card ${urgent ? "bad" : ""}` },
      el(
        "h3",
        {},
        first.asset === "run" ? "The run" : first.asset,
        issues.length > 1 ? ` and ${number(issues.length - 1)} more` : ""
      ),
      el("p", { class: "do" }, first.remedy),
      el("p", { class: "soft small" }, first.message),
      issues.length > 1 ? el("details", {}, el("summary", {}, plural(issues.length, "case")), issueItems(issues)) : null,
      el("p", { class: "code" }, el("code", {}, first.code))
    );
  }
  var foldedGroup = (issues, noun) => el(
    "details",
    {},
    el("summary", {}, el("code", {}, issues[0].code), ` ${plural(issues.length, noun)}`),
    el("p", { class: "small" }, issues[0].remedy),
    issueItems(issues)
  );
  function nextSection(report) {
    const groups = grouped([...report.issues, ...report.notes].filter(needsAction));
    if (!groups.length) return null;
    const failed = /HALTED|FAILED/.test(report.result.status);
    const cards = groups.map((issues, position) => card(issues, failed && position === 0));
    return section("next", `Do next (${cards.length})`, el("div", { class: "cards" }, cards));
  }
  function otherIssuesSection(report) {
    const issues = report.issues.filter((issue) => !needsAction(issue));
    if (!issues.length) return null;
    return section(
      "no-action",
      `No action needed (${number(issues.length)})`,
      grouped(issues).map((group) => foldedGroup(group, "case"))
    );
  }
  function notesSection({ notes }) {
    if (!notes.length) return null;
    return section(
      "notes",
      `Notes (${number(notes.length)})`,
      grouped(notes).map((group) => foldedGroup(group, "note"))
    );
  }

  // src/manual_edits.js
  var KINDS = {
    conflict: ["Conflict", "changed on both sides since the last run, the edit is kept"],
    drift: ["Kept", "edited in Glue only, the edit is kept"],
    set_back: ["Set back", "edited in Glue, Datasphere owns this field"]
  };
  function editNode(edit) {
    const [name, meaning] = KINDS[edit.kind] ?? [words(edit.kind), ""];
    const side = (title, text) => el(
      "div",
      {},
      el("h4", {}, title),
      text === null ? el("p", { class: "soft" }, "not set") : el("pre", {}, text)
    );
    return el(
      "article",
      { class: `edit ${edit.kind}` },
      el(
        "h3",
        {},
        el("span", { class: `tag ${edit.kind}` }, name),
        " ",
        el("span", { class: "mono" }, glueName(edit)),
        " ",
        el("span", { class: "mono soft" }, edit.field)
      ),
      el(
        "p",
        { class: "soft small" },
        meaning,
        edit.asset ? [" · ", assetLink(sapName(edit))] : null
      ),
      el(
        "div",
        { class: "sides" },
        side("In Glue", edit.catalog),
        side("In Datasphere", edit.source)
      )
    );
  }
  function manualEditsSection({ conflicts }) {
    if (!conflicts.length) return null;
    const order = Object.keys(KINDS), list2 = el("div", {});
    const sorted = [...conflicts].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    const more = button("Show more", () => draw(list2.childElementCount + LIST_STEP));
    function draw(count) {
      list2.append(...sorted.slice(list2.childElementCount, count).map(editNode));
      more.hidden = count >= sorted.length;
    }
    draw(LIST_STEP);
    return section("conflicts", `Manual edits (${number(conflicts.length)})`, list2, more);
  }

  // src/run_summary.js
  var CHANGED = ["created", "updated", "restored", "deprecated", "deleted"];
  var onlyPlanned = ({ result, changes }) => result.status === "PENDING" && changes.every((change) => !change.outcome);
  function changedText(report) {
    const { counts } = report.result;
    const prefix = onlyPlanned(report) ? "to be " : "";
    const parts = CHANGED.filter((name) => counts[name]).map(
      (name) => `${number(counts[name])} ${prefix}${name}`
    );
    return parts.join(", ") || "Nothing changed";
  }
  function runSummary(report) {
    const { counts, spaces } = report.result;
    const incomplete = spaces.filter((space) => !space.complete).length;
    const left = report.reading?.left ?? 0;
    const parts = [
      changedText(report),
      counts.unchanged ? `${plural(counts.unchanged, "table")} unchanged` : "",
      counts.failed ? `${number(counts.failed)} failed` : "",
      incomplete ? `${plural(incomplete, "space")} not listed completely` : "",
      left ? `${plural(left, "asset")} left for the next run` : ""
    ];
    return `${parts.filter(Boolean).join("; ")}.`;
  }

  // src/overview.js
  var COUNTS = [
    "created",
    "updated",
    "restored",
    "deprecated",
    "deleted",
    "unchanged",
    "conflicts",
    "skipped",
    "failed"
  ];
  var HIGHEST_BAR = 48;
  function runLinks({ recent, report }) {
    const position = recent.findIndex((run) => run.run_id === report.result.run_id);
    const previous = position > 0 ? recent[position - 1] : null;
    return el(
      "p",
      { class: "runs" },
      previous ? el(
        "a",
        {
          href: previous.page,
          title: `${previous.status}, ${plural(previous.changes, "change")}`
        },
        `← Previous run, ${timeText(previous.started)}`
      ) : null,
      el("a", { href: "../../index.html" }, "All runs")
    );
  }
  function pageHead(data) {
    const { report } = data;
    const { result } = report;
    return [
      el(
        "div",
        { class: "head" },
        el("span", { class: `status ${result.status}` }, words(result.status)),
        runLinks(data)
      ),
      el("h1", {}, `${result.action === "sync" ? "" : `${result.action}: `}${runSummary(report)}`),
      factList("facts", [
        ["Tenant", result.tenant],
        ["Environment", report.environment],
        ["Started", timeText(report.started)],
        ["Duration", durationText(result.duration_ms)],
        ["Trigger", [report.trigger, report.cause].filter(Boolean).join(", ")],
        ["Written by", report.actor],
        ["Configuration", report.config_hash?.slice(0, 12)],
        ["Run", result.run_id]
      ])
    ];
  }
  function runBar(run, current, mostChanges) {
    const text = `${timeText(run.started)}: ${words(run.status)}, ${plural(run.changes, "change")}`;
    const height = run.changes ? Math.max(4, Math.round(HIGHEST_BAR * run.changes / mostChanges)) : 0;
    return el(
      "li",
      {},
      el(
        "a",
        {
          href: current ? "#counts" : run.page,
          class: `${run.status} ${current ? "here" : ""}`,
          title: text,
          "aria-label": text,
          "aria-current": current ? "true" : null
        },
        height ? el("i", { style: `height:${height}px` }) : null,
        el("u", {})
      )
    );
  }
  function recentRuns({ recent, report }) {
    if (recent.length < 2) return null;
    const mostChanges = Math.max(1, ...recent.map((run) => run.changes));
    return [
      el(
        "ol",
        { class: "strip", "aria-label": "Recent runs" },
        recent.map((run) => runBar(run, run.run_id === report.result.run_id, mostChanges))
      ),
      el(
        "p",
        { class: "soft small" },
        `The last ${recent.length} runs. Height: number of changes. Colour: status.`
      )
    ];
  }
  function countsSection(data) {
    const { counts } = data.report.result;
    const tiles = COUNTS.map(
      (name) => el(
        "div",
        { class: `tile ${name} ${counts[name] ? "" : "zero"}` },
        el("dd", {}, number(counts[name])),
        el("dt", {}, name)
      )
    );
    return section("counts", "This run", el("dl", { class: "tiles" }, tiles), recentRuns(data));
  }

  // src/routes.js
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }
  function routeOf(hash) {
    const asset = /^#asset=(.+)$/.exec(hash);
    if (asset) return { view: "asset", fullName: decoded(asset[1]) };
    const change = /^#change-(\d+)$/.exec(hash);
    if (change) return { view: "change", position: Number(change[1]) };
    return { view: "section", id: hash.slice(1) };
  }
  function startRoutes({ assetPage: assetPage2, openChange, runId }) {
    const reportParts = ["report", "top", "sections"].map(byId), assetView = byId("asset"), reportTitle = document.title;
    let leftPlace = null;
    let currentHash = "", shownCount = 0;
    function switchTo(onAsset) {
      for (const node of reportParts) node.hidden = onAsset;
      assetView.hidden = !onAsset;
    }
    async function showAsset(fullName, build) {
      shownCount += 1;
      const turn = shownCount;
      if (assetView.hidden) {
        leftPlace = { hash: currentHash, scroll: scrollY, focus: document.activeElement };
      }
      const nodes = await build(fullName);
      if (turn !== shownCount) return;
      assetView.replaceChildren(...nodes);
      switchTo(true);
      document.title = `${fullName} · ${runId}`;
      scrollTo(0, 0);
      byId("asset-title").focus({ preventScroll: true });
    }
    function showReport(hash, route) {
      shownCount += 1;
      const place = assetView.hidden ? null : leftPlace;
      assetView.replaceChildren();
      switchTo(false);
      document.title = reportTitle;
      if (place && (hash === place.hash || hash === "#assets")) {
        scrollTo(0, place.scroll);
        if (place.focus instanceof HTMLElement && place.focus.isConnected) {
          place.focus.focus({ preventScroll: true });
        }
      } else if (route.view === "change") openChange(route.position);
      else if (route.view === "section") document.getElementById(route.id)?.scrollIntoView();
    }
    function follow() {
      const { hash } = location, route = routeOf(hash);
      if (route.view === "asset" && assetPage2) showAsset(route.fullName, assetPage2);
      else showReport(hash, route);
      currentHash = hash;
    }
    addEventListener("hashchange", follow);
    addEventListener("keydown", (event) => handleKey(event, !assetView.hidden));
    follow();
  }
  var isField = (node) => node instanceof HTMLInputElement || node instanceof HTMLSelectElement || node instanceof HTMLTextAreaElement;
  function handleKey(event, onAsset) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (event.key === "/" && !isField(target)) {
      event.preventDefault();
      if (onAsset) location.hash = "#assets";
      const search = document.getElementById("asset-search") ?? document.getElementById("change-search");
      setTimeout(() => search?.focus());
    } else if (event.key === "Escape") {
      if (target instanceof HTMLInputElement && target.type === "search" && target.value) return;
      if (onAsset) location.hash = "#assets";
      else if (isField(target) && target instanceof HTMLElement) target.blur();
    }
  }

  // src/report.js
  var unpackedElement = (id) => unpacked(byId(id).textContent ?? "");
  async function readAssetIndex(spaces) {
    if (!canOpenAssets()) return null;
    const index = (
      /** @type {IndexDocument} */
      await unpackedElement("asset-index")
    );
    return new AssetIndex(index, async (space) => {
      const position = spaces.indexOf(space);
      if (position < 0) return null;
      return (
        /** @type {SpaceDocument} */
        await unpackedElement(`asset-space-${position}`)
      );
    });
  }
  function append2(sections) {
    const present = sections.filter((section2) => section2 !== null);
    byId("report").append(...present.map(({ node }) => node));
    byId("sections").append(...present.map(sectionLink));
  }
  async function show() {
    const data = (
      /** @type {PageData} */
      pageData()
    ), { report } = data;
    byId("main").append(el("div", { id: "report" }), el("div", { id: "asset", hidden: true }));
    byId("top").append(...pageHead(data));
    const changes = changesSection(report);
    append2([
      nextSection(report),
      countsSection(data),
      changes.section,
      manualEditsSection(report),
      completenessSection(data)
    ]);
    const assetIndex = await readAssetIndex(data.spaces);
    append2([
      assetIndex ? assetsSection(assetIndex, report.changes) : null,
      hasAssets() && !assetIndex ? unsupportedAssetsSection() : null,
      coverageSection(report, assetIndex),
      otherIssuesSection(report),
      notesSection(report),
      healthSection(report),
      evidenceSection(report)
    ]);
    const { run_id: runId } = report.result;
    byId("foot").append(
      el("p", {}, `datasphere-glue, run ${runId}. This file loads nothing from the network.`)
    );
    startRoutes({
      assetPage: assetIndex && ((fullName) => assetPage(fullName, assetIndex, report)),
      openChange: changes.openChange,
      runId
    });
    addEventListener("beforeprint", () => {
      for (const fold of byId("asset").querySelectorAll("details")) fold.open = true;
    });
    performance.mark("ready");
    document.documentElement.dataset.ready = "true";
  }
  show();
})();
