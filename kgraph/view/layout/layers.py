"""Pictures in columns: a lineage along the years, and a comparison side by side.

Nodes stand in layers from left to right. As few lines as can be should cross: within its layer, a node is moved to the
mean height of those that it is joined with, in sweeps to and fro (Sugiyama, Tagawa & Toda 1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from math import ceil, sqrt
from typing import Final

from kgraph.view.layout.room import SCREEN

_ACROSS: Final = 150  # from one column to the next one, in canvas pixels: a label is up to 120 wide
_DOWN: Final = 56  # from one node of a column to the next one, at least
_STRETCH: Final = 4  # times as far apart as they must be, at the most
_SWEEPS: Final = 12
_SETTLING: Final = 8
_BLOCK: Final = 14  # nodes of a comparison that stand in one column, at least
_GAP: Final = 90  # between the blocks of a comparison

_Lines = list[tuple[int, int]]
_Layers = Sequence[Sequence[int]]
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """A strip behind a picture: what it stands for, and from where to where it reaches along x."""

    label: str
    start: int
    end: int


def place_in_time(
    years: Sequence[int | None], lines: Sequence[tuple[int, int]], sizes: Sequence[float]
) -> tuple[list[tuple[int, int]], list[Band]]:
    """Return where nodes of these years and radii stand, and a band for each year; a line leads to what it builds on.

    Later years stand right of earlier ones; within a year, what builds on a node stands right of it, except where nodes
    build on each other in a circle. A node without a year stands in the year of the latest that it builds on, or first
    of all. If no node has a year, the bands are steps.
    """
    joined = _joined(lines)
    known = _known(years, joined)
    steps = _steps(known, joined)
    at = [(year or 0, step) for year, step in zip(known, steps, strict=True)]
    moments = sorted(set(at))
    members = defaultdict(list)
    for node, moment in enumerate(at):
        members[moment].append(node)
    places, spans = _arranged([members[moment] for moment in moments], joined, sizes, rows=1, gap=0)
    headings = [str(year) if year else "no year" for year, _ in moments]
    if len(moments) > 1 and not any(known):
        headings = [f"step {step + 1}" for _, step in moments]
    return [places[node] for node in range(len(years))], _bands(headings, spans)


def place_in_columns(
    columns: Sequence[Sequence[int]], lines: Sequence[tuple[int, int]], sizes: Sequence[float], labels: Sequence[str]
) -> tuple[dict[int, tuple[int, int]], list[Band]]:
    """Return where the nodes of each column stand, from left to right, and a band with its label for each of them."""
    shown = {node for column in columns for node in column}
    joined = [(one, other) for one, other in _joined(lines) if one in shown and other in shown]
    places, spans = _arranged(columns, joined, sizes, rows=_BLOCK, gap=_GAP)
    return places, [Band(label, *span) for label, span in zip(labels, _whole(spans), strict=True)]


def _joined(lines: Iterable[tuple[int, int]]) -> _Lines:
    return sorted({(one, other) for one, other in lines if one != other})


def _known(years: Sequence[int | None], lines: _Lines) -> list[int | None]:
    """Return the year of each node; one without is as late as the latest that it builds on."""
    known = [year or None for year in years]
    waiting = [(node, base) for node, base in lines if known[node] is None]
    while True:
        late = list(known)
        for node, base in waiting:
            late[node] = max(late[node] or 0, known[base] or 0) or None
        if late == known:
            return known
        known = late


def _steps(years: Sequence[int | None], lines: _Lines) -> list[int]:
    """Return the step of each node within its year: after those of all that it builds on there.

    Nodes that build on each other in a circle have a few steps together, what is built on most comes first.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(years)))
    graph.add_edges_from((base, node) for node, base in lines if years[node] == years[base])
    circles = nx.condensation(graph)
    steps = [0] * len(years)
    for circle in nx.topological_sort(circles):
        members = sorted(circles.nodes[circle]["members"], key=lambda node: (-graph.out_degree(node), node))
        bases = [base for node in members for base in graph.pred[node] if base not in circles.nodes[circle]["members"]]
        first = max((steps[base] + 1 for base in bases), default=0)
        together = ceil(sqrt(len(members)))
        for position, node in enumerate(members):
            steps[node] = first + position // together
    return steps


def _arranged(
    layers: _Layers, lines: _Lines, sizes: Sequence[float], *, rows: int, gap: int
) -> tuple[dict[int, tuple[int, int]], list[_Span]]:
    """Return a place for each node, and where each layer begins and ends; a long layer has several columns."""
    large = max(sizes, default=0.0)
    across, down = max(float(_ACROSS), 2 * large + 60), max(float(_DOWN), 2 * large + 8)
    rows = _rows(layers, rows, across / down)
    widths = [_columns(layer, rows) for layer in layers]
    rows = max((ceil(len(layer) / width) for layer, width in zip(layers, widths, strict=True)), default=1) or 1
    # Few rows beside many columns stand further apart.
    down = min(max(down, sum(widths) * across / SCREEN / rows), _STRETCH * down)
    around = _around(layers, lines)
    columns, x, spans, start = [], {}, [], 0.0
    for layer, width in zip(_ordered(layers, widths, around), widths, strict=True):
        for column in range(width):
            columns.append(layer[column::width])
            x.update(dict.fromkeys(columns[-1], start + (column + 0.5) * across))
        spans.append((start - gap / 2, start + width * across + gap / 2))
        start += width * across + gap
    y = _heights(columns, around, down, rows)
    middle = sum(spans[0][:1] + spans[-1][1:]) / 2 if spans else 0.0
    level = (max(y.values(), default=0.0) + min(y.values(), default=0.0)) / 2
    places = {node: (round(x[node] - middle), round(y[node] - level)) for node in x}
    return places, [(begin - middle, end - middle) for begin, end in spans]


def _rows(layers: _Layers, least: int, ratio: float) -> int:
    """Return how many nodes stand in a column at most, so that the picture fits a screen or no layer is cut."""
    longest = max(map(len, layers), default=1)
    return next(
        rows
        for rows in count(least)
        if rows >= longest or sum(_columns(layer, rows) for layer in layers) * ratio <= SCREEN * rows
    )


def _columns(layer: Sequence[int], rows: int) -> int:
    return max(1, ceil(len(layer) / rows))


def _around(layers: _Layers, lines: _Lines) -> dict[int, tuple[list[int], list[int]]]:
    """Return what each node is joined with in the layers before its own, and in those after it."""
    layer_of = {node: number for number, layer in enumerate(layers) for node in layer}
    around: dict[int, tuple[list[int], list[int]]] = {node: ([], []) for node in layer_of}
    for line in lines:
        left, right = sorted(line, key=layer_of.__getitem__)
        if layer_of[left] < layer_of[right]:
            around[right][0].append(left)
            around[left][1].append(right)
    return around


def _ordered(
    layers: _Layers, widths: Sequence[int], around: Mapping[int, tuple[list[int], list[int]]]
) -> list[list[int]]:
    """Return the layers, each from top to bottom so that few lines cross."""
    ordered = [list(layer) for layer in layers]
    height: dict[int, float] = {}

    def stand(number: int) -> None:
        layer = ordered[number]
        for position, node in enumerate(layer):
            height[node] = (position - (len(layer) - 1) / 2) / widths[number]

    for number in range(len(ordered)):
        stand(number)
    for sweep in range(_SWEEPS):
        side = sweep % 2
        for number in range(len(ordered))[:: -1 if side else 1]:
            mean = {
                node: _mean([height[near] for near in around[node][side]], height[node]) for node in ordered[number]
            }
            ordered[number].sort(key=mean.__getitem__)
            stand(number)
    return ordered


def _heights(
    columns: _Layers, around: Mapping[int, tuple[list[int], list[int]]], down: float, rows: int
) -> dict[int, float]:
    """Return how high each node stands: near those that it is joined with, apart from the next one of its column."""
    y = {node: (position - (len(column) - 1) / 2) * down for column in columns for position, node in enumerate(column)}
    for sweep in range(_SETTLING):
        for column in columns[:: -1 if sweep % 2 else 1]:
            wanted = [_mean([y[near] for side in around[node] for near in side], y[node]) for node in column]
            y.update(zip(column, _apart(wanted, down, (rows - 1) * down / 2), strict=True))
    return y


def _apart(wanted: Sequence[float], down: float, edge: float) -> list[float]:
    """Return the heights nearest to the wanted ones that keep their order, this distance, and within the edges.

    Less the distance, they only must not fall: isotonic regression, in which neighbours that would are pooled.
    """
    pools: list[tuple[float, int]] = []
    for position, height in enumerate(wanted):
        mean, nodes = height - position * down, 1
        while pools and pools[-1][0] > mean:
            before, more = pools.pop()
            mean, nodes = (before * more + mean * nodes) / (nodes + more), nodes + more
        pools.append((mean, nodes))
    level = [mean for mean, nodes in pools for _ in range(nodes)]
    highest = edge - (len(wanted) - 1) * down
    return [min(max(mean, -edge), highest) + position * down for position, mean in enumerate(level)]


def _mean(heights: Sequence[float], otherwise: float) -> float:
    return sum(heights) / len(heights) if heights else otherwise


def _bands(headings: Sequence[str], spans: Sequence[_Span]) -> list[Band]:
    """Return one band for all layers in a row that have the same heading."""
    found = []
    for heading, same in groupby(zip(headings, _whole(spans), strict=True), key=lambda pair: pair[0]):
        parts = [span for _, span in same]
        found.append(Band(heading, parts[0][0], parts[-1][1]))
    return found


def _whole(spans: Iterable[_Span]) -> list[tuple[int, int]]:
    return [(round(start), round(end)) for start, end in spans]
