"""The page: a picture as one HTML file, in a template of our own.

pyvis's own page is not used, because it asks the network for style sheets and puts text into the page unescaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kgraph.schema import PAPER, SAME_TERM_AS
from kgraph.store import Store
from kgraph.view.kinds import Core, Kind
from kgraph.view.network import network_script
from kgraph.view.pack import pack
from kgraph.view.picture import OnStep, Picture, make_picture, no_steps
from kgraph.view.subject import GraphInMemory, Line, StoredGraph, Subject
from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    import networkx as nx

SCRIPTS: Final = (
    "elements", "graph", "evidence", "labels", "raster", "paths", "layers", "network", "map", "look", "picture",
    "camera", "card", "search", "legend", "route", "export", "trend", "main",
)  # fmt: skip
"""The parts of the page's own script, in their order."""

_SCRIPT_ENDS: Final = (("</script", "<\\/script"), ("<!--", "<\\!--"))


@dataclass(frozen=True, slots=True)
class View:
    """A picture of a graph as one HTML page, and how many nodes and lines it shows; notebooks show it in place."""

    html: str = field(repr=False)
    nodes: int
    edges: int

    def write(self, path: str | Path) -> None:
        """Write the page to a file, whole or not at all. Raises `UsageError` if it cannot."""
        with whole_file(path) as draft:
            draft.write_bytes(self.html.encode())

    def _repr_html_(self) -> str:
        page = self.html.replace("&", "&amp;").replace("'", "&#x27;")
        return (
            '<iframe title="kgraph" sandbox="allow-scripts allow-downloads allow-popups '
            f'allow-popups-to-escape-sandbox" style="width:100%;height:640px;border:0" srcdoc=\'{page}\'>'
            "A picture by kgraph: it is drawn once this notebook is trusted.</iframe>"
        )


def render_view(
    graph: nx.MultiDiGraph | Store | Subject,
    kind: Kind | None = None,
    *,
    limit: int | None = None,
    title: str = "kgraph",
    on_step: OnStep = no_steps,
) -> View:
    """Return a picture of a graph, or of what an open store holds: of the kind `Core` unless another is given.

    At most `limit` nodes are shown, the best supported ones; each kind has a number of its own. Raises `NotFoundError`
    when the graph has not what the picture is about, `UsageError` when it makes no picture.
    """
    subject, kind = as_subject(graph), kind or Core()
    picture = make_picture(subject, kind, limit, on_step=on_step)
    on_step("writing the page")
    meta = {"title": title, "colour": kind.colour, "server": subject.on_demand, "counts": _counts(subject, picture)}
    scripts = _scripts(picture.engine)
    page = _template().render(
        title=title,
        counts=meta["counts"],
        style=_own("page.css") + _own("trend.css"),
        blocks=pack(picture, meta),
        scripts=scripts,
        policy=_policy(scripts, subject.on_demand),
    )
    return View(page, len(picture.places), len(_lines_shown(picture)))


def write_view(
    graph: nx.MultiDiGraph | Store | Subject,
    path: str | Path,
    kind: Kind | None = None,
    *,
    limit: int | None = None,
    title: str = "kgraph",
    on_step: OnStep = no_steps,
) -> View:
    """Write the picture that `render_view` returns to a file, whole or not at all; raises `UsageError` if it cannot."""
    view = render_view(graph, kind, limit=limit, title=title, on_step=on_step)
    view.write(path)
    return view


def as_subject(graph: nx.MultiDiGraph | Store | Subject) -> Subject:
    """Return what pictures are made of."""
    if isinstance(graph, Subject):
        return graph
    return StoredGraph(graph) if isinstance(graph, Store) else GraphInMemory(graph)


def _lines_shown(picture: Picture) -> list[Line]:
    shown = {node.id for node in picture.nodes[: len(picture.places)]}
    return [line for line in picture.lines if {line.source, line.target} <= shown]


def _counts(subject: Subject, picture: Picture) -> str:
    entities, papers = subject.size()
    shown = picture.nodes[: len(picture.places)]
    lines = sum(line.type != SAME_TERM_AS for line in _lines_shown(picture))
    of_lines = f" of {lines + picture.left_out:,}" if picture.left_out else ""
    number = sum(node.label != PAPER for node in shown)
    of_entities = f" of {entities:,}" if number < entities else ""
    return " · ".join(
        (
            _number(number, of_entities, "entity", "entities"),
            _number(lines, of_lines, "relation", "relations"),
            _number(papers, "", "paper", "papers"),
        )
    )


def _number(number: int, of_all: str, one: str, many: str) -> str:
    return f"{number:,}{of_all} {one if number == 1 and not of_all else many}"


@cache
def _template() -> Any:
    from jinja2 import Environment

    return Environment(autoescape=True).from_string(_own("page.html"))


def _own(name: str) -> str:
    return (files("kgraph.view") / "web" / name).read_text("utf-8")


@cache
def _scripts(engine: str) -> tuple[str, ...]:
    """Return the scripts of a page, safe to stand between script tags: vis-network where it draws, then our own."""
    own = "\n".join(_own(f"{part}.js") for part in SCRIPTS)
    scripts = (*([network_script()] if engine == "network" else []), f'"use strict";\n(() => {{\n{own}}})();\n')
    return tuple(_harmless(script) for script in scripts)


def _harmless(script: str) -> str:
    for end, harmless in _SCRIPT_ENDS:
        script = script.replace(end, harmless)
    return script


def _policy(scripts: Sequence[str], on_demand: bool) -> str:
    """Return a content security policy that allows these scripts, inline style, and nothing from the network.

    A page that a server sends may ask that server.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    asking = "connect-src 'self'; " if on_demand else ""
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; {asking}"
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
