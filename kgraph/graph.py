"""Statements -> a networkx graph.

`link_paper` turns what was extracted from one paper into statements over nodes; `build_graph` puts many such papers
into one `KnowledgeGraph`. Two invariants hold: both ends of a relation also have a role edge from its paper, and no
statement joins a node to itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, fields
from hashlib import blake2b
from html import escape
from operator import attrgetter
from typing import Final

import networkx as nx

from kgraph.schema import (
    EDGE_TYPES,
    LABELS,
    PAPER,
    ROLE_TYPES,
    ROLES,
    Entity,
    Evidence,
    Extraction,
    LinkedPaper,
    Paper,
    PaperEntity,
    Statement,
)

REVISION_FORMAT: Final = 1
"""Count up when a store must be filled anew although papers and statements are the same (a new property, say)."""

# dataclasses.astuple copies deeply, which takes ten times as long.
_FIELDS: Final = attrgetter(*(field.name for field in fields(Statement)))


class KnowledgeGraph(nx.MultiDiGraph):  # type: ignore[misc]  # networkx has no types
    """A `networkx.MultiDiGraph` whose edge keys are statement ids; notebooks show its counts and most named nodes."""

    def counts(self) -> dict[str, int]:
        """Return the number of nodes of each label and of edges of each type, in the order of the schema."""
        nodes = Counter(label for _, label in self.nodes(data="label"))
        edges = Counter(kind for *_, kind in self.edges(data="type"))
        return {name: (nodes | edges)[name] for name in (*LABELS, *EDGE_TYPES)}

    def top_entities(self, limit: int = 10) -> list[tuple[str, str, int]]:
        """Return (name, label, papers) of the entities that most papers speak of."""
        papers: dict[str, set[str]] = defaultdict(set)
        for _, target, edge in self.edges(data=True):
            papers[target].add(edge["paper_id"])
        rows = [
            (node["name"], node["label"], len(papers[key]))
            for key, node in self.nodes(data=True)
            if node["label"] != PAPER
        ]
        return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))[:limit]

    def _repr_html_(self) -> str:
        counts = "".join(
            f"<tr><td>{name}</td><td>{count:,}</td></tr>" for name, count in self.counts().items() if count
        )
        top = "".join(
            f"<tr><td>{escape(name)}</td><td>{label}</td><td>{papers}</td></tr>"
            for name, label, papers in self.top_entities()
        )
        return (
            "<table><caption>kgraph.KnowledgeGraph</caption><tr><th>label or type</th><th>count</th></tr>"
            f"{counts}</table><table><tr><th>entity</th><th>label</th><th>papers</th></tr>{top}</table>"
        )


def build_graph(entities: Mapping[str, Entity], papers: Iterable[LinkedPaper]) -> KnowledgeGraph:
    """Build the graph of these papers and of the entities that they name.

    Nodes are keyed by id and carry `label` and the fields of `Paper` (with `year` and `revision`) or `Entity`; edges
    are keyed by statement id and carry the statement's other fields.
    """
    graph = KnowledgeGraph()
    for linked in sorted(papers, key=lambda linked: linked.paper.id):
        graph.add_node(linked.paper.id, **_paper_node(linked))
        for statement in linked.statements:
            for node_id in (statement.source, statement.target):
                if node_id not in graph:
                    graph.add_node(node_id, **_entity_node(entities[node_id]))
            graph.add_edge(statement.source, statement.target, key=statement.id, **_edge(statement))
    return graph


def link_paper(paper: Paper, extraction: Extraction, nodes: Mapping[str, str]) -> LinkedPaper:
    """Turn an extraction into statements; `nodes` gives the node id of each entity by its name in the paper.

    An entity that is not in `nodes` was dropped, and its relations with it.
    """
    made = (*_role_statements(paper, extraction, nodes), *_relation_statements(paper, extraction, nodes))
    found = {statement.id: statement for statement in made}
    statements = tuple(found[key] for key in sorted(found))
    return LinkedPaper(paper, statements, _revision(paper, statements))


def _role_statements(paper: Paper, extraction: Extraction, nodes: Mapping[str, str]) -> Iterator[Statement]:
    by_node: dict[str, list[PaperEntity]] = defaultdict(list)
    for entity in extraction.entities:
        if entity.name in nodes:
            by_node[nodes[entity.name]].append(entity)
    for node_id, found in by_node.items():
        entity = min(found, key=lambda entity: (ROLES.index(entity.role), -entity.score, entity.name))
        kind = ROLE_TYPES[entity.role]
        yield _statement(paper, kind, paper.id, node_id, entity.evidence, entity.score, entity.component)


def _relation_statements(paper: Paper, extraction: Extraction, nodes: Mapping[str, str]) -> Iterator[Statement]:
    for relation in sorted(extraction.relations, key=lambda relation: (relation.score, relation.component)):
        source, target = nodes.get(relation.source), nodes.get(relation.target)
        if source and target and source != target:
            yield _statement(
                paper, relation.type, source, target, relation.evidence, relation.score, relation.component
            )


def _statement(
    paper: Paper, kind: str, source: str, target: str, evidence: Evidence, score: float, component: str
) -> Statement:
    identity = json.dumps([paper.id, kind, source, target, evidence.start_char, evidence.end_char])
    return Statement(
        id=blake2b(identity.encode("utf-8"), digest_size=8).hexdigest(),
        type=kind,
        source=source,
        target=target,
        paper_id=paper.id,
        sentence=evidence.sentence,
        start_char=evidence.start_char,
        end_char=evidence.end_char,
        score=round(score, 4),
        year=paper.year,
        component=component,
    )


def _revision(paper: Paper, statements: Iterable[Statement]) -> str:
    content = json.dumps([REVISION_FORMAT, astuple(paper), [_FIELDS(statement) for statement in statements]])
    return blake2b(content.encode(), digest_size=12).hexdigest()


def _paper_node(linked: LinkedPaper) -> dict[str, object]:
    fields = asdict(linked.paper)
    del fields["id"]
    return {"label": PAPER, **fields, "year": linked.paper.year, "revision": linked.revision}


def _entity_node(entity: Entity) -> dict[str, object]:
    return {"label": entity.label, "name": entity.name, "aliases": entity.aliases}


def _edge(statement: Statement) -> dict[str, object]:
    fields = asdict(statement)
    for key in ("id", "source", "target"):
        del fields[key]
    return fields
