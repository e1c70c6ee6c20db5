"""The picture as a pyvis network: the only place that knows pyvis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any, Final

from kgraph.schema import DATASET, METHOD, PAPER, SAME_TERM_AS, TASK
from kgraph.support import SYMMETRIC
from kgraph.view.picture import Picture
from kgraph.view.subject import Line

SHAPES: Final = {METHOD: "dot", DATASET: "square", TASK: "diamond", PAPER: "triangle"}
DASHES: Final = {SYMMETRIC: [5, 4], SAME_TERM_AS: [2, 5]}
"""Lines that lead nowhere: how they are dashed."""

_OPTIONS: Final = {
    "groups": {label: {"shape": shape} for label, shape in SHAPES.items()},
    "physics": {
        "enabled": False,
        "solver": "forceAtlas2Based",
        "forceAtlas2Based": {"gravitationalConstant": -70, "springLength": 80, "avoidOverlap": 0.6},
        "stabilization": False,
    },
    "layout": {"improvedLayout": False},
    "nodes": {"chosen": False, "borderWidth": 1.5},
    "edges": {
        "chosen": False,
        "smooth": False,
        "arrows": {"to": {"scaleFactor": 0.45}},
        "hoverWidth": 0,
        "selectionWidth": 0,
        "arrowStrikethrough": False,
    },
}
_INTERACTION: Final = {
    "hover": True, "keyboard": False, "selectConnectedEdges": False, "hoverConnectedEdges": False,
}  # fmt: skip
_MANY: Final = 1_500
_VIS: Final = "templates/lib/vis-9.1.2/vis-network.min.js"


def network_items(picture: Picture) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Return the nodes, edges and options of vis-network, by way of pyvis.

    Its lists are filled as they are: `add_node` and `add_edge` are quadratic.
    """
    from pyvis.network import Network

    network = Network(directed=True)
    network.nodes.extend(_nodes(picture))
    index = {node.id: number for number, node in enumerate(picture.nodes)}
    network.edges.extend(_edges(picture.lines, index, picture.scale))
    many = len(picture.nodes) > _MANY
    hiding = {"hideEdgesOnDrag": many, "hideEdgesOnZoom": many}
    network.options = {**_OPTIONS, "interaction": _INTERACTION | hiding}
    nodes, edges, *_, options = network.get_network_data()
    return nodes, edges, json.loads(options)


@cache
def network_script() -> str:
    """Return vis-network as pyvis ships it."""
    return (files("pyvis") / _VIS).read_text("utf-8")


def _nodes(picture: Picture) -> Iterator[dict[str, Any]]:
    for number, (node, size) in enumerate(zip(picture.nodes, picture.sizes, strict=True)):
        item = {"id": number, "group": node.label, "size": size}
        if number < len(picture.places):
            x, y = picture.places[number]
            yield item | {"x": x, "y": y}
        else:
            yield item | {"x": 0, "y": 0, "hidden": True}


def _edges(lines: Sequence[Line], index: Mapping[str, int], scale: float) -> Iterator[dict[str, Any]]:
    """Yield edges; lines that share both ends are bent apart, all others are straight."""
    most = max((line.papers for line in lines), default=1) or 1
    met: dict[frozenset[int], int] = {}
    for position, line in enumerate(lines):
        source, target = index[line.source], index[line.target]
        pair = frozenset((source, target))
        met[pair] = earlier = met.get(pair, -1) + 1
        width = round(scale * (1.3 + 4 * sqrt((line.papers - 1) / most) if line.papers else 1.0), 1)
        ends: dict[str, Any] = {"dashes": DASHES[line.type]} if line.type in DASHES else {"arrows": "to"}
        yield {"id": position, "from": source, "to": target, "width": width, **ends, **_bend(earlier, source < target)}


def _bend(earlier: int, forwards: bool) -> dict[str, Any]:
    """Return the curve of a line with so many lines before it between its ends: to one side and the other in turn."""
    if not earlier:
        return {}
    turn = "curvedCW" if (earlier % 2 == 1) == forwards else "curvedCCW"
    return {"smooth": {"enabled": True, "type": turn, "roundness": round(0.18 * ((earlier + 1) // 2), 2)}}
