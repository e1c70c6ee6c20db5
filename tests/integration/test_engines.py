"""The sample on a real Neo4j: loading twice changes nothing, and every query gives the rows of the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.analyze import analyze_store, write_analysis
from kgraph.build import build
from kgraph.cli import main
from kgraph.query import Query, count_graph, explain, list_queries, run_query
from kgraph.sample import sample_path
from kgraph.store import Store, open_store, read_store, sync_store
from kgraph.store.relations import FEW
from kgraph.view.subject.stored import READ_ALL
from tests.strategies import Graph, linked_papers, small_graph
from tests.test_query import UNANSWERED
from tests.test_query import arguments as small_arguments
from tests.test_view_subject import (
    check_a_filtered_store_has_the_relations_of_the_filtered_graph,
    check_a_store_tells_what_the_graph_tells,
)

pytestmark = pytest.mark.neo4j
QUERIES = list_queries()
VIEWS = (
    ["--focus", "ImageNet", "--min-confidence", "0.3"],
    ["--focus", "sample-020"],
    ["--topic", "object detection"],
    ["--lineage"],
    ["--compare", "ImageNet", "COCO"],
    ["--trend"],
    ["--overview"],
    ["--query", "builds-on", "-p", "method=SeedDETR"],
    [],
)
BOUNDS = ({}, {"min_papers": 2}, {"min_confidence": 0.6}, {"min_papers": 2, "min_confidence": 0.8})


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engines") / "sample.kg"
    build([sample_path()], folder)
    return folder


@pytest.fixture(scope="module")
def embedded(db: Path) -> Iterator[Store]:
    with open_store(db, read_only=True) as store:
        yield store


def arguments(query: Query) -> dict[str, Any]:
    """Return what the example of a query asks, without its limit."""
    asked = dict(query.example_values)
    return asked | {"limit": 1000} if any(p.name == "limit" for p in query.parameters) else asked


def test_loading_twice_says_no_changes_and_leaves_equal_counts(
    db: Path, embedded: Store, neo4j_store: Store, neo4j_url: str
) -> None:
    said = [CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]) for _ in range(2)]
    assert [result.exit_code for result in said] == [0, 0], said[0].output
    assert "61 papers added" in said[0].stderr
    assert "database: 0 changes" in said[1].stderr
    assert count_graph(neo4j_store) == count_graph(embedded)
    entities, papers = read_store(neo4j_store)
    expected, expected_papers = read_store(embedded)
    assert (entities, list(papers)) == (expected, list(expected_papers))


def test_every_query_gives_the_same_rows_in_the_same_order(
    db: Path, embedded: Store, neo4j_store: Store, neo4j_url: str
) -> None:
    assert CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]).exit_code == 0
    for query in QUERIES:
        takes = {parameter.name for parameter in query.parameters}
        for bounds in BOUNDS if "min_papers" in takes else BOUNDS[:1]:
            rows = run_query(embedded, query.name, **arguments(query), **bounds)
            assert rows == run_query(neo4j_store, query.name, **arguments(query), **bounds), (query.name, bounds)


def test_why_gives_the_same_rows(db: Path, embedded: Store, neo4j_store: Store, neo4j_url: str) -> None:
    assert CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]).exit_code == 0
    for row in run_query(embedded, "relations-to", entity="ImageNet"):
        assert explain(embedded, row["id"], "ImageNet") == explain(neo4j_store, row["id"], "ImageNet") != []


def test_every_query_has_the_same_answer_in_the_small_graph(neo4j_store: Store, ladybug_store: Store) -> None:
    for store in (neo4j_store, ladybug_store):
        sync_store(store, *small_graph())
        write_analysis(store, analyze_store(store))
    for query in QUERIES:
        rows = run_query(ladybug_store, query.name, **small_arguments(query))
        assert bool(rows) == (query.name not in UNANSWERED), query.name
        assert rows == run_query(neo4j_store, query.name, **small_arguments(query)), query.name


@pytest.mark.parametrize("command", [["stats"], ["show", "ImageNet"], ["search", "net"], ["query", "top-entities"]])
def test_reading_commands_take_the_url_of_a_server(
    db: Path, neo4j_store: Store, neo4j_url: str, command: list[str]
) -> None:
    assert CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]).exit_code == 0
    answers = [CliRunner().invoke(main, [*command, "--db", where]) for where in (neo4j_url, str(db))]
    assert [answer.exit_code for answer in answers] == [0, 0], answers[0].output
    assert answers[0].stdout == answers[1].stdout


def test_view_and_export_read_from_a_server(db: Path, neo4j_store: Store, neo4j_url: str, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]).exit_code == 0
    for number, command in enumerate((["export", "jsonl"], *(["view", *options] for options in VIEWS))):
        for where, name in ((neo4j_url, "server"), (str(db), "file")):
            result = CliRunner().invoke(main, [*command, "-o", str(tmp_path / f"{name}-{number}"), "--db", where])
            assert result.exit_code == 0, result.output
    for number in range(1, len(VIEWS) + 1):
        assert (tmp_path / f"server-{number}").read_bytes() == (tmp_path / f"file-{number}").read_bytes(), number
    for part in ("nodes.jsonl", "edges.jsonl"):
        assert (tmp_path / "server-0" / part).read_bytes() == (tmp_path / "file-0" / part).read_bytes()


@settings(max_examples=10)
@given(
    graph=linked_papers(max_papers=5),
    most=st.integers(1, 5),
    few=st.sampled_from([0, FEW]),
    some=st.sampled_from([0, READ_ALL]),
)
def test_a_server_tells_pictures_what_the_graph_tells(
    neo4j_store: Store, graph: Graph, most: int, few: int, some: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgraph.store.relations.FEW", few)
        patch.setattr("kgraph.view.subject.stored.READ_ALL", some)
        check_a_store_tells_what_the_graph_tells(neo4j_store, graph, most)


@settings(max_examples=10)
@given(
    graph=linked_papers(max_papers=6), min_papers=st.integers(1, 3), min_confidence=st.sampled_from([0, 0.3, 0.5, 0.9])
)
def test_a_server_shows_the_relations_of_the_filtered_graph(
    neo4j_store: Store, graph: Graph, min_papers: int, min_confidence: float
) -> None:
    check_a_filtered_store_has_the_relations_of_the_filtered_graph(neo4j_store, graph, min_papers, min_confidence)


def test_a_wrong_password_is_one_line_without_the_password(db: Path, neo4j_url: str) -> None:
    user_and_password, _, host = neo4j_url.rpartition("@")
    scheme = user_and_password.partition("://")[0]
    result = CliRunner().invoke(main, ["load", f"{scheme}://neo4j:not-the-one@{host}", "--db", str(db)])
    assert result.exit_code == 1
    assert "not-the-one" not in result.output
    assert "password" in result.stderr
    assert result.stderr.count("\n") == 1
