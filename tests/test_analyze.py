"""PageRank, degree and communities: as networkx has them, the same on both engines, kept and removed on demand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.analyze import (
    RankedEntity,
    analyze_store,
    list_communities,
    list_entities,
    rank_entities,
    write_analysis,
)
from kgraph.cli import main
from kgraph.graph import build_graph, filter_graph
from kgraph.schema import RELATION_ENDS
from kgraph.store import Row, Store, open_store, read_store, sync_store
from tests.strategies import Graph, linked_papers, small_graph

_FIGURES = (
    "MATCH (e:Method|Dataset|Task) WHERE e.pagerank IS NOT NULL OR e.degree IS NOT NULL OR e.community IS NOT NULL "
)


@st.composite
def _relations(draw: st.DrawFn) -> list[Row]:
    keys = st.sampled_from(
        [
            (kind, f"{source.lower()}:{one}", f"{target.lower()}:{two}")
            for kind, (source, target) in RELATION_ENDS.items()
            for one in range(4)
            for two in range(4)
            if source != target or one != two
        ]
    )
    drawn = draw(st.dictionaries(keys, st.integers(1, 9), min_size=1, max_size=25))
    return [
        {"type": kind, "source": source, "target": target, "papers": papers}
        for (kind, source, target), papers in drawn.items()
    ]


def _voting(relations: list[Row]) -> nx.DiGraph:
    graph = nx.DiGraph()
    for row in relations:
        ends = [(row["source"], row["target"])]
        for source, target in [*ends, *((b, a) for a, b in ends if row["type"] == "COMPARED_WITH")]:
            weight = graph.get_edge_data(source, target, {"weight": 0})["weight"]
            graph.add_edge(source, target, weight=weight + row["papers"])
    return graph


def _figures(store: Store) -> list[Row]:
    return store.run(
        _FIGURES + "RETURN e.id AS id, e.kind AS label, e.pagerank AS pagerank, e.degree AS degree, "
        "e.community AS community ORDER BY id"
    )


def _by_id(ranked: list[RankedEntity]) -> list[Row]:
    return [
        {"id": one.id, "label": one.label, "pagerank": one.pagerank, "degree": one.degree, "community": one.community}
        for one in sorted(ranked, key=lambda one: one.id)
    ]


@given(_relations())
def test_pageranks_sum_to_one_and_are_what_the_random_surfer_of_networkx_keeps(relations: list[Row]) -> None:
    ranked, voting = rank_entities(relations), _voting(relations)
    ranks = np.array([one.pagerank for one in ranked])
    assert ranks.sum() == pytest.approx(1)
    moved = ranks @ nx.google_matrix(voting, alpha=0.85, nodelist=[one.id for one in ranked])
    assert moved == pytest.approx(ranks, abs=1e-10)
    assert list(ranks) == sorted(ranks, reverse=True)


@given(_relations())
def test_degrees_are_those_of_networkx_and_isolated_entities_have_no_rank(relations: list[Row]) -> None:
    graph = nx.Graph((row["source"], row["target"]) for row in relations)
    assert {one.id: one.degree for one in rank_entities(relations)} == dict(graph.degree)


@given(_relations())
def test_communities_are_numbered_from_the_largest_and_span_no_gap(relations: list[Row]) -> None:
    ranked = rank_entities(relations)
    sizes = Counter(one.community for one in ranked)
    assert [number for number, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))] == sorted(sizes)
    assert sorted(sizes) == list(range(1, len(sizes) + 1))
    graph = nx.Graph((row["source"], row["target"]) for row in relations)
    for number in sizes:
        members = {one.id for one in ranked if one.community == number}
        assert members <= nx.node_connected_component(graph, min(members))


@given(_relations(), st.randoms())
def test_the_order_of_the_relations_does_not_matter(relations: list[Row], random: Random) -> None:
    before = rank_entities(relations)
    random.shuffle(relations)
    assert rank_entities(relations) == before


def test_more_papers_weigh_more() -> None:
    rows = [
        {"type": "USED_FOR", "source": "method:a", "target": "task:often", "papers": 9},
        {"type": "USED_FOR", "source": "method:a", "target": "task:once", "papers": 1},
    ]
    assert [one.id for one in rank_entities(rows)] == ["task:often", "task:once", "method:a"]


def test_two_groups_that_one_paper_joins_are_two_communities(store: Store) -> None:
    sync_store(store, *small_graph())
    ranked = analyze_store(store)
    assert {one.id for one in ranked if one.community == 1} == {
        "dataset:glue",
        "dataset:squad",
        "method:bert",
        "method:roberta",
        "task:question-answering",
    }
    assert list_communities(store, ranked, 1) == [
        {
            "community": 1,
            "entities": 5,
            "terms": ["question answering", "BERT", "SQuAD", "GLUE", "RoBERTa"],
        }
    ]
    (first,) = list_entities(store, ranked, 1)
    assert (first["id"], first["name"], first["kind"]) == ("task:language-modeling", "language modeling", "Task")


def check_only_supported_relations_count(store: Store, graph: Graph, min_papers: int, min_confidence: float) -> None:
    sync_store(store, *graph)
    kept = filter_graph(build_graph(*graph), min_papers=min_papers, min_confidence=min_confidence)
    relations = {end for a, b, kind in kept.edges(data="type") if kind in RELATION_ENDS for end in (a, b)}
    ranked = analyze_store(store, min_papers=min_papers, min_confidence=min_confidence)
    assert {one.id for one in ranked} == relations


@given(graph=linked_papers(), min_papers=st.integers(1, 3), min_confidence=st.sampled_from([0, 0.3, 0.5, 0.9]))
def test_only_relations_with_enough_support_count(
    ladybug_store: Store, graph: Graph, min_papers: int, min_confidence: float
) -> None:
    check_only_supported_relations_count(ladybug_store, graph, min_papers, min_confidence)


@pytest.mark.neo4j
@settings(max_examples=20)
@given(graph=linked_papers(max_papers=6))
def test_both_engines_give_the_same_numbers(ladybug_store: Store, neo4j_store: Store, graph: Graph) -> None:
    for store in (ladybug_store, neo4j_store):
        sync_store(store, *graph)
        write_analysis(store, analyze_store(store))
    assert _figures(neo4j_store) == _figures(ladybug_store) == _by_id(analyze_store(neo4j_store))


def test_figures_are_kept_changed_and_removed(store: Store) -> None:
    sync_store(store, *small_graph())
    ranked = analyze_store(store)
    assert write_analysis(store, ranked) == len(ranked) == 10
    assert _figures(store) == _by_id(ranked)
    assert write_analysis(store, ranked) == 0
    sure = analyze_store(store, min_papers=2)
    assert 0 < len(sure) < len(ranked)
    assert write_analysis(store, sure) == len(ranked)
    assert _figures(store) == _by_id(sure)
    assert write_analysis(store, []) == len(sure)
    assert _figures(store) == []


def test_figures_are_no_difference_to_a_sync_and_stay(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    ranked = analyze_store(store)
    write_analysis(store, ranked)
    report = sync_store(store, entities, papers)
    assert (report.unchanged, report.entities_updated) == (len(papers), 0)
    read, linked = read_store(store)
    assert (read, list(linked)) == (entities, papers)
    bert = replace(entities["method:bert"], name="Bert")
    assert sync_store(store, entities | {bert.id: bert}, papers).entities_updated == 1
    assert _figures(store) == _by_id(ranked)


def test_an_empty_graph_has_no_ranks(store: Store) -> None:
    assert analyze_store(store) == []
    assert list_entities(store, [], 5) == list_communities(store, [], 5) == []
    assert write_analysis(store, []) == 0


def test_the_command_shows_writes_and_clears(tmp_path: Path) -> None:
    db = ["--db", str(tmp_path / "g.kg")]
    with open_store(tmp_path / "g.kg") as store:
        sync_store(store, *small_graph())

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*arguments, *db])
        assert result.exit_code == code, result.output
        return result.stdout

    assert "language modeling" in run("analyze", "--limit", "1")
    shown = json.loads(run("analyze", "--format", "json", "--limit", "3"))
    assert len(shown["entities"]) == 3
    assert [row["entities"] for row in shown["communities"]] == [5, 5]
    count = [
        "query",
        "--format",
        "json",
        "--cypher",
        "MATCH (e:Method|Dataset|Task) RETURN count(e.pagerank) AS ranked",
    ]
    for arguments, ranked in (([], 0), (["--write"], 10), (["--write", "--min-papers", "2"], 3), (["--clear"], 0)):
        run("analyze", *arguments)
        assert json.loads(run(*count)) == [{"ranked": ranked}]
    run("analyze", "--write", "--clear", code=2)
