"""What belongs together in a graph: communities by Louvain's method (Blondel et al. 2008), numbered by size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import networkx as nx

_SEED: Final = 0


def find_communities(graph: nx.Graph) -> dict[int, int]:
    """Return the number of the community of each node: the largest is 1, of equal ones that with the first node.

    Nodes are whole numbers; edges weigh as much as their `weight`.
    """
    import networkx as nx

    found = nx.community.louvain_communities(graph, seed=_SEED)
    largest_first = sorted(found, key=lambda members: (-len(members), min(members)))
    return {node: number for number, members in enumerate(largest_first, start=1) for node in members}
