"use strict";

// The graph: columns of numbers, which lines touch which node, the shortest way between two nodes, search by name.

let graph = null; // what this page holds; made once, in main.js

/** The JSON that a block of the page holds as gzip in base64. */
function inflate(id) {
  const text = atob($(id).textContent.trim()), bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

const NODE_LISTS = ["id", "name", "short", "aliases", "url"];
const NODE_NUMBERS = {
  label: Uint8Array, papers: Uint32Array, first: Uint16Array, last: Uint16Array, community: Uint16Array,
  x: Float32Array, y: Float32Array, size: Float32Array, more: Uint32Array,
};
const LINE_NUMBERS = {
  type: [Uint8Array, "type"], source: [Uint32Array, "source"], target: [Uint32Array, "target"],
  support: [Uint32Array, "papers"], confidence: [Float32Array, "confidence"],
  lineFirst: [Uint16Array, "first"], lineLast: [Uint16Array, "last"], lineTotal: [Uint32Array, "total"],
};

function makeGraph({ nodes, lines, shown }) {
  const made = { n: 0, m: 0, picture: shown, authors: {}, notes: {} };
  for (const name of NODE_LISTS) made[name] = [];
  for (const [name, Kind] of Object.entries(NODE_NUMBERS)) made[name] = new Kind(0);
  for (const [name, [Kind]] of Object.entries(LINE_NUMBERS)) made[name] = new Kind(0);
  made.at = new Map();
  append(made, { nodes, lines });
  return made;
}

/** Add nodes and lines at the end of a graph. */
function append(to, { nodes, lines }) {
  const { n: first, m: firstLine } = to;
  to.n += nodes.id.length;
  to.m += lines.type.length;
  for (const name of NODE_LISTS) to[name] = to[name].concat(nodes[name]);
  for (const [name, Kind] of Object.entries(NODE_NUMBERS)) to[name] = joined(Kind, to[name], nodes[name]);
  for (const [name, [Kind, column]] of Object.entries(LINE_NUMBERS)) to[name] = joined(Kind, to[name], lines[column]);
  for (const [i, authors] of Object.entries(nodes.authors ?? {})) to.authors[first + Number(i)] = authors;
  for (const [j, note] of Object.entries(lines.notes ?? {})) to.notes[firstLine + Number(j)] = note;
  for (let i = first; i < to.n; i++) to.at.set(to.id[i], i);
  connect(to);
  to.years = yearsOf(to);
}

/** The first and the last year of a graph. */
function yearsOf({ first, last }) {
  const dated = first.filter(Boolean);
  return dated.length ? [dated.reduce((a, b) => Math.min(a, b)), last.reduce((a, b) => Math.max(a, b))] : [0, 0];
}

function joined(Kind, numbers, more) {
  const all = new Kind(numbers.length + more.length);
  all.set(numbers);
  more.forEach((value, k) => { all[numbers.length + k] = value ?? NaN; });
  return all;
}

/** Note for every node which lines touch it; a line from a node to itself touches it once. */
function connect(to) {
  const { n, m, source, target } = to, start = new Uint32Array(n + 1), touch = new Uint32Array(2 * m);
  for (let j = 0; j < m; j++) {
    start[source[j] + 1]++;
    if (source[j] !== target[j]) start[target[j] + 1]++;
  }
  for (let i = 0; i < n; i++) start[i + 1] += start[i];
  const next = start.slice();
  for (let j = 0; j < m; j++) {
    touch[next[source[j]]++] = j;
    if (source[j] !== target[j]) touch[next[target[j]]++] = j;
  }
  Object.assign(to, { start, touch });
}

const relationOf = (j) => meta.relations[graph.type[j]];
const isSameTerm = (j) => relationOf(j).type === "SAME_TERM_AS";
const isPaper = (i) => meta.labels[graph.label[i]].label === "Paper";
const linesOf = (i) => graph.touch.subarray(graph.start[i], graph.start[i + 1]);
const otherEnd = (j, i) => (graph.source[j] === i ? graph.target[j] : graph.source[j]);
const endsOf = (j) => [graph.source[j], graph.target[j]];

/** The nodes that lines join to a node: those with the most papers on their lines first. */
function neighboursOf(i) {
  const best = new Map();
  for (const j of linesOf(i)) {
    const other = otherEnd(j, i);
    if (other !== i) best.set(other, Math.max(best.get(other) ?? 0, graph.support[j]));
  }
  return [...best.keys()].sort((a, b) => best.get(b) - best.get(a) || graph.papers[b] - graph.papers[a] || a - b);
}

/** The way from a to b over the fewest lines that `open(j)` lets pass; among these the one with the most papers. */
function shortestPath(a, b, open) {
  const steps = new Int32Array(graph.n).fill(-1), papers = new Float64Array(graph.n), by = new Int32Array(graph.n).fill(-1);
  let level = [a];
  steps[a] = 0;
  while (level.length && steps[b] < 0) {
    const next = [];
    for (const i of level) for (const j of linesOf(i)) {
      const other = otherEnd(j, i), fresh = steps[other] < 0;
      if (!fresh && (steps[other] !== steps[i] + 1 || papers[i] + graph.support[j] <= papers[other])) continue;
      if (!open(j)) continue;
      if (fresh) next.push(other);
      steps[other] = steps[i] + 1;
      papers[other] = papers[i] + graph.support[j];
      by[other] = j;
    }
    level = next;
  }
  return steps[b] < 0 ? null : walkedBack(a, b, by);
}

function walkedBack(a, b, by) {
  const nodes = [b], lines = [];
  while (nodes[0] !== a) {
    lines.unshift(by[nodes[0]]);
    nodes.unshift(otherEnd(lines[0], nodes[0]));
  }
  return { nodes, lines };
}

// ---------------------------------------------------------------- search: names are folded once, a slice at a time

const FOLD_SLICE = 4000;
const folded = []; // of each node: its name and aliases, one under the other

function fold(text) {
  // eslint-disable-next-line no-control-regex
  const plain = /^[\x00-\x7f]*$/.test(text);
  return (plain ? text : text.normalize("NFKD").replace(/\p{M}/gu, "")).toLowerCase();
}

function foldUntil(end) {
  for (let i = folded.length; i < end; i++) folded.push(fold([graph.name[i], ...graph.aliases[i]].join("\n")));
}

/** Fold all names while the page has nothing else to do. */
function foldInSlices() {
  if (folded.length >= graph.n) return;
  foldUntil(Math.min(graph.n, folded.length + FOLD_SLICE));
  setTimeout(foldInSlices);
}

const LETTER = /[\p{L}\p{N}]/u;

/** How well the names of a node answer the question: 0 whole, 1 start, 2 start of a word, 3 inside, 9 not at all; and where. */
function closeness(names, asked) {
  let close = 9, where = -1;
  for (let at = names.indexOf(asked); at >= 0 && close > 0; at = names.indexOf(asked, at + 1)) {
    const before = at === 0 ? "\n" : names[at - 1], end = at + asked.length;
    let found = 3;
    if (before === "\n") found = end === names.length || names[end] === "\n" ? 0 : 1;
    else if (before === " " || !LETTER.test(before)) found = 2;
    if (found < close) [close, where] = [found, at];
    if (asked === "") break;
  }
  return { close, where };
}

/** The `most` nodes that answer best, and the name by which each does. */
function matches(text, most = 10) {
  const asked = fold(text.trim()), best = [];
  const before = (a, b) => a.close - b.close || graph.papers[b.i] - graph.papers[a.i] || a.i - b.i;
  foldUntil(graph.n);
  for (let i = 0; i < graph.n; i++) {
    const { close, where } = closeness(folded[i], asked), one = { i, close, where };
    if (where < 0 || (best.length === most && before(best[most - 1], one) <= 0)) continue;
    best.splice(best.findLastIndex((other) => before(other, one) <= 0) + 1, 0, one);
    best.length = Math.min(best.length, most);
  }
  return best.map(({ i, where }) => ({ i, name: nameAt(i, where) }));
}

function nameAt(i, where) {
  const k = folded[i].slice(0, where).split("\n").length - 1;
  return k === 0 ? graph.name[i] : graph.aliases[i][k - 1];
}
