"""The Cypher texts that fill, sweep and read a graph: the same for every engine, but for one.

Their form is what makes them fast and safe (measured on both engines): the key of a node is given a name of its own
before MERGE, the ends of an edge are found by two MATCH clauses with the key taken from the row itself, and every row
of a batch has the same keys in the same order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from kgraph.revisions import entity_revision
from kgraph.same_terms import pairs_of
from kgraph.schema import (
    EDGE_TYPES,
    ENTITY_LABELS,
    LABELS,
    PAPER,
    RELATION_TYPES,
    ROLE_TYPES,
    SAME_TERM_AS,
    Entity,
    LinkedPaper,
    Statement,
    entity_label,
)
from kgraph.store.base import Row, Step

_ENTITY: Final = "|".join(ENTITY_LABELS)
_NODE: Final = "|".join(LABELS)
_ROLE: Final = "|".join(ROLE_TYPES.values())
_RELATION: Final = "|".join(RELATION_TYPES)
_EDGE: Final = "|".join(EDGE_TYPES)

# A batch may hold nothing but NULL in a column, so the columns that may be NULL or may come as another type are cast.
_INTEGERS: Final = ("year", "start_char", "end_char", "context_start_char", "context_end_char")
_CASTS: Final = {"score": "toFloat"} | dict.fromkeys(_INTEGERS, "toInteger")
_PAPER_FIELDS: Final = (
    "title", "abstract", "published", "year", "url", "authors", "source", "doi", "arxiv_id", "revision",
)  # fmt: skip
_ENTITY_FIELDS: Final = ("name", "aliases", "url", "revision")
_EDGE_FIELDS: Final = (
    "id", "paper_id", "sentence", "start_char", "end_char", "score", "year", "component",
    "context", "context_start_char", "context_end_char",
)  # fmt: skip

_EDGE_ROW: Final = ("source", "target", *_EDGE_FIELDS)
_EDGE_VALUES: Final = attrgetter(*_EDGE_ROW)

# What a graph lacks that an older version loaded into a server.
_DEFAULTS: Final = {"context": "''", "context_start_char": "0", "context_end_char": "0"}

_PAPER_COLUMNS: Final = ", ".join(f"p.{field} AS {field}" for field in ("id", *_PAPER_FIELDS))
ENTITY_COLUMNS: Final = "e.id AS id, e.kind AS label, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url"
EDGE_COLUMNS: Final = "a.id AS source, type(r) AS type, b.id AS target, " + ", ".join(
    f"coalesce(r.{field}, {_DEFAULTS[field]}) AS {field}" if field in _DEFAULTS else f"r.{field} AS {field}"
    for field in _EDGE_FIELDS
)

UNFINISHED: Final = -1
"""The revision of an entity that is still to be joined with those of the same term: it is in no bucket of a source."""

# `revision` and `kind` mark what is ours: another application may use the same labels in the same database.
_PAPER_IS_OURS: Final = "revision IS NOT NULL"
_ENTITY_IS_OURS: Final = f"kind IN {list(ENTITY_LABELS)}"
# Neo4j's index is of both properties, and it is used where both are named; for `IN $papers` it looks at all edges.
_OF_PAPER: Final = "r.paper_id = paper AND r.id IS NOT NULL"
_BOTH_ARE_OURS: Final = f"a.{_ENTITY_IS_OURS} AND b.{_ENTITY_IS_OURS}"
# A graph that an older kgraph loaded has other revisions, or none; these are in no bucket of a source.
_REVISION: Final = f"CASE WHEN n.revision >= 0 THEN n.revision ELSE {UNFINISHED} END"
_OURS: Final = {
    "papers": f"MATCH (n:{PAPER}) WHERE n.{_PAPER_IS_OURS}",
    "entities": f"MATCH (n:{_ENTITY}) WHERE n.{_ENTITY_IS_OURS}",
}
REVISION_SUMS: Final = {
    kind: f"{ours} WITH {_REVISION} AS revision "
    "RETURN revision % $buckets AS bucket, count(*) AS number, sum(revision) AS total ORDER BY bucket"
    for kind, ours in _OURS.items()
}
REVISIONS: Final = {
    kind: f"{ours} WITH n.id AS id, {_REVISION} AS revision WHERE (revision % $buckets) IN $wanted "
    "RETURN id, revision ORDER BY id"
    for kind, ours in _OURS.items()
}
PAPER_IDS: Final = f"{_OURS['papers']} RETURN n.id AS id ORDER BY id"
ENTITIES: Final = f"MATCH (e:{_ENTITY}) WHERE e.{_ENTITY_IS_OURS} RETURN {ENTITY_COLUMNS} ORDER BY id"
PAPERS_BY_ID: Final = (
    f"UNWIND $ids AS id MATCH (p:{PAPER} {{id: id}}) WHERE p.{_PAPER_IS_OURS} RETURN {_PAPER_COLUMNS} ORDER BY id"
)
ENTITIES_BY_ID: Final = (
    f"UNWIND $ids AS id MATCH (e:{_ENTITY} {{id: id}}) WHERE e.{_ENTITY_IS_OURS} RETURN {ENTITY_COLUMNS} ORDER BY id"
)
STATEMENTS_OF_PAPERS: Final = {
    # Not a range: by an index of Neo4j, letters beyond U+FFFF come in another order than in ORDER BY.
    "neo4j": f"UNWIND $ids AS paper MATCH (a:{_NODE})-[r:{_EDGE}]->(b:{_ENTITY}) "
    f"WHERE {_OF_PAPER} AND b.{_ENTITY_IS_OURS} RETURN {EDGE_COLUMNS} ORDER BY id",
    # The embedded engine looks at all edges: two comparisons each, where a list of ids costs seven times as much.
    "ladybug": f"MATCH (a:{_NODE})-[r:{_EDGE}]->(b:{_ENTITY}) WHERE r.paper_id >= $ids[1] AND r.paper_id <= $ids[-1] "
    f"AND b.{_ENTITY_IS_OURS} RETURN {EDGE_COLUMNS} ORDER BY id",
}
"""The edges of papers whose ids follow each other in the order of all, by engine."""
SAME_TERMS: Final = (
    f"MATCH (a:{_ENTITY})-[:{SAME_TERM_AS}]->(b:{_ENTITY}) WHERE {_BOTH_ARE_OURS} "
    "RETURN a.id AS source, b.id AS target ORDER BY source, target"
)
SAME_TERMS_AMONG: Final = (
    f"UNWIND $ids AS start MATCH (a:{_ENTITY} {{id: start}})-[:{SAME_TERM_AS}]->(b:{_ENTITY}) "
    f"WHERE b.id IN $ids AND {_BOTH_ARE_OURS} RETURN a.id AS source, b.id AS target ORDER BY source, target"
)
NEIGHBOURS: Final = (
    f"UNWIND $ids AS start MATCH (:{_ENTITY} {{id: start}})-[r:{_RELATION}|{SAME_TERM_AS}]-(e:{_ENTITY}) "
    "RETURN e.id AS id, count(DISTINCT r.paper_id) AS papers ORDER BY papers DESC, id LIMIT $limit"
)
RELATIONS_AMONG: Final = (
    f"UNWIND $ids AS start MATCH (a:{_ENTITY} {{id: start}})-[r:{_RELATION}]->(b:{_ENTITY}) WHERE b.id IN $ids "
    f"RETURN {EDGE_COLUMNS} ORDER BY id"
)
ROLES_AMONG: Final = (
    f"UNWIND $papers AS start MATCH (a:{PAPER} {{id: start}})-[r:{_ROLE}]->(b:{_ENTITY}) WHERE b.id IN $ids "
    f"RETURN {EDGE_COLUMNS} ORDER BY id"
)
PAPERS_OF_ENTITY: Final = (
    f"MATCH (p:{PAPER})-[:{_ROLE}]->(e:{_ENTITY} {{id: $id}}) RETURN DISTINCT p.id AS id ORDER BY id"
)
ENTITIES_OF_PAPER: Final = (
    f"MATCH (p:{PAPER} {{id: $id}})-[r:{_ROLE}]->(e:{_ENTITY}) "
    "RETURN e.id AS id, max(r.score) AS score ORDER BY score DESC, id LIMIT $limit"
)
_DELETE_EDGES: Final = (
    f"UNWIND $papers AS paper MATCH (a:{_NODE})-[r:{_EDGE}]->(b:{_ENTITY}) "
    f"WHERE {_OF_PAPER} AND b.{_ENTITY_IS_OURS} DELETE r"
)


def write_papers(papers: Sequence[LinkedPaper], *, stored: Iterable[str]) -> Iterator[Step]:
    """Yield the steps that write these papers, whose entities are there, in place of those that are `stored` (ids)."""
    if replaced := sorted(stored):
        yield Step(_DELETE_EDGES, {"papers": replaced})
    yield Step(_merge_nodes(PAPER, _PAPER_FIELDS), {"rows": [paper_row(linked) for linked in papers]}, by_key=True)
    yield from _create_edges(statement for linked in papers for statement in linked.statements)


def write_entities(entities: Iterable[Entity], *, finished: bool) -> Iterator[Step]:
    """Yield the steps that write entity nodes; those that are not finished are still to be joined with others."""
    revised = {} if finished else {"revision": UNFINISHED}
    for label, group in groupby(sorted(entities, key=_by_label), key=attrgetter("label")):
        rows = [entity_row(entity) | revised for entity in group]
        yield Step(_merge_nodes(label, _ENTITY_FIELDS), {"rows": rows}, by_key=True)


def finish_entities(entities: Sequence[Entity]) -> Iterator[Step]:
    """Yield the steps that join entities with those of the same term, and with no others, and give their revisions."""
    for label, group in groupby(sorted(entities, key=_by_label), key=attrgetter("label")):
        found = list(group)
        yield from _part_same_terms(label, [entity.id for entity in found])
        revisions = [{"id": entity.id, "revision": entity_revision(entity)} for entity in found]
        yield Step(_finish_nodes(label), {"rows": revisions}, by_key=True)
    yield from _join_same_terms({pair for entity in entities for pair in pairs_of(entity)})


def _by_label(entity: Entity) -> tuple[str, str]:
    return entity.label, entity.id


def _part_same_terms(label: str, ids: Sequence[str]) -> Iterator[Step]:
    for edge in (f"-[r:{SAME_TERM_AS}]->", f"<-[r:{SAME_TERM_AS}]-"):
        yield Step(f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}){edge}(:{_ENTITY}) DELETE r", {"ids": list(ids)})


def _finish_nodes(label: str) -> str:
    return f"UNWIND $rows AS row WITH row, row.id AS id MATCH (n:{label} {{id: id}}) SET n.revision = row.revision"


def _join_same_terms(pairs: Iterable[tuple[str, str]]) -> Iterator[Step]:
    for (source, target), group in groupby(sorted(pairs, key=_labels), key=_labels):
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{source} {{id: row.source}}) MATCH (b:{target} {{id: row.target}}) "
            f"MERGE (a)-[:{SAME_TERM_AS}]->(b)"
        )
        yield Step(cypher, {"rows": [_pair_row(pair) for pair in sorted(group)]})


def graph_rows(
    entities: Iterable[Entity], papers: Iterable[LinkedPaper]
) -> Iterator[tuple[str, tuple[str, str] | None, Row]]:
    """Yield all that a store holds of these papers and of these entities, which are those that the papers name.

    A row comes with its label, or with its type and the labels of its two ends, whose ids are its first two fields.
    """
    pairs: set[tuple[str, str]] = set()
    for entity in entities:
        yield entity.label, None, _node_row(entity.label, entity_row(entity))
        pairs.update(pairs_of(entity))
    for pair in sorted(pairs):
        yield SAME_TERM_AS, _labels(pair), _pair_row(pair)
    for linked in papers:
        yield PAPER, None, _node_row(PAPER, paper_row(linked))
        for statement in linked.statements:
            yield statement.type, edge_ends(statement), edge_row(statement)


def _node_row(label: str, row: Row) -> Row:
    return {"id": row["id"], "kind": label} | row


def _pair_row(pair: tuple[str, str]) -> Row:
    return {"source": pair[0], "target": pair[1]}


def _labels(pair: tuple[str, str]) -> tuple[str, str]:
    return entity_label(pair[0]), entity_label(pair[1])


def entity_row(entity: Entity) -> Row:
    """Return what the node of an entity holds."""
    own = {"id": entity.id, "name": entity.name, "aliases": list(entity.aliases), "url": entity.url}
    return own | {"revision": entity_revision(entity)}


def paper_row(linked: LinkedPaper) -> Row:
    """Return what the node of a paper holds."""
    paper = linked.paper
    row: dict[str, Any] = {field: getattr(paper, field) for field in ("id", *_PAPER_FIELDS) if field != "revision"}
    return row | {"authors": list(paper.authors), "revision": linked.revision}


def edge_row(statement: Statement) -> Row:
    """Return what the edge of a statement holds, with the ids of its ends as `source` and `target`."""
    return dict(zip(_EDGE_ROW, _EDGE_VALUES(statement), strict=True))


def edge_ends(statement: Statement) -> tuple[str, str]:
    """Return the labels of the ends of a statement."""
    source = PAPER if statement.source == statement.paper_id else entity_label(statement.source)
    return source, entity_label(statement.target)


def remove_papers(paper_ids: Sequence[str]) -> Iterator[Step]:
    """Yield the steps that remove papers and their edges."""
    yield Step(_DELETE_EDGES, {"papers": list(paper_ids)})
    yield from _remove_nodes(PAPER, paper_ids)


def remove_entities(ids: Iterable[str]) -> Iterator[Step]:
    """Yield the steps that remove entities that no statement names."""
    for label, group in groupby(sorted(ids, key=lambda key: (entity_label(key), key)), key=entity_label):
        found = list(group)
        yield from _part_same_terms(label, found)
        yield from _remove_nodes(label, found)


def _remove_nodes(label: str, ids: Sequence[str]) -> Iterator[Step]:
    """Yield the steps that remove nodes without edges of ours.

    A node that an edge of another application holds stays, but it stops being ours.
    """
    node = f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
    yield Step(f"{node} SET n.kind = NULL, n.revision = NULL", {"ids": list(ids)})
    yield Step(f"{node} WHERE NOT EXISTS {{ MATCH (n)--() }} DELETE n", {"ids": list(ids)})


def _merge_nodes(label: str, fields: Iterable[str]) -> str:
    assigned = ", ".join(f"n.{field} = {_value(field)}" for field in fields)
    return f"UNWIND $rows AS row WITH row, row.id AS id MERGE (n:{label} {{id: id}}) SET n.kind = '{label}', {assigned}"


def _create_edges(statements: Iterable[Statement]) -> Iterator[Step]:
    rows = defaultdict[tuple[str, ...], list[Row]](list)
    for statement in statements:
        rows[statement.type, *edge_ends(statement)].append(edge_row(statement))
    properties = ", ".join(f"{field}: {_value(field)}" for field in _EDGE_FIELDS)
    for type, source, target in sorted(rows):
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{source} {{id: row.source}}) MATCH (b:{target} {{id: row.target}}) "
            f"CREATE (a)-[r:{type} {{{properties}}}]->(b)"
        )
        yield Step(cypher, {"rows": rows[type, source, target]}, by_key=True)


def _value(field: str) -> str:
    return f"{_CASTS[field]}(row.{field})" if field in _CASTS else f"row.{field}"
