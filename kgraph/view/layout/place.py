"""Where the nodes of a picture stand: computed once, before the page is written, so that the page opens at rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, sin, sqrt
from typing import TYPE_CHECKING, Final

from kgraph.view.layout.forces import find_rest
from kgraph.view.layout.room import SCREEN, pack, spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


SPACING: Final = 92.0  # the side of the square that a node gets, in canvas pixels
_INSIDE: Final = 6.0  # how much stronger a line inside a community pulls than one between two, at least
_ALL_INSIDE: Final = 30.0  # how much stronger all lines inside communities pull than all others together, at least


def place_nodes(
    sizes: Sequence[float],
    lines: Sequence[tuple[int, int]],
    *,
    weights: Sequence[float] | None = None,
    groups: Sequence[int] | None = None,
) -> list[tuple[int, int]]:
    """Return a position in whole pixels for each node of these radii; the same input gives the same picture.

    `weights` are the support of the lines. `groups` are the numbers of the nodes' communities, 0 where one has none:
    given, communities stand apart as islands.

    Each connected part is laid out by ForceAtlas2, turned to fill a screen, scaled to an even density and freed of
    overlaps; smaller parts then take the nearest free place to the middle.
    """
    import numpy as np

    if not sizes:
        return []
    ends, pulls = _joined(len(sizes), lines, weights)
    if groups is not None:
        pulls = _islands(np.array(groups)[ends], pulls)
    parts = _parts(len(sizes), ends)
    # From here on nodes are numbered part after part, the largest first; within a part, the most connected first.
    order = np.lexsort((-np.bincount(ends.ravel(), minlength=len(sizes)), parts, -np.bincount(parts)[parts]))
    ends = np.argsort(order)[ends]
    radii = np.array(sizes, dtype=float)[order]
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    places = np.zeros((len(sizes), 2))
    for first, last, nodes in _alike(starts, len(sizes)):
        here = (ends[:, 0] >= first) & (ends[:, 0] < last)
        found = find_rest(ends[here] - first, pulls[here], (last - first) // nodes, nodes)
        places[first:last] = _turned(_scaled(found.reshape(-1, nodes, 2))).reshape(-1, 2)
    places = pack(spread(places, radii, starts), radii, starts)
    whole = np.empty_like(places)
    whole[order] = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return [(x, y) for x, y in np.rint(whole).astype(int).tolist()]


def _joined(nodes: int, lines: Sequence[tuple[int, int]], weights: Sequence[float] | None) -> tuple[Integers, Floats]:
    """Return every two nodes that lines join, once and in order, and how strongly: support counts by its magnitude."""
    import numpy as np

    pairs = np.sort(np.array(lines, dtype=np.int64).reshape(-1, 2), axis=1)
    given = np.ones(len(pairs)) if weights is None else np.array(weights, dtype=float)
    apart = pairs[:, 0] < pairs[:, 1]
    keys, at = np.unique(pairs[apart, 0] * nodes + pairs[apart, 1], return_inverse=True)
    ends = np.stack([keys // nodes, keys % nodes], axis=1)
    if weights is None:
        return ends, np.ones(len(keys))
    return ends, np.log2(1 + np.bincount(at, given[apart], len(keys)))


def _islands(groups: Integers, pulls: Floats) -> Floats:
    """Let lines inside communities pull so much stronger than those between them that communities stand apart."""
    import numpy as np

    inside = (groups[:, 0] == groups[:, 1]) & (groups[:, 0] > 0)
    within, between = pulls[inside].sum(), pulls[~inside].sum()
    if not within:
        return pulls
    return np.where(inside, pulls * max(_INSIDE, _ALL_INSIDE * between / within), pulls)


def _parts(nodes: int, ends: Integers) -> Integers:
    """Return for each node the first node that it is connected with."""
    import numpy as np

    parts = np.arange(nodes)
    while True:
        low = parts[ends].min(axis=1)
        lower = parts.copy()
        for side in (0, 1):
            np.minimum.at(lower, parts[ends[:, side]], low)
        lower = lower[lower]
        if (lower == parts).all():
            return parts
        parts = lower


def _alike(starts: Integers, nodes: int) -> Iterator[tuple[int, int, int]]:
    """Yield where the parts of each size begin and end, and that size; nodes that stand alone need no layout."""
    import numpy as np

    size = np.diff(starts, append=nodes)
    for each in np.unique(size[size > 1]).tolist():
        first = int(starts[np.argmax(size == each)])
        yield first, first + each * int((size == each).sum()), each


def _turned(parts: Floats) -> Floats:
    """Turn each cloud of points so that it fills a screen best."""
    import numpy as np

    best = np.full(len(parts), np.inf)
    turned = parts.copy()
    x, y = parts[..., 0], parts[..., 1]
    for angle in np.linspace(0, np.pi, 36, endpoint=False).tolist():
        turn = np.stack([x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)], axis=2)
        width, height = np.moveaxis(np.ptp(turn, axis=1), 1, 0)
        room = np.maximum(width / SCREEN, height)
        better = room < best * (1 - 1e-9)
        turned[better], best[better] = turn[better], room[better]
    return turned


def _scaled(parts: Floats) -> Floats:
    """Give every node its share of the plane, and pull in the few that stand far out."""
    import numpy as np

    nodes = parts.shape[1]
    parts = parts - parts.mean(axis=1, keepdims=True)
    distance = np.sqrt((parts**2).sum(axis=2))
    edge = np.quantile(distance, 0.9, axis=1)[:, None]
    beyond = np.maximum(distance / edge, 1.0)
    reeled = (1 + np.log(beyond) / 2) / beyond
    radius = SPACING * sqrt(nodes / np.pi)
    scaled: Floats = parts * (reeled * radius / edge)[..., None]
    return scaled
