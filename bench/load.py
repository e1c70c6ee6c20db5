"""Time and memory of loading a graph into Neo4j, against writing the same rows without kgraph, in one run.

    python bench/load.py [--neo4j URL] [--papers 3000] [--db GRAPH.kg] [--rounds 3]
    python bench/load.py --scale [--neo4j URL] [--papers 50000]

The graph is a synthetic one of so many papers, or that of an embedded database. The server is the one at URL, which
must be empty and is emptied again, else one that is started for the run (see `tests/neo4j_server.py`).

The first form loads by kgraph, and again, where nothing has changed; by one MERGE a row, for which every twentieth row
is written and the time is projected to all; and by `UNWIND ... CREATE` of 1,000 rows without constraints on
relationships (the shape of neo4j-graphrag's writer; a second run would double everything). Times are the best of the
rounds; before each, a part of the graph is loaded in the same way and deleted, to warm the server up.

`--scale` prints what each fifth of the papers costs as the graph grows, without the time that making them takes.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bench.graphs import Edges, Nodes, Rows, StreamedGraph, count_rows, read_rows
from bench.server import Server, empty_server
from kgraph.batches import batches
from kgraph.schema import Entity, LinkedPaper
from kgraph.store import Row, open_store, read_store, sync_store
from kgraph.store.sync import sync_source
from tests.synthetic import synthetic_graph

PLAIN_BATCH: Final = 1000
SAMPLED: Final = 20
SMALL, LARGE, WARMING = 3_000, 50_000, 600
# Targets: what kgraph's load is measured by.
TIMES_ONE_BY_ONE, TIMES_PLAIN, SECONDS_AGAIN = 25, 1.15, 2.0

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph as kgraph takes it, and as rows."""

    entities: Mapping[str, Entity]
    papers: Sequence[LinkedPaper]
    rows: Rows


def make_graph(entities: Mapping[str, Entity], papers: Sequence[LinkedPaper]) -> Graph:
    """Make the rows of papers, and of those entities that they name."""
    named = {end for linked in papers for one in linked.statements for end in (one.source, one.target)}
    return Graph(entities, papers, read_rows((entities[key] for key in sorted(named & entities.keys())), papers))


def seconds(work: Callable[[], object]) -> float:
    """Return how long this takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def create_plainly(server: Server, rows: Rows) -> None:
    """Create nodes and edges by UNWIND, each batch a transaction."""
    _create_nodes(server, rows.nodes)
    for (kind, source, target), edges in rows.edges.items():
        ends = f"MATCH (a:{source} {{id: row.source}}) MATCH (b:{target} {{id: row.target}})"
        assigned = _assigned(edges[0].keys() - {"source", "target"})
        _run_batches(server, f"UNWIND $rows AS row {ends} CREATE (a)-[r:{kind} {{{assigned}}}]->(b)", edges)


def _create_nodes(server: Server, nodes: Nodes) -> None:
    for label, rows in nodes.items():
        _run_batches(server, f"UNWIND $rows AS row CREATE (n:{label} {{{_assigned(rows[0])}}})", rows)


def _assigned(names: Iterable[str]) -> str:
    return ", ".join(f"{name}: row.{name}" for name in sorted(names))


def _run_batches(server: Server, cypher: str, rows: Sequence[Row]) -> None:
    for batch in batches(rows, PLAIN_BATCH):
        server.driver.execute_query(cypher, {"rows": batch})


def merge_one_by_one(server: Server, rows: Rows) -> float:
    """Merge every twentieth node and edge in a transaction of its own; return how long all of them would take."""
    nodes, others = _parted(rows.nodes)
    edges, _ = _parted(rows.edges)
    merging_nodes = seconds(lambda: _merge_nodes(server, nodes))
    _create_nodes(server, others)
    merging_edges = seconds(lambda: _merge_edges(server, edges))
    of_nodes, of_edges = rows.counts()
    return merging_nodes * of_nodes / count_rows(nodes) + merging_edges * of_edges / count_rows(edges)


def _parted(rows: Mapping[K, list[Row]]) -> tuple[dict[K, list[Row]], dict[K, list[Row]]]:
    """Return every twentieth row, and the others."""
    others = {key: [row for place, row in enumerate(of) if place % SAMPLED] for key, of in rows.items()}
    return {key: of[::SAMPLED] for key, of in rows.items()}, {key: of for key, of in others.items() if of}


def _merge_nodes(server: Server, nodes: Nodes) -> None:
    for label, rows in nodes.items():
        for row in rows:
            server.driver.execute_query(f"MERGE (n:{label} {{id: $row.id}}) SET n += $row", {"row": row})


def _merge_edges(server: Server, edges: Edges) -> None:
    for (kind, source, target), rows in edges.items():
        ends = f"MATCH (a:{source} {{id: $source}}) MATCH (b:{target} {{id: $target}})"
        text = f"{ends} MERGE (a)-[r:{kind} {{id: $row.id}}]->(b) SET r += $row"
        for row in rows:
            own = {name: value for name, value in row.items() if name not in ("source", "target")}
            server.driver.execute_query(text, {"source": row["source"], "target": row["target"], "row": own})


def load_by_kgraph(server: Server, graph: Graph) -> dict[str, float]:
    """Load twice; return the seconds of both."""
    with open_store(server.url) as store:
        first = seconds(lambda: sync_store(store, graph.entities, graph.papers))
        _check(server, graph)
        begin = time.perf_counter()
        report = sync_store(store, graph.entities, graph.papers)
        again = time.perf_counter() - begin
    if report.unchanged != len(graph.papers) or report.entities_updated:
        sys.exit(f"a second load changed something: {report}")
    return {"kgraph": first, "again": again}


def load_one_by_one(server: Server, graph: Graph) -> dict[str, float]:
    """Merge a part of the rows, with the constraints of kgraph; return the seconds that all would take."""
    open_store(server.url).close()
    return {"one by one": merge_one_by_one(server, graph.rows)}


def load_plainly(server: Server, graph: Graph) -> dict[str, float]:
    """Create all rows, with the constraints of nodes alone; return the seconds."""
    server.drop_relationship_schema()
    took = seconds(lambda: create_plainly(server, graph.rows))
    _check(server, graph)
    return {"plain": took}


def _check(server: Server, graph: Graph) -> None:
    counted = server.count("MATCH (n)"), server.count("MATCH ()-[r]->() WHERE r.id IS NOT NULL")
    if counted != graph.rows.counts():
        sys.exit(f"there are {counted[0]} nodes and {counted[1]} statements after loading, not {graph.rows.counts()}")


def measure(server: Server, graph: Graph, rounds: int) -> None:
    """Load in all the ways, several times in turn, and print the best of each."""
    first = make_graph(graph.entities, graph.papers[:WARMING])
    times = defaultdict[str, list[float]](list)
    for _ in range(rounds):
        for load in (load_by_kgraph, load_one_by_one, load_plainly):
            for part in (first, graph):
                found = load(server, part)
                server.empty()
            for way, took in found.items():
                times[way].append(took)
    nodes, statements = graph.rows.counts()
    print(f"{len(graph.papers):,} papers, {nodes:,} nodes, {statements:,} statements\n")
    print_comparison({way: min(found) for way, found in times.items()}, statements)


def print_comparison(best: Mapping[str, float], statements: int) -> None:
    """Print what each way of loading took, and what the targets are."""
    ours, again, one_by_one, plain = (best[way] for way in ("kgraph", "again", "one by one", "plain"))
    print("| into Neo4j | seconds | statements a second | compared | target |\n| --- | ---: | ---: | --- | --- |")
    for name, took, compared, target in (
        ("kgraph", ours, "", ""),
        ("one MERGE a row", one_by_one, f"kgraph is {one_by_one / ours:.1f} times as fast", f">= {TIMES_ONE_BY_ONE}"),
        ("UNWIND CREATE", plain, f"kgraph takes {ours / plain:.2f} times as long", f"<= {TIMES_PLAIN}"),
    ):
        print(f"| {name} | {took:.2f} | {statements / took:,.0f} | {compared} | {target} |")
    print(f"| kgraph again | {again:.2f} | – | nothing has changed | < {SECONDS_AGAIN} s |")


class Fifths:
    """Prints a row whenever one more fifth of the papers is loaded; `rates` are the edges a second of each."""

    def __init__(self, server: Server, source: StreamedGraph) -> None:
        self.server, self.source, self.rates = server, source, list[float]()
        self._begin = time.perf_counter()
        self._last = self._edges = self._making = 0.0

    def loaded(self, papers: int, total: int) -> None:
        """Take notice of how many papers are loaded now, of how many."""
        if not self._last:
            print(f"| entities alone | | | {self.source.begun - self._begin:.1f} | | |")
            self._last = self.source.begun
        if papers * 5 // total > len(self.rates):
            self._print(papers)

    def _print(self, papers: int) -> None:
        now = time.perf_counter()
        took = now - self._last - (self.source.making - self._making)
        nodes, edges = self.server.count("MATCH (n)"), self.server.count("MATCH ()-[r]->()")
        self.rates.append((edges - self._edges) / took)
        cells = f"{edges:,} | {took:.1f} | {self.rates[-1]:,.0f} | {peak_mb():,.0f}"
        print(f"| {papers:,} | {nodes:,} | {cells} |", flush=True)
        self._last, self._edges, self._making = time.perf_counter(), edges, self.source.making


def measure_scale(server: Server, papers: int) -> None:
    """Load a large graph into a warm server, and print what each fifth of it cost."""
    with open_store(server.url) as store:
        sync_source(store, StreamedGraph(min(papers, WARMING), seed=1))
        server.empty()
        source = StreamedGraph(papers)
        print("| papers | nodes | edges | seconds | edges a second | peak MB of the loader |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        fifths = Fifths(server, source)
        sync_source(store, source, on_progress=fifths.loaded)
    print(f"\nThe last fifth goes in at {fifths.rates[-1] / fifths.rates[0]:.2f} times the rate of the first.")


def peak_mb() -> float:
    """Return the peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_graph(db: str | None, papers: int) -> Graph:
    """Return the graph of a database, else a synthetic one."""
    if db is None:
        entities, made = synthetic_graph(papers)
        return make_graph(entities, list(made))
    with open_store(db, read_only=True) as store:
        entities, stored = read_store(store)
        return make_graph(entities, list(stored))


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neo4j", metavar="URL")
    parser.add_argument("--papers", type=int, help="3,000, with --scale 50,000")
    parser.add_argument("--db", metavar="GRAPH.kg")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", action="store_true")
    args = parser.parse_args()
    with empty_server(args.neo4j) as server:
        if args.scale:
            measure_scale(server, args.papers or LARGE)
        else:
            measure(server, read_graph(args.db, args.papers or SMALL), args.rounds)


if __name__ == "__main__":
    main()
