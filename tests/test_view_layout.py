"""Where the nodes of a picture stand."""

from __future__ import annotations

import time
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.view.layout import forces, place_nodes
from kgraph.view.layout.forces import DIRECT, find_rest
from kgraph.view.layout.room import BOX, SCREEN

Lines = list[tuple[int, int]]
Places = list[tuple[int, int]]


def lines_of(graph: nx.Graph) -> Lines:
    return list(graph.edges)


def sizes_of(graph: nx.Graph) -> list[float]:
    return [7.0 + node % 5 for node in graph]


def crowded(places: Places, share: float) -> Lines:
    """The pairs of nodes that stand nearer than this share of a box."""
    found = np.array(places) / BOX
    first, second = np.triu_indices(len(found), 1)
    near = np.hypot(*(found[first] - found[second]).T) < share
    return list(zip(first[near].tolist(), second[near].tolist(), strict=True))


def overlapping(places: Places, sizes: list[float]) -> int:
    """How many pairs of discs overlap."""
    found, radii = np.array(places, dtype=float), np.array(sizes)
    order = np.argsort(found[:, 0], kind="stable")
    found, radii = found[order], radii[order]
    overlaps = 0
    for step in range(1, len(found)):
        beside = found[step:, 0] - found[:-step, 0] < 2 * radii.max()
        if not beside.any():
            break
        distance = np.hypot(*(found[step:] - found[:-step])[beside].T)
        overlaps += int((distance < (radii[step:] + radii[:-step])[beside]).sum())
    return overlaps


def extent(places: Places) -> tuple[int, int]:
    width, height = (max(values) - min(values) for values in zip(*places, strict=True))
    return width, height


def towns(count: int, people: int, roads: int) -> tuple[nx.Graph, list[int]]:
    """Some random communities with a few lines between them, and the community of each node."""
    inside = (nx.gnm_random_graph(people, 3 * people, seed=seed) for seed in range(count))
    graph = nx.disjoint_union_all(inside)
    ends = np.random.default_rng(1).integers(0, count * people, (roads, 2)).tolist()
    graph.add_edges_from(ends)
    return graph, [1 + node // people for node in graph]


def test_same_input_same_picture() -> None:
    graph = nx.karate_club_graph()
    assert place_nodes(sizes_of(graph), lines_of(graph)) == place_nodes(sizes_of(graph), lines_of(graph))


def test_the_order_and_direction_of_lines_do_not_matter() -> None:
    graph = nx.karate_club_graph()
    lines = lines_of(graph)
    weights = [float(1 + (a + b) % 7) for a, b in lines]
    turned = [(b, a) for a, b in lines[::-1]]
    straight = place_nodes(sizes_of(graph), lines, weights=weights)
    assert straight == place_nodes(sizes_of(graph), turned, weights=weights[::-1])


def test_neighbours_stand_nearer_than_others() -> None:
    graph = nx.disjoint_union(nx.complete_graph(8), nx.complete_graph(8))
    graph.add_edge(0, 8)
    places = np.array(place_nodes(sizes_of(graph), lines_of(graph)))

    def far(one: int, other: int) -> float:
        return float(np.hypot(*(places[one] - places[other])))

    inside = [far(a, b) for a, b in combinations(range(8), 2)]
    across = [far(a, b) for a in range(1, 8) for b in range(9, 16)]
    assert sum(inside) / len(inside) < 0.6 * sum(across) / len(across)


def test_well_supported_lines_are_shorter() -> None:
    graph = nx.cycle_graph(12)
    lines = lines_of(graph)
    weights = [100.0 if min(line) % 2 == 0 and max(line) - min(line) == 1 else 1.0 for line in lines]
    places = np.array(place_nodes(sizes_of(graph), lines, weights=weights))
    lengths = {strong: [] for strong in (True, False)}
    for (one, other), weight in zip(lines, weights, strict=True):
        lengths[weight > 1].append(float(np.hypot(*(places[one] - places[other]))))
    assert np.mean(lengths[True]) < 0.8 * np.mean(lengths[False])


def test_a_picture_fills_a_wide_screen() -> None:
    graph = nx.random_geometric_graph(120, 0.14, seed=3)
    width, height = extent(place_nodes(sizes_of(graph), lines_of(graph)))
    assert 1 < width / height < 2 * SCREEN


def test_one_node_stands_in_the_middle() -> None:
    assert place_nodes([9.0], [(0, 0)]) == [(0, 0)]
    assert place_nodes([], []) == []


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.integers(0, 40), st.integers(0, 99))
def test_all_nodes_have_room(nodes: int, edges: int, seed: int) -> None:
    graph = nx.gnm_random_graph(nodes, edges, seed=seed)
    places = place_nodes(sizes_of(graph), lines_of(graph))
    assert len(places) == nodes
    assert list(map(type, places[0])) == [int, int]
    assert not crowded(places, 0.9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 120), min_size=2, max_size=40), st.integers(0, 30), st.integers(0, 99))
def test_discs_of_any_size_do_not_overlap(sizes: list[float], edges: int, seed: int) -> None:
    lines = lines_of(nx.gnm_random_graph(len(sizes), edges, seed=seed))
    assert not overlapping(place_nodes(sizes, lines), [0.9 * size for size in sizes])


def test_small_parts_stay_near() -> None:
    graph = nx.disjoint_union_all([nx.path_graph(2) for _ in range(20)])
    places = place_nodes(sizes_of(graph), lines_of(graph))
    assert max(abs(x) for x, _ in places) < 10 * BOX[0]
    assert not crowded(places, 0.9)


def test_equal_parts_look_alike() -> None:
    graph = nx.disjoint_union_all([nx.star_graph(4) for _ in range(9)])
    places = np.array(place_nodes([9.0] * 45, lines_of(graph))).reshape(9, 5, 2)
    shapes = places - places.min(axis=1, keepdims=True)
    assert np.ptp(shapes, axis=0).max() < 12


def test_a_large_picture_leaves_room_for_labels() -> None:
    graph, _ = towns(20, 100, 400)
    sizes = sizes_of(graph)
    before = time.process_time()
    places = place_nodes(sizes, lines_of(graph))
    assert time.process_time() - before < 10
    assert not overlapping(places, sizes)
    assert len({node for pair in crowded(places, 0.9) for node in pair}) < 0.02 * len(sizes)
    width, height = extent(places)
    assert width * height < 2 * 92**2 * len(sizes)


def test_communities_are_islands() -> None:
    graph, groups = towns(12, 60, 1500)
    plain = place_nodes(sizes_of(graph), lines_of(graph))
    islands = place_nodes(sizes_of(graph), lines_of(graph), groups=groups)

    def purity(places: Places) -> float:
        found, of = np.array(places), np.array(groups)
        nearest = np.argsort(((found[:, None] - found) ** 2).sum(axis=2), axis=1)[:, 1:9]
        return float((of[nearest] == of[:, None]).mean())

    assert purity(islands) > 0.85
    assert purity(islands) > purity(plain) + 0.2


def test_groups_without_a_line_inside_change_nothing() -> None:
    graph = nx.karate_club_graph()
    without = place_nodes(sizes_of(graph), lines_of(graph))
    assert place_nodes(sizes_of(graph), lines_of(graph), groups=[0] * len(graph)) == without
    assert place_nodes(sizes_of(graph), lines_of(graph), groups=list(graph)) == without


def test_thousands_of_small_parts_stand_around_a_large_one() -> None:
    large = nx.barabasi_albert_graph(600, 2, seed=1)
    parts = [large, *[nx.path_graph(3)] * 300, *[nx.path_graph(2)] * 1000, *[nx.empty_graph(1)] * 4000]
    graph = nx.disjoint_union_all(parts)
    sizes = sizes_of(graph)
    before = time.process_time()
    places = place_nodes(sizes, lines_of(graph))
    assert time.process_time() - before < 15
    assert not overlapping(places, sizes)
    width, height = extent(places)
    assert 1 < width / height < 1.5 * SCREEN
    assert width * height < 2 * 92**2 * len(sizes)
    # Nothing stands between the nodes of the large part: the middle is its own.
    away = np.hypot(*np.array(places).T)
    assert np.median(away[:600]) < 0.5 * np.quantile(away[600:], 0.05)


def test_a_mesh_pushes_like_all_pairs_do(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.random_geometric_graph(DIRECT, 0.09, seed=1)
    graph = nx.convert_node_labels_to_integers(graph.subgraph(max(nx.connected_components(graph), key=len)))
    ends = np.array(graph.edges)

    def lengths() -> float:
        places = find_rest(ends, np.ones(len(ends)), 1, len(graph))
        joined = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T)
        return float(np.median(joined) / places.std())

    exact = lengths()
    monkeypatch.setattr(forces, "DIRECT", 1)
    assert lengths() == pytest.approx(exact, rel=0.2)
