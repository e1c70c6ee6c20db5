"""What belongs together in a graph: communities by Louvain's method (Blondel et al. 2008), numbered by size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import networkx as nx

_SEED: Final = 0


def join_nodes(nodes: int, edges: Iterable[tuple[int, int, int]]) -> nx.Graph:
    """Return a graph of the numbers below `nodes`, with one edge between any two of them that edges (source, target,
    weight) join in either direction, as heavy as these together.
    """
    import networkx as nx

    weights = Counter[tuple[int, int]]()
    for source, target, weight in edges:
        weights[min(source, target), max(source, target)] += weight
    graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from((*pair, weight) for pair, weight in weights.items())
    return graph


def find_communities(graph: nx.Graph) -> dict[int, int]:
    """Return the number of the community of each node: the largest is 1, of equal ones that with the first node.

    Nodes are whole numbers; edges weigh as much as their `weight`.
    """
    import networkx as nx

    found = nx.community.louvain_communities(graph, seed=_SEED)
    largest_first = sorted(found, key=lambda members: (-len(members), min(members)))
    return {node: number for number, members in enumerate(largest_first, start=1) for node in members}
