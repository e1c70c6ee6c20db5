"use strict";

// ---------------------------------------------------------------- trends: what rises and what fades, in small multiples

const GROUPS = [["rising", "Method"], ["rising", "Task"], ["fading", "Method"], ["fading", "Task"]];
const WAYS = { rising: { mark: "↗", word: "Rising" }, fading: { mark: "↘", word: "Fading" } };
const ONE_SCALE = 4; // charts share a scale if the highest is at most so many times as high as the lowest
const CHART = [100, 48]; // the box that a chart is drawn in; the page stretches it

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** A share in words, with the digits that count. */
function inPercent(share) {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.01) return "<0.01\u00a0%";
  const digits = percent === 0 || percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2;
  return `${percent.toFixed(digits)}\u00a0%`;
}

/** A year, or a month by name. */
function periodName(period, month = "long") {
  if (!period.includes("-")) return period;
  return new Date(`${period}-01T00:00Z`).toLocaleDateString("en", { month, year: "numeric", timeZone: "UTC" });
}

/** What the chart of a series tells: its shares, the highest of them, and those of all papers before and since the split. */
function figuresOf({ counts }, { papers, periods, since }) {
  const split = periods.indexOf(since), shares = counts.map((n, k) => n / papers[k]);
  const pooled = (from, to) => sum(counts.slice(from, to)) / sum(papers.slice(from, to));
  const peak = shares.indexOf(Math.max(...shares));
  return { shares, split, peak, highest: shares[peak], before: pooled(0, split), after: pooled(split), papers: sum(counts) };
}

/** Where each period begins, and the last ends: a period is as wide as it has papers, so that area is papers. */
function edgesOf(papers) {
  const scale = CHART[0] / sum(papers), edges = [0];
  for (const many of papers) edges.push(edges.at(-1) + many * scale);
  return edges;
}

function bar(k, { shares, split }, counts, trend, edges, top) {
  const x = edges[k], width = edges[k + 1] - x, height = (CHART[1] * shares[k]) / top;
  const many = `${counts[k].toLocaleString("en")} of ${count(trend.papers[k], "paper")}`;
  return svg("g", { class: k < split ? "before" : "since" },
    svg("title", {}, `${periodName(trend.periods[k])}: ${many} (${inPercent(shares[k])})`),
    svg("rect", { class: "slot", x, y: 0, width, height: CHART[1] }),
    svg("rect", { class: "bar", x, y: CHART[1] - height, width, height }));
}

/** The chart of a series: a bar for each period, the shares before and since the split as lines, and the split itself. */
function chartOf(figures, counts, trend, edges, top) {
  const { split, before, after } = figures, y = (share) => CHART[1] * (1 - share / top);
  const level = (share, from, to) => svg("path", { class: "level", d: `M${edges[from]} ${y(share)}H${edges[to]}` });
  return svg("svg", { viewBox: `0 0 ${CHART.join(" ")}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...counts.map((_, k) => bar(k, figures, counts, trend, edges, top)),
    svg("path", { class: "split", d: `M${edges[split]} 0V${CHART[1]}` }),
    level(before, 0, split),
    level(after, split, edges.length - 1));
}

/** The highest share, written at its height on the side where the bars are lower. */
function peakLabel({ peak, highest, shares }, top) {
  const mark = el("span", { class: peak < shares.length / 2 ? "peak right" : "peak" }, inPercent(highest));
  mark.style.bottom = `${(100 * highest) / top}%`;
  return mark;
}

/** A card in words, for those who hear it. */
function saidOf({ node }, { before, after, papers, highest, peak }, { since, periods }) {
  const change = `${inPercent(before)} of the papers before ${periodName(since)}, ${inPercent(after)} since`;
  const most = `at most ${inPercent(highest)}, in ${periodName(periods[peak])}`;
  return `${graph.name[node]}, ${typeNameOf(node)}: ${change}; ${count(papers, "paper")}; ${most}. Show its neighbours`;
}

function trendCard(series, figures, trend, edges, top) {
  const { node, counts } = series, { before, after, papers } = figures, name = graph.name[node];
  const ends = [trend.periods[0], trend.periods.at(-1)].map((period) => el("span", {}, periodName(period, "short")));
  const open = (event) => openTrend(node, event.currentTarget);
  return button(open, { class: "series", "aria-label": saidOf(series, figures, trend) },
    el("span", { class: "head" }, icon(graph.label[node]), el("span", { class: "what", dir: "auto", title: name }, name)),
    el("span", { class: `chart of-${typeNameOf(node)}` }, chartOf(figures, counts, trend, edges, top), peakLabel(figures, top)),
    el("span", { class: "ends" }, ...ends),
    el("span", { class: "change" }, `${inPercent(before)} → ${inPercent(after)}`),
    el("small", {}, `of papers · ${papers.toLocaleString("en")} in all`));
}

let pressed = null; // the card that was opened last, where the keyboard comes back to

function openTrend(node, from) {
  pressed = from;
  doOnly(node);
  card.focus({ preventScroll: true });
}

/** A group of cards. Its charts share a scale only where none of them would be flat on it. */
function trendGroup([direction, label], trend, edges) {
  const found = trend.series.filter((series) => series.direction === direction && typeNameOf(series.node) === label);
  if (!found.length) return null;
  const figures = found.map((series) => figuresOf(series, trend)), heights = figures.map(({ highest }) => highest);
  const top = Math.max(...heights), shared = top <= ONE_SCALE * Math.min(...heights);
  const { plural } = meta.labels.find((type) => type.label === label);
  const { mark, word } = WAYS[direction];
  const scale = shared ? "one scale for all" : "each on its own scale, up to the share written on it";
  const cards = found.map((series, k) => trendCard(series, figures[k], trend, edges, shared ? top : heights[k]));
  return el("section", {},
    el("h3", {},
      el("span", { "aria-hidden": "true" }, mark),
      `${word} ${plural.toLowerCase()}`,
      cards.length > 1 ? el("small", {}, scale) : null),
    el("ul", {}, ...cards.map((one) => el("li", {}, one))));
}

function howToRead({ by, since }) {
  const key = (name, text) => el("span", {}, el("i", { class: name }), text);
  const bars = `A bar is a ${by}: as high as the share of its papers that speak of the entity, as wide as it has papers.`;
  return [
    el("p", { class: "read" }, `${bars} The surest changes come first.`),
    el("p", { class: "read key" },
      key("before", "before"), key("since", `since ${periodName(since)}`), key("level", "share of all papers before and since")),
  ];
}

/** Fill the section of trends and show it. */
function showTrend(trend) {
  const { papers, periods, since } = trend, edges = edgesOf(papers);
  const time = `${periodName(periods[0])} to ${periodName(periods.at(-1))}`;
  const compared = `Shares of the papers before and since ${periodName(since)}; ${count(sum(papers), "paper")} from ${time}`;
  $("trend").replaceChildren(el("div", { class: "trends" },
    el("h2", {}, "What rises and what fades"), el("p", {}, compared), ...howToRead(trend),
    ...GROUPS.map((group) => trendGroup(group, trend, edges)).filter(Boolean)));
  $("trend").hidden = false;
  $("trends").addEventListener("click", () => (pressed ?? $("trend").querySelector(".series")).focus());
}
