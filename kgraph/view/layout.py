"""Where the nodes of a picture stand: computed once, before the page is written, so that the page opens at rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from math import cos, sin, sqrt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float64]


SEED: Final = 7
SPACING: Final = 92.0  # the side of the square that a node gets, in canvas pixels
BOX: Final = (100.0, 46.0)  # what a node and its label cover
SCREEN: Final = 1.8  # screens are wider than high
_GOLDEN: Final = 2.399963  # the golden angle: points of a spiral at this step cover the plane evenly


def place_nodes(sizes: Mapping[str, float], lines: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return a position in whole pixels for every node of these radii; the same input gives the same picture.

    Each connected part is laid out by ForceAtlas2 (Jacomy et al. 2014, networkx's code), turned to fill a screen,
    scaled to an even density and freed of overlaps; smaller parts then take the nearest free place to the middle.
    """
    import networkx as nx
    import numpy as np

    graph = nx.Graph()
    graph.add_nodes_from(sizes)
    graph.add_edges_from(lines)
    parts = [[node for node in sizes if node in part] for part in nx.connected_components(graph)]
    placed = np.empty((0, 2))
    spirals: dict[int, Iterator[tuple[float, float]]] = defaultdict(_spiral)  # equal parts go on where the last stopped
    order: list[str] = []
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        points = _part(graph.subgraph(part), {node: sizes[node] for node in part})
        placed = np.vstack([placed, _beside(placed, points, spirals[len(part)])])
        order += part
    if not order:
        return {}
    whole = np.rint(placed - (placed.max(axis=0) + placed.min(axis=0)) / 2).astype(int).tolist()
    return {node: (x, y) for node, (x, y) in zip(order, whole, strict=True)}


def _part(graph: nx.Graph, sizes: Mapping[str, float]) -> Points:
    import networkx as nx
    import numpy as np

    if len(sizes) == 1:
        return np.zeros((1, 2))
    ordered = nx.Graph()
    ordered.add_nodes_from(sizes)
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges))
    found: Mapping[str, Any] = nx.forceatlas2_layout(ordered, max_iter=_rounds(300, len(sizes)), seed=SEED)
    points = _turned(_scale(np.array([found[node] for node in sizes])))
    return _spread(points, np.array(list(sizes.values())))


def _turned(points: Points) -> Points:
    """Turn a cloud of points so that it fills a screen best."""
    import numpy as np

    def room(turned: Points) -> float:
        width, height = np.ptp(turned, axis=0)
        return float(max(width / SCREEN, height))

    angles = np.linspace(0, np.pi, 36, endpoint=False)
    turns = [points @ np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]]) for angle in angles]
    return min(turns, key=room)


def _scale(points: Points) -> Points:
    """Give every node its share of the plane, and pull in the few that stand far out."""
    import numpy as np

    distance = np.linalg.norm(points, axis=1)
    edge = np.quantile(distance, 0.9)
    reeled = np.where(distance > edge, edge + (distance - edge) * 0.5, distance)
    points = points * (reeled / np.maximum(distance, 1e-9))[:, None]
    radius = SPACING * sqrt(len(points) / np.pi)
    scaled: Points = points * (radius / np.quantile(np.linalg.norm(points, axis=1), 0.9))
    return scaled


def _spread(points: Points, sizes: Points) -> Points:
    """Push nodes whose boxes touch apart, little by little, each pair along the line between them.

    A large node needs more room than its box: many lines end there.
    """
    import numpy as np

    scaled: Points = points / BOX
    need = 1.0 + (sizes[:, None] + sizes[None]) / 100
    for _ in range(_rounds(150, len(points))):
        gap = scaled[:, None] - scaled[None]
        distance = np.linalg.norm(gap, axis=2)
        np.fill_diagonal(distance, np.inf)
        lack = np.maximum(0.0, need - distance)
        if lack.max() < 0.02:
            break
        scaled = scaled + (gap * (lack / np.maximum(distance, 1e-6))[:, :, None]).sum(axis=1) * 0.35
    return scaled * BOX


def _rounds(most: int, nodes: int) -> int:
    """Return how many rounds an algorithm that is quadratic in the nodes gets: a fifth of `most` at the least."""
    return max(most // 5, min(most, most * 200 // nodes))


def _beside(placed: Points, part: Points, spiral: Iterator[tuple[float, float]]) -> Points:
    """Move a part to the free place that is nearest to the middle of what stands already."""
    import numpy as np

    def is_free(moved: Points) -> bool:
        gap = np.abs(moved[:, None] - placed[None])
        return not (gap < np.array(BOX) * 1.25).all(axis=2).any()

    return next(moved for step in spiral if is_free(moved := part + np.array(step)))


def _spiral() -> Iterator[tuple[float, float]]:
    for step in count():
        radius = 18 * sqrt(step)
        yield radius * cos(step * _GOLDEN) * SCREEN, radius * sin(step * _GOLDEN)
