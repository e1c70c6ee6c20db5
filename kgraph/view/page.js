"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const read = (id) => JSON.parse($(id).textContent);
  const { focus, types, words, roles, nodes, lines, papers, sentences, components } = read("kg-details");
  const edgeList = read("kg-edges");
  const options = read("kg-options");
  const stage = $("stage"), card = $("card"), search = $("search"), hits = $("hits");
  const SVG = "http://www.w3.org/2000/svg";
  const PAGE_OF_EVIDENCE = 40;

  edgeList.forEach((edge, j) => Object.assign(lines[j], { source: edge.from, target: edge.to }));
  const touching = nodes.map(() => []);
  lines.forEach((line, j) => new Set([line.source, line.target]).forEach((i) => touching[i].push(j)));
  const byId = new Map(nodes.map((node, i) => [node.id, i]));
  const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

  let chosen = null; // {node} or {line}
  const off = new Set(); // types and relations that the reader switched off
  const nodeShown = (i) => !off.has(nodes[i].label);
  const lineShown = (j) => !off.has(lines[j].type) && nodeShown(lines[j].source) && nodeShown(lines[j].target);

  // ---------------------------------------------------------------- elements: text only ever enters as text

  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") made.addEventListener("click", value);
      else if (value !== null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  const OUTLINES = {
    dot: "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z",
    square: "M2.2 2.2h11.6v11.6H2.2z",
    diamond: "M8 .5L15.5 8L8 15.5L.5 8z",
    triangle: "M8 1.2l7.4 13H.6z",
  };

  function drawing(name, box, path) {
    const made = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "path");
    made.setAttribute("class", name);
    made.setAttribute("viewBox", box);
    made.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    made.append(line);
    return made;
  }

  const icon = (label) => drawing(`icon ${label}`, "0 0 16 16", OUTLINES[options.groups[label].shape]);

  // ---------------------------------------------------------------- light and dark

  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  let ink = {};

  function setTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    const style = getComputedStyle(document.documentElement);
    const names = ["bg", "text", "muted", "accent", "line", ...types.map((type) => type.label)];
    ink = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    ink.font = getComputedStyle(document.body).fontFamily;
  }

  setTheme(prefersDark.matches);
  $("theme").append(drawing("", "0 0 16 16", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.6a5.4 5.4 0 0 1 0 10.8z"));

  // ---------------------------------------------------------------- the picture

  const upright = stage.clientHeight > 1.2 * stage.clientWidth; // the picture was laid out for a wide screen
  const stand = (node) => (upright ? { ...node, x: node.y, y: node.x } : node);
  const nodeData = new vis.DataSet(read("kg-nodes").map(stand)), edgeData = new vis.DataSet(edgeList);
  const sizes = nodes.map((_, i) => nodeData.get(i).size);
  const network = new vis.Network(stage, { nodes: nodeData, edges: edgeData }, options);

  /** What a choice lights up: a node with its lines and neighbours, or a line with its two ends. */
  function lit() {
    if (!chosen) return null;
    const bright = "line" in chosen ? [chosen.line] : touching[chosen.node].filter(lineShown);
    const ends = bright.flatMap((j) => [lines[j].source, lines[j].target]);
    return { lines: new Set(bright), nodes: new Set("node" in chosen ? [chosen.node, ...ends] : ends) };
  }

  function paint() {
    const light = lit();
    nodeData.update(nodes.map((node, i) => ({
      id: i,
      hidden: !nodeShown(i),
      opacity: !light || light.nodes.has(i) ? 1 : 0.14,
      color: { background: ink[node.label], border: ink.bg },
    })));
    edgeData.update(lines.map((line, j) => ({
      id: j,
      hidden: !lineShown(j),
      color: { color: line.papers ? ink[nodes[line.target].label] : ink.line, inherit: false, opacity: opacityOf(line, light && light.lines.has(j)) },
    })));
  }

  /** How dark a line is: while nothing is chosen, the surer the darker. */
  function opacityOf(line, bright) {
    if (bright !== null) return bright ? 0.85 : 0.05;
    return line.papers ? 0.22 + 0.3 * line.confidence : 0.8;
  }

  network.on("beforeDrawing", (context) => {
    if (!chosen) return;
    const ends = "node" in chosen ? [chosen.node] : [lines[chosen.line].source, lines[chosen.line].target];
    for (const i of ends) {
      const { x, y } = network.getPosition(i);
      context.beginPath();
      context.arc(x, y, sizes[i] + 9, 0, 2 * Math.PI);
      context.globalAlpha = 0.28;
      context.fillStyle = ink[nodes[i].label];
      context.fill();
      context.globalAlpha = 1;
    }
  });

  // ---------------------------------------------------------------- labels: the best supported first, none over another

  const cut = (text, most) => (Array.from(text).length > most ? `${Array.from(text).slice(0, most - 1).join("")}…` : text);

  function wrap(name) {
    const rows = [""];
    for (const word of name.split(/\s+/)) {
      const last = rows[rows.length - 1];
      if (last && last.length + word.length > 17) rows.push(word);
      else rows[rows.length - 1] = last ? `${last} ${word}` : word;
    }
    const second = rows.slice(1).join(" ");
    return [cut(rows[0], 22), cut(second, 22)].filter(Boolean);
  }

  const labels = nodes.map((node, i) => ({ rows: wrap(node.short || node.name), px: 11.5 + sizes[i] / 10, widths: {} }));
  const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  /** The places a label may take, best first: below its node, above, right, left; x is where its text is aligned to. */
  function placesFor({ width: w, rows, px }, x, y, radius) {
    const h = rows.length * px * 1.16, gap = radius + 3;
    const at = (align, anchor, left, top) => ({ align, x: anchor, box: [left, top, left + w, top + h] });
    return [
      at("center", x, x - w / 2, y + gap),
      at("center", x, x - w / 2, y - gap - h),
      at("left", x + gap + 4, x + gap + 2, y - h / 2),
      at("right", x - gap - 4, x - gap - 2 - w, y - h / 2),
    ];
  }

  function drawLabels(context) {
    const ratio = context.canvas.width / stage.clientWidth, zoom = network.getScale(), light = lit();
    const all = Object.entries(network.getPositions()).map(([i, place]) => ({ i: +i, ...network.canvasToDOM(place) }));
    const seen = all.filter(({ i, x, y }) =>
      nodeShown(i) && (!light || light.nodes.has(i)) && x > -40 && y > -20 && x < stage.clientWidth + 40 && y < stage.clientHeight + 20);
    const discs = seen.map(({ i, x, y }) => {
      const reach = sizes[i] * zoom * 0.75;
      return [x - reach, y - reach, x + reach, y + reach];
    });
    const order = seen.map((_, k) => k).sort((a, b) => rankOf(seen[a].i) - rankOf(seen[b].i));
    const taken = [];
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const k of order) {
      const { i, x, y } = seen[k], label = labels[i];
      context.font = fontOf(i);
      label.width = label.widths[context.font] ??= Math.max(0, ...label.rows.map((row) => context.measureText(row).width)) + 4;
      const apart = ({ box }) => !taken.some((other) => overlaps(box, other));
      const covers = ({ box }) => discs.reduce((sum, disc, d) => sum + (d !== k && overlaps(box, disc)), 0);
      const within = ({ box }) => box[0] > 2 && box[2] < stage.clientWidth - 2;
      const open = placesFor(label, x, y, (sizes[i] + (isChosen(i) ? 9 : 0)) * zoom).filter(apart).map((one) => ({ ...one, cost: covers(one) + (within(one) ? 0 : 0.5) }));
      const [place] = open.filter((one) => one.cost < 0.5 || isChosen(i) || (major.has(i) && within(one))).sort((a, b) => a.cost - b.cost);
      if (place) {
        taken.push(place.box);
        write(context, label, place);
      }
    }
    context.restore();
  }

  const isChosen = (i) => chosen !== null && (chosen.node === i || ("line" in chosen && [lines[chosen.line].source, lines[chosen.line].target].includes(i)));
  const major = new Set(nodes.map((_, i) => i).sort((a, b) => nodes[b].papers - nodes[a].papers || a - b).slice(0, Math.min(16, Math.ceil(nodes.length / 8))));
  const rankOf = (i) => (isChosen(i) ? -1e9 : -nodes[i].papers * 1e4 + i);
  const fontOf = (i) => `${major.has(i) || isChosen(i) ? 600 : 400} ${labels[i].px}px ${ink.font}`;

  function write(context, label, { align, x, box }) {
    context.textAlign = align;
    context.textBaseline = "top";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = ink.bg;
    context.fillStyle = ink.text;
    label.rows.forEach((row, k) => {
      const y = box[1] + k * label.px * 1.16;
      context.strokeText(row, x, y);
      context.fillText(row, x, y);
    });
  }

  network.on("afterDrawing", drawLabels);

  // ---------------------------------------------------------------- the camera

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const gently = (move) => (move && !calm.matches ? { duration: 350, easingFunction: "easeInOutQuad" } : false);

  /** The part of the stage that the card leaves free, in the stage's own pixels. */
  function freeArea() {
    const whole = stage.getBoundingClientRect(), area = { left: 0, top: 0, width: whole.width, height: whole.height };
    if (card.hidden) return { ...area, height: area.height - 36 }; // the hint takes the rest
    const over = card.getBoundingClientRect();
    if (over.width < whole.width * 0.9) area.width = over.left - whole.left;
    else area.height = over.top - whole.top;
    return area;
  }

  function moveTo(position, scale, move) {
    const area = freeArea();
    const offset = { x: area.left + area.width / 2 - stage.clientWidth / 2, y: area.top + area.height / 2 - stage.clientHeight / 2 };
    network.moveTo({ position, scale, offset, animation: gently(move) });
  }

  /** Fill the free part of the stage with these nodes; if they are too far apart for that, keep `middle` in its centre. */
  function frame(indexes, middle, move, largest = 1.05) {
    if (!indexes.length) return;
    const places = indexes.map((i) => network.getPosition(i)), xs = places.map(({ x }) => x), ys = places.map(({ y }) => y), area = freeArea();
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const margin = Math.min(180, area.width / 4);
    const scale = Math.min((area.width - margin) / (right - left + 40), (area.height - 96) / (bottom - top + 40), largest);
    if (middle !== null && scale < 0.6) moveTo(network.getPosition(middle), 0.7, move);
    else moveTo({ x: (left + right) / 2, y: (top + bottom) / 2 - 8 }, Math.max(scale, 0.05), move);
  }

  const fit = (move = true) => frame(nodes.map((_, i) => i).filter(nodeShown), null, move, 1.2);

  /** Bring nodes out from behind the card. */
  function uncover(ends) {
    const area = freeArea();
    const covered = ends.some((i) => { const { x, y } = network.canvasToDOM(network.getPosition(i)); return x > area.width - 40 || y > area.height - 30; });
    if (covered) moveTo(network.getPosition(ends[0]), network.getScale(), true);
  }

  // ---------------------------------------------------------------- the card

  const goTo = (i, ...inside) => el("button", { type: "button", onclick: () => choose({ node: i }) }, ...inside);
  const link = (title, url) => (/^https?:\/\//i.test(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, title)
    : el("span", { dir: "auto" }, title));

  /** A sentence with some of its parts emphasised; marks count characters, as Python does, not UTF-16 units. */
  function quote(sentence, marks, name = null) {
    const letters = Array.from(sentences[sentence]), text = (...ends) => letters.slice(...ends).join("");
    const starts = [0, ...marks.map(([, end]) => end)];
    const parts = marks.flatMap(([start, end], k) => [text(starts[k], start), el("mark", {}, text(start, end))]);
    return el("blockquote", { dir: "auto", class: name }, ...parts, text(starts[marks.length]));
  }

  function evidence(statements, heading) {
    const list = el("ul", { class: "evidence" });
    const item = (statement) => {
      const [type, paper, sentence, marks, score, component, context, contextMarks] = statement, [title, year, url] = papers[paper];
      const facts = [year, roles[type], `score ${score.toFixed(2)}`, components[component]].filter(Boolean);
      return el("li", {},
        el("p", { class: "paper" }, heading ? heading(statement) : link(title, url)),
        el("p", { class: "meta" }, ...facts.map((fact) => el("span", {}, String(fact)))),
        context === undefined ? null : quote(context, contextMarks, "context"),
        quote(sentence, marks));
    };
    const rest = statements.slice();
    const add = () => {
      list.append(...rest.splice(0, PAGE_OF_EVIDENCE).map(item));
      if (!rest.length) more.remove();
      else more.textContent = `Show ${Math.min(rest.length, PAGE_OF_EVIDENCE)} more`;
    };
    const more = el("button", { type: "button", class: "more", onclick: add });
    const whole = el("div", {}, list, more);
    add();
    return whole;
  }

  const told = (line) => (line.papers ? `${count(line.papers, "paper")}, confidence ${line.confidence.toFixed(2)}` : "one name, no statement");
  const years = (node) => (node.years.length ? node.years.join("–") : null);
  const facts = (...parts) => el("p", { class: "facts" }, parts.filter(Boolean).join(" · "));
  const note = (text) => el("p", { class: "note" }, text);
  const typeOf = (node) => el("p", { class: "kind" }, icon(node.label), node.label);

  function neighbour(i, j) {
    const line = lines[j], because = `${nodes[line.source].name} ${words[line.type][0]} ${nodes[line.target].name}: show the evidence`;
    return el("li", {},
      goTo(i, icon(nodes[i].label), el("span", { dir: "auto" }, nodes[i].name)),
      el("button", { type: "button", class: "because", title: because, onclick: () => choose({ line: j }) }, line.papers ? `${count(line.papers, "paper")} · ${line.confidence.toFixed(2)}` : "same name"));
  }

  /** The neighbours of a node, a list for each kind of relation and direction. */
  function neighbours(i) {
    const groups = new Map(Object.values(words).flatMap(([, outward, inward]) => [[outward, []], [inward, []]]));
    for (const j of touching[i]) {
      const outward = lines[j].source === i;
      groups.get(words[lines[j].type][outward ? 1 : 2]).push(neighbour(outward ? lines[j].target : lines[j].source, j));
    }
    const hidden = nodes[i].hidden;
    return el("div", { class: "near" },
      ...[...groups].filter(([, rows]) => rows.length).flatMap(([title, rows]) => [el("h3", {}, title), el("ul", {}, ...rows)]),
      hidden ? note(`${count(hidden, "more neighbour")} not in this picture`) : null);
  }

  /** Panels of which one is open; arrow keys go from tab to tab. */
  function tabs(...panels) {
    const open = (k) => panels.forEach(({ body }, at) => {
      body.hidden = at !== k;
      buttons[at].setAttribute("aria-selected", String(at === k));
      buttons[at].tabIndex = at === k ? 0 : -1;
    });
    const buttons = panels.map(({ title, number }, k) =>
      el("button", { type: "button", role: "tab", onclick: () => open(k) }, `${title} `, el("small", {}, number.toLocaleString("en"))));
    const bar = el("div", { class: "tabs", role: "tablist" }, ...buttons);
    bar.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const k = (buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length;
      open(k);
      buttons[k].focus();
    });
    panels.forEach(({ title, body }) => { body.setAttribute("role", "tabpanel"); body.setAttribute("aria-label", title); });
    open(0);
    return [bar, ...panels.map(({ body }) => body)];
  }

  const leftOut = (all, shown) => (all > shown ? note(`The ${shown} surest of ${count(all, "statement")}; this file holds no more`) : null);

  function entityCard(i) {
    const node = nodes[i];
    return [
      typeOf(node),
      el("h2", { dir: "auto" }, node.name),
      node.aliases.length ? el("p", { class: "aliases", dir: "auto" }, `Also written ${node.aliases.slice(0, 8).join(", ")}`) : null,
      facts(count(node.papers, "paper"), years(node)),
      node.url ? el("p", { class: "facts" }, link(node.url.replace(/^https?:\/\//i, ""), node.url)) : null,
      ...tabs(
        { title: "Evidence", number: node.total, body: el("div", {}, evidence(node.roles), leftOut(node.total, node.roles.length)) },
        { title: "Connections", number: touching[i].length, body: neighbours(i) }),
    ];
  }

  function paperCard(i) {
    const node = nodes[i], said = new Map(touching[i].flatMap((j) => lines[j].statements.map((statement) => [statement, lines[j].target])));
    const heading = (statement) => goTo(said.get(statement), el("span", { dir: "auto" }, nodes[said.get(statement)].name));
    return [
      typeOf(node),
      el("h2", {}, link(node.name, node.url)),
      node.authors.length ? el("p", { class: "aliases", dir: "auto" }, node.authors.join(", ")) : null,
      facts(years(node)),
      ...tabs(
        { title: "Evidence", number: said.size, body: evidence([...said.keys()], heading) },
        { title: "Connections", number: touching[i].length, body: neighbours(i) }),
    ];
  }

  function lineCard(j) {
    const line = lines[j], { source, target, statements } = line;
    return [
      el("p", { class: "kind" }, line.papers ? "Relation" : "One name"),
      el("h2", {},
        goTo(source, icon(nodes[source].label), el("span", { dir: "auto" }, nodes[source].name)),
        el("span", { class: "verb" }, words[line.type][0]),
        goTo(target, icon(nodes[target].label), el("span", { dir: "auto" }, nodes[target].name))),
      line.papers ? facts(told(line)) : null,
      ...(line.papers
        ? tabs({ title: "Evidence", number: line.total, body: el("div", {}, evidence(statements), leftOut(line.total, statements.length)) })
        : [note("Papers use this name for two kinds of things; no paper states that they are one.")]),
    ];
  }

  function showCard() {
    card.hidden = !chosen;
    $("hint").hidden = Boolean(chosen);
    if (!chosen) return card.replaceChildren();
    const close = el("button", { type: "button", class: "close", "aria-label": "Close details", onclick: () => choose(null) }, "×");
    const inside = "line" in chosen ? lineCard(chosen.line) : nodes[chosen.node].label === "Paper" ? paperCard(chosen.node) : entityCard(chosen.node);
    card.replaceChildren(close, ...inside.filter((part) => part !== null));
    card.scrollTop = 0;
  }

  // ---------------------------------------------------------------- choosing, and the address that remembers it

  function describe() {
    if (!chosen) return "Nothing chosen";
    if ("node" in chosen) return `${nodes[chosen.node].name}, ${nodes[chosen.node].label}, ${count(nodes[chosen.node].papers, "paper")}`;
    const line = lines[chosen.line];
    return `${nodes[line.source].name} ${words[line.type][0]} ${nodes[line.target].name}, ${told(line)}`;
  }

  /** Choose a node, a line or nothing. `look`: move the camera to what is chosen, as for a choice made outside the picture. */
  function choose(choice, look = true) {
    chosen = choice;
    const ends = !choice ? [] : "node" in choice ? [choice.node] : [lines[choice.line].source, lines[choice.line].target];
    ends.forEach((i) => off.delete(nodes[i].label));
    if (choice && "line" in choice) off.delete(lines[choice.line].type);
    showLegend();
    showCard();
    paint();
    if (choice && look) frame([...lit().nodes], ends[0], true);
    else if (choice) uncover(ends);
    $("live").textContent = describe();
    remember(choice && "node" in choice ? `#${encodeURIComponent(nodes[choice.node].id)}` : "#");
  }

  function remember(hash) {
    // a page inside a notebook's frame has no address of its own
    if (location.protocol !== "about:") history.replaceState(null, "", hash);
  }

  function openAddress() {
    const id = new URLSearchParams(`id=${location.hash.slice(1).replace(/\+/g, "%2B").replace(/&/g, "%26")}`).get("id");
    if (byId.has(id)) choose({ node: byId.get(id) });
    return byId.has(id);
  }

  network.on("click", ({ nodes: [node], edges: [line] }) =>
    choose(node !== undefined ? { node } : line !== undefined ? { line } : null, false));

  // ---------------------------------------------------------------- what the pointer is over

  const tip = $("tip");

  function showTip(text, { x, y }) {
    tip.textContent = text;
    tip.hidden = false;
    const at = stage.getBoundingClientRect(), size = tip.getBoundingClientRect();
    tip.style.left = `${Math.min(at.left + x + 14, innerWidth - size.width - 8)}px`;
    tip.style.top = `${Math.min(at.top + y + 16, innerHeight - size.height - 8)}px`;
    stage.style.cursor = "pointer";
  }

  function hideTip() {
    tip.hidden = true;
    stage.style.cursor = "";
  }

  network.on("hoverNode", ({ node: i, pointer }) => showTip(`${nodes[i].name} · ${nodes[i].label} · ${count(nodes[i].papers, "paper")}`, pointer.DOM));
  network.on("hoverEdge", ({ edge: j, pointer }) =>
    showTip(`${nodes[lines[j].source].name} ${words[lines[j].type][0]} ${nodes[lines[j].target].name} · ${told(lines[j])}`, pointer.DOM));
  for (const event of ["blurNode", "blurEdge", "dragStart", "zoom", "click"]) network.on(event, hideTip);

  // ---------------------------------------------------------------- the search box

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const written = nodes.map((node) => [node.name, ...node.aliases].map((name) => [name, fold(name)]));
  let found = [], cursor = -1;

  /** How well a name answers the question: 0 whole, 1 start, 2 start of a word, 3 inside, 9 not at all. */
  function closeness(name, asked) {
    const at = name.indexOf(asked);
    if (at < 0) return 9;
    if (at === 0) return name === asked ? 0 : 1;
    return /[\p{L}\p{N}]/u.test(name[at - 1]) ? 3 : 2;
  }

  function matches(text) {
    const asked = fold(text.trim());
    const all = nodes.map((node, i) => {
      const best = written[i].map(([name, folded]) => [closeness(folded, asked), name]).reduce((a, b) => (b[0] < a[0] ? b : a));
      return { i, close: best[0], name: best[1] };
    });
    return all.filter(({ close }) => close < 9).sort((a, b) => a.close - b.close || nodes[b.i].papers - nodes[a.i].papers || a.i - b.i).slice(0, 10);
  }

  function showHits() {
    found = matches(search.value);
    cursor = -1;
    const rows = found.map(({ i, name }, k) => {
      const also = name === nodes[i].name ? "" : ` (${name})`;
      const row = el("li", { role: "option", id: `hit-${k}`, "aria-selected": "false" },
        icon(nodes[i].label), el("span", { class: "what", dir: "auto" }, nodes[i].name + also), el("small", {}, count(nodes[i].papers, "paper")));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(k); });
      return row;
    });
    hits.replaceChildren(...(rows.length ? rows : [el("li", { class: "none" }, "Nothing in this picture goes by that name")]));
    hits.hidden = false;
    search.setAttribute("aria-expanded", "true");
    search.removeAttribute("aria-activedescendant");
    $("live").textContent = count(found.length, "match", "matches");
  }

  function hideHits() {
    hits.hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  function take(k) {
    const { i } = found[k];
    search.value = nodes[i].name;
    hideHits();
    search.blur();
    choose({ node: i });
    card.focus({ preventScroll: true });
  }

  function step(by) {
    if (hits.hidden) return showHits();
    if (!found.length) return;
    cursor = (cursor + by + (cursor < 0 && by < 0 ? 1 : 0) + found.length) % found.length;
    [...hits.children].forEach((row, k) => row.setAttribute("aria-selected", String(k === cursor)));
    hits.children[cursor].scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", `hit-${cursor}`);
  }

  search.addEventListener("input", showHits);
  search.addEventListener("focus", () => { search.select(); showHits(); });
  search.addEventListener("blur", hideHits);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && found.length && !hits.hidden) take(Math.max(cursor, 0));
    else if (event.key === "Escape") search.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // ---------------------------------------------------------------- the legend, which is the filter too

  function toggle(name) {
    if (!off.delete(name)) off.add(name);
    const gone = chosen && ("node" in chosen ? !nodeShown(chosen.node) : !lineShown(chosen.line));
    if (gone) return choose(null);
    showLegend();
    paint();
  }

  function legendItem(name, text, picture, number) {
    const button = el("button", { type: "button", "aria-pressed": String(!off.has(name)), onclick: () => toggle(name) },
      picture, text, el("small", {}, number.toLocaleString("en")));
    button.dataset.name = name;
    return el("li", {}, button);
  }

  function stroke(type) {
    const line = lines.find((one) => one.type === type), dashed = edgeList[lines.indexOf(line)].dashes;
    const made = drawing("stroke", "0 0 22 10", dashed ? "M1 5h20" : "M1 5h19M16 1.5L20 5L16 8.5");
    if (dashed) made.setAttribute("stroke-dasharray", dashed.map((length) => length * 0.8).join(" "));
    made.style.stroke = `var(--${line.papers ? nodes[line.target].label : "line"})`;
    return made;
  }

  function buildLegend() {
    const number = (list, key, name) => list.filter((one) => one[key] === name).length;
    const labels = types.filter(({ label }) => number(nodes, "label", label));
    const relations = Object.keys(words).filter((type) => number(lines, "type", type));
    $("types").replaceChildren(...labels.map(({ label, plural }) => legendItem(label, plural, icon(label), number(nodes, "label", label))));
    $("relations").replaceChildren(...relations.map((type) => legendItem(type, words[type][0], stroke(type), number(lines, "type", type))));
    $("relations").hidden = !relations.length;
  }

  function showLegend() {
    for (const button of document.querySelectorAll("#legend button")) button.setAttribute("aria-pressed", String(!off.has(button.dataset.name)));
  }

  // ---------------------------------------------------------------- tools and keys

  const changeTheme = (dark) => { setTheme(dark); paint(); };
  $("theme").addEventListener("click", () => changeTheme(document.documentElement.dataset.theme !== "dark"));
  prefersDark.addEventListener("change", () => changeTheme(prefersDark.matches));
  $("fit").addEventListener("click", () => fit());

  const move = $("move");
  move.hidden = nodes.length > 300;
  move.addEventListener("click", () => {
    const moving = move.getAttribute("aria-pressed") !== "true";
    move.setAttribute("aria-pressed", String(moving));
    move.textContent = moving ? "Hold" : "Move";
    network.setOptions({ physics: { enabled: moving } });
  });

  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /** Go to the neighbour that lies most nearly in the direction of an arrow key. */
  function walk([dx, dy]) {
    if (!chosen || "line" in chosen) return choose({ node: nodes.findIndex((_, i) => nodeShown(i)) });
    const here = network.getPosition(chosen.node);
    const ways = touching[chosen.node].filter(lineShown).map((j) => (lines[j].source === chosen.node ? lines[j].target : lines[j].source)).map((i) => {
      const there = network.getPosition(i), far = Math.hypot(there.x - here.x, there.y - here.y) || 1;
      return { i, far, turn: ((there.x - here.x) * dx + (there.y - here.y) * dy) / far };
    });
    const best = ways.filter(({ turn }) => turn > 0.35).sort((a, b) => b.turn - b.far / 2000 - (a.turn - a.far / 2000))[0];
    if (best) choose({ node: best.i });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && event.target !== search) search.focus();
    else if (event.key === "Escape") choose(null);
    else if (event.key === "0") fit();
    else if (event.key in ARROWS && stage.contains(event.target)) walk(ARROWS[event.key]);
    else return;
    event.preventDefault();
  });

  addEventListener("hashchange", openAddress);
  network.on("resize", ({ width, oldWidth }) => { if (width !== oldWidth) fit(false); });
  network.once("afterDrawing", () => performance.mark("kgraph-drawn"));

  buildLegend();
  paint();
  fit(false);
  if (!openAddress() && focus !== null) {
    choose({ node: focus }, false);
    fit(false);
  }
  window.kgraph = { network, indexOf: (id) => byId.get(id) };
})();
