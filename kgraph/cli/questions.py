"""Commands that ask a database: query, why, search, show, stats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgraph.cli.group import main
from kgraph.cli.options import db_option, open_database, parameter_values, rows_option, support_options
from kgraph.console import say, write_card, write_rows, write_shared_papers, write_statements, write_stats
from kgraph.errors import ParameterError, UsageError

if TYPE_CHECKING:
    from kgraph.store import Row


@main.command()
@click.argument("name", required=False)
@click.option("-p", "--param", "parameters", metavar="KEY=VALUE", multiple=True, help="A parameter of the query.")
@click.option("--cypher", metavar="TEXT", help="A Cypher text of your own, instead of NAME; it can only read.")
@click.option("--write", is_flag=True, help="Let the --cypher text change the graph.")
@click.option("--list", "list_all", is_flag=True, help="List the queries and their parameters.")
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    help="Seconds at most.",
)
@click.option("--max-rows", type=click.IntRange(1), default=10_000, show_default=True, help="Rows at most.")
@support_options
@rows_option
@db_option
def query(
    name: str | None,
    parameters: tuple[str, ...],
    cypher: str | None,
    write: bool,
    list_all: bool,
    seconds: float,
    max_rows: int,
    row_format: str,
    db: str,
    **least: float | None,
) -> None:
    """Ask a question of the library, or your own in Cypher."""
    from kgraph.query import run_query

    if sum((name is not None, cypher is not None, list_all)) != 1:
        raise UsageError("give one of: NAME of a query, --cypher TEXT, --list")
    if write and cypher is None:
        raise UsageError("--write belongs to --cypher TEXT: the queries of the library only read")
    if list_all:
        write_rows(_query_rows(), row_format)
        return
    given = [f"{key}={value}" for key, value in least.items() if value is not None]
    if cypher is not None and given:
        raise UsageError("--min-papers and --min-confidence belong to NAME; a Cypher text takes -p KEY=VALUE")
    values: dict[str, Any] = parameter_values((*parameters, *given))
    # One row more than is shown tells that there are more.
    limits: dict[str, Any] = {"seconds": seconds, "max_rows": max_rows + 1}
    with open_database(db, read_only=not write) as store:
        if cypher is not None:
            rows = store.run(cypher, _literals(values), write=write, **limits)
        elif clash := values.keys() & limits.keys():
            raise ParameterError(f"{min(clash)} is no parameter: it is set by --timeout or --max-rows")
        else:
            rows = run_query(store, str(name), **values, **limits)
    if rows or not write:
        write_rows(rows[:max_rows], row_format)
    if len(rows) > max_rows:
        say(f"these are the first {max_rows:,} rows; --max-rows N shows more")
    if write:
        say("the next `kgraph build`, `link` or `load` may bring nodes and edges back to what the papers say")


def _query_rows() -> list[Row]:
    from kgraph.query import list_queries

    return [
        {
            "query": query.name,
            "answers": query.question,
            "parameters": ", ".join(
                f"{p.name}: {p.type}" + (f" = {p.default}" if p.default is not None else "") for p in query.parameters
            ),
        }
        for query in list_queries()
    ]


def _literals(values: dict[str, str]) -> dict[str, Any]:
    """Read the values for a Cypher text of the user's own: JSON where it is JSON (20, true, [1, 2]), text otherwise."""
    import json

    def literal(value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value

    return {key: literal(value) for key, value in values.items()}


@main.command()
@click.argument("entity")
@click.argument("other")
@click.option("--type", metavar="TYPE", help="Only statements of this type: USED_FOR, BASED_ON ...")
@rows_option
@db_option
def why(entity: str, other: str, type: str | None, row_format: str, db: str) -> None:
    """Print the sentences that connect two entities, and how sure each connection is."""
    from kgraph.query import explain, run_query

    with open_database(db) as store:
        rows = explain(store, entity, other, type=type)
        both = [] if rows or type else run_query(store, "papers-with-both", entity=entity, other=other)
    if row_format != "table":
        write_rows(rows or both, row_format)
    elif rows:
        write_statements(rows)
    elif type:
        click.echo(f"no {type} joins {entity} and {other}")
    else:
        write_shared_papers(entity, other, both)


@main.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@rows_option
@db_option
def search(text: str, limit: int, row_format: str, db: str) -> None:
    """Find entities by a part of a name or alias."""
    from kgraph.query import search_entities

    with open_database(db) as store:
        write_rows(search_entities(store, text, limit), row_format)


@main.command()
@click.argument("entity")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Neighbours and papers at most.")
@click.option("--format", "card_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@db_option
def show(entity: str, limit: int, card_format: str, db: str) -> None:
    """Show an entity: its aliases, papers and neighbours."""
    from kgraph.query import describe_entity

    with open_database(db) as store:
        write_card(describe_entity(store, entity, limit=limit), card_format)


@main.command()
@click.option("--format", "stats_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@db_option
def stats(stats_format: str, db: str) -> None:
    """Count the nodes and edges of each kind, and the papers of each year."""
    from kgraph.query import count_graph

    with open_database(db) as store:
        write_stats(count_graph(store), stats_format)
