"""Which nodes and lines a picture shows."""

from __future__ import annotations

import random
from collections import Counter

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.errors import NotFoundError, UsageError
from kgraph.graph import KnowledgeGraph, build_graph
from kgraph.schema import (
    DATASET,
    METHOD,
    PAPER,
    RELATION_TYPES,
    SAME_TERM_AS,
    TASK,
    Entity,
    LinkedPaper,
    Paper,
    Statement,
)
from kgraph.view.select import FANOUT, LINES_PER_NODE, MAX_NODES, Line, select_picture
from tests.strategies import Graph, linked_papers, small_graph

BERT = "method:bert"


def make_graph(*facts: tuple[str, str, str], papers: int = 1) -> KnowledgeGraph:
    """A graph of (source, type, target) over methods, every fact stated by each of `papers` papers."""
    names = {end for source, _, target in facts for end in (source, target)}
    linked = []
    for number in range(papers):
        paper = Paper(f"paper{number}", "A title", "An abstract.", "2020")
        stated = [(source, kind, target) for source, kind, target in facts]
        stated += [(paper.id, "USES", name) for name in sorted(names)]
        linked.append(LinkedPaper(paper, tuple(_statement(paper, *fact) for fact in stated), "revision"))
    return build_graph({name: Entity(name, METHOD, name, (name,)) for name in names}, linked)


def _statement(paper: Paper, source: str, kind: str, target: str) -> Statement:
    key = f"{paper.id} {source} {kind} {target}"
    return Statement(key, kind, source, target, paper.id, "An abstract.", 8, 20, 0.5, paper.year, "test")


def star(leaves: int) -> list[tuple[str, str, str]]:
    return [("hub", "BASED_ON", f"leaf{number:03}") for number in range(leaves)]


@pytest.fixture(scope="module")
def small() -> KnowledgeGraph:
    return build_graph(*small_graph())


def line_of(lines: tuple[Line, ...], kind: str, *ends: str) -> Line:
    (found,) = [line for line in lines if line.type == kind and {line.source, line.target} == set(ends)]
    return found


def test_unknown_focus(small: KnowledgeGraph) -> None:
    with pytest.raises(NotFoundError, match="'method:unknown'"):
        select_picture(small, "method:unknown", 1, 10)


@pytest.mark.parametrize(("depth", "limit"), [(-1, 10), (1, 0), (1, MAX_NODES + 1)])
def test_no_picture(small: KnowledgeGraph, depth: int, limit: int) -> None:
    with pytest.raises(UsageError, match="limit"):
        select_picture(small, None, depth, limit)


def test_whole_small_graph_without_papers(small: KnowledgeGraph) -> None:
    picture = select_picture(small, None, 1, 150)
    # Nothing but its name joins the task of attention.
    entities = {node for node, label in small.nodes(data="label") if label != PAPER}
    assert set(picture.nodes) == entities - {"task:attention"}
    assert picture.nodes[0] == BERT  # three papers speak of it, as of others, and it has most neighbours
    assert {line.type for line in picture.lines} <= set(RELATION_TYPES)
    assert picture.lines_left_out == 0


def test_focus_on_an_entity(small: KnowledgeGraph) -> None:
    near = {
        "method:transformer",
        "method:gpt",
        "method:roberta",
        "dataset:glue",
        "dataset:squad",
        "task:question-answering",
    }
    assert select_picture(small, BERT, 0, 150).nodes == (BERT,)
    assert set(select_picture(small, BERT, 1, 150).nodes) == {BERT, *near}
    further = {"method:attention", "task:machine-translation", "task:language-modeling"}
    assert set(select_picture(small, BERT, 2, 150).nodes) == {BERT, *near, *further}
    assert set(select_picture(small, BERT, 3, 150).nodes) == {BERT, *near, *further, "task:attention"}


def test_the_same_term_is_a_step_and_a_line_without_statements(small: KnowledgeGraph) -> None:
    picture = select_picture(small, "task:attention", 1, 150)
    assert picture.nodes == ("task:attention", "method:attention")
    assert picture.lines == (Line(SAME_TERM_AS, "method:attention", "task:attention", 0, 0.0, ()),)


def test_one_name_joins_parts_of_the_picture_but_brings_nothing_in() -> None:
    graph = make_graph(("a", "BASED_ON", "b"), ("c", "BASED_ON", "d"))
    for pair in (("b", "c"), ("d", "alone")):
        graph.add_edge(*pair, key=" SAME ".join(pair), type=SAME_TERM_AS)
    graph.nodes["alone"].update(label=TASK, name="alone", aliases=("alone",))
    picture = select_picture(graph, None, 1, 150)
    assert sorted(picture.nodes) == ["a", "b", "c", "d"]
    assert [line.type for line in picture.lines] == ["BASED_ON", "BASED_ON", SAME_TERM_AS]


def test_focus_on_a_paper(small: KnowledgeGraph) -> None:
    picture = select_picture(small, "p1", 1, 150)
    assert picture.nodes == ("p1", "method:transformer", "method:attention", "task:machine-translation")
    assert line_of(picture.lines, "PROPOSES", "p1", "method:transformer").papers == 1
    assert line_of(picture.lines, "BASED_ON", "method:transformer", "method:attention")


def test_paper_without_entities(small: KnowledgeGraph) -> None:
    picture = select_picture(small, "p6", 3, 150)
    assert (picture.nodes, picture.lines) == (("p6",), ())


def test_limit_keeps_the_best_supported(small: KnowledgeGraph) -> None:
    assert select_picture(small, BERT, 1, 3).nodes == (BERT, "method:transformer", "dataset:squad")
    assert select_picture(small, None, 1, 2).nodes == (BERT, "method:transformer")


def test_parallel_statements_are_one_line(small: KnowledgeGraph) -> None:
    line = line_of(select_picture(small, None, 1, 150).lines, "USED_FOR", BERT, "task:question-answering")
    assert (line.papers, line.confidence) == (2, 0.9375)
    assert Counter(statement.paper_id for statement in line.statements) == {"p3": 1, "p5": 2}
    assert len({statement.sentence for statement in line.statements}) == 3


def test_both_ways_of_a_comparison_are_one_line() -> None:
    graph = make_graph(
        ("a", "COMPARED_WITH", "b"), ("b", "COMPARED_WITH", "a"), ("a", "BASED_ON", "b"), ("b", "BASED_ON", "a")
    )
    lines = select_picture(graph, None, 1, 10).lines
    assert sorted((line.type, line.source, line.target, len(line.statements)) for line in lines) == [
        ("BASED_ON", "a", "b", 1),
        ("BASED_ON", "b", "a", 1),
        ("COMPARED_WITH", "a", "b", 2),
    ]


def test_a_hub_that_is_not_the_focus_brings_in_a_few() -> None:
    graph = make_graph(*star(40), ("start", "BASED_ON", "hub"))
    assert len(select_picture(graph, "start", 2, 150).nodes) == 2 + FANOUT
    assert len(select_picture(graph, "hub", 1, 150).nodes) == 42


def test_large_parts_first_and_no_dust() -> None:
    graph = make_graph(("a", "BASED_ON", "b"), *star(4))
    graph.add_node("alone", label=METHOD, name="alone", aliases=("alone",))
    assert set(select_picture(graph, None, 1, 150).nodes) == {"a", "b", "hub", *(f"leaf{n:03}" for n in range(4))}
    assert "a" not in select_picture(graph, None, 1, 6).nodes
    assert "alone" in select_picture(graph, "alone", 1, 6).nodes


def test_dense_pictures_lose_lines_but_stay_whole() -> None:
    names = [f"m{number:02}" for number in range(20)]
    clique = [(a, "BASED_ON", b) for a in names for b in names if a < b]
    graph = make_graph(*clique, *star(30), ("hub", "BASED_ON", "m00"), papers=2)
    picture = select_picture(graph, None, 1, 150)
    drawn = nx.Graph((line.source, line.target) for line in picture.lines)
    assert len(picture.lines) + picture.lines_left_out == len(clique) + 31
    assert LINES_PER_NODE * len(picture.nodes) <= len(picture.lines) < len(clique) + 31
    assert set(drawn) == set(picture.nodes)
    assert nx.is_connected(drawn)


def test_empty_graph() -> None:
    assert select_picture(build_graph({}, []), None, 1, 10).nodes == ()


@given(linked_papers(), st.integers(1, 8))
def test_every_statement_between_two_shown_nodes_is_on_one_line(drawn: Graph, limit: int) -> None:
    graph = build_graph(*drawn)
    picture = select_picture(graph, None, 1, limit)
    assert len(picture.nodes) == len(set(picture.nodes)) <= limit
    assert {graph.nodes[node]["label"] for node in picture.nodes} <= {METHOD, DATASET, TASK}
    on_lines = [statement.id for line in picture.lines for statement in line.statements]
    shown = set(picture.nodes)
    between = [(edge["type"], key) for *ends, key, edge in graph.edges(keys=True, data=True) if shown.issuperset(ends)]
    if not picture.lines_left_out:
        assert sorted(on_lines) == sorted(key for kind, key in between if kind != SAME_TERM_AS)
        same = [line for line in picture.lines if line.type == SAME_TERM_AS]
        assert len(same) == sum(kind == SAME_TERM_AS for kind, _ in between)
    assert {end for line in picture.lines for end in (line.source, line.target)} == shown


@given(linked_papers(), st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_order_of_papers_does_not_matter(drawn: Graph, shuffle: random.Random, limit: int) -> None:
    entities, papers = drawn
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    backwards = dict(reversed(entities.items()))
    assert select_picture(build_graph(entities, papers), None, 2, limit) == select_picture(
        build_graph(backwards, mixed), None, 2, limit
    )
