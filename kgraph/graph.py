"""Statements -> a networkx graph.

`link_paper` turns what was extracted from one paper into statements over nodes; `build_graph` puts many such papers
into one `KnowledgeGraph`, and `filter_graph` keeps what enough papers state. Two invariants hold: both ends of a
relation also have a role edge from its paper, and no statement joins a node to itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from hashlib import blake2b

import networkx as nx

from kgraph.revisions import paper_revision
from kgraph.same_terms import same_terms
from kgraph.schema import (
    EDGE_TYPES,
    LABELS,
    PAPER,
    RELATION_ENDS,
    ROLE_TYPES,
    ROLES,
    SAME_TERM_AS,
    Entity,
    Evidence,
    Extraction,
    LinkedPaper,
    Paper,
    PaperEntity,
    PaperRelation,
    Statement,
)
from kgraph.support import relation_of, support


class KnowledgeGraph(nx.MultiDiGraph):  # type: ignore[misc]  # networkx has no types
    """A `networkx.MultiDiGraph` whose edge keys are statement ids; notebooks show its picture.

    Its edges of type SAME_TERM_AS are no statements: they have a type and nothing else.
    """

    def counts(self) -> dict[str, int]:
        """Return the number of nodes of each label and of edges of each type, in the order of the schema."""
        nodes = Counter(label for _, label in self.nodes(data="label"))
        edges = Counter(kind for *_, kind in self.edges(data="type"))
        return {name: (nodes | edges)[name] for name in (*LABELS, *EDGE_TYPES, SAME_TERM_AS)}

    def _repr_html_(self) -> str:
        # A graph shows itself as the picture that is made of it: the one import that leads upwards.
        from kgraph.view import render_view

        return render_view(self)._repr_html_()


def build_graph(entities: Mapping[str, Entity], papers: Iterable[LinkedPaper]) -> KnowledgeGraph:
    """Build the graph of these papers and of the entities that they name.

    Nodes are keyed by id and carry `label` and the fields of `Paper` (with `year` and `revision`) or `Entity`; edges
    are keyed by statement id and carry the statement's other fields. Entities that bear one name are joined by an edge
    of the type SAME_TERM_AS, from the smaller id.
    """
    graph = KnowledgeGraph()
    for linked in sorted(papers, key=lambda linked: linked.paper.id):
        graph.add_node(linked.paper.id, **_paper_node(linked))
        for statement in linked.statements:
            for node_id in (statement.source, statement.target):
                if node_id not in graph:
                    graph.add_node(node_id, **_entity_node(entities[node_id]))
            graph.add_edge(statement.source, statement.target, key=statement.id, **_edge(statement))
    for source, target in same_terms(entities[node_id] for node_id in graph if node_id in entities):
        graph.add_edge(source, target, key=f"{source} {SAME_TERM_AS} {target}", type=SAME_TERM_AS)
    return graph


def filter_graph(graph: KnowledgeGraph, *, min_papers: int = 1, min_confidence: float = 0.0) -> KnowledgeGraph:
    """Return the part of a graph that its sure relations hold together; the defaults keep all of it.

    What stays: the relations with at least this support and this confidence (see `kgraph.support`), the entities that
    these join, and the papers that name one of them.
    """
    if min_papers <= 1 and min_confidence <= 0:
        return graph
    sure = {
        key
        for key, (papers, sureness) in _weighed(graph).items()
        if papers >= min_papers and sureness >= min_confidence
    }
    joined = {end for _, *ends in sure for end in ends}
    ends = joined | {node for node, label in graph.nodes(data="label") if label == PAPER}

    def stays(source: str, target: str, kind: str) -> bool:
        return relation_of(kind, source, target) in sure if kind in RELATION_ENDS else {source, target} <= ends

    edges = [edge for edge in graph.edges(keys=True, data=True) if stays(edge[0], edge[1], edge[3]["type"])]
    named = {end for source, target, *_ in edges for end in (source, target)}
    kept = KnowledgeGraph()
    kept.add_nodes_from((node, fields) for node, fields in graph.nodes(data=True) if node in named)
    kept.add_edges_from(edges)
    return kept


def _weighed(graph: KnowledgeGraph) -> dict[tuple[str, str, str], tuple[int, float]]:
    """Return the support and the confidence of every relation."""
    stated: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
    for source, target, edge in graph.edges(data=True):
        if edge["type"] in RELATION_ENDS:
            stated[relation_of(edge["type"], source, target)].append((edge["paper_id"], edge["score"]))
    return {key: support(found) for key, found in stated.items()}


def link_paper(
    paper: Paper, extraction: Extraction, nodes: Mapping[str, str], *, revision: int | None = None
) -> LinkedPaper:
    """Turn an extraction into statements; `nodes` gives the node id of each entity by its name in the paper.

    An entity that is not in `nodes` was dropped, and its relations with it. The revision is worked out where it is not
    given.
    """
    made = (*_role_statements(paper, extraction, nodes), *_relation_statements(paper, extraction, nodes))
    found = {statement.id: statement for statement in made}
    statements = tuple(found[key] for key in sorted(found))
    return LinkedPaper(paper, statements, paper_revision(paper, statements) if revision is None else revision)


def _role_statements(paper: Paper, extraction: Extraction, nodes: Mapping[str, str]) -> Iterator[Statement]:
    by_node: dict[str, list[PaperEntity]] = defaultdict(list)
    for entity in extraction.entities:
        if entity.name in nodes:
            by_node[nodes[entity.name]].append(entity)
    for node_id, found in by_node.items():
        entity = min(found, key=lambda entity: (ROLES.index(entity.role), -entity.score, entity.name))
        kind = ROLE_TYPES[entity.role]
        yield _statement(paper, (kind, paper.id, node_id), entity)


def _relation_statements(paper: Paper, extraction: Extraction, nodes: Mapping[str, str]) -> Iterator[Statement]:
    for relation in sorted(extraction.relations, key=lambda relation: (relation.score, relation.component)):
        source, target = nodes.get(relation.source), nodes.get(relation.target)
        if source and target and source != target:
            yield _statement(paper, (relation.type, source, target), relation, relation.context)


def _statement(
    paper: Paper, edge: tuple[str, str, str], found: PaperEntity | PaperRelation, context: Evidence | None = None
) -> Statement:
    kind, source, target = edge
    evidence, context = found.evidence, context or Evidence("", 0, 0)
    identity = json.dumps([paper.id, *edge, evidence.start_char, evidence.end_char])
    return Statement(
        id=blake2b(identity.encode("utf-8"), digest_size=8).hexdigest(),
        type=kind,
        source=source,
        target=target,
        paper_id=paper.id,
        sentence=evidence.sentence,
        start_char=evidence.start_char,
        end_char=evidence.end_char,
        score=round(found.score, 4),
        year=paper.year,
        component=found.component,
        context=context.sentence,
        context_start_char=context.start_char,
        context_end_char=context.end_char,
    )


def _paper_node(linked: LinkedPaper) -> dict[str, object]:
    fields = asdict(linked.paper)
    del fields["id"]
    return {"label": PAPER, **fields, "year": linked.paper.year, "revision": linked.revision}


def _entity_node(entity: Entity) -> dict[str, object]:
    return {"label": entity.label, "name": entity.name, "aliases": entity.aliases, "url": entity.url}


def _edge(statement: Statement) -> dict[str, object]:
    fields = asdict(statement)
    for key in ("id", "source", "target"):
        del fields[key]
    return fields
