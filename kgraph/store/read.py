"""Read a graph back from a store, whole or around one node, in the form that it was written in."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from kgraph.batches import batches
from kgraph.errors import NotFoundError
from kgraph.schema import Entity, LinkedPaper, Paper, Statement
from kgraph.store.base import Row, Store
from kgraph.store.statements import (
    ENTITIES,
    ENTITIES_BY_ID,
    ENTITIES_OF_PAPER,
    NEIGHBOURS,
    PAPER_IDS,
    PAPERS_BY_ID,
    PAPERS_OF_ENTITY,
    RELATIONS_AMONG,
    ROLES_AMONG,
    SAME_TERMS,
    SAME_TERMS_AMONG,
    STATEMENTS_OF_PAPERS,
)

_PAPERS_AT_ONCE: Final = 2500


def read_store(store: Store) -> tuple[dict[str, Entity], Iterator[LinkedPaper]]:
    """Return everything in the store: entities by id, and papers with their statements, both sorted by id.

    The papers are read while they are iterated over, so the store must stay open until then. Syncing them into an
    empty store makes an equal one.
    """
    rows, pairs = store.run(ENTITIES), store.run(SAME_TERMS)
    return {entity.id: entity for entity in _entities(rows, pairs)}, _read_papers(store)


def read_neighbourhood(
    store: Store, node_id: str, *, depth: int = 1, limit: int = 300
) -> tuple[dict[str, Entity], list[LinkedPaper]]:
    """Return the part of the graph around one entity or paper, in the form of `read_store`.

    It holds the entities within `depth` relations of the entity (or of those that the paper names, which count as the
    first step; SAME_TERM_AS is a step too), nearest first, then those with most papers behind them, `limit` at most;
    and the papers that name the entity or state a relation between two of these. A paper has those of its statements
    whose ends are all there, so its revision is 0: this is no state to sync with.

    Raises:
        NotFoundError: no entity or paper has this id.
    """
    start = [row["id"] for row in store.run(ENTITIES_BY_ID, {"ids": [node_id]})]
    if start:
        paper_ids = {row["id"] for row in store.run(PAPERS_OF_ENTITY, {"id": node_id})}
    elif store.run(PAPERS_BY_ID, {"ids": [node_id]}):
        paper_ids = {node_id}
        start = [row["id"] for row in store.run(ENTITIES_OF_PAPER, {"id": node_id, "limit": limit})]
        depth -= 1
    else:
        raise NotFoundError(f"no entity or paper has the id {node_id}")
    kept = sorted(_spread(store, start, depth, limit))
    relations = store.run(RELATIONS_AMONG, {"ids": kept}) if kept else []
    paper_ids.update(row["paper_id"] for row in relations)
    return _subgraph(store, kept, sorted(paper_ids), relations)


def _spread(store: Store, start: list[str], depth: int, limit: int) -> set[str]:
    kept, frontier = set(start), start
    for _ in range(depth):
        room = limit - len(kept)
        if not frontier or room <= 0:
            break
        # Those that are kept already take up as many rows at most, so enough new ones come to fill the room.
        found = store.run(NEIGHBOURS, {"ids": frontier, "limit": limit})
        frontier = [row["id"] for row in found if row["id"] not in kept][:room]
        kept.update(frontier)
    return kept


def _subgraph(
    store: Store, entity_ids: list[str], paper_ids: list[str], relations: list[Row]
) -> tuple[dict[str, Entity], list[LinkedPaper]]:
    entities = store.run(ENTITIES_BY_ID, {"ids": entity_ids}) if entity_ids else []
    pairs = store.run(SAME_TERMS_AMONG, {"ids": entity_ids}) if entity_ids else []
    papers = store.run(PAPERS_BY_ID, {"ids": paper_ids}) if paper_ids else []
    roles = store.run(ROLES_AMONG, {"papers": paper_ids, "ids": entity_ids}) if entity_ids and paper_ids else []
    linked = _linked_papers([row | {"revision": 0} for row in papers], [*roles, *relations])
    return {entity.id: entity for entity in _entities(entities, pairs)}, list(linked)


def _read_papers(store: Store) -> Iterator[LinkedPaper]:
    for ids in batches((row["id"] for row in store.run(PAPER_IDS)), _PAPERS_AT_ONCE):
        statements = store.run(STATEMENTS_OF_PAPERS[store.engine], {"ids": ids})
        yield from _linked_papers(store.run(PAPERS_BY_ID, {"ids": ids}), statements)


def _linked_papers(papers: Iterable[Row], edges: Iterable[Row]) -> Iterator[LinkedPaper]:
    statements = defaultdict(list)
    for row in edges:
        statements[row["paper_id"]].append(Statement(**row))
    for row in sorted(papers, key=lambda row: str(row["id"])):
        fields = {field.name: row[field.name] for field in dataclasses.fields(Paper)}
        paper = Paper(**fields | {"authors": tuple(row["authors"] or ())})
        yield LinkedPaper(paper, tuple(sorted(statements[paper.id], key=lambda one: one.id)), row["revision"])


def _entities(rows: Iterable[Row], pairs: Iterable[Row]) -> Iterator[Entity]:
    same = defaultdict(list)
    for pair in pairs:
        same[pair["source"]].append(pair["target"])
        same[pair["target"]].append(pair["source"])
    for row in rows:
        entity_id = row["id"]
        yield Entity(
            entity_id, row["label"], row["name"], tuple(row["aliases"]), row["url"], tuple(sorted(same[entity_id]))
        )
