"""Commands that write a graph as files: export, and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from kgraph.cli.group import main
from kgraph.cli.options import db_option, open_database, support_options
from kgraph.cli.views import view
from kgraph.console import progress_bars, say, say_build, write_rows
from kgraph.errors import UsageError

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph
    from kgraph.store import Store


@main.command()
@click.argument("format", metavar="FORMAT")
@click.option("-o", "--output", type=click.Path(), required=True, help="File to write, or folder.")
@support_options
@db_option
def export(format: str, output: str, db: str, **least: float | None) -> None:
    """Write the whole graph as files.

    FORMAT is jsonl (a folder with nodes.jsonl and edges.jsonl), graphml (one file), or neo4j-admin (a folder with CSV
    files and import.sh, which makes a new Neo4j database of them).
    """
    from kgraph.export import NEO4J_ADMIN, check_format

    check_format(format)
    with open_database(db) as store:
        write = _write_bulk if format == NEO4J_ADMIN else _write_graph
        nodes, edges = write(store, format, output, least)
    say(f"{output}: {nodes} nodes, {edges} edges")
    if format == NEO4J_ADMIN:
        script = quote(str(Path(output) / "import.sh"))
        say(f"next: stop Neo4j, run `sh {script}`, start Neo4j, run `kgraph load neo4j://HOST`")


def _write_graph(store: Store, format: str, output: str, least: Mapping[str, float | None]) -> tuple[int, int]:
    from kgraph.export import write_export

    graph = _read_graph(store, least)
    write_export(graph, format, output)
    return graph.number_of_nodes(), graph.number_of_edges()


def _write_bulk(store: Store, format: str, output: str, least: Mapping[str, float | None]) -> tuple[int, int]:
    from kgraph.export import write_bulk
    from kgraph.store import read_store

    if any(value is not None for value in least.values()):
        raise UsageError(f"{format} is the whole graph: --min-papers and --min-confidence belong to other formats")
    return write_bulk(*read_store(store), output)


def _read_graph(store: Store, least: Mapping[str, float | None]) -> KnowledgeGraph:
    """Read the graph and keep what has at least this support and confidence."""
    from kgraph.graph import build_graph, filter_graph
    from kgraph.store import read_store

    given: dict[str, Any] = {key: value for key, value in least.items() if value is not None}
    return filter_graph(build_graph(*read_store(store)), **given)


@main.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False), default="kgraph-demo", show_default=True, help="Folder."
)
def demo(output: str) -> None:
    """Build the bundled sample into a graph, print three answers, and write the HTML view."""
    from kgraph.demo import DATABASE, QUESTIONS, build_demo

    with progress_bars() as on_progress:
        done = build_demo(output, on_progress=on_progress)
    say_build(done)
    db, page = str(Path(output) / DATABASE), str(Path(output) / "graph.html")
    with open_database(db) as store:
        for name, values in QUESTIONS:
            _answer(store, db, name, values)
    click.get_current_context().invoke(view, output=page, db=db)
    say(f"next: open {page}; ask more with `kgraph query --list`; build your own with `kgraph build INPUT...`")


def _answer(store: Store, db: str, name: str, values: Mapping[str, Any]) -> None:
    from kgraph.query import find_query, run_query

    asked = " ".join(f'-p {key}="{value}"' for key, value in values.items())
    click.echo(f"\n{find_query(name).question}\n$ kgraph query {name} {asked} --db {db}")
    write_rows(run_query(store, name, **values), "table")
