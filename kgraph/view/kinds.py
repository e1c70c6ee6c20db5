"""The kinds of picture: each says which nodes and lines it shows, and how they stand.

A kind is a frozen record of what it is about, by ids; `select` chooses from a subject, at most `limit` nodes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from kgraph.errors import NotFoundError, UsageError
from kgraph.schema import BASED_ON, DATASET, METHOD, PAPER, TASK, entity_label
from kgraph.support import relation_of
from kgraph.view.select import (
    Column,
    Selection,
    best_connected,
    drawn,
    neighbours,
    spread,
    strongest,
    with_reserve,
)
from kgraph.view.subject import Key, Line, Node, Subject, by_support

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES: Final = 200_000
"""What one page can show."""

_COMPARED: Final = 400  # neighbours of each that are looked at
GENERATIONS: Final = 6
"""How many steps of `based on` a lineage goes back, and forth."""


class Kind(ABC):
    """A kind of picture."""

    limit: ClassVar[int] = 150
    """Nodes at most, unless something else is said."""

    colour: ClassVar[str] = "type"
    """What the nodes are coloured by when the page opens: their type, or their community."""

    @abstractmethod
    def select(self, subject: Subject, limit: int) -> Selection:
        """Choose what the picture shows.

        Raises `NotFoundError` when the subject has not what it is about, `UsageError` when it makes no picture.
        """


@dataclass(frozen=True, slots=True)
class Core(Kind):
    """The best supported entities that relations connect, largest components first."""

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        return _selection(subject, best_connected(subject.lines(), subject.papers_of(), limit))


@dataclass(frozen=True, slots=True)
class Ego(Kind):
    """An entity or a paper, and what lies within `depth` lines of it; of a paper, its entities are the first step."""

    focus: str
    depth: int = 1

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        if self.depth < 0:
            raise UsageError("a picture needs a depth of 0 or more")
        focus = _found(subject, self.focus)
        if focus.label != PAPER:
            nodes = spread(subject, [self.focus], self.depth, limit)
            if focus.degree and self.depth and limit > 1 and len(nodes) == 1:
                raise NotFoundError(f"no relation of {focus.name} has this support and confidence: ask for less")
            return _selection(subject, nodes, focus=self.focus)
        named = subject.entities_of(self.focus)[: limit - 1] if self.depth else []
        nodes = spread(subject, named, self.depth - 1, limit - 1)
        return _selection(subject, nodes, focus=self.focus, paper=self.focus)


@dataclass(frozen=True, slots=True)
class Topic(Kind):
    """A task with its methods, its datasets, and the tasks that are parts of it or that it is a part of."""

    limit: ClassVar[int] = 80
    task: str

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        task = _found(subject, self.task)
        if task.label != TASK:
            raise UsageError(f"a topic is a task, and {task.name} is a {task.label.lower()}")
        tasks = _of_label(subject, [self.task], TASK, limit // 6)[self.task]
        methods = _of_label(subject, [self.task], METHOD, limit // 2)[self.task]
        datasets = _of_label(subject, [self.task], DATASET, limit // 3)[self.task]
        tried_on = chain(*_of_label(subject, methods[:20], DATASET, 3).values())
        datasets = list(dict.fromkeys((*datasets, *tried_on)))[: limit // 3]
        nodes = [self.task, *methods, *datasets, *tasks][:limit]
        return _selection(subject, nodes)


@dataclass(frozen=True, slots=True)
class Lineage(Kind):
    """What builds on what, from left to right in time: the bases of a method and what is based on it.

    Without a method: the best supported lines of descent of the whole graph.
    """

    limit: ClassVar[int] = 80
    method: str | None = None

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        if limit < 2:
            raise UsageError("a lineage needs a limit of 2 nodes or more")
        nodes = self._descent(subject, limit) if self.method else _main_descents(subject, limit)
        if len(nodes) < 2:
            raise NotFoundError("no relation of this support says what builds on what here")
        lines = sorted((line for line in subject.lines_between(nodes) if line.type == BASED_ON), key=by_support)
        kept = tuple(strongest(lines, 2 * len(nodes)))
        return Selection(tuple(nodes), kept, (), len(lines) - len(kept), arrangement="time")

    def _descent(self, subject: Subject, limit: int) -> list[str]:
        method = _found(subject, str(self.method))
        if method.label != METHOD:
            raise UsageError(f"a lineage is of a method, and {method.name} is a {method.label.lower()}")
        bases = _descend(subject, method.id, limit // 2, "source")
        heirs = _descend(subject, method.id, limit - len(bases), "target")
        return list(dict.fromkeys((method.id, *bases, *heirs)))[:limit]


@dataclass(frozen=True, slots=True)
class Comparison(Kind):
    """Two entities side by side: what both have lines to, and what only one of them has."""

    limit: ClassVar[int] = 60
    one: str
    other: str

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        if self.one == self.other:
            raise UsageError("a comparison is of two different entities")
        ends = (self.one, self.other)
        names = [_found(subject, end).name for end in ends]
        near = neighbours(subject, ends, _COMPARED)
        of_one, of_other = ([one for one in near[end] if one not in ends] for end in ends)
        common = set(of_one) & set(of_other)
        both = _in_turn(of_one, of_other, common)[: limit * 2 // 5]
        room = max(0, (limit - 2 - len(both)) // 2)
        only_one, only_other = ([one for one in found if one not in common][:room] for found in (of_one, of_other))
        columns = (
            Column(f"only {names[0]}", tuple(only_one)),
            Column("", (self.one,)),
            Column("both", tuple(both)),
            Column("", (self.other,)),
            Column(f"only {names[1]}", tuple(only_other)),
        )
        nodes = (self.one, self.other, *both, *only_one, *only_other)
        lines = [line for line in subject.lines_between(nodes) if line.source in ends or line.target in ends]
        return Selection(nodes, tuple(sorted(lines, key=by_support)), arrangement="columns", columns=columns)


@dataclass(frozen=True, slots=True)
class Overview(Kind):
    """Everything that relations connect, the best supported first, coloured by its communities."""

    limit: ClassVar[int] = 100_000
    colour: ClassVar[str] = "community"

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        lines, papers = subject.lines(), subject.papers_of()

        def rank(line: Line) -> tuple[int, int, float, str, str]:
            """The best supported first, then those of what most papers speak of."""
            spoken = max(papers.get(line.source, 0), papers.get(line.target, 0))
            return (-line.papers, -spoken, -line.confidence, line.source, line.target)

        nodes = _ends(sorted(lines, key=rank), limit)
        shown = set(nodes)
        within = [line for line in lines if line.source in shown and line.target in shown]
        nodes.sort(key=lambda node: (-papers.get(node, 0), node))
        return Selection(tuple(nodes), tuple(sorted(within, key=by_support)))


@dataclass(frozen=True, slots=True)
class Answer(Kind):
    """The rows of a question as a graph: what `Rows.to_graph` returns."""

    limit: ClassVar[int] = 2_000
    rows: nx.MultiDiGraph

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        there = subject.nodes(list(self.rows))
        nodes = tuple(sorted(there, key=lambda node: (-self.rows.degree(node), node))[:limit])
        if not nodes:
            raise NotFoundError("the answer has no rows: there is nothing to show")
        entities, papers = _parted(there, nodes)
        stated = {line.key: line for line in subject.lines_between(entities, papers)}
        shown = set(nodes)
        lines: dict[tuple[str, str, str], Line] = {}
        for source, target, row in self.rows.edges(data=True):
            if source != target and {source, target} <= shown:
                line = _answered(row, source, target, stated)
                lines.setdefault(line.key, line)
        return Selection(nodes, tuple(sorted(lines.values(), key=by_support)))


def _selection(
    subject: Subject, nodes: Sequence[str], *, focus: str | None = None, paper: str | None = None
) -> Selection:
    """Return these entities, with the paper that names them, the lines that are drawn, and what is in reserve."""
    reserve = with_reserve(subject, nodes)
    papers = () if paper is None else (paper,)
    lines, left_out = drawn(subject, nodes, reserve, papers)
    return Selection((*papers, *nodes), lines, reserve, left_out, focus)


def _found(subject: Subject, node_id: str) -> Node:
    node = subject.nodes([node_id]).get(node_id)
    if node is None:
        raise NotFoundError(f"no entity or paper has the id {node_id!r}")
    return node


def _of_label(subject: Subject, nodes: Sequence[str], label: str, limit: int) -> dict[str, list[str]]:
    """Return the best neighbours of each node that bear this label."""

    def along(line: Line, node: str) -> bool:
        return entity_label(line.target if line.source == node else line.source) == label

    return neighbours(subject, nodes, limit, along=along)


def _descend(subject: Subject, method: str, limit: int, end: Literal["source", "target"]) -> list[str]:
    """Follow BASED_ON from a method, which is this end of the line, generation by generation.

    The first leaves room for the later ones; what these do not need is for more of the first.
    """

    def along(line: Line, node: str) -> bool:
        return line.type == BASED_ON and getattr(line, end) == node

    chosen: dict[str, None] = {}
    level = [method]
    for generation in range(GENERATIONS):
        if not level:
            break
        width = max(3, limit // (2 + generation) // len(level))
        found = chain(*neighbours(subject, level, width, along=along).values())
        level = [near for near in dict.fromkeys(found) if near != method and near not in chosen][: limit - len(chosen)]
        chosen.update(dict.fromkeys(level))
    more = [near for near in neighbours(subject, [method], limit, along=along)[method] if near not in chosen]
    return [*chosen, *more[: limit - len(chosen)]]


def _main_descents(subject: Subject, limit: int) -> list[str]:
    return _ends(sorted((line for line in subject.lines() if line.type == BASED_ON), key=by_support), limit)


def _ends(lines: Iterable[Line], limit: int) -> list[str]:
    """Return the ends of the first of these lines, as many as there is room for."""
    chosen: dict[str, None] = {}
    for line in lines:
        new = [end for end in (line.source, line.target) if end not in chosen]
        if len(chosen) + len(new) > limit:
            break
        chosen.update(dict.fromkeys(new))
    return list(chosen)


def _in_turn(first: Sequence[str], second: Sequence[str], among: set[str]) -> list[str]:
    """Return those that both lists have, the ones that stand far up in both first."""
    place = {node: position for position, node in enumerate(second)}
    return sorted(among, key=lambda node: (max(first.index(node), place[node]), node))


def _parted(nodes: Mapping[str, Node], ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the entities and the papers among these nodes."""
    papers = [one for one in ids if nodes[one].label == PAPER]
    return [one for one in ids if nodes[one].label != PAPER], papers


def _answered(row: Mapping[str, Any], source: str, target: str, stated: Mapping[Key, Line]) -> Line:
    """Return the line of a row: the one that papers state, where they do, else one that tells its figures."""
    key = relation_of(row["type"], source, target)
    if key in stated:
        return stated[key]
    figures = {name: value for name, value in row.items() if isinstance(value, int | float) and name != "year"}
    note = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items())
    papers = figures.get("papers", 0)
    return Line(*key, int(papers), 0.0, note=note)
