"use strict";

// ---------------------------------------------------------------- what is seen: filters, the choice, colours; engines read it

const COMMUNITY_COLOURS = {
  light: ["#0072b2", "#c65500", "#00856a", "#a8467f", "#3b8fd0", "#9a7400", "#6b4fb3", "#4a5a1e"],
  dark: ["#56b4e9", "#f0803c", "#2cc39a", "#e08fc0", "#8fa8ff", "#e8c63a", "#b79cf0", "#a8b86a"],
};
// From viridis, without the end that would vanish into the background.
const YEAR_COLOURS = {
  light: ["#440154", "#443983", "#31688e", "#21918c", "#2fa367", "#6f9f1f"],
  dark: ["#6d6bd0", "#3f8fc0", "#21a5a0", "#35b779", "#90d743", "#fde725"],
};

const NO_FILTER = { from: null, to: null, papers: 1, confidence: 0, joined: false };

const look = makeLook();

function makeLook() {
  const filters = { types: new Set(), relations: new Set(), ...NO_FILTER };
  let chosen = null; // {node}, {line} or {path: {nodes, lines}}
  let light = null, colourBy = meta.colour, ink = {}, islands = null;
  let inPicture = new Uint8Array(0), nodeOn = new Uint8Array(0), lineOn = new Uint8Array(0);

  // ---------------------------------------------------------------- filters

  const narrowed = () => filters.from !== null || filters.to !== null;
  const inYears = (first, last) => !narrowed() || (last > 0 && first <= (filters.to ?? 9999) && last >= (filters.from ?? 0));

  /** Whether the filters let a node pass, be it in the picture or not. A paper is not asked for its support. */
  function passes(i) {
    if (filters.types.has(graph.label[i]) || !inYears(graph.first[i], graph.last[i])) return false;
    return graph.papers[i] >= filters.papers || isPaper(i);
  }

  /** Whether the filters let a line pass; one that no paper states has neither years nor support. */
  function linePasses(j) {
    if (filters.relations.has(graph.type[j])) return false;
    if (graph.support[j] === 0) return true;
    if (!inYears(graph.lineFirst[j], graph.lineLast[j])) return false;
    if (graph.support[j] < filters.papers && !endsOf(j).some(isPaper)) return false;
    return graph.lineTotal[j] === 0 || graph.confidence[j] >= filters.confidence - 1e-6;
  }

  /** Work out anew what is shown, after the filters or the picture changed. */
  function update() {
    nodeOn = Uint8Array.from(inPicture, (is, i) => is && passes(i));
    lineOn = Uint8Array.from({ length: graph.m }, (_, j) => nodeOn[graph.source[j]] && nodeOn[graph.target[j]] && linePasses(j));
    if (filters.joined) nodeOn.forEach((is, i) => { if (is && !linesOf(i).some((j) => lineOn[j])) nodeOn[i] = 0; });
    islands = null;
    lightUp();
  }

  /** Let what hides a node or line pass. */
  function admit({ node, line }) {
    const ends = line === undefined ? [node] : endsOf(line);
    ends.forEach((i) => filters.types.delete(graph.label[i]));
    if (line !== undefined) filters.relations.delete(graph.type[line]);
    update();
    if (ends.every((i) => nodeOn[i]) && (line === undefined || lineOn[line])) return;
    Object.assign(filters, NO_FILTER);
    update();
  }

  function reset() {
    filters.types.clear();
    filters.relations.clear();
    Object.assign(filters, NO_FILTER);
    update();
  }

  // ---------------------------------------------------------------- what a choice lights up

  function lightUp() {
    light = chosen && made(chosen);
  }

  function made({ node, line, path }) {
    if (path) return { nodes: new Set(path.nodes), lines: new Set(path.lines), ends: pathEnds(path) };
    const lines = line === undefined ? [...linesOf(node)].filter((j) => lineOn[j]) : [line];
    const ends = line === undefined ? [node] : endsOf(line);
    return { nodes: new Set([...ends, ...lines.flatMap(endsOf)]), lines: new Set(lines), ends };
  }

  // ---------------------------------------------------------------- colours

  function setTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    const style = getComputedStyle(document.documentElement), value = (name) => style.getPropertyValue(`--${name}`).trim();
    ink = Object.fromEntries(["bg", "text", "muted", "accent", "line"].map((name) => [name, value(name)]));
    ink.types = meta.labels.map(({ label }) => value(label));
    Object.assign(ink, { dark, font: getComputedStyle(document.body).fontFamily });
  }

  const palette = (of) => of[ink.dark ? "dark" : "light"];
  const communityColour = (number) => palette(COMMUNITY_COLOURS)[number - 1] ?? ink.line;

  function yearColour(year) {
    const [first, last] = graph.years, colours = palette(YEAR_COLOURS);
    if (!year) return ink.line;
    const part = Math.max(0, Math.min(1, (year - first) / Math.max(1, last - first)));
    return colours[Math.round(part * (colours.length - 1))];
  }

  function colour(i) {
    if (colourBy === "community") return communityColour(graph.community[i]);
    return colourBy === "year" ? yearColour(graph.first[i]) : ink.types[graph.label[i]];
  }

  /** A line has the colour of the node that it leads to; between two communities, and where no paper states it, none. */
  function lineColour(j) {
    const [source, target] = endsOf(j);
    if (graph.support[j] === 0) return ink.line;
    if (colourBy === "community" && graph.community[source] !== graph.community[target]) return ink.line;
    return colourBy === "year" ? yearColour(graph.lineFirst[j]) : colour(target);
  }

  // ---------------------------------------------------------------- communities

  /** The communities that are shown, each in the middle of its nodes. */
  function communities() {
    if (colourBy !== "community") return null;
    return (islands ??= findIslands());
  }

  function findIslands() {
    const sums = meta.communities.map(({ name }, k) => ({ number: k + 1, name, x: 0, y: 0, size: 0 }));
    for (let i = 0; i < graph.n; i++) {
      const sum = sums[graph.community[i] - 1];
      if (!sum || !nodeOn[i]) continue;
      sum.x += graph.x[i];
      sum.y += graph.y[i];
      sum.size++;
    }
    return sums.filter(({ size }) => size).map((sum) => ({ ...sum, x: sum.x / sum.size, y: sum.y / sum.size }));
  }

  return {
    filters, update, admit, reset, setTheme, colour, lineColour, communityColour, yearColour, communities,
    bands: meta.bands,
    get chosen() { return chosen; },
    get ink() { return ink; },
    get colourBy() { return colourBy; },
    get picture() { return inPicture; },
    shown: (i) => nodeOn[i] === 1,
    lineShown: (j) => lineOn[j] === 1,
    lit: () => light,
    isEnd: (i) => light !== null && light.ends.includes(i),
    choose(choice) { chosen = choice; lightUp(); },
    setPicture(mask) { inPicture = mask; update(); },
    colourFor(what) { colourBy = what; islands = null; },
  };
}
