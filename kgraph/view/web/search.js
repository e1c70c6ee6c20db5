"use strict";

// ---------------------------------------------------------------- the search box

let found = [], cursor = -1, asking = 0;

function hitRow({ mark, name, also, small, open }, k) {
  const row = el("li", { role: "option", id: `hit-${k}`, "aria-selected": "false" },
    mark, el("span", { class: "what", dir: "auto" }, also ? `${name} (${also})` : name), el("small", {}, small));
  row.addEventListener("mousedown", (event) => { event.preventDefault(); take(k); });
  return Object.assign(row, { open });
}

const hitHere = ({ i, name }) => ({
  mark: icon(graph.label[i]), name: graph.name[i], also: name === graph.name[i] ? null : name, small: papersOf(i),
  open: () => choose({ node: i }),
});

/** A hit that only the server knows: it opens a page of its own. */
const hitElsewhere = ({ id, name, alias, label, papers }) => ({
  mark: icon(meta.labels.findIndex((type) => type.label === label)), name, also: alias ?? null,
  small: `${count(papers, "paper")} · not in this picture`,
  open: () => location.assign(`/?focus=${encodeURIComponent(id)}`),
});

function showHits() {
  listHits(matches(search.value).map(hitHere));
  if (meta.server) askServer(search.value);
}

function listHits(all, at = -1) {
  found = all;
  cursor = -1;
  const rows = all.map(hitRow);
  hits.replaceChildren(...(rows.length ? rows : [el("li", { class: "none" }, "Nothing in this picture goes by that name")]));
  hits.hidden = false;
  search.setAttribute("aria-expanded", "true");
  search.removeAttribute("aria-activedescendant");
  live.textContent = count(all.length, "match", "matches");
  if (at >= 0) pointAt(at);
}

/** Ask for more once the reader stops typing; what the answer adds comes after what is here. */
function askServer(text) {
  clearTimeout(asking);
  if (!text.trim()) return;
  const mine = asking = setTimeout(async () => {
    const { nodes } = await ask("search", { q: text }).catch(() => ({ nodes: [] }));
    const elsewhere = nodes.filter(({ id }) => !graph.at.has(id));
    if (mine !== asking || search.value !== text || hits.hidden || !elsewhere.length) return;
    listHits([...found, ...elsewhere.map(hitElsewhere)].slice(0, 14), cursor);
  }, 180);
}

function hideHits() {
  hits.hidden = true;
  search.setAttribute("aria-expanded", "false");
  search.removeAttribute("aria-activedescendant");
}

function take(k) {
  search.value = found[k].name;
  hideHits();
  search.blur();
  found[k].open();
  card.focus({ preventScroll: true });
}

function step(by) {
  if (hits.hidden) return showHits();
  if (!found.length) return;
  pointAt((cursor + by + (cursor < 0 && by < 0 ? 1 : 0) + found.length) % found.length);
}

function pointAt(k) {
  cursor = k;
  [...hits.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === k)));
  hits.children[k].scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", `hit-${k}`);
}

function onSearchKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && found.length && !hits.hidden) take(Math.max(cursor, 0));
  else if (event.key === "Escape") search.blur();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function openSearch() {
  search.addEventListener("input", showHits);
  search.addEventListener("focus", () => { search.select(); showHits(); });
  search.addEventListener("blur", hideHits);
  search.addEventListener("keydown", onSearchKey);
  foldInSlices();
}
