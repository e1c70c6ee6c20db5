"""Pictures of a networkx graph: one of `kgraph.graph`, whole or filtered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from kgraph.schema import PAPER, RELATION_ENDS, ROLE_TYPES, SAME_TERM_AS, Statement
from kgraph.support import support
from kgraph.view.subject.base import (
    PERIOD_LENGTHS,
    Evidence,
    Key,
    Line,
    Node,
    Period,
    Subject,
    line_key,
    role_line,
    same_term,
)
from kgraph.view.subject.names import cited, web_address
from kgraph.view.subject.surest import Surest

if TYPE_CHECKING:
    import networkx as nx

_ROLES: Final = frozenset(ROLE_TYPES.values())


class GraphInMemory(Subject):
    """A graph of `kgraph.graph` as the subject of pictures."""

    def __init__(self, graph: nx.MultiDiGraph) -> None:
        self._graph = graph

    def size(self) -> tuple[int, int]:
        """See `Subject.size`."""
        return len(self._entities), len(self._graph) - len(self._entities)

    def nodes(self, ids: Collection[str]) -> dict[str, Node]:
        """See `Subject.nodes`."""
        return {node_id: self._node(node_id) for node_id in sorted(ids) if node_id in self._graph}

    def papers_of(self, ids: Collection[str] | None = None) -> dict[str, int]:
        """See `Subject.papers_of`."""
        wanted = self._entities if ids is None else [one for one in ids if one in self._graph]
        return {one: len({stated.paper_id for stated in self._roles(one)}) for one in wanted}

    def entities_of(self, paper_id: str) -> list[str]:
        """See `Subject.entities_of`."""
        if paper_id not in self._graph:
            return []
        found = ((-edge["score"], target) for _, target, edge in self._graph.out_edges(paper_id, data=True))
        return list(dict.fromkeys(target for _, target in sorted(found)))

    def lines(self) -> list[Line]:
        """See `Subject.lines`."""
        return [self._lines[key] for key in sorted(self._lines)]

    def lines_of(self, entities: Collection[str]) -> list[Line]:
        """See `Subject.lines_of`."""
        found = {line.key: line for one in entities for line in self._touching.get(one, ())}
        return [found[key] for key in sorted(found)]

    def lines_between(self, entities: Collection[str], papers: Collection[str] = ()) -> list[Line]:
        """See `Subject.lines_between`."""
        among = set(entities)
        lines = (line for line in self.lines_of(among) if {line.source, line.target} <= among)
        roles = (one for paper in papers for one in self._statements(paper) if one.target in among)
        return [*lines, *map(role_line, roles)]

    def evidence(self, nodes: Sequence[Node], lines: Sequence[Line], most: int) -> Evidence:
        """See `Subject.evidence`."""
        surest = Surest(nodes, lines, most)
        surest.add(self._all_statements())
        fields = self._graph.nodes
        return surest.evidence({one: cited({"id": one, **fields[one]}) for one in sorted(surest.paper_ids())})

    def periods(self, by: Period) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
        """See `Subject.periods`."""
        length = PERIOD_LENGTHS[by]
        papers = ((one, node) for one, node in self._graph.nodes(data=True) if node["label"] == PAPER)
        dated = {
            one: node["published"][:length] for one, node in papers if node["year"] and len(node["published"]) >= length
        }
        counts = Counter(
            (entity, dated[paper]) for entity in self._entities for paper in self._graph.pred[entity] if paper in dated
        )
        return dict(sorted(Counter(dated.values()).items())), [(*key, counts[key]) for key in sorted(counts)]

    @cached_property
    def _entities(self) -> list[str]:
        return sorted(node for node, label in self._graph.nodes(data="label") if label != PAPER)

    @cached_property
    def _lines(self) -> dict[Key, Line]:
        """The lines that papers state, by key."""
        stated: dict[Key, list[Statement]] = defaultdict(list)
        for one in self._all_statements():
            if one.type in RELATION_ENDS:
                stated[line_key(one)].append(one)
        return {key: _line(key, found) for key, found in stated.items()}

    @cached_property
    def _touching(self) -> dict[str, list[Line]]:
        same = (edge[:2] for edge in self._graph.edges(data="type") if edge[2] == SAME_TERM_AS)
        touching: dict[str, list[Line]] = defaultdict(list)
        for line in (*self.lines(), *(same_term(*pair) for pair in sorted(same))):
            touching[line.source].append(line)
            touching[line.target].append(line)
        return touching

    def _node(self, node_id: str) -> Node:
        fields: Mapping[str, Any] = self._graph.nodes[node_id]
        if fields["label"] == PAPER:
            told = cited({"id": node_id, **fields})
            degree = len(self._graph.succ[node_id])
            authors = tuple(fields["authors"])
            return Node(node_id, PAPER, told.title, 1, degree, told.year, told.year, (), told.url, authors)
        roles = list(self._roles(node_id))
        years = [stated.year for stated in roles if stated.year]
        return Node(
            node_id,
            fields["label"],
            fields["name"].strip() or node_id,
            len({stated.paper_id for stated in roles}),
            len({*self._ends(node_id)} - {node_id}),
            min(years, default=None),
            max(years, default=None),
            tuple(fields["aliases"]),
            web_address(fields),
        )

    def _ends(self, entity_id: str) -> Iterator[str]:
        return (end for line in self._touching.get(entity_id, ()) for end in (line.source, line.target))

    def _roles(self, entity_id: str) -> Iterator[Statement]:
        for source, target, key, edge in self._graph.in_edges(entity_id, keys=True, data=True):
            if edge["type"] in _ROLES:
                yield Statement(id=key, source=source, target=target, **edge)

    def _statements(self, node_id: str) -> Iterator[Statement]:
        for source, target, key, edge in self._graph.out_edges(node_id, keys=True, data=True):
            if edge["type"] != SAME_TERM_AS:
                yield Statement(id=key, source=source, target=target, **edge)

    def _all_statements(self) -> Iterator[Statement]:
        return (one for node_id in self._graph for one in self._statements(node_id))


def _line(key: Key, statements: Iterable[Statement]) -> Line:
    found = list(statements)
    papers, confidence = support((one.paper_id, one.score) for one in found)
    years = [one.year for one in found if one.year]
    return Line(*key, papers, confidence, len(found), min(years, default=None), max(years, default=None))
