"""Commands that write a graph as files: view, export, and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from kgraph.cli.group import main
from kgraph.cli.options import db_option, open_database, support_options
from kgraph.console import progress_bars, say, say_build, write_rows
from kgraph.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph
    from kgraph.store import Store


@main.command()
@click.option("--focus", metavar="ENTITY", help="Name of an entity, or id of a paper, to stand in the middle.")
@click.option("--depth", type=click.IntRange(1), default=1, show_default=True, help="Steps away from the focus.")
@click.option("--limit", type=click.IntRange(1, 1000), default=150, show_default=True, help="Nodes at most.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default="graph.html", show_default=True)
@support_options
@db_option
def view(focus: str | None, depth: int, limit: int, output: str, db: str, **least: float | None) -> None:
    """Write an interactive view: one HTML file that works without a network."""
    from kgraph.view import write_view

    with open_database(db) as store:
        node_id = _focus_id(store, focus) if focus else None
        graph = read_graph(store, least, node_id, depth, limit)
    title = _title(graph.nodes[node_id]) if node_id else "kgraph"
    shown = write_view(graph, output, focus=node_id, depth=depth, limit=limit, title=title)
    say(f"{output}: {shown.nodes} nodes, {shown.edges} edges; open it in a browser")


def _focus_id(store: Store, focus: str) -> str:
    from kgraph.query import find_entity, find_paper

    try:
        return str(find_entity(store, focus)["id"])
    except NotFoundError:
        paper = find_paper(store, focus)
        if paper is None:
            raise
        return str(paper["id"])


def _title(node: Mapping[str, Any]) -> str:
    return str(node.get("name") or node.get("title") or "a paper without a title")


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

    graph = read_graph(store, least)
    write_export(graph, format, output)
    return graph.number_of_nodes(), graph.number_of_edges()


def _write_bulk(store: Store, format: str, output: str, least: Mapping[str, float | None]) -> tuple[int, int]:
    from kgraph.export import write_bulk
    from kgraph.store import read_store

    if any(value is not None for value in least.values()):
        raise UsageError(f"{format} is the whole graph: --min-papers and --min-confidence belong to other formats")
    return write_bulk(*read_store(store), output)


def read_graph(
    store: Store, least: Mapping[str, float | None], focus: str | None = None, depth: int = 1, limit: int = 150
) -> KnowledgeGraph:
    """Read the graph, whole or around a focus, and keep what has at least this support and confidence."""
    from kgraph.graph import build_graph, filter_graph
    from kgraph.query import ALL
    from kgraph.store import read_neighbourhood, read_store

    given: dict[str, Any] = {key: value for key, value in least.items() if value is not None}
    # What is left out must not take the place of what stays.
    room = ALL if given else limit
    read = read_neighbourhood(store, focus, depth=depth, limit=room) if focus else read_store(store)
    graph = filter_graph(build_graph(*read), **given)
    if focus and focus not in graph:
        raise NotFoundError(f"no relation of {focus} has this support and confidence: ask for less")
    return graph


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
    click.get_current_context().invoke(view, focus=None, depth=1, limit=150, output=page, db=db)
    say(f"next: open {page}; ask more with `kgraph query --list`; build your own with `kgraph build INPUT...`")


def _answer(store: Store, db: str, name: str, values: Mapping[str, Any]) -> None:
    from kgraph.query import find_query, run_query

    asked = " ".join(f'-p {key}="{value}"' for key, value in values.items())
    click.echo(f"\n{find_query(name).question}\n$ kgraph query {name} {asked} --db {db}")
    write_rows(run_query(store, name, **values), "table")
