"""From an extraction to statements, and from statements to a networkx graph."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.graph import KnowledgeGraph, build_graph, filter_graph, link_paper
from kgraph.same_terms import same_terms
from kgraph.schema import (
    DATASET,
    METHOD,
    PAPER,
    RELATION_TYPES,
    SAME_TERM_AS,
    TASK,
    Evidence,
    Extraction,
    Paper,
    PaperEntity,
    PaperRelation,
)
from kgraph.support import relation_of, support
from kgraph.view import render_view
from tests.strategies import Graph, linked_papers, small_graph

P1 = Paper("p1", "A title.", "We use Adam for training.", "2020-01-02")
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
    linked = link_paper(P1, extraction, NODES)
    assert sorted((s.type, s.source, s.target) for s in linked.statements) == [
        ("USED_FOR", "method:adam", "task:training"),
        ("USES", "p1", "method:adam"),
        ("USES", "p1", "task:training"),
    ]
    for statement in linked.statements:
        assert P1.text[statement.start_char : statement.end_char] == statement.sentence
        assert (statement.paper_id, statement.year) == ("p1", 2020)


def test_the_sentence_that_names_what_another_only_means_goes_along_and_leaves_the_id() -> None:
    context = Evidence("A title.", 0, 8)
    stated = relation("USED_FOR", "Adam", "training")
    ends = (entity("Adam", METHOD), entity("training", TASK))
    without, with_one = (
        link_paper(P1, Extraction("p1", ends, (one,)), NODES) for one in (stated, replace(stated, context=context))
    )
    (before,) = [one for one in without.statements if one.type == "USED_FOR"]
    (after,) = [one for one in with_one.statements if one.type == "USED_FOR"]
    assert (before.context, before.context_start_char, before.context_end_char) == ("", 0, 0)
    assert after == replace(before, context="A title.", context_start_char=0, context_end_char=8)
    assert without.revision != with_one.revision


def test_two_entities_that_became_one_node_have_one_role_edge_the_strongest() -> None:
    extraction = Extraction("p1", (entity("Adam", METHOD, "mentioned", 0.9), entity("ADAM", METHOD, "proposed", 0.1)))
    (statement,) = link_paper(P1, extraction, NODES).statements
    assert (statement.type, statement.score) == ("PROPOSES", 0.1)


def test_no_statement_joins_a_node_to_itself() -> None:
    extraction = Extraction(
        "p1", (entity("Adam", METHOD), entity("ADAM", METHOD)), (relation("BASED_ON", "Adam", "ADAM"),)
    )
    assert [s.type for s in link_paper(P1, extraction, NODES).statements] == ["USES"]


def test_a_relation_that_is_found_twice_in_a_sentence_keeps_its_best_score() -> None:
    relations = (relation("USED_FOR", "Adam", "training", 0.9), relation("USED_FOR", "ADAM", "training", 0.2))
    extraction = Extraction("p1", (entity("Adam", METHOD), entity("ADAM", METHOD), entity("training", TASK)), relations)
    assert [s.score for s in link_paper(P1, extraction, NODES).statements if s.type == "USED_FOR"] == [0.9]


def test_a_dropped_entity_takes_its_relations_with_it() -> None:
    extraction = Extraction(
        "p1", (entity("Adam", METHOD), entity("gone", DATASET)), (relation("EVALUATED_ON", "Adam", "gone"),)
    )
    assert [s.target for s in link_paper(P1, extraction, NODES).statements] == ["method:adam"]


def test_the_revision_tells_every_change() -> None:
    extraction = Extraction("p1", (entity("Adam", METHOD),))
    revision = link_paper(P1, extraction, NODES).revision
    assert revision == link_paper(P1, extraction, NODES).revision
    others = [
        link_paper(replace(P1, url="https://example.org"), extraction, NODES),
        link_paper(P1, extraction, {"Adam": "method:adam-optimizer"}),
        link_paper(P1, Extraction("p1", (entity("Adam", METHOD, score=0.6),)), NODES),
    ]
    assert revision not in {linked.revision for linked in others}


@given(linked_papers())
def test_the_graph_holds_every_statement_side_by_side_and_nothing_else(drawn: Graph) -> None:
    entities, papers = drawn
    graph = build_graph(entities, papers)
    statements = [statement for linked in papers for statement in linked.statements]
    stated = {(s.source, s.target, s.id) for s in statements}
    joined = [(*pair, f"{pair[0]} SAME_TERM_AS {pair[1]}") for pair in same_terms(entities.values())]
    assert sorted(graph.edges(keys=True)) == sorted([*stated, *joined])
    assert all(graph.edges[edge] == {"type": SAME_TERM_AS} for edge in joined)
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


def test_a_notebook_shows_the_picture_of_a_graph_in_a_frame_of_its_own() -> None:
    graph = build_graph(*small_graph())
    assert graph._repr_html_() == render_view(graph)._repr_html_()
    assert graph._repr_html_().startswith("<iframe ")


def test_counts_tell_every_type() -> None:
    counts = build_graph(*small_graph()).counts()
    assert (counts[PAPER], counts["SAME_TERM_AS"]) == (6, 1)


# What enough papers state


@pytest.fixture(scope="module")
def small() -> KnowledgeGraph:
    return build_graph(*small_graph())


def relations(graph: KnowledgeGraph) -> set[tuple[str, str, str]]:
    return {
        (edge["type"], source, target)
        for source, target, edge in graph.edges(data=True)
        if edge["type"] in RELATION_TYPES
    }


def test_the_defaults_of_a_filter_keep_everything(small: KnowledgeGraph) -> None:
    assert filter_graph(small) is small
    assert filter_graph(small, min_papers=1, min_confidence=0.0) is small


def test_relations_with_too_few_papers_go_and_so_do_the_nodes_that_only_they_held(small: KnowledgeGraph) -> None:
    kept = filter_graph(small, min_papers=2)
    bert, squad, asking = "method:bert", "dataset:squad", "task:question-answering"
    assert relations(kept) == {
        ("USED_FOR", bert, asking), ("EVALUATED_ON", bert, squad), ("BENCHMARK_FOR", squad, asking),
    }  # fmt: skip
    assert set(kept) == {bert, squad, asking, "p3", "p4", "p5"}
    assert kept.has_edge("p4", bert)
    assert kept.nodes["p4"] == small.nodes["p4"]
    assert list(kept) == [node for node in small if node in kept]


def test_a_bound_on_confidence_counts_papers_together(small: KnowledgeGraph) -> None:
    assert relations(filter_graph(small, min_confidence=0.75)) == relations(small)
    assert relations(filter_graph(small, min_confidence=0.76)) == relations(filter_graph(small, min_papers=2))
    assert len(filter_graph(small, min_confidence=0.95)) == 0


def test_the_same_term_is_kept_where_both_of_it_are() -> None:
    entities, papers = small_graph()
    pair = {
        key: replace(entities[key], same_term=(other,))
        for key, other in (("method:bert", "task:question-answering"), ("task:question-answering", "method:bert"))
    }
    kept = filter_graph(build_graph(entities | pair, papers), min_papers=2)
    assert [edge for edge in kept.edges(data="type") if edge[2] == SAME_TERM_AS] == [
        ("method:bert", "task:question-answering", SAME_TERM_AS)
    ]


@given(linked_papers(), st.integers(1, 3), st.floats(0, 1))
def test_a_filter_keeps_whole_relations_and_nothing_else(drawn: Graph, papers: int, confidence: float) -> None:
    graph = build_graph(*drawn)
    kept = filter_graph(graph, min_papers=papers, min_confidence=confidence)
    stated: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for source, target, edge in graph.edges(data=True):
        if edge["type"] in RELATION_TYPES:
            found = stated.setdefault(relation_of(edge["type"], source, target), [])
            found.append((edge["paper_id"], edge["score"]))
    sure = {
        key for key, found in stated.items() if (many := support(found)) and many[0] >= papers and many[1] >= confidence
    }
    assert {relation_of(*one) for one in relations(kept)} == sure
    of_sure = [
        key for *ends, key, edge in graph.edges(keys=True, data=True) if relation_of(edge["type"], *ends) in sure
    ]
    assert set(of_sure) <= {key for *_, key in kept.edges(keys=True)}
    assert set(kept.edges(keys=True)) <= set(graph.edges(keys=True))
    if kept is not graph:
        for node, label in kept.nodes(data="label"):
            near = {*kept.succ[node], *kept.pred[node]}
            assert near
            assert label == PAPER or any(kept.nodes[other]["label"] != PAPER for other in near)
