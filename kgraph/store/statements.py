"""The Cypher texts that fill, sweep and read a graph: the same for every engine.

Their form is what makes them fast and safe (measured on both engines): the key of a node is given a name of its own
before MERGE, the ends of an edge are found by two MATCH clauses with the key taken from the row itself, and every row
of a batch has the same keys in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

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
_ENTITY_FIELDS: Final = ("name", "aliases", "url")
_EDGE_FIELDS: Final = (
    "id", "paper_id", "sentence", "start_char", "end_char", "score", "year", "component",
    "context", "context_start_char", "context_end_char",
)  # fmt: skip

# What a graph lacks that an older version loaded into a server.
_DEFAULTS: Final = {"context": "''", "context_start_char": "0", "context_end_char": "0"}

_PAPER_COLUMNS: Final = ", ".join(f"p.{field} AS {field}" for field in ("id", *_PAPER_FIELDS))
_ENTITY_COLUMNS: Final = "e.id AS id, e.kind AS label, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url"
_EDGE_COLUMNS: Final = "a.id AS source, type(r) AS type, b.id AS target, " + ", ".join(
    f"coalesce(r.{field}, {_DEFAULTS[field]}) AS {field}" if field in _DEFAULTS else f"r.{field} AS {field}"
    for field in _EDGE_FIELDS
)

# `revision` and `kind` mark what is ours: another application may use the same labels in the same database.
_PAPER_IS_OURS: Final = "p.revision IS NOT NULL"
_ENTITY_IS_OURS: Final = f"e.kind IN {list(ENTITY_LABELS)}"
_BOTH_ARE_OURS: Final = f"a.kind IN {list(ENTITY_LABELS)} AND b.kind IN {list(ENTITY_LABELS)}"
REVISIONS: Final = f"MATCH (p:{PAPER}) WHERE {_PAPER_IS_OURS} RETURN p.id AS id, p.revision AS revision"
ENTITIES: Final = f"MATCH (e:{_ENTITY}) WHERE {_ENTITY_IS_OURS} RETURN {_ENTITY_COLUMNS} ORDER BY id"
UNNAMED_ENTITIES: Final = (
    f"MATCH (e:{_ENTITY}) WHERE {_ENTITY_IS_OURS} AND NOT EXISTS {{ MATCH (e)-[:{_EDGE}]-() }} "
    "RETURN e.id AS id, e.kind AS label ORDER BY label, id"
)
PAPERS_BY_ID: Final = (
    f"UNWIND $ids AS id MATCH (p:{PAPER} {{id: id}}) WHERE {_PAPER_IS_OURS} RETURN {_PAPER_COLUMNS} ORDER BY id"
)
ENTITIES_BY_ID: Final = (
    f"UNWIND $ids AS id MATCH (e:{_ENTITY} {{id: id}}) WHERE {_ENTITY_IS_OURS} RETURN {_ENTITY_COLUMNS} ORDER BY id"
)
STATEMENTS_OF_PAPERS: Final = (
    f"MATCH (a:{_NODE})-[r:{_EDGE}]->(b:{_ENTITY}) WHERE r.paper_id IN $ids RETURN {_EDGE_COLUMNS} ORDER BY id"
)
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
    f"RETURN {_EDGE_COLUMNS} ORDER BY id"
)
ROLES_AMONG: Final = (
    f"UNWIND $papers AS start MATCH (a:{PAPER} {{id: start}})-[r:{_ROLE}]->(b:{_ENTITY}) WHERE b.id IN $ids "
    f"RETURN {_EDGE_COLUMNS} ORDER BY id"
)
PAPERS_OF_ENTITY: Final = (
    f"MATCH (p:{PAPER})-[:{_ROLE}]->(e:{_ENTITY} {{id: $id}}) RETURN DISTINCT p.id AS id ORDER BY id"
)
ENTITIES_OF_PAPER: Final = (
    f"MATCH (p:{PAPER} {{id: $id}})-[r:{_ROLE}]->(e:{_ENTITY}) "
    "RETURN e.id AS id, max(r.score) AS score ORDER BY score DESC, id LIMIT $limit"
)
_DELETE_EDGES: Final = f"MATCH (a:{_NODE})-[r:{_EDGE}]->(b:{_ENTITY}) WHERE r.paper_id IN $papers DELETE r"
_DELETE_SAME_TERMS: Final = (
    "UNWIND $rows AS row WITH row.source AS source, row.target AS target "
    f"MATCH (a:{_ENTITY} {{id: source}})-[r:{SAME_TERM_AS}]->(b:{_ENTITY}) WHERE b.id = target DELETE r"
)


def replace_papers(papers: Sequence[LinkedPaper], entities: Mapping[str, Entity]) -> Iterator[Step]:
    """Yield the steps that write these papers in place of what the store has of them."""
    statements = [statement for linked in papers for statement in linked.statements]
    named = {end for one in statements for end in (one.source, one.target) if end != one.paper_id}
    yield Step(_DELETE_EDGES, {"papers": [linked.paper.id for linked in papers]})
    yield Step(_merge_nodes(PAPER, _PAPER_FIELDS), {"rows": [_paper_row(linked) for linked in papers]})
    yield from write_entities(entities[entity_id] for entity_id in sorted(named))
    yield from _create_edges(statements, entities)


def write_entities(entities: Iterable[Entity]) -> Iterator[Step]:
    """Yield the steps that write entity nodes."""
    for label, group in groupby(sorted(entities, key=attrgetter("label", "id")), key=attrgetter("label")):
        yield Step(_merge_nodes(label, _ENTITY_FIELDS), {"rows": [entity_row(entity) for entity in group]})


def entity_row(entity: Entity) -> Row:
    """Return what the node of an entity holds."""
    return {"id": entity.id, "name": entity.name, "aliases": list(entity.aliases), "url": entity.url}


def join_same_terms(pairs: Iterable[tuple[str, str]], entities: Mapping[str, Entity]) -> Iterator[Step]:
    """Yield the steps that join entities of these ids, each two of different labels, by SAME_TERM_AS."""

    def labels(pair: tuple[str, str]) -> tuple[str, str]:
        return entities[pair[0]].label, entities[pair[1]].label

    for (source, target), group in groupby(sorted(pairs, key=labels), key=labels):
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{source} {{id: row.source}}) MATCH (b:{target} {{id: row.target}}) "
            f"MERGE (a)-[:{SAME_TERM_AS}]->(b)"
        )
        yield Step(cypher, {"rows": _pair_rows(group)})


def part_same_terms(pairs: Iterable[tuple[str, str]]) -> Iterator[Step]:
    """Yield the steps that remove SAME_TERM_AS between entities of these ids."""
    yield Step(_DELETE_SAME_TERMS, {"rows": _pair_rows(pairs)})


def remove_papers(paper_ids: Sequence[str]) -> Iterator[Step]:
    """Yield the steps that remove papers and their edges."""
    yield Step(_DELETE_EDGES, {"papers": list(paper_ids)})
    yield from remove_nodes(PAPER, paper_ids)


def remove_nodes(label: str, ids: Sequence[str]) -> Iterator[Step]:
    """Yield the steps that remove nodes without edges of ours.

    A node that an edge of another application holds stays, but it stops being ours.
    """
    released = "n.kind = NULL, n.revision = NULL" if label == PAPER else "n.kind = NULL"
    node = f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
    yield Step(f"{node} SET {released}", {"ids": list(ids)})
    yield Step(f"{node} WHERE NOT EXISTS {{ MATCH (n)--() }} DELETE n", {"ids": list(ids)})


def _merge_nodes(label: str, fields: Iterable[str]) -> str:
    assigned = ", ".join(f"n.{field} = {_value(field)}" for field in fields)
    return f"UNWIND $rows AS row WITH row, row.id AS id MERGE (n:{label} {{id: id}}) SET n.kind = '{label}', {assigned}"


def _create_edges(statements: Iterable[Statement], entities: Mapping[str, Entity]) -> Iterator[Step]:
    def ends(statement: Statement) -> tuple[str, str, str]:
        source = PAPER if statement.source == statement.paper_id else entities[statement.source].label
        return statement.type, source, entities[statement.target].label

    properties = ", ".join(f"{field}: {_value(field)}" for field in _EDGE_FIELDS)
    for (kind, source, target), group in groupby(sorted(statements, key=ends), key=ends):
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{source} {{id: row.source}}) MATCH (b:{target} {{id: row.target}}) "
            f"CREATE (a)-[r:{kind} {{{properties}}}]->(b)"
        )
        yield Step(cypher, {"rows": [_edge_row(statement) for statement in group]})


def _value(field: str) -> str:
    return f"{_CASTS[field]}(row.{field})" if field in _CASTS else f"row.{field}"


def _paper_row(linked: LinkedPaper) -> Row:
    paper = linked.paper
    row: dict[str, Any] = {field: getattr(paper, field) for field in ("id", *_PAPER_FIELDS) if field != "revision"}
    return row | {"authors": list(paper.authors), "revision": linked.revision}


def _pair_rows(pairs: Iterable[tuple[str, str]]) -> list[Row]:
    return [{"source": source, "target": target} for source, target in pairs]


def _edge_row(statement: Statement) -> Row:
    return {field: getattr(statement, field) for field in ("source", "target", *_EDGE_FIELDS)}
