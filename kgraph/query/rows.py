"""The answer to a query: its rows, and what they are as a pandas DataFrame and as a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from kgraph.errors import UsageError
from kgraph.query.library import Edge, Query
from kgraph.store import Row

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

# The columns that name the node of `id`; that of another column COLUMN is named by COLUMN_name.
_NAMES: Final = ("name", "method", "dataset", "task", "title")


class Rows(list[Row]):
    """Rows in their order: a list of dicts, with the query and the values that they answer."""

    def __init__(self, rows: Iterable[Row], query: Query, values: Mapping[str, Any]) -> None:
        super().__init__(rows)
        self.query, self.values = query, dict(values)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame, a column for each key.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise UsageError("pandas is not installed: pip install 'kgraph[pandas]'") from error
        return pd.DataFrame.from_records(self)

    def to_graph(self) -> nx.MultiDiGraph:
        """Return the rows as a `networkx.MultiDiGraph`: an edge for each row and each `Edge` line of the query.

        Nodes are keyed by id and carry their `name` where a column has it; edges carry their `type` and the columns of
        their row. A row that lacks an end is left out.

        Raises:
            UsageError: the query has no `Edge` line, because its rows join nothing.
        """
        import networkx as nx

        if not self.query.edges:
            raise UsageError(f"the rows of {self.query.name} are no graph: they join no two nodes")
        graph = nx.MultiDiGraph()
        for row, edge in ((row, edge) for row in self for edge in self.query.edges):
            source, target = self._node(row, edge.source), self._node(row, edge.target)
            if source is not None and target is not None:
                graph.add_nodes_from(self._names(row, edge))
                graph.add_edge(source, target, **row | {"type": row.get(edge.type, edge.type)})
        return graph

    def _node(self, row: Row, end: str) -> str | None:
        found = self.values[end[1:]] if end.startswith("$") else row[end]
        return None if found is None else str(found)

    def _names(self, row: Row, edge: Edge) -> Iterator[tuple[Any, dict[str, Any]]]:
        for end in (edge.source, edge.target):
            columns = _NAMES if end == "id" else (f"{end}_name",)
            names = [row[column] for column in columns if column in row]
            yield self._node(row, end), {"name": names[0]} if names else {}
