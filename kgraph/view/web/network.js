"use strict";

// ---------------------------------------------------------------- the picture as a vis-network, of up to 2,000 nodes

/** An engine as map.js makes one: it draws what `look` says. */
function makeNetwork(stage, graph, look, on) {
  const items = JSON.parse($("kg-nodes").textContent), edges = JSON.parse($("kg-edges").textContent);
  const { network, data } = openNetwork(stage, graph, items, edges);
  const labels = makeLabels(graph, look, stage);
  const { nodes: drawn, edges: lines } = network.body; // written to directly: vis's own lists are slow to update
  const enlarged = meta.scale; // how much larger all is than in a small picture
  const most = graph.support.reduce((a, b) => Math.max(a, b), 1); // what the widths of the first lines are measured against
  let share = 1; // of their size that nodes and lines have now

  // ---------------------------------------------------------------- painting

  /** Give each node and line its colours; what did not change keeps its object. */
  function refresh() {
    const light = look.lit();
    let other = false;
    for (let i = 0; i < graph.n; i++) other = dressNode(drawn[i].options, i, light) || other;
    for (let j = 0; j < graph.m; j++) other = dressLine(lines[j].options, j, light) || other;
    if (other) network.body.emitter.emit("_dataUpdated");
    else network.redraw();
  }

  function dressNode(options, i, light) {
    const hidden = !look.shown(i), other = options.hidden !== hidden, { bg } = look.ink, background = look.colour(i);
    options.hidden = hidden;
    options.physics = !hidden;
    options.opacity = !light || light.nodes.has(i) ? 1 : UNLIT.nodes;
    if (options.color.background !== background || options.color.border !== bg) options.color = { background, border: bg };
    return other;
  }

  function dressLine(options, j, light) {
    const hidden = !look.lineShown(j), other = options.hidden !== hidden;
    const color = look.lineColour(j), opacity = light ? (light.lines.has(j) ? LIT : UNLIT.lines) : opacityOfLine(graph, j);
    options.hidden = hidden;
    if (options.color.color !== color || options.color.opacity !== opacity) options.color = { color, inherit: false, opacity };
    return other;
  }

  /** What is enlarged to be seen from afar comes back to its own size as the reader comes nearer. */
  function fitSizes() {
    const needed = Math.max(1, (0.5 / network.getScale()) ** 0.7), next = Math.min(1, needed / enlarged);
    if (Math.abs(next - share) < 0.02) return;
    share = next;
    for (let i = 0; i < graph.n; i++) {
      drawn[i].options.size = graph.size[i] * share;
      drawn[i].shape.refreshNeeded = true;
    }
    for (let j = 0; j < graph.m; j++) lines[j].options.width = edges[j].width * share;
    network.body.emitter.emit("_requestRedraw"); // vis has the ends of lines by the sizes of the frame before
  }

  function drawHalos(context) {
    for (const i of look.lit()?.ends ?? []) {
      const { x, y } = drawn[i];
      context.beginPath();
      context.arc(x, y, graph.size[i] * share + 9, 0, 2 * Math.PI);
      context.globalAlpha = 0.28;
      context.fillStyle = look.colour(i);
      context.fill();
      context.globalAlpha = 1;
    }
  }

  // ---------------------------------------------------------------- strips and labels, in pixels of the stage

  const ratioOf = (context) => context.canvas.width / stage.clientWidth;

  function drawStrips(context) {
    if (!look.bands) return;
    const { x: left, y: top } = network.canvasToDOM({ x: 0, y: 0 });
    const { clientWidth: width, clientHeight: height } = stage;
    context.save();
    drawBands(context, ratioOf(context), { scale: network.getScale(), left, top, width, height }, look);
    context.restore();
  }

  /** The nodes on the stage, in its pixels. */
  function seen() {
    const zoom = network.getScale(), found = [];
    for (let i = 0; i < graph.n; i++) {
      if (!look.shown(i)) continue;
      const { x, y } = network.canvasToDOM(drawn[i]);
      if (x < -40 || y < -20 || x > stage.clientWidth + 40 || y > stage.clientHeight + 20) continue;
      found.push({ i, x, y, reach: (graph.size[i] * share + (look.isEnd(i) ? 9 : 0)) * zoom });
    }
    return found;
  }

  network.on("beforeDrawing", (context) => { fitSizes(); drawStrips(context); drawHalos(context); });
  network.on("afterDrawing", (context) => {
    labels.draw(context, ratioOf(context), seen(), { toScreen: network.canvasToDOM.bind(network), scale: network.getScale() });
  });
  network.once("afterDrawing", () => performance.mark("kgraph-drawn"));

  // ---------------------------------------------------------------- the pointer

  network.on("click", ({ nodes: [node], edges: [line] }) => {
    on.click(node !== undefined ? { node } : line !== undefined ? { line } : null);
  });
  network.on("hoverNode", ({ node, pointer }) => on.hover({ node }, pointer.DOM));
  network.on("hoverEdge", ({ edge: line, pointer }) => on.hover({ line }, pointer.DOM));
  for (const event of ["blurNode", "blurEdge"]) network.on(event, () => on.hover(null));
  for (const event of ["dragStart", "zoom"]) network.on(event, () => on.moved());
  network.on("dragEnd", ({ nodes: moved }) => {
    for (const i of moved) [graph.x[i], graph.y[i]] = [drawn[i].x, drawn[i].y];
  });

  // ---------------------------------------------------------------- the camera

  const gently = { duration: 350, easingFunction: "easeInOutQuad" };

  /** The picture at this many pixels for one of the stage: vis draws into a canvas of ours for once. */
  function image(ratio) {
    const surface = network.canvas, own = surface.frame.canvas, before = surface.pixelRatio, made = el("canvas");
    for (const side of ["clientWidth", "clientHeight"]) Object.defineProperty(made, side, { value: own[side] });
    Object.assign(made, { width: Math.round(own.clientWidth * ratio), height: Math.round(own.clientHeight * ratio) });
    surface.frame.canvas = made;
    surface.pixelRatio = ratio;
    network.renderer._redraw();
    surface.frame.canvas = own;
    surface.pixelRatio = before;
    const context = made.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = look.ink.bg;
    context.fillRect(0, 0, made.width, made.height);
    return made;
  }

  return {
    drag: true,
    network,
    refresh,
    place: (i) => ({ x: drawn[i].x, y: drawn[i].y }),
    setPlaces(places) {
      for (const [i, { x, y }] of places) Object.assign(drawn[i], { x, y });
      refresh();
    },
    add({ nodes, edges: more }) {
      for (const edge of more) edge.width = enlarged * widthOfLine(graph.support[edge.id], most);
      data.nodes.add(nodes);
      data.edges.add(more);
      edges.push(...more);
      share = 0;
    },
    toScreen: (place) => network.canvasToDOM(place),
    scale: () => network.getScale(),
    radius: (i) => graph.size[i] * share * network.getScale(),
    thickness: () => enlarged * share * network.getScale(),
    centre: () => network.getViewPosition(),
    moveTo(position, scale, { offset, animate }) {
      network.moveTo({ position, scale, offset, animation: animate ? gently : false });
    },
    resize: () => network.redraw(),
    image,
    letGo: (moving) => network.setOptions({ physics: { enabled: moving } }),
  };
}

function openNetwork(stage, graph, items, edges) {
  const placed = items.map((item, i) => (Number.isNaN(graph.x[i]) ? item : { ...item, x: graph.x[i], y: graph.y[i] }));
  const data = { nodes: new vis.DataSet(placed), edges: new vis.DataSet(edges) };
  return { data, network: new vis.Network(stage, data, JSON.parse($("kg-options").textContent)) };
}
