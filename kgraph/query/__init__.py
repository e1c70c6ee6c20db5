"""The Cypher library: find a named query, describe it, run it on any store.

A query is a file of `cypher/queries/`, whose header says what it answers and what it takes (`library`, `parameters`).
`run_query` gives its rows, which become a pandas DataFrame or a networkx graph in one call (`rows`); `explain` and
`describe_entity` put several answers together (`cards`). Values are always bound, never spliced into a text. `papers`
and `confidence` of a row are those of `kgraph.support`.
"""

from kgraph.query.answers import run_query
from kgraph.query.cards import count_graph, describe_entity, explain, find_paper
from kgraph.query.library import Edge, Parameter, Query, find_query, list_queries
from kgraph.query.names import find_entities, find_entity, search_entities
from kgraph.query.parameters import ALL
from kgraph.query.rows import Rows

__all__ = [
    "ALL",
    "Edge",
    "Parameter",
    "Query",
    "Rows",
    "count_graph",
    "describe_entity",
    "explain",
    "find_entities",
    "find_entity",
    "find_paper",
    "find_query",
    "list_queries",
    "run_query",
    "search_entities",
]
