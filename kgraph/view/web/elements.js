"use strict";

// Elements: text only ever enters the page as text.

const $ = (id) => document.getElementById(id);
const stage = $("stage"), card = $("card"), search = $("search"), hits = $("hits"), live = $("live");
const meta = JSON.parse($("kg-meta").textContent);
for (const relation of meta.relations) relation.directed = !relation.dashes; // a dashed line leads nowhere
const SVG = "http://www.w3.org/2000/svg";

const number = (n) => n.toLocaleString("en");
const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const button = (onclick, attributes, ...inside) => el("button", { type: "button", onclick, ...attributes }, ...inside);
const named = (text) => el("span", { dir: "auto" }, text);
const note = (text) => el("p", { class: "note" }, text);

function link(title, url) {
  if (!/^https?:\/\//i.test(url)) return named(title);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, title);
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const drawing = (name, box, path) => svg("svg", { class: name, viewBox: box, "aria-hidden": "true" }, svg("path", { d: path }));

/** The shape of a type of nodes in its colour; `type` is its number. */
function icon(type) {
  const { label, shape } = meta.labels[type];
  return drawing(`icon ${label}`, "0 0 16 16", writtenPath((path) => outline(path, shape, 8, 8, 6.3)));
}

/** Panels of which one is open; arrow keys go from tab to tab. */
function tabs(...panels) {
  const open = (k) => panels.forEach(({ body }, at) => {
    body.hidden = at !== k;
    buttons[at].setAttribute("aria-selected", String(at === k));
    buttons[at].tabIndex = at === k ? 0 : -1;
  });
  const buttons = panels.map((panel, k) => button(() => open(k), { role: "tab" }, `${panel.title} `, panel.number));
  const bar = el("div", { class: "tabs", role: "tablist" }, ...buttons);
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const k = (buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length;
    open(k);
    buttons[k].focus();
  });
  panels.forEach(({ title, body }) => { body.setAttribute("role", "tabpanel"); body.setAttribute("aria-label", title); });
  open(0);
  return [bar, ...panels.map(({ body }) => body)];
}
