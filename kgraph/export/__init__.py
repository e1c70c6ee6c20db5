"""Export: a graph as files of other tools. One format a file; the same graph always gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kgraph.errors import UsageError

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph
    from kgraph.schema import Entity, LinkedPaper

NEO4J_ADMIN: Final = "neo4j-admin"
FORMATS: Final = ("jsonl", "graphml", NEO4J_ADMIN)


def check_format(format: str) -> None:
    """Raise `UsageError` where no export is called so."""
    if format not in FORMATS:
        raise UsageError(f"no export is called {format!r}: use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")


def write_export(graph: KnowledgeGraph, format: str, path: str | Path) -> None:
    """Write a graph: `jsonl` makes a folder with nodes.jsonl and edges.jsonl, `graphml` one file.

    Raises `UsageError` for another format and for a path that cannot be written.
    """
    check_format(format)
    if format == "jsonl":
        from kgraph.export.jsonl import write_jsonl

        write_jsonl(graph, Path(path))
    elif format == "graphml":
        from kgraph.export.graphml import write_graphml

        write_graphml(graph, Path(path))
    else:
        raise UsageError(f"{format} is written from a whole store: use write_bulk")


def write_bulk(entities: Mapping[str, Entity], papers: Iterable[LinkedPaper], folder: str | Path) -> tuple[int, int]:
    """Write what `read_store` returns as files for `neo4j-admin database import full`, with the command, `import.sh`.

    The papers need not fit into memory. Returns the number of nodes and of edges. Raises `UsageError` for an empty
    graph, for a list that the format has no way to write, and for a folder that cannot be written.
    """
    from kgraph.export.neo4j_admin import write_neo4j_admin

    return write_neo4j_admin(entities, papers, Path(folder))
