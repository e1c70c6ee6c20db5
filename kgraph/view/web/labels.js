"use strict";

// ---------------------------------------------------------------- labels: the best supported first, none over another

const ROW = 1.16; // the height of a row, in font sizes
const MOST_TRIED = 320; // labels that one frame tries to place
const MOST_TITLES = 40, SMALLEST_ISLAND = 25; // names of communities in a frame, and the nodes of one that gets a name
const LEAST_OF_ISLANDS = 200; // nodes of a picture whose communities get names
const COVERED = { few: 0.3, many: 0.15 }; // the share of the picture that labels may cover
const MANY = 400; // nodes
const AROUND_NODES = 60; // pixels on each side that count as picture
const SMALLEST_STRIP = 20; // pixels: a smaller one has no heading
const SMALLEST_DISC = 2.2; // pixels; where there are many nodes a label may cover a smaller one

function cut(text, most) {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : text;
}

/** A name in two rows at the most. */
function wrap(name) {
  const rows = [""];
  for (const word of name.split(/\s+/)) {
    const last = rows[rows.length - 1];
    if (last && last.length + word.length > 17) rows.push(word);
    else rows[rows.length - 1] = last ? `${last} ${word}` : word;
  }
  return [cut(rows[0], 24), cut(rows.slice(1).join(" "), 24)].filter(Boolean);
}

/** Boxes [left, top, right, bottom] in cells, so that a question about one place looks at few of them. */
function makeBoxes() {
  const CELL = 80, cells = new Map();
  let area = 0;

  function* keysOf([left, top, right, bottom]) {
    for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row++) {
      for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column++) yield row * 4096 + column;
    }
  }

  const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  return {
    get area() { return area; },
    add(box) {
      area += (box[2] - box[0]) * (box[3] - box[1]);
      for (const key of keysOf(box)) {
        if (cells.has(key)) cells.get(key).push(box);
        else cells.set(key, [box]);
      }
    },
    /** Whether a box lies over one of these; `but` does not count. */
    hit(box, but = null) {
      for (const key of keysOf(box)) {
        if (cells.get(key)?.some((other) => other !== but && overlaps(box, other))) return true;
      }
      return false;
    },
  };
}

/** The places a label may take, best first: below its node, above, right, left; x is where its text is aligned to. */
function placesFor(width, height, { x, y, reach }) {
  const gap = reach + 3;
  const at = (align, anchor, left, top) => ({ align, x: anchor, box: [left, top, left + width, top + height] });
  return [
    at("center", x, x - width / 2, y + gap),
    at("center", x, x - width / 2, y - gap - height),
    at("left", x + gap + 4, x + gap + 2, y - height / 2),
    at("right", x - gap - 4, x - gap - 2 - width, y - height / 2),
  ];
}

/**
 * Labels for the nodes of a frame, whichever engine draws them.
 *
 * `draw(context, ratio, items, view)`: `items` are the visible nodes, {i, x, y, reach} in pixels of the stage; where
 * there are thousands an engine passes the best supported ones only. `view`, {toScreen, scale}, says where the names of
 * communities and the headings of strips go, which come first.
 */
function makeLabels(graph, look, stage) {
  const largest = graph.size.reduce((most, size) => Math.max(most, size), 1);
  const texts = []; // by node: its rows, its font size, its widths by weight
  const titles = new Map(); // by the name of a community: its terms and their widths in font sizes
  let font = null, wide = 0, high = 0;

  function textOf(i) {
    return (texts[i] ??= { rows: wrap(graph.short[i] || graph.name[i]), px: 11.5 + (2.4 * graph.size[i]) / largest, widths: {} });
  }

  function widthOf(context, text, weight) {
    context.font = `${weight} ${text.px}px ${font}`;
    return (text.widths[weight] ??= Math.max(0, ...text.rows.map((row) => context.measureText(row).width)) + 4);
  }

  function forgetWidths() {
    font = look.ink.font;
    for (const text of texts) if (text) text.widths = {};
    titles.clear();
  }

  const rank = (a, b) => look.isEnd(b.i) - look.isEnd(a.i) || graph.papers[b.i] - graph.papers[a.i] || a.i - b.i;
  const beside = ([left, top, right, bottom]) => [left - 4, top - 1, right + 4, bottom + 1];
  const isWithin = ([left, top, right, bottom]) => left > 2 && top > 2 && right < wide - 2 && bottom < high - 2;

  function write(context, rows, px, { align, x, box }) {
    context.textAlign = align;
    rows.forEach((row, k) => {
      const y = box[1] + k * px * ROW;
      context.strokeText(row, x, y);
      context.fillText(row, x, y);
    });
  }

  function begin(context, ratio) {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textBaseline = "top";
    context.lineJoin = "round";
    context.strokeStyle = look.ink.bg;
    context.fillStyle = look.ink.text;
  }

  /** How many square pixels labels may cover: a share of the part of the stage that holds nodes. */
  function roomFor(items) {
    const ends = (of, most) => [Math.max(0, Math.min(...of) - AROUND_NODES), Math.min(most, Math.max(...of) + AROUND_NODES)];
    const [left, right] = ends(items.map(({ x }) => x), wide), [top, bottom] = ends(items.map(({ y }) => y), high);
    return (right - left) * (bottom - top) * COVERED[items.length > MANY ? "many" : "few"];
  }

  // Each strip has its heading in the part of it that is seen, over everything else.

  /** A text in two rows at most, none wider than the room that there is. */
  function rowsWithin(context, text, room) {
    const fits = (row) => context.measureText(row).width <= room, words = text.split(" ");
    let first = words.shift();
    while (words.length && fits(`${first} ${words[0]}`)) first += ` ${words.shift()}`;
    return [first, words.join(" ")].filter(Boolean).map((row) => {
      let letters = Array.from(row).length;
      while (letters > 1 && !fits(cut(row, letters))) letters--;
      return cut(row, letters);
    });
  }

  function headings(context, { toScreen }) {
    if (!look.bands) return [];
    const { axis, marks } = look.bands, upright = axis === "x", most = upright ? wide : high;
    context.font = `600 12px ${font}`;
    return marks.flatMap(({ label, from, to }) => {
      const [start, end] = [from, to].map((at) => Math.max(0, Math.min(most, toScreen({ x: at, y: at })[axis])));
      if (!label || end - start < SMALLEST_STRIP) return [];
      const rows = rowsWithin(context, label, upright ? end - start - 10 : wide / 2);
      const width = Math.max(...rows.map((row) => context.measureText(row).width)), height = rows.length * 12 * ROW;
      const [x, left, top] = upright ? [(start + end) / 2, (start + end - width) / 2, 10] : [10, 10, start + 6];
      return [{ rows, align: upright ? "center" : "left", x, box: [left, top, left + width, top + height] }];
    });
  }

  function writeHeadings(context, found) {
    context.font = `600 12px ${font}`;
    context.fillStyle = look.ink.muted;
    context.lineWidth = 5;
    for (const { rows, ...place } of found) write(context, rows, 12, place);
  }

  // The names of communities lie over their islands, as those of countries on a map.

  function termsOf(context, name) {
    if (!titles.has(name)) {
      const terms = name.split(", ").filter((term) => !/^(…|\.{3})?$/.test(term)).slice(0, 3).map((term) => cut(term, 34));
      context.font = `700 10px ${font}`;
      titles.set(name, terms.map((term) => ({ term, width: context.measureText(term).width / 10 })));
    }
    return titles.get(name);
  }

  /** Where a community's name goes; null where its island is out of sight, too small for it, or larger than the stage. */
  function titleOf({ name, x, y, size }, { toScreen, scale }) {
    const room = 52 * Math.sqrt(size) * scale, across = Math.max(wide, high), at = toScreen({ x, y });
    if (size < SMALLEST_ISLAND || room < 16 || room > 1.2 * across || !isWithin([at.x, at.y, at.x, at.y])) return null;
    return { name, room, at, strength: Math.min(1, 2.4 - (2 * room) / across) };
  }

  /** Write as many terms of a name as there is room for; return those that were written. */
  function writeTitle(context, { name, room, at, strength }, taken) {
    const terms = termsOf(context, name).slice(0, room > 200 ? 3 : room > 60 ? 2 : 1);
    while (terms.length && !writeTerms(context, terms, room, at, strength, taken)) terms.pop();
    return terms.map(({ term }) => term);
  }

  function writeTerms(context, terms, room, at, strength, taken) {
    const width = Math.max(...terms.map((one) => one.width)), fitting = (2.4 * room) / width;
    const px = Math.max(14, Math.min(26, room / 4, fitting)), half = (width * px) / 2 + 4, height = terms.length * px * ROW;
    const boxAt = (y) => [at.x - half, y - height / 2, at.x + half, y + height / 2];
    const box = [0, 0.33, -0.33].map((down) => boxAt(at.y + down * room)).find((one) => isWithin(one) && !taken.hit(one));
    if (fitting < 6.5 || !box) return false;
    taken.add(beside(box));
    context.font = `700 ${px}px ${font}`;
    context.lineWidth = 2 + px / 6;
    context.globalAlpha = 0.78 * strength;
    write(context, terms.map(({ term }) => term), px, { align: "center", x: at.x, box });
    context.globalAlpha = 1;
    return true;
  }

  /** Write the names that have room, the largest first; return the terms that were written. */
  function writeTitles(context, view, taken) {
    const islands = look.communities() ?? [];
    if (islands.reduce((nodes, { size }) => nodes + size, 0) < LEAST_OF_ISLANDS) return new Set();
    const found = islands.map((one) => titleOf(one, view)).filter(Boolean);
    const largest = found.sort((a, b) => b.room - a.room).slice(0, MOST_TITLES);
    return new Set(largest.flatMap((title) => writeTitle(context, title, taken)));
  }

  /** Where a label goes, or null: a chosen one goes anywhere, a major one may cover discs, the others nothing. */
  function placeOf(item, width, height, major, taken, discs) {
    let second = null;
    for (const place of placesFor(width, height, item)) {
      if (taken.hit(place.box)) continue;
      const within = isWithin(place.box);
      if (within && !discs.hit(place.box, item.disc)) return place;
      if (look.isEnd(item.i) || (major && within)) second ??= place;
    }
    return second;
  }

  /** Whether there is surely no room for a label: so much is known of it before it is measured, which takes long. */
  function isBlocked({ rows, px, widths }, item, taken) {
    if (widths[400] || widths[600]) return false;
    const least = Math.max(0, ...rows.map((row) => row.length)) * px * 0.4;
    return placesFor(least, rows.length * px * ROW, item).every(({ box }) => taken.hit(box));
  }

  function draw(context, ratio, items, view) {
    if (font !== look.ink.font) forgetWidths();
    [wide, high] = [stage.clientWidth, stage.clientHeight];
    const light = look.lit();
    const seen = items.filter(({ i }) => !light || light.nodes.has(i)).sort(rank);
    const majors = Math.min(16, Math.ceil(seen.length / 8));
    const taken = makeBoxes(), discs = makeBoxes();
    for (const item of seen) {
      const { x, y } = item, reach = item.reach * 0.75;
      item.disc = [x - reach, y - reach, x + reach, y + reach];
      if (item.reach > SMALLEST_DISC || seen.length < MANY) discs.add(item.disc);
    }
    context.save();
    begin(context, ratio);
    const strips = headings(context, view), room = roomFor(seen);
    for (const { box } of strips) taken.add(beside(box));
    const told = light ? new Set() : writeTitles(context, view, taken);
    context.lineWidth = 3.5;
    for (let k = 0; k < Math.min(seen.length, MOST_TRIED) && taken.area < room; k++) {
      const item = seen[k], major = k < majors, text = textOf(item.i);
      if (told.has(graph.name[item.i]) || isBlocked(text, item, taken)) continue;
      const width = widthOf(context, text, major || look.isEnd(item.i) ? 600 : 400);
      const place = placeOf(item, width, text.rows.length * text.px * ROW, major, taken, discs);
      if (!place) continue;
      taken.add(beside(place.box));
      write(context, text.rows, text.px, place);
    }
    writeHeadings(context, strips);
    context.restore();
  }

  return { draw };
}
