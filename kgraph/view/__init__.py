"""A picture of the graph: one HTML file that opens from disk, needs no network, and shows the evidence on a click.

    subject -> kinds, trend (select) -> picture (layout) -> pack (network) -> page (web)

subject/      what pictures are made of: a networkx graph or a database, alike
kinds.py      the kinds of picture and what each shows; trend.py: what rises and fades; select.py: how nodes are chosen
picture.py    a picture: what is shown, where it stands (layout/), and the evidence behind it
pack.py       the picture as blocks of data; network.py: as pyvis's network
page.py       the page itself: the blocks, and the template, style and script of web/
expand.py     what comes into the page of a server when a node is expanded
"""

from __future__ import annotations

from kgraph.view.kinds import Answer, Comparison, Core, Ego, Kind, Lineage, Overview, Topic
from kgraph.view.page import View, render_view, write_view
from kgraph.view.subject import StoredGraph
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
