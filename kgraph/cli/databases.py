"""Commands that change a database: build, link, merges, remove, load, analyze."""

from __future__ import annotations

from typing import Any

import click

from kgraph.cli.group import main
from kgraph.cli.options import (
    aliases_option,
    db_option,
    folder_option,
    input_options,
    open_database,
    refuse_server,
    rows_option,
    said_at_the_end,
    support_options,
)
from kgraph.console import progress_bars, say, say_build, say_link, say_sync, write_figures, write_rows
from kgraph.errors import UsageError


@main.command()
@input_options
@folder_option
@aliases_option
def build(inputs: tuple[str, ...], db: str, **options: Any) -> None:
    """Read papers, extract, link and store them. Running it again changes nothing.

    INPUT is a file, a folder, or - for standard input: copied web pages, JSON, JSONL, CSV, TSV, Parquet, BibTeX, RIS,
    arXiv, ACL Anthology or PubMed XML, each of them also gzipped.
    """
    from kgraph.build import build as build_database

    refuse_server(db, "build writes a folder; bring Neo4j up to date with `kgraph load URL`")
    with said_at_the_end() as report, progress_bars() as on_progress:
        done = build_database(inputs, db, report=report, on_progress=on_progress, **options)
    say_build(done)
    say(f"now in {db}; ask it with `kgraph query --list`")


@main.command()
@folder_option
@aliases_option
def link(db: str, aliases: str | None) -> None:
    """Link the names of an embedded database anew, by another alias file say; nothing is extracted again."""
    from kgraph.build import link as link_database

    refuse_server(db, "link works on a folder; bring Neo4j up to date with `kgraph load URL`")
    with progress_bars() as on_progress:
        report = link_database(db, aliases=aliases, on_progress=on_progress)
    say_link(report)


@main.command()
@click.argument("entity", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Rows at most.")
@rows_option
@folder_option
def merges(entity: str | None, limit: int, row_format: str, db: str) -> None:
    """List which names were merged in an entity, or in any, and why; most papers first."""
    from kgraph.build import list_merges

    refuse_server(db, "merges reads the records of an embedded database: give its folder with --db")
    write_rows(list_merges(db, entity)[:limit], row_format)


@main.command()
@click.argument("paper_ids", metavar="PAPER_ID...", nargs=-1, required=True)
@folder_option
def remove(paper_ids: tuple[str, ...], db: str) -> None:
    """Remove papers from an embedded database, and the entities that no other paper names."""
    from kgraph.build import remove as remove_papers

    refuse_server(db, "remove works on a folder; bring Neo4j up to date with `kgraph load URL`")
    say_sync(remove_papers(paper_ids, db))


@main.command()
@click.argument("url", metavar="neo4j://HOST")
@folder_option
@click.option("--database", help="Name of the Neo4j database; the server's default otherwise.")
def load(url: str, db: str, database: str | None) -> None:
    """Bring a Neo4j database up to date with an embedded one. Running it again changes nothing.

    User and password come from NEO4J_USERNAME and NEO4J_PASSWORD, from the URL, or are asked for.
    """
    from kgraph.build import check_database
    from kgraph.build import load as load_store
    from kgraph.store import is_server

    if not is_server(url):
        raise UsageError(f"{url!r} is no URL of Neo4j: use neo4j://HOST or bolt://HOST:PORT")
    refuse_server(db, "load reads an embedded database: give its folder with --db")
    check_database(db)
    with open_database(url, read_only=False, database=database) as store, progress_bars() as on_progress:
        report = load_store(db, store, on_progress=on_progress)
    say_sync(report)


@main.command()
@click.option("--write", is_flag=True, help="Keep the figures in the database: pagerank, degree, community.")
@click.option("--clear", is_flag=True, help="Remove them from the database.")
@click.option(
    "--limit", type=click.IntRange(1), default=10, show_default=True, help="Entities and communities at most."
)
@click.option("--format", "analysis_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@support_options
@db_option
def analyze(write: bool, clear: bool, limit: int, analysis_format: str, db: str, **least: float | None) -> None:
    """Show the most central methods, datasets and tasks, and the communities that they form."""
    from kgraph.analyze import analyze_store, list_communities, list_entities, write_analysis

    if write and clear:
        raise UsageError("give one of --write and --clear")
    given: dict[str, Any] = {key: value for key, value in least.items() if value is not None}
    with open_database(db, read_only=not (write or clear)) as store:
        ranked = [] if clear else analyze_store(store, **given)
        entities, communities = list_entities(store, ranked, limit), list_communities(store, ranked, limit)
        if write or clear:
            say(f"{db}: {write_analysis(store, ranked)} entities changed")
    if not clear:
        write_figures(entities, communities, analysis_format)
