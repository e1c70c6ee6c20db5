"""Every query of the library over graphs of 3,000 papers: the same rows on both engines, in order and in type."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kgraph.analyze import analyze_store, write_analysis
from kgraph.build import build
from kgraph.query import Query, list_queries, run_query
from kgraph.query.parameters import NODE_LABELS
from kgraph.schema import ENTITY_LABELS, METHOD
from kgraph.store import Store, open_store, read_store, sync_store
from tests.neo4j_server import LTS
from tests.synthetic import synthetic_graph

pytestmark = pytest.mark.neo4j
PAPERS = 3_000
ARXIV = Path(__file__).parents[3] / "shared" / "data" / "arxiv-50k.jsonl.gz"
QUERIES = list_queries()
# Where in the order by papers an entity stands: a hub, a middling one, the tail.
RANKS = (0.0, 0.01, 0.6)
BOUNDS = ({}, {"min_papers": 2}, {"min_confidence": 0.6})
OF_ONE_QUERY = {"many-aliases": {"least": 2}}
# Graphs that are well made have nothing for these, and the entities of a rank may bear a name alone.
MAY_BE_EMPTY = ("papers-without", "same-terms", "supertasks")


class Engines(NamedTuple):
    """One graph in both engines, and its entities of each label, the one that most papers speak of first."""

    embedded: Store
    server: Store
    ranked: dict[str, list[str]]


@pytest.fixture(scope="session")
def graph_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the embedded database of a graph by its name; each is made once, whatever servers there are."""

    @cache
    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / "graph.kg"
        if name == "arxiv":
            _build_arxiv(folder)
        else:
            with open_store(folder) as store:
                sync_store(store, *synthetic_graph(PAPERS))
        with open_store(folder) as store:
            write_analysis(store, analyze_store(store))
        return folder

    return make


@pytest.fixture(scope="module", params=["synthetic", "arxiv"])
def engines(request: pytest.FixtureRequest, graph_folder: Callable[[str], Path], neo4j_url: str) -> Iterator[Engines]:
    if request.param == "arxiv" and not ARXIV.is_file():
        pytest.skip(f"{ARXIV} is not here")
    folder = graph_folder(request.param)
    with open_store(folder, read_only=True) as embedded, open_store(neo4j_url) as server:
        if not _is_lts(server):
            pytest.skip("to save time, large graphs are compared with the long-term line alone")
        sync_store(server, *read_store(embedded))
        write_analysis(server, analyze_store(embedded))
        yield Engines(embedded, server, {label: _ranked(embedded, label) for label in ENTITY_LABELS})


def _is_lts(server: Store) -> bool:
    # The current line lists its versions of Cypher as components, too.
    rows = server.run("CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions")
    return rows == [{"versions": [LTS]}]


def _build_arxiv(folder: Path) -> None:
    papers = folder.with_name("papers.jsonl")
    with gzip.open(ARXIV, "rt", encoding="utf-8") as lines:
        papers.write_text("".join(islice(lines, PAPERS)), encoding="utf-8")
    build([papers], folder, model="fast", workers=2)


def _ranked(store: Store, label: str) -> list[str]:
    return [row["id"] for row in run_query(store, "top-entities", type=label, limit=100_000)]


def _arguments(query: Query, engines: Engines, rank: float) -> dict[str, Any]:
    """Return a value for each parameter that needs one; of several entities of a label, neighbours in rank."""
    nodes = {label: iter(ids[int(rank * len(ids)) :]) for label, ids in engines.ranked.items()}
    known = _hub_values(engines.embedded, engines.ranked[METHOD][0]) | OF_ONE_QUERY.get(query.name, {})
    values = {p.name: known[p.name] for p in query.parameters if p.name in known}
    for parameter in query.parameters:
        if parameter.type in NODE_LABELS and parameter.name not in values:
            values[parameter.name] = next(nodes[METHOD if parameter.type == "Entity" else parameter.type])
    return values


def _hub_values(store: Store, hub: str) -> dict[str, Any]:
    """Return values that are not drawn by rank: they belong together, so that there are rows."""
    (entity,) = run_query(store, "entity", id=hub)
    paper, relation = (run_query(store, name, entity=hub)[0]["id"] for name in ("papers-for-entity", "relations-from"))
    years = [row["year"] for row in run_query(store, "papers-by-year") if row["year"]]
    year = {"year": years[0], "since": years[-1]}
    return {"id": hub, "text": entity["name"], "paper": paper, "source": hub, "target": relation} | year


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_gives_the_same_rows_in_the_same_order(engines: Engines, query: Query) -> None:
    takes = {parameter.name for parameter in query.parameters}
    asks_for_node = any(parameter.type in NODE_LABELS for parameter in query.parameters)
    answered = 0
    for rank in RANKS if asks_for_node else RANKS[:1]:
        for bounds in BOUNDS if "min_papers" in takes else BOUNDS[:1]:
            asked = _arguments(query, engines, rank) | bounds
            rows, others = (run_query(store, query.name, **asked) for store in (engines.embedded, engines.server))
            # As text: 1 and 1.0 are not the same, and columns have an order.
            assert repr(rows) == repr(others), asked
            answered += len(rows)
    assert answered or query.name.startswith(MAY_BE_EMPTY), "there is nothing to compare"
