"""Make docs/queries.md from the headers of the library: `python docs/make_queries.py` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kgraph.query import Parameter, Query, list_queries

_HEAD = """# The library of questions

<!-- Made by docs/make_queries.py from the headers in cypher/queries; change those, and run it again. -->

Each question is a file in [cypher/queries](../cypher/queries). It gives the same rows, in the same order, on the
embedded engine and on Neo4j. `kgraph query NAME -p KEY=VALUE` asks it on the command line, and
`kgraph.query.run_query(store, NAME, KEY=VALUE)` in Python. Its rows are a list of dicts; `rows.to_dataframe()` makes a
pandas DataFrame of them (`pip install 'kgraph[pandas]'`), and `rows.to_graph()` a networkx graph, where a row joins two
nodes. The examples are for the bundled sample: run `kgraph demo`, then add `--db kgraph-demo/graph.kg`.

A `Method`, `Dataset`, `Task` or `Entity` (any of the three) is given by its name, by any alias in any case, or by its
id. A `Label` is one of the three words, an `int` a whole number above 0, `1..3` a whole number in that range, a `float`
a number from 0 to 1, a `year` a year such as 2020. `papers` of a row is how many papers state it, and `confidence` how
sure that is: [trust.md](trust.md) tells how.
"""


def render_queries(queries: Iterable[Query]) -> str:
    """Return the page: a table of all queries, then each with its parameters and its example."""
    queries = list(queries)
    rows = [f"| [{query.name}](#{query.name}) | {query.question.partition('?')[0]}? |" for query in queries]
    table = "\n".join(["| query | answers |", "| --- | --- |", *rows])
    return "\n".join([_HEAD, table, *("\n" + "\n".join(_section(query)) for query in queries)]) + "\n"


def _section(query: Query) -> Iterator[str]:
    yield f"## {query.name}\n\n{query.question}\n\n    {query.example}\n"
    if query.parameters:
        yield "| parameter | type | default | |\n| --- | --- | --- | --- |"
        yield from map(_row, query.parameters)
    if query.edges:
        edges = ", ".join(f"`{edge.source} {edge.type} {edge.target}`" for edge in query.edges)
        yield f"{chr(10) if query.parameters else ''}As a graph, a row is {edges}."


def _row(parameter: Parameter) -> str:
    default = f"`{parameter.default}`" if parameter.default is not None else "must be given"
    return f"| `{parameter.name}` | {parameter.type} | {default} | {parameter.about} |"


if __name__ == "__main__":
    page = Path(__file__).with_name("queries.md")
    page.write_text(render_queries(list_queries()), encoding="utf-8")
    print(page)
