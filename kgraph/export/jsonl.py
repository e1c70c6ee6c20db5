"""JSON Lines: a folder with `nodes.jsonl` and `edges.jsonl`, one object a line, sorted by id."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph


def write_jsonl(graph: KnowledgeGraph, folder: Path) -> None:
    """Write the graph into this folder, which is made where it is missing."""
    _write_lines(folder / "nodes.jsonl", ({"id": node_id, **node} for node_id, node in graph.nodes(data=True)))
    _write_lines(
        folder / "edges.jsonl",
        (
            {"id": key, "source": source, "type": edge["type"], "target": target, **edge}
            for source, target, key, edge in graph.edges(keys=True, data=True)
        ),
    )


def read_jsonl(folder: Path) -> KnowledgeGraph:
    """Read back what `write_jsonl` wrote."""
    from kgraph.graph import KnowledgeGraph

    graph = KnowledgeGraph()
    for node in _read_lines(folder / "nodes.jsonl"):
        lists = {key: tuple(value) for key, value in node.items() if isinstance(value, list)}
        graph.add_node(node.pop("id"), **{**node, **lists})
    for edge in _read_lines(folder / "edges.jsonl"):
        graph.add_edge(edge.pop("source"), edge.pop("target"), key=edge.pop("id"), **edge)
    return graph


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as lines:
        for row in sorted(rows, key=lambda row: str(row["id"])):
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def _read_lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
