"""The parts of the benches that a wrong figure could hide in; the figures themselves need a quiet machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import queries
from bench.faults import digest
from bench.graphs import StreamedGraph, read_rows
from bench.load_embedded import arrow_tables, copy_tables
from kgraph.query import count_graph, list_queries
from kgraph.store import Store, open_store, read_store, sync_source, sync_store
from kgraph.store.source import GivenGraph
from tests.synthetic import synthetic_graph

PAPERS = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "graph.kg"
    with open_store(path) as store:
        sync_source(store, StreamedGraph(PAPERS))
    return path


@pytest.fixture(scope="module")
def filled(folder: Path) -> Iterator[Store]:
    with open_store(folder, read_only=True) as store:
        yield store


def test_a_streamed_graph_is_the_same_source_as_the_one_in_memory() -> None:
    streamed, given_graph = StreamedGraph(PAPERS), GivenGraph(*synthetic_graph(PAPERS))
    for kind in ("papers", "entities"):
        assert streamed.revision_sums(kind) == given_graph.revision_sums(kind)
        buckets = sorted(given_graph.revision_sums(kind))[::2]
        assert streamed.revisions(kind, buckets) == given_graph.revisions(kind, buckets) != {}
    assert list(streamed.papers()) == list(given_graph.papers())
    assert list(streamed.entities()) == list(given_graph.entities())
    some = sorted(given_graph.revisions("papers", range(500)))
    assert [linked.paper.id for linked in streamed.papers(some)] == some
    assert streamed.making > 0


def test_the_rows_of_plain_writers_are_those_that_kgraph_stores(filled: Store) -> None:
    entities, papers = read_store(filled)
    rows = read_rows(entities.values(), papers)
    counted = count_graph(filled)
    assert {label: len(found) for label, found in rows.nodes.items()} == counted["nodes"]
    assert rows.counts()[1] == sum(counted["edges"].values()) - counted["edges"]["SAME_TERM_AS"]


def test_copy_makes_the_graph_that_kgraph_makes(tmp_path: Path, filled: Store) -> None:
    copy_tables(tmp_path / "copied.kg", arrow_tables(StreamedGraph(PAPERS)))
    with open_store(tmp_path / "copied.kg", read_only=True) as copied:
        assert list(read_store(copied)[1]) == list(read_store(filled)[1])


def test_every_query_is_asked_at_every_place_about_nodes_of_its_own_labels(filled: Store) -> None:
    places = queries.places(filled)
    for query in list_queries():
        asked = list(queries.ask(filled, query, places))
        assert {one.place for one in asked} - {"hub, near"} in ({""}, {"hub", "middling", "tail"})
        for one in asked:
            assert one.bound.keys() == {parameter.name for parameter in query.parameters}
            filled.run(query.cypher, one.bound)


def test_a_query_is_asked_by_its_text_and_by_name(filled: Store) -> None:
    query = next(query for query in list_queries() if query.name == "papers-for-entity")
    hub, _, tail = queries.ask(filled, query, queries.places(filled))
    assert queries.measure(filled, hub, runs=2).rows > queries.measure(filled, tail, runs=2).rows == 1
    assert (hub.budget, tail.budget) == (200, 50)


def test_the_hub_is_named_by_most_papers_and_the_tail_by_one(filled: Store) -> None:
    for label, found in queries.places(filled).items():
        hub, middling, tail = (found[place][0].papers for place in ("hub", "middling", "tail"))
        assert hub >= middling >= tail
        assert label == "Paper" or (hub > middling > tail == 1)
        assert all(len({node.id for node in nodes}) == 3 for nodes in found.values())


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30), st.floats(0.01, 1))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    found = queries.percentile(values, share)
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values)


def test_a_plan_is_an_operator_a_line(folder: Path, filled: Store) -> None:
    query = next(query for query in list_queries() if query.name == "papers-with-both")
    asked = next(queries.ask(filled, query, queries.places(filled)))
    lines = queries.plan(str(folder), filled, asked).splitlines()
    assert all(re.match(r"[A-Z_]+\[\d+\]  .*NumOutputTuples: \d+", line) for line in lines)
    assert len(lines) > 10


def test_a_digest_changes_with_the_graph_alone(tmp_path: Path, folder: Path, filled: Store) -> None:
    entities, papers = read_store(filled)
    linked = list(papers)
    for name, some in (("same", linked), ("other", linked[1:])):
        with open_store(tmp_path / name) as store:
            sync_store(store, entities, some)
    assert digest(str(tmp_path / "same")) == digest(str(folder)) != digest(str(tmp_path / "other"))
