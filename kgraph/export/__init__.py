"""Export: a graph as files of other tools. One format a file; the same graph always gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from kgraph.errors import UsageError

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph

FORMATS: Final = ("jsonl", "graphml")


def check_format(format: str) -> None:
    """Raise `UsageError` where no export is called so."""
    if format not in FORMATS:
        raise UsageError(f"no export is called {format!r}: use {' or '.join(FORMATS)}")


def write_export(graph: KnowledgeGraph, format: str, path: str | Path) -> None:
    """Write a graph: `jsonl` makes a folder with nodes.jsonl and edges.jsonl, `graphml` one file.

    Raises `UsageError` for another format and for a path that cannot be written.
    """
    check_format(format)
    if format == "jsonl":
        from kgraph.export.jsonl import write_jsonl

        write_jsonl(graph, Path(path))
    else:
        from kgraph.export.graphml import write_graphml

        write_graphml(graph, Path(path))
