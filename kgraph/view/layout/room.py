"""Room for every node: those that touch are pushed apart, and small parts take the free places around a large one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kgraph.view.layout.forces import DIRECT, SEED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


BOX: Final = (100.0, 46.0)  # what a node and its label cover, in canvas pixels
SCREEN: Final = 1.8  # screens are wider than high
_ROUNDS: Final = 150
_LARGE: Final = 5_000  # in parts beyond so many nodes boxes may overlap, down to _LEAST of a box
_LEAST: Final = 0.6
_CELL: Final = (BOX[0] / 2, BOX[1] / 2)
_AROUND: Final = 2  # cells on each side of a node that stay free
_LONE: Final = (120.0, 56.0)  # from one node that stands alone to the next one
_GOLDEN: Final = 2.399963  # the golden angle: points of a spiral at this step cover the plane evenly
_STEP: Final = 18.0
_LOOK: Final = 10_000  # cells that are looked at together


def spread(places: Floats, sizes: Floats, starts: Integers) -> Floats:
    """Push nodes of a part whose boxes touch apart, little by little, each pair along the line between them.

    A part is the nodes from one of `starts` to the next. A large node needs more room than its box: many lines end
    there. In a very large part boxes are smaller, so that what belongs together stays together.
    """
    import numpy as np

    nodes = len(places)
    part = np.searchsorted(starts, np.arange(nodes), side="right") - 1
    many = np.bincount(part)[part]
    share = np.clip(1 - np.log2(many / _LARGE) / 10, _LEAST, 1.0)
    box, low = share[:, None] * BOX, share * BOX[1]
    reach = max(1 + sizes.max() / 50, (2 * sizes.max() / low).max())
    # On a mesh the leaves of one node come to rest at one spot.
    shaken = np.random.default_rng(SEED).uniform(-0.2, 0.2, places.shape)
    scaled = places / box + np.where(many > DIRECT, 1, 0)[:, None] * shaken
    for _ in range(max(_ROUNDS // 3, min(_ROUNDS, _ROUNDS * 4 * _LARGE // nodes))):
        one, other = _near(scaled, part, reach)
        gap = scaled[one] - scaled[other]
        distance = np.sqrt(gap[:, 0] ** 2 + gap[:, 1] ** 2)
        both = sizes[one] + sizes[other]
        lack = np.maximum(1 + both / 100, both / low[one]) - distance
        touch = np.flatnonzero(lack > 0)
        if not len(touch) or lack[touch].max() < 0.02:
            break
        one, other = one[touch], other[touch]
        push = gap[touch] * (lack[touch] / np.maximum(distance[touch], 1e-6) * 0.35)[:, None]
        for axis in (0, 1):
            scaled[:, axis] += np.bincount(one, push[:, axis], nodes) - np.bincount(other, push[:, axis], nodes)
    return scaled * box


def _near(places: Floats, part: Integers, reach: float) -> tuple[Integers, Integers]:
    """Return every two nodes of one part that may be nearer than this: those in squares of this side that touch."""
    import numpy as np

    column, row = np.floor(places / reach).astype(np.int64).T
    column, row = column - column.min() + 1, row - row.min() + 1
    width, height = column.max() + 2, row.max() + 2
    square = (part * height + row) * width + column
    order = np.argsort(square, kind="stable")
    square = square[order]
    found = []
    # With each node: those after it in its square and in the next one, and those in three squares of the next row.
    for first, last in (
        (np.arange(1, len(order) + 1), np.searchsorted(square, square + 2)),
        (np.searchsorted(square, square + width - 1), np.searchsorted(square, square + width + 2)),
    ):
        many = last - first
        one = np.repeat(np.arange(len(order)), many)
        other = np.arange(len(one)) + np.repeat(first + many - np.cumsum(many), many)
        found.append((order[one], order[other]))
    (one, beside), (other, below) = found
    return np.concatenate([one, other]), np.concatenate([beside, below])


def pack(places: Floats, sizes: Floats, starts: Integers) -> Floats:
    """Put the first part in the middle and each other one, whole, at the nearest free place to it."""
    import numpy as np

    floor = _Floor()
    ends = np.append(starts[1:], len(places))
    lone = (ends - starts == 1) & (sizes[starts] <= BOX[1] / 2)
    packed = np.empty_like(places)
    for first, last in zip(starts[~lone].tolist(), ends[~lone].tolist(), strict=True):
        packed[first:last] = floor.put(places[first:last], sizes[first:last])
    packed[starts[lone]] = floor.put_lone(int(lone.sum()))
    return packed


class _Floor:
    """The plane in cells, four to a box, and which of them are too near to a node to hold another one."""

    def __init__(self) -> None:
        import numpy as np

        self._half = 32
        self._taken = np.zeros((65, 65), dtype=bool)
        self._tried: dict[int, int] = {}  # equal parts go on where the last one stopped

    def put(self, part: Floats, sizes: Floats) -> Floats:
        """Return a part moved to the free place that is nearest to the middle."""
        middle = (part.max(axis=0) + part.min(axis=0)) / 2
        cells = _cells((part - middle) / _CELL, sizes)
        place = self._free(cells, len(part))
        self._take(cells + place)
        if len(part) > DIRECT:
            self._fill()
        moved: Floats = part - middle + place * _CELL
        return moved

    def put_lone(self, nodes: int) -> Floats:
        """Return places for nodes that nothing joins: rows in and around what stands."""
        import numpy as np

        while True:
            edge = self._half * _CELL[1]
            x, y = np.meshgrid(*(np.arange(-(edge // step), edge // step + 1) for step in _LONE), indexing="ij")
            places = np.stack([(x + y % 2 / 2).ravel(), y.ravel()], axis=1) * _LONE
            across, along = (np.rint(places / _CELL).astype(np.int64) + self._half).T
            places = places[~self._taken[across, along]]
            away = np.hypot(places[:, 0] / SCREEN, places[:, 1])
            if (away <= edge / SCREEN).sum() >= nodes:
                nearest: Floats = places[np.argsort(away, kind="stable")[:nodes]]
                return nearest
            self._grow()

    def _free(self, cells: Integers, nodes: int) -> Integers:
        """Return the nearest place where a part that covers these cells stands free; of a large one, nearly so."""
        import numpy as np

        every = 1 + nodes // 16
        together = max(1, _LOOK // len(cells))
        first = self._tried.get(nodes, 0)
        while True:
            turns = np.arange(first, first + together * every, every)
            spiral = np.stack([np.cos(turns * _GOLDEN) * SCREEN, np.sin(turns * _GOLDEN)], axis=1)
            tried = np.rint(_STEP * np.sqrt(turns)[:, None] * spiral / _CELL).astype(np.int64)
            while np.abs(tried).max() + np.abs(cells).max() + _AROUND > self._half:
                self._grow()
            x, y = np.moveaxis(tried[:, None] + cells + self._half, 2, 0)
            free = np.flatnonzero(~self._taken[x, y].any(axis=1))
            if len(free):
                self._tried[nodes] = first + int(free[0]) * every
                place: Integers = tried[free[0]]
                return place
            first += together * every

    def _take(self, cells: Integers) -> None:
        for x in range(-_AROUND, _AROUND + 1):
            for y in range(-_AROUND, _AROUND + 1):
                self._taken[cells[:, 0] + x + self._half, cells[:, 1] + y + self._half] = True

    def _fill(self) -> None:
        """Take also what lies between the islands of a large part: a small one there would seem to belong to it."""
        import numpy as np

        inside = np.ones_like(self._taken)
        for axis in (0, 1):
            before = np.logical_or.accumulate(self._taken, axis=axis)
            behind = np.flip(np.logical_or.accumulate(np.flip(self._taken, axis), axis=axis), axis)
            inside &= before & behind
        self._taken |= inside

    def _grow(self) -> None:
        import numpy as np

        self._taken = np.pad(self._taken, self._half)
        self._half *= 2


def _cells(part: Floats, sizes: Floats) -> Integers:
    """Return the cells that the nodes of a part stand in; a node that is larger than its box has several."""
    import numpy as np

    cells = np.rint(part).astype(np.int64)
    more = [cells]
    for node in np.flatnonzero(sizes > BOX[1] / 2).tolist():
        wide, high = (int(np.ceil((sizes[node] - BOX[1] / 2) / side)) for side in _CELL)
        x, y = np.meshgrid(np.arange(-wide, wide + 1), np.arange(-high, high + 1))
        more.append(cells[node] + np.stack([x.ravel(), y.ravel()], axis=1))
    return np.concatenate(more)
