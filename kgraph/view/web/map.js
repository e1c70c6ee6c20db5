"use strict";

// ---------------------------------------------------------------- the map: a picture of up to 200,000 nodes, without WebGL

const MOST_LABELLED = 600; // nodes that a frame offers for labels
const GRID_CELL = 184; // world pixels
const REST = 130; // milliseconds after the last movement
const CLOSEST = 5; // the largest scale
const LARGEST_NODE = 24; // world pixels: the largest radius
const FLIGHT = 350; // milliseconds
const SLACK = { mouse: 4, touch: 14, drag: 4 }; // pixels: how near a press has to be, and how far it may move and still be one
const FADED = { lines: 0.14, nodes: 0.2 }; // how much of the rest is left while a choice lights up a part
const END_RADIUS = 6; // pixels: the smallest that a chosen node is drawn

/** Node or line numbers by what papers say of them, the most first. */
function bySupport(papers) {
  const size = papers.length, keys = new Float64Array(size);
  for (let k = 0; k < size; k++) keys[k] = papers[k] * size + (size - 1 - k);
  return Uint32Array.from(keys.sort().reverse(), (key) => size - 1 - (key % size));
}

function sameNumbers(a, b) {
  let k = a.length === b.length ? a.length : -1;
  while (k > 0 && a[k - 1] === b[k - 1]) k--;
  return k === 0;
}

/** Those of some numbers that pass: what `filter` does, which takes three times as long. */
function passing(numbers, test) {
  const found = new Uint32Array(numbers.length);
  let size = 0;
  for (let k = 0; k < numbers.length; k++) if (test(numbers[k])) found[size++] = numbers[k];
  return found.subarray(0, size);
}

/** Nodes in square cells of the world, to find those near a place. */
function makeGrid(graph, nodes) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const i of nodes) {
    [left, right] = [Math.min(left, graph.x[i]), Math.max(right, graph.x[i])];
    [top, bottom] = [Math.min(top, graph.y[i]), Math.max(bottom, graph.y[i])];
  }
  if (!nodes.length) [left, top, right, bottom] = [0, 0, 0, 0];
  const cell = Math.max(GRID_CELL, (right - left) / 1000, (bottom - top) / 1000);
  const columns = Math.floor((right - left) / cell) + 1, rows = Math.floor((bottom - top) / cell) + 1;
  const cellOf = (i) => Math.floor((graph.y[i] - top) / cell) * columns + Math.floor((graph.x[i] - left) / cell);
  const start = new Uint32Array(columns * rows + 1), members = new Uint32Array(nodes.length);
  for (const i of nodes) start[cellOf(i) + 1]++;
  for (let k = 1; k < start.length; k++) start[k] += start[k - 1];
  const free = start.slice();
  for (const i of nodes) members[free[cellOf(i)]++] = i;
  const within = (value, most) => Math.max(0, Math.min(most - 1, Math.floor(value / cell)));

  return {
    bounds: { left, top, right, bottom },
    /** Call with every node whose cell is within this distance of a place. */
    near({ x, y }, distance, call) {
      const last = within(x + distance - left, columns), lowest = within(y + distance - top, rows);
      for (let row = within(y - distance - top, rows); row <= lowest; row++) {
        const from = start[row * columns + within(x - distance - left, columns)], to = start[row * columns + last + 1];
        for (let k = from; k < to; k++) call(members[k]);
      }
    },
  };
}

/** The view that has a world point in the middle of a stage of this size. */
function viewAt({ x, y }, scale, { width, height }) {
  return { scale, left: width / 2 - x * scale, top: height / 2 - y * scale, width, height };
}

const middleOf = ({ scale, left, top, width, height }) => ({ x: (width / 2 - left) / scale, y: (height / 2 - top) / scale });

/** The view on the way from one to another; one point of the stage stays where it is while the scale changes. */
function between(from, to, share) {
  const eased = share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share);
  const scale = from.scale * (to.scale / from.scale) ** eased, a = middleOf(from), b = middleOf(to);
  const isZoom = Math.abs(to.scale / from.scale - 1) > 0.001;
  const way = isZoom ? (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale) : eased;
  return viewAt({ x: a.x + (b.x - a.x) * way, y: a.y + (b.y - a.y) * way }, scale, to);
}

function makeMap(stage, graph, look, on) {
  const root = document.createElement("div");
  Object.assign(root.style, { position: "absolute", inset: "0", overflow: "hidden", touchAction: "none" });
  stage.append(root);

  const strips = makeSheet(root);
  strips.hidden = !look.bands;
  const base = { lines: makeLineLayer(root, graph, look, { lit: false }), nodes: makeNodeLayer(root, graph, look) };
  const bright = { lines: makeLineLayer(root, graph, look, { lit: true }), nodes: makeNodeLayer(root, graph, look) };
  const above = makeSheet(root);
  const labels = makeLabels(graph, look, stage);

  let nodeOrder = [], lineOrder = [], colours = [], tints = []; // by rank, and packed
  let nodes = new Uint32Array(0), lines = new Uint32Array(0), picture = null;
  let light = null, paper = null, grid = null;
  let view = viewAt({ x: 0, y: 0 }, 1, sizeOfStage()), drawn = null, movedAt = -Infinity;
  let litRadius = 0, stale = true, unread = false, rested = true, asked = 0, flight = null, hovered = null, marked = false;

  function sizeOfStage() {
    return { width: Math.max(1, stage.clientWidth), height: Math.max(1, stage.clientHeight) };
  }

  // ---------------------------------------------------------------- what is shown

  const isPlaced = (i) => !Number.isNaN(graph.x[i]);

  /** Note the colours of a list of things, packed; return whether one has changed. */
  function noteColours(list, colourOf, into) {
    const known = new Map();
    let changed = false, last = null, colour = 0;
    for (let k = 0; k < list.length; k++) {
      const name = colourOf(list[k]);
      if (name !== last) {
        if (!known.has(name)) known.set(name, packed(name));
        [last, colour] = [name, known.get(name)];
      }
      if (into[list[k]] === colour) continue;
      into[list[k]] = colour;
      changed = true;
    }
    return changed;
  }

  /** What the layers of lines have to know of all lines. */
  function makePicture() {
    let bends = null;
    return {
      tints,
      most: Math.max(1, lines.length ? graph.support[lines[lines.length - 1]] : 1),
      get bends() { return (bends ??= countParallels(graph, lines)); },
    };
  }

  /** A page that asks a server gets more nodes and lines as it goes. */
  function measure() {
    if (colours.length === graph.n && tints.length === graph.m) return;
    [nodeOrder, lineOrder] = [bySupport(graph.papers), bySupport(graph.support).reverse()];
    [colours, tints] = [new Uint32Array(graph.n), new Uint32Array(graph.m)];
    stale = true;
  }

  /** Read what should be seen. Layers that are as they were are not drawn again: a choice changes none of them. */
  function readLook() {
    measure();
    const nodesNow = passing(nodeOrder, (i) => look.shown(i) && isPlaced(i));
    const linesNow = passing(lineOrder, (j) => look.lineShown(j) && isPlaced(graph.source[j]) && isPlaced(graph.target[j]));
    const repainted = noteColours(nodesNow, look.colour, colours), recoloured = noteColours(linesNow, look.lineColour, tints);
    const other = stale || paper !== look.ink.bg;
    const otherNodes = other || repainted || !sameNumbers(nodes, nodesNow);
    const otherLines = other || recoloured || !sameNumbers(lines, linesNow);
    if (otherNodes) {
      [nodes, grid] = [nodesNow, null];
      base.nodes.set(nodes, colours);
    }
    if (otherLines) {
      lines = linesNow;
      picture = makePicture();
      base.lines.set(lines, picture);
    }
    if (otherNodes || otherLines) readLight();
    [stale, paper, unread, drawn] = [false, look.ink.bg, false, null];
  }

  /** What a choice lights up lies over the rest, which fades as a whole: that costs the same at any size. */
  function readLight() {
    [light, unread, drawn] = [look.lit(), true, null];
    for (const { canvas } of [bright.lines, bright.nodes]) canvas.hidden = !light;
    base.lines.canvas.style.opacity = light ? FADED.lines : 1;
    base.nodes.canvas.style.opacity = light ? FADED.nodes : 1;
    if (!light) return;
    litRadius = Math.max(1.2, Math.min(3.5, 60 / Math.sqrt(light.nodes.size)));
    const litNodes = Uint32Array.from(light.nodes).filter((i) => look.shown(i) && isPlaced(i));
    const litLines = Uint32Array.from(light.lines).filter((j) => isPlaced(graph.source[j]) && isPlaced(graph.target[j]));
    bright.nodes.set(litNodes.sort((a, b) => graph.papers[b] - graph.papers[a] || a - b), colours, litRadius);
    bright.lines.set(litLines.sort((a, b) => graph.support[a] - graph.support[b] || a - b), picture, litRadius);
  }

  /** What a choice lights up is drawn in the next frame; whether anything else has changed is looked at after it. */
  function refresh() {
    if (light !== look.lit() && colours.length === graph.n) readLight();
    else readLook();
    askForFrame();
  }

  // ---------------------------------------------------------------- frames

  function askForFrame() {
    asked ||= requestAnimationFrame(frame);
  }

  function frame(now) {
    const begun = performance.now(), moving = marked && begun - movedAt < REST;
    asked = 0;
    if (stale || (unread && drawn)) readLook();
    if (flight) fly(now);
    if (drawn !== view) drawWhatMoves(moving);
    const until = Math.max(performance.now() + 2, begun + FRAME[marked ? (moving ? "moving" : "still") : "first"]);
    const layers = light ? [bright.lines, base.lines] : [base.lines];
    const done = layers.map((layer) => layer.draw(view, until, moving));
    if (!marked) performance.mark("kgraph-drawn");
    marked = true;
    if (flight || unread || !rested || !done.every(Boolean)) askForFrame();
  }

  /** While the map moves, what is faded is not drawn anew, only carried along. */
  function drawWhatMoves(moving) {
    const ratio = pixelRatio(SHARP_RATIO);
    rested = !(moving && light);
    if (look.bands) drawBands(clearSheet(strips, view, ratio), ratio, view, look);
    const all = rested ? base.nodes.draw(view) : base.nodes.carry(view), seen = light ? bright.nodes.draw(view) : all;
    drawAbove(clearSheet(above, view, ratio), ratio, seen);
    drawn = rested ? view : null;
  }

  /** Rings around what is chosen or under the pointer, and the labels. */
  function drawAbove(context, ratio, seen) {
    const at = placer(graph, view, 1, light ? litRadius : 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawEnds(context);
    if (hovered && "node" in hovered && !look.isEnd(hovered.node)) ring(context, at(hovered.node), look.ink.text, 1.5, 0.8);
    const items = seen.slice(0, seen.length > FEW_NODES ? MOST_LABELLED : FEW_NODES).map((i) => {
      const { x, y, r } = at(i);
      return { i, x, y, reach: look.isEnd(i) ? Math.max(r, END_RADIUS) + 8 : r };
    });
    labels.draw(context, ratio, items, { toScreen, scale: view.scale });
  }

  /** What is chosen lies on top, large enough to be found. */
  function drawEnds(context) {
    const at = placer(graph, view, 1, END_RADIUS), ends = light ? light.ends.filter(isPlaced) : [];
    for (const i of ends) ring(context, at(i), look.colour(i), 7, 0.32);
    drawNodePaths(context, graph, look, ends, at, 2);
  }

  function ring(context, { x, y, r }, colour, width, alpha) {
    context.beginPath();
    context.arc(x, y, r + 1.5 + width / 2, 0, 2 * Math.PI);
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
    context.globalAlpha = 1;
  }

  // ---------------------------------------------------------------- the camera

  function lookFrom(next, when = performance.now()) {
    [view, movedAt] = [next, when];
    askForFrame();
  }

  const toScreen = ({ x, y }) => ({ x: x * view.scale + view.left, y: y * view.scale + view.top });
  const toWorld = ({ x, y }) => ({ x: (x - view.left) / view.scale, y: (y - view.top) / view.scale });

  /** The smallest scale: all that is shown takes a third of the stage. */
  function farthest() {
    const { left, top, right, bottom } = theGrid().bounds;
    return Math.min(1, 0.33 * Math.min(view.width / (right - left + 1), view.height / (bottom - top + 1)));
  }

  const bounded = (scale) => Math.max(farthest(), Math.min(CLOSEST, scale));

  function moveTo(place, scale, { offset = { x: 0, y: 0 }, animate = false } = {}) {
    const to = bounded(scale);
    start(viewAt({ x: place.x - offset.x / to, y: place.y - offset.y / to }, to, view), animate ? FLIGHT : 0);
  }

  function start(to, time) {
    flight = time && !calm.matches && marked ? { from: view, to, time, since: null } : null;
    if (flight) askForFrame();
    else lookFrom(to, -Infinity);
  }

  function fly(now) {
    flight.since ??= now;
    const share = Math.min(1, (now - flight.since) / flight.time), { from, to } = flight;
    if (share === 1) flight = null;
    lookFrom(share === 1 ? to : between(from, to, share));
  }

  /** Change the scale by a factor around a point of the stage. */
  function zoomed({ x, y }, factor) {
    const scale = bounded(view.scale * factor), by = scale / view.scale;
    return { ...view, scale, left: x - (x - view.left) * by, top: y - (y - view.top) * by };
  }

  function resize() {
    const middle = middleOf(view), size = sizeOfStage();
    flight = null;
    lookFrom(viewAt(middle, view.scale, size));
  }

  // ---------------------------------------------------------------- what is under the pointer

  const theGrid = () => (grid ??= makeGrid(graph, nodes));

  /** The node that a point of the stage is on or near; among faded nodes what is lit comes first. */
  function pickNode(point, slack) {
    const at = placer(graph, view, 1), place = toWorld(point), factor = shrink(view.scale);
    let best = null, nearest = Infinity;
    theGrid().near(place, (slack + LARGEST_NODE * factor) / view.scale, (i) => {
      const { x, y, r } = at(i), isLit = light?.nodes.has(i), size = isLit ? Math.max(r, litRadius) : r;
      const gap = Math.hypot(x - point.x, y - point.y) - size;
      const rank = Math.max(gap, 0) - (isLit ? slack : 0) - Math.min(1, size / 100);
      if (gap < slack && rank < nearest) [best, nearest] = [i, rank];
    });
    return best;
  }

  function pick(point, slack) {
    const node = pickNode(point, slack);
    if (node !== null) return { node };
    const line = (light ? bright.lines.pick(point, view, slack + 1) : null) ?? base.lines.pick(point, view, slack + 1);
    return line === null ? null : { line };
  }

  const same = (a, b) => a?.node === b?.node && a?.line === b?.line;

  function hover(point) {
    const found = point && pick(point, SLACK.mouse), changed = !same(found, hovered);
    if (changed && (hovered?.node ?? found?.node) !== undefined) drawn = null;
    hovered = found;
    if (changed || found) on.hover(found, point);
    if (!drawn) askForFrame();
  }

  // ---------------------------------------------------------------- the pointers and the wheel

  const pointers = new Map(); // what is pressed, by id: its place on the stage
  let press = null; // where the first of them went down, until it moves

  function pointOf({ clientX, clientY }) {
    const { left, top } = root.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  function spread() {
    const [a, b = a] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, wide: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  function drag(event) {
    const before = spread();
    pointers.set(event.pointerId, pointOf(event));
    const after = spread();
    if (press && Math.hypot(after.x - press.x, after.y - press.y) < SLACK.drag && pointers.size === 1) return;
    press = null;
    const next = pointers.size > 1 && before.wide ? zoomed(before, after.wide / before.wide) : view;
    lookFrom({ ...next, left: next.left + after.x - before.x, top: next.top + after.y - before.y });
    on.moved();
  }

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    root.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    press = pointers.size === 1 ? pointOf(event) : null;
    flight = null;
    hover(null);
  });
  root.addEventListener("pointermove", (event) => {
    if (pointers.has(event.pointerId)) drag(event);
    else if (event.pointerType === "mouse") hover(pointOf(event));
  });
  root.addEventListener("pointerup", (event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (press) on.click(pick(press, event.pointerType === "touch" ? SLACK.touch : SLACK.mouse));
    press = null;
  });
  root.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    press = null;
  });
  root.addEventListener("pointerleave", () => hover(null));
  root.addEventListener("dblclick", (event) => start(zoomed(pointOf(event), event.shiftKey ? 0.5 : 2), FLIGHT));
  root.addEventListener("wheel", (event) => {
    event.preventDefault();
    const rows = event.deltaMode === 1 ? 16 : 1, pinch = event.ctrlKey ? 6 : 1; // a trackpad's pinch comes as a small turn
    flight = null;
    lookFrom(zoomed(pointOf(event), Math.exp(-event.deltaY * rows * pinch * 0.0016)));
    on.moved();
  }, { passive: false });

  // ---------------------------------------------------------------- what the page may ask for

  function image(ratio) {
    if (stale || unread) readLook();
    const whole = document.createElement("canvas"), sheet = document.createElement("canvas");
    const context = clearSheet(whole, view, ratio);
    const add = (opacity = 1) => {
      context.globalAlpha = opacity;
      context.drawImage(sheet, 0, 0, whole.width, whole.height);
    };
    context.fillStyle = look.ink.bg;
    context.fillRect(0, 0, whole.width, whole.height);
    if (look.bands) drawBands(clearSheet(sheet, view, ratio), ratio, view, look);
    if (look.bands) add();
    let seen = null;
    for (const pair of light ? [base, bright] : [base]) {
      const faded = light && pair === base;
      pair.lines.paint(sheet, view, ratio);
      add(faded ? FADED.lines : 1);
      seen = pair.nodes.paint(sheet, view, ratio, ratio);
      add(faded ? FADED.nodes : 1);
    }
    drawAbove(clearSheet(sheet, view, ratio), ratio, seen);
    add();
    return whole;
  }

  function setPlaces(places) {
    for (const [i, { x, y }] of places) [graph.x[i], graph.y[i]] = [x, y];
    stale = true;
    askForFrame();
  }

  readLook();
  askForFrame();
  return {
    refresh,
    place: (i) => ({ x: graph.x[i], y: graph.y[i] }),
    setPlaces,
    toScreen,
    scale: () => view.scale,
    radius: (i) => graph.size[i] * shrink(view.scale),
    thickness: () => thicknessAt(view.scale),
    centre: () => middleOf(view),
    moveTo,
    resize,
    image,
    letGo: undefined,
    drag: false,
  };
}
