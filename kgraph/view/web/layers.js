"use strict";

// ---------------------------------------------------------------- the layers of the map: sheets of pixels over each other

const FEW_NODES = 1500, FEW_LINES = 2000, FEW_PASSING = 150; // in view: up to so many are drawn as paths
const SOFT_RATIO = 1.5, SHARP_RATIO = 2; // device pixels for each pixel at the most: of pictures made of pixels, and of paths
const QUICK_LINES = 400; // so many paths are drawn in every frame
const FRAME = { moving: 9, still: 26, first: 170 }; // milliseconds that a frame may take before lines wait for the next one
const REFRESH = 200; // milliseconds between two drawings of many paths while the map moves

const pixelRatio = (most) => Math.min(devicePixelRatio || 1, most);

/** How large a node of radius 1 is drawn: far away it shrinks more slowly than the map, or none would be seen. */
const shrink = (scale) => (scale >= 0.5 ? scale : 0.5 * (scale / 0.5) ** 0.62);

function makeSheet(root) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { position: "absolute", left: "0", top: "0", width: "100%", height: "100%" });
  Object.assign(canvas.style, { transformOrigin: "0 0", willChange: "transform" });
  root.append(canvas);
  return canvas;
}

/** Make a sheet as large as the view, and empty. */
function clearSheet(canvas, view, ratio) {
  const width = Math.round(view.width * ratio), height = Math.round(view.height * ratio), context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
  }
  return context;
}

/** A view in device pixels. */
const finer = (view, ratio) => ({ scale: view.scale * ratio, left: view.left * ratio, top: view.top * ratio });

/** Move and stretch what was drawn for an earlier view. */
function carry(canvas, drawn, view) {
  if (!drawn) return;
  const zoom = view.scale / drawn.scale;
  const right = view.left - drawn.left * zoom, down = view.top - drawn.top * zoom;
  canvas.style.transform = drawn === view ? "" : `translate(${right}px,${down}px) scale(${zoom})`;
}

/** Whether what was drawn for an earlier view leaves much of this one empty, or coarse. */
function isFar(drawn, view) {
  const zoom = view.scale / drawn.scale, shift = Math.hypot(view.left - drawn.left * zoom, view.top - drawn.top * zoom);
  return zoom < 0.8 || zoom > 1.6 || (Math.abs(zoom - 1) < 0.01 && shift > 0.12 * view.height);
}

/** The place and radius of a node in the pixels of a context. */
function placer(graph, view, ratio, smallest = 0) {
  const { scale, left, top } = finer(view, ratio), factor = shrink(view.scale) * ratio, least = smallest * ratio;
  return (i) => ({ x: graph.x[i] * scale + left, y: graph.y[i] * scale + top, r: Math.max(least, graph.size[i] * factor) });
}

/** Columns of numbers of these nodes, the last node first: read in a row they take a third of the time. */
function columnsOf({ x, y, size, label }, nodes, colours) {
  const column = (numbers) => {
    const made = new numbers.constructor(nodes.length);
    for (let k = 0; k < made.length; k++) made[made.length - 1 - k] = numbers[nodes[k]];
    return made;
  };
  return { x: column(x), y: column(y), size: column(size), label: column(label), colour: column(colours) };
}

/** The nodes of a picture, or of what a choice lights up. `nodes` has the best supported first; they lie on top. */
function makeNodeLayer(root, graph, look) {
  const canvas = makeSheet(root), raster = makeNodeRaster();
  let nodes = new Uint32Array(0), columns = null, smallest = 0, drawn = null, seen = [];

  /** The nodes that are seen, the first `most` of them. */
  function inView({ scale, left, top, width, height }, most) {
    const found = [], { x, y, size } = columns, factor = 1.3 * shrink(scale);
    for (let k = x.length - 1; k >= 0 && found.length < most; k--) {
      const reach = size[k] * factor + 2, right = x[k] * scale + left, down = y[k] * scale + top;
      if (right > -reach && down > -reach && right < width + reach && down < height + reach) found.push(nodes[x.length - 1 - k]);
    }
    return found;
  }

  function paint(target, view, sharp, soft) {
    const found = inView(view, FEW_NODES + 1), factor = shrink(view.scale);
    if (found.length <= FEW_NODES) {
      const context = clearSheet(target, view, sharp);
      drawNodePaths(context, graph, look, found, placer(graph, view, sharp, smallest), 3 * sharp * Math.min(1, factor));
    } else {
      const context = clearSheet(target, view, soft), rim = packed(look.ink.bg);
      raster.draw(context, columns, finer(view, soft), factor * soft, smallest * soft, rim);
    }
    return found;
  }

  return {
    canvas,
    set(list, colours, least = 0) { [nodes, columns, smallest, drawn] = [list, columnsOf(graph, list, colours), least, null]; },
    /** Draw this view if it is not drawn yet; return the nodes that are seen, or the first of them. */
    draw(view) {
      if (drawn !== view) seen = paint(canvas, view, pixelRatio(SHARP_RATIO), pixelRatio(SOFT_RATIO));
      drawn = view;
      carry(canvas, drawn, view);
      return seen;
    },
    carry(view) {
      carry(canvas, drawn, view);
      return seen;
    },
    paint,
  };
}

/**
 * The lines of a picture, or of what a choice lights up. What was drawn for one view is moved along with the map until
 * the drawing for a later view is ready, which takes several frames where there are many lines.
 */
function makeLineLayer(root, graph, look, { lit }) {
  const canvas = makeSheet(root), raster = makeLineRaster();
  let lines = new Uint32Array(0), picture = null, smallest = 0;
  let drawn = null, drawnAt = -Infinity, paths = [], job = null;

  /**
   * The lines that are drawn as paths, and whether there are others to be drawn by pixels: paths are the lines that
   * join two nodes that are seen, if these are few, and the lines that only pass by, if they are few too.
   */
  function choosePaths({ scale, left, top, width, height }) {
    const inner = [], passing = [], { x, y, source, target } = graph;
    const isOutside = (right, down) => right < 0 || down < 0 || right > width || down > height;
    for (let k = 0; k < lines.length; k++) {
      const j = lines[k], a = source[j], b = target[j];
      const x0 = x[a] * scale + left, x1 = x[b] * scale + left, y0 = y[a] * scale + top, y1 = y[b] * scale + top;
      if ((x0 < 0 && x1 < 0) || (y0 < 0 && y1 < 0) || (x0 > width && x1 > width) || (y0 > height && y1 > height)) continue;
      if (!isOutside(x0, y0) && !isOutside(x1, y1)) {
        if (inner.push(j) > FEW_LINES) return { found: [], others: true };
      } else if (passing.length <= FEW_PASSING && !misses(x0, y0, x1 - x0, y1 - y0, width, height)) passing.push(j);
    }
    const others = passing.length > FEW_PASSING;
    return { found: others ? inner : inner.concat(passing), others };
  }

  /** Whether all corners of the stage lie on one side of a line. */
  function misses(x0, y0, dx, dy, width, height) {
    const corner = y0 * dx - x0 * dy, right = width * dy, down = -height * dx;
    return corner + Math.min(0, right) + Math.min(0, down) > 0 || corner + Math.max(0, right) + Math.max(0, down) < 0;
  }

  function paintPaths(context, view, ratio, found) {
    const { most, bends } = picture;
    const at = placer(graph, view, ratio, smallest), thickness = thicknessAt(view.scale) * ratio;
    const dashed = view.scale > 0.4 || found.length < QUICK_LINES; // dashes of a pixel or two are not seen, and slow
    drawLinePaths(context, graph, look, found, { at, bends, most, thickness, dashed, lit });
  }

  function begin(view, sharp, soft) {
    const { found, others } = choosePaths(view), ratio = others ? soft : sharp;
    if (others) raster.begin(Math.round(view.width * ratio), Math.round(view.height * ratio));
    return { view, ratio, found, next: others ? 0 : lines.length, added: 0 };
  }

  /** Go on with counting lines until that is done or the time is over; return whether it is done. */
  function goOn(work, until) {
    const { scale, left, top } = finer(work.view, work.ratio), { x, y, source, target } = graph, { tints } = picture;
    while (work.next < lines.length) {
      const end = Math.min(lines.length, work.next + 1000);
      for (let k = work.next; k < end; k++) {
        const j = lines[k], a = source[j], b = target[j];
        if (raster.add(x[a] * scale + left, y[a] * scale + top, x[b] * scale + left, y[b] * scale + top, tints[j])) work.added++;
      }
      work.next = end;
      if (performance.now() > until) return work.next === lines.length;
    }
    return true;
  }

  /** How dark one line is: the more lines, the fainter; behind paths the others are but a haze. */
  function strengthOf({ added, found }) {
    const each = Math.max(10, Math.min(45, 45 - 5.4 * (Math.log2(1 + added) - 11.3)));
    return each * (lit ? 1.5 : 1) * (found.length ? 0.4 : 1);
  }

  function paint(target, { view, ratio, found, added }) {
    const context = clearSheet(target, view, ratio);
    if (added) raster.put(context, strengthOf({ added, found }));
    if (found.length) paintPaths(context, view, ratio, found);
  }

  /** Draw what can be drawn until a time; return whether the drawing is that of this view. */
  function draw(view, until, moving) {
    const isWorth = drawn !== view && (!moving || !drawn || isFar(drawn, view));
    if (!job && isWorth) job = begin(view, pixelRatio(SHARP_RATIO), pixelRatio(SOFT_RATIO));
    if (job && goOn(job, until) && !(moving && mustWait(job))) {
      paint(canvas, job);
      [drawn, drawnAt, paths, job] = [job.view, performance.now(), job.found, null];
    }
    carry(canvas, drawn, view);
    return drawn === view;
  }

  /** Many paths take a while: they are not drawn for every step of a movement. */
  const mustWait = ({ found }) => found.length > QUICK_LINES && performance.now() - drawnAt < REFRESH;

  return {
    canvas,
    draw,
    /** `whole`: what holds for all lines of the picture, {tints, bends, most}. */
    set(list, whole, least = 0) {
      [lines, picture, smallest, job, paths] = [list, whole, least, null, []];
      drawn &&= { ...drawn }; // equal to no view that is still to come: it has to be drawn again
      if (lit && drawn) clearSheet(canvas, drawn, canvas.width / drawn.width); // of another choice: wrong even for a moment
    },
    /** Draw all of a view at once, onto any canvas. */
    paint(target, view, ratio) {
      job = null;
      const work = begin(view, ratio, ratio);
      goOn(work, Infinity);
      paint(target, work);
    },
    /** The line under a point of the stage, of those that are drawn as paths. */
    pick(point, view, reach) {
      const at = placer(graph, view, 1, smallest);
      let best = null, nearest = reach;
      for (const j of paths) {
        const distance = distanceTo(courseOf(graph, j, at, picture.bends[j]), point);
        if (distance < nearest) [best, nearest] = [j, distance];
      }
      return best;
    },
  };
}

const shadeOfBand = (k) => (k % 2 ? 0.05 : 0.11);

/** Strips behind the picture, as those of years; labels.js writes their headings. */
function drawBands(context, ratio, view, look) {
  const { axis, marks } = look.bands, upright = axis === "x";
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = look.ink.line;
  marks.forEach(({ from, to }, k) => {
    const start = from * view.scale + (upright ? view.left : view.top), extent = (to - from) * view.scale;
    context.globalAlpha = shadeOfBand(k);
    if (upright) context.fillRect(start, 0, extent, view.height);
    else context.fillRect(0, start, view.width, extent);
  });
  context.globalAlpha = 1;
}
