"use strict";

// ---------------------------------------------------------------- the card: what is told of what is chosen

const typeNameOf = (i) => meta.labels[graph.label[i]].label;
const papersOf = (i) => count(graph.papers[i], "paper");
const goTo = (i, ...inside) => button(() => choose({ node: i }), {}, ...inside);
const facts = (...parts) => el("p", { class: "facts" }, parts.filter(Boolean).join(" · "));
const kindOf = (i) => el("p", { class: "kind" }, icon(graph.label[i]), typeNameOf(i));

function told(j) {
  if (isSameTerm(j)) return "one name, no statement";
  const papers = count(graph.support[j], "paper");
  return graph.lineTotal[j] ? `${papers}, confidence ${graph.confidence[j].toFixed(2)}` : papers;
}

function toldShortly(j) {
  if (isSameTerm(j)) return "same name";
  const papers = count(graph.support[j], "paper");
  return graph.lineTotal[j] ? `${papers} · ${graph.confidence[j].toFixed(2)}` : papers;
}

function years(first, last) {
  if (!first) return null;
  return first === last ? String(first) : `${first}–${last}`;
}

const sentenceOf = (j) => `${graph.name[graph.source[j]]} ${relationOf(j).verb} ${graph.name[graph.target[j]]}`;

// ---------------------------------------------------------------- evidence, a page at a time

/** One statement: its paper (or what `heading` says instead), facts, and the sentence with the names of `nodes` emphasised. */
function statementItem({ role, paper, sentence, score, component, context }, nodes, heading) {
  const said = [paper.year, role, `score ${score.toFixed(2)}`, component].filter(Boolean);
  return el("li", {},
    el("p", { class: "paper" }, heading ?? link(paper.title, paper.url)),
    el("p", { class: "meta" }, ...said.map((fact) => el("span", {}, String(fact)))),
    context === null || context === undefined ? null : quote(context, nodes, "context"),
    sentence === null ? note("The sentence is not in this file.") : quote(sentence, nodes));
}

/**
 * A list that is filled when it is made, and goes on at the press of a button. `load(offset)` gives a page of it:
 * {total, held, left, items}; of the `total` statements `held` can be had, `left` says how much of that is still to come.
 */
function evidenceList(load, onTotal = () => {}) {
  const list = el("ul", { class: "evidence", "aria-busy": "true" }), whole = el("div", {}, list);
  const more = button(add, { class: "more" });

  async function add() {
    more.remove();
    try {
      show(await load(list.children.length));
    } catch (error) {
      console.error(error);
      more.textContent = "The evidence could not be read. Try again";
      whole.append(more);
    }
    list.removeAttribute("aria-busy");
  }

  function show({ total, held, left, items }) {
    onTotal(total);
    list.append(...items);
    more.textContent = `Show ${Math.min(left, PAGE_OF_EVIDENCE)} more`;
    if (left > 0) whole.append(more);
    else if (!held) whole.append(note(total ? "Its statements are not in this file." : "No paper states anything of it here."));
    else if (total > held) whole.append(note(`The ${held} surest of ${count(total, "statement")}; this file holds no more`));
  }

  add();
  return whole;
}

/** Pages of the statements that `load` gives, with the names of `nodes` emphasised. */
function pages(load, nodes) {
  return async (offset) => {
    const { total, held, statements } = await load(offset);
    return { total, held, left: held - offset - statements.length, items: statements.map((one) => statementItem(one, nodes)) };
  };
}

/** What a paper states: the statements of its lines, each under the entity that it is of. */
function pagesOfPaper(i) {
  const lines = [...linesOf(i)].filter((j) => graph.lineTotal[j]), total = lines.reduce((sum, j) => sum + graph.lineTotal[j], 0);
  return async () => {
    const next = lines.slice(0, PAGE_OF_EVIDENCE), found = await Promise.all(next.map((j) => evidence.ofLine(j)));
    lines.splice(0, next.length);
    const items = found.flatMap(({ statements }, k) => {
      const other = otherEnd(next[k], i);
      return statements.map((one) => statementItem(one, [other], goTo(other, named(graph.name[other]))));
    });
    return { total, held: total, left: lines.length, items };
  };
}

/** The evidence of a line, for its own card and for a step of a path. */
const lineEvidence = (j, onTotal) => evidenceList(pages((offset) => evidence.ofLine(j, offset), endsOf(j)), onTotal);

// ---------------------------------------------------------------- neighbours

function neighbourItem(i, j) {
  const title = `${sentenceOf(j)}: show the evidence`;
  return el("li", { class: look.shown(i) ? null : "away" },
    goTo(i, icon(graph.label[i]), named(graph.name[i])),
    button(() => choose({ line: j }), { class: "because", title }, toldShortly(j)));
}

const LONG_GROUP = 60;

/** A list of neighbours; of a long one the rest comes when asked for. */
function neighbourList(title, rows) {
  const list = el("ul", {}), more = button(add, { class: "more" });
  function add() {
    list.append(...rows.splice(0, LONG_GROUP).map(([other, j]) => neighbourItem(other, j)));
    more.textContent = `Show ${Math.min(rows.length, LONG_GROUP)} more`;
    more.hidden = !rows.length;
  }
  add();
  return [el("h3", {}, title), list, more];
}

/** The neighbours of a node, a list for each kind of relation and direction. */
function neighbours(i) {
  const groups = new Map(meta.relations.flatMap((relation) => [[relation.out, []], [relation.in, []]]));
  const surest = (a, b) => graph.support[b] - graph.support[a] || graph.confidence[b] - graph.confidence[a] || a - b;
  for (const j of [...linesOf(i)].sort(surest)) {
    const { out, in: back } = relationOf(j);
    groups.get(graph.source[j] === i ? out : back).push([otherEnd(j, i), j]);
  }
  return el("div", { class: "near" },
    ...[...groups].filter(([, rows]) => rows.length).flatMap(([title, rows]) => neighbourList(title, rows)),
    graph.more[i] && !meta.server ? note(`${count(graph.more[i], "more neighbour")} without a line in this file`) : null);
}

// ---------------------------------------------------------------- cards

function actions(i) {
  const hidden = hiddenNeighbours(i).length + (meta.server ? graph.more[i] : 0), leaves = leavesOf(i).length;
  const alone = Boolean(whole) && whole.of === i, disabled = expanding ? "" : null;
  return el("div", { class: "actions" },
    hidden ? button(() => doExpand(i), { title: "Bring its neighbours in", disabled }, `Expand (${number(hidden)})`) : null,
    leaves ? button(() => doCollapse(i), { title: "Hide what hangs on nothing else" }, `Collapse (${number(leaves)})`) : null,
    alone ? null : button(() => doOnly(i), { title: "Only this node and its neighbours" }, "Only this"),
    button(() => pathFrom(i), { title: "Choose another node to see how the two hang together" }, "Path from here"),
    copyButton(`#${encodeURIComponent(graph.id[i])}`));
}

/** Have the buttons of the card say what can be done now. */
function showActions() {
  if (look.chosen?.node !== undefined) card.querySelector(".actions").replaceWith(actions(look.chosen.node));
}

const FEW_ALIASES = 8;

/** The other names of a node; of many the rest comes when asked for. */
function aliasLine(aliases) {
  const written = (names) => `Also written ${names.join(", ")}`, left = aliases.length - FEW_ALIASES;
  const line = el("p", { class: "aliases", dir: "auto" }, written(aliases.slice(0, FEW_ALIASES)));
  const showAll = () => { line.textContent = written(aliases); };
  if (left > 0) line.append(" ", button(showAll, { class: "more" }, `and ${number(left)} more`));
  return line;
}

function nodeCard(i) {
  const figure = el("small", {}), aliases = graph.aliases[i], authors = graph.authors[i] ?? [], paper = isPaper(i);
  const load = paper ? pagesOfPaper(i) : pages((offset) => evidence.ofNode(i, offset), [i]);
  const body = evidenceList(load, (total) => { figure.textContent = number(total); });
  return [
    kindOf(i),
    el("h2", { dir: "auto" }, paper ? link(graph.name[i], graph.url[i]) : graph.name[i]),
    aliases.length ? aliasLine(aliases) : null,
    authors.length ? el("p", { class: "aliases", dir: "auto" }, authors.join(", ")) : null,
    facts(paper ? null : papersOf(i), years(graph.first[i], graph.last[i])),
    graph.url[i] && !paper ? el("p", { class: "facts" }, link(graph.url[i].replace(/^https?:\/\//i, ""), graph.url[i])) : null,
    actions(i),
    ...tabs(
      { title: "Evidence", number: figure, body },
      { title: "Connections", number: el("small", {}, number(linesOf(i).length)), body: neighbours(i) }),
  ];
}

const endButton = (i) => goTo(i, icon(graph.label[i]), named(graph.name[i]));

function lineCard(j) {
  const [source, target] = endsOf(j), figure = el("small", {}), stated = graph.lineTotal[j] > 0;
  const body = stated ? lineEvidence(j, (total) => { figure.textContent = number(total); }) : null;
  return [
    el("p", { class: "kind" }, isSameTerm(j) ? "One name" : "Relation"),
    el("h2", {}, endButton(source), el("span", { class: "verb" }, relationOf(j).verb), endButton(target)),
    graph.support[j] ? facts(told(j), years(graph.lineFirst[j], graph.lineLast[j])) : null,
    ...(stated ? tabs({ title: "Evidence", number: figure, body }) : [note(whyUnstated(j))]),
  ];
}

function whyUnstated(j) {
  if (isSameTerm(j)) return "Papers use this name for two kinds of things; no paper states that they are one.";
  return `Worked out from the graph, no sentence states it${graph.notes[j] ? `: ${graph.notes[j]}` : ""}.`;
}

function showCard() {
  const { chosen } = look;
  card.hidden = !chosen;
  if (!chosen) return card.replaceChildren();
  const close = button(() => choose(null), { class: "close", "aria-label": "Close details" }, "×");
  const inside = chosen.path ? pathCard(chosen.path) : chosen.line !== undefined ? lineCard(chosen.line) : nodeCard(chosen.node);
  card.replaceChildren(close, ...inside.filter((part) => part !== null));
  card.scrollTop = 0;
}

/** A button that copies the address of this page with what is chosen. */
function copyButton(hash) {
  const copy = button(async () => {
    const copied = await navigator.clipboard.writeText(location.href.split("#")[0] + hash).then(() => true, () => false);
    copy.textContent = live.textContent = copied ? "Link copied" : "Copy it from the address bar";
  }, { title: "Copy a link that opens this page here" }, "Copy link");
  copy.hidden = !navigator.clipboard || location.protocol === "about:";
  return copy;
}
