"""The command that draws: view, with an option for each kind of picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from kgraph.cli.group import main
from kgraph.cli.options import db_option, open_database, parameter_values, support_options
from kgraph.console import progress_steps, say
from kgraph.errors import NotFoundError, UsageError
from kgraph.schema import METHOD, TASK

if TYPE_CHECKING:
    from kgraph.store import Store
    from kgraph.view import Kind

_KINDS: Final = ("focus", "topic", "lineage", "compare", "trend", "overview", "query")
_ALL_METHODS: Final = ""
_BELONGS_TO: Final = {"depth": "focus", "by": "trend", "parameters": "query"}


@main.command()
@click.option("--focus", metavar="ENTITY", help="An entity, or the id of a paper, and what surrounds it.")
@click.option("--depth", type=click.IntRange(1), help="Steps away from the --focus; 1 otherwise.")
@click.option("--topic", metavar="TASK", help="A task with its methods and datasets.")
@click.option(
    "--lineage",
    metavar="[METHOD]",
    is_flag=False,
    flag_value=_ALL_METHODS,
    help="What a method builds on and what builds on it, in time; without METHOD, the main lines of descent.",
)
@click.option("--compare", metavar="ENTITY OTHER", nargs=2, help="Two entities side by side.")
@click.option("--trend", is_flag=True, help="Rising and fading methods and tasks.")
@click.option("--by", type=click.Choice(("year", "month")), help="What a --trend counts by; year otherwise.")
@click.option("--overview", is_flag=True, help="The whole graph with its communities.")
@click.option("--query", metavar="NAME", help="The answer to a question of `kgraph query --list`.")
@click.option("-p", "--param", "parameters", metavar="KEY=VALUE", multiple=True, help="A parameter of the --query.")
@click.option("--limit", type=click.IntRange(1), help="Nodes at most; of a --trend, charts of each kind.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default="graph.html", show_default=True)
@support_options
@db_option
def view(output: str, db: str, limit: int | None, **asked: Any) -> None:
    """Write an interactive view: one HTML file that works without a network.

    Without an option for a kind of picture: the best supported entities and what joins them.
    """
    from kgraph.view import StoredGraph, render_view

    bounds = {key: asked.pop(key) for key in ("min_papers", "min_confidence")}
    least = {key: value for key, value in bounds.items() if value is not None}
    with open_database(db) as store:
        kind, title = _kind(store, asked, least)
        with progress_steps() as on_step:
            shown = render_view(StoredGraph(store, **least), kind, limit=limit, title=title, on_step=on_step)
    if least and not shown.edges and not asked["trend"]:
        raise NotFoundError("no relation here has this support and confidence: ask for less")
    if not shown.nodes:
        raise NotFoundError("there is nothing to show: no relation joins two entities here")
    shown.write(output)
    say(f"{output}: {shown.nodes:,} nodes, {shown.edges:,} edges; open it in a browser")


def _kind(store: Store, asked: Mapping[str, Any], least: Mapping[str, float]) -> tuple[Kind, str]:
    """Return what the options ask for, and the title of its page."""
    from kgraph.view import Comparison, Core, Ego, Lineage, Overview, Topic, Trend

    kinds = [name for name in _KINDS if asked[name] is not None and asked[name] is not False]
    if len(kinds) > 1:
        raise UsageError(f"one picture at a time: give one of {' and '.join(f'--{name}' for name in kinds)}")
    for option, kind in _BELONGS_TO.items():
        if asked[option] and kinds != [kind]:
            raise UsageError(f"{'-p' if option == 'parameters' else f'--{option}'} belongs to --{kind}")
    match kinds:
        case ["focus"]:
            node_id, title = _focus(store, asked["focus"])
            return Ego(node_id, asked["depth"] or 1), title
        case ["topic"]:
            task = _entity(store, asked["topic"], TASK)
            return Topic(task[0]), task[1]
        case ["lineage"]:
            if asked["lineage"] == _ALL_METHODS:
                return Lineage(), "What builds on what"
            method = _entity(store, asked["lineage"], METHOD)
            return Lineage(method[0]), f"The lineage of {method[1]}"
        case ["compare"]:
            one, other = (_entity(store, name) for name in asked["compare"])
            return Comparison(one[0], other[0]), f"{one[1]} and {other[1]}"
        case ["trend"]:
            return Trend(asked["by"] or "year"), "What rises and fades"
        case ["overview"]:
            return Overview(), "The whole graph"
        case ["query"]:
            bounds = [f"{key}={value}" for key, value in least.items()]
            return _answer(store, asked["query"], (*asked["parameters"], *bounds))
    return Core(), "kgraph"


def _answer(store: Store, name: str, parameters: tuple[str, ...]) -> tuple[Kind, str]:
    from kgraph.query import run_query
    from kgraph.view import Answer

    values: dict[str, Any] = parameter_values(parameters)
    rows = run_query(store, name, **values)
    told = ", ".join(parameters)
    return Answer(rows.to_graph()), f"{name} ({told})" if told else name


def _focus(store: Store, focus: str) -> tuple[str, str]:
    from kgraph.query import find_paper

    try:
        return _entity(store, focus)
    except NotFoundError:
        paper = find_paper(store, focus)
        if paper is None:
            raise
        return str(paper["id"]), str(paper["title"]).strip() or "a paper without a title"


def _entity(store: Store, name: str, *labels: str) -> tuple[str, str]:
    from kgraph.query import find_entity

    row = find_entity(store, name, *((labels,) if labels else ()))
    return str(row["id"]), str(row["name"])
