"""Where connected nodes come to rest when all push each other away and lines pull: ForceAtlas2.

The forces, and how fast nodes give way to them, are those of ForceAtlas2 (Jacomy, Venturini, Heymann & Bastian 2014).
In small graphs each node pushes each other one. In large ones the push is that of a smooth field: masses are spread on
a mesh, which is convolved with the push of one mass by fast Fourier transforms (particle mesh, Hockney & Eastwood
1988), so that a round costs little more than reading the graph. All is added up in a fixed order, by one thread: the
same graph comes to rest at the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    _Force = Callable[[Floats], Floats]

SEED: Final = 7
DIRECT: Final = 400  # up to this many nodes each pushes each other one
_ROUNDS: Final = 300
_PUSH: Final = 2.0
_MESH: Final = (7, 9)  # the mesh has 2^7 to 2^9 cells a side
_LEAST_EFFICIENCY: Final = 0.05
_BATCH: Final = 2_000_000  # pairs of nodes that are looked at together


def find_rest(ends: Integers, weights: Floats, graphs: int, nodes: int) -> Floats:
    """Return a place for each node of so many graphs of equally many nodes each, graph after graph.

    `ends` are the ends of the lines, one row a line, `weights` how strongly each pulls.
    """
    import numpy as np

    degrees = np.bincount(ends.ravel(), minlength=graphs * nodes)
    mass = (degrees + 1).astype(np.float64).reshape(graphs, nodes)
    start = np.random.default_rng(SEED).standard_normal((nodes, 2)) * 2 * np.sqrt(nodes)
    places = np.tile(start, (graphs, 1))
    pull = _pull(ends, weights, graphs * nodes)
    push = _direct_push(mass) if nodes <= DIRECT else _mesh_push(mass.ravel())
    return _settle(places, mass, pull, push)


def _settle(places: Floats, mass: Floats, pull: _Force, push: _Force) -> Floats:
    """Let nodes follow the forces, the faster the less they swing: ForceAtlas2's control of speed, graph by graph."""
    import numpy as np

    graphs, nodes = mass.shape
    speed, efficiency = np.ones(graphs), np.ones(graphs)
    slowest = np.sqrt(0.05 * np.sqrt(nodes))
    before = np.zeros_like(places)
    for _ in range(_rounds(nodes)):
        force = push(places) + pull(places) - _gravity(places, mass)
        swing = mass * _length(before - force).reshape(graphs, nodes)
        swung = swing.sum(axis=1) + 1e-9
        driven = (mass * _length(before + force).reshape(graphs, nodes)).sum(axis=1) / 2 + 1e-9
        jitter = np.maximum(slowest, np.minimum(10.0, 0.05 * np.sqrt(nodes) * driven / nodes**2))
        wild = swung > 2 * driven
        efficiency = np.where(wild & (efficiency > _LEAST_EFFICIENCY), efficiency * 0.5, efficiency)
        jitter = np.where(wild, np.maximum(jitter, 1.0), jitter)
        target = jitter * efficiency * driven / swung
        calm = swung <= jitter * driven
        efficiency = np.where(calm & (speed < 1000), efficiency * 1.3, efficiency)
        efficiency = np.where(~calm & (efficiency > _LEAST_EFFICIENCY), efficiency * 0.7, efficiency)
        speed = speed + np.minimum(target - speed, speed / 2)
        step = speed[:, None] / (1 + np.sqrt(speed[:, None] * swing))
        places = places + force * step.reshape(-1, 1)
        before = force
    return places


def _rounds(nodes: int) -> int:
    return max(_ROUNDS // 2, min(_ROUNDS, _ROUNDS * 10_000 // nodes))


def _length(vectors: Floats) -> Floats:
    import numpy as np

    lengths: Floats = np.sqrt(vectors[:, 0] ** 2 + vectors[:, 1] ** 2)
    return lengths


def _gravity(places: Floats, mass: Floats) -> Floats:
    return places * (mass.ravel() / (_length(places) + 1e-9))[:, None]


def _pull(ends: Integers, weights: Floats, nodes: int) -> _Force:
    import numpy as np

    source, target = ends[:, 0], ends[:, 1]

    def pull(places: Floats) -> Floats:
        force = np.empty_like(places)
        for axis in (0, 1):
            drawn = weights * (places[target, axis] - places[source, axis])
            force[:, axis] = np.bincount(source, drawn, nodes) - np.bincount(target, drawn, nodes)
        return force

    return pull


def _direct_push(mass: Floats) -> _Force:
    import numpy as np

    graphs, nodes = mass.shape
    together = max(1, _BATCH // nodes**2)

    def push(places: Floats) -> Floats:
        force = np.empty((graphs, nodes, 2))
        for first in range(0, graphs, together):
            some = slice(first, first + together)
            x, y = np.moveaxis(places.reshape(graphs, nodes, 2)[some], 2, 0)
            away_x, away_y = x[:, :, None] - x[:, None], y[:, :, None] - y[:, None]
            share = mass[some, None] / np.maximum(away_x**2 + away_y**2, 1e-4)
            force[some, :, 0] = (share * away_x).sum(axis=2)
            force[some, :, 1] = (share * away_y).sum(axis=2)
        whole: Floats = _PUSH * (mass[:, :, None] * force).reshape(-1, 2)
        return whole

    return push


def _mesh_push(mass: Floats) -> _Force:
    """Return the push of a field on a mesh, in which each node lies between four knots and has a share of each."""
    import numpy as np

    side = 2 ** int(np.clip(np.rint(np.log2(np.sqrt(len(mass)) * 1.7)), *_MESH))
    kernels = _kernels(side)

    def push(places: Floats) -> Floats:
        low, high = places.min(axis=0), places.max(axis=0)
        cell = (high - low).max() * 1.02 / (side - 1) + 1e-9
        on_mesh = (places - (low + high) / 2) / cell + (side - 1) / 2
        knot = on_mesh.astype(np.int64)
        right, down = (on_mesh - knot).T
        here = knot[:, 0] * side + knot[:, 1]
        knots = (here, here + side, here + 1, here + side + 1)
        shares = ((1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down)
        masses = np.zeros(side * side, np.float32)
        for at, share in zip(knots, shares, strict=True):
            masses += np.bincount(at, mass * share, side * side)
        wave = np.fft.rfft2(masses.reshape(side, side), s=(2 * side, 2 * side))
        force = np.empty_like(places)
        for axis, kernel in enumerate(kernels):
            # The field is wanted on the mesh only: half of the rows need not be turned back.
            rows = np.fft.ifft(wave * kernel, axis=0)[:side]
            field = np.fft.irfft(rows, axis=1)[:, :side].ravel()
            force[:, axis] = sum(field[at] * share for at, share in zip(knots, shares, strict=True))
        pushed: Floats = force * (_PUSH * mass / cell)[:, None]
        return pushed

    return push


def _kernels(side: int) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """Return the push of a unit mass along both axes of a mesh, transformed; within a cell it is softened."""
    import numpy as np

    steps = np.fft.fftfreq(2 * side, 1 / (2 * side))
    x, y = np.meshgrid(steps, steps, indexing="ij")
    square = x**2 + y**2 + 0.25
    across, along = (np.fft.rfft2((axis / square).astype(np.float32)).astype(np.complex64) for axis in (x, y))
    return across, along
