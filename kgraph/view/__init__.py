"""A picture of the graph: one HTML file that opens from disk, needs no network, and shows the evidence on a click.

    subject (in_memory | stored) -> kinds, trend (select) -> picture (layout, layers) -> pack, network -> page

subject.py    what pictures are made of; in_memory.py: a networkx graph, stored.py: a database
kinds.py      the kinds of picture and what each shows; trend.py: what rises and fades; select.py: how nodes are chosen
picture.py    a picture: what is shown, where it stands (layout.py, layers.py), and the evidence behind it (surest.py)
pack.py       the picture as blocks of data; network.py: as pyvis's network
page.py       the page itself: the blocks, and our template, style and script in web/
"""

from __future__ import annotations

from kgraph.view.kinds import Answer, Comparison, Core, Ego, Kind, Lineage, Overview, Topic
from kgraph.view.page import View, render_view, write_view
from kgraph.view.stored import StoredGraph
from kgraph.view.trend import Trend

__all__ = [
    "Answer",
    "Comparison",
    "Core",
    "Ego",
    "Kind",
    "Lineage",
    "Overview",
    "StoredGraph",
    "Topic",
    "Trend",
    "View",
    "render_view",
    "write_view",
]
