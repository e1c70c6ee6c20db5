"""What rises and what fades."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kgraph.errors import UsageError
from kgraph.graph import KnowledgeGraph, build_graph
from kgraph.schema import DATASET, METHOD, TASK, Entity, LinkedPaper, Paper, Statement
from kgraph.view import Trend, render_view
from kgraph.view.select import Selection, Trends
from kgraph.view.subject.in_memory import GraphInMemory
from kgraph.view.trend import LEAST, change

ENTITIES = {
    entity.id: entity
    for label in (METHOD, DATASET, TASK)
    for name in "abc"
    for entity in [Entity(f"{label.lower()}:{name}", label, name, (name,))]
}
DATES = ("", "2019", "2020-02", "2020-11-03", "2021-05-20", "2021-06", "2024-01-01")

Row = tuple[str, Sequence[str]]
"""When a paper came out and the entities that it speaks of."""


def make_graph(rows: Iterable[Row]) -> KnowledgeGraph:
    linked = []
    for number, (published, named) in enumerate(rows):
        paper = Paper(f"paper{number:03}", "A title", "An abstract.", published)
        linked.append(LinkedPaper(paper, tuple(_statement(paper, one) for one in sorted(named)), "revision"))
    named_at_all = {one for _, named in rows for one in named}
    return build_graph({one: ENTITIES[one] for one in sorted(named_at_all)}, linked)


def _statement(paper: Paper, target: str) -> Statement:
    return Statement(
        f"{paper.id} {target}", "USES", paper.id, target, paper.id, "An abstract.", 8, 20, 0.5, paper.year, "test"
    )


def select(rows: Iterable[Row], kind: Trend | None = None, limit: int = 12) -> Selection:
    return (kind or Trend()).select(GraphInMemory(make_graph(rows)), limit)


def trends_of(rows: Iterable[Row], kind: Trend | None = None, limit: int = 12) -> Trends:
    trends = select(rows, kind, limit).trends
    assert trends is not None
    return trends


def rows() -> st.SearchStrategy[list[Row]]:
    row = st.tuples(st.sampled_from(DATES), st.lists(st.sampled_from(sorted(ENTITIES)), unique=True, max_size=5))
    return st.lists(row, min_size=10, max_size=40)


ROWS: list[Row] = [
    *[("2019", ["method:a", "task:a", "dataset:a"])] * 5,
    *[("2020-05", ["method:a", "task:b"])] * 5,
    *[("2021-01", ["method:b", "task:b", "dataset:b"])] * 6,
    *[("2022", ["method:b", "method:c"])] * 4,
    ("", ["method:c"]),
]


def test_shares_of_years() -> None:
    trends = trends_of(ROWS)
    assert (trends.by, trends.periods, trends.papers, trends.since) == (
        "year",
        ("2019", "2020", "2021", "2022"),
        (5, 5, 6, 4),
        "2021",
    )
    assert [(one.entity, one.direction, one.counts) for one in trends.series] == [
        ("method:b", "rising", (0, 0, 6, 4)),
        ("method:c", "rising", (0, 0, 0, 4)),
        ("method:a", "fading", (5, 5, 0, 0)),
        ("task:a", "fading", (5, 0, 0, 0)),
    ]


def test_a_paper_without_a_month_is_in_no_month() -> None:
    trends = trends_of([*ROWS, *[("2021-02", ["method:b"])] * 3, *[("2020-04", ["method:a"])] * 3], Trend("month"))
    assert dict(zip(trends.periods, trends.papers, strict=True)) == {
        "2020-04": 3, "2020-05": 5, "2021-01": 6, "2021-02": 3
    }  # fmt: skip


def test_at_most_so_many_of_each_kind() -> None:
    assert [one.entity for one in trends_of(ROWS, limit=1).series] == ["method:b", "method:a", "task:a"]


def test_every_series_is_a_node_of_the_picture() -> None:
    graph = make_graph(ROWS)
    page = render_view(graph, Trend(), title="Trends").html
    found = page.split('id="kg-meta">')[1].split("</script>")[0]
    trend = json.loads(found)["trend"]
    nodes = select(ROWS).nodes
    assert [nodes[one["node"]] for one in trend["series"]] == [one["entity"] for one in trend["series"]]


@pytest.mark.parametrize("by", ["year", "month"])
def test_one_period_shows_no_trend(by: str) -> None:
    kind = Trend("month") if by == "month" else Trend()
    with pytest.raises(UsageError, match=f"two {by}s or more") as error:
        select([("2020-01", ["method:a"])] * 9, kind)
    assert ("--by month" in str(error.value)) == (by == "year")


def test_nothing_changes() -> None:
    with pytest.raises(UsageError, match="nothing rises or fades"):
        select([("2020", ["method:a"]), ("2020", []), ("2021", ["method:a"]), ("2021", [])] * 5)


@given(st.data(), st.integers(1, 10_000), st.integers(1, 10_000))
def test_change_turns_with_time(data: st.DataObject, papers_before: int, papers_after: int) -> None:
    before, after = data.draw(st.integers(0, papers_before)), data.draw(st.integers(0, papers_after))
    z = change(before, papers_before, after, papers_after)
    assert z == -change(after, papers_after, before, papers_before)
    risen = after * papers_before - before * papers_after
    assert z == 0 if risen == 0 else z * risen > 0


@given(st.integers(1, 100), st.integers(2, 50))
def test_more_papers_make_a_change_surer(papers: int, times: int) -> None:
    assert change(0, papers * times, papers * times, 2 * papers * times) > change(0, papers, papers, 2 * papers)


@given(rows(), st.randoms(use_true_random=False), st.sampled_from(["year", "month"]), st.integers(1, 3))
def test_series_are_what_papers_say(rows: list[Row], chance: random.Random, by: str, limit: int) -> None:
    kind = Trend("month") if by == "month" else Trend("year")
    try:
        trends = trends_of(rows, kind, limit)
    except UsageError:
        assume(False)
    shuffled = chance.sample(rows, len(rows))
    assert trends_of(shuffled, kind, limit) == trends
    split = trends.periods.index(trends.since)
    assert 0 < split < len(trends.periods)
    assert list(trends.periods) == sorted(set(trends.periods))
    for one in trends.series:
        assert all(0 <= count <= papers for count, papers in zip(one.counts, trends.papers, strict=True))
        assert sum(one.counts) >= LEAST
        assert ENTITIES[one.entity].label in (METHOD, TASK)
        assert (one.change > 0) == (one.direction == "rising")
    groups = [(one.direction, ENTITIES[one.entity].label) for one in trends.series]
    assert all(groups.count(group) <= limit for group in groups)
    assert groups == sorted(groups, key=lambda group: (group[0] == "fading", group[1] == TASK))
