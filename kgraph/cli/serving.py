"""The command that serves: serve."""

from __future__ import annotations

import click

from kgraph.cli.group import main
from kgraph.cli.options import db_option, open_database
from kgraph.console import say


@main.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0 is one that is free."
)
@click.option("--open/--no-open", "opens", default=False, help="Open the page in a browser.")
@db_option
def serve(port: int, opens: bool, db: str) -> None:
    """Serve the interactive view to browsers of this machine, for a graph that is too big for one file.

    Search, neighbours and evidence are read from the database when they are asked for. Ctrl-C ends it. Other pictures,
    by ids: /?focus=ID (&depth=2), /?topic=ID, /?lineage=ID, /?compare=ID&with=ID, /?view=trend (&by=month).
    """
    from kgraph.serve import serve as serve_store

    def tell(address: str) -> None:
        say(address)
        if opens:
            click.launch(address)

    with open_database(db) as store:
        serve_store(store, port, on_start=tell)
