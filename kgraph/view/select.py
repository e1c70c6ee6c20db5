"""Which nodes and lines a picture shows: few enough to read, the best supported first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kgraph.errors import NotFoundError, UsageError
from kgraph.schema import PAPER, RELATION_TYPES, ROLE_TYPES, SAME_TERM_AS, Statement
from kgraph.support import relation_of, support

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES: Final = 1000
FANOUT: Final = 12  # how many neighbours a node that is not the focus may bring in: a hub would bring hundreds
LINES_PER_NODE: Final = 3  # beyond this many lines a node on average, only the best supported are drawn

_RELATIONS: Final = frozenset(RELATION_TYPES)
_ALWAYS_DRAWN: Final = frozenset((*ROLE_TYPES.values(), SAME_TERM_AS))


@dataclass(frozen=True, slots=True)
class Line:
    """All statements of one type between two nodes, the surest first, with their support and confidence.

    It leads from `source` to `target`; of a symmetric type it holds the statements of both directions. A line of the
    type SAME_TERM_AS has no statements: nobody states it.
    """

    type: str
    source: str
    target: str
    papers: int
    confidence: float
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes of a picture (the focus first, then by support), its lines, and how many lines were left out."""

    nodes: tuple[str, ...]
    lines: tuple[Line, ...]
    lines_left_out: int


def select_picture(graph: nx.MultiDiGraph, focus: str | None, depth: int, limit: int) -> Selection:
    """Choose what a picture shows.

    With a focus: the nodes within `depth` lines of it (of a paper: its entities first), nearest first, then by support,
    which is the number of distinct papers that speak of a node. Without: entities that relations connect, grown from
    the most supported one of each component, largest components first. Raises `NotFoundError` for an unknown focus and
    `UsageError` for a depth or a limit that makes no picture.
    """
    if depth < 0 or not 1 <= limit <= MAX_NODES:
        raise UsageError(f"a picture needs a depth of 0 or more and a limit of 1 to {MAX_NODES} nodes")
    if focus is not None and focus not in graph:
        raise NotFoundError(f"no entity or paper has the id {focus!r}")
    picker = _Picker(graph)
    nodes = picker.core(limit) if focus is None else picker.around(focus, depth, limit)
    lines = _lines_between(graph, nodes)
    drawn = _strongest(lines, LINES_PER_NODE * len(nodes))
    return Selection(tuple(nodes), tuple(drawn), len(lines) - len(drawn))


def count_papers(graph: nx.MultiDiGraph, node: str) -> int:
    """Count the distinct papers that speak of an entity; a paper has its own word only."""
    if graph.nodes[node]["label"] == PAPER:
        return 1
    return len({paper for _, _, paper in graph.in_edges(node, data="paper_id") if paper is not None})


def related(graph: nx.MultiDiGraph, node: str) -> set[str]:
    """Return the entities that are one line away; of a paper: its entities."""
    near = {*graph.succ[node], *graph.pred[node]}
    return {other for other in near if other != node and graph.nodes[other]["label"] != PAPER}


def statements_between(graph: nx.MultiDiGraph, source: str, target: str) -> list[Statement]:
    """Return all statements from one node to another."""
    keyed = graph.adj[source][target].items()
    stated = [(key, edge) for key, edge in keyed if edge["type"] != SAME_TERM_AS]
    return [Statement(id=key, source=source, target=target, **edge) for key, edge in stated]


def role_statements(graph: nx.MultiDiGraph, entity: str) -> list[Statement]:
    """Return what papers do with an entity (propose, use, compare, mention), the strongest role and surest first."""
    found = [
        statement
        for source in graph.pred[entity]
        if graph.nodes[source]["label"] == PAPER
        for statement in statements_between(graph, source, entity)
    ]
    rank = {role: position for position, role in enumerate(ROLE_TYPES.values())}
    return sorted(found, key=lambda statement: (rank[statement.type], *_sureness(statement)))


def _sureness(statement: Statement) -> tuple[float, int, str]:
    return (-statement.score, -(statement.year or 0), statement.id)


class _Picker:
    """Ranks the nodes of one graph and grows a picture from the best ones; remembers the papers it has counted."""

    def __init__(self, graph: nx.MultiDiGraph) -> None:
        self._graph = graph
        self._ranks: dict[str, tuple[int, int, str]] = {}

    def around(self, focus: str, depth: int, limit: int) -> list[str]:
        chosen, level = {focus: None}, [focus]
        for _ in range(depth):
            found = {near for node in level for near in self._brought_in(node, focus) if near not in chosen}
            level = sorted(found, key=self.rank)[: limit - len(chosen)]
            chosen.update(dict.fromkeys(level))
        return list(chosen)

    def core(self, limit: int) -> list[str]:
        chosen: list[str] = []
        for component in self._components:
            if limit - len(chosen) < 2:
                break
            chosen += self._grow(component, limit - len(chosen))
        return sorted(chosen, key=self.rank)

    def rank(self, node: str) -> tuple[int, int, str]:
        """Sort key: most supported first, then best connected, then by id."""
        if node not in self._ranks:
            self._ranks[node] = (-count_papers(self._graph, node), -len(related(self._graph, node)), node)
        return self._ranks[node]

    def _brought_in(self, node: str, focus: str) -> list[str]:
        near = sorted(related(self._graph, node), key=self.rank)
        return near if node == focus else near[:FANOUT]

    @cached_property
    def _components(self) -> list[set[str]]:
        """The groups of entities that lines hold together, the largest first.

        An entity that no relation joins to another is in none of them.
        """
        import networkx as nx

        lines = nx.Graph()
        edges = list(self._graph.edges(data="type"))
        lines.add_edges_from((source, target) for source, target, kind in edges if kind in _RELATIONS)
        same = [(source, target) for source, target, kind in edges if kind == SAME_TERM_AS]
        lines.add_edges_from(pair for pair in same if set(pair) <= lines.nodes.keys())
        return sorted(nx.connected_components(lines), key=lambda group: (-len(group), min(group)))

    def _grow(self, component: set[str], room: int) -> list[str]:
        """Take the best ranked node next to those taken, again and again: what is taken always hangs together."""
        taken: list[str] = []
        start = min(component, key=self.rank)
        seen, open_ = {start}, [self.rank(start)]
        while open_ and len(taken) < room:
            node = heapq.heappop(open_)[-1]
            taken.append(node)
            for near in (related(self._graph, node) & component) - seen:
                seen.add(near)
                heapq.heappush(open_, self.rank(near))
        return taken


def _lines_between(graph: nx.MultiDiGraph, nodes: Iterable[str]) -> list[Line]:
    """Return the lines that join these nodes, the best supported first."""
    chosen = set(nodes)
    stated: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for source in chosen:
        for target in chosen & graph.adj[source].keys():
            for one in statements_between(graph, source, target):
                stated[relation_of(one.type, source, target)].append(one)
    same = ((source, target) for source, target, kind in graph.edges(chosen, data="type") if kind == SAME_TERM_AS)
    lines = [_line(key, found) for key, found in stated.items()]
    lines += [_line((SAME_TERM_AS, *pair), []) for pair in same if pair[1] in chosen]
    return sorted(lines, key=lambda line: (-line.papers, -line.confidence, line.source, line.target, line.type))


def _line(key: tuple[str, str, str], statements: Iterable[Statement]) -> Line:
    surest_first = tuple(sorted(statements, key=_sureness))
    papers, confidence = support((one.paper_id, one.score) for one in surest_first)
    return Line(*key, papers, confidence, surest_first)


def _strongest(lines: list[Line], limit: int) -> list[Line]:
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
