"""The rows of an answer as a list, as a pandas DataFrame and as a networkx graph."""

from __future__ import annotations

import json
import sys

import pytest

from kgraph.errors import UsageError
from kgraph.query import Rows, find_query, run_query
from kgraph.store import Store, sync_store
from tests.strategies import small_graph


@pytest.fixture
def small(ladybug_store: Store) -> Store:
    sync_store(ladybug_store, *small_graph())
    return ladybug_store


def test_rows_are_a_list_of_dicts(small: Store) -> None:
    rows = run_query(small, "count-nodes")
    assert rows == [{"kind": kind, "count": count} for kind, count in COUNTS]
    assert json.loads(json.dumps(rows)) == rows


COUNTS = [("Dataset", 2), ("Method", 5), ("Paper", 6), ("Task", 4)]


def test_rows_become_a_data_frame(small: Store) -> None:
    frame = run_query(small, "count-nodes").to_dataframe()
    assert list(frame.columns) == ["kind", "count"]
    assert list(frame.itertuples(index=False, name=None)) == COUNTS
    assert run_query(small, "methods-for-task", task="QA", min_papers=9).to_dataframe().empty


def test_without_pandas_there_is_one_clear_line(small: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pandas is not installed: pip install 'kgraph\[pandas\]'"):
        run_query(small, "count-nodes").to_dataframe()


def test_a_row_with_an_id_is_joined_to_the_entity_that_was_asked_for(small: Store) -> None:
    graph = run_query(small, "methods-for-task", task="QA").to_graph()
    ((source, target, edge),) = graph.edges(data=True)
    assert (source, target, edge["type"], edge["papers"]) == ("method:bert", "task:question-answering", "USED_FOR", 2)
    assert graph.nodes["method:bert"]["name"] == "BERT"


def test_the_type_of_an_edge_may_be_a_column(small: Store) -> None:
    graph = run_query(small, "relations-from", entity="BERT").to_graph()
    assert {(target, edge["type"]) for _, target, edge in graph.edges(data=True)} == {
        ("dataset:glue", "EVALUATED_ON"),
        ("dataset:squad", "EVALUATED_ON"),
        ("method:gpt", "COMPARED_WITH"),
        ("method:transformer", "BASED_ON"),
        ("task:question-answering", "USED_FOR"),
    }


def test_a_row_may_be_two_edges(small: Store) -> None:
    graph = run_query(small, "papers-with-both", entity="BERT", other="GPT").to_graph()
    assert {(source, target, edge["type"]) for source, target, edge in graph.edges(data=True)} == {
        ("p3", "method:bert", "PROPOSES"),
        ("p3", "method:gpt", "COMPARES"),
    }
    assert graph.nodes["p3"]["name"] == "BERT reads in both directions"


def test_a_path_keeps_its_names_and_directions(small: Store) -> None:
    graph = run_query(small, "shortest-path", entity="RoBERTa", other="attention").to_graph()
    assert [(source, edge["type"], target) for source, target, edge in graph.edges(data=True)] == [
        ("method:roberta", "BASED_ON", "method:bert"),
        ("method:roberta", "COMPARED_WITH", "method:bert"),
        ("method:bert", "BASED_ON", "method:transformer"),
        ("method:transformer", "BASED_ON", "method:attention"),
    ]
    assert graph.nodes["method:transformer"]["name"] == "Transformer"


def test_a_row_without_an_end_is_left_out() -> None:
    rows = Rows([{"id": None, "method": "nothing"}], find_query("methods-for-task"), {"task": "task:qa"})
    assert rows.to_graph().number_of_nodes() == 0


def test_rows_that_join_nothing_are_no_graph(small: Store) -> None:
    with pytest.raises(UsageError, match="the rows of count-nodes are no graph"):
        run_query(small, "count-nodes").to_graph()
