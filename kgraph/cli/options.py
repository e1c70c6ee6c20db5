"""The options that several commands share, and how a command opens what they name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from kgraph.console import ROW_FORMATS, say
from kgraph.errors import ParameterError, UsageError

if TYPE_CHECKING:
    from kgraph.read import ReadReport
    from kgraph.store import Store

DEFAULT_DB: Final = "graph.kg"
_DATABASE: Final = "kgraph.database"
_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator = Callable[[Any], Any]


def folder_option(command: _Command) -> _Command:
    """Take `db`: which folder."""
    option = _database_option("Database: a folder.", _not_empty)
    return cast("_Command", option(command))


def db_option(command: _Command) -> _Command:
    """Take `db`: which database, a folder or a URL that names one of several databases of its server."""
    # Read first, so that it is known when --db is.
    database = click.option(
        "--database", is_eager=True, expose_value=False, callback=_remember, help="Name of a database on that server."
    )
    option = _database_option("Database: a folder, or a neo4j:// or bolt:// URL.", _with_database)
    return cast("_Command", option(database(command)))


def _database_option(text: str, callback: Callable[[click.Context, click.Parameter, str], str]) -> _Decorator:
    return click.option(
        "--db",
        envvar="KGRAPH_DB",
        default=DEFAULT_DB,
        show_default=True,
        callback=callback,
        show_envvar=True,
        help=text,
    )


def _not_empty(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("give a folder or a URL", context, parameter)
    return value


def _remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
    context.meta[_DATABASE] = value


def _with_database(context: click.Context, parameter: click.Parameter, value: str) -> str:
    from kgraph.store import is_server, with_database

    db, name = _not_empty(context, parameter, value), context.meta[_DATABASE]
    if name is None:
        return db
    if not is_server(db):
        raise click.UsageError("--database is for a server: give its URL with --db", context)
    return with_database(db, name)


def aliases_option(command: _Command) -> _Command:
    """Take `aliases`: the user's alias file."""
    text = "Your alias file (TOML: same, different, rename, drop); a copy stays with the database."
    return click.option("--aliases", type=click.Path(exists=True, dir_okay=False), help=text)(command)


def rows_option(command: _Command) -> _Command:
    """Take `row_format`: how rows are printed."""
    return click.option(
        "--format",
        "row_format",
        type=click.Choice(ROW_FORMATS),
        default="table",
        show_default=True,
        help="How to print.",
    )(command)


def support_options(command: _Command) -> _Command:
    """Take `min_papers` and `min_confidence`."""
    for option in (
        click.option("--min-papers", type=click.IntRange(1), help="Only relations that so many papers state."),
        click.option("--min-confidence", type=click.FloatRange(0, 1), help="Only relations that are so sure."),
    ):
        command = option(command)
    return command


def input_options(command: _Command) -> _Command:
    """Take `inputs`, and how they are read and extracted."""
    for option in (
        click.argument("inputs", metavar="INPUT...", nargs=-1, required=True),
        click.option("--format", help="Format of the input; told by its content otherwise."),
        click.option("--strict", is_flag=True, help="Stop at the first broken record instead of skipping it."),
        click.option(
            "--without-abstract",
            type=click.Choice(("keep", "skip")),
            default="keep",
            show_default=True,
            help="Papers that have only a title.",
        ),
        pipeline_options,
    ):
        command = option(command)
    return command


def pipeline_options(command: _Command) -> _Command:
    """Take `model` and `workers`."""
    for option in (
        click.option(
            "--model",
            metavar="NAME",
            help="accurate (the default), fast, or the folder or name of a spaCy pipeline with the same labels.",
        ),
        click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that extract."),
    ):
        command = option(command)
    return command


def parameter_values(parameters: Iterable[str]) -> dict[str, str]:
    """Read parameters of a query, each written as key=value."""
    values: dict[str, str] = {}
    for text in parameters:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ParameterError(f"write a parameter as key=value, not {text!r}")
        if key in values:
            raise ParameterError(f"the parameter {key} is given twice")
        values[key] = value
    return values


@contextmanager
def open_database(db: str, *, read_only: bool = True, database: str | None = None) -> Iterator[Store]:
    """Open a database; the password of a server is asked for where nothing else gives it."""
    from kgraph.store import find_credentials, is_server, open_store

    password = None
    if is_server(db) and find_credentials(db) is None and sys.stdin.isatty():
        password = click.prompt("Password of Neo4j", hide_input=True, err=True)
    with open_store(db, read_only=read_only, password=password, database=database) as store:
        yield store


def refuse_server(db: str, reason: str) -> None:
    """Raise `UsageError` where a folder is needed and a URL was given."""
    from kgraph.store import is_server

    if is_server(db):
        raise UsageError(reason)


@contextmanager
def said_at_the_end() -> Iterator[ReadReport]:
    """Give a report to fill, and say what was read, what was skipped and why, however the block ends."""
    from kgraph.read import ReadReport

    report = ReadReport()
    try:
        yield report
    finally:
        if report.files or report.errors:
            for line in report.lines():
                say(line)
