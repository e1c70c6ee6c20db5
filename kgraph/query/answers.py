"""Running a query of the library on any store."""

from __future__ import annotations

from typing import Any

from kgraph.query.library import find_query
from kgraph.query.names import find_id
from kgraph.query.parameters import NODE_LABELS, check_parameters
from kgraph.query.rows import Rows
from kgraph.store import Store


def run_query(
    store: Store, name: str, *, seconds: float | None = None, max_rows: int | None = None, **parameters: Any
) -> Rows:
    """Run a query of the library and return its rows: a list of dicts, that can become a DataFrame or a graph.

    `seconds` and `max_rows` limit it as they limit `Store.run`.

    Raises `UnknownQueryError`, `ParameterError` for a missing, unknown or mistyped parameter, `NotFoundError` for a
    name that no entity bears, and `StoreError`.
    """
    query = find_query(name, store.engine)
    values = check_parameters(query, parameters)
    for parameter in query.parameters:
        if parameter.type in NODE_LABELS:
            values[parameter.name] = find_id(store, values[parameter.name], NODE_LABELS[parameter.type])
    return Rows(store.run(query.cypher, values, seconds=seconds, max_rows=max_rows), query, values)
