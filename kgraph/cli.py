"""The command line: parses, calls the library, prints. Every command is a documented function of the package."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kgraph import __version__
from kgraph.console import (
    ROW_FORMATS,
    progress_bars,
    say,
    say_build,
    say_link,
    say_sync,
    write_card,
    write_lines,
    write_rows,
    write_scores,
    write_shared_papers,
    write_statements,
    write_stats,
)
from kgraph.errors import NotFoundError, ParameterError, UsageError
from kgraph.one_line_errors import OneLineErrors

if TYPE_CHECKING:
    from kgraph.evaluate import Annotation
    from kgraph.graph import KnowledgeGraph
    from kgraph.read import ReadReport
    from kgraph.schema import Paper
    from kgraph.store import Row, Store

DEFAULT_DB: Final = "graph.kg"
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="kgraph")
def main() -> None:
    """Turn paper abstracts into a knowledge graph of methods, datasets and tasks, with evidence on every edge."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)


def _db_option(command: _Command) -> _Command:
    text = "Database: a folder, or a neo4j:// or bolt:// URL where a command only reads."
    option = click.option(
        "--db",
        envvar="KGRAPH_DB",
        default=DEFAULT_DB,
        show_default=True,
        callback=_not_empty,
        show_envvar=True,
        help=text,
    )
    return option(command)


def _not_empty(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("give a folder or a URL", context, parameter)
    return value


def _aliases_option(command: _Command) -> _Command:
    text = "Your alias file (TOML: same, different, rename, drop); a copy stays with the database."
    return click.option("--aliases", type=click.Path(exists=True, dir_okay=False), help=text)(command)


def _rows_option(command: _Command) -> _Command:
    return click.option(
        "--format",
        "row_format",
        type=click.Choice(ROW_FORMATS),
        default="table",
        show_default=True,
        help="How to print.",
    )(command)


def _support_options(command: _Command) -> _Command:
    for option in (
        click.option("--min-papers", type=click.IntRange(1), help="Only relations that so many papers state."),
        click.option("--min-confidence", type=click.FloatRange(0, 1), help="Only relations that are so sure."),
    ):
        command = option(command)
    return command


def _input_options(command: _Command) -> _Command:
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
        _pipeline_options,
    ):
        command = option(command)
    return command


def _pipeline_options(command: _Command) -> _Command:
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


@main.command()
@_input_options
@_db_option
@_aliases_option
def build(inputs: tuple[str, ...], db: str, **options: Any) -> None:
    """Read papers, extract, link and store them. Running it again changes nothing.

    INPUT is a file, a folder, or - for standard input: copied web pages, JSON, JSONL, CSV, TSV, Parquet, BibTeX, RIS,
    arXiv, ACL Anthology or PubMed XML, each of them also gzipped.
    """
    from kgraph.build import build as build_database

    _refuse_server(db, "build writes a folder; bring Neo4j up to date with `kgraph load URL`")
    with _said_at_the_end() as report, progress_bars() as on_progress:
        done = build_database(inputs, db, report=report, on_progress=on_progress, **options)
    say_build(done)
    say(f"now in {db}; ask it with `kgraph query --list`")


@main.command()
@_db_option
@_aliases_option
def link(db: str, aliases: str | None) -> None:
    """Link the names of an embedded database anew, by another alias file say; nothing is extracted again."""
    from kgraph.build import link as link_database

    _refuse_server(db, "link works on a folder; bring Neo4j up to date with `kgraph load URL`")
    with progress_bars() as on_progress:
        report = link_database(db, aliases=aliases, on_progress=on_progress)
    say_link(report)


@main.command()
@click.argument("entity", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Rows at most.")
@_rows_option
@_db_option
def merges(entity: str | None, limit: int, row_format: str, db: str) -> None:
    """List which names were merged in an entity, or in any, and why; most papers first."""
    from kgraph.build import list_merges

    _refuse_server(db, "merges reads the records of an embedded database: give its folder with --db")
    write_rows(list_merges(db, entity)[:limit], row_format)


@main.command()
@click.argument("paper_ids", metavar="PAPER_ID...", nargs=-1, required=True)
@_db_option
def remove(paper_ids: tuple[str, ...], db: str) -> None:
    """Remove papers from an embedded database, and the entities that no other paper names."""
    from kgraph.build import remove as remove_papers

    _refuse_server(db, "remove works on a folder; bring Neo4j up to date with `kgraph load URL`")
    say_sync(remove_papers(paper_ids, db))


@main.command()
@click.argument("url", metavar="neo4j://HOST")
@_db_option
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
    _refuse_server(db, "load reads an embedded database: give its folder with --db")
    check_database(db)
    with _open(url, read_only=False, database=database) as store, progress_bars() as on_progress:
        report = load_store(db, store, on_progress=on_progress)
    say_sync(report)


@main.command()
@_input_options
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="File to write; standard output otherwise.")
def extract(inputs: tuple[str, ...], output: str | None, **options: Any) -> None:
    """Print what is found in each paper, one JSON object a line, and store nothing."""
    from kgraph.build import extract_rows

    with _said_at_the_end() as report, progress_bars() as on_progress:
        write_lines(extract_rows(inputs, report=report, on_progress=on_progress, **options), output)


@main.command()
@click.argument("gold", metavar="GOLD.jsonl")
@click.option("--predicted", metavar="FILE.jsonl", help="What `kgraph extract` found; else it is extracted now.")
@click.option("--gold-entities", is_flag=True, help="Give the pipeline the gold entities and their roles.")
@click.option(
    "--errors", metavar="N", type=click.IntRange(0), default=0, help="Print the misses of the first N papers."
)
@click.option("--format", "scores_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@_pipeline_options
def evaluate(
    gold: str, predicted: str | None, gold_entities: bool, errors: int, scores_format: str, **options: Any
) -> None:
    """Score what is found in annotated papers: precision, recall and F1.

    GOLD.jsonl holds one paper a line: {"id", "title", "abstract", "entities": [{"type", "name", "surfaces", "role"}],
    "relations": [[type, head, tail]]}. Entities match exactly where they share a surface; relaxed where one contains
    the other as well, or they share the last word and one more.
    """
    from kgraph.evaluate import find_misses, read_gold, read_gold_papers, read_predicted, score_papers

    if predicted is None:
        papers, annotations = read_gold_papers(gold)
        found = _annotate(papers, annotations if gold_entities else None, **options)
    elif options["model"] is not None or gold_entities:
        other = "--gold-entities" if gold_entities else "--model"
        raise UsageError(f"give --predicted or {other}, not both: there is nothing to extract")
    else:
        annotations, found = read_gold(gold), read_predicted(predicted)
        if lacking := {one.paper_id for one in annotations}.difference(one.paper_id for one in found):
            say(f"{predicted} lacks {len(lacking):,} of {len(annotations):,} papers: nothing was found in them")
    misses = list(find_misses(annotations[:errors], found))
    write_scores(score_papers(annotations, found), misses, scores_format)


def _annotate(
    papers: Sequence[Paper], given: Sequence[Annotation] | None, model: str | None, workers: int
) -> list[Annotation]:
    from kgraph.evaluate import predict_papers, predict_relations
    from kgraph.extract import load_pipeline

    nlp, found = load_pipeline(model), []
    begin = perf_counter()
    predicted = predict_papers(papers, nlp, workers=workers) if given is None else predict_relations(papers, given, nlp)
    with progress_bars() as on_progress:
        for annotation in predicted:
            found.append(annotation)
            on_progress("extract", len(found), len(papers))
    seconds = perf_counter() - begin
    say(f"extracted {len(papers):,} papers in {seconds:.1f} s, {len(papers) / seconds:.0f} a second")
    return found


@main.command()
@click.argument("name", required=False)
@click.option("-p", "--param", "parameters", metavar="KEY=VALUE", multiple=True, help="A parameter of the query.")
@click.option("--cypher", metavar="TEXT", help="A Cypher text of your own, instead of NAME; it can only read.")
@click.option("--list", "list_all", is_flag=True, help="List the queries and their parameters.")
@_support_options
@_rows_option
@_db_option
def query(
    name: str | None,
    parameters: tuple[str, ...],
    cypher: str | None,
    list_all: bool,
    row_format: str,
    db: str,
    **least: float | None,
) -> None:
    """Ask a question of the library, or your own in Cypher."""
    from kgraph.query import run_query

    if sum((name is not None, cypher is not None, list_all)) != 1:
        raise UsageError("give one of: NAME of a query, --cypher TEXT, --list")
    if list_all:
        write_rows(_query_rows(), row_format)
        return
    given = [f"{key}={value}" for key, value in least.items() if value is not None]
    if cypher is not None and given:
        raise UsageError("--min-papers and --min-confidence belong to NAME; a Cypher text takes -p KEY=VALUE")
    values = _values((*parameters, *given))
    with _open(db) as store:
        rows = run_query(store, name, **values) if name is not None else store.run(str(cypher), _literals(values))
    write_rows(rows, row_format)


@main.command()
@click.argument("entity")
@click.argument("other")
@click.option("--type", metavar="TYPE", help="Only statements of this type: USED_FOR, BASED_ON ...")
@_rows_option
@_db_option
def why(entity: str, other: str, type: str | None, row_format: str, db: str) -> None:
    """Print the sentences that connect two entities, and how sure each connection is."""
    from kgraph.query import explain, run_query

    with _open(db) as store:
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
@_rows_option
@_db_option
def search(text: str, limit: int, row_format: str, db: str) -> None:
    """Find entities by a part of a name or alias."""
    from kgraph.query import search_entities

    with _open(db) as store:
        write_rows(search_entities(store, text, limit), row_format)


@main.command()
@click.argument("entity")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Neighbours and papers at most.")
@click.option("--format", "card_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@_db_option
def show(entity: str, limit: int, card_format: str, db: str) -> None:
    """Show an entity: its aliases, papers and neighbours."""
    from kgraph.query import describe_entity

    with _open(db) as store:
        write_card(describe_entity(store, entity, limit=limit), card_format)


@main.command()
@click.option("--focus", metavar="ENTITY", help="Name of an entity, or id of a paper, to stand in the middle.")
@click.option("--depth", type=click.IntRange(1), default=1, show_default=True, help="Steps away from the focus.")
@click.option("--limit", type=click.IntRange(1, 1000), default=150, show_default=True, help="Nodes at most.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default="graph.html", show_default=True)
@_support_options
@_db_option
def view(focus: str | None, depth: int, limit: int, output: str, db: str, **least: float | None) -> None:
    """Write an interactive view: one HTML file that works without a network."""
    from kgraph.view import write_view

    with _open(db) as store:
        node_id = _focus_id(store, focus) if focus else None
        graph = _read_graph(store, least, node_id, depth, limit)
    title = _title(graph.nodes[node_id]) if node_id else "kgraph"
    shown = write_view(graph, output, focus=node_id, depth=depth, limit=limit, title=title)
    say(f"{output}: {shown.nodes} nodes, {shown.edges} edges; open it in a browser")


@main.command()
@click.argument("format", metavar="FORMAT")
@click.option("-o", "--output", type=click.Path(), required=True, help="File to write, or folder for jsonl.")
@_support_options
@_db_option
def export(format: str, output: str, db: str, **least: float | None) -> None:
    """Write the whole graph as files: jsonl (nodes.jsonl, edges.jsonl) or graphml."""
    from kgraph.export import check_format, write_export

    check_format(format)
    with _open(db) as store:
        graph = _read_graph(store, least)
    write_export(graph, format, output)
    say(f"{output}: {graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges")


@main.command()
@click.option("--format", "stats_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@_db_option
def stats(stats_format: str, db: str) -> None:
    """Count the nodes and edges of each kind, and the papers of each year."""
    from kgraph.query import count_graph

    with _open(db) as store:
        write_stats(count_graph(store), stats_format)


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
    with _open(db) as store:
        for name, values in QUESTIONS:
            _answer(store, db, name, values)
    click.get_current_context().invoke(view, focus=None, depth=1, limit=150, output=page, db=db)
    say(f"next: open {page}; ask more with `kgraph query --list`; build your own with `kgraph build INPUT...`")


def _answer(store: Store, db: str, name: str, values: Mapping[str, Any]) -> None:
    from kgraph.query import find_query, run_query

    asked = " ".join(f'-p {key}="{value}"' for key, value in values.items())
    click.echo(f"\n{find_query(name).question}\n$ kgraph query {name} {asked} --db {db}")
    write_rows(run_query(store, name, **values), "table")


@contextmanager
def _open(db: str, *, read_only: bool = True, database: str | None = None) -> Iterator[Store]:
    from kgraph.store import find_credentials, is_server, open_store

    password = None
    if is_server(db) and find_credentials(db) is None and sys.stdin.isatty():
        password = click.prompt("Password of Neo4j", hide_input=True, err=True)
    with open_store(db, read_only=read_only, password=password, database=database) as store:
        yield store


def _refuse_server(db: str, reason: str) -> None:
    from kgraph.store import is_server

    if is_server(db):
        raise UsageError(reason)


@contextmanager
def _said_at_the_end() -> Iterator[ReadReport]:
    """Give a report to fill, and say what was read, what was skipped and why, however the block ends."""
    from kgraph.read import ReadReport

    report = ReadReport()
    try:
        yield report
    finally:
        if report.files or report.errors:
            for line in report.lines():
                say(line)


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


def _values(parameters: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in parameters:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ParameterError(f"write a parameter as key=value, not {text!r}")
        if key in values:
            raise ParameterError(f"the parameter {key} is given twice")
        values[key] = value
    return values


def _literals(values: dict[str, str]) -> dict[str, Any]:
    """Read the values for a Cypher text of the user's own: JSON where it is JSON (20, true, [1, 2]), text otherwise."""
    import json

    def literal(value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value

    return {key: literal(value) for key, value in values.items()}


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


def _read_graph(
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
