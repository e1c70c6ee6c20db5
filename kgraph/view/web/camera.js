"use strict";

// ---------------------------------------------------------------- the camera

let engine = null; // network.js or map.js; made once, in main.js

const calm = matchMedia("(prefers-reduced-motion: reduce)");

const HEADINGS = 46; // pixels at the top of the stage, or at its left, for the headings of strips
const CROWD = 1000; // nodes: so many are looked at as a whole, and need less room around them for labels
const STRAYS = 0.003; // the share of a crowd that may lie outside on each side

/** The part of the stage that the card, the hint and the headings of strips leave free, in the stage's own pixels. */
function freeArea() {
  const whole = stage.getBoundingClientRect(), area = { left: 0, top: 0, right: whole.width, bottom: whole.height };
  const over = card.getBoundingClientRect();
  if (card.hidden) area.bottom -= 36;
  else if (over.width < whole.width * 0.9) area.right = over.left - whole.left;
  else area.bottom = over.top - whole.top;
  if (look.bands) area[look.bands.axis === "x" ? "top" : "left"] = HEADINGS;
  return area;
}

function moveTo(place, scale, move) {
  const { left, top, right, bottom } = freeArea();
  const offset = { x: (left + right - stage.clientWidth) / 2, y: (top + bottom - stage.clientHeight) / 2 };
  engine.moveTo(place, scale, { offset, animate: move && !calm.matches });
}

/** The box around nodes, in world pixels; the few strays of a crowd do not count. */
function boxOf(nodes) {
  const places = nodes.map(engine.place), few = nodes.length > CROWD ? Math.floor(nodes.length * STRAYS) : 0;
  const ends = (numbers) => [numbers[few], numbers.at(-1 - few)];
  const [left, right] = ends(Float32Array.from(places, ({ x }) => x).sort());
  const [top, bottom] = ends(Float32Array.from(places, ({ y }) => y).sort());
  return { left, right, top, bottom };
}

/** Fill the free part of the stage with these nodes; if they are too far apart for that, keep `middle` in its centre. */
function frame(nodes, middle, move, largest = 1.05) {
  if (!nodes.length) return;
  const box = boxOf(nodes), area = freeArea(), [wide, high] = [area.right - area.left, area.bottom - area.top];
  const [beside, above] = nodes.length > CROWD ? [60, 40] : [Math.min(180, wide / 4), look.bands ? 50 : 96];
  const scale = Math.min((wide - beside) / (box.right - box.left + 40), (high - above) / (box.bottom - box.top + 40), largest);
  if (middle !== null && scale < 0.6) moveTo(engine.place(middle), 0.7, move);
  else moveTo({ x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }, Math.max(scale, 0.005), move);
}

function shownNodes() {
  const nodes = [];
  for (let i = 0; i < graph.n; i++) if (look.shown(i)) nodes.push(i);
  return nodes;
}

const fit = (move = true) => frame(shownNodes(), null, move, 1.2);
const zoom = (by) => engine.moveTo(engine.centre(), engine.scale() * by, { offset: { x: 0, y: 0 }, animate: !calm.matches });

/** Bring nodes out from behind the card. */
function uncover(ends) {
  const area = freeArea();
  const covered = ends.some((i) => {
    const { x, y } = engine.toScreen(engine.place(i));
    return x > area.right - 40 || y > area.bottom - 30;
  });
  if (covered) moveTo(engine.place(ends[0]), engine.scale(), true);
}

/** The neighbour that lies most nearly in a direction. */
function neighbourTowards(i, [dx, dy]) {
  const here = engine.place(i);
  const ways = [...linesOf(i)].filter(look.lineShown).map((j) => {
    const other = otherEnd(j, i), there = engine.place(other), far = Math.hypot(there.x - here.x, there.y - here.y) || 1;
    const turn = ((there.x - here.x) * dx + (there.y - here.y) * dy) / far;
    return { other, turn, worth: turn - far / 2000 };
  });
  return ways.filter(({ turn }) => turn > 0.35).sort((a, b) => b.worth - a.worth)[0]?.other;
}
