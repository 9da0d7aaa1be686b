// How elements are made: every text goes through textContent or an attribute, so it stays text.

const SVG = "http://www.w3.org/2000/svg";

function made(node, about, children) {
  for (const [key, value] of Object.entries(about || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on")
      for (const [name, act] of Object.entries(value)) node.addEventListener(name, act);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "")
      node.append(child);
  }
  return node;
}

const el = (tag, about, ...children) => made(document.createElement(tag), about, children);
const drawn = (tag, about, ...children) =>
  made(document.createElementNS(SVG, tag), about, children);
const byId = (id) => document.getElementById(id);

const number = (value) => Number(value || 0).toLocaleString("en");
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;
const words = (name) => String(name).replaceAll("_", " ");

function moment(text) {
  if (!text) return "unknown";
  return text
    .replace("T", " ")
    .replace(/(:\d\d)\.\d+/, "$1")
    .replace(/(\+00:00|Z)$/, " UTC");
}

function lasted(ms) {
  if (ms < 1000) return `${number(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`;
}

// A table whose head tells by a leading ">" which columns hold numbers.
function table(heads, rows, about) {
  const head = (name) =>
    name.startsWith(">")
      ? el("th", { class: "n", scope: "col" }, name.slice(1))
      : el("th", { scope: "col" }, name);
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: about.class, "aria-label": about.label },
      el("thead", {}, el("tr", {}, heads.map(head))),
      el("tbody", {}, rows),
    ),
  );
}

function bar(percent, tone) {
  const place = Math.max(0, Math.min(100, percent));
  return el(
    "span",
    { class: `bar ${tone || ""}`, "aria-hidden": "true" },
    el("i", { style: `width:${place}%` }),
  );
}

const toneOf = (percent) => (percent >= 90 ? "good" : percent >= 50 ? "warn" : "bad");

function choice(label, values, act) {
  return el(
    "label",
    {},
    label,
    el(
      "select",
      { on: { change: (event) => act(event.target.value) } },
      el("option", { value: "" }, "all"),
      values.map(([value, name]) => el("option", { value }, name)),
    ),
  );
}

const distinct = (values) =>
  [...new Set(values)]
    .filter(Boolean)
    .sort()
    .map((value) => [value, words(value)]);

function download(name, type, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
