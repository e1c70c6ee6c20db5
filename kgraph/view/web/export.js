"use strict";

// ---------------------------------------------------------------- the picture as a file

const MOST_DRAWN = 20000; // nodes or lines in one drawing

function save(blob, ending) {
  const address = URL.createObjectURL(blob), words = meta.title.match(/[\p{L}\p{N}]+/gu) ?? ["kgraph"];
  el("a", { href: address, download: `${words.join("-").slice(0, 80)}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

const savePicture = () => engine.image(2).toBlob((blob) => save(blob, "png"), "image/png");
const saveDrawing = () => save(new Blob([new XMLSerializer().serializeToString(drawnAsSvg())], { type: "image/svg+xml" }), "svg");

/** What is seen as one SVG element. */
function drawnAsSvg() {
  const { clientWidth: width, clientHeight: height } = stage, light = look.lit();
  const { nodes, lines } = visible(width, height);
  return svg("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": look.ink.font },
    svg("title", {}, meta.title),
    svg("rect", { width, height, fill: look.ink.bg }),
    svg("g", {}, ...drawnBands(width, height)),
    svg("g", { fill: "none" }, ...drawnLines(lines, light)),
    svg("g", {}, ...drawnNodes(nodes, light)),
    svg("g", {}, ...drawnLabels(nodes)));
}

// vis draws a square or diamond of one size larger or smaller than a disc, paths.js as large.
const VIS_SHARE = { dot: 1, square: 1 / SQUARE, diamond: 1 / DIAMOND, triangle: 1 };

/** Where a node is on the stage, how far it reaches, and the radius of its outline. */
function spotOf(i) {
  const reach = engine.radius(i);
  return { ...engine.toScreen(engine.place(i)), reach, r: engine.drag ? reach * VIS_SHARE[shapeOf(graph, i)] : reach };
}

/** The nodes and lines on the stage, the best supported last. */
function visible(width, height) {
  const nodes = [], lines = [], on = new Set();
  for (const i of shownNodes()) {
    const spot = spotOf(i), far = spot.reach * 1.3;
    if (spot.x > -far && spot.y > -far && spot.x < width + far && spot.y < height + far) nodes.push({ i, ...spot });
  }
  nodes.sort((a, b) => graph.papers[a.i] - graph.papers[b.i]);
  nodes.splice(0, nodes.length - MOST_DRAWN);
  nodes.forEach(({ i }) => on.add(i));
  for (let j = 0; j < graph.m; j++) if (look.lineShown(j) && endsOf(j).some((i) => on.has(i))) lines.push(j);
  lines.sort((a, b) => graph.support[a] - graph.support[b]);
  lines.splice(0, lines.length - MOST_DRAWN);
  return { nodes, lines };
}

function drawnLines(lines, light) {
  const bends = countParallels(graph, lines), most = lines.reduce((top, j) => Math.max(top, graph.support[j]), 1);
  const thickness = engine.thickness();
  return lines.flatMap((j) => {
    const course = courseOf(graph, j, spotOf, bends[j]);
    if (course.room <= 0) return [];
    const { directed, dashes } = relationOf(j), width = widthOfLine(graph.support[j], most) * thickness;
    const colour = look.lineColour(j);
    const opacity = light ? (light.lines.has(j) ? LIT : UNLIT.lines) : opacityOfLine(graph, j).toFixed(2);
    const head = directed ? Math.min(course.room / 2, 4.5 * thickness + 1.6 * width) : 0;
    const d = writtenPath((path) => addCourse(path, course, head));
    const line = svg("path", { d, stroke: colour, "stroke-width": width.toFixed(2), opacity });
    if (dashes) line.setAttribute("stroke-dasharray", dashes.map((length) => tenth(length * thickness)).join(" "));
    return head ? [line, svg("path", { d: writtenPath((path) => addHead(path, course, head)), fill: colour, opacity })] : [line];
  });
}

function drawnBands(width, height) {
  if (!look.bands) return [];
  const { axis, marks } = look.bands, upright = axis === "x", at = (place) => engine.toScreen({ x: place, y: place })[axis];
  return marks.map(({ from, to }, k) => {
    const [start, end] = [at(from), at(to)];
    const box = upright ? { x: start, y: 0, width: end - start, height } : { x: 0, y: start, width, height: end - start };
    return svg("rect", { ...box, fill: look.ink.line, opacity: shadeOfBand(k) });
  });
}

function drawnNodes(nodes, light) {
  return nodes.map(({ i, x, y, r }) => svg("path", {
    d: writtenPath((path) => outline(path, shapeOf(graph, i), x, y, r)),
    fill: look.colour(i), stroke: look.ink.bg, "stroke-width": 1.2, opacity: !light || light.nodes.has(i) ? 1 : UNLIT.nodes,
  }));
}

/** The labels as they are on the stage: labels.js writes them on a context that notes what is written. */
function drawnLabels(nodes) {
  const made = [], measure = el("canvas").getContext("2d");
  const context = {
    save() {}, restore() {}, setTransform() {}, strokeText() {},
    globalAlpha: 1,
    measureText(text) { measure.font = this.font; return measure.measureText(text); },
    fillText(text, x, y) { made.push(label(text, x, y, this)); },
  };
  const items = nodes.map(({ i, x, y, reach }) => ({ i, x, y, reach: reach + (look.isEnd(i) ? 9 * engine.scale() : 0) }));
  makeLabels(graph, look, stage).draw(context, 1, items, { toScreen: engine.toScreen, scale: engine.scale() });
  return made;
}

const ANCHORS = { left: "start", center: "middle", right: "end" };

function label(text, x, y, { font, textAlign, globalAlpha, lineWidth, fillStyle, strokeStyle }) {
  const [, weight, px] = /^(\d+) ([\d.]+)px/.exec(font);
  return svg("text", {
    x: tenth(x), y: tenth(y + 0.82 * px), "font-size": px, "font-weight": weight, "text-anchor": ANCHORS[textAlign],
    fill: fillStyle, opacity: globalAlpha,
    stroke: strokeStyle, "stroke-width": lineWidth, "stroke-linejoin": "round", "paint-order": "stroke",
  }, text);
}
