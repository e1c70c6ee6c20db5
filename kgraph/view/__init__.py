"""A picture of the graph: one HTML file that opens from disk, needs no network, and shows the evidence on a click.

select.py   which nodes and lines the picture shows
layout.py   where they stand
page.py     the page itself: pyvis's network, our template, script and style
"""

from __future__ import annotations

from kgraph.view.page import View, render_view, write_view

__all__ = ["View", "render_view", "write_view"]
