"""The query library on the embedded engine: every file is well made, names are found, parameters are checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgraph.cypher_files import cypher_folder
from kgraph.errors import CypherError, NotFoundError, ParameterError, UnknownQueryError
from kgraph.query import (
    Query,
    count_graph,
    describe_entity,
    explain,
    find_entity,
    find_paper,
    find_query,
    list_queries,
    run_query,
    search_entities,
)
from kgraph.store import Store, open_store, sync_store
from tests.strategies import small_graph

QUERIES = list_queries()
ARGUMENTS: dict[str, Any] = {
    "task": "QA",
    "method": "bert",
    "entity": "Transformer",
    "other": "GPT",
    "source": "BERT",
    "target": "transformers",
    "text": "bert",
    "paper": "p1",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("db") / "small.kg"
    with open_store(folder) as filled:
        sync_store(filled, *small_graph())
    with open_store(folder, read_only=True) as opened:
        yield opened


def arguments(query: Query) -> dict[str, Any]:
    return {p.name: ARGUMENTS[p.name] for p in query.parameters if p.default is None}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_says_what_it_answers_and_names_its_parameters(query: Query) -> None:
    assert re.fullmatch(r"[A-Z].*[?.]", query.question)
    assert set(re.findall(r"\$(\w+)", query.cypher)) == {parameter.name for parameter in query.parameters}
    assert all(
        p.about and p.type in {"str", "int", "Label", "Entity", "Method", "Dataset", "Task"} for p in query.parameters
    )


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_has_an_answer_in_the_small_graph(store: Store, query: Query) -> None:
    assert run_query(store, query.name, **arguments(query))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_no_query_uses_what_the_engines_understand_differently(query: Query) -> None:
    forbidden = (
        r"labels\(|substring\(|toString\(|startNode\(|endNode\(|\bid\(|elementId\(|avg\(|sum\("
        r"|shortestPath|\bCALL\b|\[\d"
    )
    assert not re.search(forbidden, query.cypher, re.IGNORECASE)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_no_query_multiplies_whole_tables(store: Store, query: Query) -> None:
    values = {p.name: 1 if p.type == "int" else "x" for p in query.parameters}
    assert "CROSS_PRODUCT" not in str(store.run(f"EXPLAIN {query.cypher}", values))


def test_every_file_of_the_library_is_listed() -> None:
    assert [query.name for query in QUERIES] == sorted(
        path.stem for path in Path(cypher_folder() / "queries").glob("*.cypher")
    )


def test_methods_for_a_task_are_found_by_any_alias_in_any_case(store: Store) -> None:
    rows = [
        run_query(store, "methods-for-task", task=name)
        for name in ("question answering", "qa", "Question Answering", "task:question-answering")
    ]
    assert rows[0] == [
        {"id": "method:bert", "method": "BERT", "papers": 2, "score": 0.75, "first_year": 2018, "last_year": 2018}
    ]
    assert rows.count(rows[0]) == len(rows)


def test_a_name_in_another_spelling_is_found_by_its_normal_form(store: Store) -> None:
    assert find_entity(store, "Question-Answering")["id"] == "task:question-answering"


def test_a_name_goes_before_an_alias_and_an_id_before_both(store: Store) -> None:
    assert find_entity(store, "method:gpt")["name"] == "GPT"
    assert find_entity(store, "Roberta")["name"] == "RoBERTa"


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
        ("methods-for-task", {"task": "QA", "limits": 3}, "no parameter 'limits': it takes task, limit"),
        ("count-nodes", {"x": 1}, "it takes no parameters"),
        ("methods-for-task", {"task": "QA", "limit": "many"}, "limit must be a whole number above 0, not 'many'"),
        ("top-entities", {"type": "Paper"}, "type must be one of Method, Dataset, Task"),
    ],
)
def test_wrong_parameters_are_refused(store: Store, name: str, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(reason)):
        run_query(store, name, **given)


def test_values_are_bound_and_never_become_cypher(store: Store) -> None:
    with pytest.raises(NotFoundError):
        run_query(store, "methods-for-task", task="x'}) DETACH DELETE t //")
    assert count_graph(store)["nodes"]["Paper"] == 6


@pytest.mark.parametrize("name", ["nope", "../schema/neo4j", "", "Methods-For-Task"])
def test_an_unknown_query_is_refused(name: str) -> None:
    with pytest.raises(UnknownQueryError, match="kgraph query --list"):
        find_query(name)


def test_labels_are_told_in_any_case_and_in_the_plural(store: Store) -> None:
    assert run_query(store, "top-entities", type="datasets") == run_query(store, "top-entities", type="Dataset")


def test_why_gives_the_statements_of_both_directions_with_their_sentences(store: Store) -> None:
    (one,) = explain(store, "transformer", "BERT")
    assert (one["source"], one["type"], one["target"]) == ("BERT", "BASED_ON", "Transformer")
    assert one["sentence"] == "We introduce BERT, which stacks Transformers and beats GPT on GLUE."
    assert explain(store, "SQuAD", "machine translation") == []


def test_a_card_has_aliases_neighbours_and_papers(store: Store) -> None:
    card = describe_entity(store, "bert", limit=2)
    assert (card["name"], card["papers"], len(card["relations_from"]), len(card["papers_for"])) == ("BERT", 3, 2, 2)
    assert {row["name"] for row in card["relations_to"]} == {"RoBERTa"}


def test_search_finds_a_part_of_a_name_or_alias(store: Store) -> None:
    assert [row["name"] for row in search_entities(store, "BERT")] == ["BERT", "RoBERTa"]
    assert [row["name"] for row in search_entities(store, "representations from")] == ["BERT"]


def test_counts_tell_nodes_edges_and_papers_a_year(store: Store) -> None:
    counts = count_graph(store)
    assert counts["nodes"] == {"Dataset": 2, "Method": 5, "Paper": 6, "Task": 3}
    assert counts["edges"]["BASED_ON"] == 4
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
