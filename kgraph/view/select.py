"""Which nodes and lines a picture shows: few enough to read, the best supported first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, Literal

from kgraph.schema import ROLE_TYPES, SAME_TERM_AS
from kgraph.view.subject import Line, Subject, by_support

FANOUT: Final = 12  # how many neighbours a node that is not the focus may bring in: a hub would bring hundreds
LINES_PER_NODE: Final = 3  # beyond this many lines a node on average, only the best supported are drawn
RESERVE: Final = 3  # so many times as many nodes as are shown can be brought in by the reader
MOST_IN_RESERVE: Final = 450
MAX_NETWORK: Final = 2_000
"""pyvis's network serves up to so many nodes; above, the map does."""

_SHORTLIST: Final = 4  # times as many neighbours as are wanted are looked at more closely
_ALWAYS_DRAWN: Final = frozenset((*ROLE_TYPES.values(), SAME_TERM_AS))


@dataclass(frozen=True, slots=True)
class Column:
    """Nodes that stand below each other under a heading."""

    heading: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """How many papers of each period speak of an entity, which is `rising` or `fading`, and how surely."""

    entity: str
    direction: str
    counts: tuple[int, ...]
    change: float


@dataclass(frozen=True, slots=True)
class Trends:
    """Series over the same periods (by year or month) with all papers of each; `since` is the first that is recent."""

    by: str
    periods: tuple[str, ...]
    papers: tuple[int, ...]
    since: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a picture shows: its nodes (the most important first) and the lines between them.

    The nodes in `reserve` are hidden until the reader expands a neighbour; `left_out` lines are not drawn. `focus` is
    open from the start. Nodes stand where forces bring them, by the year they were first spoken of, or in `columns`.
    """

    nodes: tuple[str, ...]
    lines: tuple[Line, ...]
    reserve: tuple[str, ...] = ()
    left_out: int = 0
    focus: str | None = None
    arrangement: Literal["forces", "time", "columns"] = "forces"
    columns: tuple[Column, ...] = ()
    trends: Trends | None = None


def touching(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Return the lines of each node."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.source].append(line)
        found[line.target].append(line)
    return found


def neighbours(
    subject: Subject, nodes: Sequence[str], limit: int, *, along: Callable[[Line, str], bool] = lambda *_: True
) -> dict[str, list[str]]:
    """Return the best neighbours of each of these nodes, over the lines of a node that `along` lets pass.

    Those that most papers join to it come first, of equal ones those that most papers speak of.
    """
    lines = touching(subject.lines_of(nodes))
    joined = {node: _joined(node, (line for line in lines.get(node, ()) if along(line, node))) for node in nodes}
    shortlists = {node: sorted(found, key=found.__getitem__)[: limit * _SHORTLIST] for node, found in joined.items()}
    spoken = subject.papers_of({near for found in shortlists.values() for near in found})

    def rank(node: str, near: str) -> tuple[int, int, str]:
        return (joined[node][near][0], -spoken.get(near, 0), near)

    return {node: sorted(found, key=lambda near: rank(node, near))[:limit] for node, found in shortlists.items()}


def _joined(node: str, lines: Iterable[Line]) -> dict[str, tuple[int, float, str]]:
    """Return a sort key for each neighbour: most papers, then surest."""
    papers: dict[str, int] = defaultdict(int)
    sureness: dict[str, float] = defaultdict(float)
    for line in lines:
        near = line.target if line.source == node else line.source
        papers[near] += line.papers
        sureness[near] = max(sureness[near], line.confidence)
    return {near: (-papers[near], -sureness[near], near) for near in papers}


def spread(subject: Subject, start: Sequence[str], depth: int, limit: int) -> list[str]:
    """Return the nodes within `depth` lines of those at the start, nearest first; a hub brings in few."""
    chosen, level = dict.fromkeys(start), list(start)
    for step in range(depth):
        room = limit - len(chosen)
        if room <= 0 or not level:
            break
        found = neighbours(subject, level, limit if step == 0 else FANOUT)
        level = [near for near in dict.fromkeys(chain(*found.values())) if near not in chosen][:room]
        chosen.update(dict.fromkeys(level))
    return list(chosen)


def best_connected(lines: Sequence[Line], papers: Mapping[str, int], limit: int) -> list[str]:
    """Return the nodes of the best part of a graph: grown from the most spoken of node of each component.

    What is taken always hangs together; the largest components come first.
    """
    near: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        near[line.source].add(line.target)
        near[line.target].add(line.source)

    def rank(node: str) -> tuple[int, int, str]:
        return (-papers.get(node, 0), -len(near[node]), node)

    chosen: list[str] = []
    for component in _components(near):
        if chosen and limit - len(chosen) < 2:
            break
        chosen += _grow(near, min(component, key=rank), rank, limit - len(chosen))
    return sorted(chosen, key=rank)


def _components(near: Mapping[str, set[str]]) -> list[set[str]]:
    import networkx as nx

    return sorted(nx.connected_components(nx.Graph(near)), key=lambda group: (-len(group), min(group)))


def _grow(
    near: Mapping[str, set[str]], start: str, rank: Callable[[str], tuple[int, int, str]], room: int
) -> list[str]:
    """Take the best ranked node next to those taken, again and again."""
    taken: list[str] = []
    seen, open_ = {start}, [rank(start)]
    while open_ and len(taken) < room:
        node = heapq.heappop(open_)[-1]
        taken.append(node)
        for other in near[node] - seen:
            seen.add(other)
            heapq.heappush(open_, rank(other))
    return taken


def with_reserve(subject: Subject, nodes: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes that the reader can bring in: the best neighbours of those shown, in turn."""
    room = min(MOST_IN_RESERVE, RESERVE * len(nodes), MAX_NETWORK - len(nodes) - 1)
    if room <= 0 or subject.on_demand:
        return ()
    shown = set(nodes)
    found = neighbours(subject, nodes, 2 * FANOUT)
    in_turn = (near for turn in zip_longest(*found.values()) for near in turn if near is not None)
    return tuple(near for near in dict.fromkeys(in_turn) if near not in shown)[:room]


def drawn(
    subject: Subject, nodes: Sequence[str], reserve: Sequence[str], papers: Sequence[str]
) -> tuple[tuple[Line, ...], int]:
    """Return the lines that are drawn between these nodes, and how many of those shown are left out."""
    shown = {*nodes, *papers}
    lines = sorted(subject.lines_between((*nodes, *reserve), papers), key=by_support)
    within = [line for line in lines if {line.source, line.target} <= shown]
    beyond = [line for line in lines if not {line.source, line.target} <= shown]
    kept = strongest(within, LINES_PER_NODE * len(shown))
    return (*kept, *strongest(beyond, LINES_PER_NODE * len(reserve))), len(within) - len(kept)


def strongest(lines: Sequence[Line], limit: int) -> list[Line]:
    """Keep the first `limit` lines, and every line that joins what the lines before it do not (Kruskal 1956).

    So no part of the picture comes off. Lines from a paper and between the same terms are kept too.
    """
    from networkx.utils import UnionFind

    joined = UnionFind()
    kept = []
    for position, line in enumerate(lines):
        joins = joined[line.source] != joined[line.target]
        if joins or position < limit or line.type in _ALWAYS_DRAWN:
            kept.append(line)
        joined.union(line.source, line.target)
    return kept
