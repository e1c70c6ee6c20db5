"""A picture as the blocks of data that its page holds: columns, and evidence in chunks that are read when asked for."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from kgraph.batches import batches
from kgraph.schema import LABELS, PAPER, ROLE_TYPES, SAME_TERM_AS, Statement
from kgraph.view.layout import Band
from kgraph.view.network import DASHES, SHAPES, network_items
from kgraph.view.picture import Picture
from kgraph.view.select import Trends
from kgraph.view.subject import Evidence, Line, Node
from kgraph.view.subject.names import short_name

CHUNKS: Final = {"nodes": 500, "lines": 500, "papers": 200}
"""How many nodes, lines and papers a chunk of evidence holds."""

MAX_LETTERS: Final = 18_000_000
"""How much of the sentences a page holds: about 11 MB of it. The best supported lines have theirs before all others."""

ROLES: Final = tuple(ROLE_TYPES.values())

_LABELS: Final = (*LABELS[1:], PAPER)
_PLURALS: Final = ("Methods", "Datasets", "Tasks", "Papers")
# How a line reads: by itself, and on the card of its source and of its target.
_WORDS: Final = {
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
    SAME_TERM_AS: ("same term as", "Same term as", "Same term as"),
}
_UNSAFE: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def pack(picture: Picture, meta: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each block of data by its id; none can end the script tag that it stands in.

    `meta` is what the page is told besides. Evidence is left out where the page asks a server for it.
    """
    ledger = _Ledger(picture.evidence)
    blocks: dict[str, str] = {"kg-graph": _zip(columns(picture))}
    if picture.engine == "network":
        names = ("kg-nodes", "kg-edges", "kg-options")
        blocks |= {name: to_json(value) for name, value in zip(names, network_items(picture), strict=True)}
    if not meta["server"]:
        blocks |= {name: _zip(chunk) for name, chunk in ledger.chunks(picture)}
    return {"kg-meta": to_json({**_meta(picture), "components": ledger.components, **meta}), **blocks}


def columns(picture: Picture) -> dict[str, Any]:
    """Return the nodes and lines as columns; the nodes after the first `shown` are in reserve."""
    index = {node.id: number for number, node in enumerate(picture.nodes)}
    places = [*picture.places, *[(None, None)] * (len(picture.nodes) - len(picture.places))]
    types = _types(picture.lines)
    nodes, lines = picture.nodes, picture.lines
    return {
        "shown": len(picture.places),
        "nodes": {
            "id": [node.id for node in nodes],
            "name": [node.name for node in nodes],
            "short": [short_name(node.name, node.aliases) for node in nodes],
            "aliases": [[alias for alias in node.aliases if alias != node.name and alias.strip()] for node in nodes],
            "label": [_LABELS.index(node.label) for node in nodes],
            "papers": [node.papers for node in nodes],
            "first": [node.first or 0 for node in nodes],
            "last": [node.last or 0 for node in nodes],
            "community": list(picture.member_of),
            "url": [node.url for node in nodes],
            "x": [x for x, _ in places],
            "y": [y for _, y in places],
            "size": list(picture.sizes),
            "more": _more(nodes, lines),
            "authors": {number: node.authors for number, node in enumerate(nodes) if node.authors},
        },
        "lines": {
            "type": [types.index(line.type) for line in lines],
            "source": [index[line.source] for line in lines],
            "target": [index[line.target] for line in lines],
            "papers": [line.papers for line in lines],
            "confidence": [round(line.confidence, 4) for line in lines],
            "first": [line.first or 0 for line in lines],
            "last": [line.last or 0 for line in lines],
            "total": [line.total for line in lines],
            "notes": {number: line.note for number, line in enumerate(lines) if line.note},
        },
    }


def to_json(value: object) -> str:
    """Return JSON that may stand in a script tag: none of its characters can end the tag or a line of script."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _meta(picture: Picture) -> dict[str, Any]:
    index = {node.id: number for number, node in enumerate(picture.nodes)}
    return {
        "engine": picture.engine,
        "scale": picture.scale,
        "focus": None if picture.focus is None else index[picture.focus],
        "labels": [
            {"label": label, "plural": plural, "shape": SHAPES[label]}
            for label, plural in zip(_LABELS, _PLURALS, strict=True)
        ],
        "relations": [_relation(type) for type in _types(picture.lines)],
        "roles": list(ROLE_TYPES),
        "communities": [{"name": one.name, "size": one.size} for one in picture.communities],
        "bands": _strips(picture.bands) if picture.bands else None,
        "chunk": CHUNKS,
        "trend": None if picture.trends is None else _trends(picture.trends, index),
    }


def _strips(bands: Iterable[Band]) -> dict[str, Any]:
    return {"axis": "x", "marks": [{"label": band.label, "from": band.start, "to": band.end} for band in bands]}


def _trends(trends: Trends, index: Mapping[str, int]) -> dict[str, Any]:
    """Return the series of trends, their entities by number."""
    series = [asdict(one) | {"node": index[one.entity]} for one in trends.series]
    return asdict(trends) | {"series": series}


def _types(lines: Sequence[Line]) -> list[str]:
    """Return all types of lines: those of the schema, then those that only the answer to a question has."""
    return [*_WORDS, *sorted({line.type for line in lines} - _WORDS.keys())]


def _relation(type: str) -> dict[str, Any]:
    words = type.replace("_", " ").lower()
    verb, out, back = _WORDS.get(type, (words, words.capitalize(), words.capitalize()))
    return {"type": type, "verb": verb, "out": out, "in": back, "dashes": DASHES.get(type)}


def _more(nodes: Sequence[Node], lines: Iterable[Line]) -> list[int]:
    """Return how many of the entities that each node has a line to are not joined to it in the picture."""
    near: dict[str, set[str]] = {node.id: set() for node in nodes}
    papers = {node.id for node in nodes if node.label == PAPER}
    for line in lines:
        near[line.source].add(line.target)
        near[line.target].add(line.source)
    return [max(0, node.degree - len(near[node.id] - papers)) for node in nodes]


class _Ledger:
    """Numbers papers and their sentences, each of which a page holds once, and writes statements as rows of numbers."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._papers: dict[str, int] = {}
        self._sentences: dict[str, dict[str, int]] = {}
        self._room = MAX_LETTERS
        components = {one.component for found in evidence.of_nodes.values() for one in found}
        components |= {one.component for found in evidence.of_lines.values() for one in found}
        self.components = sorted(components)

    def chunks(self, picture: Picture) -> Iterator[tuple[str, Any]]:
        """Yield the chunks of evidence by name; those of the papers come last, when it is known what they must hold."""
        stated = ([self._row(one) for one in self._evidence.of_lines.get(line.key, ())] for line in picture.lines)
        yield from _numbered("kg-lines-said", stated, CHUNKS["lines"])
        said = ({"total": node.papers, "rows": self._roles(node.id)} for node in picture.nodes)
        yield from _numbered("kg-nodes-said", said, CHUNKS["nodes"])
        yield from _numbered("kg-papers", map(self._paper, list(self._papers)), CHUNKS["papers"])

    def _roles(self, node_id: str) -> list[list[Any]]:
        stated = self._evidence.of_nodes.get(node_id, ())
        return [[ROLES.index(one.type), *self._row(one)] for one in stated]

    def _row(self, statement: Statement) -> list[Any]:
        paper, sentences = self._numbers(statement.paper_id)
        texts = (statement.sentence, statement.context) if statement.context else (statement.sentence,)
        sentence, *context = (self._sentence(sentences, text) for text in texts)
        return [paper, sentence, round(statement.score, 2), self.components.index(statement.component), *context]

    def _sentence(self, sentences: dict[str, int], text: str) -> int | None:
        """Return the number of a sentence among those of its paper; None where the page has no room for it."""
        if text not in sentences:
            self._room -= len(text)
            if self._room < 0:
                return None
        return sentences.setdefault(text, len(sentences))

    def _numbers(self, paper_id: str) -> tuple[int, dict[str, int]]:
        number = self._papers.setdefault(paper_id, len(self._papers))
        return number, self._sentences.setdefault(paper_id, {})

    def _paper(self, paper_id: str) -> list[Any]:
        paper = self._evidence.papers[paper_id]
        return [paper.title, paper.year, paper.url, list(self._sentences[paper_id])]


def _numbered(name: str, items: Iterable[Any], size: int) -> Iterator[tuple[str, list[Any]]]:
    for number, chunk in enumerate(batches(items, size)):
        yield f"{name}-{number}", list(chunk)


def _zip(value: object) -> str:
    """Return JSON, compressed: the same value gives the same text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(text, 6, mtime=0)).decode()
