"use strict";

// ---------------------------------------------------------------- choosing, and the address that remembers it

function describe({ node, line, path } = {}) {
  if (path) {
    const [from, to] = pathEnds(path).map((i) => graph.name[i]);
    return `Path from ${from} to ${to}: ${path.lines.length ? count(path.lines.length, "step") : "there is none"}`;
  }
  if (node !== undefined) return `${graph.name[node]}, ${typeNameOf(node)}, ${papersOf(node)}`;
  return line === undefined ? "Nothing chosen" : `${sentenceOf(line)}, ${told(line)}`;
}

/** Choose a node, a line, a path or nothing. `move`: move the camera to it, as for a choice made outside the picture. */
function choose(choice, move = true) {
  if (start !== null && choice?.node !== undefined) return pathTo(choice.node);
  if (choice) $("trend").hidden = true;
  bringToSight(choice);
  look.choose(choice);
  showLegend();
  showCard();
  showHint();
  showWaysBack();
  engine.refresh();
  const { nodes, ends } = look.lit() ?? {};
  if (choice && move) frame([...nodes], choice.node ?? ends[0], true);
  else if (choice) uncover(ends);
  live.textContent = describe(choice ?? undefined);
  remember(addressOf(choice));
}

/** Have the picture hold what is chosen, and the filters let it pass. */
function bringToSight(choice) {
  if (!choice || choice.path) return;
  bringNodes(choice.line === undefined ? [choice.node] : endsOf(choice.line));
  const shown = choice.line === undefined ? look.shown(choice.node) : look.lineShown(choice.line);
  if (!shown) look.admit(choice);
}

function addressOf(choice) {
  if (choice?.path) return pathAddress(...pathEnds(choice.path));
  return choice?.node === undefined ? "#" : `#${encodeURIComponent(graph.id[choice.node])}`;
}

function remember(hash) {
  // a page inside a notebook's frame has no address of its own
  if (location.protocol !== "about:") history.replaceState(null, "", hash);
}

/** What a part of the address says, also where it is not encoded as it should be. */
const decoded = (text) => new URLSearchParams(`id=${text.replace(/\+/g, "%2B").replace(/&/g, "%26")}`).get("id");

/** Open what the address names; return whether it names anything. */
function openAddress() {
  const hash = location.hash.slice(1), id = decoded(hash), node = graph.at.get(id);
  const ends = hash.startsWith("path=") ? hash.slice(5).split("~").map((part) => graph.at.get(decoded(part))) : null;
  if (node !== undefined) choose({ node });
  else if (ends?.length === 2 && !ends.includes(undefined)) choosePath(...ends);
  else if (hash) openElsewhere(id, ends);
  return hash !== "";
}

/** Of what is not on this page a server has a page of its own, unless that is this one. */
function openElsewhere(id, ends) {
  const isOwn = new URLSearchParams(location.search).get("focus") === id;
  if (meta.server && !ends && !isOwn) location.replace(`/?focus=${encodeURIComponent(id)}`);
  else notice(`Nothing here has the address ${id}`);
}

// ---------------------------------------------------------------- what the page says by the way

/** The buttons that lead back: to the whole picture, to the trends. */
function showWaysBack() {
  $("whole").hidden = !whole;
  $("trends").hidden = !meta.trend || !$("trend").hidden;
}

function showHint() {
  const hint = $("hint");
  hint.hidden = Boolean(look.chosen) || !$("trend").hidden;
  hint.textContent = start === null
    ? "Click a node or a line to read the sentences behind it"
    : `Choose the node where the path from ${graph.name[start]} ends`;
}

/** Say something until the next choice. */
function notice(text) {
  $("hint").hidden = false;
  $("hint").textContent = live.textContent = text;
}

// ---------------------------------------------------------------- what the pointer is over

const tip = $("tip");

function showTip({ node, line }, { x, y }) {
  const parts = node === undefined ? [sentenceOf(line), told(line)] : [graph.name[node], typeNameOf(node), papersOf(node)];
  tip.textContent = parts.join(" · ");
  tip.hidden = false;
  const at = stage.getBoundingClientRect(), size = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left + x + 14, innerWidth - size.width - 8))}px`;
  tip.style.top = `${Math.min(at.top + y + 16, innerHeight - size.height - 8)}px`;
  stage.style.cursor = "pointer";
}

function hideTip() {
  tip.hidden = true;
  stage.style.cursor = "";
}

const pointer = {
  click(what) { hideTip(); choose(what, false); },
  hover(what, at) { if (what) showTip(what, at); else hideTip(); },
  moved: hideTip,
};

// ---------------------------------------------------------------- tools and keys

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function changeTheme(dark) {
  look.setTheme(dark);
  showColours();
  engine.refresh();
}

/** Have a popover open below its button. */
function openBelow(popover, opener) {
  popover.addEventListener("beforetoggle", () => {
    const { bottom, right } = opener.getBoundingClientRect();
    Object.assign(popover.style, { top: `${bottom + 8}px`, right: `${Math.max(8, innerWidth - right)}px` });
  });
}

function letGo() {
  const moving = $("move").getAttribute("aria-pressed") !== "true";
  $("move").setAttribute("aria-pressed", String(moving));
  $("move").textContent = moving ? "Hold" : "Move";
  engine.letGo(moving);
}

const KEYS = {
  "/": () => search.focus(),
  "?": () => $("help").showModal(),
  0: () => fit(),
  "+": () => zoom(1.4),
  "=": () => zoom(1.4),
  "-": () => zoom(1 / 1.4),
  Escape: () => { if (start !== null) forgetStart(); else choose(null); },
};
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Go to the neighbour that lies in the direction of an arrow key. */
function walk(direction) {
  const here = look.chosen?.node, next = here === undefined ? shownNodes()[0] : neighbourTowards(here, direction);
  if (next !== undefined) choose({ node: next });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  if (document.querySelector("dialog[open], :popover-open")) return;
  if (event.key in ARROWS && stage.contains(event.target)) walk(ARROWS[event.key]);
  else if (event.key in KEYS) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function openTools() {
  $("theme").append(drawing("", "0 0 16 16", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.6a5.4 5.4 0 0 1 0 10.8z"));
  $("theme").addEventListener("click", () => changeTheme(!look.ink.dark));
  prefersDark.addEventListener("change", () => changeTheme(prefersDark.matches));
  $("fit").addEventListener("click", () => fit());
  $("keys").addEventListener("click", () => $("help").showModal());
  $("help-close").addEventListener("click", () => $("help").close());
  $("move").hidden = !engine.letGo || graph.n > 300;
  $("move").addEventListener("click", letGo);
  $("whole").addEventListener("click", backToWhole);
  $("trends").addEventListener("click", backToTrends);
  $("png").addEventListener("click", () => { $("saves").hidePopover(); savePicture(); });
  $("svg").addEventListener("click", () => { $("saves").hidePopover(); saveDrawing(); });
  openBelow($("filters"), $("filter"));
  openBelow($("saves"), $("save"));
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", openAddress);
}

function backToTrends() {
  forgetStart();
  if (whole) {
    lookAtWhole();
    buildLegend();
  }
  choose(null);
  $("trend").hidden = false;
  showHint();
  showWaysBack();
}

// ---------------------------------------------------------------- the beginning

/** Where the screen is upright the picture stands upright too: it was laid out for a wide one. */
function standUp() {
  if (stage.clientHeight <= 1.2 * stage.clientWidth) return;
  [graph.x, graph.y] = [graph.y, graph.x];
  if (meta.bands) meta.bands.axis = meta.bands.axis === "x" ? "y" : "x";
}

function watchSize() {
  let { clientWidth: width } = stage;
  new ResizeObserver(() => {
    engine.resize();
    if (stage.clientWidth !== width) fit(false);
    width = stage.clientWidth;
  }).observe(stage);
}

/** In a frame the wheel moves the page around it, until a click has given the frame the focus. */
function leaveWheel() {
  if (parent === window) return;
  const passOver = (event) => { if (!event.ctrlKey && !document.hasFocus()) event.stopPropagation(); };
  stage.addEventListener("wheel", passOver, { capture: true, passive: true });
  stage.addEventListener("pointerdown", () => stage.focus({ preventScroll: true }));
}

async function begin() {
  look.setTheme(prefersDark.matches);
  graph = makeGraph(await inflate("kg-graph"));
  standUp();
  look.setPicture(Uint8Array.from({ length: graph.n }, (_, i) => i < graph.picture));
  engine = (meta.engine === "map" ? makeMap : makeNetwork)(stage, graph, look, pointer);
  openFilters();
  buildLegend();
  showColours();
  openTools();
  openSearch();
  engine.refresh();
  fit(false);
  if (meta.trend) showTrend(meta.trend);
  showWaysBack();
  showHint();
  if (!openAddress() && meta.focus !== null) {
    choose({ node: meta.focus }, false);
    fit(false);
  }
  watchSize();
  leaveWheel();
  const indexOf = (id) => graph.at.get(id);
  window.kgraph = { engine, graph, look, network: engine.network, indexOf, choose, shortestPath, matches, markNames, drawnAsSvg };
}

begin();
