// The frame of the page: sections, the list of them, and what keys do everywhere.

const listedSections = [];

function section(id, title, ...children) {
  const node = el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
    ...children,
  );
  byId("report").append(node);
  listedSections.push([id, title]);
  return node;
}

function showSections() {
  byId("sections").append(
    ...listedSections.map(([id, title]) => {
      const [, name, count] = /^(.*?)(?: \(([\d,]+).*\))?$/.exec(title);
      return el(
        "a",
        { href: `#${id}` },
        name,
        count ? el("span", { class: "count" }, ` ${count}`) : null,
      );
    }),
  );
}

// Up and down go through the links of a list, and beyond its ends where `beyond` knows a way.
function arrows(list, beyond) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...list.querySelectorAll("a, summary")];
    const place = links.indexOf(document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    const next = links[place + step];
    if (next) next.focus();
    else beyond(step);
  });
}

const typing = (node) => /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName);
