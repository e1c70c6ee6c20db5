"""How the nodes and lines of a picture are chosen."""

from __future__ import annotations

import random
from collections.abc import Iterable

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.graph import KnowledgeGraph, build_graph
from kgraph.schema import METHOD, SAME_TERM_AS, Entity, LinkedPaper, Paper, Statement, entity_label
from kgraph.view.select import (
    FANOUT,
    LINES_PER_NODE,
    MOST_IN_RESERVE,
    RESERVE,
    best_connected,
    drawn,
    neighbours,
    spread,
    strongest,
    with_reserve,
)
from kgraph.view.subject import Line, by_support
from kgraph.view.subject.base import same_term
from kgraph.view.subject.in_memory import GraphInMemory
from tests.strategies import Graph, linked_papers, small_graph

BERT = "method:bert"
Fact = tuple[str, str, str]


def make_records(*facts: Fact, papers: int = 1) -> Graph:
    """A graph of (source, type, target), every fact stated by each of `papers` papers; a plain name is a method."""
    names = sorted({end for source, _, target in facts for end in (source, target)})
    linked = []
    for number in range(papers):
        paper = Paper(f"paper{number}", "A title", "An abstract.", "2020")
        stated = [*facts, *((paper.id, "USES", name) for name in names)]
        ordered = sorted((_statement(paper, *fact) for fact in stated), key=lambda statement: statement.id)
        linked.append(LinkedPaper(paper, tuple(ordered), 1))
    return {name: Entity(name, _label(name), name, (name,)) for name in names}, linked


def make_graph(*facts: Fact, papers: int = 1) -> KnowledgeGraph:
    """The graph of `make_records`."""
    return build_graph(*make_records(*facts, papers=papers))


def _label(name: str) -> str:
    return entity_label(name) if ":" in name else METHOD


def _statement(paper: Paper, source: str, kind: str, target: str) -> Statement:
    key = f"{paper.id} {source} {kind} {target}"
    return Statement(key, kind, source, target, paper.id, "An abstract.", 8, 20, 0.5, paper.year, "test")


def star(leaves: int) -> list[Fact]:
    return [("hub", "BASED_ON", f"leaf{number:03}") for number in range(leaves)]


def subject_of(*facts: Fact, papers: int = 1) -> GraphInMemory:
    return GraphInMemory(make_graph(*facts, papers=papers))


@pytest.fixture(scope="module")
def small() -> GraphInMemory:
    return GraphInMemory(build_graph(*small_graph()))


def as_network(lines: Iterable[Line]) -> nx.Graph:
    return nx.Graph((line.source, line.target) for line in lines)


# ---------------------------------------------------------------- neighbours


def test_neighbours_that_most_papers_join_come_first(small: GraphInMemory) -> None:
    found = neighbours(small, [BERT, "method:gpt"], 10)
    assert found == {
        BERT: [
            "dataset:squad",
            "task:question-answering",
            "method:roberta",
            "method:transformer",
            "dataset:glue",
            "method:gpt",
        ],
        "method:gpt": [BERT, "method:transformer", "task:language-modeling"],
    }
    assert neighbours(small, [BERT], 2) == {BERT: found[BERT][:2]}


def test_of_neighbours_with_equal_support_the_most_spoken_of_comes_first() -> None:
    facts = [("hub", "BASED_ON", name) for name in "abc"]
    entities, linked = make_records(*facts)
    spoken = make_records(("c", "BASED_ON", "b"), papers=3)[1][1:]
    graph = build_graph(entities, [*linked, *spoken])
    assert neighbours(GraphInMemory(graph), ["hub"], 3) == {"hub": ["b", "c", "a"]}


def test_neighbours_along_some_lines_only(small: GraphInMemory) -> None:
    found = neighbours(small, [BERT], 10, along=lambda line, node: line.type == "BASED_ON" and line.source == node)
    assert found == {BERT: ["method:transformer"]}


def test_what_is_not_there_has_no_neighbours(small: GraphInMemory) -> None:
    assert neighbours(small, ["method:unknown"], 10) == {"method:unknown": []}
    assert neighbours(small, [], 10) == {}


@given(linked_papers(), st.integers(0, 6))
def test_neighbours_are_the_first_of_all_and_none_is_its_own(graph: Graph, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    nodes = sorted(graph[0])
    whole = neighbours(subject, nodes, 100)
    joined = as_network(subject.lines_of(nodes))
    assert {node: set(near) for node, near in whole.items()} == {
        node: set(joined[node]) if node in joined else set() for node in nodes
    }
    for node, near in whole.items():
        assert node not in near
        assert len(set(near)) == len(near)
    some = neighbours(subject, nodes, limit)
    assert {node: len(near) for node, near in some.items()} == {node: min(limit, len(whole[node])) for node in nodes}
    if limit > 1:  # more are looked at than there are
        assert some == {node: near[:limit] for node, near in whole.items()}


# ---------------------------------------------------------------- nodes


def test_a_hub_that_is_not_the_start_brings_in_a_few() -> None:
    subject = subject_of(*star(40), ("start", "BASED_ON", "hub"))
    assert len(spread(subject, ["start"], 2, 150)) == 2 + FANOUT
    assert len(spread(subject, ["hub"], 1, 150)) == 42
    assert len(spread(subject, ["hub"], 1, 20)) == 20


@given(linked_papers(), st.integers(0, 3), st.integers(1, 8))
def test_nothing_is_further_away_than_the_depth(graph: Graph, depth: int, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    joined = as_network(subject.lines_of(sorted(graph[0])))
    for start in sorted(graph[0]):
        chosen = spread(subject, [start], depth, limit)
        steps = nx.single_source_shortest_path_length(joined, start) if start in joined else {start: 0}
        assert chosen[0] == start
        assert len(chosen) == len(set(chosen)) == min(limit, sum(step <= depth for step in steps.values()))
        assert [steps[node] for node in chosen] == sorted(steps[node] for node in chosen)
        assert max(steps[node] for node in chosen) <= depth


@given(linked_papers(max_papers=6, max_entities=10), st.integers(0, 10))
def test_what_is_taken_of_a_component_hangs_together(graph: Graph, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    lines, papers = subject.lines(), subject.papers_of()
    chosen = best_connected(lines, papers, limit)
    joined = as_network(lines)
    assert len(chosen) == len(set(chosen)) <= limit
    assert [papers[node] for node in chosen] == sorted((papers[node] for node in chosen), reverse=True)
    taken = joined.subgraph(chosen)
    assert nx.number_of_isolates(taken) == (limit == 1 and len(joined) > 0)  # one node is alone
    parts = sorted((len(part) for part in nx.connected_components(taken)), reverse=True)
    whole = sorted((len(part) for part in nx.connected_components(joined)), reverse=True)
    assert parts[:-1] == whole[: max(0, len(parts) - 1)]
    if limit >= len(joined):
        assert set(chosen) == set(joined)


def test_large_parts_first_and_no_dust() -> None:
    subject = subject_of(("a", "BASED_ON", "b"), *star(4))
    every = best_connected(subject.lines(), subject.papers_of(), 150)
    assert every == ["hub", "a", "b", *(f"leaf{number:03}" for number in range(4))]
    assert best_connected(subject.lines(), subject.papers_of(), 6) == every[:1] + every[3:]  # no room for two
    assert best_connected([], {}, 6) == []


@given(linked_papers(max_papers=6, max_entities=10), st.integers(1, 4))
def test_the_reserve_holds_neighbours_that_are_not_shown(graph: Graph, shown: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    nodes = sorted(graph[0])[:shown]
    reserve = with_reserve(subject, nodes)
    joined = as_network(subject.lines_of(nodes))
    assert set(reserve).isdisjoint(nodes)
    assert len(reserve) == len(set(reserve)) == min(RESERVE * len(nodes), len(set(joined) - set(nodes)))
    assert set(reserve) <= set(joined)


def test_the_reserve_is_bounded_and_every_node_has_a_part_in_it() -> None:
    hubs = [f"hub{number:03}" for number in range(200)]
    subject = subject_of(*((hub, "BASED_ON", f"{hub}-{number}") for hub in hubs for number in range(8)))
    in_turn = with_reserve(subject, hubs[:2])
    assert [near.partition("-")[0] for near in in_turn] == ["hub000", "hub001"] * RESERVE
    assert len(with_reserve(subject, hubs[:10])) == RESERVE * 10
    assert len(with_reserve(subject, hubs)) == MOST_IN_RESERVE < RESERVE * len(hubs)


def test_the_reserve_does_not_make_a_map_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgraph.view.select.MAX_NETWORK", 12)
    hubs = [f"hub{number:02}" for number in range(14)]
    subject = subject_of(*((hub, "BASED_ON", f"{hub}-{number}") for hub in hubs for number in range(8)))
    assert [len(with_reserve(subject, hubs[:shown])) for shown in (1, 2, 6, 11, 12, 14)] == [3, 6, 5, 0, 0, 0]


# ---------------------------------------------------------------- lines


@st.composite
def sorted_lines(draw: st.DrawFn) -> list[Line]:
    ends = st.lists(st.integers(0, 9).map(str), min_size=2, max_size=2, unique=True)
    kinds = st.sampled_from(["BASED_ON", "BASED_ON", "BASED_ON", "USES", SAME_TERM_AS])
    drawn = draw(st.lists(st.tuples(kinds, ends, st.integers(1, 5)), max_size=40))
    found = {Line(kind, *pair, papers, 0.5).key: Line(kind, *pair, papers, 0.5) for kind, pair, papers in drawn}
    return sorted(found.values(), key=by_support)


@given(sorted_lines(), st.integers(0, 30))
def test_no_part_of_a_picture_comes_off(lines: list[Line], limit: int) -> None:
    kept = strongest(lines, limit)
    whole, left = as_network(lines), as_network(kept)
    assert kept == [line for line in lines if line in kept]
    assert kept[:limit] == lines[:limit]
    assert set(left) == set(whole)
    assert nx.number_connected_components(left) == nx.number_connected_components(whole)
    assert all(line in kept for line in lines if line.type in ("USES", SAME_TERM_AS))
    plain = [line for line in kept[limit:] if line.type == "BASED_ON"]
    assert len(plain) < max(1, len(whole))


def test_dense_pictures_lose_lines_but_stay_whole() -> None:
    names = [f"m{number:02}" for number in range(20)]
    clique = [(a, "BASED_ON", b) for a in names for b in names if a < b]
    subject = subject_of(*clique, *star(30), ("hub", "BASED_ON", "m00"), papers=2)
    nodes = [*names, "hub", *(f"leaf{number:03}" for number in range(30))]
    lines, left_out = drawn(subject, nodes, (), ())
    assert len(lines) + left_out == len(clique) + 31
    assert LINES_PER_NODE * len(nodes) <= len(lines) < len(clique) + 31
    assert set(as_network(lines)) == set(nodes)
    assert nx.is_connected(as_network(lines))


def test_lines_to_the_reserve_do_not_count_as_left_out() -> None:
    subject = subject_of(*star(40))
    leaves = [f"leaf{number:03}" for number in range(40)]
    lines, left_out = drawn(subject, ["hub", *leaves[:2]], leaves[2:], ())
    assert left_out == 0
    assert [line.target for line in lines] == leaves


def test_lines_of_a_paper_and_of_one_name_are_drawn(small: GraphInMemory) -> None:
    lines, left_out = drawn(small, ["method:attention"], ["task:attention"], ["p1"])
    assert left_out == 0
    assert [line.key for line in lines] == [
        ("USES", "p1", "method:attention"),
        same_term("method:attention", "task:attention").key,
    ]


@given(linked_papers(), st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_order_of_papers_does_not_matter(graph: Graph, shuffle: random.Random, limit: int) -> None:
    entities, papers = graph
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    one, other = (
        GraphInMemory(build_graph(entities, papers)),
        GraphInMemory(build_graph(dict(reversed(entities.items())), mixed)),
    )
    start = sorted(entities)[:2]
    assert neighbours(one, start, limit) == neighbours(other, start, limit)
    chosen = spread(one, start, 2, limit)
    assert chosen == spread(other, start, 2, limit)
    reserve = with_reserve(one, chosen)
    assert reserve == with_reserve(other, chosen)
    shown_papers = [linked.paper.id for linked in papers]
    assert drawn(one, chosen, reserve, shown_papers) == drawn(other, chosen, reserve, shown_papers)
    assert best_connected(one.lines(), one.papers_of(), limit) == best_connected(
        other.lines(), other.papers_of(), limit
    )
