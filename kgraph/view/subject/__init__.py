"""What pictures are made of: a networkx graph (in_memory.py) or a database (stored.py), alike behind `Subject`."""

from __future__ import annotations

from kgraph.view.subject.base import (
    Cited,
    Evidence,
    Key,
    Line,
    Node,
    Period,
    Subject,
    by_role,
    by_support,
    by_sureness,
    line_key,
)
from kgraph.view.subject.in_memory import GraphInMemory
from kgraph.view.subject.stored import StoredGraph

__all__ = [
    "Cited",
    "Evidence",
    "GraphInMemory",
    "Key",
    "Line",
    "Node",
    "Period",
    "StoredGraph",
    "Subject",
    "by_role",
    "by_support",
    "by_sureness",
    "line_key",
]
