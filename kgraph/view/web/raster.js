"use strict";

// ---------------------------------------------------------------- pictures of thousands of nodes and lines, pixel by pixel

const LARGEST_STAMP = 48; // pixels: the radius of the largest node, and how far the buffer of the nodes goes beyond the stage

/** A colour as the pixels of an ImageData hold it. */
function packed(hex) {
  const value = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** The part of a pixel that a shape covers, by 16 points in it. */
function coverage(shape, x, y, r) {
  let points = 0;
  for (let k = 0; k < 16; k++) points += radiusAt(shape, x + ((k & 3) - 1.5) / 4, y + ((k >> 2) - 1.5) / 4) <= r;
  return points / 16;
}

/**
 * A shape as rows of pixels, [dy, from, to) that are covered wholly, and the pixels of its edge [dx, dy, share of 255].
 * A large one has a rim, pixels that are painted in the background's colour to set it off from what it lies over.
 */
function makeStamp(shape, r) {
  const reach = Math.ceil(r * 1.35) + 1, rows = [], edge = [], rim = [];
  for (let y = -reach; y <= reach; y++) {
    let from = null, to = null;
    for (let x = -reach; x <= reach; x++) {
      const share = coverage(shape, x, y, r);
      if (share === 1) {
        from ??= x;
        to = x + 1;
      } else if (share) edge.push(x, y, Math.round(share * 255));
      else if (r >= 2.5 && coverage(shape, x, y, r + 1.1) > 0.4) rim.push(x, y);
    }
    if (from !== null) rows.push(y, from, to);
  }
  return { rows: Int16Array.from(rows), edge: Int16Array.from(edge), rim: Int16Array.from(rim) };
}

/** Stamps in steps of a quarter of a pixel, made when first needed. */
function makeStamps() {
  const made = meta.labels.map(() => []);
  return (label, r) => {
    const step = Math.round(Math.min(r, LARGEST_STAMP / 1.4) * 4);
    return (made[label][step] ??= makeStamp(meta.labels[label].shape, step / 4));
  };
}

/** A buffer of pixels with a margin on all sides, for nodes that reach in from outside. */
function makeNodeRaster() {
  const stamps = makeStamps(), margin = LARGEST_STAMP;
  let image = null, pixels = null, wide = 0;

  function resize(width, height) {
    if (image && image.width === width + 2 * margin && image.height === height + 2 * margin) return pixels.fill(0);
    image = new ImageData(width + 2 * margin, height + 2 * margin);
    pixels = new Uint32Array(image.data.buffer);
    wide = image.width;
  }

  /** An edge pixel is mixed with nothing: it is see-through over an empty place and left as it is over another node. */
  function stampAt(at, colour, background, { rows, edge, rim }) {
    for (let k = 0; k < rim.length; k += 2) pixels[at + rim[k + 1] * wide + rim[k]] = background;
    for (let k = 0; k < rows.length; k += 3) {
      const start = at + rows[k] * wide, to = start + rows[k + 2];
      for (let p = start + rows[k + 1]; p < to; p++) pixels[p] = colour;
    }
    for (let k = 0; k < edge.length; k += 3) {
      const p = at + edge[k + 1] * wide + edge[k];
      if (pixels[p] === 0) pixels[p] = ((colour & 0xffffff) | (edge[k + 2] << 24)) >>> 0;
      else if (edge[k + 2] > 127) pixels[p] = colour;
    }
  }

  /** A node of less than a pixel is one pixel, the fainter the smaller. */
  function dot(at, colour, r) {
    const alpha = Math.min(255, 110 + r * r * 600);
    if (pixels[at] >>> 24 < alpha) pixels[at] = ((colour & 0xffffff) | (alpha << 24)) >>> 0;
  }

  /** Draw nodes, given as columns, in their order: the last lies on top. */
  function draw(context, { x, y, size, label, colour }, { scale, left, top }, factor, smallest, background) {
    const { width, height } = context.canvas, far = margin / 2;
    resize(width, height);
    for (let k = 0; k < x.length; k++) {
      const right = Math.round(x[k] * scale + left), down = Math.round(y[k] * scale + top);
      if (right < -far || down < -far || right > width + far || down > height + far) continue;
      const at = (down + margin) * wide + right + margin, r = Math.max(smallest, size[k] * factor);
      if (r < 0.8) dot(at, colour[k], r);
      else stampAt(at, colour[k], background, stamps(label[k], r));
    }
    context.putImageData(image, -margin, -margin, margin, margin, width, height);
  }

  return { draw };
}

// ---------------------------------------------------------------- lines: how many pass a pixel, in light and shade

const FULL = 256; // what a line adds to a pixel that it covers wholly
const NEAR = 8, WHOLE = 0.3, FAR = 0.06; // how much a short line counts, at least one of which all is seen, and another one
const SHADES = 4096;

const part = new Float64Array(2); // what `clip` found: which part of the way lies in the box

/** Clip a line that starts at a point to a box (Liang and Barsky); return whether any of it lies there. */
function clip(x, y, dx, dy, left, top, right, bottom) {
  part[0] = 0;
  part[1] = 1;
  return clipAxis(x, dx, left, right) && clipAxis(y, dy, top, bottom) && part[0] < part[1];
}

function clipAxis(start, extent, low, high) {
  if (extent === 0) return start >= low && start <= high;
  const a = (low - start) / extent, b = (high - start) / extent;
  part[0] = Math.max(part[0], Math.min(a, b));
  part[1] = Math.min(part[1], Math.max(a, b));
  return true;
}

/**
 * Lines as counts: each adds to the pixels that it passes, and the darkness of a pixel is the logarithm of its count.
 * Long lines count less, so that what belongs together is seen through what leads far away.
 */
function makeLineRaster() {
  let counts = null, tints = null, image = null, width = 0, height = 0;

  function begin(wide, high) {
    if (width !== wide || height !== high) {
      [width, height] = [wide, high];
      [counts, tints] = [new Float32Array(width * height), new Uint32Array(width * height)];
      image = new ImageData(width, height);
    } else counts.fill(0);
  }

  /** Add one line and return whether any of it is seen; it is anti-aliased across its longer axis (Wu). */
  function add(x0, y0, x1, y1, tint) {
    const dx = x1 - x0, dy = y1 - y0;
    if (!clip(x0, y0, dx, dy, 1, 1, width - 2, height - 2)) return false;
    const from = part[0], to = part[1], least = from === 0 && to === 1 ? WHOLE : FAR;
    const amount = FULL * Math.max(least, Math.min(NEAR, (width * 0.03) / Math.hypot(dx, dy)));
    if (Math.abs(dx) >= Math.abs(dy)) trace(x0 + from * dx, y0 + from * dy, (to - from) * dx, dy / dx, 1, width, amount, tint);
    else trace(y0 + from * dy, x0 + from * dx, (to - from) * dy, dx / dy, width, 1, amount, tint);
    return true;
  }

  /** Step along the longer axis, `along` pixels apart in memory; the count is split between two pixels across it. */
  function trace(start, side, extent, slope, along, across, amount, tint) {
    const forwards = extent < 0 ? -1 : 1, steps = Math.abs(extent) | 0, turn = slope * forwards;
    let at = (start | 0) * along;
    const step = forwards * along;
    for (let k = 0; k <= steps; k++, at += step, side += turn) {
      const whole = side | 0, rest = side - whole, p = at + whole * across;
      counts[p] += amount * (1 - rest);
      counts[p + across] += amount * rest;
      tints[p] = tints[p + across] = tint;
    }
  }

  /** The shade of each count; the darkest is reached where a few hundred lines meet. */
  function shades(strength) {
    const made = new Uint8Array(SHADES);
    for (let k = 1; k < SHADES; k++) made[k] = Math.min(215, strength * Math.log2(1 + (k * 16) / FULL));
    return made;
  }

  function put(context, strength) {
    const pixels = new Uint32Array(image.data.buffer), shade = shades(strength);
    for (let p = 0; p < pixels.length; p++) {
      const count = counts[p];
      pixels[p] = count === 0 ? 0 : (tints[p] & 0xffffff) | (shade[Math.min(SHADES - 1, count >> 4)] << 24);
    }
    context.putImageData(image, 0, 0);
  }

  return { begin, add, put };
}
