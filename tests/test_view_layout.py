"""Where the nodes of a picture stand."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.view.layout import BOX, SCREEN, place_nodes

Lines = list[tuple[str, str]]


def lines_of(graph: nx.Graph) -> Lines:
    return [(f"n{a}", f"n{b}") for a, b in graph.edges]


def sizes_of(graph: nx.Graph) -> dict[str, float]:
    return {f"n{node}": 7.0 + node % 5 for node in graph}


def crowded(places: dict[str, tuple[int, int]], share: float) -> Lines:
    """The pairs of nodes that stand nearer than this share of a box."""
    return [
        (one, other)
        for (one, (x1, y1)), (other, (x2, y2)) in combinations(places.items(), 2)
        if ((x1 - x2) / BOX[0]) ** 2 + ((y1 - y2) / BOX[1]) ** 2 < share**2
    ]


def test_same_input_same_picture() -> None:
    graph = nx.karate_club_graph()
    assert place_nodes(sizes_of(graph), lines_of(graph)) == place_nodes(sizes_of(graph), lines_of(graph))


def test_the_order_of_lines_does_not_matter() -> None:
    graph = nx.karate_club_graph()
    assert place_nodes(sizes_of(graph), lines_of(graph)) == place_nodes(sizes_of(graph), lines_of(graph)[::-1])


def test_neighbours_stand_nearer_than_others() -> None:
    graph = nx.disjoint_union(nx.complete_graph(8), nx.complete_graph(8))
    graph.add_edge(0, 8)
    places = place_nodes(sizes_of(graph), lines_of(graph))

    def far(one: int, other: int) -> float:
        (x1, y1), (x2, y2) = places[f"n{one}"], places[f"n{other}"]
        return float(((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5)

    inside = [far(a, b) for a, b in combinations(range(8), 2)]
    across = [far(a, b) for a in range(1, 8) for b in range(9, 16)]
    assert sum(inside) / len(inside) < 0.6 * sum(across) / len(across)


def test_a_picture_fills_a_wide_screen() -> None:
    graph = nx.random_geometric_graph(120, 0.14, seed=3)
    places = place_nodes(sizes_of(graph), lines_of(graph))
    width, height = (max(values) - min(values) for values in zip(*places.values(), strict=True))
    assert 1 < width / height < 2 * SCREEN


def test_one_node_stands_in_the_middle() -> None:
    assert place_nodes({"only": 9.0}, [("only", "only")]) == {"only": (0, 0)}


@settings(max_examples=25)
@given(st.integers(1, 30), st.integers(0, 40), st.integers(0, 99))
def test_all_nodes_have_room(nodes: int, edges: int, seed: int) -> None:
    graph = nx.gnm_random_graph(nodes, edges, seed=seed)
    places = place_nodes(sizes_of(graph), lines_of(graph))
    assert list(map(type, next(iter(places.values())))) == [int, int]
    assert places.keys() == sizes_of(graph).keys()
    assert not crowded(places, 0.8)


def test_small_parts_stay_near() -> None:
    graph = nx.disjoint_union_all([nx.path_graph(2) for _ in range(20)])
    places = place_nodes(sizes_of(graph), lines_of(graph))
    assert max(abs(x) for x, _ in places.values()) < 20 * BOX[0]
    assert not crowded(places, 0.8)
