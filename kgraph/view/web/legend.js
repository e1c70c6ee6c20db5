"use strict";

// ---------------------------------------------------------------- the legend, which is the filter too

/** The numbers of shown nodes by type, lines by relation, as far as the picture goes. */
function tally() {
  const types = new Uint32Array(meta.labels.length), relations = new Uint32Array(meta.relations.length);
  for (let i = 0; i < graph.n; i++) if (inPicture(i)) types[graph.label[i]]++;
  for (let j = 0; j < graph.m; j++) if (endsOf(j).every(inPicture)) relations[graph.type[j]]++;
  return { types, relations };
}

function legendItem(set, kind, name, text, picture, many) {
  const press = button(() => toggle(set, kind), {}, picture, text, el("small", {}, number(many)));
  Object.assign(press, { isOff: () => set.has(kind) });
  press.dataset.name = name;
  return el("li", {}, press);
}

/** How the lines of a relation look. */
function stroke(type) {
  const { dashes, directed } = meta.relations[type], j = graph.type.indexOf(type), stated = graph.support[j] > 0;
  const made = drawing("stroke", "0 0 22 10", directed ? "M1 5h19M16 1.5L20 5L16 8.5" : "M1 5h20");
  if (dashes) made.setAttribute("stroke-dasharray", dashes.map((length) => length * 0.8).join(" "));
  made.style.stroke = `var(--${stated ? typeNameOf(graph.target[j]) : "line"})`;
  return made;
}

function buildLegend() {
  const { types, relations } = tally(), { filters } = look;
  $("types").replaceChildren(...meta.labels.flatMap(({ label, plural }, k) =>
    (types[k] ? [legendItem(filters.types, k, label, plural, icon(k), types[k])] : [])));
  $("relations").replaceChildren(...meta.relations.flatMap(({ type, verb }, k) =>
    (relations[k] ? [legendItem(filters.relations, k, type, verb, stroke(k), relations[k])] : [])));
  $("relations").hidden = !relations.some(Boolean);
  showLegend();
}

function showLegend() {
  for (const press of document.querySelectorAll("#types button, #relations button")) {
    press.setAttribute("aria-pressed", String(!press.isOff()));
  }
  showFilters();
  showCounts();
}

function toggle(set, kind) {
  if (!set.delete(kind)) set.add(kind);
  filtersChanged();
}

/** Whether what is chosen is shown; of a path the ends, as the way between them may change. */
function isShown({ node, line, path }) {
  if (path) return pathEnds(path).every(look.shown);
  return line === undefined ? look.shown(node) : look.lineShown(line);
}

/** After the filters changed: what is chosen goes if it is no longer shown; a path is looked for anew. */
function filtersChanged() {
  const { chosen } = look;
  look.update();
  if (chosen && !isShown(chosen)) return choose(null);
  if (chosen?.path) return choosePath(...pathEnds(chosen.path), false);
  showLegend();
  engine.refresh();
}

// ---------------------------------------------------------------- how much is shown

let firstCount = null;

function showCounts() {
  let entities = 0, relations = 0;
  for (let i = 0; i < graph.n; i++) if (look.shown(i) && !isPaper(i)) entities++;
  for (let j = 0; j < graph.m; j++) if (look.lineShown(j) && !isSameTerm(j)) relations++;
  const text = `${count(entities, "entity", "entities")} · ${count(relations, "relation")} shown`;
  firstCount ??= text;
  $("counts").textContent = text === firstCount ? meta.counts : text;
}

// ---------------------------------------------------------------- the filters that are numbers, and what colours mean

const fields = {
  from: $("from"), to: $("to"), papers: $("least-papers"), confidence: $("least-confidence"), joined: $("joined"),
};

function showFilters() {
  const { from, to, papers, confidence, joined } = look.filters, [first, last] = graph.years;
  Object.assign(fields.from, { min: first, max: last, value: from ?? first });
  Object.assign(fields.to, { min: first, max: last, value: to ?? last });
  $("year-fields").hidden = !last || first === last;
  fields.papers.value = papers;
  fields.confidence.value = confidence;
  fields.joined.checked = joined;
  showConfidence(confidence);
  $("filter").dataset.active = String(from !== null || to !== null || papers > 1 || confidence > 0 || joined);
}

function showConfidence(least) {
  $("confidence").textContent = least ? least.toFixed(2) : "any";
}

/** Take the filters from the fields; what lies beyond the years of the graph is no limit. */
function readFilters() {
  const [first, last] = graph.years, valueOf = (field) => Number(field.value) || 0;
  const from = valueOf(fields.from), to = valueOf(fields.to);
  Object.assign(look.filters, {
    from: from > first ? from : null,
    to: to && to < last ? to : null,
    papers: Math.max(1, Math.floor(valueOf(fields.papers))),
    confidence: valueOf(fields.confidence),
    joined: fields.joined.checked,
  });
  filtersChanged();
}

function colourBy(what) {
  look.colourFor(what);
  showColours();
  engine.refresh();
}

function showColours() {
  document.documentElement.dataset.colour = look.colourBy;
  for (const choice of document.querySelectorAll("input[name=colour]")) choice.checked = choice.value === look.colourBy;
  showCommunities();
  showYears();
}

function showCommunities() {
  const list = $("communities");
  list.hidden = look.colourBy !== "community";
  if (list.hidden) return;
  list.replaceChildren(...look.communities().sort((a, b) => b.size - a.size).slice(0, MOST_COMMUNITIES).map(communityItem));
}

const MOST_COMMUNITIES = 40;

function communityItem({ number: community, name, size }) {
  const dot = el("i", { class: "swatch" });
  dot.style.background = look.communityColour(community);
  const title = `${name}: show where it is`, short = name.split(", ").slice(0, 2).join(", ");
  return el("li", {}, button(() => zoomTo(community), { title }, dot, named(short), el("small", {}, number(size))));
}

function zoomTo(community) {
  frame(shownNodes().filter((i) => graph.community[i] === community), null, true);
}

function showYears() {
  const scale = $("years"), [first, last] = graph.years;
  scale.hidden = look.colourBy !== "year" || !last;
  if (scale.hidden) return;
  const steps = Array.from({ length: 6 }, (_, k) => look.yearColour(Math.round(first + ((last - first) * k) / 5)));
  const bar = el("i", {});
  bar.style.background = `linear-gradient(to right, ${steps.join(", ")})`;
  scale.replaceChildren("First seen ", String(first), bar, String(last));
}

/** Have a wheel that turns only up and down move a row that is too long sideways. */
function rollSideways(row) {
  row.addEventListener("wheel", (event) => {
    if (!event.deltaX) row.scrollLeft += event.deltaY;
  }, { passive: true });
}

function openFilters() {
  document.querySelectorAll(".row-of-chips").forEach(rollSideways);
  $("colour-community").hidden = !meta.communities.length;
  for (const field of Object.values(fields)) field.addEventListener("change", readFilters);
  fields.confidence.addEventListener("input", () => showConfidence(Number(fields.confidence.value)));
  for (const choice of document.querySelectorAll("input[name=colour]")) {
    choice.addEventListener("change", () => colourBy(choice.value));
  }
  $("reset").addEventListener("click", () => { look.reset(); filtersChanged(); });
}
