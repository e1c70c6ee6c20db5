"""From an extraction to statements, and from statements to a networkx graph."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from kgraph.graph import build_graph, link_paper
from kgraph.schema import (
    DATASET,
    METHOD,
    RELATION_TYPES,
    TASK,
    Evidence,
    Extraction,
    Paper,
    PaperEntity,
    PaperRelation,
)
from tests.strategies import Graph, linked_papers, small_graph

PAPER = Paper("p1", "A title.", "We use Adam for training.", "2020-01-02")
SENTENCE = Evidence("We use Adam for training.", 9, 34)
NODES = {"Adam": "method:adam", "ADAM": "method:adam", "training": "task:training", "MNIST": "dataset:mnist"}


def entity(name: str, label: str, role: str = "used", score: float = 0.5) -> PaperEntity:
    return PaperEntity(label, name, (name,), role, score, SENTENCE, (), "test")


def relation(kind: str, source: str, target: str, score: float = 0.5) -> PaperRelation:
    return PaperRelation(kind, source, target, score, SENTENCE, "test")


def test_a_role_edge_and_a_relation_carry_their_evidence() -> None:
    extraction = Extraction(
        "p1", (entity("Adam", METHOD), entity("training", TASK)), (relation("USED_FOR", "Adam", "training"),)
    )
    linked = link_paper(PAPER, extraction, NODES)
    assert sorted((s.type, s.source, s.target) for s in linked.statements) == [
        ("USED_FOR", "method:adam", "task:training"),
        ("USES", "p1", "method:adam"),
        ("USES", "p1", "task:training"),
    ]
    for statement in linked.statements:
        assert PAPER.text[statement.start_char : statement.end_char] == statement.sentence
        assert (statement.paper_id, statement.year) == ("p1", 2020)


def test_two_entities_that_became_one_node_have_one_role_edge_the_strongest() -> None:
    extraction = Extraction("p1", (entity("Adam", METHOD, "mentioned", 0.9), entity("ADAM", METHOD, "proposed", 0.1)))
    (statement,) = link_paper(PAPER, extraction, NODES).statements
    assert (statement.type, statement.score) == ("PROPOSES", 0.1)


def test_no_statement_joins_a_node_to_itself() -> None:
    extraction = Extraction(
        "p1", (entity("Adam", METHOD), entity("ADAM", METHOD)), (relation("BASED_ON", "Adam", "ADAM"),)
    )
    assert [s.type for s in link_paper(PAPER, extraction, NODES).statements] == ["USES"]


def test_a_relation_that_is_found_twice_in_a_sentence_keeps_its_best_score() -> None:
    relations = (relation("USED_FOR", "Adam", "training", 0.9), relation("USED_FOR", "ADAM", "training", 0.2))
    extraction = Extraction("p1", (entity("Adam", METHOD), entity("ADAM", METHOD), entity("training", TASK)), relations)
    assert [s.score for s in link_paper(PAPER, extraction, NODES).statements if s.type == "USED_FOR"] == [0.9]


def test_a_dropped_entity_takes_its_relations_with_it() -> None:
    extraction = Extraction(
        "p1", (entity("Adam", METHOD), entity("gone", DATASET)), (relation("EVALUATED_ON", "Adam", "gone"),)
    )
    assert [s.target for s in link_paper(PAPER, extraction, NODES).statements] == ["method:adam"]


def test_the_revision_tells_every_change() -> None:
    extraction = Extraction("p1", (entity("Adam", METHOD),))
    revision = link_paper(PAPER, extraction, NODES).revision
    assert revision == link_paper(PAPER, extraction, NODES).revision
    others = [
        link_paper(replace(PAPER, url="https://example.org"), extraction, NODES),
        link_paper(PAPER, extraction, {"Adam": "method:adam-optimizer"}),
        link_paper(PAPER, Extraction("p1", (entity("Adam", METHOD, score=0.6),)), NODES),
    ]
    assert revision not in {linked.revision for linked in others}


@given(linked_papers())
def test_the_graph_holds_every_statement_side_by_side_and_nothing_else(drawn: Graph) -> None:
    entities, papers = drawn
    graph = build_graph(entities, papers)
    statements = [statement for linked in papers for statement in linked.statements]
    assert {(s.source, s.target, s.id) for s in statements} == set(graph.edges(keys=True))
    assert set(graph) == {linked.paper.id for linked in papers} | set(entities)
    for source, target, edge in graph.edges(data=True):
        if edge["type"] in RELATION_TYPES:
            assert graph.has_edge(edge["paper_id"], source)
            assert graph.has_edge(edge["paper_id"], target)


def test_the_order_of_the_papers_does_not_change_the_graph() -> None:
    entities, papers = small_graph()
    one, other = build_graph(entities, papers), build_graph(entities, papers[::-1])
    assert list(one.nodes(data=True)) == list(other.nodes(data=True))
    assert list(one.edges(keys=True, data=True)) == list(other.edges(keys=True, data=True))


def test_a_notebook_shows_counts_and_the_most_named_entities_as_text() -> None:
    entities, papers = small_graph()
    entities = {key: replace(node, name=f"<b>{node.name}") for key, node in entities.items()}
    shown = build_graph(entities, papers)._repr_html_()
    assert "<td>Paper</td><td>6</td>" in shown
    assert "&lt;b&gt;Transformer" in shown
    assert "<b>" not in shown
