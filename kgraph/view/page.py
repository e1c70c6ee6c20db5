"""The page: a selection of the graph as one HTML file, drawn by pyvis's network in a template of our own.

pyvis brings the network, its data lists and the vis-network script; its own page is not used, because it asks the
network for style sheets and puts text into the page unescaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from kgraph.highlight import Marks, mark_names
from kgraph.schema import DATASET, LABELS, METHOD, PAPER, ROLE_TYPES, SAME_TERM_AS, TASK, Statement
from kgraph.support import SYMMETRIC
from kgraph.view.layout import place_nodes
from kgraph.view.select import Line, Selection, count_papers, related, role_statements, select_picture
from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    from kgraph.graph import KnowledgeGraph

LONG_NAME: Final = 24  # letters; a node with a longer name is labelled with its abbreviation
MAX_STATEMENTS: Final = 6000  # what one page carries: about 1.5 MB of sentences and titles

SHAPES: Final = {METHOD: "dot", DATASET: "square", TASK: "diamond", PAPER: "triangle"}
PLURALS: Final = {METHOD: "Methods", DATASET: "Datasets", TASK: "Tasks", PAPER: "Papers"}

# How a line reads: by itself, and on the card of its source and of its target.
WORDS: Final = {
    "USED_FOR": ("used for", "Used for", "Methods used"),
    "EVALUATED_ON": ("evaluated on", "Evaluated on", "Methods evaluated"),
    "BENCHMARK_FOR": ("benchmark for", "Benchmark for", "Benchmarks"),
    "BASED_ON": ("based on", "Based on", "Basis of"),
    "COMPARED_WITH": ("compared with", "Compared with", "Compared with"),
    "SUBTASK_OF": ("subtask of", "Subtask of", "Subtasks"),
    "PROPOSES": ("proposes", "Proposes", "Proposed in"),
    "USES": ("uses", "Uses", "Used in"),
    "COMPARES": ("compares", "Compares", "Compared in"),
    "MENTIONS": ("mentions", "Mentions", "Mentioned in"),
    "SAME_TERM_AS": ("same term as", "Same term as", "Same term as"),
}
# Lines that lead nowhere: how they are dashed.
DASHES: Final = {SYMMETRIC: [5, 4], SAME_TERM_AS: [2, 5]}

OPTIONS: Final = {
    "groups": {label: {"shape": shape} for label, shape in SHAPES.items()},
    "physics": {
        "enabled": False,
        "solver": "forceAtlas2Based",
        "forceAtlas2Based": {"gravitationalConstant": -70, "springLength": 80, "avoidOverlap": 0.6},
        "stabilization": False,
    },
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "keyboard": False, "selectConnectedEdges": False, "hoverConnectedEdges": False},
    "nodes": {"chosen": False, "borderWidth": 1.5},
    "edges": {
        "chosen": False,
        "smooth": False,
        "arrows": {"to": {"scaleFactor": 0.45}},
        "hoverWidth": 0,
        "selectionWidth": 0,
        "arrowStrikethrough": False,
    },
}

_VIS: Final = "templates/lib/vis-9.1.2/vis-network.min.js"
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_ABBREVIATION: Final = re.compile(r"(?=(?:.*[A-Z]){2})[\w.+-]{1,9}[^\Ws]")
_SCRIPT_ENDS: Final = (("</script", "<\\/script"), ("<!--", "<\\!--"))
_UNSAFE: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class View:
    """A picture of a graph as one HTML page, and how many nodes and lines it shows; notebooks show it in place."""

    html: str
    nodes: int
    edges: int

    def _repr_html_(self) -> str:
        page = html.escape(self.html, quote=True)
        return (
            '<iframe title="kgraph" sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            f'style="width:100%;height:640px;border:0" srcdoc="{page}"></iframe>'
        )


def render_view(
    graph: KnowledgeGraph, *, focus: str | None = None, depth: int = 1, limit: int = 150, title: str = "kgraph"
) -> View:
    """Return a picture of the graph, or of what lies within `depth` relations of the node `focus`.

    At most `limit` nodes are shown, the best supported ones. Raises `NotFoundError` when no node has the id `focus`,
    `UsageError` when depth or limit make no picture.
    """
    picture = select_picture(graph, focus, depth, limit)
    network = _network(graph, picture)
    nodes, edges, *_, options = network.get_network_data()
    blocks = {
        "kg-nodes": nodes,
        "kg-edges": edges,
        "kg-options": json.loads(options),
        "kg-details": _details(graph, picture, focus),
    }
    page = _template().render(
        title=title,
        counts=_counts(graph, picture),
        style=_own("page.css"),
        blocks={name: _json(block) for name, block in blocks.items()},
        scripts=_scripts(),
        policy=_policy(_scripts()),
    )
    return View(page, len(picture.nodes), len(picture.lines))


def write_view(
    graph: KnowledgeGraph,
    path: str | Path,
    *,
    focus: str | None = None,
    depth: int = 1,
    limit: int = 150,
    title: str = "kgraph",
) -> View:
    """Write the picture that `render_view` returns to a file, whole or not at all; raises `UsageError` if it cannot."""
    view = render_view(graph, focus=focus, depth=depth, limit=limit, title=title)
    with whole_file(path) as draft:
        draft.write_bytes(view.html.encode())
    return view


def paper_link(paper: Mapping[str, Any]) -> str:
    """Return where a paper can be read: its own http(s) address, else arXiv's, else its DOI's, else nothing."""
    if url := _web_address(paper):
        return url
    if paper.get("arxiv_id"):
        return f"https://arxiv.org/abs/{quote(paper['arxiv_id'])}"
    if paper.get("doi"):
        return f"https://doi.org/{quote(paper['doi'])}"
    return ""


def _network(graph: KnowledgeGraph, picture: Selection) -> Any:
    """Return the picture as a pyvis network. Its lists are filled as they are: `add_edge` is quadratic."""
    from pyvis.network import Network

    network = Network(directed=True)
    index = {node: position for position, node in enumerate(picture.nodes)}
    sizes = _sizes(graph, picture.nodes)
    places = place_nodes(sizes, [(line.source, line.target) for line in picture.lines])
    for node, position in index.items():
        x, y = places[node]
        label = graph.nodes[node]["label"]
        network.nodes.append({"id": position, "group": label, "size": sizes[node], "x": x, "y": y})
    network.edges.extend(_edges(picture.lines, index))
    network.options = OPTIONS
    return network


def _sizes(graph: KnowledgeGraph, nodes: Sequence[str]) -> dict[str, float]:
    """Return the radius of each node: its area grows with the number of papers behind it; a paper has one size."""
    papers = {node: count_papers(graph, node) for node in nodes}
    most = max(papers.values(), default=0) or 1
    sizes = {node: round(7 + 17 * sqrt(count / most), 1) for node, count in papers.items()}
    return sizes | {node: 20.0 for node in nodes if graph.nodes[node]["label"] == PAPER}


def _edges(lines: Sequence[Line], index: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield pyvis's edges; lines that share both ends are bent apart, all others are straight."""
    most = max((line.papers for line in lines), default=1) or 1
    met: dict[frozenset[int], int] = {}
    for position, line in enumerate(lines):
        source, target = index[line.source], index[line.target]
        pair = frozenset((source, target))
        met[pair] = earlier = met.get(pair, -1) + 1
        width = round(1.3 + 4 * sqrt((line.papers - 1) / most), 1) if line.papers else 1.0
        ends: dict[str, Any] = {"dashes": DASHES[line.type]} if line.type in DASHES else {"arrows": "to"}
        yield {"id": position, "from": source, "to": target, "width": width, **ends, **_bend(earlier, source < target)}


def _bend(earlier: int, forwards: bool) -> dict[str, Any]:
    """Return the curve of a line with so many lines before it between its ends: to one side and the other in turn."""
    if not earlier:
        return {}
    turn = "curvedCW" if (earlier % 2 == 1) == forwards else "curvedCCW"
    return {"smooth": {"enabled": True, "type": turn, "roundness": round(0.18 * ((earlier + 1) // 2), 2)}}


def _details(graph: KnowledgeGraph, picture: Selection, focus: str | None) -> dict[str, Any]:
    """Return what the page tells about nodes and lines; papers and sentences are stored once and named by position."""
    roles = {node: role_statements(graph, node) for node in picture.nodes}
    most = _most_each([len(stated) for stated in (*roles.values(), *(line.statements for line in picture.lines))])
    ledger = _Ledger(graph)
    shown = set(picture.nodes)
    return {
        "focus": None if focus is None else picture.nodes.index(focus),
        "types": [{"label": label, "plural": PLURALS[label]} for label in (*LABELS[1:], PAPER)],
        "words": WORDS,
        "roles": {type_: role for role, type_ in ROLE_TYPES.items()},
        "nodes": [
            _card(graph, node, stated)
            | {
                "hidden": len(related(graph, node) - shown),
                "total": len(stated),
                "roles": ledger.rows(stated[:most], _names(graph, node)),
            }
            for node, stated in roles.items()
        ],
        "lines": [
            {
                "type": line.type,
                "papers": line.papers,
                "confidence": line.confidence,
                "total": len(line.statements),
                "statements": ledger.rows(
                    line.statements[:most], _names(graph, line.source), _names(graph, line.target)
                ),
            }
            for line in picture.lines
        ],
        "papers": ledger.papers,
        "sentences": list(ledger.sentences),
        "components": list(ledger.components),
    }


def _names(graph: KnowledgeGraph, node: str) -> tuple[str, ...]:
    """Return the names that are emphasised for a node; a paper is not named in its own sentences."""
    fields = graph.nodes[node]
    return () if fields["label"] == PAPER else (fields["name"], *fields["aliases"])


def _card(graph: KnowledgeGraph, node: str, stated: Sequence[Statement]) -> dict[str, Any]:
    fields = graph.nodes[node]
    if fields["label"] == PAPER:
        return {
            "id": node,
            "label": PAPER,
            "name": fields["title"].strip() or _beginning(fields["abstract"]) or node,
            "aliases": [],
            "papers": 1,
            "years": [fields["year"]] if fields["year"] else [],
            "url": paper_link(fields),
            "authors": list(fields["authors"]),
        }
    years = [statement.year for statement in stated if statement.year]
    return {
        "id": node,
        "label": fields["label"],
        "name": fields["name"].strip() or node,
        "short": _short_name(fields["name"], fields["aliases"]),
        "aliases": [alias for alias in fields["aliases"] if alias != fields["name"] and alias.strip()],
        "papers": count_papers(graph, node),
        "years": sorted({min(years), max(years)}) if years else [],
        "url": _web_address(fields),
    }


def _web_address(fields: Mapping[str, Any]) -> str:
    url = str(fields.get("url") or "")
    return url if _WEB.match(url) else ""


def _beginning(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60].rsplit(' ', 1)[0]} …"


def _short_name(name: str, aliases: Iterable[str]) -> str:
    """Return what to write beside a node: an abbreviation where the name is long and has one, else nothing."""
    known = [alias for alias in aliases if _ABBREVIATION.fullmatch(alias)] if len(name) > LONG_NAME else []
    return min(known, key=lambda alias: (len(alias), alias), default="")


class _Ledger:
    """Keeps each paper, sentence and component once, and writes statements as rows that name them by their position.

    A row: type, paper, sentence, its marks, score, component; where there is a context, also its sentence and marks.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._positions: dict[str, int] = {}
        self.papers: list[list[Any]] = []
        self.sentences: dict[str, int] = {}
        self.components: dict[str, int] = {}

    def rows(self, statements: Iterable[Statement], *names: Sequence[str]) -> list[list[Any]]:
        return [self._row(statement, names) for statement in statements]

    def _row(self, statement: Statement, names: Sequence[Sequence[str]]) -> list[Any]:
        paper, sentence = self._paper(statement.paper_id), self._sentence(statement.sentence, names)
        component = self.components.setdefault(statement.component, len(self.components))
        context = self._sentence(statement.context, names) if statement.context else ()
        return [statement.type, paper, *sentence, round(statement.score, 2), component, *context]

    def _sentence(self, text: str, names: Sequence[Sequence[str]]) -> tuple[int, Marks]:
        return self.sentences.setdefault(text, len(self.sentences)), mark_names(text, *names)

    def _paper(self, paper_id: str) -> int:
        if paper_id not in self._positions:
            fields = self._graph.nodes[paper_id]
            self._positions[paper_id] = len(self.papers)
            self.papers.append([fields["title"].strip() or paper_id, fields["year"], paper_link(fields)])
        return self._positions[paper_id]


def _most_each(lengths: Sequence[int]) -> int:
    """Return how many statements each node and line may carry so that the page stays within `MAX_STATEMENTS`."""
    most = max(lengths, default=0)
    while most > 1 and sum(min(length, most) for length in lengths) > MAX_STATEMENTS:
        most = most * 9 // 10
    return most


def _counts(graph: KnowledgeGraph, picture: Selection) -> str:
    entities = sum(label != PAPER for _, label in graph.nodes(data="label"))
    papers = len(graph) - entities
    lines = sum(line.type != SAME_TERM_AS for line in picture.lines)
    of_lines = f" of {lines + picture.lines_left_out:,}" if picture.lines_left_out else ""
    shown = sum(graph.nodes[node]["label"] != PAPER for node in picture.nodes)
    of_entities = f" of {entities:,}" if shown < entities else ""
    return f"{shown:,}{of_entities} entities · {lines:,}{of_lines} relations · {papers:,} papers"


@cache
def _template() -> Any:
    from jinja2 import Environment

    return Environment(autoescape=True).from_string(_own("page.html"))


def _own(name: str) -> str:
    return (files("kgraph.view") / name).read_text("utf-8")


@cache
def _scripts() -> tuple[str, str]:
    """Return vis-network as pyvis ships it and the page's own script, safe to stand between script tags."""
    scripts = ((files("pyvis") / _VIS).read_text("utf-8"), _own("page.js"))
    for end, harmless in _SCRIPT_ENDS:
        scripts = (scripts[0].replace(end, harmless), scripts[1].replace(end, harmless))
    return scripts


def _policy(scripts: Iterable[str]) -> str:
    """Return a content security policy that allows these scripts, inline style, and nothing from the network."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _json(value: object) -> str:
    """Return JSON that may stand in a script tag: none of its characters can end the tag or a line of script."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
