"""Which nodes and lines a picture shows: few enough to read, the best supported first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kgraph.errors import NotFoundError, UsageError
from kgraph.schema import PAPER, RELATION_TYPES, ROLE_TYPES, Statement

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES: Final = 1000
FANOUT: Final = 12  # how many neighbours a node that is not the focus may bring in: a hub would bring hundreds
LINES_PER_NODE: Final = 3  # beyond this many lines a node on average, only the best supported are drawn

SYMMETRIC: Final = "COMPARED_WITH"  # a statement of this type is the same read backwards: both ways are one line

_RELATIONS: Final = frozenset(RELATION_TYPES)
_ROLES: Final = frozenset(ROLE_TYPES.values())


@dataclass(frozen=True, slots=True)
class Line:
    """All statements of one type between two nodes, the surest first; `papers` counts the papers behind it.

    It leads from `source` to `target`; of a symmetric type it holds the statements of both directions.
    """

    type: str
    source: str
    target: str
    papers: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes of a picture (the focus first, then by support), its lines, and how many lines were left out."""

    nodes: tuple[str, ...]
    lines: tuple[Line, ...]
    lines_left_out: int


def select_picture(graph: nx.MultiDiGraph, focus: str | None, depth: int, limit: int) -> Selection:
    """Choose what a picture shows.

    With a focus: the nodes within `depth` relations of it (of a paper: its entities first), nearest first, then by
    support, which is the number of distinct papers that speak of a node. Without: connected entities, grown from the
    most supported one of each component, largest components first. Raises `NotFoundError` for an unknown focus and
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


def support(graph: nx.MultiDiGraph, node: str) -> int:
    """Count the distinct papers that speak of an entity; a paper has its own word only."""
    if graph.nodes[node]["label"] == PAPER:
        return 1
    return len({paper for _, _, paper in graph.in_edges(node, data="paper_id")})


def related(graph: nx.MultiDiGraph, node: str) -> set[str]:
    """Return the entities that are one relation away; of a paper: its entities."""
    near = {*graph.succ[node], *graph.pred[node]}
    return {other for other in near if other != node and graph.nodes[other]["label"] != PAPER}


def statements_between(graph: nx.MultiDiGraph, source: str, target: str) -> list[Statement]:
    """Return all statements from one node to another."""
    keyed = graph.adj[source][target].items()
    return [Statement(id=key, source=source, target=target, **attributes) for key, attributes in keyed]


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
    """Ranks the nodes of one graph and grows a picture from the best ones; remembers the support it has counted."""

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
            chosen += self._grow(min(component, key=self.rank), limit - len(chosen))
        return sorted(chosen, key=self.rank)

    def rank(self, node: str) -> tuple[int, int, str]:
        """Sort key: most supported first, then best connected, then by id."""
        if node not in self._ranks:
            self._ranks[node] = (-support(self._graph, node), -len(related(self._graph, node)), node)
        return self._ranks[node]

    def _brought_in(self, node: str, focus: str) -> list[str]:
        near = sorted(related(self._graph, node), key=self.rank)
        return near if node == focus else near[:FANOUT]

    @cached_property
    def _components(self) -> list[set[str]]:
        """The groups of entities that relations hold together, the largest first; an entity on its own is none."""
        import networkx as nx

        relations = nx.Graph()
        relations.add_edges_from(
            (source, target) for source, target, type_ in self._graph.edges(data="type") if type_ in _RELATIONS
        )
        groups = [group for group in nx.connected_components(relations) if len(group) > 1]
        return sorted(groups, key=lambda group: (-len(group), min(group)))

    def _grow(self, start: str, room: int) -> list[str]:
        """Take the best ranked node next to those taken, again and again: what is taken always hangs together."""
        taken: list[str] = []
        seen, open_ = {start}, [self.rank(start)]
        while open_ and len(taken) < room:
            node = heapq.heappop(open_)[-1]
            taken.append(node)
            for near in related(self._graph, node) - seen:
                seen.add(near)
                heapq.heappush(open_, self.rank(near))
        return taken


def _lines_between(graph: nx.MultiDiGraph, nodes: Iterable[str]) -> list[Line]:
    """Return the lines that join these nodes, the best supported first."""
    chosen = set(nodes)
    stated: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for source in chosen:
        for target in chosen & graph.adj[source].keys():
            for statement in statements_between(graph, source, target):
                stated[_ends(statement)].append(statement)
    lines = [
        Line(*key, len({statement.paper_id for statement in found}), tuple(sorted(found, key=_sureness)))
        for key, found in stated.items()
    ]
    return sorted(lines, key=lambda line: (-line.papers, line.source, line.target, line.type))


def _ends(statement: Statement) -> tuple[str, str, str]:
    if statement.type == SYMMETRIC:
        return statement.type, min(statement.source, statement.target), max(statement.source, statement.target)
    return statement.type, statement.source, statement.target


def _strongest(lines: list[Line], limit: int) -> list[Line]:
    """Keep the first `limit` lines, and every line that joins what the lines before it do not (Kruskal 1956).

    So no part of the picture comes off. Lines from a paper are kept too.
    """
    from networkx.utils import UnionFind

    joined = UnionFind()
    kept = []
    for position, line in enumerate(lines):
        joins = joined[line.source] != joined[line.target]
        if joins or position < limit or line.type in _ROLES:
            kept.append(line)
        joined.union(line.source, line.target)
    return kept
