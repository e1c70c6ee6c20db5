"use strict";

// ---------------------------------------------------------------- which nodes make the picture, and where new ones stand

const EXPANDED = 30; // neighbours that come in at a time
const AROUND = 60; // neighbours that stay with a node that is looked at alone
const BOX = [100, 50]; // what a node and its label cover
const ROUNDS = 120; // of the forces around a node that is looked at alone
const GOLDEN = 2.399963; // the golden angle: points of a spiral at this step cover the plane evenly
const SPOTS = 4000; // points of the spiral around a node among which free ones are looked for
const SPARSE = 12; // every so many points of the spiral, boxes do not overlap

let whole = null; // the picture to come back to while one node is looked at alone: {mask, places}
let expanding = false; // one node at a time: an answer names new nodes by the numbers that were free when it was asked for

const inPicture = (i) => look.picture[i] === 1;
const hasPlace = (i) => !Number.isNaN(graph.x[i]);
const hiddenNeighbours = (i) => neighboursOf(i).filter((other) => !inPicture(other));

/** The neighbours that would hang on nothing in the picture without this node. */
function leavesOf(i) {
  const leadsElsewhere = (j, from) => ![i, from].includes(otherEnd(j, from)) && inPicture(otherEnd(j, from));
  return neighboursOf(i).filter((other) => inPicture(other) && !linesOf(other).some((j) => leadsElsewhere(j, other)));
}

function setInPicture(nodes, is) {
  const mask = new Uint8Array(graph.n);
  mask.set(look.picture);
  for (const i of nodes) mask[i] = is;
  look.setPicture(mask);
}

/** Bring nodes into the picture; those without a place get one near `by`. */
function bringIn(nodes, by) {
  const placeless = nodes.filter((i) => !hasPlace(i) || whole);
  if (whole) nodes.forEach(rememberPlace);
  const places = new Map(placeless.map((i) => [i, null]));
  freeSpots(by, placeless.length).forEach((spot, k) => places.set(placeless[k], spot));
  stand(places);
  setInPicture(nodes, 1);
}

function stand(places) {
  for (const [i, { x, y }] of places) [graph.x[i], graph.y[i]] = [x, y];
  engine.setPlaces(places);
}

/** Bring the best supported neighbours that are not in the picture into it; return how many came. */
function expand(i) {
  const come = hiddenNeighbours(i).slice(0, EXPANDED);
  bringIn(come, i);
  return come.length;
}

/** Have the server send the neighbours that this page does not hold. */
async function askForNeighbours(i) {
  const shown = graph.id.map(encodeURIComponent).join(","), most = graph.papers.reduce((a, b) => Math.max(a, b), 1);
  const found = await ask("expand", { node: graph.id[i], shown, most });
  const nodes = graph.n, lines = graph.m;
  found.nodes.size = found.nodes.size.map((size) => size * meta.scale);
  append(graph, found);
  found.items.nodes.forEach((item, k) => Object.assign(item, { id: nodes + k, size: graph.size[nodes + k] }));
  found.items.edges.forEach((item, k) => { item.id = lines + k; });
  setInPicture([], 1);
  engine.add?.(found.items);
  for (let one = nodes; one < graph.n; one++) {
    for (const old of neighboursOf(one)) if (old < nodes && graph.more[old]) graph.more[old]--;
  }
  graph.more[i] = found.more ?? 0;
}

function collapse(i) {
  setInPicture(leavesOf(i), 0);
}

/** Places around a node that stands: free ones near it, rather away from the middle of the picture; else further out. */
function freeSpots(by, many) {
  const here = hasPlace(by) ? engine.place(by) : { x: 0, y: 0 }, middle = middleOfPicture(), far = 1500;
  const standing = [];
  for (let i = 0; i < graph.n; i++) {
    if (!inPicture(i) || !hasPlace(i)) continue;
    const place = engine.place(i);
    if (Math.abs(place.x - here.x) < far && Math.abs(place.y - here.y) < far) standing.push(place);
  }
  const out = Math.atan2(here.y - middle.y, here.x - middle.x), found = [];
  for (const spot of spiral(here, out)) {
    if (found.length === many) return found;
    if (standing.some(({ x, y }) => Math.abs(x - spot.x) < BOX[0] && Math.abs(y - spot.y) < BOX[1])) continue;
    standing.push(spot);
    found.push(spot);
  }
  return found.concat(Array.from({ length: many - found.length }, (_, k) => spotAround(here, SPOTS + k * SPARSE)));
}

/** The k-th point of a spiral around a place. */
function spotAround(here, k) {
  const radius = 70 + 14 * Math.sqrt(k), angle = k * GOLDEN;
  const right = radius * Math.cos(angle), down = 0.8 * radius * Math.sin(angle);
  return { x: Math.round(here.x + right), y: Math.round(here.y + down), radius, angle };
}

/** Points around a place, the nearest first; one on the far side from `out` counts as twice as far away. */
function spiral(here, out) {
  const cost = ({ radius, angle }) => radius * (1.5 - 0.5 * Math.cos(angle - out));
  return Array.from({ length: SPOTS }, (_, k) => spotAround(here, k)).sort((a, b) => cost(a) - cost(b));
}

function middleOfPicture() {
  let x = 0, y = 0, many = 0;
  for (let i = 0; i < graph.n; i++) {
    if (!inPicture(i) || !hasPlace(i)) continue;
    x += graph.x[i];
    y += graph.y[i];
    many++;
  }
  return many ? { x: x / many, y: y / many } : { x, y };
}

// ---------------------------------------------------------------- one node and its neighbours alone

function lookAtOnly(i) {
  whole ??= { mask: look.picture, places: new Map() };
  whole.of = i;
  const nodes = [i, ...neighboursOf(i).slice(0, AROUND)];
  nodes.forEach(rememberPlace);
  const mask = new Uint8Array(graph.n);
  for (const one of nodes) mask[one] = 1;
  look.setPicture(mask);
  stand(arranged(nodes));
}

/** Have nodes in the picture: in the whole one if it has one of those that lack, else each with what it hangs on here. */
function bringNodes(nodes) {
  const before = look.picture;
  if (nodes.some((i) => !inPicture(i) && whole?.mask[i])) lookAtWhole();
  for (const i of nodes) if (!inPicture(i)) bringIn([i], neighboursOf(i).find(inPicture) ?? i);
  if (look.picture !== before) buildLegend();
}

function rememberPlace(i) {
  if (!whole.places.has(i)) whole.places.set(i, hasPlace(i) ? engine.place(i) : null);
}

/** Come back to the picture as it was; nodes that came in meanwhile go. */
function lookAtWhole() {
  const { places } = whole, mask = new Uint8Array(graph.n);
  mask.set(whole.mask);
  whole = null;
  for (const [i, place] of places) {
    if (place) continue;
    graph.x[i] = graph.y[i] = NaN;
    places.delete(i);
  }
  look.setPicture(mask);
  stand(places);
}

/** Places for a node in the middle and its neighbours around it: neighbours that lines join come together, none over another. */
function arranged(nodes) {
  const points = nodes.map(startingPoint), at = new Map(points.map((point) => [point.i, point])), [middle] = points;
  const pairs = points.flatMap((a) => [...linesOf(a.i)].map((j) => [a, at.get(otherEnd(j, a.i))]));
  const pulled = pairs.filter(([a, b]) => b && a.i < b.i && a !== middle && b !== middle);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [a, b] of pulled) pullTogether(a, b, 0.04 * (1 - round / ROUNDS));
    points.forEach((a, k) => { for (let l = k + 1; l < points.length; l++) pushApart(a, points[l], a === middle); });
  }
  return new Map(points.map(({ i, x, y }) => [i, { x: Math.round(x), y: Math.round(y) }]));
}

/** The first in the middle, the others on a spiral around it. */
function startingPoint(i, k) {
  const far = k && 90 + 34 * Math.sqrt(k);
  return { i, x: far * Math.cos(k * GOLDEN), y: 0.7 * far * Math.sin(k * GOLDEN) };
}

function pullTogether(a, b, pull) {
  const x = (b.x - a.x) * pull, y = (b.y - a.y) * pull;
  Object.assign(a, { x: a.x + x, y: a.y + y });
  Object.assign(b, { x: b.x - x, y: b.y - y });
}

/** Part two nodes that are nearer than they need, each by half; the one in the middle holds still. */
function pushApart(a, b, held) {
  const x = (b.x - a.x) / BOX[0], y = (b.y - a.y) / BOX[1], distance = Math.hypot(x, y) || 0.01;
  const lack = 1.1 + (graph.size[a.i] + graph.size[b.i]) / 80 - distance;
  if (lack <= 0) return;
  const by = (lack / distance) * (held ? 1 : 0.5);
  Object.assign(b, { x: b.x + x * by * BOX[0], y: b.y + y * by * BOX[1] });
  if (!held) Object.assign(a, { x: a.x - x * by * BOX[0], y: a.y - y * by * BOX[1] });
}

// ---------------------------------------------------------------- what the buttons of a card do

function pictureChanged(i, said) {
  buildLegend();
  showColours();
  choose({ node: i }, false);
  frame([...look.lit().nodes], i, true);
  live.textContent = said;
}

async function doExpand(i) {
  const { chosen } = look;
  if (meta.server && graph.more[i] && !(await fetched(i))) return;
  const said = `${count(expand(i), "neighbour")} of ${graph.name[i]} came into the picture`;
  if (look.chosen === chosen) pictureChanged(i, said);
  else pictureGrew(said);
}

/** Have the server send neighbours; return whether it did. */
async function fetched(i) {
  expanding = true;
  showActions();
  const error = await askForNeighbours(i).catch((reason) => reason);
  expanding = false;
  showActions();
  if (!error) return true;
  console.error(error);
  notice("The server did not send the neighbours. Try again");
  return false;
}

/** The picture changed after the reader went on to something else, which stays as it is. */
function pictureGrew(said) {
  buildLegend();
  showColours();
  showActions();
  engine.refresh();
  live.textContent = said;
}

function doCollapse(i) {
  const before = leavesOf(i).length;
  collapse(i);
  pictureChanged(i, `${count(before, "neighbour")} of ${graph.name[i]} hidden`);
}

function doOnly(i) {
  lookAtOnly(i);
  pictureChanged(i, `Only ${graph.name[i]} and its neighbours`);
}

function backToWhole() {
  lookAtWhole();
  buildLegend();
  choose(null);
  fit();
}
