"""What pictures are made of: the records of a picture, and what every graph that is pictured can tell.

A line is all that papers state of one relation between two nodes; its support is the number of these papers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from kgraph.schema import ROLE_TYPES, SAME_TERM_AS, Statement
from kgraph.support import relation_of

Key = tuple[str, str, str]
"""What tells a line from all others: its type, its source and its target."""

Period = Literal["year", "month"]
PERIOD_LENGTHS: Final[Mapping[Period, int]] = {"year": 4, "month": 7}
"""How many letters of a date tell its year (2023) or its month (2023-08)."""

_RANK: Final = {role: position for position, role in enumerate(ROLE_TYPES.values())}


@dataclass(frozen=True, slots=True)
class Node:
    """An entity or a paper of a picture.

    `papers` is how many papers speak of it, from the year `first` to the year `last`; `degree` is how many entities it
    has a line to; of a paper `name` is its title.
    """

    id: str
    label: str
    name: str
    papers: int
    degree: int = 0
    first: int | None = None
    last: int | None = None
    aliases: tuple[str, ...] = ()
    url: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A relation between two nodes with its support: the papers that state it, with `total` statements in all.

    It leads from `source` to `target`; of a symmetric type it holds the statements of both directions. A line of the
    type SAME_TERM_AS, or of the answer to a question, has no statements: no paper states it; `note` tells the figures
    of the answer.
    """

    type: str
    source: str
    target: str
    papers: int
    confidence: float
    total: int = 0
    first: int | None = None
    last: int | None = None
    note: str = ""

    @property
    def key(self) -> Key:
        """What tells it from all other lines."""
        return self.type, self.source, self.target


@dataclass(frozen=True, slots=True)
class Cited:
    """What is told of a paper that stands behind a statement."""

    title: str
    year: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The surest statements of nodes (what papers do with them, by id) and of lines (by key), and their papers."""

    of_nodes: Mapping[str, Sequence[Statement]]
    of_lines: Mapping[Key, Sequence[Statement]]
    papers: Mapping[str, Cited]


class Subject(ABC):
    """A graph that pictures are made of."""

    on_demand: bool = False
    """Whether pages ask a server for evidence and for more neighbours; they hold neither then."""

    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Return how many entities and papers there are."""

    @abstractmethod
    def nodes(self, ids: Collection[str]) -> dict[str, Node]:
        """Return those of these entities and papers that there are, by id."""

    @abstractmethod
    def papers_of(self, ids: Collection[str] | None = None) -> dict[str, int]:
        """Return how many papers speak of each of these entities, or of all entities."""

    @abstractmethod
    def entities_of(self, paper_id: str) -> list[str]:
        """Return the entities that a paper names, the surest first."""

    @abstractmethod
    def lines(self) -> list[Line]:
        """Return all lines between entities that papers state."""

    @abstractmethod
    def lines_of(self, entities: Collection[str]) -> list[Line]:
        """Return the lines of each of these entities, those to the same term too, without `total` and years."""

    @abstractmethod
    def lines_between(self, entities: Collection[str], papers: Collection[str] = ()) -> list[Line]:
        """Return the lines between any two of these entities and from these papers, those to the same term too."""

    @abstractmethod
    def evidence(self, nodes: Sequence[Node], lines: Sequence[Line], most: int) -> Evidence:
        """Return the surest statements of each of these nodes and lines, `most` of each."""

    @abstractmethod
    def periods(self, by: Period) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
        """Return how many papers each year (2023) or month (2023-08) has, and rows (entity, period, papers)."""


def by_sureness(statement: Statement) -> tuple[float, int, str]:
    """Sort key of the statements of a line: the surest first, of equal ones the newest."""
    return (-statement.score, -(statement.year or 0), statement.id)


def by_role(statement: Statement) -> tuple[int, float, int, str]:
    """Sort key of what papers do with an entity: the strongest role first (proposed), then the surest."""
    return (_RANK[statement.type], *by_sureness(statement))


def by_support(line: Line) -> tuple[int, float, str, str, str]:
    """Sort key of lines: the best supported first, of equal ones the surest."""
    return (-line.papers, -line.confidence, line.source, line.target, line.type)


def line_key(statement: Statement) -> Key:
    """Return the key of the line that a statement belongs to."""
    return relation_of(statement.type, statement.source, statement.target)


def same_term(one: str, other: str) -> Line:
    """Return the line between two entities that bear one name."""
    return Line(SAME_TERM_AS, min(one, other), max(one, other), 0, 0.0)


def role_line(statement: Statement) -> Line:
    """Return the line from a paper to an entity that it names."""
    return Line(*line_key(statement), 1, round(statement.score, 4), 1, statement.year, statement.year)
