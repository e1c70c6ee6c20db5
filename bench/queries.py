"""Time of every query of the library, on one database or on two side by side, warm.

    python bench/queries.py DATABASE [DATABASE] [--runs 20] [--only NAME...] [--plans]

A database is a folder of the embedded engine or the URL of a Neo4j server; two hold the same graph. What a query is
asked about comes from the graph of the first: the hub is the entity that most papers name (or the paper that names
most), the tail one that a single paper names, and the middling one lies between them on a logarithmic scale. Where a
query takes a second one, it is the next in that order, and, in a row of its own, the hub's nearest neighbour.

Prints one row a query and place: how many rows came, and in milliseconds the median and the 95th percentile of the
Cypher text alone, and the latter of `run_query`, which looks names up first. "!" marks what is over its budget: 50 ms
for a question that starts at an entity or paper, 200 ms at the hub, and one second for one about the whole graph.
`--plans` prints how the engine ran each text that is over. What takes seconds is run less often.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Final

from bench.server import Server
from kgraph.errors import KgraphError
from kgraph.query import Parameter, Query, find_query, list_queries, run_query
from kgraph.query.parameters import NODE_LABELS, check_parameters
from kgraph.schema import ENTITY_LABELS, METHOD, PAPER, RELATION_TYPES, ROLE_TYPES
from kgraph.store import Store, is_server, open_store

ENTITY, HUB = "Entity", "hub"
BUDGET, HUB_BUDGET, WHOLE_GRAPH_BUDGET = 50.0, 200.0, 1000.0
WARM_RUNS: Final = 2
LEAST_RUNS, MOST_SECONDS = 5, 5.0

_CELL: Final = re.compile("[^│┌┐└┘─┬┴]+")
_OPERATOR: Final = re.compile(r"[A-Z_]+\[\d+\]")
_ROLES: Final = "|".join(ROLE_TYPES.values())
_RANKED: Final = (
    f"MATCH (p:{PAPER})-[r:{_ROLES}]->(e:{{label}}) RETURN e.id AS id, e.name AS name, count(DISTINCT p.id) AS papers "
    "ORDER BY papers DESC, id"
)
_RANKED_PAPERS: Final = (
    f"MATCH (p:{PAPER})-[r:{_ROLES}]->(e:{'|'.join(ENTITY_LABELS)}) "
    "RETURN p.id AS id, p.id AS name, count(DISTINCT e.id) AS papers ORDER BY papers DESC, id"
)
_NEAREST: Final = (
    f"MATCH (:{'|'.join(ENTITY_LABELS)} {{{{id: $id}}}})-[r:{'|'.join(RELATION_TYPES)}]->(e:{{label}}) "
    "WHERE e.id <> $id RETURN e.id AS id, e.name AS name, count(*) AS papers ORDER BY papers DESC, id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity or a paper that a query may be asked about."""

    id: str
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the values that are bound to its text, and those that a user would give."""

    query: Query
    place: str
    bound: Mapping[str, Any]
    given: Mapping[str, Any]

    @property
    def budget(self) -> float:
        """Return how many milliseconds it may take."""
        if not self.place:
            return WHOLE_GRAPH_BUDGET
        return HUB_BUDGET if self.place.startswith(HUB) else BUDGET


@dataclass(frozen=True, slots=True)
class Times:
    """What a query cost in one database, in milliseconds, by its text alone and by name; and how many rows came."""

    rows: int
    median: float
    slow: float
    by_name: float


def places(store: Store) -> dict[str, dict[str, list[Node]]]:
    """Return by label (also Entity and Paper) and place three nodes that follow each other."""
    ranked = {label: _nodes(store, _RANKED.format(label=label)) for label in ENTITY_LABELS}
    ranked[ENTITY] = sorted((node for nodes in ranked.values() for node in nodes), key=lambda node: -node.papers)
    ranked[PAPER] = _nodes(store, _RANKED_PAPERS)
    return {label: _pick(nodes) for label, nodes in ranked.items()}


def _nodes(store: Store, cypher: str, **parameters: Any) -> list[Node]:
    return [Node(**row) for row in store.run(cypher, parameters)]


def _pick(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    if len(nodes) < 2:
        sys.exit("the graph is too small: it must have two entities of each label, and two papers")
    middling = sqrt(nodes[0].papers * nodes[-1].papers)
    starts = {
        HUB: 0,
        "middling": next(place for place, node in enumerate(nodes) if node.papers <= middling),
        "tail": next(place for place, node in enumerate(nodes) if node.papers == nodes[-1].papers),
    }
    return {name: [nodes[(start + step) % len(nodes)] for step in range(3)] for name, start in starts.items()}


def ask(store: Store, query: Query, places: Mapping[str, Mapping[str, Sequence[Node]]]) -> Iterator[Asked]:
    """Yield a query at every place, and at the hub with its nearest neighbour; once where it starts nowhere."""
    starts = [(parameter.name, label) for parameter in query.parameters if (label := _label(parameter))]
    if not starts:
        yield _asked(query, "", {}, places[ENTITY][HUB][0])
        return
    labels = [label for _, label in starts]
    for place in places[PAPER]:
        nodes = {name: places[label][place][labels[:nth].count(label)] for nth, (name, label) in enumerate(starts)}
        about, *others = nodes.values()
        yield _asked(query, place, nodes, about)
        if place == HUB and others and (near := _nearest(store, about, labels[1])):
            yield _asked(query, f"{HUB}, near", nodes | {starts[1][0]: near}, about)


def _label(parameter: Parameter) -> str:
    """Return which nodes a parameter takes and must be given, "" where it takes none."""
    if parameter.default is not None:
        return ""
    if parameter.name == "paper" and parameter.type == "str":
        return PAPER
    return parameter.type if parameter.type in (PAPER, *NODE_LABELS) else ""


def _nearest(store: Store, node: Node, label: str) -> Node | None:
    labels = "|".join(NODE_LABELS.get(label, ENTITY_LABELS))
    return next(iter(_nodes(store, _NEAREST.format(label=labels), id=node.id)), None)


def _asked(query: Query, place: str, nodes: Mapping[str, Node], about: Node) -> Asked:
    missing = [parameter for parameter in query.parameters if parameter.default is None]
    others = {parameter.name: _any_value(parameter, about) for parameter in missing if parameter.name not in nodes}
    given = others | {name: node.name for name, node in nodes.items()}
    bound = check_parameters(query, others | {name: node.id for name, node in nodes.items()})
    return Asked(query, place, bound, given)


def _any_value(parameter: Parameter, about: Node) -> Any:
    values = {"int": 2, "float": 0.5, "year": 2020, "Label": METHOD, "str": about.name}
    return values.get(parameter.type, parameter.type.partition(".")[0])


def measure(store: Store, asked: Asked, runs: int) -> Times:
    """Ask several times, and by name as well."""
    cypher = find_query(asked.query.name, store.engine).cypher
    text = times_of(lambda: store.run(cypher, asked.bound), runs)
    named = times_of(lambda: run_query(store, asked.query.name, **asked.given), runs)
    rows = len(store.run(cypher, asked.bound))
    return Times(rows, percentile(text, 0.5), percentile(text, 0.95), percentile(named, 0.95))


def times_of(work: Callable[[], object], runs: int) -> list[float]:
    """Return the milliseconds of each run, after some that warm up; of fewer runs where they take seconds."""
    for _ in range(WARM_RUNS):
        work()
    times: list[float] = []
    while len(times) < runs and (len(times) < LEAST_RUNS or sum(times) < 1000 * MOST_SECONDS):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return times


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of the values that at least this share of them does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def plan(url: str, store: Store, asked: Asked) -> str:
    """Run a query and return how the engine did it: as Neo4j draws it, and in one line an operator of the embedded."""
    profiled = f"PROFILE {find_query(asked.query.name, store.engine).cypher}"
    if not is_server(url):
        return outline(str(next(iter(store.run(profiled, asked.bound)[0].values()))))
    with Server(url) as server, server.driver.session(default_access_mode="READ") as session:
        profile = session.run(profiled, dict(asked.bound)).consume().profile
        return str(profile["args"]["string-representation"]) if profile else "no plan"


def outline(drawn: str) -> str:
    """Return the operators of a plan that is drawn as boxes, from the last to the first, one a line."""
    boxes: list[tuple[float, list[str]]] = []
    level: list[tuple[float, list[str]]] = []
    for line in drawn.splitlines():
        found = [(cell.start() + cell.end(), cell[0].strip()) for cell in _CELL.finditer(line)]
        cells = [(centre, text) for centre, text in found if text.strip("-")]
        if any(_OPERATOR.fullmatch(text) for _, text in cells):
            level = [(centre, [text]) for centre, text in cells]
            boxes += level
        elif level:
            for centre, text in cells:
                min(level, key=lambda box: abs(box[0] - centre))[1].append(text)
    return "\n".join("  ".join(texts) for _, texts in boxes)


def print_row(asked: Asked, times: Sequence[Times]) -> None:
    """Print a query and what it cost in each database."""
    rows = " / ".join(map(str, dict.fromkeys(one.rows for one in times)))
    cells = [f"| {asked.query.name} | {asked.place or '–'} | {rows} |"]
    for one in times:
        slow, by_name = (f"{ms:.1f}{' !' if ms > asked.budget else ''}" for ms in (one.slow, one.by_name))
        cells.append(f" {one.median:.1f} | {slow} | {by_name} |")
    print("".join(cells), flush=True)


def main() -> None:
    """Measure every query at every place in every database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="+", metavar="DATABASE")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", nargs="+", help="names of queries")
    parser.add_argument("--plans", action="store_true")
    args = parser.parse_args()
    stores = [open_store(url, read_only=True) for url in args.databases]
    nodes = places(stores[0])
    for label, picked in nodes.items():
        said = "; ".join(f"{place}: {found[0].name} ({found[0].papers:,})" for place, found in picked.items())
        print(f"{label}: {said}")
    columns = "".join(f" {store.engine} p50 | p95 | p95 by name |" for store in stores)
    print(f"\n| query | asked about | rows |{columns}\n| --- | --- | ---: |{' ---: | ---: | ---: |' * len(stores)}")
    over: list[tuple[str, Store, Asked]] = []
    for query in list_queries():
        for asked in ask(stores[0], query, nodes) if not args.only or query.name in args.only else ():
            times = [measure(store, asked, args.runs) for store in stores]
            print_row(asked, times)
            slow = zip(args.databases, stores, times, strict=True)
            over += [(url, store, asked) for url, store, found in slow if found.slow > asked.budget]
    print(f"\n{len(over)} of the texts are over their budget")
    for url, store, asked in over if args.plans else ():
        print(f"\n{asked.query.name}, {asked.place or 'whole graph'}, {store.engine}:\n{plan(url, store, asked)}")


if __name__ == "__main__":
    try:
        main()
    except KgraphError as error:
        sys.exit(str(error))
