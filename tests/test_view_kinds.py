"""The kinds of picture: what each shows, and what it says where it makes no picture."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.analyze import analyze_store, write_analysis
from kgraph.build import build
from kgraph.errors import KgraphError, NotFoundError, UsageError
from kgraph.graph import build_graph, filter_graph
from kgraph.query import Query, list_queries, run_query
from kgraph.sample import sample_path
from kgraph.schema import BASED_ON, METHOD, PAPER, RELATION_TYPES, SAME_TERM_AS, TASK
from kgraph.store import Store, open_store, read_store, sync_store
from kgraph.view import (
    Answer,
    Comparison,
    Core,
    Ego,
    Kind,
    Lineage,
    Overview,
    StoredGraph,
    Topic,
    Trend,
    render_view,
)
from kgraph.view.kinds import GENERATIONS, MAX_NODES
from kgraph.view.picture import make_picture
from kgraph.view.select import FANOUT, LINES_PER_NODE, MOST_IN_RESERVE, RESERVE, Selection
from kgraph.view.subject import Line, Subject, by_support
from kgraph.view.subject.in_memory import GraphInMemory
from tests.strategies import Graph, linked_papers, make_linked_paper, small_graph
from tests.test_query_library import FINDS_NOTHING
from tests.test_view_select import BERT, Fact, make_graph, make_records, star, subject_of

GPT = "method:gpt"
ANSWERABLE = [query for query in list_queries() if query.edges]


@pytest.fixture(scope="module")
def small() -> GraphInMemory:
    return GraphInMemory(build_graph(*small_graph()))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("kinds") / "sample.kg"
    build([sample_path()], folder)
    with open_store(folder) as store:
        write_analysis(store, analyze_store(store))
        yield store


def select(subject: Subject, kind: Kind, limit: int | None = None) -> Selection:
    return kind.select(subject, kind.limit if limit is None else limit)


def keys(selection: Selection) -> list[tuple[str, str, str]]:
    return [line.key for line in selection.lines]


# ---------------------------------------------------------------- all kinds


@st.composite
def asked(draw: st.DrawFn) -> tuple[Graph, Kind]:
    """A graph, and a kind of picture about something in it, be it the right thing or not."""
    graph = draw(linked_papers(max_papers=6, max_entities=8))
    ids = [*graph[0], *(linked.paper.id for linked in graph[1]), "method:unknown"]
    some = st.sampled_from(ids)
    rows = st.lists(st.tuples(some, some, st.sampled_from([*RELATION_TYPES, "USES", SAME_TERM_AS, "NEAR"])), max_size=9)
    kind = draw(
        st.sampled_from([Core(), Overview(), Lineage(), Trend(), Trend("month")])
        | st.builds(Ego, some, st.integers(-1, 3))
        | st.builds(Topic, some)
        | st.builds(Lineage, some)
        | st.builds(Comparison, some, some)
        | st.builds(Answer, rows.map(as_rows))
    )
    return graph, kind


def as_rows(edges: list[tuple[str, str, str]]) -> nx.MultiDiGraph:
    rows = nx.MultiDiGraph()
    for number, (source, target, kind) in enumerate(edges):
        rows.add_edge(source, target, type=kind, papers=number, name="a row", share=0.123456, year=2020)
    return rows


def tried(subject: Subject, kind: Kind, limit: int) -> Selection | tuple[type, str]:
    """What a kind selects, or how it says that it cannot."""
    try:
        return select(subject, kind, limit)
    except KgraphError as error:
        assert isinstance(error, NotFoundError | UsageError)
        return type(error), str(error)


@settings(max_examples=300)
@given(asked(), st.integers(1, 12))
def test_what_any_kind_selects_is_sound(asked: tuple[Graph, Kind], limit: int) -> None:
    graph, kind = asked
    subject = GraphInMemory(build_graph(*graph))
    selection = tried(subject, kind, limit)
    if isinstance(selection, tuple):
        return
    nodes, reserve = selection.nodes, selection.reserve
    assert len(set(nodes)) == len(nodes) <= room_for(kind, limit)
    assert subject.nodes(nodes).keys() == set(nodes)
    assert len(set(reserve)) == len(reserve) <= min(MOST_IN_RESERVE, RESERVE * len(nodes))
    assert subject.papers_of(reserve).keys() == set(reserve)
    assert set(nodes).isdisjoint(reserve)
    assert len(set(keys(selection))) == len(selection.lines)
    assert {end for line in selection.lines for end in (line.source, line.target)} <= {*nodes, *reserve}
    assert selection.focus == (kind.focus if isinstance(kind, Ego) else None)
    if selection.focus:
        assert nodes[0] == selection.focus
    if selection.arrangement == "columns":
        assert sorted(node for column in selection.columns for node in column.nodes) == sorted(nodes)
    assert (selection.trends is not None) == isinstance(kind, Trend)


def room_for(kind: Kind, limit: int) -> int:
    if isinstance(kind, Trend):
        return 4 * limit
    return max(2, limit) if isinstance(kind, Comparison) else limit


@settings(max_examples=200)
@given(asked(), st.randoms(use_true_random=False), st.integers(1, 12))
def test_the_order_of_papers_does_not_matter(asked: tuple[Graph, Kind], shuffle: random.Random, limit: int) -> None:
    (entities, papers), kind = asked
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    backwards = build_graph(dict(reversed(entities.items())), mixed)
    expected = tried(GraphInMemory(build_graph(entities, papers)), kind, limit)
    assert tried(GraphInMemory(backwards), kind, limit) == expected


@settings(max_examples=50)
@given(asked=asked(), limit=st.integers(1, 12))
def test_a_store_shows_what_the_graph_shows(ladybug_store: Store, asked: tuple[Graph, Kind], limit: int) -> None:
    graph, kind = asked
    sync_store(ladybug_store, *graph)
    expected = tried(GraphInMemory(build_graph(*graph)), kind, limit)
    assert tried(StoredGraph(ladybug_store), kind, limit) == expected


@given(linked_papers(max_papers=6, max_entities=8), st.integers(1, 8))
def test_every_relation_between_two_shown_nodes_is_a_line_or_left_out(graph: Graph, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    for kind in (Core(), *(Ego(entity, 2) for entity in graph[0])):
        selection = select(subject, kind, limit)
        shown = set(selection.nodes)
        between = subject.lines_between(selection.nodes)
        drawn = [line for line in selection.lines if {line.source, line.target} <= shown]
        assert set(drawn) <= set(between)
        assert len(drawn) + selection.left_out == len(between)
        if isinstance(kind, Core) and limit > 1:
            stated = (line for line in drawn if line.type != SAME_TERM_AS)
            assert {end for line in stated for end in (line.source, line.target)} == shown


@pytest.mark.parametrize(
    "kind",
    [Ego("nothing"), Topic("nothing"), Lineage("nothing"), Comparison("nothing", BERT), Comparison(BERT, "nothing")],
)
def test_what_is_not_there_is_named(small: Subject, kind: Kind) -> None:
    with pytest.raises(NotFoundError, match="^no entity or paper has the id 'nothing'$"):
        select(small, kind)


@pytest.mark.parametrize("limit", [0, -1, MAX_NODES + 1])
@pytest.mark.parametrize("kind", [Core(), Ego(BERT), Overview(), Trend()])
def test_a_limit_is_one_node_or_more_and_not_too_many(small: Subject, kind: Kind, limit: int) -> None:
    with pytest.raises(UsageError, match="^a picture needs a limit of 1 to 200,000 nodes$"):
        make_picture(small, kind, limit)


def test_each_kind_has_a_limit_that_suits_it() -> None:
    kinds = (Core, Ego, Topic, Lineage, Comparison, Trend, Answer, Overview)
    assert [kind.limit for kind in kinds] == [150, 150, 80, 80, 60, 12, 2_000, 100_000]
    assert [kind.colour for kind in kinds] == ["type"] * 7 + ["community"]


# ---------------------------------------------------------------- the best of all


def test_the_core_of_a_small_graph_is_all_that_relations_connect(small: Subject) -> None:
    selection = select(small, Core())
    # Nothing but its name joins the task of attention: it waits in reserve.
    assert set(selection.nodes) == small.papers_of().keys() - {"task:attention"}
    assert selection.reserve == ("task:attention",)
    assert selection.nodes[0] == BERT  # three papers speak of it, as of others, and it has most neighbours
    assert {line.type for line in selection.lines} == {*RELATION_TYPES, SAME_TERM_AS}
    assert (selection.left_out, selection.focus, selection.arrangement) == (0, None, "forces")


def test_the_core_keeps_the_best_supported(small: Subject) -> None:
    assert select(small, Core(), 2).nodes == (BERT, "method:transformer")
    assert select(small, Core(), 1).nodes == (BERT,)


def test_one_name_joins_parts_of_the_core_but_brings_nothing_in() -> None:
    graph = make_graph(("a", "BASED_ON", "b"), ("c", "BASED_ON", "d"))
    for pair in (("b", "c"), ("d", "alone")):
        graph.add_edge(*pair, key=" SAME ".join(pair), type=SAME_TERM_AS)
    graph.nodes["alone"].update(label=TASK, name="alone", aliases=("alone",), url="")
    selection = select(GraphInMemory(graph), Core())
    assert sorted(selection.nodes) == ["a", "b", "c", "d"]
    assert [line.type for line in selection.lines] == ["BASED_ON", "BASED_ON", SAME_TERM_AS, SAME_TERM_AS]
    assert selection.reserve == ("alone",)


def test_large_parts_come_first_and_what_nothing_joins_is_not_in_the_core() -> None:
    graph = make_graph(("a", "BASED_ON", "b"), *star(4))
    graph.add_node("alone", label=METHOD, name="alone", aliases=("alone",), url="")
    subject = GraphInMemory(graph)
    assert set(select(subject, Core()).nodes) == {"a", "b", "hub", *(f"leaf{n:03}" for n in range(4))}
    assert "a" not in select(subject, Core(), 6).nodes
    assert select(subject, Ego("alone"), 6).nodes == ("alone",)


def test_a_dense_core_says_how_many_lines_it_leaves_out() -> None:
    names = [f"m{number:02}" for number in range(20)]
    selection = select(subject_of(*((a, "BASED_ON", b) for a in names for b in names if a < b)), Core())
    assert len(selection.lines) == LINES_PER_NODE * 20
    assert selection.left_out == 20 * 19 // 2 - LINES_PER_NODE * 20


@pytest.mark.parametrize("kind", [Core(), Overview()])
def test_an_empty_graph_has_an_empty_picture(kind: Kind) -> None:
    assert select(GraphInMemory(build_graph({}, [])), kind) == Selection((), ())


# ---------------------------------------------------------------- around one


def test_what_surrounds_an_entity(small: Subject) -> None:
    near = ("dataset:squad", "task:question-answering", "method:roberta", "method:transformer", "dataset:glue", GPT)
    further = {"method:attention", "task:machine-translation", "task:language-modeling"}
    assert select(small, Ego(BERT, 0)).nodes == (BERT,)
    assert select(small, Ego(BERT)).nodes == (BERT, *near)
    assert set(select(small, Ego(BERT, 2)).nodes) == {BERT, *near, *further}
    assert set(select(small, Ego(BERT, 3)).nodes) == {BERT, *near, *further, "task:attention"}
    assert select(small, Ego(BERT), 3).nodes == (BERT, *near[:2])
    assert select(small, Ego(BERT), 3).reserve[0] == "method:roberta"
    assert select(small, Ego(BERT), 1).nodes == (BERT,)


def test_the_same_term_is_a_step_and_a_line_without_statements(small: Subject) -> None:
    selection = select(small, Ego("task:attention"))
    assert selection.nodes == ("task:attention", "method:attention")
    assert selection.lines[0] == Line(SAME_TERM_AS, "method:attention", "task:attention", 0, 0.0)


def test_what_a_paper_names(small: Subject) -> None:
    selection = select(small, Ego("p1"))
    assert selection.nodes == ("p1", "method:attention", "method:transformer", "task:machine-translation")
    assert ("PROPOSES", "p1", "method:transformer") in keys(selection)
    assert ("BASED_ON", "method:transformer", "method:attention") in keys(selection)
    assert select(small, Ego("p1"), 3).nodes == selection.nodes[:3]
    assert select(small, Ego("p1", 0)).nodes == select(small, Ego("p1"), 1).nodes == ("p1",)
    assert set(select(small, Ego("p1", 2)).nodes) == {*selection.nodes, BERT, GPT, "task:attention"}


def test_a_paper_without_entities_stands_alone(small: Subject) -> None:
    assert select(small, Ego("p6", 3)) == Selection(("p6",), (), focus="p6")


def test_a_depth_below_none(small: Subject) -> None:
    with pytest.raises(UsageError, match="^a picture needs a depth of 0 or more$"):
        select(small, Ego(BERT, -1))


def test_a_hub_that_is_not_the_focus_brings_in_a_few() -> None:
    subject = subject_of(*star(40), ("start", "BASED_ON", "hub"))
    assert len(select(subject, Ego("start", 2)).nodes) == 2 + FANOUT
    assert len(select(subject, Ego("hub")).nodes) == 42


def test_an_entity_whose_relations_are_all_too_weak_says_to_ask_for_less(sample: Store) -> None:
    subject = StoredGraph(sample, min_papers=50)
    with pytest.raises(NotFoundError, match="^no relation of ImageNet has this support and confidence: ask for less$"):
        select(subject, Ego("dataset:imagenet"))
    assert select(subject, Ego("dataset:imagenet", 0)).nodes == ("dataset:imagenet",)
    assert select(subject, Core()).nodes == ()


# ---------------------------------------------------------------- a topic

TOPIC: list[Fact] = [
    *((f"method:m{number:02}", "USED_FOR", "task:t") for number in range(10)),
    *((f"dataset:d{number}", "BENCHMARK_FOR", "task:t") for number in range(3)),
    ("method:m00", "EVALUATED_ON", "dataset:tried"),
    ("method:m00", "EVALUATED_ON", "dataset:d0"),
    ("method:other", "EVALUATED_ON", "dataset:other"),
    ("method:other", "USED_FOR", "task:other"),
    ("task:part", "SUBTASK_OF", "task:t"),
    ("task:t", "SUBTASK_OF", "task:whole"),
    ("task:other", "SUBTASK_OF", "task:whole"),
]


def test_a_topic_is_a_task_with_its_methods_datasets_and_tasks() -> None:
    selection = select(subject_of(*TOPIC), Topic("task:t"))
    methods, datasets = [f"method:m{number:02}" for number in range(10)], [f"dataset:d{number}" for number in range(3)]
    assert selection.nodes[0] == "task:t"
    assert set(selection.nodes) == {"task:t", *methods, *datasets, "dataset:tried", "task:part", "task:whole"}
    assert selection.reserve == ("task:other",)
    assert ("EVALUATED_ON", "method:m00", "dataset:tried") in keys(selection)


def test_a_small_topic_has_something_of_each() -> None:
    nodes = select(subject_of(*TOPIC), Topic("task:t"), 6).nodes
    assert nodes == ("task:t", "method:m00", "method:m01", "method:m02", "dataset:d0", "dataset:d1")
    assert select(subject_of(*TOPIC), Topic("task:t"), 1).nodes == ("task:t",)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (BERT, "a topic is a task, and BERT is a method"),
        ("dataset:glue", "a topic is a task, and GLUE is a dataset"),
        ("p5", "a topic is a task, and A second look at BERT is a paper"),
    ],
)
def test_a_topic_is_nothing_but_a_task(small: Subject, node: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}$"):
        select(small, Topic(node))


# ---------------------------------------------------------------- a lineage


def test_a_lineage_shows_what_a_method_builds_on_and_what_builds_on_it(small: Subject) -> None:
    selection = select(small, Lineage(BERT))
    assert selection.nodes == (BERT, "method:transformer", "method:attention", "method:roberta")  # GPT is no ancestor
    assert set(keys(selection)) == {
        (BASED_ON, BERT, "method:transformer"),
        (BASED_ON, "method:transformer", "method:attention"),
        (BASED_ON, "method:roberta", BERT),
    }
    assert (selection.arrangement, selection.reserve) == ("time", ())


def test_the_main_lines_of_descent_are_the_best_supported() -> None:
    entities, linked = make_records(*((f"method:{n}", BASED_ON, f"method:{n + 1}") for n in range(6)))
    often = make_records(("method:3", BASED_ON, "method:4"), papers=2)[1][1:]
    subject = GraphInMemory(build_graph(entities, [*linked, *often]))
    assert set(select(subject, Lineage()).nodes) == {f"method:{n}" for n in range(7)}
    assert select(subject, Lineage(), 2).nodes == ("method:3", "method:4")


def test_a_lineage_goes_back_and_forth_some_generations() -> None:
    chain = [(f"method:{n:02}", BASED_ON, f"method:{n + 1:02}") for n in range(30)]
    nodes = select(subject_of(*chain), Lineage("method:15")).nodes
    assert sorted(nodes) == [f"method:{n:02}" for n in range(15 - GENERATIONS, 16 + GENERATIONS)]


def test_a_lineage_may_go_round_in_a_circle() -> None:
    circle = [("method:a", BASED_ON, "method:b"), ("method:b", BASED_ON, "method:a")]
    selection = select(subject_of(*circle), Lineage("method:a"))
    assert (selection.nodes, len(selection.lines)) == (("method:a", "method:b"), 2)
    assert render_view(make_graph(*circle), Lineage()).nodes == 2


def test_a_lineage_of_many_keeps_the_limit_and_both_directions() -> None:
    facts = [("method:x", BASED_ON, f"method:base{n:02}") for n in range(50)]
    facts += [(f"method:heir{n:02}", BASED_ON, "method:x") for n in range(50)]
    nodes = select(subject_of(*facts), Lineage("method:x"), 20).nodes
    assert nodes[0] == "method:x"
    assert [sum(kind in node for node in nodes) for kind in ("base", "heir")] == [10, 9]


def test_a_lineage_leaves_room_for_the_generations_before() -> None:
    facts = [("method:x", BASED_ON, f"method:base{n:02}") for n in range(50)]
    facts += [("method:base00", BASED_ON, f"method:old{n:02}") for n in range(50)]
    nodes = select(subject_of(*facts), Lineage("method:x"), 20).nodes
    assert [sum(kind in node for node in nodes) for kind in ("base", "old")] == [7, 3]


def test_a_lineage_is_of_two_at_the_least(small: Subject) -> None:
    with pytest.raises(UsageError, match="^a lineage needs a limit of 2 nodes or more$"):
        select(small, Lineage(), 1)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Lineage("task:attention"), "a lineage is of a method, and attention is a task"),
        (Lineage("p1"), "a lineage is of a method, and Transformers: attention is enough is a paper"),
    ],
)
def test_a_lineage_is_of_nothing_but_a_method(small: Subject, kind: Kind, said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}$"):
        select(small, kind)


@pytest.mark.parametrize("kind", [Lineage(), Lineage("method:a")])
def test_a_method_that_builds_on_nothing_has_no_lineage(kind: Kind) -> None:
    with pytest.raises(NotFoundError, match="no relation of this support says what builds on what"):
        select(subject_of(("method:a", "USED_FOR", "task:b")), kind)


# ---------------------------------------------------------------- two side by side


def test_a_comparison_shows_what_both_have_and_what_only_one_has(small: Subject) -> None:
    selection = select(small, Comparison(BERT, GPT))
    assert [(column.heading, column.nodes) for column in selection.columns] == [
        ("only BERT", ("dataset:squad", "task:question-answering", "method:roberta", "dataset:glue")),
        ("", (BERT,)),
        ("both", ("method:transformer",)),
        ("", (GPT,)),
        ("only GPT", ("task:language-modeling",)),
    ]
    assert selection.nodes[:3] == (BERT, GPT, "method:transformer")
    assert all({BERT, GPT} & {line.source, line.target} for line in selection.lines)
    assert ("COMPARED_WITH", BERT, GPT) in keys(selection)
    assert list(selection.lines) == sorted(selection.lines, key=by_support)
    assert selection.arrangement == "columns"


def test_a_comparison_keeps_its_limit_and_shares_it_out() -> None:
    facts = [(end, "USED_FOR", f"task:{n:03}") for end in ("method:a", "method:b") for n in range(50)]
    facts += [(end, "EVALUATED_ON", f"dataset:{end[-1]}{n:03}") for end in ("method:a", "method:b") for n in range(50)]
    columns = select(subject_of(*facts), Comparison("method:a", "method:b")).columns
    assert [len(column.nodes) for column in columns] == [17, 1, 24, 1, 17]
    assert columns[2].nodes == tuple(f"task:{n:03}" for n in range(24))


def test_two_that_have_nothing_in_common_can_be_compared(small: Subject) -> None:
    columns = select(small, Comparison("task:attention", "dataset:glue")).columns
    assert [column.nodes for column in columns] == [
        ("method:attention",), ("task:attention",), (), ("dataset:glue",), (BERT, "method:roberta"),
    ]  # fmt: skip


def test_nothing_is_compared_with_itself(small: Subject) -> None:
    with pytest.raises(UsageError, match="^a comparison is of two different entities$"):
        select(small, Comparison(BERT, BERT))


# ---------------------------------------------------------------- everything


def test_an_overview_has_every_entity_that_a_relation_joins_and_every_relation(small: Subject) -> None:
    selection = select(small, Overview())
    assert set(selection.nodes) == small.papers_of().keys() - {"task:attention"}
    assert sorted(keys(selection)) == [line.key for line in small.lines()]
    assert (selection.reserve, selection.left_out) == ((), 0)


@given(linked_papers(max_papers=6, max_entities=10), st.integers(1, 10))
def test_an_overview_of_some_leaves_no_node_without_a_line(graph: Graph, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    selection = select(subject, Overview(), limit)
    assert {end for line in selection.lines for end in (line.source, line.target)} == set(selection.nodes)
    papers = subject.papers_of()
    assert list(selection.nodes) == sorted(selection.nodes, key=lambda node: (-papers[node], node))
    lines = subject.lines()
    if limit > 1 and lines:
        assert max(line.papers for line in selection.lines) == max(line.papers for line in lines)


# ---------------------------------------------------------------- trends


def test_a_trend_needs_two_periods() -> None:
    subject = subject_of(("method:a", "USED_FOR", "task:b"), papers=9)
    with pytest.raises(UsageError, match="a trend needs papers of two years or more"):
        select(subject, Trend())


def test_a_trend_looks_at_the_last_periods() -> None:
    entities, linked = make_records(("method:a", "USED_FOR", "task:b"), papers=50)
    papers = []
    for number, one in enumerate(linked):
        kept = one.statements if number >= 40 else ()
        published = f"{2000 + number // 12}-{1 + number % 12:02}"
        papers.append(make_linked_paper(replace(one.paper, published=published), kept))
    early = make_linked_paper(
        replace(linked[0].paper, id="early", published="1990-01"),
        [
            replace(one, id=f"early {one.id}", source="early" if one.type == "USES" else one.source, paper_id="early")
            for one in linked[0].statements
        ],
    )
    trends = select(GraphInMemory(build_graph(entities, [early, *papers])), Trend("month")).trends
    assert trends is not None
    assert (trends.periods[0], trends.periods[-1], sum(trends.papers)) == ("2001-03", "2004-02", 36)
    assert [(one.entity, sum(one.counts)) for one in trends.series] == [("method:a", 10), ("task:b", 10)]


# ---------------------------------------------------------------- the answer to a question


@pytest.mark.parametrize("query", ANSWERABLE, ids=lambda query: query.name)
def test_every_answer_that_joins_nodes_is_a_picture(sample: Store, query: Query) -> None:
    rows = run_query(sample, query.name, **query.example_values).to_graph()
    if query.name in FINDS_NOTHING:
        with pytest.raises(NotFoundError, match="^the answer has no rows: there is nothing to show$"):
            render_view(sample, Answer(rows))
        return
    selection = select(StoredGraph(sample), Answer(rows))
    assert set(selection.nodes) == set(rows)
    expected = {frozenset(pair) for pair in rows.edges() if len(set(pair)) == 2}
    assert {frozenset((line.source, line.target)) for line in selection.lines} == expected
    view = render_view(sample, Answer(rows), title=query.name)
    assert (view.nodes, view.edges) == (len(selection.nodes), len(selection.lines))


def test_rows_that_papers_state_are_lines_with_their_support_and_others_tell_their_figures(small: Subject) -> None:
    rows = nx.MultiDiGraph()
    rows.add_edge(GPT, BERT, type="COMPARED_WITH", papers=1)  # stated the other way round
    rows.add_edge(BERT, "dataset:glue", type="OCCURS_WITH", papers=2, share=0.25, year=2020, name="GLUE", seen=None)
    rows.add_edge("p3", BERT, type="PROPOSES")
    rows.add_edge("task:attention", "method:attention", type=SAME_TERM_AS)
    rows.add_edge(BERT, BERT, type="NEAR")
    rows.add_edge(BERT, "author:unknown", type="NEAR")
    selection = select(small, Answer(rows))
    assert selection.nodes[0] == BERT
    assert set(selection.nodes) == {BERT, GPT, "dataset:glue", "p3", "task:attention", "method:attention"}
    stated = {line.key: line for line in small.lines()}
    found = {line.type: line for line in selection.lines}
    assert found["COMPARED_WITH"] == stated["COMPARED_WITH", BERT, GPT]
    assert found["OCCURS_WITH"] == Line("OCCURS_WITH", BERT, "dataset:glue", 2, 0.0, note="papers 2, share 0.25")
    assert found["PROPOSES"].key == ("PROPOSES", "p3", BERT)
    assert found["PROPOSES"].total == 1
    assert found.keys() == {"COMPARED_WITH", "OCCURS_WITH", "PROPOSES", SAME_TERM_AS}


def test_an_answer_keeps_what_most_rows_join() -> None:
    subject = subject_of(*star(10), ("a", "BASED_ON", "b"))
    rows = nx.MultiDiGraph()
    rows.add_edges_from([*(("hub", f"leaf{n:03}", {"type": "NEAR"}) for n in range(10)), ("a", "b", {"type": "NEAR"})])
    assert select(subject, Answer(rows), 3).nodes == ("hub", "a", "b")


@pytest.mark.parametrize("rows", [nx.MultiDiGraph(), nx.MultiDiGraph([("nobody", "nowhere", {"type": "NEAR"})])])
def test_an_answer_without_rows_is_no_picture(small: Subject, rows: nx.MultiDiGraph) -> None:
    with pytest.raises(NotFoundError, match="^the answer has no rows: there is nothing to show$"):
        select(small, Answer(rows))


# ---------------------------------------------------------------- on the sample


@pytest.mark.parametrize("min_papers", [1, 2])
@pytest.mark.parametrize("min_confidence", [0.0, 0.7])
def test_the_core_of_sure_relations_is_that_of_the_filtered_graph(
    sample: Store, min_papers: int, min_confidence: float
) -> None:
    kept = filter_graph(build_graph(*read_store(sample)), min_papers=min_papers, min_confidence=min_confidence)
    stored = select(StoredGraph(sample, min_papers=min_papers, min_confidence=min_confidence), Overview())
    in_memory = select(GraphInMemory(kept), Overview())
    assert set(stored.nodes) == set(in_memory.nodes)
    assert {(*line.key, line.papers) for line in stored.lines} == {(*line.key, line.papers) for line in in_memory.lines}


def test_a_paper_of_the_sample_is_the_first_node_and_the_only_paper(sample: Store) -> None:
    subject = StoredGraph(sample)
    selection = select(subject, Ego("sample-020"))
    labels = {one: node.label for one, node in subject.nodes(selection.nodes).items()}
    assert [one for one, label in labels.items() if label == PAPER] == ["sample-020"] == list(selection.nodes[:1])
