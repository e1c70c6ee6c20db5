"use strict";

// Evidence: the statements behind a node or a line, from this file or from the server, and the names in their sentences.

const PAGE_OF_EVIDENCE = 40;

/**
 * What papers say of a node or a line, a page of statements from `offset` on, as
 * {total, held, statements: [{role, paper: {title, year, url}, sentence, score, component, context}]};
 * `held` of the `total` statements can be had.
 */
const evidence = meta.server ? askedEvidence() : filedEvidence();

function filedEvidence() {
  const chunks = new Map();

  function chunk(name) {
    if (!chunks.has(name)) chunks.set(name, $(name) ? inflate(name) : Promise.resolve([]));
    return chunks.get(name);
  }

  async function row(kind, size, k) {
    return (await chunk(`${kind}-${Math.floor(k / size)}`))[k % size];
  }

  async function statement([role, paper, sentence, score, component, context]) {
    const [title, year, url, sentences] = await row("kg-papers", meta.chunk.papers, paper);
    return {
      role: role === null ? null : meta.roles[role],
      paper: { title, year, url },
      sentence: sentences[sentence] ?? null,
      score,
      component: meta.components[component],
      context: sentences[context] ?? null,
    };
  }

  async function pageOf(rows, total, offset) {
    const page = rows.slice(offset, offset + PAGE_OF_EVIDENCE);
    return { total, held: rows.length, statements: await Promise.all(page.map(statement)) };
  }

  return {
    async ofNode(i, offset = 0) {
      const { total, rows } = (await row("kg-nodes-said", meta.chunk.nodes, i)) ?? { total: 0, rows: [] };
      return pageOf(rows, total, offset);
    },
    async ofLine(j, offset = 0) {
      const rows = (await row("kg-lines-said", meta.chunk.lines, j)) ?? [];
      return pageOf(rows.map((one) => [null, ...one]), graph.lineTotal[j], offset);
    },
  };
}

async function ask(what, asked) {
  const answer = await fetch(`/api/${what}?${new URLSearchParams(asked)}`);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

function askedEvidence() {
  const whole = async (asked) => {
    const { total, statements } = await ask("evidence", asked);
    return { total, held: total, statements };
  };
  return {
    ofNode: (i, offset = 0) => whole({ node: graph.id[i], offset }),
    ofLine: (j, offset = 0) => whole({
      type: meta.relations[graph.type[j]].type, source: graph.id[graph.source[j]], target: graph.id[graph.target[j]], offset,
    }),
  };
}

// ---------------------------------------------------------------- where names stand in a sentence: kgraph/highlight.py, here

const WORD = "[\\p{L}\\p{N}_]";
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
// Letters that Python takes for one another and that have more forms than a capital and a small letter.
const ALIKE = [
  "Ii\u0130\u0131", "Kk\u212a", "Ss\u017f", "\u00c5\u00e5\u212b", "\u00df\u1e9e", "\u1e60\u1e61\u1e9b", "\ufb05\ufb06",
  "\u01c4\u01c5\u01c6", "\u01c7\u01c8\u01c9", "\u01ca\u01cb\u01cc", "\u01f1\u01f2\u01f3",
  "\u00b5\u039c\u03bc", "\u0345\u0399\u03b9\u1fbe", "\u0392\u03b2\u03d0", "\u0395\u03b5\u03f5", "\u0398\u03b8\u03d1\u03f4",
  "\u039a\u03ba\u03f0", "\u03a0\u03c0\u03d6", "\u03a1\u03c1\u03f1", "\u03a3\u03c2\u03c3", "\u03a6\u03c6\u03d5",
  "\u03a9\u03c9\u2126",
];

/** Parts of a text as [start, end]: where the names of some nodes stand as whole words; each of `names` is all names of one. */
function markNames(sentence, ...names) {
  const marks = names.flatMap((one) => marksOf(sentence, one)).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const apart = [];
  for (const [start, end] of marks) {
    const last = apart.at(-1);
    if (last && start < last[1]) last[1] = Math.max(end, last[1]);
    else apart.push([start, end]);
  }
  return apart;
}

/** Names in capitals are looked for as they are written, all others in any case; in any case too where nothing is found so. */
function marksOf(sentence, names) {
  const found = spans(sentence, patternOf(names, false));
  return found.length ? found : spans(sentence, patternOf(names, true));
}

const spans = (sentence, pattern) =>
  (pattern ? [...sentence.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]) : []);

const patterns = new Map();

function patternOf(names, anyCase) {
  const key = JSON.stringify([anyCase, ...names]);
  if (!patterns.has(key)) patterns.set(key, makePattern(names, anyCase));
  return patterns.get(key);
}

function makePattern(names, anyCase) {
  const words = names.map((name) => name.split(new RegExp(`${SPACE}+`, "u")).filter(Boolean)).filter((parts) => parts.length);
  const length = (parts) => Array.from(parts.join(" ")).length;
  const ways = words.sort((a, b) => length(b) - length(a)).map((parts) => wayOf(parts, anyCase || !isUpper(parts.join(" "))));
  return ways.length ? new RegExp(`(?<!${WORD})(?:${ways.join("|")})(?!${WORD})`, "gu") : null;
}

const isUpper = (name) => /\p{Uppercase}/u.test(name) && !/[\p{Lowercase}\p{Lt}]/u.test(name);
const wordOf = (part, anyCase) => Array.from(part, anyCase ? eitherCase : literal).join("");
const wayOf = (parts, anyCase) => parts.map((part) => wordOf(part, anyCase)).join(`${SPACE}+`);
const literal = (letter) => (/[\p{L}\p{N}]/u.test(letter) ? letter : `\\u{${letter.codePointAt(0).toString(16)}}`);

function eitherCase(letter) {
  const alike = ALIKE.find((group) => group.includes(letter)) ?? [letter, letter.toLowerCase(), letter.toUpperCase()];
  const forms = [...new Set(alike)].filter((form) => Array.from(form).length === 1);
  return forms.length > 1 ? `[${forms.join("")}]` : literal(letter);
}

/** The names that are emphasised for a node; a paper is not named in its own sentences. */
const namesOf = (i) => (isPaper(i) ? [] : [graph.name[i], ...graph.aliases[i]]);

/** A sentence with the names of these nodes emphasised. */
function quote(sentence, nodes, name = null) {
  const marks = markNames(sentence, ...nodes.map(namesOf)), starts = [0, ...marks.map(([, end]) => end)];
  const marked = ([start, end]) => el("mark", {}, sentence.slice(start, end));
  const parts = marks.flatMap((ends, k) => [sentence.slice(starts[k], ends[0]), marked(ends)]);
  return el("blockquote", { dir: "auto", class: name }, ...parts, sentence.slice(starts.at(-1)));
}
