"""Where nodes stand, in pixels: by forces (place.py, forces.py, room.py), or in columns (layers.py).

It is worked out once, before the page is written, so that the page opens at rest and every page of a graph is the same.
"""

from __future__ import annotations

from kgraph.view.layout.layers import Band, place_in_columns, place_in_time
from kgraph.view.layout.place import place_nodes

__all__ = ["Band", "place_in_columns", "place_in_time", "place_nodes"]
