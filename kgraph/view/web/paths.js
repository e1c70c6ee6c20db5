"use strict";

// ---------------------------------------------------------------- nodes and lines as paths, where few enough are seen

const SQUARE = 0.886, DIAMOND = 1.253; // half a side or diagonal that gives shapes of one radius the same area
const CORNERS = { // of the shapes of radius 1; the other shape is a disc
  square: [[-SQUARE, -SQUARE], [SQUARE, -SQUARE], [SQUARE, SQUARE], [-SQUARE, SQUARE]],
  diamond: [[0, -DIAMOND], [DIAMOND, 0], [0, DIAMOND], [-DIAMOND, 0]],
  triangle: [[0, -1.2], [1, 0.65], [-1, 0.65]],
};
const LONGEST_DASHED = 3000; // pixels: a bent line that is longer is not dashed
const SHORTEST_ARROW = 9; // pixels that a line must be long to get its arrow

const shapeOf = (graph, i) => meta.labels[graph.label[i]].shape;

function polygon(path, corners) {
  corners.forEach(([x, y], k) => (k ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
}

/** Add the outline of a node to a path. */
function outline(path, shape, x, y, r) {
  if (shape in CORNERS) return polygon(path, CORNERS[shape].map(([right, down]) => [x + right * r, y + down * r]));
  path.moveTo(x + r, y);
  path.arc(x, y, r, 0, 2 * Math.PI);
}

/** A vector for each side of a polygon: points have a product of 1 with it on the side, and of less within. */
function sidesOf(corners) {
  return corners.map(([ax, ay], k) => {
    const [bx, by] = corners[(k + 1) % corners.length], turn = ax * by - ay * bx;
    return [(by - ay) / turn, (ax - bx) / turn];
  });
}

const SIDES = Object.fromEntries(Object.entries(CORNERS).map(([shape, corners]) => [shape, sidesOf(corners)]));

/** How far out a point is from the middle of a shape: the radius of the one whose edge it lies on. */
function radiusAt(shape, x, y) {
  return shape in SIDES ? Math.max(...SIDES[shape].map(([right, down]) => right * x + down * y)) : Math.hypot(x, y);
}

/** How far the edge of a shape is from its middle in a direction, given as a unit vector. */
const edgeOf = (shape, r, dx, dy) => r / radiusAt(shape, dx, dy);

const tenth = (value) => Math.round(value * 10) / 10;

/** What is written on a path, as the text of an SVG path. */
function writtenPath(write) {
  const parts = [], put = (letter, ...numbers) => parts.push(letter + numbers.map(tenth).join(" "));
  write({
    moveTo: (x, y) => put("M", x, y),
    lineTo: (x, y) => put("L", x, y),
    quadraticCurveTo: (cx, cy, x, y) => put("Q", cx, cy, x, y),
    arc: (x, y, r) => [-2, 2].forEach((side) => put("a", r, r, 0, 1, 1, side * tenth(r), 0)), // a little less is no half disc
    closePath: () => put("z"),
  });
  return parts.join("");
}

/** Things by the pen that draws them. */
function byPen(things, penOf) {
  const pens = new Map();
  for (const thing of things) {
    const pen = penOf(thing), key = JSON.stringify(pen);
    if (pens.has(key)) pens.get(key).drawn.push(thing);
    else pens.set(key, { pen, drawn: [thing] });
  }
  return [...pens.values()];
}

/** Draw nodes, each with a rim in the background's colour; `at(i)` gives {x, y, r} in the context's pixels. */
function drawNodePaths(context, graph, look, nodes, at, rim) {
  context.lineWidth = rim;
  context.lineJoin = "miter";
  context.strokeStyle = look.ink.bg;
  for (let k = nodes.length - 1; k >= 0; k--) {
    const i = nodes[k], { x, y, r } = at(i);
    context.beginPath();
    outline(context, shapeOf(graph, i), x, y, r);
    context.fillStyle = look.colour(i);
    context.stroke();
    context.fill();
  }
}

// ---------------------------------------------------------------- lines: straight, or bent where several join two nodes

/** How many lines join the same two nodes and come before it, for each of these lines. */
function countParallels(graph, lines) {
  const shown = new Uint8Array(graph.m), earlier = new Uint8Array(graph.m), met = new Uint16Array(graph.n);
  for (const j of lines) shown[j] = 1;
  for (let a = 0; a < graph.n; a++) {
    const [from, to] = [graph.start[a], graph.start[a + 1]];
    const farEnd = (j) => (graph.source[j] === a ? graph.target[j] : graph.source[j]);
    for (let k = from; k < to; k++) {
      const j = graph.touch[k], b = farEnd(j);
      if (shown[j] && b > a) earlier[j] = Math.min(255, met[b]++);
    }
    for (let k = from; k < to; k++) met[farEnd(graph.touch[k])] = 0;
  }
  return earlier;
}

/** The course of a line from the edge of its source to that of its target; {cx, cy} is what it bends towards. */
function courseOf(graph, j, at, earlier) {
  const from = at(graph.source[j]), to = at(graph.target[j]);
  const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy) || 1;
  const side = (earlier % 2 === 1) === graph.source[j] < graph.target[j] ? -1 : 1; // as in network.py
  const bend = 0.22 * Math.ceil(earlier / 2) * side;
  const cx = (from.x + to.x) / 2 - dy * bend, cy = (from.y + to.y) / 2 + dx * bend;
  const reach = length * Math.hypot(0.5, bend), [ax, ay] = [(cx - from.x) / reach, (cy - from.y) / reach];
  const [bx, by] = [(cx - to.x) / reach, (cy - to.y) / reach];
  const start = edgeOf(shapeOf(graph, graph.source[j]), from.r, ax, ay);
  const end = edgeOf(shapeOf(graph, graph.target[j]), to.r, bx, by);
  return {
    x0: from.x + ax * start, y0: from.y + ay * start, cx, cy, x1: to.x + bx * end, y1: to.y + by * end,
    back: { x: bx, y: by }, room: length - start - end, bent: bend !== 0,
  };
}

/** How wide a line is in world pixels: its area grows with its support. */
const widthOfLine = (papers, most) => (papers ? 1.3 + 4 * Math.sqrt((papers - 1) / most) : 1);

const LIT = 0.85, UNLIT = { lines: 0.05, nodes: 0.14 }; // how dark what is chosen is, and all else meanwhile

/** How dark a line is: while nothing is chosen, the surer the darker. */
const opacityOfLine = (graph, j) => (graph.support[j] ? 0.32 + 0.34 * graph.confidence[j] : 0.8);

/** How many pixels a world pixel of a line's width takes. */
const thicknessAt = (scale) => Math.max(0.55, Math.min(1.6, scale));

/**
 * Draw lines. `thickness` scales world pixels to the context's; not `dashed`: all lines are drawn through.
 * Each is a path of its own: one path of thousands of lines that cross takes ten times as long to fill.
 */
function drawLinePaths(context, graph, look, lines, { at, bends, most, thickness, dashed, lit }) {
  const penOf = ({ j }) => ({
    colour: look.lineColour(j),
    width: tenth(widthOfLine(graph.support[j], most) * thickness),
    alpha: lit ? LIT : tenth(opacityOfLine(graph, j) / 2) * 2,
    kind: graph.type[j],
  });
  const drawn = Array.from(lines, (j) => ({ j, ...courseOf(graph, j, at, bends[j]) })).filter(({ room }) => room > 0);
  for (const { pen, drawn: courses } of byPen(drawn, penOf).sort((a, b) => a.pen.width - b.pen.width)) {
    const { directed, dashes } = meta.relations[pen.kind];
    const pattern = ((dashed && dashes) || []).map((length) => length * thickness);
    const largest = directed ? 4.5 * thickness + 1.6 * pen.width : 0;
    const heads = courses.map(({ room }) => (room > SHORTEST_ARROW * thickness ? Math.min(room / 2, largest) : 0));
    context.strokeStyle = context.fillStyle = pen.colour;
    context.globalAlpha = pen.alpha;
    context.lineWidth = pen.width;
    courses.forEach((course, k) => strokeCourse(context, course, heads[k], pattern));
    context.globalAlpha = Math.min(1, pen.alpha * 1.5);
    context.beginPath();
    courses.forEach((course, k) => heads[k] && addHead(context, course, heads[k]));
    context.fill();
  }
  context.globalAlpha = 1;
}

const BEYOND = 100; // pixels outside the stage, where a line may be cut

/** Draw one line, or what is seen of it: dashes far outside would take long. */
function strokeCourse(context, course, head, pattern) {
  const { x0, y0, x1, y1, bent, room } = course, { width, height } = context.canvas;
  context.beginPath();
  context.setLineDash(bent && room > LONGEST_DASHED ? [] : pattern);
  if (bent) addCourse(context, course, head);
  else if (clip(x0, y0, x1 - x0, y1 - y0, -BEYOND, -BEYOND, width + BEYOND, height + BEYOND)) {
    const period = pattern.reduce((sum, length) => sum + length, 0) || 1, length = Math.hypot(x1 - x0, y1 - y0);
    const from = Math.floor((part[0] * length) / period) * (period / length); // where a dash starts, so that they stand still
    addCourse(context, course, head, from, part[1]);
  }
  context.stroke();
}

/** Add a line to a path, or part of a straight one; it ends inside its head, so that its end does not show beside the point. */
function addCourse(path, { x0, y0, cx, cy, x1, y1, back, bent }, head, from = 0, to = 1) {
  const x = x1 + back.x * head * 0.85, y = y1 + back.y * head * 0.85;
  path.moveTo(x0 + from * (x - x0), y0 + from * (y - y0));
  if (bent) path.quadraticCurveTo(cx, cy, x, y);
  else path.lineTo(x0 + to * (x - x0), y0 + to * (y - y0));
}

function addHead(path, { x1, y1, back }, head) {
  const x = x1 + back.x * head, y = y1 + back.y * head, half = head * 0.42;
  polygon(path, [[x1, y1], [x - back.y * half, y + back.x * half], [x + back.y * half, y - back.x * half]]);
}

/** How far a point is from a line; a bent one is taken as eight straight pieces. */
function distanceTo({ x0, y0, cx, cy, x1, y1, bent }, { x, y }) {
  if (!bent) return distanceToPiece(x0, y0, x1, y1, x, y);
  let nearest = Infinity, [px, py] = [x0, y0];
  for (let k = 1; k <= 8; k++) {
    const t = k / 8, u = 1 - t, qx = u * u * x0 + 2 * u * t * cx + t * t * x1, qy = u * u * y0 + 2 * u * t * cy + t * t * y1;
    nearest = Math.min(nearest, distanceToPiece(px, py, qx, qy, x, y));
    [px, py] = [qx, qy];
  }
  return nearest;
}

function distanceToPiece(x0, y0, x1, y1, x, y) {
  const dx = x1 - x0, dy = y1 - y0;
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
