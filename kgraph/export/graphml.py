"""GraphML, for Gephi, Cytoscape, yEd and igraph. Lists are JSON texts; what is not known is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph


# XML 1.0, production 2: what may not stand in a document, not even escaped.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_graphml(graph: KnowledgeGraph, path: Path) -> None:
    """Write the graph as one GraphML file, gzipped where its name ends in .gz; the edge ids are the statement ids."""
    import networkx as nx

    flat = nx.MultiDiGraph()
    for node_id in sorted(graph):
        flat.add_node(node_id, **_flat(graph.nodes[node_id]))
    for source, target, key in sorted(graph.edges(keys=True), key=lambda edge: edge[2]):
        flat.add_edge(source, target, key=key, **_flat(graph.edges[source, target, key]))
    with whole_file(path) as draft:
        nx.write_graphml(flat, draft, named_key_ids=True)


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: _value(value) for key, value in attributes.items() if value is not None}


def _value(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text) if isinstance(text, str) else text
