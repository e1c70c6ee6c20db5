"""What a graph in memory and a database tell of what pictures are made of: the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.graph import build_graph, filter_graph
from kgraph.schema import PAPER, RELATION_ENDS, ROLE_TYPES, SAME_TERM_AS, entity_label
from kgraph.store import Store, open_store, relations, sync_store
from kgraph.store.relations import FEW
from kgraph.support import relation_of, support
from kgraph.view import StoredGraph
from kgraph.view.subject import Cited, Line, Node, Subject, by_role, by_sureness, line_key, stored
from kgraph.view.subject.in_memory import GraphInMemory
from tests.strategies import Graph, linked_papers, small_graph
from tests.test_view_select import make_records

BERT = "method:bert"
UNKNOWN = ("method:unknown", "no paper", "")


def check_a_store_tells_what_the_graph_tells(store: Store, graph: Graph, most: int) -> None:
    """Fill a store and ask it and the graph all that pictures ask."""
    sync_store(store, *graph)
    check_both_tell_the_same(StoredGraph(store), GraphInMemory(build_graph(*graph)), graph, most)


def check_both_tell_the_same(one: Subject, other: Subject, graph: Graph, most: int) -> None:
    entities, papers = sorted(graph[0]), [linked.paper.id for linked in graph[1]]
    ids = [*entities, *papers, *UNKNOWN]
    assert one.size() == other.size() == (len(entities), len(papers))
    nodes = one.nodes(ids)
    assert nodes == other.nodes(ids)
    assert nodes.keys() == {*entities, *papers}
    assert one.papers_of() == other.papers_of() == one.papers_of(entities) == other.papers_of(entities)
    for paper in (*papers, *UNKNOWN):
        assert one.entities_of(paper) == other.entities_of(paper)
    assert one.lines() == other.lines()
    for some, by in ((entities, papers), (entities[1:3], papers[:1]), (entities[:1], ()), (UNKNOWN, papers), ((), ())):
        assert told_of(one.lines_of(some)) == told_of(other.lines_of(some))
        assert one.papers_of(some) == other.papers_of(some)
        lines = {line.key: line for line in one.lines_between(some, by)}
        assert lines == {line.key: line for line in other.lines_between(some, by)}
        check_both_have_the_same_evidence(one, other, list(lines.values()), most)
    assert one.periods("year") == other.periods("year")
    assert one.periods("month") == other.periods("month")


def told_of(lines: list[Line]) -> list[tuple[str, str, str, int, float]]:
    """What lines tell that are asked for without `total` and years."""
    return sorted((*line.key, line.papers, line.confidence) for line in lines)


def check_both_have_the_same_evidence(one: Subject, other: Subject, lines: list[Line], most: int) -> None:
    nodes = list(other.nodes({end for line in lines for end in (line.source, line.target)}).values())
    found, expected = one.evidence(nodes, lines, most), other.evidence(nodes, lines, most)
    assert found.of_lines == expected.of_lines
    assert found.of_nodes == expected.of_nodes
    statements = [*expected.of_nodes.values(), *expected.of_lines.values()]
    behind = {stated.paper_id for some in statements for stated in some}
    assert {paper: found.papers[paper] for paper in behind} == expected.papers


def check_a_filtered_store_has_the_relations_of_the_filtered_graph(
    store: Store, graph: Graph, min_papers: int, min_confidence: float
) -> None:
    """Ask a store and the graph for the relations of this support and confidence only."""
    sync_store(store, *graph)
    subject = StoredGraph(store, min_papers=min_papers, min_confidence=min_confidence)
    kept = filter_graph(build_graph(*graph), min_papers=min_papers, min_confidence=min_confidence)
    expected = GraphInMemory(kept)
    assert subject.lines() == expected.lines()
    for some in (sorted(graph[0]), sorted(graph[0])[:3]):
        for asked in ("lines_of", "lines_between"):
            found, lines = (
                [line for line in getattr(one, asked)(some) if line.type != SAME_TERM_AS] for one in (subject, expected)
            )
            assert told_of(found) == told_of(lines)


@settings(max_examples=50)
@given(graph=linked_papers(max_papers=5), most=st.integers(1, 5))
def test_a_store_tells_what_the_graph_tells(ladybug_store: Store, graph: Graph, most: int) -> None:
    check_a_store_tells_what_the_graph_tells(ladybug_store, graph, most)


@settings(max_examples=50)
@given(
    graph=linked_papers(max_papers=5),
    most=st.integers(1, 5),
    few=st.sampled_from([0, 2, FEW]),
    some=st.sampled_from([0, 3, stored.READ_ALL]),
)
def test_however_many_are_read_at_once_the_answers_are_the_same(
    ladybug_store: Store, graph: Graph, most: int, few: int, some: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relations, "FEW", few)
        patch.setattr(stored, "READ_ALL", some)
        check_a_store_tells_what_the_graph_tells(ladybug_store, graph, most)


@settings(max_examples=50)
@given(
    graph=linked_papers(max_papers=6), min_papers=st.integers(1, 3), min_confidence=st.sampled_from([0, 0.3, 0.5, 0.9])
)
def test_a_filtered_store_has_the_relations_of_the_filtered_graph(
    ladybug_store: Store, graph: Graph, min_papers: int, min_confidence: float
) -> None:
    check_a_filtered_store_has_the_relations_of_the_filtered_graph(ladybug_store, graph, min_papers, min_confidence)


# ---------------------------------------------------------------- what they tell


@given(linked_papers(), st.integers(1, 5))
def test_evidence_is_the_surest_of_what_papers_state(graph: Graph, most: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    statements = [statement for linked in graph[1] for statement in linked.statements]
    nodes = list(subject.nodes(graph[0]).values())
    lines = subject.lines_between(sorted(graph[0]), [linked.paper.id for linked in graph[1]])
    found = subject.evidence(nodes, lines, most)
    for node in nodes:
        said = [one for one in statements if one.type in ROLE_TYPES.values() and one.target == node.id]
        assert found.of_nodes[node.id] == sorted(said, key=by_role)[:most]
    for line in lines:
        stated = [one for one in statements if line_key(one) == line.key]
        assert list(found.of_lines.get(line.key, ())) == sorted(stated, key=by_sureness)[:most]
    assert found.of_lines.keys() == {line.key for line in lines if line.type != SAME_TERM_AS}


@given(linked_papers())
def test_lines_add_up_what_papers_state(graph: Graph) -> None:
    statements = [one for linked in graph[1] for one in linked.statements if one.type in RELATION_ENDS]
    for line in GraphInMemory(build_graph(*graph)).lines():
        stated = [one for one in statements if relation_of(one.type, one.source, one.target) == line.key]
        assert (line.papers, line.confidence) == support((one.paper_id, one.score) for one in stated)
        assert line.total == len(stated) >= line.papers
        years = [one.year for one in stated if one.year]
        assert (line.first, line.last) == ((min(years), max(years)) if years else (None, None))


@given(linked_papers(), st.randoms(use_true_random=False))
def test_the_order_of_papers_does_not_matter(graph: Graph, shuffle: random.Random) -> None:
    entities, papers = graph
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    backwards = build_graph(dict(reversed(entities.items())), mixed)
    check_both_tell_the_same(GraphInMemory(build_graph(*graph)), GraphInMemory(backwards), graph, 2)


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("subject") / "small.kg") as store:
        sync_store(store, *small_graph())
        yield store


@pytest.fixture(params=["in memory", "stored"])
def small(request: pytest.FixtureRequest, small_store: Store) -> Subject:
    return StoredGraph(small_store) if request.param == "stored" else GraphInMemory(build_graph(*small_graph()))


def test_nodes_tell_their_names_papers_years_and_degree(small: Subject) -> None:
    found = small.nodes([BERT, "task:attention", "dataset:glue", "p2", "p5"])
    bert = ("BERT", "bidirectional encoder representations from transformers")
    assert found[BERT] == Node(BERT, "Method", "BERT", 3, 6, 2018, 2019, bert)
    # one name joins it with the method; the paper that speaks of it has no year
    assert found["task:attention"] == Node("task:attention", "Task", "attention", 1, 1, None, None, ("attention",))
    assert found["dataset:glue"].url == "https://example.org/glue"
    title, url = "GPT: one decoder for many tasks", "https://example.org/p2"
    assert found["p2"] == Node("p2", PAPER, title, 1, 3, 2018, 2018, (), url, ("A. Author",))
    assert (found["p5"].first, found["p5"].last) == (None, None)


def test_parallel_statements_are_one_line(small: Subject) -> None:
    (line,) = [one for one in small.lines() if one.key == ("USED_FOR", BERT, "task:question-answering")]
    assert (line.papers, line.confidence, line.total, line.first, line.last) == (2, 0.9375, 3, 2018, 2018)
    ends = list(small.nodes([line.source, line.target]).values())
    stated = small.evidence(ends, [line], 9).of_lines[line.key]
    assert [one.paper_id for one in stated] == ["p3", "p5", "p5"]  # equally sure, the newest first
    assert len({one.sentence for one in stated}) == 3


def test_both_ways_of_a_comparison_are_one_line(tmp_path: Path) -> None:
    facts = [("a", "COMPARED_WITH", "b"), ("b", "COMPARED_WITH", "a"), ("a", "BASED_ON", "b"), ("b", "BASED_ON", "a")]
    graph = make_records(*((f"method:{a}", kind, f"method:{b}") for a, kind, b in facts), papers=2)
    with open_store(tmp_path / "graph.kg") as store:
        check_a_store_tells_what_the_graph_tells(store, graph, 5)
        lines = StoredGraph(store).lines()
    assert [(*line.key, line.papers, line.total) for line in lines] == [
        ("BASED_ON", "method:a", "method:b", 2, 2),
        ("BASED_ON", "method:b", "method:a", 2, 2),
        ("COMPARED_WITH", "method:a", "method:b", 2, 4),
    ]


def test_the_surest_entity_of_a_paper_comes_first(small: Subject) -> None:
    assert small.entities_of("p4") == ["dataset:glue", "dataset:squad", BERT, "method:roberta"]
    assert small.entities_of("p6") == small.entities_of("p0") == small.entities_of(BERT + "?") == []


def test_the_same_term_is_a_line_that_no_paper_states(small: Subject) -> None:
    same = Line(SAME_TERM_AS, "method:attention", "task:attention", 0, 0.0)
    assert small.lines_of(["task:attention"]) == [same]
    assert small.lines_between(["method:attention", "task:attention"]) == [same]
    assert same not in small.lines()
    assert small.evidence([], [same], 9).of_lines == {}


def test_lines_of_papers_are_what_they_do_with_their_entities(small: Subject) -> None:
    lines = small.lines_between([BERT, "method:gpt"], ["p2", "p3", "p4"])
    told = [(*line.key, line.papers, line.confidence, line.total, line.first, line.last) for line in lines]
    assert sorted(told) == [
        ("COMPARED_WITH", BERT, "method:gpt", 1, 0.75, 1, 2018, 2018),
        ("COMPARES", "p3", "method:gpt", 1, 0.9, 1, 2018, 2018),
        ("COMPARES", "p4", BERT, 1, 0.9, 1, 2019, 2019),
        ("PROPOSES", "p2", "method:gpt", 1, 0.9, 1, 2018, 2018),
        ("PROPOSES", "p3", BERT, 1, 0.9, 1, 2018, 2018),
    ]


def test_the_strongest_role_comes_first_and_its_paper_is_told(small: Subject) -> None:
    bert = small.nodes([BERT])[BERT]
    found = small.evidence([bert], [], 2)
    assert [(one.type, one.paper_id) for one in found.of_nodes[BERT]] == [("PROPOSES", "p3"), ("USES", "p5")]
    assert found.papers == {
        "p3": Cited("BERT reads in both directions", 2018, "https://example.org/p3"),
        "p5": Cited("A second look at BERT", None, "https://example.org/p5"),
    }


def test_periods_are_those_that_papers_tell(small: Subject) -> None:
    papers, rows = small.periods("year")
    assert papers == {"2017": 1, "2018": 2, "2019": 1}
    assert [row for row in rows if row[0] == "method:transformer"] == [
        ("method:transformer", "2017", 1),
        ("method:transformer", "2018", 2),
    ]
    papers, rows = small.periods("month")
    assert papers == {"2017-06": 1, "2018-06": 1, "2018-10": 1, "2019-07": 1}
    assert [row for row in rows if row[0] == BERT] == [(BERT, "2018-10", 1), (BERT, "2019-07", 1)]


def test_every_label_can_be_told_from_an_id(small: Subject) -> None:
    found = small.nodes(small.papers_of())
    assert {node.label for node in found.values()} == {entity_label(one) for one in found}


def test_a_store_gives_the_roles_of_an_entity_page_by_page(small_store: Store) -> None:
    subject = StoredGraph(small_store)
    bert = subject.nodes([BERT])[BERT]
    whole = list(subject.evidence([bert], [], 9).of_nodes[BERT])
    assert subject.roles(BERT, 0, 9) == whole
    assert [subject.roles(BERT, offset, 1) for offset in range(4)] == [[one] for one in whole] + [[]]


def test_a_store_gives_all_statements_of_a_line(small_store: Store) -> None:
    subject = StoredGraph(small_store)
    lines = subject.lines()
    ends = list(subject.nodes({end for line in lines for end in (line.source, line.target)}).values())
    stated = subject.evidence(ends, lines, 9).of_lines
    assert {line.key: subject.statements(line.key) for line in lines} == stated
    assert subject.statements(("BASED_ON", "method:gpt", BERT)) == []
    roles = subject.statements(("PROPOSES", "p3", BERT))
    assert [(one.paper_id, one.type, one.target) for one in roles] == [("p3", "PROPOSES", BERT)]
    assert subject.statements(("USES", "p3", BERT)) == subject.statements((SAME_TERM_AS, "method:a", "task:a")) == []
