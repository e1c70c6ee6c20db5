"""What every engine must do: the same tests run on the embedded one and on a real Neo4j."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kgraph.errors import CypherError, NotFoundError, ParameterError, StoreError, UsageError
from kgraph.revisions import entity_revision
from kgraph.same_terms import same_terms
from kgraph.schema import RELATION_TYPES, Entity, LinkedPaper
from kgraph.store import (
    GivenGraph,
    Row,
    Step,
    Store,
    SyncReport,
    read_neighbourhood,
    read_store,
    sync_source,
    sync_store,
)
from kgraph.store.statements import write_papers
from tests.strategies import Graph, linked_papers, make_linked_paper, only_named, small_graph


def content(store: Store) -> Graph:
    entities, papers = read_store(store)
    return entities, list(papers)


def part_of(graph: Graph, papers: Iterable[LinkedPaper]) -> Graph:
    """What a store must hold that was filled with these papers of a graph."""
    kept = list(papers)
    return only_named(graph[0].values(), kept), kept


def assert_no_twins(store: Store) -> None:
    for what in (
        "MATCH (n) WHERE n.kind IS NOT NULL WITH n.id AS id",
        "MATCH (a)-[r]->(b) WHERE r.id IS NOT NULL WITH r.id AS id",
        "MATCH (a)-[r:SAME_TERM_AS]->(b) WITH a.id AS id, b.id AS other",
    ):
        assert store.run(f"{what}, count(*) AS n WHERE n > 1 RETURN id") == []


def edited(linked: LinkedPaper) -> LinkedPaper:
    """The same paper with a new title and without its last statement."""
    return make_linked_paper(replace(linked.paper, title="Edited"), linked.statements[:-1])


def test_a_synced_graph_is_read_back_as_it_was(store: Store) -> None:
    entities, papers = small_graph()
    assert sync_store(store, entities, papers) == SyncReport(6, 0, 0, 0, 0, 0)
    assert content(store) == (entities, papers)


def test_a_second_sync_changes_nothing(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    assert sync_store(store, entities, papers) == SyncReport(0, 0, 0, 6, 0, 0)
    assert content(store) == (entities, papers)


def test_papers_are_replaced_and_removed_and_entities_that_nothing_names_disappear(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    changed = [edited(papers[0]), *papers[3:]]
    report = sync_store(store, entities, changed)
    left, _ = part_of((entities, papers), changed)
    gone = len(entities) - len(left)
    assert gone > 0
    assert report == SyncReport(0, 1, 2, 3, 0, gone)
    assert content(store) == (left, changed)


def test_a_renamed_entity_is_updated_though_no_paper_changed(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    renamed = entities | {"task:machine-translation": replace(entities["task:machine-translation"], name="MT")}
    assert sync_store(store, renamed, papers) == SyncReport(0, 0, 0, 6, 1, 0)
    assert content(store) == (renamed, papers)


def test_an_entity_that_no_statement_names_is_not_written(store: Store) -> None:
    entities, papers = small_graph()
    spare = Entity("task:spare", "Task", "spare", ("spare",), "", ("method:gpt",))
    gpt = replace(entities["method:gpt"], same_term=("task:spare",))
    for _ in range(2):
        assert sync_store(store, {**entities, spare.id: spare, gpt.id: gpt}, papers).entities_updated == 0
        assert content(store) == (entities, papers)


SAME_TERMS = "MATCH (a)-[:SAME_TERM_AS]->(b) RETURN a.id AS source, b.id AS target ORDER BY source, target"


def test_entities_that_are_the_same_term_are_joined_once_from_the_smaller_id(store: Store) -> None:
    sync_store(store, *small_graph())
    assert store.run(SAME_TERMS) == [{"source": "method:attention", "target": "task:attention"}]
    one_sided = {key: replace(one, same_term=one.same_term * (key[0] == "t")) for key, one in small_graph()[0].items()}
    assert sync_store(store, one_sided, small_graph()[1]) == SyncReport(0, 0, 0, 6, 0, 0)


def test_what_is_the_same_term_changes_without_the_papers(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    glue = replace(entities["dataset:glue"], same_term=("method:gpt", "task:language-modeling"))
    others = {key: replace(entities[key], same_term=(glue.id,)) for key in glue.same_term}
    apart = {key: replace(entities[key], same_term=()) for key in ("method:attention", "task:attention")}
    changed = entities | others | apart | {glue.id: glue}
    assert sync_store(store, changed, papers, batch_size=1) == SyncReport(0, 0, 0, 6, 5, 0)
    assert content(store) == (changed, papers)
    assert sync_store(store, changed, papers) == SyncReport(0, 0, 0, 6, 0, 0)


class Watched(Store):
    """A store that remembers what was written, and breaks where it is told to."""

    def __init__(self, store: Store, breaks_after: int) -> None:
        self.store, self.left, self.written = store, breaks_after, list[Step]()

    def run(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self.store.run(cypher, parameters)

    def write(self, steps: Sequence[Step]) -> None:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.written += steps
        self.store.write(steps)

    def close(self) -> None:
        self.store.close()


def test_a_sync_of_what_is_there_writes_nothing(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    watched = Watched(store, breaks_after=2)
    sync_store(watched, entities, papers)
    assert watched.written == []
    sync_store(watched, entities | {"task:attention": replace(entities["task:attention"], url="https://x.org")}, papers)
    rows = [row for step in watched.written for row in step.parameters.get("rows", ())]
    assert {row.get("id", row.get("target")) for row in rows} == {"task:attention"}


def test_a_sync_that_is_interrupted_at_any_write_is_mended_by_the_next(store: Store) -> None:
    entities, papers = small_graph()
    target = part_of((entities, papers), papers[1:5])
    for writes in range(20):
        sync_store(store, entities, [edited(linked) for linked in papers[:2]])
        watched = Watched(store, breaks_after=writes)
        try:
            sync_store(watched, *target, batch_size=2)
            break
        except KeyboardInterrupt:
            assert_no_twins(store)
            sync_store(store, *target)
            assert content(store) == target
    assert writes > 4


def test_a_paper_that_somebody_deleted_is_written_again_without_twins(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    store.run("MATCH (p:Paper {id: 'p5'}) DETACH DELETE p", write=True)
    assert sync_store(store, entities, papers) == SyncReport(1, 0, 0, 5, 0, 0)
    assert content(store) == (entities, papers)
    assert_no_twins(store)


@pytest.mark.neo4j
def test_a_graph_of_an_older_version_is_brought_up_to_date(neo4j_store: Store) -> None:
    entities, papers = small_graph()
    sync_store(neo4j_store, entities, papers)
    old = [
        Step("MATCH (n:Method|Dataset|Task) SET n.revision = NULL", {}),
        Step("MATCH (p:Paper) SET p.revision = '312fe59524f39a8019e790e7'", {}),
        Step("MATCH (p:Paper {id: 'p1'}) SET p.revision = '123456789012345678901234'", {}),
    ]
    neo4j_store.write(old)
    assert sync_store(neo4j_store, entities, papers) == SyncReport(0, 6, 0, 0, len(entities), 0)
    assert content(neo4j_store) == (entities, papers)


def test_a_statement_without_its_entity_is_refused(store: Store) -> None:
    entities, papers = small_graph()
    with pytest.raises(UsageError, match="method:bert, which is not there"):
        sync_store(store, {key: one for key, one in entities.items() if key != "method:bert"}, papers)


def test_syncing_nothing_empties_the_store(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    assert sync_store(store, {}, []) == SyncReport(0, 0, 6, 0, 0, 11)
    assert store.run("MATCH (n) WHERE n.kind IS NOT NULL RETURN count(*) AS n") == [{"n": 0}]


def test_a_paper_that_comes_twice_is_refused(store: Store) -> None:
    entities, papers = small_graph()
    with pytest.raises(UsageError, match="p1 comes twice"):
        sync_store(store, entities, [papers[0], papers[0]])


def test_parallel_edges_stand_side_by_side(store: Store) -> None:
    sync_store(store, *small_graph())
    rows = store.run(
        "MATCH (a:Method {id: 'method:bert'})-[r:USED_FOR]->(b:Task {id: 'task:question-answering'}) "
        "RETURN r.paper_id AS paper, count(*) AS n ORDER BY paper"
    )
    assert rows == [{"paper": "p3", "n": 1}, {"paper": "p5", "n": 2}]


def test_progress_is_told_for_every_paper_that_is_written(store: Store) -> None:
    entities, papers = small_graph()
    told: list[tuple[int, int]] = []
    for _ in range(2):
        sync_store(store, entities, papers, batch_size=4, on_progress=lambda *done: told.append(done))
        assert told == [(4, 6), (6, 6)]


@pytest.mark.parametrize("cut", range(1, 6))
def test_an_interrupted_sync_is_mended_by_running_it_again(store: Store, cut: int) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, [edited(linked) for linked in papers[1:]])

    class Breaking(GivenGraph):
        def papers(self, ids: Iterable[str] | None = None) -> Iterator[LinkedPaper]:
            yield from islice(super().papers(ids), cut)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync_source(store, Breaking(entities, papers), batch_size=1)
    assert_no_twins(store)
    sync_store(store, entities, papers)
    assert content(store) == (entities, papers)


# One store for all examples, so every example also syncs from whatever the one before it left.
def check_any_graph(store: Store, graph: Graph, batch_size: int) -> None:
    sync_store(store, *graph, batch_size=batch_size)
    assert content(store) == graph
    entities, papers = graph
    assert sync_store(store, entities, papers) == SyncReport(0, 0, 0, len(papers), 0, 0)
    assert content(store) == graph
    assert_no_twins(store)


@settings(max_examples=60)
@given(graph=linked_papers(), batch_size=st.integers(1, 5))
def test_any_graph_comes_back_from_ladybug(ladybug_store: Store, graph: Graph, batch_size: int) -> None:
    check_any_graph(ladybug_store, graph, batch_size)


@pytest.mark.neo4j
@settings(max_examples=15)
@given(graph=linked_papers(), batch_size=st.integers(1, 5))
def test_any_graph_comes_back_from_neo4j(neo4j_store: Store, graph: Graph, batch_size: int) -> None:
    check_any_graph(neo4j_store, graph, batch_size)


def check_any_order(store: Store, graph: Graph, data: st.DataObject) -> None:
    entities, papers = graph
    sync_store(store, {}, [])
    shuffled = data.draw(st.permutations(papers))
    for cut in sorted(data.draw(st.lists(st.integers(0, len(papers)), max_size=3))):
        sync_store(store, entities, [edited(linked) for linked in shuffled[:cut]])
        sync_store(store, *part_of(graph, shuffled[:cut]))
    sync_store(store, entities, shuffled, batch_size=2)
    assert content(store) == graph
    assert_no_twins(store)


@settings(max_examples=30)
@given(graph=linked_papers(), data=st.data())
def test_order_and_pieces_do_not_matter_on_ladybug(ladybug_store: Store, graph: Graph, data: st.DataObject) -> None:
    check_any_order(ladybug_store, graph, data)


@pytest.mark.neo4j
@settings(max_examples=8)
@given(graph=linked_papers(), data=st.data())
def test_order_and_pieces_do_not_matter_on_neo4j(neo4j_store: Store, graph: Graph, data: st.DataObject) -> None:
    check_any_order(neo4j_store, graph, data)


def test_a_write_is_done_wholly_or_not_at_all(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    steps = [*write_papers([edited(papers[0])], stored=["p1"]), Step("CREATE (n:Paper {id: $id})", {"id": "p2"})]
    with pytest.raises(StoreError):
        store.write(steps)
    assert content(store) == (entities, papers)


def test_columns_that_hold_nothing_but_null_are_written(store: Store) -> None:
    entities, papers = small_graph()
    undated = [linked for linked in papers if linked.paper.year is None]
    assert len(undated) == 2
    sync_store(store, entities, undated)
    assert store.run("MATCH ()-[r:USES]->() RETURN DISTINCT r.year AS year") == [{"year": None}]
    assert list(read_store(store)[1]) == undated


def test_values_come_as_plain_python(store: Store) -> None:
    sync_store(store, *small_graph())
    [row] = store.run(
        "MATCH path = (p:Paper {id: 'p1'})-[r:PROPOSES]->(e:Method) "
        "RETURN e, r.start_char AS start, e.aliases AS aliases, [e.name, 'x'] AS names, {a: 1} AS map, "
        "sum(2) AS two, path, type(r) AS kind"
    )
    node = {"id": "method:transformer", "kind": "Method", "name": "Transformer", "url": ""}
    node |= {"aliases": ["Transformer", "Transformers"]}  # type: ignore[dict-item]
    revision = entity_revision(small_graph()[0]["method:transformer"])
    assert row["e"] == node | {"revision": revision}
    assert (row["aliases"], row["names"]) == (["Transformer", "Transformers"], ["Transformer", "x"])
    assert (row["map"], row["two"], type(row["two"]), row["kind"]) == ({"a": 1}, 2, int, "PROPOSES")
    assert [one["id"] for one in row["path"]["nodes"]] == ["p1", "method:transformer"]
    [edge] = row["path"]["relationships"]
    assert (edge["paper_id"], edge["start_char"]) == ("p1", row["start"])
    evidence = ["sentence", "start_char", "end_char", "context", "context_start_char", "context_end_char"]
    assert sorted(edge) == sorted(["id", "paper_id", *evidence, "score", "year", "component"])


@pytest.mark.parametrize("value", ["it's", "\\", '"', "🧪", "", None, 7, 0.5, True, ["a", "b"]])
def test_parameters_are_bound_not_pasted(store: Store, value: Any) -> None:
    assert store.run("RETURN $value AS value", {"value": value}) == [{"value": value}]


def test_a_missing_parameter_is_an_error_and_a_surplus_one_is_not(store: Store) -> None:
    with pytest.raises(ParameterError, match=r"needs a value for \$b, \$c"):
        store.run("RETURN $a AS a, $b AS b, $c AS c", {"a": 1})
    assert store.run("RETURN $a AS a", {"a": 1, "spare": 2}) == [{"a": 1}]


@pytest.mark.parametrize("value", [{1, 2}, 2**70, object(), [1, object()]])
def test_a_parameter_that_no_engine_takes_is_said_to_be_one(store: Store, value: Any) -> None:
    with pytest.raises(ParameterError, match="a parameter has a value that the engine cannot take"):
        store.run("RETURN $x AS x", {"x": value})


def test_a_tuple_is_a_list_to_every_engine(store: Store) -> None:
    assert store.run("RETURN $x AS x", {"x": (1, 2)}) == [{"x": [1, 2]}]


def test_comments_and_strings_name_no_parameters(store: Store) -> None:
    text = """// what does $this do; it's a comment
    RETURN '$in; \\' string' AS a, "$in 'string'" AS b, /* $no; "parameter */ 1 AS `$c`; // $end"""
    assert store.run(text) == [{"a": "$in; ' string", "b": "$in 'string'", "$c": 1}]


@pytest.mark.parametrize("text", ["", "  // nothing", ";", "RETURN 1 AS a; RETURN 2 AS b"])
def test_a_query_is_one_statement(store: Store, text: str) -> None:
    with pytest.raises(CypherError, match="exactly one Cypher statement"):
        store.run(text)


def test_a_wrong_query_is_refused_in_one_line(store: Store) -> None:
    with pytest.raises(CypherError) as caught:
        store.run("MATCH (n:Method)\nRETRN n")
    assert "RETRN" in str(caught.value)
    assert "line 2" in str(caught.value).replace("line: 2", "line 2")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (n:Method {id: 'method:new'}) RETURN n.id AS id",
        "MATCH (n:Method) DETACH DELETE n",
        "MATCH (n:Method) SET n.name = 'x'",
    ],
)
def test_a_reading_query_cannot_write(store: Store, text: str) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    with pytest.raises(CypherError):
        store.run(text)
    assert content(store) == (entities, papers)


def test_the_store_works_on_after_an_error(store: Store) -> None:
    with pytest.raises(CypherError):
        store.run("RETURN")
    assert store.run("RETURN 1 AS one") == [{"one": 1}]


def test_what_an_older_version_did_not_write_is_read_as_nothing(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    old = "MATCH (a)-[r:USED_FOR]->(b) SET r.context = NULL, r.context_start_char = NULL, r.context_end_char = NULL"
    store.write([Step(old, {}), Step("MATCH (d:Dataset) SET d.url = NULL", {})])
    found, read = content(store)
    assert found == entities | {"dataset:glue": replace(entities["dataset:glue"], url="")}
    statements = [one for linked in papers for one in linked.statements]
    assert [one for linked in read for one in linked.statements] == [
        replace(one, context="", context_start_char=0, context_end_char=0) for one in statements
    ]


# The neighbourhood


def test_the_neighbourhood_of_an_entity(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    near, around = read_neighbourhood(store, "method:gpt")
    assert sorted(near) == ["method:bert", "method:gpt", "method:transformer", "task:language-modeling"]
    assert near == {entity_id: entities[entity_id] for entity_id in near}
    by_id = {linked.paper.id: linked for linked in around}
    # p4 and p5 say nothing about two of these, p1 nothing about GPT.
    assert sorted(by_id) == ["p2", "p3"]
    assert by_id["p2"].paper == papers[1].paper
    assert by_id["p2"].statements == papers[1].statements
    assert {one.target for one in by_id["p3"].statements} == {"method:bert", "method:gpt", "method:transformer"}
    assert by_id["p2"].revision == 0


def test_the_neighbourhood_of_a_paper_starts_from_what_it_names(store: Store) -> None:
    sync_store(store, *small_graph())
    near, around = read_neighbourhood(store, "p1")
    assert sorted(near) == ["method:attention", "method:transformer", "task:machine-translation"]
    assert [linked.paper.id for linked in around] == ["p1"]
    further, _ = read_neighbourhood(store, "p1", depth=2)
    assert sorted(further.keys() - near.keys()) == ["method:bert", "method:gpt", "task:attention"]


def test_the_same_term_is_a_step_away_and_joined_where_both_are_there(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    near, _ = read_neighbourhood(store, "task:attention")
    assert near == {key: entities[key] for key in ("method:attention", "task:attention")}
    alone, _ = read_neighbourhood(store, "task:attention", depth=0)
    assert alone["task:attention"].same_term == ()


def test_a_paper_that_names_nothing_has_a_neighbourhood_of_itself(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    near, around = read_neighbourhood(store, "p6")
    assert (near, [linked.paper for linked in around]) == ({}, [papers[5].paper])


def test_the_limit_keeps_what_most_papers_support(store: Store) -> None:
    sync_store(store, *small_graph())
    near, _ = read_neighbourhood(store, "dataset:squad", depth=1, limit=3)
    # BERT and question answering are tied to SQuAD by two papers, RoBERTa by one.
    assert sorted(near) == ["dataset:squad", "method:bert", "task:question-answering"]


def test_an_unknown_node_has_no_neighbourhood(store: Store) -> None:
    with pytest.raises(NotFoundError, match="method:nothing"):
        read_neighbourhood(store, "method:nothing")


@settings(max_examples=30)
@given(graph=linked_papers(), data=st.data())
def test_a_neighbourhood_is_what_a_walk_over_the_relations_finds(
    ladybug_store: Store, graph: Graph, data: st.DataObject
) -> None:
    entities, papers = graph
    assume(entities)
    sync_store(ladybug_store, entities, papers)
    start = data.draw(st.sampled_from(sorted(entities)))
    depth = data.draw(st.integers(0, 3))
    relations = [one for linked in papers for one in linked.statements if one.type in RELATION_TYPES]
    steps = [(one.source, one.target) for one in relations] + same_terms(entities.values())
    reached = {start}
    for _ in range(depth):
        reached |= {end for step in steps if not reached.isdisjoint(step) for end in step}
    near, around = read_neighbourhood(ladybug_store, start, depth=depth)
    assert near.keys() == reached
    assert same_terms(near.values()) == same_terms(entities[key] for key in reached)
    assert all(replace(near[key], same_term=()) == replace(entities[key], same_term=()) for key in reached)
    expected = {
        one.id
        for linked in papers
        for one in linked.statements
        if one.target in reached and (one.source in reached or one.source == linked.paper.id)
    }
    found = {one.id for linked in around for one in linked.statements}
    assert found <= expected
    assert {one.id for one in relations if one.id in expected} <= found
