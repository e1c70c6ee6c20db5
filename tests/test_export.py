"""Exports: the same bytes for the same graph, and everything comes back."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings

from kgraph.errors import UsageError
from kgraph.export import write_export
from kgraph.export.jsonl import read_jsonl
from kgraph.graph import KnowledgeGraph, build_graph
from tests.strategies import Graph, linked_papers, small_graph


@pytest.fixture
def graph() -> KnowledgeGraph:
    return build_graph(*small_graph())


def content(graph: KnowledgeGraph) -> tuple[dict[str, object], dict[str, object]]:
    nodes = {key: dict(node) for key, node in graph.nodes(data=True)}
    edges = {key: (source, target, dict(edge)) for source, target, key, edge in graph.edges(keys=True, data=True)}
    return nodes, edges


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_jsonl_has_a_line_a_node_and_a_line_an_edge(graph: KnowledgeGraph, tmp_path: Path) -> None:
    write_export(graph, "jsonl", tmp_path / "out")
    nodes, edges = rows(tmp_path / "out" / "nodes.jsonl"), rows(tmp_path / "out" / "edges.jsonl")
    assert [node["id"] for node in nodes] == sorted(graph)
    bert = next(node for node in nodes if node["id"] == "method:bert")
    assert bert["label"] == "Method"
    assert bert["name"] == "BERT"
    assert bert["aliases"] == ["BERT", "bidirectional encoder representations from transformers"]
    paper = next(node for node in nodes if node["id"] == "p1")
    assert {"label", "title", "abstract", "published", "year", "url"} <= set(paper)
    assert [edge["id"] for edge in edges] == sorted(key for *_, key in graph.edges(keys=True))
    wanted = {"id", "source", "type", "target", "paper_id", "sentence", "start_char", "end_char", "score", "year"}
    assert all(wanted <= set(edge) for edge in edges if edge["type"] != "SAME_TERM_AS")
    assert [edge for edge in edges if edge["type"] == "SAME_TERM_AS"] == [
        {
            "id": "method:attention SAME_TERM_AS task:attention",
            "source": "method:attention",
            "type": "SAME_TERM_AS",
            "target": "task:attention",
        }
    ]
    (glue,) = [node for node in nodes if node["id"] == "dataset:glue"]
    assert glue["url"] == "https://example.org/glue"
    contexts = {edge["context"] for edge in edges if edge.get("context")}
    assert contexts == {"We propose the Transformer, a network built on attention alone."}


def test_the_same_graph_gives_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    entities, papers = small_graph()
    for number, order in enumerate((papers, papers[::-1])):
        write_export(build_graph(entities, order), "jsonl", tmp_path / str(number))
        write_export(build_graph(entities, order), "graphml", tmp_path / f"{number}.graphml")
    for name in ("{}/nodes.jsonl", "{}/edges.jsonl", "{}.graphml"):
        assert (tmp_path / name.format(0)).read_bytes() == (tmp_path / name.format(1)).read_bytes()


@given(linked_papers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
def test_jsonl_comes_back_as_it_went_out(tmp_path: Path, drawn: Graph) -> None:
    graph = build_graph(*drawn)
    write_export(graph, "jsonl", tmp_path)
    assert content(read_jsonl(tmp_path)) == content(graph)


def test_graphml_is_read_by_networkx_with_every_edge(graph: KnowledgeGraph, tmp_path: Path) -> None:
    write_export(graph, "graphml", tmp_path / "deep" / "graph.graphml")
    read = nx.read_graphml(tmp_path / "deep" / "graph.graphml", force_multigraph=True)
    assert set(read) == set(graph)
    assert read.number_of_edges() == graph.number_of_edges()
    assert json.loads(read.nodes["method:bert"]["aliases"]) == list(graph.nodes["method:bert"]["aliases"])
    assert "year" not in read.nodes["p5"]
    assert {edge["type"] for *_, edge in read.edges(data=True)} == {edge["type"] for *_, edge in graph.edges(data=True)}


@given(linked_papers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
def test_any_text_makes_a_graphml_file_that_can_be_read(tmp_path: Path, drawn: Graph) -> None:
    graph = build_graph(*drawn)
    write_export(graph, "graphml", tmp_path / "any.graphml")
    read = nx.read_graphml(tmp_path / "any.graphml", force_multigraph=True)
    assert read.number_of_edges() == graph.number_of_edges()


@pytest.mark.parametrize("format", ["jsonl", "graphml"])
def test_an_empty_graph_is_written_too(format: str, tmp_path: Path) -> None:
    write_export(KnowledgeGraph(), format, tmp_path / "empty")
    assert (tmp_path / "empty").exists()


def test_an_unknown_format_is_a_usage_error(graph: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no export is called 'rdf': use jsonl, graphml or neo4j-admin"):
        write_export(graph, "rdf", tmp_path / "x")


def test_a_path_that_cannot_be_written_is_a_usage_error(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot write"):
        write_export(graph, "jsonl", tmp_path / "file" / "below")
