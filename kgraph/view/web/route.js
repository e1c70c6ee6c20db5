"use strict";

// ---------------------------------------------------------------- how two nodes hang together

let start = null; // where the path begins whose end the reader is about to choose

function pathFrom(i) {
  start = i;
  choose(null);
  showHint();
  live.textContent = `Choose where the path from ${graph.name[i]} ends`;
}

function forgetStart() {
  start = null;
  showHint();
}

/** The path to the node that was chosen to end it. */
function pathTo(end) {
  const from = start;
  forgetStart();
  choosePath(from, end);
}

function choosePath(from, to, move = true) {
  bringNodes([from, to]);
  choose({ path: shortestPath(from, to, look.lineShown) ?? { nodes: [from, to], lines: [] } }, move);
}

const pathEnds = ({ nodes }) => [nodes[0], nodes.at(-1)];

function stepItem(j, from) {
  const to = otherEnd(j, from), relation = relationOf(j), forwards = graph.source[j] === from;
  const details = el("details", {}, el("summary", {},
    el("span", { class: "way", "aria-hidden": "true" }, relation.directed ? (forwards ? "↓" : "↑") : "↕"),
    el("span", {}, relation.verb),
    el("small", {}, toldShortly(j))));
  const open = () => details.append(graph.lineTotal[j] ? lineEvidence(j) : note(whyUnstated(j)));
  details.addEventListener("toggle", open, { once: true });
  return [el("li", { class: "step" }, details), el("li", {}, endButton(to))];
}

const NO_PATH = "Nothing in this picture joins them. A filter may be in the way, or the way leads through nodes that are not "
  + "shown: expand one of the two.";

function pathCard(path) {
  const { nodes, lines } = path, [from, to] = pathEnds(path);
  const ends = el("h2", {}, endButton(from), el("span", { class: "verb" }, "to"), endButton(to));
  const head = [el("p", { class: "kind" }, "Path"), ends];
  if (from === to) return [...head, note("A path needs two nodes.")];
  if (!lines.length) return [...head, note(NO_PATH)];
  const steps = nodes.slice(0, -1).flatMap((i, k) => stepItem(lines[k], i));
  return [
    ...head,
    facts(`${count(lines.length, "step")}, the shortest way`),
    el("div", { class: "actions" }, copyButton(pathAddress(from, to))),
    el("ol", { class: "path" }, el("li", {}, endButton(from)), ...steps),
  ];
}

const inAddress = (i) => encodeURIComponent(graph.id[i]).replaceAll("~", "%7E");
const pathAddress = (from, to) => `#path=${inAddress(from)}~${inAddress(to)}`;
