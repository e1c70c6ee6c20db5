"""Asking the library on the embedded engine: names are found, parameters are checked, confidence is right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, groupby, islice
from operator import itemgetter
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.analyze import analyze_store, write_analysis
from kgraph.errors import CypherError, NotFoundError, ParameterError
from kgraph.query import (
    ALL,
    Query,
    count_graph,
    describe_entity,
    explain,
    find_entity,
    find_paper,
    list_queries,
    run_query,
    search_entities,
)
from kgraph.query.names import find_id
from kgraph.schema import RELATION_TYPES, Statement
from kgraph.store import Store, open_store, sync_store
from kgraph.support import SYMMETRIC, confidence, relation_of, support
from tests.strategies import Graph, linked_papers, make_linked_paper, small_graph

QUERIES = list_queries()
ARGUMENTS: dict[str, Any] = {
    "task": "QA",
    "method": "bert",
    "dataset": "squad",
    "entity": "Transformer",
    "other": "GPT",
    "source": "BERT",
    "target": "transformers",
    "text": "bert",
    "paper": "p1",
    "id": "method:bert",
    "since": 2018,
    "year": 2018,
}
OF_ONE_QUERY: dict[str, dict[str, Any]] = {
    "bridges": {"other": "question answering"},
    "common-ground": {"other": "RoBERTa"},
    "doubtful-statements": {"max_score": 0.8},
    "emerging": {"least": 1},
    "fading": {"least": 1},
    "many-aliases": {"least": 2},
    "same-terms": {"entity": "attention"},
    "subtasks": {"task": "LM"},
}
UNANSWERED = {"gaps", "methods-to-try", "mutual-bases"}
WEIGHED = [query for query in QUERIES if "$min_confidence" in query.cypher]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("db") / "small.kg"
    with open_store(folder) as filled:
        sync_store(filled, *small_graph())
        write_analysis(filled, analyze_store(filled))
    with open_store(folder, read_only=True) as opened:
        yield opened


def arguments(query: Query) -> dict[str, Any]:
    asked = {p.name: ARGUMENTS[p.name] for p in query.parameters if p.default is None}
    return asked | OF_ONE_QUERY.get(query.name, {})


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_has_an_answer_in_the_small_graph(store: Store, query: Query) -> None:
    assert bool(run_query(store, query.name, **arguments(query))) == (query.name not in UNANSWERED)


def test_methods_for_a_task_are_found_by_any_alias_in_any_case(store: Store) -> None:
    rows = [
        run_query(store, "methods-for-task", task=name)
        for name in ("question answering", "qa", "Question Answering", "task:question-answering")
    ]
    assert rows[0] == [
        {
            "id": "method:bert",
            "method": "BERT",
            "papers": 2,
            "confidence": 0.9375,
            "first_year": 2018,
            "last_year": 2018,
        }
    ]
    assert rows.count(rows[0]) == len(rows)


def test_a_name_in_another_spelling_is_found_by_its_normal_form(store: Store) -> None:
    assert find_entity(store, "Question-Answering")["id"] == "task:question-answering"


def test_a_name_goes_before_an_alias_and_an_id_before_both(store: Store) -> None:
    assert find_entity(store, "method:gpt")["name"] == "GPT"
    assert find_entity(store, "Roberta")["name"] == "RoBERTa"


def test_a_name_stands_for_the_same_entity_whether_found_by_its_key_or_not(store: Store) -> None:
    entities = small_graph()[0].values()
    names = {name for entity in entities for name in (entity.name, *entity.aliases)}
    for name in names | {name.upper() for name in names} | {entity.id for entity in entities}:
        assert find_id(store, name) == find_entity(store, name)["id"]


def test_a_name_that_nothing_bears_is_answered_with_near_ones(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no task is called 'machine reading'; did you mean machine translation?"):
        run_query(store, "methods-for-task", task="machine reading")
    with pytest.raises(NotFoundError, match="try `kgraph search`"):
        find_entity(store, "zzz")


def test_an_entity_of_another_label_is_not_taken(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no task is called 'BERT'"):
        run_query(store, "methods-for-task", task="BERT")


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("methods-for-task", {}, "needs a value for task"),
        (
            "methods-for-task",
            {"task": "QA", "limits": 3},
            "no parameter 'limits': it takes task, min_papers, min_confidence, limit",
        ),
        ("count-nodes", {"x": 1}, "it takes no parameters"),
        ("methods-for-task", {"task": "QA", "limit": "many"}, "limit must be a whole number above 0, not 'many'"),
        ("top-entities", {"type": "Paper"}, "type must be one of Method, Dataset, Task"),
        ("methods-for-task", {"task": "QA", "min_confidence": "1.1"}, "min_confidence must be a number from 0 to 1"),
        ("methods-for-task", {"task": "QA", "min_confidence": "nan"}, "a number from 0 to 1, not 'nan'"),
        ("methods-for-task", {"task": "QA", "min_confidence": [1]}, "a number from 0 to 1, not [1]"),
        ("methods-for-task", {"task": "QA", "min_papers": 0}, "min_papers must be a whole number above 0, not 0"),
        ("top-entities", {"min_papers": 2}, "top-entities has no parameter 'min_papers'"),
        ("builds-on", {"method": "BERT", "depth": 4}, "depth must be a whole number from 1 to 3, not 4"),
        ("emerging", {"since": "soon"}, "since must be a year such as 2020, not 'soon'"),
        ("emerging", {}, "needs a value for since (year)"),
    ],
)
def test_wrong_parameters_are_refused(store: Store, name: str, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(reason)):
        run_query(store, name, **given)


HOSTILE = "x'}) DETACH DELETE t //"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_values_are_bound_and_never_become_cypher(store: Store, query: Query) -> None:
    texts = {p.name: HOSTILE for p in query.parameters if p.type == "str"}
    assert not texts or run_query(store, query.name, **arguments(query) | texts) == []
    nodes = [p.name for p in query.parameters if p.type in ("Entity", "Method", "Dataset", "Task")]
    for name in nodes:
        with pytest.raises(NotFoundError, match=re.escape(repr(HOSTILE))):
            run_query(store, query.name, **arguments(query) | {name: HOSTILE})
    others = [p.name for p in query.parameters if p.name not in (*texts, *nodes)]
    for name in others:
        with pytest.raises(ParameterError, match=re.escape(repr(HOSTILE))):
            run_query(store, query.name, **arguments(query) | {name: HOSTILE})
    assert count_graph(store)["nodes"]["Paper"] == 6


def test_labels_are_told_in_any_case_and_in_the_plural(store: Store) -> None:
    assert run_query(store, "top-entities", type="datasets") == run_query(store, "top-entities", type="Dataset")


def test_why_gives_the_statements_of_both_directions_with_their_sentences(store: Store) -> None:
    (one,) = explain(store, "transformer", "BERT")
    assert (one["source"], one["type"], one["target"]) == ("BERT", "BASED_ON", "Transformer")
    assert one["sentence"] == "We introduce BERT, which stacks Transformers and beats GPT on GLUE."
    assert explain(store, "SQuAD", "machine translation") == []


def test_why_marks_both_names_in_the_sentence_and_in_its_context(store: Store) -> None:
    (one,) = explain(store, "transformer", "MT")
    assert (one["sentence"], one["context"]) == (
        "It reaches a new best score in machine translation.",
        "We propose the Transformer, a network built on attention alone.",
    )
    marked = [[one[text][start:end] for start, end in one[marks]] for text, marks in TEXTS]
    assert marked == [["machine translation"], ["Transformer"]]
    paper = next(linked.paper for linked in small_graph()[1] if linked.paper.id == "p1")
    assert paper.text[one["context_start_char"] : one["context_end_char"]] == one["context"]


TEXTS = (("sentence", "marks"), ("context", "context_marks"))


def test_why_puts_the_best_supported_relation_first_and_can_keep_one_type(store: Store) -> None:
    rows = explain(store, "BERT", "question answering")
    assert [(row["paper"], row["papers"], row["confidence"]) for row in rows] == [
        (paper, 2, 0.9375) for paper in ("p5", "p5", "p3")
    ]
    assert explain(store, "QA", "BERT", type="USED_FOR") == rows
    assert explain(store, "QA", "BERT", type="BASED_ON") == []
    both = {row["type"]: row["target"] for row in explain(store, "BERT", "RoBERTa")}
    assert both == {"BASED_ON": "BERT", "COMPARED_WITH": "BERT"}
    assert {row["type"] for row in explain(store, "BERT", "RoBERTa", type="BASED_ON")} == {"BASED_ON"}


def test_a_comparison_is_one_relation_in_both_directions(ladybug_store: Store) -> None:
    entities, papers = small_graph()
    by_id = {linked.paper.id: linked for linked in papers}
    there = next(one for one in by_id["p3"].statements if one.type == SYMMETRIC)
    back = replace(there, id="back", paper_id="p4", source=there.target, target=there.source, score=0.5)
    by_id["p4"] = make_linked_paper(by_id["p4"].paper, [*by_id["p4"].statements, back])
    sync_store(ladybug_store, entities, by_id.values())
    rows = explain(ladybug_store, "BERT", "GPT")
    assert [(row["source"], row["papers"], row["confidence"]) for row in rows] == [
        ("BERT", 2, 0.875),
        ("GPT", 2, 0.875),
    ]
    (row,) = run_query(ladybug_store, "compared-with", method="GPT")
    assert (row["papers"], row["confidence"]) == (2, 0.875)


# Support and confidence


@pytest.mark.parametrize("query", WEIGHED, ids=lambda query: query.name)
def test_a_bound_keeps_just_the_rows_that_reach_it(store: Store, query: Query) -> None:
    everything = run_query(store, query.name, **arguments(query))
    assert all(row["papers"] >= 1 and 0 < row["confidence"] < 1 for row in everything)
    for bounds in ({"min_papers": 2}, {"min_confidence": 0.8}, {"min_papers": 2, "min_confidence": 0.95}):
        kept = [
            row
            for row in everything
            if row["papers"] >= bounds.get("min_papers", 1) and row["confidence"] >= bounds.get("min_confidence", 0)
        ]
        assert run_query(store, query.name, **arguments(query), **bounds) == kept


def test_a_way_is_as_sure_as_its_weakest_step(ladybug_store: Store) -> None:
    entities, papers = small_graph()
    scores = {"method:roberta": 0.9, "method:bert": 0.6, "method:transformer": 0.8}
    weighed = [
        make_linked_paper(
            linked.paper,
            [replace(one, score=scores[one.source]) if one.type == "BASED_ON" and one.source in scores else one
             for one in linked.statements],
        )
        for linked in papers
    ]  # fmt: skip
    sync_store(ladybug_store, entities, weighed)
    rows = run_query(ladybug_store, "builds-on", method="RoBERTa")
    assert [(row["method"], row["steps"], row["confidence"]) for row in rows] == [
        ("BERT", 1, 0.9), ("Transformer", 2, 0.6), ("attention", 3, 0.6),
    ]  # fmt: skip
    back = run_query(ladybug_store, "built-upon-by", method="attention", min_confidence=0.7)
    assert [(row["method"], row["steps"], row["confidence"]) for row in back] == [
        ("Transformer", 1, 0.8),
        ("GPT", 2, 0.75),
    ]


def test_depth_ends_the_way(store: Store) -> None:
    asked = [run_query(store, "builds-on", method="RoBERTa", depth=depth) for depth in (1, 2, 3)]
    assert [[row["method"] for row in rows] for rows in asked] == [
        ["BERT"],
        ["BERT", "Transformer"],
        ["BERT", "Transformer", "attention"],
    ]


def test_no_way_between_two_entities_is_no_error(store: Store) -> None:
    assert run_query(store, "shortest-path", entity="BERT", other="task:attention") == []


Key = tuple[str, str, str]


def weigh(graph: Graph, key: Callable[[str, str, str], Key]) -> dict[Key, tuple[int, float]]:
    """Support and confidence of the relations of a graph as Python computes them; `key` says what is one relation."""
    stated: dict[Key, list[Statement]] = defaultdict(list)
    for linked in graph[1]:
        for one in linked.statements:
            if one.type in RELATION_TYPES:
                stated[key(one.type, one.source, one.target)].append(one)
    return {relation: support((one.paper_id, one.score) for one in found) for relation, found in stated.items()}


def directed(kind: str, source: str, target: str) -> Key:
    return kind, source, target


def check_confidence(store: Store, graph: Graph) -> None:
    """Every query that weighs relations must give the figures of Python."""
    sync_store(store, *graph)
    for node in graph[0]:
        ways = (("relations-from", 1, 2), ("relations-to", 2, 1))
        for query, here, there in ways:
            rows = run_query(store, query, entity=node, limit=1000)
            assert {(row["relation"], row["id"]): (row["papers"], row["confidence"]) for row in rows} == {
                (key[0], key[there]): known for key, known in weigh(graph, directed).items() if key[here] == node
            }
    for (kind, source, target), known in weigh(graph, directed).items():
        rows = run_query(store, "statements-between", source=source, target=target, limit=1000)
        assert {(row["papers"], row["confidence"]) for row in rows if row["type"] == kind} == {known}
    relations = weigh(graph, relation_of)
    of = {one.id: relation_of(one.type, one.source, one.target) for linked in graph[1] for one in linked.statements}
    for kind, source, target in relations:
        rows = explain(store, source, target, type=kind)
        assert (kind, source, target) in {of[row["id"]] for row in rows}
        assert all((row["papers"], row["confidence"]) == relations[of[row["id"]]] for row in rows)


def check_ways(store: Store, graph: Graph) -> None:
    """Ways over several steps must be those that Python finds, and the shortest path the first of the shortest."""
    edges = {(a, b): known for (kind, a, b), known in weigh(graph, directed).items() if kind == "BASED_ON"}
    for start in {end for edge in edges for end in edge}:
        for query, steps in (
            ("builds-on", edges),
            ("built-upon-by", {(b, a): known for (a, b), known in edges.items()}),
        ):
            best = {start: (0, ALL, 1.0)}
            for _ in range(2):
                best |= _one_step_further(best, steps)
            rows = run_query(store, query, method=start, depth=2, limit=ALL)
            found = {row["id"]: (row["steps"], row["papers"], row["confidence"]) for row in rows}
            assert found == {node: way for node, way in best.items() if node != start}
            assert all(run_query(store, query, method=start, depth=2, limit=few) == rows[:few] for few in (1, 2, 3))
    joined = nx.Graph((a, b) for _, a, b in weigh(graph, directed))
    for one, other in islice(combinations(sorted(joined), 2), 4):
        steps = run_query(store, "shortest-path", entity=one, other=other)
        chain = [one]
        for _, rows in groupby(steps, key=itemgetter("step")):
            ends = {frozenset((row["source"], row["target"])) for row in rows}
            assert len(ends) == 1
            chain.extend(ends.pop() - {chain[-1]})
        shortest = nx.all_shortest_paths(joined, one, other) if nx.has_path(joined, one, other) else [[one]]
        assert chain == min(shortest, key="|".join)


Ways = dict[str, tuple[int, int, float]]


def _one_step_further(best: Ways, steps: Mapping[tuple[str, str], tuple[int, float]]) -> Ways:
    """Return the best ways to what is reached for the first time."""
    ways = defaultdict(list)
    for (source, target), (papers, sure) in steps.items():
        if source in best and target not in best:
            length, least, weakest = best[source]
            ways[target].append((length + 1, min(least, papers), min(weakest, sure)))
    return {node: (min(found)[0], *(max(way[nth] for way in found) for nth in (1, 2))) for node, found in ways.items()}


def check_formula(store: Store, scores: list[float]) -> None:
    formula = re.findall(r"round\(1 - 10 .*?, 4\)", WEIGHED[0].cypher)[0]
    (row,) = store.run(f"UNWIND $scores AS score RETURN {formula} AS confidence", {"scores": scores})
    assert row["confidence"] == confidence(scores)


@settings(max_examples=25)
@given(graph=linked_papers(), scores=st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_the_embedded_engine_computes_what_python_does(ladybug_store: Store, graph: Graph, scores: list[float]) -> None:
    check_confidence(ladybug_store, graph)
    check_ways(ladybug_store, graph)
    check_formula(ladybug_store, scores)


@pytest.mark.neo4j
@settings(max_examples=20)
@given(graph=linked_papers(), scores=st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_neo4j_computes_what_python_does(neo4j_store: Store, graph: Graph, scores: list[float]) -> None:
    check_confidence(neo4j_store, graph)
    check_ways(neo4j_store, graph)
    check_formula(neo4j_store, scores)


def test_a_card_has_aliases_neighbours_and_papers(store: Store) -> None:
    card = describe_entity(store, "bert", limit=2)
    assert (card["name"], card["papers"], len(card["relations_from"]), len(card["papers_for"])) == ("BERT", 3, 2, 2)
    assert {row["name"] for row in card["relations_to"]} == {"RoBERTa"}


def test_search_finds_a_part_of_a_name_or_alias(store: Store) -> None:
    assert [row["name"] for row in search_entities(store, "BERT")] == ["BERT", "RoBERTa"]
    assert [row["name"] for row in search_entities(store, "representations from")] == ["BERT"]


def test_counts_tell_nodes_edges_and_papers_a_year(store: Store) -> None:
    counts = count_graph(store)
    assert counts["nodes"] == {"Dataset": 2, "Method": 5, "Paper": 6, "Task": 4}
    assert (counts["edges"]["BASED_ON"], counts["edges"]["SAME_TERM_AS"]) == (4, 1)
    assert sum(counts["papers"].values()) == 6


def test_a_paper_is_found_by_its_id(store: Store) -> None:
    found = find_paper(store, "p1")
    assert found is not None
    assert found["title"] == "Transformers: attention is enough"
    assert find_paper(store, "none") is None


def test_a_text_that_writes_is_refused(store: Store) -> None:
    with pytest.raises(CypherError):
        store.run("MATCH (n) DETACH DELETE n")
    assert count_graph(store)["nodes"]["Paper"] == 6
