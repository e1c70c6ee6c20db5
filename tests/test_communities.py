"""What belongs together in a graph."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.communities import find_communities


def graphs() -> st.SearchStrategy[nx.Graph]:
    node = st.integers(0, 15)
    edges = st.lists(st.tuples(node, node, st.integers(1, 9)), max_size=40)
    return st.builds(_graph, st.lists(node), edges)


def _graph(nodes: list[int], edges: list[tuple[int, int, int]]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from(edge for edge in edges if edge[0] != edge[1])
    return graph


@given(graphs())
def test_every_node_is_in_one_community_and_the_largest_come_first(graph: nx.Graph) -> None:
    found = find_communities(graph)
    sizes = Counter(found.values())
    assert found.keys() == set(graph)
    assert sorted(sizes) == list(range(1, len(sizes) + 1))
    firsts = [min(node for node, number in found.items() if number == one) for one in sorted(sizes)]
    order = [(-sizes[number], first) for number, first in enumerate(firsts, start=1)]
    assert order == sorted(order)
    for number in sizes:
        members = {node for node, of in found.items() if of == number}
        assert members <= nx.node_connected_component(graph, min(members))


@given(graphs())
def test_the_same_graph_has_the_same_communities(graph: nx.Graph) -> None:
    assert find_communities(graph) == find_communities(graph.copy())


def test_two_cliques_that_one_edge_joins_are_two_communities() -> None:
    graph = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(5))
    graph.add_edge(0, 4)
    assert find_communities(graph) == dict.fromkeys(range(4, 9), 1) | dict.fromkeys(range(4), 2)


@pytest.mark.parametrize(("weight", "number"), [(100, 1), (1, 2)])
def test_a_heavy_edge_holds_together_what_a_light_one_does_not(weight: int, number: int) -> None:
    graph = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(4))
    nx.set_edge_attributes(graph, 1, "weight")
    graph.add_edges_from([(a, b, {"weight": weight}) for a in range(4) for b in range(4, 8)])
    if weight == 1:
        graph.remove_edges_from([(a, b) for a in range(4) for b in range(4, 8) if (a, b) != (0, 4)])
    assert len(set(find_communities(graph).values())) == number


def test_an_empty_graph_has_none() -> None:
    assert find_communities(nx.Graph()) == {}
