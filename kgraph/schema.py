"""The words of the graph: labels, relation types, and the frozen records that pass between the steps.

    Paper -> Extraction (PaperEntity, PaperRelation) -> Entity and LinkedPaper (Statement) -> graph, stores, exports

Offsets (`start_char`, `end_char`) are spaCy's: they count characters of `Paper.text`, the end is exclusive, so
`paper.text[start_char:end_char]` is the sentence or the mention itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PAPER: Final = "Paper"
METHOD: Final = "Method"
DATASET: Final = "Dataset"
TASK: Final = "Task"
ENTITY_LABELS: Final = (METHOD, DATASET, TASK)
LABELS: Final = (PAPER, *ENTITY_LABELS)
_LABELS: Final = {label.lower(): label for label in ENTITY_LABELS}

# The role of an entity in its paper -> the type of the edge from the paper to it; strongest role first.
ROLE_TYPES: Final = {"proposed": "PROPOSES", "used": "USES", "compared": "COMPARES", "mentioned": "MENTIONS"}
ROLES: Final = tuple(ROLE_TYPES)
PROPOSED: Final = ROLES[0]
COMPARED: Final = ROLES[2]

BASED_ON: Final = "BASED_ON"
COMPARED_WITH: Final = "COMPARED_WITH"
# The type of a relation between two entities -> the labels of its source and its target.
RELATION_ENDS: Final = {
    "USED_FOR": (METHOD, TASK),
    "EVALUATED_ON": (METHOD, DATASET),
    "BENCHMARK_FOR": (DATASET, TASK),
    BASED_ON: (METHOD, METHOD),
    COMPARED_WITH: (METHOD, METHOD),
    "SUBTASK_OF": (TASK, TASK),
}
RELATION_TYPES: Final = tuple(RELATION_ENDS)
EDGE_TYPES: Final = (*ROLE_TYPES.values(), *RELATION_TYPES)

SAME_TERM_AS: Final = "SAME_TERM_AS"
"""Joins two entities of different labels that bear one name; no paper states it, so it is no statement."""

_YEAR = re.compile(r"(\d{4})(?:-|$)")


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as it was read: cleaned text and what is known about it.

    `published` is an ISO 8601 date or the known part of one: `2023-08-11`, `2023-08`, `2023`, or `--08-11` where
    the source gives no year (XML Schema's gMonthDay). `source` is the name of the file that it came from.
    Empty strings stand for what is not known.
    """

    id: str
    title: str
    abstract: str
    published: str = ""
    url: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    doi: str = ""
    arxiv_id: str = ""

    @property
    def text(self) -> str:
        """The text that all offsets count in: the title, a line feed, the abstract (also where one is empty)."""
        return f"{self.title}\n{self.abstract}"

    @property
    def year(self) -> int | None:
        """The year of publication, or None where the source gives none."""
        found = _YEAR.match(self.published)
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence of a paper that states something, with its offsets in `Paper.text`."""

    sentence: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a paper's text that names an entity."""

    text: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class PaperEntity:
    """A method, dataset or task as one paper speaks of it, before it is linked with those of other papers.

    `name` is the best of `surfaces` (full name where there is one) and unique in its paper; `surfaces` are exact
    substrings of the paper's text. `score` is in 0..1; `component` is the pipeline component that found it.
    """

    label: str
    name: str
    surfaces: tuple[str, ...]
    role: str
    score: float
    evidence: Evidence
    mentions: tuple[Mention, ...]
    component: str


@dataclass(frozen=True, slots=True)
class PaperRelation:
    """A relation that one paper states between two of its entities, given by their names.

    `evidence` is the sentence that states it; where that does not name the source but means it ("we", "our model"),
    `context` is the sentence that names the source.
    """

    type: str
    source: str
    target: str
    score: float
    evidence: Evidence
    component: str
    context: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form that a paper defines, with its long form: ("GNN", "graph neural network")."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was extracted from one paper."""

    paper_id: str
    entities: tuple[PaperEntity, ...] = ()
    relations: tuple[PaperRelation, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A node: one method, dataset or task over all papers.

    `id` is `label:slug`; `aliases` are all surface forms that were joined in it, `name` among them, sorted. `url` is
    its homepage or paper, where the knowledge base knows one; `same_term` are the ids of the entities of other labels
    that bear the same name, sorted: one term that is a method in one paper and a task in another.
    """

    id: str
    label: str
    name: str
    aliases: tuple[str, ...]
    url: str = ""
    same_term: tuple[str, ...] = ()


def is_entity_id(node_id: str) -> bool:
    """Whether an id begins with a label, as those of entities do."""
    return node_id.partition(":")[0] in _LABELS


def entity_label(entity_id: str) -> str:
    """Return the label of an entity, which its id begins with."""
    return _LABELS[entity_id.partition(":")[0]]


@dataclass(frozen=True, slots=True)
class Merge:
    """Why a surface form is an alias of an entity, and how many papers use it so."""

    entity_id: str
    alias: str
    reason: str
    papers: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An edge: what one paper states, in one sentence. The unit of truth of the graph.

    `source` and `target` are node ids; the source of a role edge is the paper itself. `context` is the sentence that
    names the source where `sentence` only means it ("we", "our model"), else empty, and its offsets then are 0.
    """

    id: str
    type: str
    source: str
    target: str
    paper_id: str
    sentence: str
    start_char: int
    end_char: int
    score: float
    year: int | None
    component: str
    context: str = ""
    context_start_char: int = 0
    context_end_char: int = 0


@dataclass(frozen=True, slots=True)
class LinkedPaper:
    """A paper with its statements over linked entities: the unit that graphs and stores are filled with.

    `revision` stands for the paper's own fields and its statements (see `kgraph.revisions`): equal ones need no work.
    """

    paper: Paper
    statements: tuple[Statement, ...]
    revision: int
