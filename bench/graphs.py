"""Synthetic graphs for the benches: one that takes no memory, and one as the rows that a plain writer needs."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kgraph.revisions import BUCKETS, Kind, entity_revision
from kgraph.schema import SAME_TERM_AS, Entity, LinkedPaper
from kgraph.store import Row
from kgraph.store.statements import graph_rows
from tests.synthetic import synthetic_graph

Nodes = dict[str, list[Row]]
Edges = dict[tuple[str, str, str], list[Row]]


class StreamedGraph:
    """A source (see `kgraph.store.source`) whose papers are made anew whenever they are asked for.

    `making` counts the seconds that this took; `begun` is the time when papers were asked for first.
    """

    def __init__(self, papers: int, seed: int = 0) -> None:
        self._size, self._seed, self.making, self.begun = papers, seed, 0.0, 0.0
        entities, made = synthetic_graph(papers, seed)
        self._entities = {
            key: replace(entity, same_term=tuple(other for other in entity.same_term if other in entities))
            for key, entity in sorted(entities.items())
        }
        self._revisions: dict[Kind, dict[str, int]] = {
            "papers": {linked.paper.id: linked.revision for linked in made},
            "entities": {key: entity_revision(entity) for key, entity in self._entities.items()},
        }

    def revision_sums(self, kind: Kind) -> Mapping[int, tuple[int, int]]:
        """See `Source.revision_sums`."""
        found = defaultdict[int, list[int]](list)
        for revision in self._revisions[kind].values():
            found[revision % BUCKETS].append(revision)
        return {bucket: (len(revisions), sum(revisions)) for bucket, revisions in found.items()}

    def revisions(self, kind: Kind, buckets: Iterable[int]) -> Mapping[str, int]:
        """See `Source.revisions`."""
        wanted = set(buckets)
        return {key: revision for key, revision in self._revisions[kind].items() if revision % BUCKETS in wanted}

    def papers(self, ids: Iterable[str] | None = None) -> Iterator[LinkedPaper]:
        """See `Source.papers`."""
        wanted = self._revisions["papers"].keys() if ids is None else set(ids)
        ready = time.perf_counter()
        self.begun = self.begun or ready
        for linked in synthetic_graph(self._size, self._seed)[1]:
            if linked.paper.id in wanted:
                self.making += time.perf_counter() - ready
                yield linked
                ready = time.perf_counter()

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        """See `Source.entities`."""
        return (self._entities[key] for key in (self._entities if ids is None else ids))


@dataclass(frozen=True, slots=True)
class Rows:
    """What a graph holds: the nodes by label, and the edges by type and the labels of their ends.

    Edges of SAME_TERM_AS are left out; `source` and `target` of the others are the ids of their ends.
    """

    nodes: Nodes
    edges: Edges

    def counts(self) -> tuple[int, int]:
        """Return the numbers of nodes and edges."""
        return count_rows(self.nodes), count_rows(self.edges)


def read_rows(entities: Iterable[Entity], papers: Iterable[LinkedPaper]) -> Rows:
    """Return the rows of these entities and papers, with all that kgraph stores of them."""
    nodes, edges = defaultdict[str, list[Row]](list), defaultdict[tuple[str, str, str], list[Row]](list)
    for table, ends, row in graph_rows(entities, papers):
        if ends is None:
            nodes[table].append(row)
        elif table != SAME_TERM_AS:
            edges[table, *ends].append(row)
    return Rows(dict(nodes), dict(edges))


def count_rows(rows: Mapping[str, list[Row]] | Mapping[tuple[str, str, str], list[Row]]) -> int:
    """Return how many rows there are in all."""
    return sum(map(len, rows.values()))
