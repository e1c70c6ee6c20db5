"""Pictures in columns: lineages and comparisons."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.view.layout.layers import Band, place_in_columns, place_in_time

Lines = list[tuple[int, int]]
Places = list[tuple[int, int]]
Years = list[int | None]


@st.composite
def lineages(draw: st.DrawFn) -> tuple[Years, Lines]:
    nodes = draw(st.integers(1, 25))
    numbers = st.integers(0, nodes - 1)
    years = draw(st.lists(st.none() | st.integers(2015, 2020), min_size=nodes, max_size=nodes))
    return years, draw(st.lists(st.tuples(numbers, numbers), max_size=50))


def band_of(x: int, bands: list[Band]) -> Band:
    (found,) = [band for band in bands if band.start < x < band.end]
    return found


def crossings(places: Places, lines: Lines) -> int:
    """How many pairs of lines between the same two columns cross."""
    ends = [sorted((places[a], places[b])) for a, b in lines]
    return sum(
        (a[1] - c[1]) * (b[1] - d[1]) < 0
        for (a, b), (c, d) in combinations(ends, 2)
        if (a[0], b[0]) == (c[0], d[0]) and a[0] != b[0]
    )


def assert_readable(places: Places, sizes: list[float]) -> None:
    """Columns stand apart, and the nodes of each as well."""
    columns = defaultdict(list)
    for (x, y), size in zip(places, sizes, strict=True):
        columns[x].append((y, size))
    assert all(right - left >= 150 for left, right in pairwise(sorted(columns)))
    for column in columns.values():
        for (above, one), (below, other) in pairwise(sorted(column)):
            assert below - above >= max(46, one + other)


def assert_in_a_row(bands: list[Band]) -> None:
    assert all(band.start < band.end for band in bands)
    assert all(left.end <= right.start for left, right in pairwise(bands))


@given(lineages(), st.floats(1, 60))
def test_a_lineage_keeps_its_order(lineage: tuple[Years, Lines], size: float) -> None:
    years, lines = lineage
    sizes = [size] * len(years)
    places, bands = place_in_time(years, lines, sizes)
    assert (places, bands) == place_in_time(years, lines[::-1], sizes)
    assert_readable(places, sizes)
    assert_in_a_row(bands)
    for (x, _), year in zip(places, years, strict=True):
        label = band_of(x, bands).label
        assert label == str(year) if year else True
    circles = nx.DiGraph(lines)
    circles.add_nodes_from(range(len(years)))
    circle_of = {
        node: number for number, found in enumerate(nx.strongly_connected_components(circles)) for node in found
    }
    for node, base in lines:
        if years[node] and years[base] and years[base] <= years[node] and circle_of[node] != circle_of[base]:
            assert places[base][0] < places[node][0]


def test_a_lineage_goes_from_left_to_right() -> None:
    years: Years = [2017, 2018, 2020, 2018]
    places, bands = place_in_time(years, [(1, 0), (2, 1), (3, 1)], [9.0] * 4)
    assert [band.label for band in bands] == ["2017", "2018", "2020"]
    assert [band_of(x, bands).label for x, _ in places] == ["2017", "2018", "2020", "2018"]
    assert places[1][0] < places[3][0], "in one year a base stands left of what builds on it"


def test_without_a_year_a_node_stands_after_what_it_builds_on() -> None:
    places, bands = place_in_time([2017, None, None, 2019, None], [(1, 0), (2, 1), (3, 2)], [9.0] * 5)
    assert [band.label for band in bands] == ["no year", "2017", "2019"]
    assert places[4][0] < places[0][0] < places[1][0] < places[2][0] < places[3][0]


def test_without_any_year_bands_are_steps() -> None:
    places, bands = place_in_time([None] * 4, [(1, 0), (2, 1), (3, 0)], [9.0] * 4)
    assert [band.label for band in bands] == ["step 1", "step 2", "step 3"]
    assert [band_of(x, bands).label for x, _ in places] == ["step 1", "step 2", "step 3", "step 2"]


def test_one_year_has_one_band() -> None:
    places, bands = place_in_time([2020] * 3, [(1, 0), (2, 1)], [9.0] * 3)
    assert [band.label for band in bands] == ["2020"]
    assert places[0][0] < places[1][0] < places[2][0]
    assert [band.label for band in place_in_time([None, None], [], [9.0] * 2)[1]] == ["no year"]
    assert place_in_time([], [], []) == ([], [])


def test_nodes_that_build_on_each_other_have_places() -> None:
    circle = [(node, (node + 1) % 9) for node in range(9)]
    places, bands = place_in_time([2020] * 11, [*circle, (0, 9), (10, 4)], [9.0] * 11)
    assert places[9][0] < min(x for x, _ in places[:9])
    assert places[4][0] < places[10][0]
    assert len({x for x, _ in places[:9]}) == 3, "not all in one column, where their lines would hide each other"
    assert len(bands) == 1


def test_lines_do_not_cross_needlessly() -> None:
    shuffled = list(range(12))
    random.Random(4).shuffle(shuffled)
    lines = [(12 + node, shuffled[node]) for node in range(12)] + [(24 + node, 12 + node) for node in range(12)]
    places, _ = place_in_time([2018] * 12 + [2019] * 12 + [2020] * 12, lines, [9.0] * 36)
    assert crossings(places, lines) == 0


def test_a_tree_of_builders_crosses_little() -> None:
    chance = random.Random(2)
    lines = [(node, chance.randrange(max(0, (node - 12) // 12 * 12), node // 12 * 12)) for node in range(12, 60)]
    years: Years = [2015 + node // 12 for node in range(60)]
    places, _ = place_in_time(years, lines, [9.0] * 60)
    as_given = [(node // 12, node % 12) for node in range(60)]
    assert crossings(places, lines) < 0.1 * crossings(as_given, lines)


@pytest.mark.parametrize(("nodes", "spread"), [(60, 1), (300, 3), (400, 12), (1000, 30)])
def test_many_nodes_fit_a_screen(nodes: int, spread: int) -> None:
    chance = random.Random(1)
    years: Years = [2024 - min(chance.randrange(spread), chance.randrange(spread)) for _ in range(nodes)]
    lines = [(node, chance.randrange(node)) for node in range(1, nodes)]
    lines = [(node, base) for node, base in lines if (years[base] or 0) < (years[node] or 0)]
    places, bands = place_in_time(years, lines, [9.0] * nodes)
    assert_readable(places, [9.0] * nodes)
    width, height = bands[-1].end - bands[0].start, max(y for _, y in places) - min(y for _, y in places)
    assert 0.8 < width / height < 3


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=80),
)
def test_a_comparison_keeps_its_columns(lengths: list[int], lines: Lines) -> None:
    nodes = iter(range(200))
    columns = [[next(nodes) for _ in range(length)] for length in lengths]
    count = sum(lengths)
    sizes = [5.0 + node % 20 for node in range(count)]
    labels = [f"column {number}" for number in range(len(columns))]
    places, bands = place_in_columns(columns, lines, sizes, labels)
    assert (places, bands) == place_in_columns(columns, lines[::-1], sizes, labels)
    assert sorted(places) == list(range(count))
    assert [band.label for band in bands] == labels
    assert_in_a_row(bands)
    assert_readable([places[node] for node in range(count)], sizes)
    for label, column in zip(labels, columns, strict=True):
        assert {band_of(places[node][0], bands).label for node in column} <= {label}


def test_a_long_column_wraps() -> None:
    places, _ = place_in_columns(
        [range(14), [14], range(15, 30)], [(14, node) for node in range(30)], [9.0] * 30, "abc"
    )
    assert len({x for node, (x, _) in places.items() if node < 14}) == 1
    assert len({x for node, (x, _) in places.items() if node > 14}) == 2
    heights = [y for node, (_, y) in places.items() if node < 14]
    assert abs(places[14][1] - (min(heights) + max(heights)) / 2) < 46, "one among many stands at their middle"
