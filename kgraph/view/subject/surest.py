"""The surest statements of each node and line of a picture, kept while all statements pass by."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kgraph.schema import ROLE_TYPES, Statement
from kgraph.view.subject.base import Cited, Evidence, Key, Line, Node, by_role, by_sureness, line_key

_ROLES = frozenset(ROLE_TYPES.values())


class Surest:
    """Keeps the `most` surest statements of each of these nodes and lines, in whatever order they come."""

    def __init__(self, nodes: Sequence[Node], lines: Sequence[Line], most: int) -> None:
        self._nodes, self._keys, self._most = {node.id for node in nodes}, {line.key for line in lines}, most
        self._of_nodes: dict[str, list[Statement]] = defaultdict(list)
        self._of_lines: dict[Key, list[Statement]] = defaultdict(list)

    def add(self, statements: Iterable[Statement]) -> None:
        """Take in what belongs to the nodes and lines."""
        for one in statements:
            key = line_key(one)
            if key in self._keys:
                insort(self._of_lines[key], one, key=by_sureness)
                del self._of_lines[key][self._most :]
            if one.type in _ROLES and one.target in self._nodes:
                insort(self._of_nodes[one.target], one, key=by_role)
                del self._of_nodes[one.target][self._most :]

    def paper_ids(self) -> set[str]:
        """Return the papers of the statements that are kept."""
        kept = (*self._of_nodes.values(), *self._of_lines.values())
        return {one.paper_id for statements in kept for one in statements}

    def evidence(self, papers: Mapping[str, Cited]) -> Evidence:
        """Return what is kept, with these papers."""
        return Evidence(dict(self._of_nodes), dict(self._of_lines), papers)
